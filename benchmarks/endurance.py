"""`python -m benchmarks.endurance`: long runs of the command itself, looked at from outside.

Each run is `pagelake process --prefect` in a process of its own, over documents made for it, against a
service on loopback that answers at once. What must not grow with the pages is printed for each number of
them, and memory also as a ratio to the run with the fewest pages of the same kind.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.__main__ import endpoint
from benchmarks.papers import write_papers
from benchmarks.slips import ANSWER
from benchmarks.watching import PARENT, SERVER, WORKERS, Sight, Watched, watched

ROOT = Path(__file__).parents[1]
SLIPS = {"page": "benchmarks.slips:PageSlip", "document": "benchmarks.slips:DocumentSlip"}
MANY, HUGE = "many", "huge"
PAGES_OF = {MANY: 4, HUGE: 5000}
"""Pages of one document."""

LONG_SIDE_PX = 128
"""Pages are as small as they can be and still be read: it is not the drawing that is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Long:
    """One run.

    Attributes:
        shape: `many` small documents or few `huge` ones.
        unit: What a record is made of.
        prefect: Whether it runs as a flow on a server of its own.
    """

    pages: int
    shape: str
    unit: str
    prefect: bool

    @property
    def documents(self) -> int:
        """How many there are."""
        return -(-self.pages // self.pages_each)

    @property
    def pages_each(self) -> int:
        """Pages of each document."""
        return min(PAGES_OF[self.shape], self.pages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was seen of one run; memory in bytes, at most, of single processes.

    Attributes:
        asked: What was run.
        pages_a_second: While it worked.
        parent: The command.
        worker: The largest process that draws.
        server: The Prefect server; None without.
        files: Most descriptors of the command in the first half of the work, and in the second.
        journal: Bytes of the journals at most.
        database: Bytes of Prefect's database at the end.
        prefect_ms: Milliseconds of CPU of the Prefect server for each page, without its start.
        prefect_share: The same as a share of the CPU of all processes.
        parts: Files of the lake's tables.
        load: Of the machine before.
        curve: Seconds since the beginning, and resident bytes of the command.
    """

    asked: Long
    pages_a_second: float
    parent: Sight
    worker: Sight
    server: Sight | None
    files: tuple[int, int]
    journal: int
    database: int
    prefect_ms: float
    prefect_share: float
    parts: int
    load: float
    curve: list[tuple[float, int]]


def measure(asked: Long, place: Path) -> Figures:
    """Make the documents, work them, and say what was seen; the lake stays."""
    papers, lake = place / "in", place / "lake"
    write_papers(papers, documents=asked.documents, pages=asked.pages_each)
    load = os.getloadavg()[0]
    with endpoint(0.0, json.dumps(ANSWER)) as where:
        command = [
            *(sys.executable, "-m", "flows.cli", "process", str(papers)),
            *("--schema", SLIPS[asked.unit], "--out", str(lake), "--json"),
            "--prefect" if asked.prefect else "--no-prefect",
        ]
        seen, told = _run(command, lake / "_journal", environment(where.base_url, place))
    done = json.loads(told)
    assert done["pages"]["in_records"] == asked.documents * asked.pages_each, done
    assert not list((lake / "_journal").glob("*.jsonl"))
    return _figures(asked, seen, place, asked.pages / done["seconds"], load)


def _run(command: Sequence[str], journal: Path, environment: dict[str, str]) -> tuple[Watched, str]:
    with (
        subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT
        ) as run,
        watched(run.pid, journal) as seen,
    ):
        told, _ = run.communicate()
    if run.returncode:
        sys.exit(f"{' '.join(command)} ended with {run.returncode}")
    return seen, told


def environment(base_url: str, place: Path) -> dict[str, str]:
    """The environment of a command: a service, small pages, and Prefect's files in `place`."""
    return {
        **{name: text for name, text in os.environ.items() if not name.startswith(("PAGELAKE_", "PREFECT_"))},
        "PAGELAKE_BASE_URL": base_url,
        "PAGELAKE_MODEL": "fixed",
        "PAGELAKE_LONG_SIDE": str(LONG_SIDE_PX),
        "PREFECT_HOME": str(place / "prefect"),
    }


def _figures(asked: Long, seen: Watched, place: Path, pages_a_second: float, load: float) -> Figures:
    return Figures(
        asked=asked,
        pages_a_second=pages_a_second,
        parent=seen.sights[PARENT],
        worker=seen.sights[WORKERS],
        server=seen.sights.get(SERVER),
        files=seen.files(),
        journal=seen.journal_bytes,
        database=sum(file.stat().st_size for file in (place / "prefect").glob("prefect.db*")),
        prefect_ms=1000 * seen.cpu_s[SERVER] / asked.pages,
        prefect_share=seen.cpu_s[SERVER] / sum(seen.cpu_s.values()),
        parts=len(list((place / "lake").rglob("part-*.parquet"))),
        load=load,
        curve=[(at_s, one.resident_bytes) for at_s, one in seen.curve[:: max(1, len(seen.curve) // 100)]],
    )


def show(figures: Sequence[Figures]) -> None:
    """Print what was seen."""
    table = Table(
        *("pages", "documents", "record", "pages/s", "parent", "ratio", "own", "worker", "ratio", "server"),
        *("files", "threads", "journal", "database", "Prefect", "parts"),
        title="memory and files in MB, at most",
    )
    for one in figures:
        least = next(other for other in figures if _kind(other) == _kind(one))
        table.add_row(
            f"{one.asked.pages:,}",
            one.asked.shape,
            f"a {one.asked.unit}",
            f"{one.pages_a_second:.0f}",
            *_memory(one.parent, least.parent),
            _mb(one.parent.own_bytes),
            *_memory(one.worker, least.worker),
            _mb(one.server.resident_bytes) if one.server else "-",
            f"{one.files[0]}, {one.files[1]}",
            str(one.parent.threads),
            f"{one.journal / 1e6:.1f}",
            f"{one.database / 1e6:.1f}" if one.server else "-",
            f"{one.prefect_ms:.1f} ms, {one.prefect_share:.0%}" if one.server else "-",
            str(one.parts),
        )
    Console(width=160).print(table)
    Console().print(f"{os.cpu_count()} cores, load {figures[0].load:.1f} before")


def _memory(one: Sight, least: Sight) -> tuple[str, str]:
    return _mb(one.resident_bytes), f"{one.resident_bytes / least.resident_bytes:.2f}"


def _mb(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.0f}"


def _kind(one: Figures) -> tuple[str, str, bool]:
    return one.asked.shape, one.asked.unit, one.asked.prefect


def main() -> None:
    """Run with more and more pages."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.endurance", description=__doc__)
    parser.add_argument("--pages", type=int, nargs="+", default=[1000, 10_000, 50_000])
    parser.add_argument("--shapes", nargs="+", choices=PAGES_OF, default=list(PAGES_OF))
    parser.add_argument("--units", nargs="+", choices=SLIPS, default=list(SLIPS))
    parser.add_argument("--no-prefect", action="store_true", help="without Prefect")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--keep", type=Path, help="folder for documents and lakes, which are kept then")
    asked = parser.parse_args()
    figures = []
    for shape in asked.shapes:
        for unit in asked.units:
            for pages in sorted(asked.pages):
                long = Long(pages=pages, shape=shape, unit=unit, prefect=not asked.no_prefect)
                with tempfile.TemporaryDirectory() as scratch:
                    place = asked.keep / f"{shape}-{unit}-{pages}" if asked.keep else Path(scratch)
                    figures.append(measure(long, place))
                show(figures)
    if asked.json:
        asked.json.write_text(json.dumps([asdict(one) for one in figures], indent=2))


if __name__ == "__main__":
    main()
