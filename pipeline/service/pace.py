"""When the service may be asked."""

from collections.abc import Callable


class Hold:
    """Until when nothing may be asked, because the service said so to one request.

    Args:
        clock: Seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until_s = clock()

    def extend(self, seconds: float) -> None:
        """Ask nothing for so many seconds from now; a longer hold that is on stays."""
        self._until_s = max(self._until_s, self._clock() + seconds)

    def left_s(self) -> float:
        """Seconds still to wait, at least 0."""
        return max(0.0, self._until_s - self._clock())
