"""The one loop that asks the service again."""

import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import stamina

from pipeline.errors import ServiceBusy, ServiceError
from pipeline.service.client import Client
from pipeline.service.retry import TOO_MANY, Patience, Retries

T = TypeVar("T")

log = logging.getLogger(__name__)
# stamina warns at every wait; in a storm of 429 these are thousands of lines, and ours below say more.
logging.getLogger("stamina").setLevel(logging.ERROR)


async def ask(
    client: Client,
    exchange: Callable[[], Awaitable[T]],
    *,
    retries: Retries,
    on_attempt: Callable[[], None] | None = None,
) -> tuple[T, int]:
    """What `exchange` returns in the end, and how often it was called.

    Args:
        client: Whose hold is kept to, and extended when the service asks for a pause.
        exchange: Asks once.
        retries: How often and how patiently.
        on_attempt: Called right before each time.

    Raises:
        ServiceError: The last one, when the budget is used up or asking again is no use, with its attempts.
    """
    patience = Patience(retries, clock=time.monotonic, dice=random.random)
    attempts = 0
    try:
        async for attempt in stamina.retry_context(on=_hook(client, patience), attempts=None, timeout=None):
            with attempt:
                await client.ready()
                attempts += 1
                if on_attempt:
                    on_attempt()
                return await exchange(), attempts
    except ServiceError as error:
        error.attempts = attempts
        raise
    raise AssertionError("stamina either returns or raises")


def _hook(client: Client, patience: Patience) -> Callable[[Exception], bool | float]:
    """What stamina asks after a failure: no, or yes after so many seconds."""

    def again(error: Exception) -> bool | float:
        wait_s = patience.wait_s(error)
        if wait_s is None:
            return False
        if isinstance(error, ServiceBusy) and error.status == TOO_MANY and error.retry_after_s:
            client.hold.extend(wait_s)
        log.debug("asking again in %.1f s: %s", wait_s, error)
        return wait_s

    return again
