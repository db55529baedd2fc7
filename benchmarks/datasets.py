"""`python -m benchmarks.datasets`: requests sharded into datasets on disk, and what that costs in memory.

The requests are made up, each of one image, and differ in their ids. What may grow with them is what is
remembered of each: its id while it waits. Memory is what a process has at most, above what it had when the
first request was about to be written; each number of requests gets a process of its own.
"""

import argparse
import hashlib
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console
from rich.table import Table

from pipeline.batch.book import Book
from pipeline.batch.spool import DatasetLimits, Spool
from pipeline.records import PageImage, Request

_HEAD = b'{"messages":[{"role":"user","content":[{"type":"text","text":"Page 1 of 1:"},'
_TAIL = b']}],"temperature":0,"max_tokens":8192}'


def requests(count: int, image_bytes: int) -> Iterator[Request]:
    """So many requests, one at a time."""
    data = bytes(hashlib.sha256(b"image").digest() * (image_bytes // 32 + 1))[:image_bytes]
    image = PageImage(
        number=1,
        data=data,
        media_type="image/jpeg",
        width_px=1000,
        height_px=1000,
        width_pt=595,
        height_pt=842,
        grey=True,
        blank=False,
        has_text=False,
    )
    for number in range(count):
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        yield Request(
            custom_id=digest[:40],
            doc_id=digest,
            pages=(1,),
            partial=False,
            model="accounts/a/models/m",
            max_tokens=8192,
            head=_HEAD,
            images=((image, _TAIL),),
        )


def measure(lake: Path, count: int, image_bytes: int) -> tuple[int, int, float, int]:
    """Datasets, bytes written, seconds, and bytes of memory beyond those before; no file is kept."""
    book = Book()
    spool = Spool(lake, "slip", "q" * 40, DatasetLimits(), book)
    before, began = peak_bytes(), time.monotonic()
    datasets, size_bytes = 0, 0
    for request in requests(count, image_bytes):
        spool.add(request)
        book.waiting.add(request.custom_id)
        while spool.sealed:
            datasets, size_bytes = datasets + 1, size_bytes + _sent(spool)
    spool.seal()
    while spool.sealed:
        datasets, size_bytes = datasets + 1, size_bytes + _sent(spool)
    spool.close()
    return datasets, size_bytes, time.monotonic() - began, peak_bytes() - before


def _sent(spool: Spool) -> int:
    """Bytes of the dataset that was sealed first, which is let go of as after its upload."""
    folder = spool.sealed.popleft()
    size_bytes = folder.load().size_bytes
    shutil.rmtree(folder.path)
    return size_bytes


def peak_bytes() -> int:
    """The most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Measure with more and more requests."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.datasets", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 200_000])
    parser.add_argument("--image-bytes", type=int, default=2_000)
    asked = parser.parse_args()
    table = Table("requests", "datasets", "written", "speed", "memory added", "a request")
    fresh = ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1)
    for count in asked.rows:
        with tempfile.TemporaryDirectory() as scratch:
            measuring = fresh.submit(measure, Path(scratch), count, asked.image_bytes)
            datasets, size_bytes, seconds, more = measuring.result()
        speed = f"{size_bytes / 1e6 / seconds:.0f} MB/s"
        added = f"{more / 1e6:.1f} MB", f"{more / count:.0f} B"
        table.add_row(str(count), str(datasets), f"{size_bytes / 1e6:.0f} MB", speed, *added)
    fresh.shutdown()
    Console().print(table)


if __name__ == "__main__":
    main()
