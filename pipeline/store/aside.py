"""Damaged files, moved out of the way of runs and never deleted."""

import shutil
from collections.abc import Callable
from pathlib import Path

from pipeline.errors import StoreError
from pipeline.store.disk import flush, make_folder
from pipeline.store.following import changed

DAMAGED = "_damaged"
"""Folder of a lake for what cannot be read; files keep their path in it."""


def set_aside(lake: Path, path: Path) -> Path:
    """Move a file or folder of a lake under `DAMAGED`; returns where it is now.

    Raises:
        StoreError: It cannot be moved.
    """
    return _aside(lake, path, Path.replace)


def copy_aside(lake: Path, path: Path) -> Path:
    """The same for a file that also stays where it is."""
    return _aside(lake, path, lambda file, copy: Path(shutil.copy2(file, copy)))


def _aside(lake: Path, path: Path, do: Callable[[Path, Path], Path]) -> Path:
    wanted = lake / DAMAGED / path.relative_to(lake)
    names = (wanted.with_name(f"{wanted.name}{f'.{number}' if number else ''}") for number in range(10**6))
    try:
        make_folder(wanted.parent)
        target = do(path, next(name for name in names if not name.exists()))
        for place in (target, target.parent, path.parent):
            flush(place)
        changed(target)
        changed(path)
    except OSError as error:
        raise StoreError(f"{path} could not be moved to {wanted.parent}: {error.strerror}") from error
    return target
