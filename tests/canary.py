"""A key to look for wherever it must not be."""

import contextlib
import os
from pathlib import Path

import polars as pl

from tests.gateway import KEY as CANARY

__all__ = ["CANARY", "arguments_with_it", "files_with_it", "processes_with_it"]


def files_with_it(*folders: Path) -> list[str]:
    """Files that hold it, those of Parquet unpacked; AssertionError if there is no file at all."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert files
    return [str(path) for path in files if CANARY.encode() in _content(path)]


def _content(path: Path) -> bytes:
    raw = path.read_bytes()
    if path.suffix != ".parquet":
        return os.fsencode(path) + raw
    return raw + repr(pl.read_parquet(path, glob=False).to_dicts()).encode()


def arguments_with_it() -> list[bytes]:
    """Command lines of all processes of this machine that hold it; there are such lists on Linux alone."""
    lines = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(process.read_bytes())
        except OSError:  # it has ended meanwhile
            continue
    return [line for line in lines if CANARY.encode() in line]


def processes_with_it(session: int) -> list[int]:
    """Ids of processes that one process began, and of itself, in whose environment it was when they started.

    Args:
        session: Id of the one, which has a session of its own.
    """
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile, or is another user's
            if (
                os.getsid(int(process.name)) == session
                and CANARY.encode() in (process / "environ").read_bytes()
            ):
                found.append(int(process.name))
    return found
