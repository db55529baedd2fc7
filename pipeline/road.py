"""What the roads have in common: requests in, answers out."""

from typing import Protocol

from pipeline.fanout import Halt
from pipeline.records import Answer, Request
from pipeline.store.journal import Journal
from pipeline.tally import Tally


class Road(Protocol):
    """A way to get an answer."""

    def holds(self, custom_id: str) -> bool:
        """Whether the answer to a request is on its way already, so that it is not to be asked again."""
        ...

    async def ask(self, request: Request, journal: Journal, tally: Tally, halt: Halt) -> Answer | None:
        """The answer to a request; None when there is none yet and its pages are to stay open.

        Raises:
            ServiceBusy: The service gave no answer.
            RequestRejected: The service refuses this request.
        """
        ...
