"""A fixed cap on requests and tokens a minute, where a user sets one."""

from collections.abc import Callable
from dataclasses import dataclass

_MINUTE_S = 60.0
_BURST_S = 2.0
"""So many seconds' worth may go out at once after a pause; a minute's worth at once would be no cap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """What is asked at most, in a minute.

    Attributes:
        requests_per_minute: HTTP requests, those that fail included; None for no cap.
        tokens_per_minute: Prompt and answer tokens; None for no cap.
    """

    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None


class Allowance:
    """What is left of the caps.

    Tokens are known only when an answer is in, so a request in flight counts with the mean of those before.

    Args:
        caps: The caps.
        clock: Seconds that only go forward.
    """

    def __init__(self, caps: Caps, clock: Callable[[], float]) -> None:
        self._requests = _Bucket(caps.requests_per_minute, clock)
        self._tokens = _Bucket(caps.tokens_per_minute, clock)
        self._answers = self._counted = 0

    def wait_s(self, in_flight: int) -> float:
        """Seconds until one more request is within the caps, given how many are in flight; at least 0."""
        mean = self._counted / self._answers if self._answers else 0.0
        return max(self._requests.wait_s(1.0), self._tokens.wait_s((in_flight + 1) * mean))

    def begun(self) -> None:
        """To be called when a request goes out."""
        self._requests.take(1.0)

    def used(self, tokens: int) -> None:
        """To be called with the tokens of an answer."""
        self._answers += 1
        self._counted += tokens
        self._tokens.take(tokens)


class _Bucket:
    """Fills steadily up to a burst; may be overdrawn, and is then waited for."""

    def __init__(self, per_minute: float | None, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._per_s = per_minute / _MINUTE_S if per_minute else None
        self._full = max(1.0, (self._per_s or 0.0) * _BURST_S)
        self._level, self._at_s = self._full, clock()

    def wait_s(self, amount: float) -> float:
        """Seconds until `amount` is there; of what can never be there, the whole bucket is enough."""
        if self._per_s is None:
            return 0.0
        return max(0.0, (min(amount, self._full) - self._filled()) / self._per_s)

    def take(self, amount: float) -> None:
        if self._per_s is not None:
            self._level, self._at_s = self._filled() - amount, self._clock()

    def _filled(self) -> float:
        passed_s = self._clock() - self._at_s
        return min(self._full, self._level + passed_s * (self._per_s or 0.0))
