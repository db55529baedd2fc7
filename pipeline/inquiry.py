"""One window of pages asked about until an answer gives a record, or no remedy is left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.errors import AnswerInvalid, Category, DocumentError, RequestRejected, ServiceBusy
from pipeline.fanout import Halt
from pipeline.interpret import Interpreter
from pipeline.records import Answer, Document, Failure, PageImage, Request, Stage
from pipeline.remedies import PLAIN, Budgets, Remedy, next_remedy
from pipeline.render.known import Pages
from pipeline.requests import RequestBuilder
from pipeline.road import Road
from pipeline.store.writer import ShardWriter
from pipeline.summary import Tally

_TOO_LARGE = 413


class Unanswered(Exception):
    """The service gave no answer about a window.

    Attributes:
        failure: The same as a failure of its pages.
        too_large: Whether fewer pages might be taken.
    """

    def __init__(self, failure: Failure, *, too_large: bool) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.too_large = too_large


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What came of a window.

    Attributes:
        answer: The last answer about it, good or not.
        remedy: What it was asked with.
        cut: Whether it is cut short even so, so that fewer pages might do.
    """

    answer: Answer
    remedy: Remedy
    cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """Asks about the windows of one document.

    Attributes:
        page_count: Pages the document has.
        known: Paid answers about it, by the id of their request.
        used: Those and the new ones that were looked at, the good and the others.
    """

    document: Document
    page_count: int
    known: Mapping[str, Answer]
    builder: RequestBuilder
    interpreter: Interpreter
    pages: Pages
    road: Road
    budgets: Budgets
    writer: ShardWriter
    tally: Tally
    halt: Halt
    used: dict[str, Answer] = field(default_factory=dict)

    async def ask(self, window: Sequence[PageImage], *, partial: bool) -> Asked | None:
        """The answer about a window, from the lake or from the service; None when told to stop before it.

        Every answer on the way is kept: the next run finds them and begins where this one ended.

        Raises:
            Unanswered: The service gave no answer.
        """
        remedy = PLAIN
        while True:
            request = self.builder.build(
                self.document.doc_id, window, self.page_count, partial=partial, remedy=remedy
            )
            answer = self._reused(request) or await self._answered(request)
            if answer is None:
                return None
            self.used[answer.custom_id] = answer
            problem = self._problem(answer)
            if problem is None:
                return Asked(answer=answer, remedy=remedy, cut=False)
            following = next_remedy(
                remedy, problem, answer.completion, budgets=self.budgets, max_tokens=self.builder.max_tokens
            )
            if following is None:
                cut = problem.category is Category.TRUNCATED_ANSWER
                return Asked(answer=answer, remedy=remedy, cut=cut)
            remedy = following

    def _problem(self, answer: Answer) -> AnswerInvalid | None:
        try:
            self.interpreter.check(answer)
        except AnswerInvalid as error:
            return error
        return None

    def _reused(self, request: Request) -> Answer | None:
        answer = self.known.get(request.custom_id)
        if answer is not None:
            self.tally.answers_reused += 1
        return answer

    async def _answered(self, request: Request) -> Answer | None:
        if self.road.holds(request.custom_id):
            return None
        request = await self._with_images(request)
        try:
            answer = await self.road.ask(request, self.writer.journal, self.tally, self.halt)
        except (ServiceBusy, RequestRejected) as error:
            too_large = isinstance(error, RequestRejected) and error.status == _TOO_LARGE
            raise Unanswered(_failure(request, error), too_large=too_large) from error
        if answer is not None:
            self.writer.answer(answer)
        return answer

    async def _with_images(self, request: Request) -> Request:
        """The request with the bytes of all its images, drawn again where they were not kept."""
        if all(image.data for image, _ in request.images):
            return request
        try:
            images = [
                (await self.pages.fetch(self.document, image), after) for image, after in request.images
            ]
        except DocumentError as error:
            failure = Failure(
                stage=Stage.RENDER,
                category=error.category,
                message=str(error),
                pages=request.pages,
                custom_id=request.custom_id,
            )
            raise Unanswered(failure, too_large=False) from error
        return replace(request, images=tuple(images))


def _failure(request: Request, error: ServiceBusy | RequestRejected) -> Failure:
    busy = isinstance(error, ServiceBusy)
    return Failure(
        stage=Stage.REQUEST,
        category=Category.SERVICE_BUSY if busy else Category.REQUEST_REJECTED,
        message=str(error),
        pages=request.pages,
        attempts=error.attempts,
        custom_id=request.custom_id,
    )
