"""The part files of a table: which of them a folder holds, and what stands in them."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.errors import StoreError

BROKEN = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)
"""What reading a damaged part ends with; its bytes can lead the reader anywhere."""

_NAME = re.compile(r"part-(?P<run>\d{8}T\d{12})-\d+-\d+\.parquet")


def parts_of(folder: Path, shard: str = "part") -> list[Path]:
    """Part files in a folder, of one shard when it is named, in the order of the runs.

    Files of other names are somebody else's: they are neither read nor removed.
    """
    return sorted(part for part in folder.glob(f"{shard}-*.parquet") if _NAME.fullmatch(part.name))


def shard_of(part: Path) -> str:
    """`part-<run>-<shard>` of a part's file name."""
    return part.name.rpartition("-")[0]


def run_of(part: Path) -> str:
    """Id of the run that wrote a part; empty when its name is none of a part."""
    match = _NAME.fullmatch(part.name)
    return match["run"] if match else ""


def read_parts(
    parts: Sequence[Path],
    *where: pl.Expr,
    columns: Sequence[str] | None = None,
    file: str | None = None,
    known: Mapping[str, "pl.DataType | type[pl.DataType]"] | None = None,
) -> pl.DataFrame:
    """Rows of part files, in order; an empty frame without columns when there are no parts.

    Args:
        parts: Files of one table.
        where: Conditions that the rows meet.
        columns: Those wanted; None for all.
        file: Name of a further column, with the path of the part that each row stands in.
        known: All columns of the table, where parts of older versions may lack some; they are empty then.

    Raises:
        StoreError: A part cannot be read; the message names it.
    """
    if not parts:
        return pl.DataFrame()
    try:
        rows = scan_parts(parts, file=file, known=known)
        wanted = pl.all() if columns is None else [*columns, *([file] if file else [])]
        return rows.filter(*where).select(wanted).collect()
    except BROKEN as error:
        raise unreadable(parts, error) from error


def scan_parts(
    parts: Sequence[Path],
    *,
    file: str | None = None,
    known: Mapping[str, "pl.DataType | type[pl.DataType]"] | None = None,
) -> pl.LazyFrame:
    """Rows of part files, unread; at least one part. The arguments are those of `read_parts`."""
    # Names are taken as they are: a folder may be called [2024].
    return pl.scan_parquet(
        list(parts),
        glob=False,
        hive_partitioning=False,
        include_file_paths=file,
        **({} if known is None else _filled(known)),
    )


def _filled(columns: Mapping[str, "pl.DataType | type[pl.DataType]"]) -> dict[str, Any]:
    return {"schema": dict(columns), "missing_columns": "insert", "extra_columns": "ignore"}


def streamed(rows: pl.LazyFrame, parts: Sequence[Path]) -> pl.DataFrame:
    """What comes of the rows of some parts, which are not held together to find it.

    Raises:
        StoreError: A part cannot be read; the message names it.
    """
    try:
        return rows.collect(engine="streaming")
    except BROKEN as error:
        raise unreadable(parts, error) from error


def columns_in(part: Path) -> pl.Schema:
    """Names and types of the columns of a part.

    Raises:
        StoreError: It cannot be read.
    """
    try:
        return scan_parts([part]).collect_schema()
    except BROKEN as error:
        raise unreadable([part], error) from error


def unreadable(parts: Sequence[Path], error: BaseException) -> StoreError:
    """The error that names the part that is to blame, the first of those that cannot be read."""
    blamed = next((part for part in parts if not is_whole(part)), parts[0])
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return StoreError(
        f"{blamed} cannot be read ({reason}): put a copy in its place, or run pagelake check --repair on the "
        "lake, and then the same command again"
    )


def is_whole(part: Path) -> bool:
    """Whether every row of a part can be read."""
    try:
        pl.read_parquet(part, glob=False, hive_partitioning=False)
    except BROKEN:
        return False
    return True
