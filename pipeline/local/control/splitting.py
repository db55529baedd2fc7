"""A dataset in pieces: the same lines in the same order, in datasets of so many lines each."""

import asyncio
import shutil
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from pipeline.local.control.datasets import Datasets
from pipeline.local.control.names import full_name
from pipeline.local.control.rows import MAX_LINE_BYTES
from pipeline.local.control.status import Code, Status, gone, invalid
from pipeline.local.control.wire import Wire, answer, body_as

MAX_CHUNKS = 1000
"""This server's own limit: each piece is a folder."""
_FILE = "rows.jsonl"
_STEM = 50  # of 63 characters that an id may have; the rest is for the number


class SplitDataset(Wire):
    """The body of a split: API reference, datasets."""

    chunk_size: int = Field(ge=200, lt=2**31)
    parent: str | None = None


class Splitting:
    """Splits datasets, one at a time.

    Args:
        datasets: All of them.
        folder: For the pieces on their way, its alone; what a kill left there goes with the next split.
    """

    def __init__(self, datasets: Datasets, folder: Path) -> None:
        self._datasets, self._folder, self._lock = datasets, folder, asyncio.Lock()

    async def split(self, request: Request) -> Response:
        """POST :splitDataset."""
        name: str = request.path_params["dataset"]
        self._datasets.find(name)
        size = (await body_as(request, SplitDataset)).chunk_size
        async with self._lock:
            try:
                pieces = await asyncio.to_thread(_written, self._files(name), size, self._folder)
                names = self._kept(name, pieces)
            finally:
                shutil.rmtree(self._folder, ignore_errors=True)
        return answer(
            {
                "chunkDatasetNames": [full_name("datasets", each) for each in names],
                "chunksCreated": len(names),
                "totalExamples": str(sum(rows for _, rows in pieces)),
            }
        )

    def _files(self, name: str) -> list[Path]:
        dataset = self._datasets.find(name)
        if not self._datasets.is_ready(name):
            raise Status(Code.FAILED_PRECONDITION, "dataset is not in state READY")
        if dataset.external_url:
            raise Status(Code.UNIMPLEMENTED, "this server does not read datasets in buckets")
        files = [file for file in sorted(dataset.sizes) if file.endswith(".jsonl")]
        return [self._datasets.file(name, file) for file in files]

    def _kept(self, name: str, pieces: Sequence[tuple[Path, int]]) -> list[str]:
        """The ids of the pieces, all of which are datasets now, or none.

        Raises:
            Status: 400, there is nothing to split; 404, it is gone; 409, an id is taken.
        """
        self._datasets.find(name)
        if not pieces:
            raise Status(Code.FAILED_PRECONDITION, "dataset has no rows")
        names = [f"{name[:_STEM].rstrip('-')}-chunk-{number}" for number in range(1, len(pieces) + 1)]
        for each in names:
            if each in self._datasets:
                raise Status(Code.ALREADY_EXISTS, f'dataset "{full_name("datasets", each)}" already exists')
        for each, (path, rows) in zip(names, pieces, strict=True):
            self._datasets.produce(each, rows, [path], split_from=name)
        return names


def _written(files: Sequence[Path], size: int, folder: Path) -> list[tuple[Path, int]]:
    """A file for each piece, with the rows in it."""
    shutil.rmtree(folder, ignore_errors=True)
    pieces: list[tuple[Path, int]] = []
    rows = _rows(files)
    while first := next(rows, None):
        if len(pieces) == MAX_CHUNKS:
            raise invalid(f"chunkSize makes more than {MAX_CHUNKS:,} pieces")
        path = folder / str(len(pieces)) / _FILE
        path.parent.mkdir(parents=True)
        with path.open("wb") as piece:
            piece.write(first)
            count = 1
            for row in islice(rows, size - 1):
                piece.write(row)
                count += 1
        pieces.append((path, count))
    return pieces


def _rows(files: Sequence[Path]) -> Iterator[bytes]:
    for path in files:
        try:
            file = path.open("rb")
        except FileNotFoundError:  # deleted meanwhile
            raise gone() from None
        with file:
            while line := file.readline(MAX_LINE_BYTES):
                if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
                    raise invalid(f"a row is longer than {MAX_LINE_BYTES:,} bytes")
                if line.strip():
                    yield line if line.endswith(b"\n") else line + b"\n"
