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
    """The documents of a record type that were opened, one list for each part of the documents table."""
    for part in parts_of(lake / DOCUMENTS.folder):
        if documents := worked_documents(lake, part, schema):
            yield documents


def worked_documents(lake: Path, part: Path, schema: str) -> list[WorkedDocument]:
    """The documents of a record type in a part of the documents table that were opened.

    Raises:
        StoreError: A part cannot be read.
    """
    opened = (pl.col("state") != "duplicate", pl.col("pages").is_not_null())
    documents = read_parts([part], pl.col("schema") == schema, *opened)
    if documents.is_empty():
        return []
    pages = _by_document(lake, PAGES_TABLE, shard_of(part), schema)
    failures = _by_document(lake, FAILURES, shard_of(part), schema)
    return [
        WorkedDocument(row, sorted(pages[row["doc_id"]], key=_page), failures[row["doc_id"]])
        for row in documents.iter_rows(named=True)
    ]


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


def _by_document(lake: Path, table: Table, shard: str, schema: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    rows = read_parts(parts_of(lake / table.folder, shard), pl.col("schema") == schema)
    for row in rows.iter_rows(named=True):
        found[row["doc_id"]].append(row)
    return found


def _page(row: Row) -> int:
    number: int = row["page"]
    return number
