"""Which documents are left to do, cut into shards."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from pipeline.errors import Category, DocumentError
from pipeline.fetched import Fetched
from pipeline.look import Look
from pipeline.objects import is_address
from pipeline.records import Document, Failure, Skipped, Source, Stage, printable
from pipeline.render.known import Pages
from pipeline.selection import PageSelection
from pipeline.sources import find
from pipeline.stamps import place_of
from pipeline.store.following import address_of
from pipeline.store.ledger import Done, Ledger
from pipeline.store.listing import Listing
from pipeline.summary import PageBalance

IDENTIFIED_AT_ONCE = 16
"""Files hashed in one go, off the event loop: enough that handing over is cheap."""

_NO_PASSWORD = {Category.ENCRYPTED, Category.WRONG_PASSWORD}


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
class _Shut:
    """A document that no password of its names so far opens.

    Attributes:
        document: As it was found first.
        first: What became of it then.
        others: The same bytes under other names.
    """

    document: Document
    first: Unusable
    others: list[Document] = field(default_factory=list)


@dataclass(slots=True)
class Planner:
    """Finds what was asked for and what of it is left to do, a little ahead of the work.

    Attributes:
        selection: Which pages are asked about; None for all.
        rehash: Whether every file is read, even one that is as it was when it was last read.
        skipped: What was found and is left out; complete once `planned` has ended.
        whole: Whether all sources were looked through.
        look: What was found, beside what the lake lists.
    """

    sources: Sequence[str]
    fetched: Fetched
    pages: Pages
    ledger: Ledger
    listing: Listing
    question_id: str
    limit: int | None
    max_bytes: int
    selection: PageSelection | None = None
    rehash: bool = False
    clock: Callable[[], int] = time.time_ns
    skipped: list[Skipped] = field(default_factory=list)
    whole: bool = False
    look: Look = field(init=False)
    _seen: set[str] = field(default_factory=set)
    _shut: dict[str, _Shut] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.look = Look(self.sources, self.listing)

    async def planned(self) -> AsyncIterator[Planned]:
        """Every file in a stable order, at most `limit` documents; duplicates come after what they repeat.

        Those that no password opens come last: the same bytes may stand under a name that has one.

        Raises:
            ConfigError: Something asked for does not exist.
        """
        async for source, known in self._found():
            for entry in await self._entries(source, known):
                yield entry
        for shut in self._shut.values():
            yield shut.first
            for document in shut.others:
                yield Duplicate(document)

    async def _found(self) -> AsyncIterator[tuple[Source, Known]]:
        lake = self.ledger.lake
        found = find(self.sources, lake, address_of(lake))
        while batch := await asyncio.to_thread(self._identify, found):
            for one in batch:
                if self.limit is not None and len(self._seen) >= self.limit:
                    return
                if isinstance(one, Skipped):
                    self.skipped.append(one)
                    self.look.skip(one)
                else:
                    self.look.see(one[0], one[1] if isinstance(one[1], Document) else None)
                    yield one
        self.whole = True

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
        batch = list(itertools.islice(found, IDENTIFIED_AT_ONCE))
        if not any(is_address(one.path) for one in batch):
            return [self._identified(one) for one in batch]
        with ThreadPoolExecutor(len(batch)) as threads:  # to wait for a store, not to work
            return list(threads.map(self._identified, batch))

    def _identified(self, one: Source | Skipped) -> Skipped | tuple[Source, Known]:
        return one if isinstance(one, Skipped) else (one, self._known(one))

    def _known(self, source: Source) -> Known:
        try:
            return self._remembered(source) or self.fetched.identify(
                source, max_bytes=self.max_bytes, clock=self.clock
            )
        except DocumentError as error:
            return error

    def _remembered(self, source: Source) -> Document | None:
        """A finished document whose file is as it was when it was read; None where it has to be read."""
        if self.rehash:
            return None
        known = self.listing.remembered(source.path, place_of(source.path), source.stamp)
        is_done = known is not None and self.ledger.is_done(known.doc_id, self.question_id) is not None
        return known if is_done else None

    async def _entries(self, source: Source, known: Known) -> Sequence[Planned]:
        if isinstance(known, DocumentError):
            self._seen.add(source.path)
            return [Unusable(source.path, source.size_bytes, None, _failure(Stage.SOURCE, known))]
        if known.doc_id in self._seen and known.doc_id not in self._shut:
            return [Duplicate(known)]
        self._seen.add(known.doc_id)
        if (done := self.ledger.is_done(known.doc_id, self.question_id)) is not None:
            return [Reused(known, done)]
        return self._unlocked(known, await self._opened(known))

    def _unlocked(self, document: Document, entry: Planned) -> Sequence[Planned]:
        """The entry, with the names under which the same bytes were shut; nothing while they still are."""
        if isinstance(entry, Unusable) and entry.failure.category in _NO_PASSWORD:
            if (shut := self._shut.get(document.doc_id)) is None:
                self._shut[document.doc_id] = _Shut(document, entry)
            else:
                shut.others.append(document)
            return []
        shut = self._shut.pop(document.doc_id, None)
        before = [] if shut is None else [shut.document, *shut.others]
        return [entry, *map(Duplicate, before)]

    async def _opened(self, document: Document) -> Planned:
        try:
            page_count = await self.pages.inspect(document)
        except DocumentError as error:
            return Unusable(document.path, document.size_bytes, document, _failure(Stage.RENDER, error))
        if self.listing.knows(document.doc_id) and not self._asks_about(page_count):
            return Reused(document, self._kept(document, page_count))
        return ToWork(document, page_count)

    def _asks_about(self, page_count: int) -> bool:
        """Whether any page is asked about."""
        return self.selection is None or any(page in self.selection for page in range(1, page_count + 1))

    def _kept(self, document: Document, page_count: int) -> Done:
        """What the lake has of a document stays when it is asked nothing: none of it is in question."""
        nothing = PageBalance(found=page_count, skipped=page_count)
        return self.ledger.done.get(document.doc_id) or Done(
            question_id=self.question_id, balance=nothing, records=0
        )


def _failure(stage: Stage, error: DocumentError) -> Failure:
    return Failure(stage=stage, category=error.category, message=printable(str(error)))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
