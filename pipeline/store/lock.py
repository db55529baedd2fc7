"""Who may write to a lake: one run at a time on this machine, and where it is in a bucket, on all."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.errors import ConfigError, StoreError
from pipeline.store.following import address_of, follower_of
from pipeline.store.progress import withdraw

_LOCK = "_journal/lock"
_GLANCE_S = 0.2  # `is_held` takes the lock to see whether it is free, which must not refuse a run


def is_held(root: Path) -> bool:
    """Whether a run is at work on a lake, as far as that can be seen without writing to it."""
    if not (root / _LOCK).exists():
        return False
    lock = lock_of(root)
    try:
        with lock:
            return False
    except Timeout:
        return True
    except OSError:
        return False


@contextlib.contextmanager
def held(root: Path) -> Iterator[None]:
    """Keep runs away from a lake.

    Raises:
        ConfigError: A run is working on it.
        StoreError: It cannot be locked.
    """
    lock = lock_of(root)
    take(lock, root)
    try:
        yield
    finally:
        give_back(lock, root)


def lock_of(root: Path) -> FileLock:
    """The lock of a lake, not taken yet; the system releases it with the process."""
    return FileLock(root / _LOCK, timeout=0)


def take(lock: FileLock, root: Path) -> None:
    """Take the lock of a lake, and that of its bucket; raises as `held`."""
    follower = follower_of(root)
    try:
        lock.acquire(timeout=_GLANCE_S, poll_interval=_GLANCE_S / 10)
    except Timeout:
        raise ConfigError(
            f"another run is working on the lake {address_of(root)}; wait until it ends or choose another "
            "--out"
        ) from None
    except OSError as error:
        raise StoreError(f"the lake {root} cannot be locked: {error.strerror}") from error
    try:
        if follower is not None:
            follower.hold()
    except BaseException:
        lock.release()
        raise
    withdraw(root)  # of a run that was killed


def give_back(lock: FileLock, root: Path) -> None:
    """Let others have it."""
    follower = follower_of(root)
    try:
        if follower is not None:
            follower.release()
    finally:
        lock.release()
