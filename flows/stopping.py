"""Ctrl-C and SIGTERM: the first asks for a clean stop, the second stops at once."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stop_on_signals(stop: asyncio.Event, say: Callable[[str], None]) -> Iterator[None]:
    """While the block runs, the first signal sets `stop` and the second cancels the current task.

    Outside the main thread, where Python lets nobody handle signals, nothing changes.

    Args:
        stop: Set by the first signal.
        say: Told what happens, in a sentence for a person.
    """
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    if task is None or threading.current_thread() is not threading.main_thread():
        yield
        return

    def asked() -> None:
        if stop.is_set():
            say("stopping at once")
            task.cancel()
        else:
            stop.set()
            say("stopping after the requests in flight; press Ctrl-C again to stop at once")

    previous = {number: signal.getsignal(number) for number in _SIGNALS}
    for number in _SIGNALS:
        loop.add_signal_handler(number, asked)
    try:
        yield
    finally:
        for number, handler in previous.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
