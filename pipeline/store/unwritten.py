"""A file that could not be written, in words that say what to do."""

import errno
import os
import re
from pathlib import Path

from pipeline.errors import NO_MORE_FILES, NO_MORE_FILES_ADVICE, StoreError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}


def unwritten(path: Path, error: Exception) -> StoreError:
    """The error of ours for one of the system, or of polars, which puts the system's into words."""
    number = getattr(error, "errno", None) or _number_in(str(error))
    if number is None:
        return StoreError(f"{path} could not be written: {error}")
    advice = _advice(number)
    return StoreError(
        f"{path} could not be written: {os.strerror(number)}" + (f"; {advice}" if advice else "")
    )


def _number_in(text: str) -> int | None:
    match = re.search(r"os error (\d+)", text)
    return int(match[1]) if match else None


def _advice(number: int) -> str:
    if number in NO_MORE_FILES:
        return NO_MORE_FILES_ADVICE
    if number in _FULL:
        return "make room on the disk, then run the same command again: it goes on where this one stopped"
    return "see to it that this user may write there" if number in _FORBIDDEN else ""
