"""Requests on their way into datasets: written line by line, cut by size, sealed when whole."""

import hashlib
import os
import shutil
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipeline.batch.book import Book
from pipeline.batch.job import JOBS, Asked, BatchJob, JobFolder, make_jobs_folder
from pipeline.batch.lines import check_line, line_of
from pipeline.errors import StoreError
from pipeline.records import Request
from pipeline.service.names import content_id
from pipeline.store.disk import move

_OPEN = ".open"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetLimits:
    """How large one dataset may get.

    Attributes:
        max_bytes: Of its file. 140 MB fit into one upload request; more goes to storage by a signed URL.
        max_rows: Requests in it.
    """

    max_bytes: int = 140_000_000
    max_rows: int = 10_000


class Spool:
    """Writes requests into datasets of a lake; nothing of them stays in memory but their ids.

    Args:
        lake: Root folder; its lock must be held.
        schema: Name of the record type.
        question_id: What each document is asked.
        limits: How large a dataset may get.
        book: Says how often a request was asked before: what is asked again makes another job.

    Attributes:
        sealed: Datasets that are whole, the oldest first; for whoever sends them to take out.
    """

    def __init__(
        self,
        lake: Path,
        schema: str,
        question_id: str,
        limits: DatasetLimits,
        book: Book,
    ) -> None:
        self.sealed: deque[JobFolder] = deque()
        self._jobs = lake / JOBS
        self._schema, self._question_id = schema, question_id
        self._limits, self._book = limits, book
        self._file: BinaryIO | None = None
        self._asked: list[Asked] = []
        self._ids: set[str] = set()
        self._size_bytes, self._round, self._model = 0, 0, ""
        self._digest = hashlib.sha256()
        self._folder = JobFolder(self._jobs / _OPEN)
        shutil.rmtree(self._folder.path, ignore_errors=True)  # half a dataset that a kill left: nobody saw it

    def add(self, request: Request) -> None:
        """Append a request; a dataset that it does not fit into any more is sealed first.

        Raises:
            StoreError: It cannot be written, or the service would not take it.
        """
        line = line_of(request)
        if check_line(line) in self._ids:
            raise StoreError(f"the request {request.custom_id} is in the dataset already")
        full = len(self._asked) >= self._limits.max_rows
        if self._asked and (full or self._size_bytes + len(line) > self._limits.max_bytes):
            self.seal()
        try:
            self._opened().write(line)
        except OSError as error:
            raise StoreError(f"{self._folder.lines} cannot be written ({error.strerror})") from error
        self._digest.update(line)
        self._size_bytes += len(line)
        self._ids.add(request.custom_id)
        self._round = max(self._round, self._book.rounds(request.custom_id))
        self._model = request.model
        self._asked.append(
            Asked(
                custom_id=request.custom_id,
                doc_id=request.doc_id,
                pages=request.pages,
                partial=request.partial,
                band=request.band,
            )
        )

    def seal(self) -> None:
        """Make what was written a job of the lake, whole or not at all; nothing when there is nothing.

        Raises:
            StoreError: It cannot be written.
        """
        if self._file is None:
            return
        job = self._job()
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._folder.write_asked(self._asked)
            self._folder.save(job)
            place = self._jobs / job.id
            if place.exists():
                raise StoreError(f"{place} is there already, with the same requests")
            move(self._folder.path, place)
        except OSError as error:
            raise StoreError(f"{self._folder.path} cannot be written ({error.strerror})") from error
        self._forget()
        self.sealed.append(JobFolder(place))

    def close(self) -> None:
        """Let go of a dataset that was not sealed: its requests count as never asked."""
        if self._file is not None:
            self._file.close()
            self._forget()
        shutil.rmtree(self._folder.path, ignore_errors=True)

    def _job(self) -> BatchJob:
        again = (str(self._round),) if self._round else ()
        return BatchJob(
            id=content_id("pagelake", self._model, self._digest.digest(), *again),
            schema_name=self._schema,
            question_id=self._question_id,
            model=self._model,
            rows=len(self._asked),
            size_bytes=self._size_bytes,
        )

    def _opened(self) -> BinaryIO:
        if self._file is None:
            make_jobs_folder(self._jobs.parent)
            self._folder.path.mkdir(parents=True, exist_ok=True)
            self._file = self._folder.lines.open("wb")
        return self._file

    def _forget(self) -> None:
        self._file, self._asked, self._ids = None, [], set()
        self._size_bytes, self._round, self._digest = 0, 0, hashlib.sha256()
