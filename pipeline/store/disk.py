"""What has to be on disk before what follows it: contents of files, and the names that folders hold.

A system that loses power may forget every change that nobody waited for, and may keep a later one of two.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from pipeline.store.following import changed


def flush(path: Path) -> None:
    """Wait until a file, or a folder's list of names, has reached the disk.

    Raises:
        OSError: It has not.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Have a folder and those above it, their names on disk; nothing is waited for where it is there.

    Raises:
        OSError: It cannot be made.
    """
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        flush(folder.parent)


def move(path: Path, target: Path) -> Path:
    """Give a file or folder another place of the same lake, and have the disk know; what is there goes.

    Raises:
        OSError: It cannot be moved.
    """
    path.replace(target)
    flush(target.parent)
    changed(target)
    changed(path)
    return target


def remove(files: Iterable[Path]) -> None:
    """Remove files, and have the disk know before this returns; those that are not there are no matter.

    Raises:
        OSError: One cannot be removed.
    """
    files = list(files)
    for file in files:
        file.unlink(missing_ok=True)
    for folder in dict.fromkeys(file.parent for file in files):  # of those not there too: a kill may have
        if folder.is_dir():  # come between their removal and this
            flush(folder)
    for file in files:
        changed(file)
