"""The batch road: requests in, answers out, the answers later."""

from dataclasses import dataclass
from enum import StrEnum

from pipeline.batch.book import Book
from pipeline.batch.reserve import Reserve
from pipeline.batch.spool import Spool
from pipeline.errors import BudgetSpent, ServiceBusy
from pipeline.fanout import Halt
from pipeline.records import Answer, Request
from pipeline.road import Road
from pipeline.service.replies import ErrorBody, rejection
from pipeline.store.journal import Journal
from pipeline.tally import Tally

TRIES = 3
"""Jobs that one request goes into before it is given up."""


class Remainder(StrEnum):
    """What becomes of requests that a job has left without an answer."""

    CONTINUE = "continue"  # the job is continued where the service can, else as below
    RESUBMIT = "resubmit"  # they go into another job
    ONLINE = "online"  # they are asked at once
    LEAVE = "leave"  # their pages are failures, for the next run to try again


@dataclass(slots=True)
class BatchRoad:
    """Puts what is asked into datasets and answers nothing itself: answers are in the lake next time.

    Attributes:
        book: What is under way already.
        spool: Where requests go; None when nothing is to be sent any more.
        reserve: Pays for what goes into jobs; the run stops when it cannot.
        online: Who is asked where the remainder goes online; None otherwise.
    """

    book: Book
    spool: Spool | None
    reserve: Reserve | None = None
    online: Road | None = None

    def holds(self, custom_id: str) -> bool:
        """Whether a job is under way with this request."""
        return custom_id in self.book.waiting

    async def ask(self, request: Request, journal: Journal, tally: Tally, halt: Halt) -> Answer | None:
        """None, the answer being on its way; or that of whoever is asked instead.

        Raises:
            RequestRejected: A job has shown that the service refuses this request.
            ServiceBusy: Jobs have left it without an answer, and no other is to be made.
        """
        custom_id = request.custom_id
        if halt.requested:
            return None
        left = self.book.left(custom_id)
        if left is not None and left.is_final:
            raise rejection(left.reason, left.status, ErrorBody(left.reason, ""))
        if self.online is not None:
            return await self.online.ask(request, journal, tally, halt)
        if self.spool is None or self.book.tries(custom_id) >= TRIES or (left is not None and left.given_up):
            raise ServiceBusy(left.reason if left is not None else "no batch job was made for it")
        try:
            if self.reserve is not None:
                self.reserve.take(request)
        except BudgetSpent as spent:
            halt.refuse(spent)
            return None
        self.spool.add(request)
        self.book.waiting.add(custom_id)
        tally.requests += 1
        return None
