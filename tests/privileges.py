"""Work that is done as a user without privileges, whoever runs the tests."""

import ctypes
import threading
from collections.abc import Callable
from typing import TypeVar

R = TypeVar("R")

_VERSION = 0x20080522  # _LINUX_CAPABILITY_VERSION_3 of capset(2)


def unprivileged(work: Callable[[], R]) -> R:
    """What the work returns; it is done in a thread of its own, whose capabilities are its own as well."""
    done: list[R] = []

    def alone() -> None:
        head, none = (ctypes.c_uint32 * 2)(_VERSION, 0), (ctypes.c_uint32 * 6)()
        assert ctypes.CDLL(None).capset(head, none) == 0
        done.append(work())

    thread = threading.Thread(target=alone)
    thread.start()
    thread.join()
    return done[0]
