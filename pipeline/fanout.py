"""Many at once, but only so many, and only until told to stop."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import TypeVar

from pipeline.errors import Category, DocumentError, PagelakeError
from pipeline.records import Failure

A = TypeVar("A")
B = TypeVar("B")


class Halt:
    """Whether a run shall begin nothing new. What is in flight is always waited for.

    Attributes:
        refusal: Why the run cannot go on; None when a person stopped it, or nobody.
    """

    def __init__(self, asked: asyncio.Event | None = None) -> None:
        self._asked = asked or asyncio.Event()
        self._refused = asyncio.Event()
        self.refusal: PagelakeError | None = None

    @property
    def requested(self) -> bool:
        """Whether to begin nothing new."""
        return self._asked.is_set() or self._refused.is_set()

    def explains(self, failure: Failure | DocumentError) -> bool:
        """Whether a page is rather to be left for the next run: who stops a run may end its workers too."""
        return self.requested and failure.category is Category.CRASHED

    async def wait(self) -> None:
        """Return when nothing new is to be begun."""
        either = [asyncio.ensure_future(event.wait()) for event in (self._asked, self._refused)]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in either:
                one.cancel()

    def refuse(self, refusal: PagelakeError) -> None:
        """Stop because nothing more can be asked; the first reason is kept."""
        self.refusal = self.refusal or refusal
        self._refused.set()


class Budget:
    """So many bytes at once. Waiters are served in order, so that a large one is not starved.

    Something larger than the whole budget passes when nothing else is held.
    """

    def __init__(self, size_bytes: int) -> None:
        self._size = size_bytes
        self._held = 0
        self._waiters: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def acquire(self, amount: int) -> None:
        """Wait until `amount` bytes are free, and hold them."""
        if not self._waiters and self._fits(amount):
            self._held += amount
            return
        waiter = (amount, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            await waiter[1]
        except asyncio.CancelledError:
            self._withdraw(waiter)
            raise

    def release(self, amount: int) -> None:
        """Give `amount` bytes back."""
        self._held -= amount
        self._serve()

    def _fits(self, amount: int) -> bool:
        return self._held == 0 or self._held + amount <= self._size

    def _serve(self) -> None:
        while self._waiters and self._fits(self._waiters[0][0]):
            amount, waiter = self._waiters.popleft()
            if not waiter.done():
                self._held += amount
                waiter.set_result(None)

    def _withdraw(self, waiter: tuple[int, asyncio.Future[None]]) -> None:
        if waiter in self._waiters:
            self._waiters.remove(waiter)
            self._serve()
        elif waiter[1].done() and not waiter[1].cancelled():
            self.release(waiter[0])  # served and cancelled in the same turn of the loop


async def in_order(
    do: Callable[[A], Awaitable[B]], items: Iterable[A], group: asyncio.TaskGroup, *, width: int
) -> AsyncIterator[B]:
    """Results of `do` in the order of `items`, with at most `width` of them begun ahead of the reader."""
    ahead: deque[asyncio.Task[B]] = deque()
    for item in items:
        ahead.append(group.create_task(_run(do, item)))
        if len(ahead) >= width:
            yield await ahead.popleft()
    while ahead:
        yield await ahead.popleft()


async def _run(do: Callable[[A], Awaitable[B]], item: A) -> B:
    return await do(item)
