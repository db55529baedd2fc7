"""Whether the service is there at all. While it is not, one request at a time goes out to see."""

from collections.abc import Callable

OPENS_AFTER = 8
"""Failures in a row, without an answer between them, that are an outage; one request alone has 6 attempts."""
_FIRST_PROBE_S = 1.0
_PROBE_MAX_S = 30.0


class Breaker:
    """Counts failures in a row and spaces the probes of an outage.

    Args:
        clock: Seconds that only go forward.
        dice: A number from 0 to 1, drawn anew at each call, so that several processes do not probe together.

    Attributes:
        ever_answered: Whether the service has answered anything yet.
    """

    def __init__(self, *, clock: Callable[[], float], dice: Callable[[], float]) -> None:
        self._clock, self._dice = clock, dice
        self._failures = 0
        self._first_failure_s = clock()
        self._next_probe_s = clock()
        self.ever_answered = False

    @property
    def is_open(self) -> bool:
        """Whether there is an outage."""
        return self._failures >= OPENS_AFTER

    @property
    def lasted_s(self) -> float:
        """Seconds since the first failure after the last answer; 0 when the last request was answered."""
        return self._clock() - self._first_failure_s if self._failures else 0.0

    def wait_s(self) -> float:
        """Seconds until the next request may go out, at least 0."""
        return max(0.0, self._next_probe_s - self._clock()) if self.is_open else 0.0

    def answered(self) -> None:
        """To be called when a request was answered, be it with a refusal."""
        self._failures = 0
        self.ever_answered = True

    def failed(self) -> None:
        """To be called when no answer came: a lost connection, a time-out, an overloaded service."""
        if not self._failures:
            self._first_failure_s = self._clock()
        self._failures += 1
        if self.is_open:
            doublings = min(self._failures - OPENS_AFTER, 16)
            whole = min(_FIRST_PROBE_S * 2.0**doublings, _PROBE_MAX_S)
            self._next_probe_s = self._clock() + whole * (1 + self._dice()) / 2
