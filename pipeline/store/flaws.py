"""What is wrong with a part file, each byte of it read."""

from pathlib import Path

import polars as pl

from pipeline.store.parts import BROKEN
from pipeline.store.seal import is_broken
from pipeline.store.tables import Columns

_MAGIC = b"PAR1"


def flaw_of(part: Path, columns: Columns) -> str:
    """What is wrong with a part, in a few words; empty when it can be used.

    Args:
        part: The file.
        columns: Those that its table has at least, but for what an older version did not know.
    """
    try:
        with part.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                return "is no Parquet file"
        if is_broken(part):
            return "has other bytes than were written"
        return _misfit(pl.read_parquet_schema(part), columns) or _unread(part)
    except BROKEN as error:
        return f"cannot be read: {_first_line(error)}"


def _misfit(there: dict[str, pl.DataType], columns: Columns) -> str:
    """Which columns are of another table; an older version may lack some."""
    wanted = pl.Schema(columns)
    shared = {name: kind for name, kind in there.items() if name in wanted}
    others = [name for name, kind in shared.items() if kind.base_type() != wanted[name].base_type()]
    if others:
        return f"has another type in the column {others[0]}"
    return "" if len(shared) * 2 >= len(wanted) else "is a part of another table"


def _unread(part: Path) -> str:
    """Read every value; one row group at a time is held."""
    for batch in pl.scan_parquet(part, glob=False, hive_partitioning=False).collect_batches():
        del batch
    return ""


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
