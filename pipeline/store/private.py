"""Folders for what nobody but their owner is to see: pages that are on their way, answers as they come in."""

import os
from contextlib import suppress
from pathlib import Path

from pipeline.store.disk import flush, make_folder

_OWNER = 0o700


def private_folder(folder: Path) -> None:
    """Have a folder that only its owner can open, whatever the umask; those above it are as usual.

    Raises:
        OSError: It cannot be made.
    """
    make_folder(folder.parent)
    if not folder.is_dir():
        folder.mkdir(mode=_OWNER, exist_ok=True)
        flush(folder.parent)
    if os.name == "posix" and folder.stat().st_mode & 0o077:  # made by an older version, or by hand
        with suppress(OSError):  # another user's, who has opened it on purpose
            folder.chmod(_OWNER)
