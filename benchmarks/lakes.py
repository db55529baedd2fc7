"""`python -m benchmarks.lakes`: time and memory of the commands over lakes of many done pages.

A small run is real; the rest of the lake is its rows over again, for other documents that are there as well.
Each command is a process of its own, and its peak is what the system tells of it when it has ended.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from benchmarks.__main__ import endpoint
from benchmarks.endurance import SLIPS, environment
from benchmarks.papers import write_papers
from benchmarks.slips import ANSWER
from pipeline.store.parquet import write_frame
from pipeline.store.parts import parts_of, read_parts

ROOT = Path(__file__).parents[1]
PAGES_EACH = 4
FIRST = 16
"""Documents of the run that is real, and of each shard that is made from it."""
TABLES = ("answers", "pages", "records/schema=page_slip", "documents")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one command took: seconds by the clock and of CPU, and bytes of memory at most."""

    command: str
    pages: int
    seconds: float
    cpu_s: float
    peak: int
    parts: int


def commands(place: Path) -> Iterator[tuple[str, list[str]]]:
    """The commands, each with a name, in the order in which they are run."""
    lake = str(place / "lake")
    work = ["process", str(place / "in"), "--schema", SLIPS["page"], "--out", lake, "--json"]
    export = ["export", lake, "--explode", "lines", "--out", str(place / "records.csv")]
    yield "process, nothing to do", [*work, "--no-prefect"]
    yield "check", ["check", lake]
    yield "compact", ["compact", lake]
    yield "process, compacted", [*work, "--no-prefect"]
    yield "check, compacted", ["check", lake]
    yield "export as CSV", export
    yield "cost", ["cost", lake]
    yield "rebuild", ["rebuild", lake, "--schema", SLIPS["page"]]


def fill(place: Path, pages: int) -> None:
    """Make a folder of documents, and a lake in which all of them are done."""
    write_papers(place / "in", documents=pages // PAGES_EACH, pages=PAGES_EACH)
    papers = sorted((place / "in").rglob("*.pdf"))
    with endpoint(0.0, json.dumps(ANSWER)) as where:
        first = [str(paper) for paper in papers[:FIRST]]
        run(
            place,
            ["process", *first, "--schema", SLIPS["page"], "--out", str(place / "lake")],
            where.base_url,
        )
    frames = {table: read_parts(parts_of(place / "lake" / table)) for table in TABLES}
    (name,) = [part.name for part in parts_of(place / "lake" / "documents")]
    ids = dict(zip(papers[:FIRST], map(_digest, papers[:FIRST]), strict=True))
    for number in range(1, len(papers) // FIRST):
        others = papers[number * FIRST : (number + 1) * FIRST]
        paths = {str(one): str(other) for one, other in zip(ids, others, strict=True)}
        docs = {doc_id: _digest(other) for doc_id, other in zip(ids.values(), others, strict=True)}
        for table, frame in frames.items():
            shard = place / "lake" / table / name.replace("-00001-", f"-{number + 1:05}-")
            write_frame(shard, _of_others(frame, paths | docs, f"{number:08}"))


def _of_others(frame: pl.DataFrame, names: Mapping[str, str], mark: str) -> pl.DataFrame:
    """The same rows with other documents, and ids of requests that nobody else has."""
    named = [name for name in ("doc_id", "path", "_doc_id", "_source") if name in frame.columns]
    changes = [pl.col(name).replace_strict(names) for name in named]
    if "custom_id" in frame.columns:
        changes.append(pl.col("custom_id").str.head(32) + mark)
    if "_custom_ids" in frame.columns:
        changes.append(pl.col("_custom_ids").list.eval(pl.element().str.head(32) + mark))
    return frame.with_columns(changes)


def _digest(paper: Path) -> str:
    return hashlib.sha256(paper.read_bytes()).hexdigest()


def run(
    place: Path, command: Sequence[str], base_url: str = "http://127.0.0.1:9/v1"
) -> tuple[float, float, int]:
    """Run a command that succeeds; seconds by the clock and of CPU, and bytes of memory at most."""
    began = time.monotonic()
    with (place / "said.txt").open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.cli", *command],
            env=environment(base_url, place),
            stdout=said,
            stderr=said,
            cwd=ROOT,
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}: {(place / 'said.txt').read_text()}")
    return time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


def measure(place: Path, pages: int) -> Iterator[Figures]:
    """What each of the commands takes."""
    fill(place, pages)
    for name, command in commands(place):
        seconds, cpu_s, peak = run(place, command)
        parts = len(list((place / "lake").rglob("part-*.parquet")))
        yield Figures(command=name, pages=pages, seconds=seconds, cpu_s=cpu_s, peak=peak, parts=parts)


def show(figures: Sequence[Figures]) -> None:
    """Print it, a command a line."""
    sizes = sorted({one.pages for one in figures})
    table = Table("command", *(f"{pages:,} pages" for pages in sizes), "ratio of peaks")
    for command in dict.fromkeys(one.command for one in figures):
        rows = {one.pages: one for one in figures if one.command == command}
        cells = [
            f"{one.seconds:.1f} s, {one.cpu_s:.1f} s CPU, {one.peak / 1e6:.0f} MB"
            for _, one in sorted(rows.items())
        ]
        table.add_row(command, *cells, f"{rows[max(rows)].peak / rows[min(rows)].peak:.2f}")
    Console(width=130).print(table)
    Console().print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end")


def main() -> None:
    """Measure lakes of more and more pages."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lakes", description=__doc__)
    parser.add_argument("--pages", type=int, nargs="+", default=[1024, 10_240, 102_400])
    parser.add_argument("--json", type=Path, help="file for the figures")
    asked = parser.parse_args()
    figures: list[Figures] = []
    for pages in sorted(asked.pages):
        with tempfile.TemporaryDirectory() as scratch:
            figures += measure(Path(scratch), pages)
        show(figures)
    if asked.json:
        asked.json.write_text(json.dumps([asdict(one) for one in figures], indent=2))


if __name__ == "__main__":
    main()
