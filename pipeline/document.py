"""One document, from its pages to its rows."""

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline import division
from pipeline.division import Part
from pipeline.errors import AnswerInvalid, Category, DocumentError, DocumentGivenUp
from pipeline.fanout import Budget, Halt, in_order
from pipeline.fetched import Fetched
from pipeline.inquiry import Inquiry
from pipeline.interpret import Interpreter, charged, unfit
from pipeline.logged import about, these
from pipeline.mending import mended
from pipeline.records import Answer, Document, Failure, Outcome, PageImage, Stage, printable
from pipeline.remedies import Budgets
from pipeline.render.known import Pages
from pipeline.requests import RequestBuilder
from pipeline.road import Road
from pipeline.selection import PageSelection
from pipeline.store.ledger import Ledger
from pipeline.store.listing import Listing
from pipeline.store.tables import failure_row, page_row, storable
from pipeline.store.writer import ShardWriter
from pipeline.summary import FAILURES_SHOWN, PageBalance, count_outcomes
from pipeline.tally import Tally
from pipeline.windows import Packer, WindowLimits
from schemas.registry import RecordType

log = logging.getLogger(__name__)

LOOK_AHEAD = 4
"""Pages of a document drawn ahead of the one that is packed next."""

_PAGES_LOGGED = 50  # a failure may be of a million


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What every document of a run is worked with.

    Attributes:
        images_held: Bounds the bytes of page images between the rasterizer and their answer.
        redrawn: Bounds the bytes of those that are drawn again for another view.
        drawing: Bounds the documents whose pages are being drawn.
    """

    record: RecordType
    question_id: str
    fetched: Fetched
    pages: Pages
    road: Road
    builder: RequestBuilder
    interpreter: Interpreter
    windows: WindowLimits
    budgets: Budgets
    selection: PageSelection | None
    ledger: Ledger
    listing: Listing
    images_held: Budget
    redrawn: Budget
    drawing: asyncio.Semaphore
    halt: Halt
    tally: Tally


@dataclass(slots=True)
class DocumentWork:
    """One document being worked; await `run` once, then read what came of it.

    Attributes:
        known: Paid answers about it, by the id of their request.
        outcomes: Where each page went; pages that a stop left untouched are missing.
        failures: The first of what went wrong; all of it has rows.
        failures_total: How much that is.
        records: Records written.
    """

    document: Document
    page_count: int
    shop: Workshop
    writer: ShardWriter
    known: Mapping[str, Answer]
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    failures_total: int = 0
    records: int = 0
    _rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    _parts: list[Part] = field(default_factory=list)
    _windows: int = 0
    _inquiry: Inquiry = field(init=False)
    _lost: Failure | None = None
    _untried: Failure | None = None
    _untried_pages: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        shop = self.shop
        self._inquiry = Inquiry(
            document=self.document,
            page_count=self.page_count,
            known=self.known,
            builder=shop.builder,
            interpreter=shop.interpreter,
            road=shop.road,
            budgets=shop.budgets,
            pages=shop.pages,
            windows=shop.windows,
            redrawn=shop.redrawn,
            writer=self.writer,
            tally=shop.tally,
            halt=shop.halt,
        )

    @property
    def balance(self) -> PageBalance:
        """Where the pages went."""
        return count_outcomes(self.page_count, self.outcomes.values())

    async def run(self) -> None:
        """Draw, ask and write, until every page is accounted for or the run is told to stop."""
        async with asyncio.TaskGroup() as group, self.shop.drawing:
            await self._draw(group)
        if self._is_one_record:
            await self._conclude()
        await self.writer.flush_if_full()

    @property
    def _is_one_record(self) -> bool:
        return self.shop.record.unit == "document"

    async def _draw(self, group: asyncio.TaskGroup) -> None:
        """Draw the selected pages in order, and start a request for each window as soon as it is full."""
        limits = self.shop.windows if self._is_one_record else replace(self.shop.windows, max_images=1)
        packer = Packer(limits)
        async for image in in_order(self._image, self._select(), group, width=LOOK_AHEAD):
            if image is not None and (window := packer.add(image)):
                self._start(group, window, is_last=False)
            await self.writer.flush_if_full()
        if self._untried is not None:
            self._report(replace(self._untried, pages=tuple(sorted(self._untried_pages))))
        if window := packer.rest():
            self._start(group, window, is_last=True)

    def _select(self) -> Iterator[int]:
        """Numbers of the selected pages; the others are settled on the way."""
        for number in range(1, self.page_count + 1):
            if self.shop.selection is None or number in self.shop.selection:
                yield number
            else:
                self._settle(number, Outcome.SKIPPED, "not among the selected pages")

    async def _image(self, number: int) -> PageImage | None:
        """The image of a page, its bytes counted as held; None when there is nothing to ask."""
        with about(page=number):
            return await self._drawn(number)

    async def _drawn(self, number: int) -> PageImage | None:
        if self.shop.halt.requested:
            return None
        try:
            image = await self.shop.pages.draw(self.document, number)
        except DocumentGivenUp as error:
            self._leave_untried(number, error)
            return None
        except DocumentError as error:
            if not self.shop.halt.explains(error):
                self._fail(
                    Failure(stage=Stage.RENDER, category=error.category, message=str(error), pages=(number,))
                )
            return None
        self._rows[number] = page_row(self.shop.record.name, self.document.doc_id, number, image)
        if image.blank:
            self._settle(number, Outcome.BLANK)
            return None
        if excess := self.shop.windows.excess(image):
            self._fail(
                Failure(stage=Stage.RENDER, category=Category.TOO_LARGE, message=excess, pages=(number,))
            )
            return None
        await self.shop.images_held.acquire(image.size_bytes)
        return image

    def _start(self, group: asyncio.TaskGroup, window: Sequence[PageImage], *, is_last: bool) -> None:
        is_whole = is_last and self._windows == 0
        self._windows += 1
        group.create_task(self._ask(window, partial=self._is_one_record and not is_whole))

    async def _ask(self, window: Sequence[PageImage], *, partial: bool) -> None:
        """Get the answers about a window, and let its images go."""
        try:
            with about(**these([image.number for image in window])):
                parts = await division.ask(self._inquiry, window, partial=partial)
        finally:
            self.shop.images_held.release(sum(image.size_bytes for image in window))
        for part in parts:
            self._note(part)
            await self._take(part)
        await self.writer.flush_if_full()

    def _note(self, part: Part) -> None:
        """Say of each page of a part what was asked about it last, and how."""
        ids = [answer.custom_id for answer in part.answers] or [part.lost.custom_id if part.lost else ""]
        noted = {
            "custom_id": ids[0],
            "strip_ids": ids if len(ids) > 1 else None,
            "remedy": part.remedy or None,
        }
        for number in part.pages:
            self._rows[number] |= noted

    async def _take(self, part: Part) -> None:
        if part.lost is not None:
            self._lost = part.lost
            self._fail(part.lost)
        elif self._is_one_record:
            self._parts.append(part)
        else:
            await self._write([part])
            self._used_about(part.pages)

    async def _conclude(self) -> None:
        """Write the record of the whole document, unless an answer about a part of it is missing."""
        self._parts.sort(key=lambda part: part.pages)
        answered = tuple(page for part in self._parts for page in part.pages)
        if not answered or len(answered) + len(self.outcomes) < self.page_count:
            return  # nothing to make a record of, or a stop left pages open: the next run goes on from here
        if self._lost is None:
            await self._write(self._parts)
        else:
            self._fail(_withheld(answered, self._lost))

    async def _write(self, parts: Sequence[Part]) -> None:
        """Write a record, parts that do not fit together asked anew; a stop leaves its pages open."""
        if any(answer.partial for part in parts for answer in part.answers):
            whole = await mended(self._inquiry, parts)
            if whole is None:
                return
            parts = whole
            for part in parts:
                self._note(part)
        answers = [answer for part in parts for answer in part.answers]
        try:
            row = self.shop.interpreter.row(answers, printable(self.document.path))
        except AnswerInvalid as error:
            self._fail(unfit(answers, error))
            return
        self.writer.record(row)
        self.records += 1
        self.shop.tally.records += 1
        for page in row["_pages"]:
            self._settle(page, Outcome.RECORD)

    def _leave_untried(self, number: int, error: DocumentGivenUp) -> None:
        """Settle a page at once; all of them are one failure, for there may be a million."""
        self._untried = Failure(stage=Stage.RENDER, category=error.category, message=str(error))
        self._untried_pages.append(number)
        self._settle(number, Outcome.FAILED, self._untried.reason)

    def _fail(self, failure: Failure) -> None:
        failure = charged(failure, self._used_about(failure.pages))
        self._report(failure)
        for page in failure.pages:
            self._settle(page, Outcome.FAILED, failure.reason)

    def _report(self, failure: Failure) -> None:
        self.failures_total += 1
        if self.failures_total <= FAILURES_SHOWN:
            self.failures.append(failure)
        name, doc_id, path = self.shop.record.name, self.document.doc_id, printable(self.document.path)
        self.writer.failure(failure_row(name, doc_id, path, failure))
        with about(**these(failure.pages[:_PAGES_LOGGED])):
            log.info("no record: %s, %s", failure.stage.value, failure.category.value)

    def _used_about(self, pages: Sequence[int]) -> list[Answer]:
        """What was paid for pages, which is told once: an answer about pages that fail apart counts once."""
        used = self._inquiry.used
        ids = [one.custom_id for one in used.values() if not set(pages).isdisjoint(one.pages)]
        return [used.pop(custom_id) for custom_id in ids]

    def _settle(self, number: int, outcome: Outcome, reason: str = "") -> None:
        """Say where a page went, once and for all."""
        self.outcomes[number] = outcome
        row = self._rows.pop(number, None) or page_row(self.shop.record.name, self.document.doc_id, number)
        self.writer.page(row | {"outcome": outcome.value, "reason": storable(reason)})
        self.shop.tally.settle(outcome)


def _withheld(pages: tuple[int, ...], cause: Failure) -> Failure:
    """Pages whose answers came, in a document whose other pages have none."""
    first, last = cause.pages[0], cause.pages[-1]
    message = (
        f"no record without pages {first} to {last} of the same document; "
        "the answers that came are kept for the next run"
    )
    return Failure(stage=cause.stage, category=cause.category, message=message, pages=pages)
