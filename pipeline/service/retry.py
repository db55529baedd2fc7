"""Whether to ask again, and after how long. Nothing here waits."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.errors import ServiceBusy

TOO_MANY = 429
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How often one request is asked, and how patiently.

    Attributes:
        attempts: Requests that may fail by a lost connection, a time-out or an overloaded service.
        server_errors: How many of them may be a 500, which seldom mends itself.
        backoff_s: Wait after the first failure; it doubles with each.
        backoff_max_s: Longest of these waits.
        rate_limit_patience_s: How long nothing but 429 is borne; these cost no attempt.
        outage_patience_s: How long a service that has answered before may answer nobody; what is tried
            meanwhile costs no attempt.
        unanswered_patience_s: The same of a service that has never answered: its URL may be wrong.
    """

    attempts: int = 6
    server_errors: int = 3
    backoff_s: float = 1.0
    backoff_max_s: float = 30.0
    rate_limit_patience_s: float = 900.0
    outage_patience_s: float = 900.0
    unanswered_patience_s: float = 60.0

    def bears(self, error: ServiceBusy) -> bool:
        """Whether the service may ask for as long a wait as it does."""
        longest_s = self.rate_limit_patience_s if error.status == TOO_MANY else self.outage_patience_s
        return error.retry_after_s is None or error.retry_after_s <= longest_s

    def outage_patience(self, *, ever_answered: bool) -> float:
        """Seconds that an outage is borne."""
        if ever_answered:
            return self.outage_patience_s
        return min(self.outage_patience_s, self.unanswered_patience_s)


class Patience:
    """What is left of the budget of one request.

    Args:
        retries: The budget.
        clock: Seconds that only go forward.
        dice: A number from 0 to 1, drawn anew at each call, so that requests that failed together part.
    """

    def __init__(self, retries: Retries, *, clock: Callable[[], float], dice: Callable[[], float]) -> None:
        self._retries, self._clock, self._dice = retries, clock, dice
        self._failed = self._server_errors = self._limited = 0
        self._limited_since_s = 0.0

    def wait_s(self, error: Exception) -> float | None:
        """Seconds to wait before asking again; None when it is over. To be called once for each failure."""
        if not isinstance(error, ServiceBusy):
            return None
        return self._after_limit(error) if error.status == TOO_MANY else self._after_failure(error)

    def _after_limit(self, error: ServiceBusy) -> float | None:
        now = self._clock()
        if not self._limited:
            self._limited_since_s = now
        self._limited += 1
        wait = self._wait(error, self._limited)
        spent = now + wait - self._limited_since_s
        return wait if spent <= self._retries.rate_limit_patience_s else None

    def _after_failure(self, error: ServiceBusy) -> float | None:
        self._limited = 0
        self._failed += 1
        self._server_errors += error.status == _SERVER_ERROR
        if self._failed >= self._retries.attempts or self._server_errors >= self._retries.server_errors:
            return None
        return self._wait(error, self._failed)

    def _wait(self, error: ServiceBusy, nth: int) -> float:
        """What the service asks for, else between half and all of the n-th backoff."""
        if error.retry_after_s is not None:
            return error.retry_after_s
        whole = min(self._retries.backoff_s * 2.0 ** min(nth - 1, 32), self._retries.backoff_max_s)
        return whole * (1 + self._dice()) / 2
