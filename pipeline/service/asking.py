"""The one loop that asks the service again."""

import contextlib
import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import stamina

from pipeline.errors import RequestRejected, ServiceBusy, ServiceDown, ServiceError, ServiceRefused
from pipeline.service.gate import Gate
from pipeline.service.pace import Permit
from pipeline.service.retry import TOO_MANY, Patience, Retries

T = TypeVar("T")
OnAttempt = Callable[[], contextlib.AbstractAsyncContextManager[None]]

log = logging.getLogger(__name__)
# stamina warns at every wait; in a storm of 429 these are thousands of lines, and ours below say more.
logging.getLogger("stamina").setLevel(logging.ERROR)


async def ask(
    exchange: Callable[[], Awaitable[T]],
    *,
    gate: Gate,
    retries: Retries,
    on_attempt: OnAttempt = contextlib.nullcontext,
    tokens: Callable[[T], int] = lambda _result: 0,
) -> tuple[T, int]:
    """What `exchange` returns in the end, and how often it was called.

    Args:
        exchange: Asks once.
        gate: Lets each attempt through; its pace learns how it went.
        retries: How often and how patiently.
        on_attempt: Entered for each time; what it raises on entry keeps the request from going out.
        tokens: Tokens that a result used.

    Raises:
        ServiceError: The last one, when the budget is used up or asking again is no use, with its attempts.
        Closed: The gate was closed while this waited.
    """
    asking = _Asking(exchange, gate, retries, on_attempt, tokens)
    try:
        async for attempt in stamina.retry_context(on=asking.again, attempts=None, timeout=None):
            with attempt:
                return await asking.once(), asking.attempts
    except ServiceError as error:
        error.attempts = asking.attempts
        raise
    raise AssertionError("stamina either returns or raises")


class _Asking(Generic[T]):
    """One request on its way, however often it is sent."""

    def __init__(
        self,
        exchange: Callable[[], Awaitable[T]],
        gate: Gate,
        retries: Retries,
        on_attempt: OnAttempt,
        tokens: Callable[[T], int],
    ) -> None:
        self._gate, self._pace = gate, gate.pace
        self._exchange, self._on_attempt, self._tokens = exchange, on_attempt, tokens
        self._retries = retries
        self._patience = Patience(retries, clock=time.monotonic, dice=random.random)
        self._was_probe = False
        self.attempts = 0

    async def once(self) -> T:
        """The result of one attempt, made when the gate lets it through."""
        permit = await self._gate.enter()
        self._was_probe = permit.probe
        try:
            return await self._through(permit)
        finally:
            self._gate.serve()

    async def _through(self, permit: Permit) -> T:
        try:
            async with self._on_attempt():
                self.attempts += 1
                result = await self._exchange()
        except ServiceBusy as error:
            self._tell(permit, error)
            raise
        except (RequestRejected, ServiceRefused):
            self._pace.answered(permit)
            raise
        except BaseException:
            self._pace.withdrawn(permit)
            raise
        self._pace.answered(permit, self._tokens(result))
        return result

    def _tell(self, permit: Permit, error: ServiceBusy) -> None:
        if error.status == TOO_MANY:
            self._pace.limited(permit, error.retry_after_s, backoff_s=self._retries.backoff_s)
        else:
            self._pace.failed(permit, error.retry_after_s)
        if not self._retries.bears(error):
            raise ServiceDown(
                f"the service wants not to be asked for {_spelt(error.retry_after_s)} ({error}); "
                "run the same command again then"
            ) from error
        if error.status != TOO_MANY and self._is_down():
            raise self._down(error) from error

    def _is_down(self) -> bool:
        breaker = self._pace.breaker
        patience_s = self._retries.outage_patience(ever_answered=breaker.ever_answered)
        return breaker.is_open and breaker.lasted_s > patience_s

    def _down(self, error: ServiceBusy) -> ServiceDown:
        breaker = self._pace.breaker
        check = "" if breaker.ever_answered else "check the base URL, or "
        return ServiceDown(
            f"the service has not answered for {breaker.lasted_s:.0f} s ({error}); "
            f"{check}run the same command again later"
        )

    def again(self, error: Exception) -> bool | float:
        """What stamina asks after a failure: no, or yes after so many seconds.

        Where everybody waits, for a rate limit or an outage to end, the gate does the waiting.
        """
        if self._was_probe and isinstance(error, ServiceBusy):
            return 0.0
        wait_s = self._patience.wait_s(error)
        if wait_s is None:
            return False
        log.debug("asking again in %.1f s: %s", wait_s, error)
        return 0.0 if isinstance(error, ServiceBusy) and error.retry_after_s else wait_s


def _spelt(seconds: float | None) -> str:
    """A long time as a person says it."""
    for unit, unit_s in (("days", 86_400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds and seconds >= 2 * unit_s:
            return f"{seconds / unit_s:.0f} {unit}"
    return f"{seconds or 0:.0f} s"
