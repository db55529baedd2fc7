"""What earlier runs wrote about each document, read back shard by shard."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

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
    ours = pl.col("schema") == schema
    opened = (pl.col("state") != "duplicate", pl.col("pages").is_not_null())
    for part in parts_of(lake / DOCUMENTS.folder):
        documents = read_parts([part], ours, *opened)
        if documents.is_empty():
            continue
        shard = shard_of(part)
        pages = _by_document(lake, PAGES_TABLE, shard)
        failures = _by_document(lake, FAILURES, shard)
        yield [
            WorkedDocument(row, sorted(pages[row["doc_id"]], key=_page), failures[row["doc_id"]])
            for row in documents.iter_rows(named=True)
        ]


def _by_document(lake: Path, table: Table, shard: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in read_parts(parts_of(lake / table.folder, shard)).iter_rows(named=True):
        found[row["doc_id"]].append(row)
    return found


def _page(row: Row) -> int:
    number: int = row["page"]
    return number
