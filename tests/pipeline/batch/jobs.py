"""What the tests of single rooms of the batch road share: small requests, and jobs of them in a lake."""

import json
from collections.abc import Sequence
from pathlib import Path

from pipeline.batch.book import Book
from pipeline.batch.job import BatchJob, JobFolder
from pipeline.batch.spool import DatasetLimits, Spool
from pipeline.records import Request
from tests.pages import page_image


def request(custom_id: str, *, role: str = "user", text: str = "read", doc_id: str = "d" * 64) -> Request:
    """A request about one page; the digits of its id are the number of the page."""
    number = int("".join(filter(str.isdigit, custom_id)) or 1)
    opening = {"type": "text", "text": text}
    head = f'{{"messages":[{{"role":"{role}","content":[{json.dumps(opening)},'
    return Request(
        custom_id=custom_id,
        doc_id=doc_id,
        pages=(number,),
        partial=False,
        model="test-model",
        max_tokens=100,
        head=head.encode(),
        images=((page_image(number), b']}],"max_tokens":100}'),),
    )


def spool_of(
    lake: Path, *, max_rows: int = 10_000, max_bytes: int = 140_000_000, book: Book | None = None
) -> Spool:
    """A spool of a lake."""
    limits = DatasetLimits(max_rows=max_rows, max_bytes=max_bytes)
    return Spool(lake, "slip", "q" * 40, limits, book or Book.of(lake))


def sealed(lake: Path, custom_ids: Sequence[str] = ("r1", "r2", "r3")) -> tuple[JobFolder, BatchJob]:
    """A job of a lake that nobody has sent yet."""
    spool = spool_of(lake)
    for custom_id in custom_ids:
        spool.add(request(custom_id))
    spool.seal()
    spool.close()
    folder = spool.sealed.popleft()
    return folder, folder.load()
