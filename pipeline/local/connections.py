"""Connections to the server: so many at once, and none that waits for its caller for long."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class Connection(H11Protocol):
    """Uvicorn's, which is closed when its caller neither sends nor takes what is due.

    When there are too many, the one that has waited for its caller longest goes, not the one that asks.

    Attributes:
        most: Connections at once; well below the 1,024 files that a process may usually have open.
        patience_s: Seconds in which a request has to come whole, or its next `piece_bytes`, and in which what
            fills the buffers of an answer has to be taken.
        piece_bytes: So much of a body buys its caller another `patience_s`.
    """

    most = 512
    patience_s = 30.0
    piece_bytes = 2**20
    _timer: asyncio.TimerHandle | None = None
    _received = 0

    @property
    def awaits_caller(self) -> bool:
        """Whether nothing can be done here before the caller does something."""
        return self.flow.write_paused or self.conn.their_state in (h11.IDLE, h11.SEND_BODY)

    @property
    def _is_answered(self) -> bool:
        cycle: object = self.cycle  # None before the first request
        return bool(getattr(cycle, "response_complete", False))

    @property
    def gives_up_at(self) -> float:
        """On the clock of the loop."""
        return self._timer.when() if self._timer else float("inf")

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait_anew()
        if len(self.connections) > self.most:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        """Take it, and wait on where it was not all."""
        super().data_received(data)
        self._received += len(data)
        if not self.awaits_caller:
            self._stop_waiting()
        elif self._timer is None or (self._received >= self.piece_bytes and not self._is_answered):
            self._wait_anew()

    def pause_writing(self) -> None:
        """The caller does not take the answer."""
        super().pause_writing()
        self._wait_anew()

    def resume_writing(self) -> None:
        """It does."""
        super().resume_writing()
        self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait_anew(self) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(self.patience_s, self._give_up)

    def _stop_waiting(self) -> None:
        self._received = 0
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        if self.flow.read_paused and not self.flow.write_paused:  # we are behind, not the caller
            self._wait_anew()
        else:
            self.transport.abort()

    def _make_room(self) -> None:
        known = [one for one in self.connections if isinstance(one, Connection)]
        kept = [one for one in known if not one.transport.is_closing()]  # the others are about to go
        if len(kept) > self.most:
            waiting = [one for one in kept if one.awaits_caller and one is not self] or [self]
            min(waiting, key=lambda one: one.gives_up_at).transport.abort()
