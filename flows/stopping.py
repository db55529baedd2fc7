"""Ctrl-C and SIGTERM: the first asks for a clean stop, the same one again stops at once.

One of each is no haste: a terminal sends the one, and whoever looks after the process the other.
"""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flows.job import Watch

_AGAIN = {signal.SIGINT: "press Ctrl-C again", signal.SIGTERM: "send SIGTERM again"}

INTERRUPTED = 128 + signal.SIGINT
TERMINATED = 128 + signal.SIGTERM


class Terminated(SystemExit):
    """SIGTERM came where nothing is left to end cleanly, or a second time."""

    def __init__(self) -> None:
        super().__init__(TERMINATED)


def terminate(_number: int, _frame: FrameType | None) -> None:
    """What SIGTERM does outside of runs; raises Terminated."""
    raise Terminated


@contextmanager
def stop_on_signals(watch: "Watch") -> Iterator[None]:
    """While the block runs, a first signal sets `watch.stop`, the same one again cancels the current task.

    Outside the main thread, where Python lets nobody handle signals, nothing changes.

    Args:
        watch: Told what happens, and by which signal.
    """
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    if task is None or threading.current_thread() is not threading.main_thread():
        yield
        return

    def asked(number: signal.Signals) -> None:
        again, watch.signal = watch.signal == number, number
        if again:
            watch.say("stopping at once")
            task.cancel()
        else:
            watch.stop.set()
            watch.say(f"stopping after the requests in flight; {_AGAIN[number]} to stop at once")

    previous = {number: signal.getsignal(number) for number in _AGAIN}
    for number in _AGAIN:
        loop.add_signal_handler(number, asked, number)
    try:
        yield
    finally:
        for number, handler in previous.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
