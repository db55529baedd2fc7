"""What earlier runs wrote about each document, read back shard by shard."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.store.parquet import write_frame
from pipeline.store.parts import parts_of, read_parts, shard_of
from pipeline.store.tables import DOCUMENTS, FAILURES, PAGES_TABLE, Table

Row = dict[str, Any]

_PAGES_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class WorkedDocument:
    """The rows of one document.

    Attributes:
        row: Its row of the documents table.
        pages: Its rows of the pages table, in page order.
        failures: Its rows of the failures table.
    """

    row: Row
    pages: list[Row]
    failures: list[Row]


def worked_shards(lake: Path, schema: str) -> Iterator[list[WorkedDocument]]:
    """The documents of a record type that were opened, some at a time: parts may be large."""
    for part in parts_of(lake / DOCUMENTS.folder):
        yield from worked_documents(lake, part, schema)


def worked_documents(
    lake: Path, part: Path, schema: str, doc_ids: Collection[str] | None = None
) -> Iterator[list[WorkedDocument]]:
    """The documents of a record type in a part of the documents table that were opened, some at a time.

    Args:
        lake: Root folder.
        part: The part.
        schema: Name of the record type.
        doc_ids: Those that are wanted; None for all.

    Raises:
        StoreError: A part cannot be read.
    """
    opened = [pl.col("schema") == schema, pl.col("state") != "duplicate", pl.col("pages").is_not_null()]
    wanted = [] if doc_ids is None else [pl.col("doc_id").is_in(list(doc_ids))]
    for documents in _groups(read_parts([part], *opened, *wanted)):
        ids = documents["doc_id"].implode()
        pages = _by_document(lake, PAGES_TABLE, shard_of(part), schema, ids)
        failures = _by_document(lake, FAILURES, shard_of(part), schema, ids)
        yield [
            WorkedDocument(row, sorted(pages[row["doc_id"]], key=_page), failures[row["doc_id"]])
            for row in documents.iter_rows(named=True)
        ]


def _groups(documents: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Neighbours together, up to so many pages that their rows can be held."""
    before = pl.col("pages").cum_sum() - pl.col("pages")
    groups = documents.with_columns(_group=before // _PAGES_AT_ONCE)
    for _, group in groups.group_by("_group", maintain_order=True):
        yield group.drop("_group")


def mark_unfinished(part: Path, schema: str, keys: Collection[str]) -> None:
    """Have the next run work documents again, which are named by their id, or path without one.

    Raises:
        StoreError: The part of the documents table cannot be read or written.
    """
    if not keys:
        return
    rows = read_parts([part])
    state, key = rows.schema["state"], pl.coalesce("doc_id", "path")
    meant = (pl.col("schema") == schema) & (pl.col("state") != "duplicate") & key.is_in(list(keys))
    marked = pl.when(meant).then(pl.lit("unfinished", state)).otherwise(pl.col("state"))
    write_frame(part, rows.with_columns(state=marked))


def _by_document(
    lake: Path, table: Table, shard: str, schema: str, doc_ids: pl.Series
) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    about = (pl.col("schema") == schema, pl.col("doc_id").is_in(doc_ids))
    rows = read_parts(parts_of(lake / table.folder, shard), *about)
    for row in rows.iter_rows(named=True):
        found[row["doc_id"]].append(row)
    return found


def _page(row: Row) -> int:
    number: int = row["page"]
    return number
