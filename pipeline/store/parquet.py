"""Files that are whole or absent."""

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.errors import StoreError
from pipeline.store.seal import UNSEALED, seal


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, Any]) -> None:
    """Write rows as one Parquet file with exactly these columns, whole or not at all.

    Raises:
        StoreError: The file could not be written, or a value does not fit its column.
    """
    try:
        frame = pl.DataFrame(rows, schema=dict(columns), strict=True, orient="row")
    except (pl.exceptions.PolarsError, TypeError, OverflowError) as error:
        raise StoreError(f"{path.parent.name}: a value does not fit its column: {error}") from error
    write_frame(path, frame)


def write_frame(path: Path, frame: pl.DataFrame) -> None:
    """Write a frame as one Parquet file, whole or not at all.

    Raises:
        StoreError: The file could not be written.
    """
    with beside(path) as part:
        frame.write_parquet(part, compression="zstd", metadata=UNSEALED)
        seal(part)


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all.

    Raises:
        StoreError: The file could not be written.
    """
    with beside(path) as part:
        part.write_text(text, encoding="utf-8")


@contextlib.contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` that takes its place, on disk, when the block ends well.

    Raises:
        StoreError: The file could not be written.
    """
    part = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        _flush(part)
        part.replace(path)
        _flush(path.parent)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise StoreError(f"{path} could not be written: {error}") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Wait until a file, or a folder's list of names, has reached the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
