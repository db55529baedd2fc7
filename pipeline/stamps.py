"""What tells, without reading a file, that its bytes are those that were read before."""

import os

from pipeline.objects import is_address

_CLOCK_GRAIN_NS = 2_000_000_000
"""FAT notes times of writing to two seconds, the coarsest there is."""


def place_of(path: str) -> str:
    """A path as it is from the root of the file system, or an address; links stay what they are called."""
    if is_address(path):
        return path
    return os.path.abspath(path)  # noqa: PTH100 - Path.absolute leaves `..` in


def stamp_of(status: os.stat_result) -> str:
    """What changes with the bytes of a file, as the file system tells it.

    Whoever puts another file in its place can keep its size and its time of writing, but not the time of the
    last change of its entry as well.
    """
    return f"{status.st_size}-{status.st_mtime_ns}-{status.st_ctime_ns}-{status.st_ino}"


def trusted_stamp(before: os.stat_result, after: os.stat_result, now_ns: int) -> str:
    """The stamp of a file that was read; empty when it could be written again and keep it.

    Two changes within the grain of the file system's clock have the same time, so the last has to be past.

    Args:
        before: Its status when reading began.
        after: Its status when all was read.
        now_ns: A time after that, in nanoseconds since 1970.
    """
    quiet = now_ns - max(after.st_mtime_ns, after.st_ctime_ns) >= _CLOCK_GRAIN_NS
    return stamp_of(after) if quiet and stamp_of(before) == stamp_of(after) else ""
