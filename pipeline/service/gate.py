"""Where requests wait until the pace lets them go, first come, first served."""

import asyncio
import math
from collections import deque

from pipeline.service.pace import Pace, Permit


class Closed(Exception):
    """Nothing more is to be asked."""


class Gate:
    """Waiting, as `Pace` says.

    Args:
        pace: How many at once, and when.

    Attributes:
        pace: The same; whoever got a permit gives it back there, and then calls `serve`.
    """

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self._waiting: deque[asyncio.Future[Permit]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False

    async def enter(self) -> Permit:
        """Leave for one request, as soon as there is.

        Raises:
            Closed: There will be none.
        """
        if self._is_closed:
            raise Closed
        if not self._waiting and self.pace.wait_s() <= 0:
            return self.pace.begin()
        place: asyncio.Future[Permit] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        self.serve()
        try:
            return await place
        except asyncio.CancelledError:
            self._abandon(place)
            raise

    def serve(self) -> None:
        """Let those go whose turn it is. To be called whenever a permit was given back."""
        while self._waiting:
            wait_s = self.pace.wait_s()
            if wait_s > 0:
                self._come_back(wait_s)
                return
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(self.pace.begin())

    def close(self) -> None:
        """Turn away who waits, and who comes."""
        self._is_closed = True
        self._set_timer(None)
        for place in self._waiting:
            if not place.done():
                place.set_exception(Closed())
        self._waiting.clear()

    def _come_back(self, wait_s: float) -> None:
        if math.isfinite(wait_s):
            self._set_timer(asyncio.get_running_loop().call_later(wait_s, self.serve))

    def _set_timer(self, timer: asyncio.TimerHandle | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = timer

    def _abandon(self, place: "asyncio.Future[Permit]") -> None:
        if place.done() and not place.cancelled() and place.exception() is None:
            self.pace.withdrawn(place.result())  # served and cancelled in the same turn of the loop
        elif place in self._waiting:
            self._waiting.remove(place)
        self.serve()
