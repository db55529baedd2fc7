"""The online road: requests in, answers out, many in flight at once against chat completions."""

import asyncio
import time
from dataclasses import dataclass

from pipeline.cost import Prices
from pipeline.errors import ServiceError, ServiceRefused
from pipeline.fanout import Halt
from pipeline.records import Answer, Request
from pipeline.requests import encode
from pipeline.service.chat import complete
from pipeline.service.client import Client
from pipeline.service.retry import Retries
from pipeline.store.journal import Journal
from pipeline.summary import Tally

ROAD = "online"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineRoad:
    """Asks one request at a time for each caller, and at most so many for all of them.

    Attributes:
        client: Where to ask.
        schema: Name of the record type.
        model: Id of the model.
        slots: As many as there may be requests in flight.
    """

    client: Client
    schema: str
    model: str
    retries: Retries
    prices: Prices | None
    slots: asyncio.Semaphore

    async def ask(self, request: Request, journal: Journal, tally: Tally, halt: Halt) -> Answer | None:
        """The answer to a request, or None when the run was told to stop before it was sent.

        Raises:
            ServiceBusy: The service gave no answer in the attempts and the time allowed.
            RequestRejected: The service refuses this request.
        """
        async with self.slots:
            if halt.requested:
                return None
            tally.requests += 1
            tally.in_flight += 1
            journal.sent(request.custom_id)
            try:
                return await self._complete(request, tally)
            except ServiceRefused as refusal:
                journal.gave_up(request.custom_id)
                halt.refuse(refusal)
                return None
            except ServiceError:
                journal.gave_up(request.custom_id)
                raise
            finally:
                tally.in_flight -= 1

    async def _complete(self, request: Request, tally: Tally) -> Answer:
        completion = await complete(self.client, lambda: encode(request), retries=self.retries)
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
