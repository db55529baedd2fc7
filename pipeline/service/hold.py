"""What the service asked for when it asked not to be asked. Afterwards a few requests go first, to see."""

import math
from collections.abc import Callable

_LATER = 0.1
"""Up to such a share longer than was asked for, so that all who were told the same do not come together."""
STEP_S = 0.5
"""A 429 costs no thinking, so it comes at once: silence for so long lets as many more go as went before."""


class Hold:
    """A time in which nobody asks, and a slow start after it.

    When it is over one request goes out, half a second later another, then two, four, eight; the first answer
    to one of them lets all go. Otherwise a service that says the same to everybody for half a minute would
    hear everybody after each Retry-After.

    Args:
        clock: Seconds that only go forward.
        dice: A number from 0 to 1, drawn anew at each call.
    """

    def __init__(self, *, clock: Callable[[], float], dice: Callable[[], float]) -> None:
        self._clock, self._dice = clock, dice
        self._until_s = -math.inf
        self._later = 0.0
        self._gone = 0
        self._is_seeing = False

    @property
    def until_s(self) -> float:
        """When it ends or has ended, by the clock."""
        return self._until_s

    @property
    def left_s(self) -> float:
        """Seconds until it ends, at least 0."""
        return max(0.0, self._until_s - self._clock())

    @property
    def has_one_out(self) -> bool:
        """Whether one request at most went out to see; a 429 now says nothing of how many are borne."""
        return self._is_seeing and self._gone <= 1

    def ask_for(self, seconds: float) -> None:
        """Begin it, or let it last longer; what was asked for before is not made shorter."""
        if not self.left_s:
            self._later = 1 + _LATER * self._dice()
        self._until_s = max(self._until_s, self._clock() + seconds * self._later)
        self._gone, self._is_seeing = 0, True

    def wait_s(self) -> float:
        """Seconds until one more request may go out, at least 0."""
        if not self._is_seeing:
            return 0.0
        # The request after 2**n others goes n + 1 steps after the first.
        return max(0.0, self._until_s + self._gone.bit_length() * STEP_S - self._clock())

    def begun(self) -> None:
        """To be called when a request goes out."""
        self._gone += 1

    def answered(self, begun_s: float) -> None:
        """To be called when a request that went out then was answered, but not with a 429."""
        if begun_s >= self._until_s:
            self._is_seeing = False
