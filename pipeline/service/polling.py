"""Looking again and again at something that takes its time at the service."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from pipeline.errors import ServiceBusy

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """How often to look, and for how long.

    Attributes:
        first_s: Seconds between the first look and the second.
        growth: How much longer each wait is than the one before.
        longest_s: Longest of these waits.
        deadline_s: Seconds after which it is given up.
        clock: Seconds that only go forward.
        sleep: Waits.
    """

    first_s: float = 1.0
    growth: float = 1.5
    longest_s: float = 15.0
    deadline_s: float = 600.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


async def poll(look: Callable[[], Awaitable[T]], is_done: Callable[[T], bool], polling: Polling) -> T:
    """What `look` sees once that is done. A service that is busy meanwhile is asked again.

    Raises:
        ServiceBusy: It was not done by the deadline.
        ServiceError: It will not be seen at all.
    """
    until_s, wait_s = polling.clock() + polling.deadline_s, polling.first_s
    while True:
        trouble = ""
        try:
            if is_done(seen := await look()):
                return seen
        except ServiceBusy as error:
            trouble = f" ({error})"
        left_s = until_s - polling.clock()
        if left_s <= 0:
            raise ServiceBusy(f"still not done after {polling.deadline_s:g} s{trouble}")
        await polling.sleep(min(wait_s, left_s))
        wait_s = min(wait_s * polling.growth, polling.longest_s)
