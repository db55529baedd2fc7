"""Files that are whole or absent."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.errors import StoreError
from pipeline.store.disk import flush, make_folder
from pipeline.store.following import changed
from pipeline.store.seal import UNSEALED, seal
from pipeline.store.unwritten import unwritten


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


def write_frame(path: Path, frame: pl.DataFrame, about: Mapping[str, str] | None = None) -> None:
    """Write a frame as one Parquet file, whole or not at all.

    Args:
        path: Where.
        frame: What.
        about: Entries for the footer.

    Raises:
        StoreError: The file could not be written.
    """
    with beside(path) as part:
        frame.write_parquet(part, compression="zstd", metadata={**UNSEALED, **(about or {})})
        seal(part)


def write_text(path: Path, text: str, *, mode: int | None = None) -> None:
    """Write a text file, whole or not at all.

    Args:
        path: The file.
        text: What it is to hold.
        mode: Who may read it; None for what the user's umask says.

    Raises:
        StoreError: The file could not be written.
    """
    with beside(path) as part:
        if mode is not None:
            part.touch(mode)
        part.write_text(text, encoding="utf-8")


@contextlib.contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` that takes its place, on disk, when the block ends well.

    Raises:
        StoreError: The file could not be written.
    """
    part = path.with_name(f".{path.name}.tmp")
    try:
        make_folder(path.parent)
        yield part
        flush(part)
        part.replace(path)
        flush(path.parent)
        changed(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise unwritten(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
