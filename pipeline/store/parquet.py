"""Files that are whole or absent."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.errors import StoreError
from pipeline.store.disk import flush, make_folder
from pipeline.store.following import changed
from pipeline.store.parts import BROKEN, is_whole, scan_parts, streamed, unreadable
from pipeline.store.seal import UNSEALED, seal
from pipeline.store.unwritten import unwritten

_GROUP_BYTES = 2 << 20
"""Compressed size of the rows that are read together, where these are not too few or too many."""
_LEAST_ROWS, _MOST_ROWS = 1000, 10_000


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, Any]) -> None:
    """Write rows as one Parquet file with exactly these columns, whole or not at all.

    Raises:
        StoreError: The file could not be written, or a value does not fit its column.
    """
    write_frame(path, frame_of(rows, columns, path.parent.name))


def frame_of(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, Any], table: str) -> pl.DataFrame:
    """Rows as a frame with exactly these columns.

    Raises:
        StoreError: A value does not fit its column; the message names the table.
    """
    try:
        return pl.DataFrame(rows, schema=dict(columns), strict=True, orient="row")
    except (pl.exceptions.PolarsError, TypeError, OverflowError) as error:
        raise StoreError(f"{table}: a value does not fit its column: {error}") from error


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


def write_scanned(
    path: Path, rows: pl.LazyFrame, parts: Sequence[Path], about: Mapping[str, str] | None = None
) -> None:
    """Write rows as one Parquet file while they are read, whole or not at all; few are held at a time.

    Args:
        path: The file.
        rows: In their order, unread.
        parts: Where they stand.
        about: Entries for the footer.

    Raises:
        StoreError: A part cannot be read, or the file not be written.
    """
    group_rows, footer = _group_rows(parts), {**UNSEALED, **(about or {})}
    with beside(path) as part:
        try:
            rows.sink_parquet(part, compression="zstd", row_group_size=group_rows, metadata=footer)
        except BROKEN as error:
            if not all(map(is_whole, parts)):
                raise unreadable(parts, error) from error
            raise
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


def _group_rows(parts: Sequence[Path]) -> int:
    """Rows that are compressed together, which is what readers hold at the least."""
    rows = streamed(scan_parts(parts).select(pl.len()), parts).item()
    fitting = rows * _GROUP_BYTES // max(1, sum(part.stat().st_size for part in parts))
    return int(min(max(fitting, _LEAST_ROWS), _MOST_ROWS))
