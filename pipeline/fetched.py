"""Documents of buckets in files of this machine, as long as they are worked."""

import asyncio
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

from pipeline.errors import Category, ConfigError, DocumentError, StoreError
from pipeline.object_sources import stamp_of_object
from pipeline.objects import ObjectFolder, is_address
from pipeline.records import Document, Source
from pipeline.sources import MAX_BYTES, identify, refuse_larger
from pipeline.stamps import place_of
from pipeline.temporary import temporary_folder

MOST_BYTES = 4 << 30
"""Files that nobody works on are kept up to this much together: a document is planned before it is drawn."""


@contextmanager
def fetching() -> Iterator["Fetched"]:
    """Room for documents of buckets, which is given back at the end of the block."""
    with temporary_folder("pagelake-documents-") as folder:
        yield Fetched(folder)


class Fetched:
    """Where the bytes of documents are. Those of documents on this machine stay where they lie.

    Files from buckets that are not in use go, the least lately used first, when there are too many bytes of
    them; they are fetched again where they are needed again.

    Args:
        folder: Private, and removed by whoever gave it.
        most_bytes: Of files that are not in use.
    """

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder, self._most_bytes = folder, most_bytes
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._used: Counter[str] = Counter()
        self._fetching: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self._folder_of = lru_cache(64)(ObjectFolder)

    def identify(
        self, source: Source, *, max_bytes: int = MAX_BYTES, clock: Callable[[], int] = time.time_ns
    ) -> Document:
        """Read a file or an object once and say what it is. Blocks.

        Args:
            source: Its path or address.
            max_bytes: Largest to accept.
            clock: Nanoseconds since 1970.

        Raises:
            DocumentError: UNREADABLE, EMPTY, TOO_LARGE or NOT_A_DOCUMENT.
            StoreError: The store does not answer, or the disk is full.
        """
        if not is_address(source.path):
            return identify(source, max_bytes=max_bytes, clock=clock)
        refuse_larger(source.size_bytes, max_bytes)
        file, version = self._fetch(source.path)
        try:
            here = identify(Source(str(file), source.size_bytes), max_bytes=max_bytes)
            self._keep(file, here)
        finally:
            file.unlink(missing_ok=True)
        stamp = stamp_of_object(here.size_bytes, version)
        return replace(here, path=source.path, place=source.path, modified_ns=0, stamp=stamp)

    @asynccontextmanager
    async def at_hand(self, document: Document) -> AsyncIterator[Path]:
        """A file with the bytes of a document, for as long as the block lasts.

        Raises:
            DocumentError: UNREADABLE: the object is gone, or has other bytes now.
            StoreError: The store does not answer, or the disk is full.
        """
        if not is_address(document.path):
            yield Path(document.place or place_of(document.path))
            return
        doc_id = document.doc_id
        with self._lock:
            self._used[doc_id] += 1
        try:
            if not self._file(doc_id).exists():
                await asyncio.to_thread(self._again, document)
            yield self._file(doc_id)
        finally:
            with self._lock:
                self._used[doc_id] -= 1
                self._touch(doc_id)

    def _file(self, doc_id: str) -> Path:
        return self._folder / doc_id

    def _again(self, document: Document) -> None:
        with self._lock:
            one_at_a_time = self._fetching.setdefault(document.doc_id, threading.Lock())
        with one_at_a_time:
            if self._file(document.doc_id).exists():
                return
            file, _ = self._fetch(document.path)
            try:
                here = identify(Source(str(file), document.size_bytes), max_bytes=document.size_bytes)
                if here.doc_id != document.doc_id:
                    raise DocumentError(Category.UNREADABLE, "the object has changed since it was listed")
                self._keep(file, here)
            finally:
                file.unlink(missing_ok=True)

    def _fetch(self, address: str) -> tuple[Path, str]:
        folder, _, name = address.rpartition("/")
        file = self._folder / f".{uuid4().hex}"
        try:
            return file, self._folder_of(folder).fetch(name, file)
        except FileNotFoundError:
            raise DocumentError(Category.UNREADABLE, "the object is gone") from None
        except ConfigError as error:
            raise DocumentError(Category.UNREADABLE, str(error)) from error
        except OSError as error:
            raise StoreError(f"{self._folder} could not be written: {error.strerror}") from error

    def _keep(self, file: Path, document: Document) -> None:
        with self._lock:
            file.replace(self._file(document.doc_id))
            self._sizes[document.doc_id] = document.size_bytes
            self._touch(document.doc_id)

    def _touch(self, doc_id: str) -> None:
        """Note that it was used just now, and let go of the others as far as there are too many."""
        if doc_id in self._sizes:
            self._sizes.move_to_end(doc_id)
        idle = [one for one in self._sizes if not self._used[one]]
        held = sum(self._sizes[one] for one in idle)
        for one in idle[:-1]:
            if held <= self._most_bytes:
                return
            held -= self._sizes.pop(one)
            with suppress(OSError):
                self._file(one).unlink()
