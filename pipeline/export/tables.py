"""Which rows and columns of a lake are exported, as tables that nobody has read yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline.errors import ConfigError
from pipeline.store.children import check_children, scan_items
from pipeline.store.parts import unreadable
from pipeline.store.results import committed_parts, scan_records

_ITEM_KEYS = ("_record", "_position")
"""What leads from an item to its record; it comes along whatever else is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is wanted of the records.

    Attributes:
        columns: Names of columns; empty for all.
        provenance: Whether the columns that pagelake adds come along; None for where no columns are named.
        where: A condition in SQL that records meet; empty for all. It may ask for the table `records`.
        explode: Lists that become tables of their own.
        removed: Whether records of documents that no file holds any more come along.
    """

    columns: tuple[str, ...] = ()
    provenance: bool | None = None
    where: str = ""
    explode: tuple[str, ...] = ()
    removed: bool = False

    @property
    def with_provenance(self) -> bool:
        """Whether the columns that pagelake adds come along."""
        return not self.columns if self.provenance is None else self.provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTable:
    """A table to be written.

    Attributes:
        schema: Name of the record type.
        items: Name of the list whose items it holds; empty for the records themselves.
        frame: Its rows, unread.
        rows: How many.
    """

    schema: str
    items: str
    frame: pl.LazyFrame
    rows: int

    @property
    def name(self) -> str:
        """As the lake calls it: `invoice`, `invoice.line_items`."""
        return f"{self.schema}.{self.items}" if self.items else self.schema


def tables_of(lake: Path, schema: str, selection: Selection) -> list[ExportTable]:
    """The records of a record type that are wanted, and the lists of them that are laid out, records first.

    Raises:
        ConfigError: The lake has no such records, or the selection does not fit them.
        StoreError: The lake cannot be read.
    """
    held = scan_records(lake, schema, removed=selection.removed)
    found = records_where(held, selection.where)
    kinds = found.collect_schema()
    check_children(selection.explode, kinds)
    _check_columns(selection.columns, kinds.names())
    lists = tuple(dict.fromkeys(selection.explode))
    try:
        held.select(pl.len()).collect(engine="streaming")
    except (pl.exceptions.PolarsError, OSError) as error:
        raise unreadable(committed_parts(lake, schema), error) from error
    counts = _counted(found, lists, selection.where)
    records = found.select(_chosen(kinds.names(), selection))
    return [
        ExportTable(schema=schema, items="", frame=records, rows=counts["len"]),
        *(
            ExportTable(schema=schema, items=name, frame=_items(found, name, selection), rows=counts[name])
            for name in lists
        ),
    ]


def records_where(records: pl.LazyFrame, where: str) -> pl.LazyFrame:
    """The records that meet a condition in SQL, all of them where it is empty.

    Raises:
        ConfigError: It is no condition on these columns.
    """
    if not where.strip():
        return records
    try:
        found = pl.SQLContext(records=records).execute(f"SELECT * FROM records WHERE (\n{where}\n)")  # noqa: S608 - whoever asks owns the lake, and SQL here can only read
        found.collect_schema()
    except pl.exceptions.PolarsError as error:
        raise unfit(where, error) from error
    return found


def unfit(where: str, error: Exception) -> ConfigError:
    """The error that says why a condition cannot be met by anything."""
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return ConfigError(f"--where {where!r} is no condition on these records: {reason}")


def _check_columns(wanted: Sequence[str], there: Sequence[str]) -> None:
    if lacking := [name for name in wanted if name not in there]:
        raise ConfigError(
            f"the records have no column {', '.join(lacking)}; their columns are {', '.join(there)}"
        )


def _chosen(there: Sequence[str], selection: Selection) -> list[pl.Expr]:
    """The columns of the records that are wanted; with `_record`, where items refer to it."""
    own = [name for name in there if not name.startswith("_")]
    added = [name for name in there if name.startswith("_")] if selection.with_provenance else []
    names = dict.fromkeys([*(selection.columns or own), *added])
    record = [_RECORD] if selection.explode else []
    return [*map(pl.col, names), *record]


_RECORD = pl.col("_custom_ids").list.first().alias("_record")


def _counted(records: pl.LazyFrame, lists: Sequence[str], where: str) -> dict[str, int]:
    """Rows of each table. Whatever is wrong with the condition shows here, before anything is written."""
    counting = records.select(pl.len(), *(pl.col(name).list.len().sum() for name in lists))
    try:
        counts = counting.collect(engine="streaming")
    except pl.exceptions.PolarsError as error:
        raise unfit(where, error) from error
    return {name: int(count or 0) for name, count in counts.row(0, named=True).items()}


def _items(records: pl.LazyFrame, field: str, selection: Selection) -> pl.LazyFrame:
    """The items of a list, made from some records at a time, so that memory does not grow with the lake."""
    names = [
        name
        for name in scan_items(records, field).collect_schema()
        if selection.with_provenance or not name.startswith("_") or name in _ITEM_KEYS
    ]
    return scan_items(records, field, names)
