"""Where exports go: files and folders that are whole or absent, and replace only what they are told to."""

import contextlib
import hashlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
from pydantic import BaseModel, ConfigDict

from pipeline.errors import ConfigError, StoreError

_OURS = re.compile(
    r"[0-9a-f]{8}\.\w+|[a-z0-9_]+-\d{5}\.jsonl|manifest\.json|(examples|left_out|asked)\.jsonl"
)
"""What polars names the files of a partition, and the files of datasets."""


class WrittenFile(BaseModel):
    """A file that was written.

    Attributes:
        path: Where it is.
        bytes: Its size.
        sha256: Of its bytes, in hexadecimal digits.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    bytes: int
    sha256: str


def check_free(path: Path, *, force: bool, folder: bool = False) -> None:
    """Raise ConfigError unless a path may be written: nothing is there, or what is there may be replaced.

    A folder is only replaced when it holds nothing but what an export has written.
    """
    if not path.exists():
        return
    if not force:
        raise ConfigError(f"{path} is there already; name another --out, or replace it with --force")
    if path.is_dir() is not folder:
        what = "a folder" if path.is_dir() else "a file"
        raise ConfigError(f"{path} is {what} and would have to be none; name another --out")
    if folder and (foreign := next(filter(_is_foreign, path.rglob("*")), None)):
        raise ConfigError(f"{path} holds {foreign.name}, which no export wrote; name another --out")


@contextlib.contextmanager
def folder_beside(path: Path) -> Iterator[Path]:
    """A name beside `path` for a folder that takes its place when the block ends well.

    Raises:
        StoreError: The folder could not be written.
    """
    part, old = (path.with_name(f".{path.name}.{kind}") for kind in ("tmp", "old"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(part, ignore_errors=True)
        yield part
        if path.exists():
            path.rename(old)
        part.rename(path)
        shutil.rmtree(old, ignore_errors=True)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise StoreError(f"{path} could not be written: {error}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def written(path: Path) -> list[WrittenFile]:
    """The file of a path, or the files below it, in the order of their names.

    Raises:
        StoreError: One cannot be read.
    """
    files = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
    return [WrittenFile(path=str(one), bytes=one.stat().st_size, sha256=sha256_of(one)) for one in files]


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits; raises StoreError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise StoreError(f"{path} cannot be read ({error.strerror})") from error


def _is_foreign(path: Path) -> bool:
    return not (path.is_dir() or _OURS.fullmatch(path.name))


def size_of(path: Path) -> int:
    """Bytes of a file, or of those below a folder; what is gone meanwhile counts nothing."""
    total = 0
    for one in [path, *path.rglob("*")]:
        with contextlib.suppress(OSError):
            total += one.stat().st_size if one.is_file() else 0
    return total
