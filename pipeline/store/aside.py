"""Damaged files, moved out of the way of runs and never deleted."""

from pathlib import Path

from pipeline.errors import StoreError

DAMAGED = "_damaged"
"""Folder of a lake for what cannot be read; files keep their path in it."""


def set_aside(lake: Path, path: Path) -> Path:
    """Move a file or folder of a lake under `DAMAGED`; returns where it is now.

    Raises:
        StoreError: It cannot be moved.
    """
    wanted = lake / DAMAGED / path.relative_to(lake)
    names = (wanted.with_name(f"{wanted.name}{f'.{number}' if number else ''}") for number in range(10**6))
    try:
        wanted.parent.mkdir(parents=True, exist_ok=True)
        target = next(name for name in names if not name.exists())
        return path.replace(target)
    except OSError as error:
        raise StoreError(f"{path} could not be moved to {wanted.parent}: {error.strerror}") from error
