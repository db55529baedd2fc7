"""Child tables: the items of a list, one row each, with the record they belong to."""

from collections.abc import Iterable, Iterator, Sequence
from glob import escape
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

from pipeline.errors import ConfigError
from pipeline.store.disk import make_folder, remove
from pipeline.store.parquet import write_scanned
from pipeline.store.parts import BROKEN, parts_of, scan_parts
from pipeline.store.seal import digits_of
from pipeline.store.tables import Columns, Table, records_table

_MARK = "."
_PARENT = "pagelake_parent"
"""Entry of a part's footer: the digest of the records part that it was made from."""
_BATCH_ROWS = 2000
_NEEDED = ("_custom_ids", "_doc_id", "_source", "_run", "_origins", "_removed_at")
"""What items take over from their records, which of an older version have not all of it."""


def check_children(fields: Iterable[str], columns: Columns) -> None:
    """Raise ConfigError unless each field is a list at the top of the record type."""
    lists = [name for name, kind in columns.items() if isinstance(kind, pl.List)]
    for field in fields:
        if field not in lists:
            raise ConfigError(
                f"{field!r} cannot be laid out as a table of its own: it is no list of the record type; "
                + (f"its lists are {', '.join(lists)}" if lists else "it has none")
            )


def update_children(lake: Path, records: Table, wanted: Iterable[str]) -> None:
    """Bring the child tables in line with the parts of their records table.

    A list that was once laid out as a table stays one, so that all parts of it are there.

    Args:
        lake: Root folder.
        records: The parents.
        wanted: Names of lists.
    """
    folder = lake / records.folder
    there = _laid_out(folder)
    parents = {part.name: part for part in parts_of(folder)}
    for field in dict.fromkeys([*there, *wanted]):
        children = folder.with_name(f"{folder.name}{_MARK}{field}")
        make_folder(children)
        remove(part for part in parts_of(children) if part.name not in parents)
        for name, parent in parents.items():
            made_from = digits_of(parent)
            if made_from != _made_from(children / name):
                items = scan_items(scan_parts([parent]), field)
                write_scanned(children / name, items, [parent], {_PARENT: made_from})


def records_folders(lake: Path) -> list[Path]:
    """The folders of the records of all record types, without child tables."""
    return [folder for folder in sorted((lake / "records").glob("schema=*")) if _MARK not in folder.name]


def child_folders(lake: Path) -> list[Path]:
    """The folders of all child tables, which are called after that of their parents."""
    return [folder for folder in sorted((lake / "records").glob("schema=*")) if _MARK in folder.name]


def children_of(lake: Path, schema: str) -> list[str]:
    """Names of the lists of a record type that a lake has laid out as tables, sorted."""
    return sorted(_laid_out(lake / records_table(schema, {}).folder))


def _laid_out(folder: Path) -> list[str]:
    return [path.name.partition(_MARK)[2] for path in folder.parent.glob(f"{escape(folder.name)}{_MARK}*")]


def scan_items(records: pl.LazyFrame, field: str, names: Sequence[str] | None = None) -> pl.LazyFrame:
    """The items of a list, unread, in the columns of `items_of`.

    Args:
        records: What has the list.
        field: Its name.
        names: Columns that are wanted; None for all.
    """
    kinds = items_of(_needed(records, field).head(0).collect(), field).schema
    chosen = list(kinds) if names is None else list(names)

    def batches(
        columns: list[str] | None, predicate: pl.Expr | None, _rows: int | None, _batch: int | None
    ) -> Iterator[pl.DataFrame]:
        for batch in item_batches(records, field):
            items = batch.select(columns or chosen)
            yield items if predicate is None else items.filter(predicate)

    return register_io_source(batches, schema={name: kinds[name] for name in chosen})


def item_batches(records: pl.LazyFrame, field: str) -> Iterator[pl.DataFrame]:
    """The items of a list, made from some records at a time, so that few are held."""
    for batch in _needed(records, field).collect_batches(chunk_size=_BATCH_ROWS, maintain_order=True):
        yield items_of(batch, field)


def _needed(records: pl.LazyFrame, field: str) -> pl.LazyFrame:
    there = records.collect_schema().names()
    return records.select(list(dict.fromkeys([field, *(name for name in _NEEDED if name in there)])))


def items_of(records: pl.DataFrame, field: str) -> pl.DataFrame:
    """One row for each item of a list: its own columns, or `value`, then where it belongs.

    `_record` is the first of the parent's `_custom_ids`, `_position` counts from 0, and the pages are those
    of `_origins`, empty where they are not told.
    """
    mark = [name for name in ("_removed_at",) if name in records.columns]  # an older version has none
    numbered = records.with_row_index("_row").with_columns(_record=pl.col("_custom_ids").list.first())
    items = (
        numbered.select("_row", "_record", "_doc_id", "_source", "_run", *mark, item=field)
        .filter(pl.col("item").list.len() > 0)
        .with_columns(_position=pl.int_ranges(0, pl.col("item").list.len(), dtype=pl.Int32))
        .explode("item", "_position")
    )
    placed = items.join(
        _pages_of(numbered, field), on=["_row", "_position"], how="left", maintain_order="left"
    )
    own = placed.select("item").unnest("item") if _is_struct(placed) else placed.select(value="item")
    where = ["_record", "_doc_id", "_source", "_position", "_first_page", "_last_page", "_run", *mark]
    return pl.concat([own, placed.select(where)], how="horizontal")


def _pages_of(numbered: pl.DataFrame, field: str) -> pl.DataFrame:
    """First and last page of each item, by row of the parent and position."""
    origin = pl.col("_origins").struct
    return (
        numbered.select("_row", "_origins")
        .explode("_origins")
        .filter(origin.field("field").str.starts_with(f"{field}["))
        .select(
            "_row",
            _position=origin.field("field").str.extract(r"\[(\d+)\]$").cast(pl.Int32),
            _first_page=origin.field("first_page"),
            _last_page=origin.field("last_page"),
        )
    )


def _is_struct(frame: pl.DataFrame) -> bool:
    return isinstance(frame.schema["item"], pl.Struct)


def _made_from(child: Path) -> str | None:
    """Digest of the records part that a child part was made from; times of files do not travel with lakes."""
    try:
        return pl.read_parquet_metadata(child).get(_PARENT)
    except BROKEN:
        return None
