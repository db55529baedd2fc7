"""What the tests of damaged lakes share: a lake worked once, and ways to damage a copy of it."""

import shutil
from collections.abc import Callable
from pathlib import Path

from pipeline.check.checking import check
from pipeline.check.findings import Finding
from pipeline.config import RunConfig
from pipeline.windows import WindowLimits
from tests.papers import write_pdf
from tests.pipeline.runs import config, run, slip_answer
from tests.servers import FaultServer

DOCUMENTS = 4
SHARDS = 2
TABLES = ("documents", "pages", "answers", "failures", "records/schema=slip", "records/schema=slip.entries")


def asked(base_url: str, place: Path, lake: Path) -> RunConfig:
    """The run that the lake comes from: two documents a shard, each of two pages that are asked apart."""
    return config(
        base_url, lake, place / "in", shard_pages=6, explode=("entries",), windows=WindowLimits(max_images=1)
    )


def worked(place: Path) -> Path:
    """A lake of documents of three pages, one of which is blank, and of a file that is none."""
    for number in range(DOCUMENTS):
        write_pdf(place / "in" / f"{number}.pdf", [f"one {number}", "", f"three {number}"])
    (place / "in" / "bad.pdf").write_bytes(b"%PDF-1.4")
    with FaultServer(slip_answer) as server:
        run(asked(server.base_url, place, place / "lake"))
        assert len(server.asked) == 2 * DOCUMENTS
    return place / "lake"


def copied(lake: Path, target: Path) -> Path:
    """A copy of a lake to be damaged."""
    return Path(shutil.copytree(lake, target))


def parts(lake: Path, folder: str) -> list[Path]:
    """The part files of a table, in order."""
    return sorted((lake / folder).glob("part-*.parquet"))


def truncate(first: Path, _second: Path) -> None:
    first.write_bytes(first.read_bytes()[:-20])


def empty(first: Path, _second: Path) -> None:
    first.write_bytes(b"")


def flip(first: Path, _second: Path) -> None:
    content = bytearray(first.read_bytes())
    content[len(content) // 3] ^= 4
    first.write_bytes(content)


def delete(first: Path, _second: Path) -> None:
    first.unlink()


def swap(first: Path, second: Path) -> None:
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)


DAMAGES: tuple[Callable[[Path, Path], None], ...] = (truncate, empty, flip, delete, swap)


def damage(lake: Path, folder: str, how: Callable[[Path, Path], None]) -> None:
    """Do one harm to the first part of a table; to the second as well where it takes two."""
    there = parts(lake, folder)
    how(there[0], there[-1])


def wrong(lake: Path) -> list[Finding]:
    """What a check says is wrong."""
    return [finding for finding in check(lake) if finding.wrong]
