"""How many requests may be at the service at once, and when. Nothing here waits or asks."""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.service.allowance import Allowance, Caps
from pipeline.service.breaker import Breaker
from pipeline.service.hold import Hold

_START = 8
"""Requests in flight to begin with, or a quarter of the ceiling where that is more."""
_SHRINK = 0.8
_COOLDOWN_S = 5.0
"""No growth for so long after a rate limit or a failure."""
_DOUBLINGS = 5
"""Of the wait that is made up where the service names none."""
_SILENT_S = 2.0
"""So long without an answer to anybody is worth telling."""
_KEPT = 500
_UNTIL_SOMETHING_ENDS = math.inf


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the limit.

    Attributes:
        at_s: When, by the pace's clock.
        limit: Requests in flight from then on.
        reason: `start`, `growth`, `rate limit`, `outage` or `recovery`.
    """

    at_s: float
    limit: int
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Permit:
    """Leave for one HTTP request.

    Attributes:
        begun_s: When it was given.
        probe: Whether it goes out during an outage, to see; its failure is nobody's fault.
    """

    begun_s: float
    probe: bool


class Pace:
    """As many requests as the service bears: more while all is well, fewer when it says that it is too much.

    As in TCP, the limit doubles with each round of answers until the first trouble, then grows by one. A 429
    takes a fifth of it, once for all requests that were under way together. Several processes that share a
    quota find their shares so without knowing of each other. A Retry-After is everybody's, and a few requests
    find out whether it was long enough. Where there is none, and nothing but 429 comes, it is made up.

    Args:
        ceiling: Most requests in flight, whatever the service bears; at least 1.
        caps: What is asked at most in a minute.
        clock: Seconds that only go forward.
        dice: A number from 0 to 1, drawn anew at each call.
        on_change: Called with each change of the limit that the history keeps.

    Attributes:
        in_flight: Permits that are out.
        history: The latest changes of the limit, oldest first.
        breaker: Whether the service is there.
        hold: How long it asked not to be asked.
    """

    def __init__(
        self,
        ceiling: int,
        *,
        clock: Callable[[], float],
        dice: Callable[[], float],
        caps: Caps | None = None,
        on_change: Callable[[Change], None] = lambda _change: None,
    ) -> None:
        self._clock, self._ceiling, self._on_change = clock, ceiling, on_change
        self._start = min(ceiling, max(_START, ceiling // 4))
        self._limit = float(self._start)
        self._doubling = True
        self._no_growth_until_s = self._shrunk_s = self._full_s = -math.inf
        self._dice = dice
        self._in_vain = 0
        self._allowance = Allowance(caps or Caps(), clock)
        self.breaker = Breaker(clock=clock, dice=dice)
        self.hold = Hold(clock=clock, dice=dice)
        self.in_flight = 0
        self.history: deque[Change] = deque([Change(clock(), self._start, "start")], maxlen=_KEPT)

    @property
    def limit(self) -> int:
        """Requests that may be in flight now; a lone probe during an outage."""
        return 1 if self.breaker.is_open else int(self._limit)

    @property
    def waiting(self) -> str:
        """What all requests wait for, in words; empty when that is nothing."""
        silent_s, left_s = self.breaker.lasted_s, self.hold.left_s
        if silent_s >= _SILENT_S:
            return f"the service has not answered for {silent_s:.0f} s"
        return f"waiting {math.ceil(left_s)} s, as the service asks" if left_s else ""

    def wait_s(self) -> float:
        """Seconds until a request may go out: 0 for now, infinity for when one in flight has ended."""
        if self.in_flight >= self.limit:
            return _UNTIL_SOMETHING_ENDS
        return max(self.hold.wait_s(), self.breaker.wait_s(), self._allowance.wait_s(self.in_flight))

    def begin(self) -> Permit:
        """Leave for a request that goes out now, to be given back by one of the calls below."""
        self.in_flight += 1
        self._allowance.begun()
        self.hold.begun()
        if self.in_flight >= self.limit:
            self._full_s = self._clock()
        return Permit(self._clock(), self.breaker.is_open)

    def answered(self, permit: Permit, tokens: int = 0) -> None:
        """An answer came, of so many tokens; or a refusal of this one request, of none."""
        self.in_flight -= 1
        if tokens:
            self._allowance.used(tokens)
        self._there()
        self._in_vain = 0
        self.hold.answered(permit.begun_s)
        # Only where the limit was reached while this one was out does its answer show that more would do.
        was_full = self._full_s >= permit.begun_s and not permit.probe
        if was_full and self._clock() >= self._no_growth_until_s:
            self._grow()

    def limited(self, permit: Permit, retry_after_s: float | None = None, *, backoff_s: float = 1.0) -> None:
        """The service said that it is too much.

        Args:
            permit: Of the request that it said so to.
            retry_after_s: For how long nothing is to be asked, where it says so.
            backoff_s: The same where it does not and has answered nothing since it said so last; it doubles.
        """
        now = self._clock()
        self._there()
        self._doubling = False
        if permit.begun_s > self._shrunk_s:
            self._shrunk_s = now
            self._in_vain += 1
            self._set(self._shrunk(), "rate limit")
            retry_after_s = self._made_up_s(backoff_s) if retry_after_s is None else retry_after_s
        if retry_after_s:
            self.hold.ask_for(retry_after_s)
        self._no_growth_until_s = max(self.hold.until_s, now + _COOLDOWN_S)
        self.in_flight -= 1

    def failed(self, permit: Permit, retry_after_s: float | None = None) -> None:  # noqa: ARG002 - as the others
        """No answer came, or a service that is overloaded."""
        was_open = self.breaker.is_open
        self.in_flight -= 1
        self.breaker.failed()
        self._doubling = False
        if retry_after_s:
            self.hold.ask_for(retry_after_s)
        self._no_growth_until_s = self._clock() + _COOLDOWN_S
        if self.breaker.is_open and not was_open:
            self._note("outage")

    def withdrawn(self, permit: Permit) -> None:  # noqa: ARG002 - as the others
        """The request did not go out, or nobody waited for its end."""
        self.in_flight -= 1

    def _shrunk(self) -> float:
        """A fifth less than what was out, or than half of the limit: rates are limited as well as numbers.

        What was out to see tells nothing new while it is alone.
        """
        if self.hold.has_one_out:
            return self._limit
        out = min(self._limit, max(self.in_flight, self._limit / 2))
        return max(1.0, out * _SHRINK)

    def _made_up_s(self, backoff_s: float) -> float:
        """Seconds to ask nothing though nobody said so: none after the first 429, then more and more."""
        if self._in_vain == 1:
            return 0.0
        return backoff_s * 2.0 ** min(self._in_vain - 2, _DOUBLINGS) * (1 + self._dice()) / 2

    def _there(self) -> None:
        was_open = self.breaker.is_open
        self.breaker.answered()
        if was_open:
            self._doubling = True
            self._no_growth_until_s = -math.inf
            self._set(float(self._start), "recovery")

    def _grow(self) -> None:
        grown = min(float(self._ceiling), self._limit + (1 if self._doubling else 1 / self._limit))
        self._limit = grown
        last = self.history[-1]
        if self.limit >= 2 * last.limit or (self.limit == self._ceiling > last.limit):
            self._note("growth")

    def _set(self, limit: float, reason: str) -> None:
        self._limit = limit
        self._note(reason)

    def _note(self, reason: str) -> None:
        change = Change(self._clock(), self.limit, reason)
        self.history.append(change)
        self._on_change(change)
