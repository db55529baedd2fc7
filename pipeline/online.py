"""The online road: requests in, answers out, many in flight at once against chat completions."""

import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from pipeline.cost import Prices
from pipeline.doubts import Doubt
from pipeline.errors import BudgetSpent, PagelakeError, ServiceError, ServiceRefused
from pipeline.fanout import Halt
from pipeline.logged import about
from pipeline.purse import Purse
from pipeline.records import Answer, Request
from pipeline.requests import encode
from pipeline.service.chat import complete
from pipeline.service.client import Client
from pipeline.service.gate import Closed, Gate
from pipeline.service.retry import Retries
from pipeline.store.journal import Journal
from pipeline.tally import Tally

ROAD = "online"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineRoad:
    """Asks one request at a time for each caller, and as many for all of them as the service bears.

    Attributes:
        client: Where to ask.
        gate: Closed when the run is told to stop.
        schema: Name of the record type.
        model: Id of the model.
        purse: Pays for each answer; the run stops when it cannot.
    """

    client: Client
    gate: Gate
    schema: str
    model: str
    retries: Retries
    prices: Prices | None
    purse: Purse

    def holds(self, _custom_id: str) -> bool:
        """False: what was asked online is answered, or it is not."""
        return False

    async def ask(self, request: Request, journal: Journal, tally: Tally, halt: Halt) -> Answer | None:
        """The answer to a request, or None when the run was told to stop before there was one.

        A stop waits for an answer that is on its way, but does not ask again for one that failed.

        Raises:
            ServiceBusy: The service gave no answer in the attempts and the time allowed.
            RequestRejected: The service refuses this request.
        """
        attempts = _Attempts(request, journal, tally, halt, self.purse)
        try:
            async with self.purse.pay(request) as payment:
                answer = await self._complete(request, tally, attempts)
                payment.usage = answer.completion.usage
                return answer
        except (Closed, _Stopped):
            attempts.give_up()
            return None
        except (ServiceRefused, BudgetSpent) as refusal:
            attempts.give_up()
            halt.refuse(refusal)
            return None
        except PagelakeError:
            attempts.give_up()
            raise

    async def _complete(self, request: Request, tally: Tally, attempts: "_Attempts") -> Answer:
        completion = await complete(
            self.client,
            lambda: encode(request),
            gate=self.gate,
            retries=self.retries,
            on_attempt=attempts.attempt,
        )
        usage = completion.usage
        cost = self.prices.of(usage) if self.prices else None
        tally.prompt_tokens += usage.prompt_tokens
        tally.completion_tokens += usage.completion_tokens
        tally.cached_tokens += usage.cached_tokens
        if cost is not None:
            tally.cost = (tally.cost or 0.0) + float(cost)
        return Answer(
            custom_id=request.custom_id,
            schema=self.schema,
            doc_id=request.doc_id,
            pages=request.pages,
            partial=request.partial,
            model=self.model,
            road=ROAD,
            completion=completion,
            cost=cost,
            received_at=time.time(),
        )


class _Stopped(Exception):
    """The run was told to stop before this attempt."""


@dataclass(slots=True)
class _Attempts:
    """What is noted of one request: that it is sent, before it is, and that it was in vain."""

    request: Request
    journal: Journal
    tally: Tally
    halt: Halt
    purse: Purse
    begun: bool = False

    @contextlib.asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """To be around each HTTP request.

        Raises:
            _Stopped: It is not to be made.
        """
        if self.halt.requested:
            raise _Stopped
        if not self.begun:
            await self.journal.sent(self._doubt())
            self.tally.requests += 1
            self.begun = True
        self.tally.in_flight += 1
        try:
            with about(request=self.request.custom_id):
                yield
        except ServiceError as error:
            if error.in_doubt:
                self.tally.lost.append(self._doubt())
                self.journal.lost(self._doubt())
            raise
        finally:
            self.tally.in_flight -= 1

    def give_up(self) -> None:
        """To be called when no answer came and none is waited for."""
        if self.begun:
            self.journal.gave_up(self.request.custom_id)

    def _doubt(self) -> Doubt:
        """What is known of the request as long as it has no answer."""
        cost = self.purse.most(self.request)
        return Doubt(
            custom_id=self.request.custom_id,
            doc_id=self.request.doc_id,
            pages=self.request.pages,
            possible_cost=None if cost is None else float(cost),
        )
