"""The longest time that work may take in a worker process, by a clock that nobody can set."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

HAS_ALARM = hasattr(signal, "setitimer")
"""Whether the system can end a process after a time; Windows cannot."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Have the system end this process if the block takes longer, whatever it is busy with.

    A pool that compares times of day would end every page when the clock is set forward, and none when it
    is set back.
    """
    if not HAS_ALARM:
        yield
        return
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def ran_out(exit_code: int | None) -> bool:
    """Whether a process with this exit code was ended by its deadline."""
    return HAS_ALARM and exit_code == -signal.SIGALRM
