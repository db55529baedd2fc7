"""Which documents are left to do, cut into shards."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.errors import DocumentError
from pipeline.records import Document, Failure, Skipped, Source, Stage, printable
from pipeline.render.known import Pages
from pipeline.sources import find, identify
from pipeline.store.ledger import Done, Ledger

IDENTIFIED_AT_ONCE = 16
"""Files hashed in one go, off the event loop: enough that handing over is cheap."""


@dataclass(frozen=True, slots=True)
class ToWork:
    """A document that opens and is not done.

    Attributes:
        page_count: Pages it has, at least 1.
    """

    document: Document
    page_count: int


@dataclass(frozen=True, slots=True)
class Unusable:
    """A file that cannot be worked.

    Attributes:
        document: None when not even its bytes could be read.
    """

    path: str
    size_bytes: int
    document: Document | None
    failure: Failure


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A further path to bytes that are worked, or were worked, under another one."""

    document: Document


@dataclass(frozen=True, slots=True)
class Reused:
    """A document the lake already holds for this very question."""

    document: Document
    done: Done


Planned = ToWork | Unusable | Duplicate | Reused
Known = Document | DocumentError


@dataclass(frozen=True, slots=True)
class Shard:
    """Documents worked together and committed together.

    Attributes:
        number: From 1.
        entries: What is in it.
        pages: Pages of the documents to work.
    """

    number: int
    entries: Sequence[Planned]
    pages: int

    @property
    def documents(self) -> int:
        """Distinct documents in it, those the lake already holds included."""
        return sum(not isinstance(entry, Duplicate) for entry in self.entries)

    @property
    def label(self) -> str:
        """What a person reads in a list of tasks."""
        documents = sum(isinstance(entry, ToWork) for entry in self.entries)
        return f"shard {self.number}: {_count(documents, 'document')}, {_count(self.pages, 'page')}"


@dataclass(slots=True)
class Planner:
    """Finds what was asked for and what of it is left to do, a little ahead of the work.

    Attributes:
        skipped: What was found and is left out; complete once `planned` has ended.
    """

    sources: Sequence[str]
    pages: Pages
    ledger: Ledger
    question_id: str
    limit: int | None
    max_bytes: int
    skipped: list[Skipped] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    async def planned(self) -> AsyncIterator[Planned]:
        """Every file in a stable order, at most `limit` documents; duplicates come after what they repeat.

        Raises:
            ConfigError: Something asked for does not exist.
        """
        found = find(self.sources, self.ledger.lake)
        while batch := await asyncio.to_thread(self._identify, found):
            for one in batch:
                if self.limit is not None and len(self._seen) >= self.limit:
                    return
                if isinstance(one, Skipped):
                    self.skipped.append(one)
                else:
                    yield await self._entry(*one)

    async def shards(self, pages: int) -> AsyncIterator[Shard]:
        """What is planned, in groups of about `pages` pages; a document is never cut."""
        number, entries, size = 1, list[Planned](), 0
        async for entry in self.planned():
            entries.append(entry)
            size += entry.page_count if isinstance(entry, ToWork) else 0
            if size >= pages or len(entries) >= pages:
                yield Shard(number, entries, size)
                number, entries, size = number + 1, [], 0
        if entries:
            yield Shard(number, entries, size)

    def _identify(self, found: Iterator[Source | Skipped]) -> list[Skipped | tuple[Source, Known]]:
        """Read and hash the next few files. Blocks."""
        batch = itertools.islice(found, IDENTIFIED_AT_ONCE)
        return [one if isinstance(one, Skipped) else (one, self._known(one)) for one in batch]

    def _known(self, source: Source) -> Known:
        try:
            return identify(source, max_bytes=self.max_bytes)
        except DocumentError as error:
            return error

    async def _entry(self, source: Source, known: Known) -> Planned:
        if isinstance(known, DocumentError):
            self._seen.add(source.path)
            return Unusable(source.path, source.size_bytes, None, _failure(Stage.SOURCE, known))
        if known.doc_id in self._seen:
            return Duplicate(known)
        self._seen.add(known.doc_id)
        if (done := self.ledger.is_done(known.doc_id, self.question_id)) is not None:
            return Reused(known, done)
        return await self._opened(known)

    async def _opened(self, document: Document) -> Planned:
        try:
            return ToWork(document, await self.pages.inspect(document))
        except DocumentError as error:
            return Unusable(document.path, document.size_bytes, document, _failure(Stage.RENDER, error))


def _failure(stage: Stage, error: DocumentError) -> Failure:
    return Failure(stage=stage, category=error.category, message=printable(str(error)))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
