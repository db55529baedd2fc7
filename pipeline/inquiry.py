"""One window of pages asked about until an answer gives a record, or no remedy is left."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from pipeline.errors import (
    AnswerInvalid,
    Category,
    DocumentError,
    ImageRefused,
    RequestRejected,
    ServiceBusy,
)
from pipeline.fanout import Budget, Halt
from pipeline.interpret import Interpreter
from pipeline.records import Answer, Document, Failure, PageImage, Stage
from pipeline.remedies import (
    FEWER_PAGES,
    PLAIN,
    Budgets,
    Remedy,
    is_stuck,
    next_remedy,
    next_view,
    views_after,
)
from pipeline.render.known import Pages
from pipeline.requests import RequestBuilder
from pipeline.road import Road
from pipeline.store.writer import ShardWriter
from pipeline.tally import Tally
from pipeline.views import PLAIN_VIEW, View
from pipeline.windows import WindowLimits

_TOO_LARGE = 413

Refused = ServiceBusy | RequestRejected | DocumentError
"""Why there may be no answer."""


class Unanswered(Exception):
    """There is no answer about a window.

    Attributes:
        failure: The same as a failure of its pages.
        too_much: Whether fewer pages might be taken.
    """

    def __init__(self, failure: Failure, *, too_much: bool) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.too_much = too_much


class Unasked(Enum):
    """Why nothing was asked about a window."""

    STOPPED = auto()
    BLANK = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What came of a window.

    Attributes:
        answer: The last answer about it, good or not.
        remedy: What it was asked with.
        problem: What is wrong with it even so; None for a good one.
    """

    answer: Answer
    remedy: Remedy
    problem: AnswerInvalid | None

    @property
    def is_cut(self) -> bool:
        """Whether it is cut short, so that fewer pages might do."""
        return self.problem is not None and self.problem.category is Category.TRUNCATED_ANSWER

    @property
    def is_too_long(self) -> bool:
        """Whether it was cut in the middle of saying something, so that less of a page might do."""
        return self.is_cut and not is_stuck(self.answer.completion.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """Asks about the windows of one document.

    Attributes:
        page_count: Pages the document has.
        known: Paid answers about it, by the id of their request.
        windows: How large an image may be.
        redrawn: Bounds the bytes of images that are drawn again.
        used: Answers that were looked at, known and new, good and bad.
    """

    document: Document
    page_count: int
    known: Mapping[str, Answer]
    builder: RequestBuilder
    interpreter: Interpreter
    road: Road
    budgets: Budgets
    pages: Pages
    windows: WindowLimits
    redrawn: Budget
    writer: ShardWriter
    tally: Tally
    halt: Halt
    used: dict[str, Answer] = field(default_factory=dict)

    async def ask(
        self, window: Sequence[PageImage], *, partial: bool, start: Remedy = PLAIN
    ) -> Asked | Unasked:
        """The answer about a window, from the lake or from the service.

        Every answer on the way is kept: the next run finds them and begins where this one ended.

        Args:
            window: Images of some pages.
            partial: Whether the rest of the document, or of the page, is asked about apart.
            start: What to ask with first.

        Raises:
            Unanswered: The service gave no answer, or the page cannot be drawn again.
        """
        remedy, attempts = self._as_before(window, start, partial=partial), 0
        while True:
            try:
                answer = await self._answer(window, remedy, partial=partial)
            except (ServiceBusy, RequestRejected, DocumentError) as error:
                attempts += 0 if isinstance(error, DocumentError) else error.attempts
                following = _other_view(window, remedy, error)
                if following is None:
                    custom_id = self._id(window, remedy, partial=partial)
                    failure = _failure(window, error, attempts, custom_id)
                    raise Unanswered(failure, too_much=_is_too_much(error)) from error
            else:
                if isinstance(answer, Unasked):
                    return answer
                problem = self._problem(answer)
                following = self._next(remedy, problem, answer)
                if following is None:
                    return Asked(answer=answer, remedy=remedy, problem=problem)
            remedy = self._as_before(window, following, partial=partial)

    def was_halved(self, window: Sequence[PageImage], *, partial: bool) -> bool:
        """Whether the lake has an answer about a part of the window that was asked since it was too much."""
        if not self.known or self._id(window, PLAIN, partial=partial) in self.known:
            return False
        numbers = {image.number for image in window}
        within = [answer for answer in self.known.values() if set(answer.pages) < numbers]
        of_halves = {
            self.builder.custom_id(self.document.doc_id, answer.pages, partial=True, remedy=remedy)
            for answer in within
            for remedy in (FEWER_PAGES, *views_after(FEWER_PAGES))
        }
        return any(answer.custom_id in of_halves for answer in within)

    def _as_before(self, window: Sequence[PageImage], remedy: Remedy, *, partial: bool) -> Remedy:
        """The same, or with another view of the page, where the lake has an answer to that.

        What a refusal led to is looked up before it, for a refusal leaves nothing behind.
        """
        if not self.known or len(window) > 1 or self._id(window, remedy, partial=partial) in self.known:
            return remedy
        views = views_after(remedy)
        return next((one for one in views if self._id(window, one, partial=partial) in self.known), remedy)

    def _next(self, remedy: Remedy, problem: AnswerInvalid | None, answer: Answer) -> Remedy | None:
        if problem is None:
            return None
        return next_remedy(
            remedy, problem, answer.completion, budgets=self.budgets, max_tokens=self.builder.max_tokens
        )

    def _problem(self, answer: Answer) -> AnswerInvalid | None:
        try:
            self.interpreter.check(answer)
        except AnswerInvalid as error:
            return error
        return None

    async def _answer(
        self, window: Sequence[PageImage], remedy: Remedy, *, partial: bool
    ) -> Answer | Unasked:
        custom_id = self._id(window, remedy, partial=partial)
        if (known := self.known.get(custom_id)) is not None:
            self.tally.answers_reused += 1
            return self._noted(known, remedy)
        if self.halt.requested or self.road.holds(custom_id):
            return Unasked.STOPPED
        async with self._shown(window, remedy) as images:
            if all(image.blank for image in images):
                return Unasked.BLANK
            request = self.builder.build(
                self.document.doc_id, images, self.page_count, partial=partial, remedy=remedy
            )
            answer = await self.road.ask(request, self.writer.journal, self.tally, self.halt)
        if answer is None:
            return Unasked.STOPPED
        answer = self._noted(answer, remedy)
        self.writer.answer(answer)
        return answer

    def _noted(self, answer: Answer, remedy: Remedy) -> Answer:
        answer = replace(answer, band=remedy.view.band)
        self.used[answer.custom_id] = answer
        return answer

    @asynccontextmanager
    async def _shown(self, window: Sequence[PageImage], remedy: Remedy) -> AsyncIterator[Sequence[PageImage]]:
        """The images as the remedy wants them, drawn again where they are other ones or were not kept.

        Whoever waits for room here may hold plain images, and nobody who has room here waits for those: so
        there is no ring.
        """
        if remedy.view == PLAIN_VIEW and all(image.data for image in window):
            yield window
            return
        images = [await self._drawn(image, remedy.view) for image in window]
        size_bytes = sum(image.size_bytes for image in images)
        await self.redrawn.acquire(size_bytes)
        try:
            yield images
        finally:
            self.redrawn.release(size_bytes)

    async def _drawn(self, image: PageImage, view: View) -> PageImage:
        if view == PLAIN_VIEW:
            return await self.pages.fetch(self.document, image)
        drawn = await self.pages.redraw(self.document, image, view)
        if excess := self.windows.excess(drawn):
            unsent = RequestRejected(excess, status=_TOO_LARGE)
            unsent.attempts = 0
            raise unsent
        return drawn

    def _id(self, window: Sequence[PageImage], remedy: Remedy, *, partial: bool) -> str:
        pages = [image.number for image in window]
        return self.builder.custom_id(self.document.doc_id, pages, partial=partial, remedy=remedy)


def _other_view(window: Sequence[PageImage], remedy: Remedy, error: Refused) -> Remedy | None:
    """What to try when an image was refused. Which of several is not said: they are asked about apart."""
    if len(window) > 1 or not _is_too_much(error):
        return None
    too_large = not isinstance(error, ImageRefused) or error.too_large
    return next_view(remedy, too_large=too_large)


def _is_too_much(error: Refused) -> bool:
    """Whether fewer, smaller or other images might be taken."""
    return isinstance(error, ImageRefused) or (
        isinstance(error, RequestRejected) and error.status == _TOO_LARGE
    )


def _failure(window: Sequence[PageImage], error: Refused, attempts: int, custom_id: str) -> Failure:
    stage, category = Stage.REQUEST, Category.REQUEST_REJECTED
    if isinstance(error, ServiceBusy):
        category = Category.SERVICE_BUSY
    elif isinstance(error, DocumentError):
        stage, category = Stage.RENDER, error.category
    return Failure(
        stage=stage,
        category=category,
        message=str(error),
        pages=tuple(image.number for image in window),
        attempts=attempts,
        custom_id=custom_id,
    )
