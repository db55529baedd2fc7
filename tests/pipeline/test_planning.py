"""What is left to do, found with and without reading files."""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.fetched import Fetched, fetching
from pipeline.planning import Planned, Planner, Reused, Unusable
from pipeline.records import Source
from pipeline.render.sizing import ImageOptions
from pipeline.render.workers import Rasterizer, RenderLimits
from pipeline.sources import identify
from pipeline.store.ledger import Ledger
from pipeline.store.listing import Listing
from pipeline.store.parquet import write_rows
from pipeline.store.tables import DOCUMENTS
from tests.papers import write_pdf

QUESTION = "q"
_watching: list[set[str]] = []


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if event == "open" and _watching and isinstance(args[0], str):
        _watching[-1].add(args[0])


sys.addaudithook(_hook)


@contextmanager
def opened() -> Iterator[set[str]]:
    """The files that are opened while the block runs."""
    _watching.append(set())
    try:
        yield _watching[-1]
    finally:
        _watching.pop()


def later() -> int:
    return time.time_ns() + 10_000_000_000


def lake_with(lake: Path, path: Path, clock: Callable[[], int]) -> Path:
    """A lake that lists a finished file as a run at that time does."""
    document = identify(Source(str(path), 0), clock=clock)
    row = dict.fromkeys(DOCUMENTS.columns) | {
        "schema": "slip",
        "doc_id": document.doc_id,
        "path": str(path),
        "place": os.fsencode(path),
        "size_bytes": document.size_bytes,
        "kind": "pdf",
        "media_type": document.media_type,
        "stamp": document.stamp or None,
        "listed": "1",
        "state": "done",
        "question_id": QUESTION,
        **dict.fromkeys(("pages", "pages_in_records", "records"), 1),
        **dict.fromkeys(("pages_blank", "pages_failed", "pages_skipped"), 0),
    }
    write_rows(lake / "documents" / "part-20260101T000000000000-00001-000.parquet", [row], DOCUMENTS.columns)
    return lake


def planned(lake: Path, folder: Path, **changes: Any) -> list[Planned]:
    """What a planner finds that draws with nobody: only what is done, or cannot be used, comes of it."""

    async def run() -> list[Planned]:
        with fetching() as fetched:
            return await found(fetched)

    async def found(fetched: Fetched) -> list[Planned]:
        async with Rasterizer(ImageOptions(), RenderLimits(workers=1)) as pages:
            planner = Planner(
                sources=[str(folder)],
                fetched=fetched,
                pages=pages,
                ledger=Ledger.load(lake, "slip"),
                listing=Listing.load(lake, "slip"),
                question_id=QUESTION,
                limit=None,
                max_bytes=10**9,
                **changes,
            )
            return [one async for one in planner.planned()]

    return asyncio.run(run())


def test_a_file_that_is_as_it_was_is_not_read_again(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "in" / "a.pdf", ["one"])
    lake = lake_with(tmp_path / "lake", path, later)
    with opened() as files:
        remembered = planned(lake, path.parent)
    with opened() as files_again:
        planned(lake, path.parent, rehash=True)

    assert [type(one) for one in remembered] == [Reused]
    assert str(path) not in files
    assert str(path) in files_again


def test_a_file_that_was_read_just_after_it_was_written_is_read_again(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "in" / "a.pdf", ["one"])
    with opened() as files:
        planned(lake_with(tmp_path / "lake", path, time.time_ns), path.parent)

    assert str(path) in files


def test_a_file_of_the_same_size_and_time_of_writing_is_another(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "in" / "a.pdf", ["one"])
    lake = lake_with(tmp_path / "lake", path, later)
    before = path.stat()
    path.write_bytes(b"x" * before.st_size)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert [type(one) for one in planned(lake, path.parent)] == [Unusable]
