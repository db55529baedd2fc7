"""`python -m benchmarks`: pages a second from folder to lake, against the smaller of the limits.

The limits belong to the same run: how fast the workers draw the same pages with nobody asking, and how many
answers the requests in flight can bring at the endpoint's latency. The ratio is the time that the slower of
the two needs at the least, over the time that was taken, start and end included.
"""

import argparse
import asyncio
import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from pipeline.config import RunConfig
from pipeline.records import Document, Source
from pipeline.render.workers import Rasterizer
from pipeline.run import process
from pipeline.service.client import Endpoint
from pipeline.sources import find, identify
from pipeline.tally import Tally
from schemas.registry import load

ROOT = Path(__file__).parents[1]
PAPERS = sorted((ROOT / "sample_docs").glob("[its]*/*.[pP][dD][fF]"))
"""Documents whose pages are worked, over and over; the broken ones are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one run of the benchmark measured; speeds in pages a second, memory in bytes."""

    pages: int
    latency_s: float
    in_flight: int
    draw_limit: float
    service_limit: float
    end_to_end: float
    ratio: float
    parent_peak_bytes: int
    load_before: float


def write_papers(folder: Path, documents: int) -> None:
    """Write copies of the sample documents, each made different by a comment behind its end."""
    for number in range(documents):
        source = PAPERS[number % len(PAPERS)]
        (folder / f"{number:05}.pdf").write_bytes(source.read_bytes() + b"\n%% %d\n" % number)


@contextlib.contextmanager
def endpoint(latency_s: float, *content: str) -> Iterator[Endpoint]:
    """The service of `benchmarks/endpoint.py`, in a process of its own; `content` is what it answers."""
    command = [sys.executable, "-m", "benchmarks.endpoint", str(latency_s), *content]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        yield Endpoint(base_url=f"http://127.0.0.1:{port}/v1", api_key=None)
        server.communicate("")


def identified(folder: Path) -> list[Document]:
    """Every document of a folder."""
    return [identify(one) for one in find([str(folder)]) if isinstance(one, Source)]


async def draw_all(config: RunConfig, folder: Path) -> float:
    """Pages a second when the workers draw every page and nobody asks anything."""
    documents = await asyncio.to_thread(identified, folder)
    async with Rasterizer(config.images, config.limits) as rasterizer:
        await rasterizer.draw(documents[0], 1)
        began, pages = time.monotonic(), 0

        async def draw(document: Document) -> int:
            count = await rasterizer.inspect(document)
            for number in range(1, count + 1):
                await rasterizer.draw(document, number)
            return count

        at_once = asyncio.Semaphore(2 * config.limits.workers)

        async def bounded(document: Document) -> int:
            async with at_once:
                return await draw(document)

        pages = sum(await asyncio.gather(*map(bounded, documents)))
        return pages / (time.monotonic() - began)


async def measure(folder: Path, latency_s: float, in_flight: int) -> Figures:
    """Measure the limits, then the whole road."""
    load_before = os.getloadavg()[0]
    with endpoint(latency_s) as where:
        config = RunConfig(
            sources=(str(folder),),
            record=load("page_text"),
            lake=folder.parent / "lake",
            endpoint=where,
            engine="service",
            model="fixed",
            in_flight=in_flight,
        )
        draw_limit = await draw_all(config, folder)
        began = time.monotonic()
        summary = await process(config, tally=Tally(started=began))
        seconds = time.monotonic() - began
    service_limit = in_flight / latency_s if latency_s else float("inf")
    return Figures(
        pages=summary.pages.found,
        latency_s=latency_s,
        in_flight=in_flight,
        draw_limit=draw_limit,
        service_limit=service_limit,
        end_to_end=summary.pages.found / seconds,
        ratio=max(summary.pages.found / draw_limit, summary.requests / service_limit) / seconds,
        parent_peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        load_before=load_before,
    )


def show(figures: Sequence[Figures]) -> None:
    """Print what was measured."""
    table = Table(
        "pages", "latency", "in flight", "draw limit", "service limit", "end to end", "ratio", "peak MB"
    )
    for one in figures:
        table.add_row(
            str(one.pages),
            f"{one.latency_s:g} s",
            str(one.in_flight),
            f"{one.draw_limit:.1f}/s",
            f"{one.service_limit:.1f}/s",
            f"{one.end_to_end:.1f}/s",
            f"{one.ratio:.2f}",
            f"{one.parent_peak_bytes / 1e6:.0f}",
        )
    Console().print(table)
    Console().print(f"{os.cpu_count()} cores, load {figures[0].load_before:.1f} before")


def main() -> None:
    """Measure with an endpoint that answers at once, one that is slow, and one that is the limit."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--documents", type=int, default=500, help="documents to work in each run")
    parser.add_argument("--json", type=Path, help="file for the figures")
    asked = parser.parse_args()
    figures = []
    for latency_s, in_flight in ((0.0, 64), (2.0, 200), (2.0, 20)):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "in"
            folder.mkdir()
            write_papers(folder, asked.documents)
            figures.append(asyncio.run(measure(folder, latency_s, in_flight)))
    show(figures)
    if asked.json:
        asked.json.write_text(json.dumps([asdict(one) for one in figures], indent=2))


if __name__ == "__main__":
    main()
