"""Temporary folders that nobody else can open, and that the next one takes away if a kill leaves them."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

_LOCK = ".held"
_NEW_S = 60
"""So long a folder is left alone even when nobody holds it: it may be about to be held."""


@contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """An empty folder, removed at the end of the block; those of dead processes go at its beginning.

    Args:
        prefix: How its name begins, and those of all of its kind.
    """
    _sweep(prefix)
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder:
        inside = Path(folder) / "kept"
        with FileLock(Path(folder) / _LOCK):
            inside.mkdir(mode=0o700)
            yield inside


def _sweep(prefix: str) -> None:
    if os.name == "posix":
        for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
            with suppress(OSError, Timeout):
                _remove_if_dead(folder)


def _remove_if_dead(folder: Path) -> None:
    about = folder.lstat()  # of a link, not of what it leads to
    is_ours = about.st_uid == os.getuid() and not folder.is_symlink() and (folder / _LOCK).exists()
    if is_ours and time.time() - about.st_mtime > _NEW_S:
        with FileLock(folder / _LOCK, timeout=0):
            shutil.rmtree(folder, ignore_errors=True)
