"""The tables of a lake held against its table of documents, a shard at a time."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.check.findings import Kind
from pipeline.records import Outcome
from pipeline.store.parts import parts_of, read_parts, shard_of
from pipeline.store.present import being_pruned
from pipeline.store.replaced import keys_of, replaced_rows
from pipeline.store.tables import DOCUMENTS, FAILURES, PAGES_TABLE, records_table

Row = dict[str, Any]

_COUNTS = {
    Outcome.RECORD: "pages_in_records",
    Outcome.BLANK: "pages_blank",
    Outcome.FAILED: "pages_failed",
    Outcome.SKIPPED: "pages_skipped",
}
_ROW = ["schema", "doc_id", "path", "pages", *_COUNTS.values(), "records", "state"]


@dataclass(slots=True)
class ShardCheck:
    """What was found of the documents of one record type in one part of the documents table.

    Attributes:
        part: That part.
        schema: Record type.
        troubles: For each kind the ids of documents, or paths of those without.
        strays: Parts with rows of documents that are none of the shard's.
        unfinished: Documents that a stop or a repair has left to the next run.
        asked: A row for each request that a record was made from: `doc_id`, and a digest of its `id`.
    """

    part: Path
    schema: str
    troubles: dict[Kind, list[str]] = field(default_factory=lambda: defaultdict(list))
    strays: list[Path] = field(default_factory=list)
    unfinished: int = 0
    asked: pl.DataFrame = field(default_factory=pl.DataFrame)


def checked_shards(lake: Path, unsound: Collection[Path]) -> Iterator[ShardCheck]:
    """Every part of the documents table beside what the other tables hold of the same shard.

    Args:
        lake: Root folder.
        unsound: Parts that cannot be read.
    """
    replaced: dict[str, dict[str, pl.DataFrame]] = {}
    pruned: dict[str, set[str]] = {}
    parts = [part for part in parts_of(lake / DOCUMENTS.folder) if part not in unsound]
    for part in parts:
        documents = read_parts([part], columns=_ROW)
        for schema in documents["schema"].unique().sort().to_list():
            if schema not in replaced:
                replaced[schema] = replaced_rows(lake, schema, parts)
                pruned[schema] = being_pruned(lake, schema)
            rows = documents.filter(pl.col("schema") == schema)
            gone = replaced[schema].get(shard_of(part))
            keys = pruned[schema] | (set() if gone is None else set(keys_of(gone)["key"]))
            yield _Shard(lake, part, schema, unsound, keys).check(rows.to_dicts())


@dataclass(frozen=True, slots=True)
class _Shard:
    lake: Path
    part: Path
    schema: str
    unsound: Collection[Path]
    gone: set[str]

    def check(self, documents: Sequence[Row]) -> ShardCheck:
        """Hold every document against its rows in the other tables."""
        found = ShardCheck(self.part, self.schema)
        keys = {_key(row) for row in documents}
        pages = self._rows(found, PAGES_TABLE.folder, ["doc_id", "page", "outcome"], keys)
        failures = self._rows(found, FAILURES.folder, ["doc_id", "path"], keys)
        records = self._rows(found, records_table(self.schema, {}).folder, ["_doc_id", "_custom_ids"], keys)
        for row in documents:
            key = _key(row)
            if row["state"] == "unfinished":
                found.unfinished += 1
            elif row["state"] != "duplicate" and key not in self.gone:
                for kind in _troubles(row, pages[key], failures[key], records[key]):
                    found.troubles[kind].append(key)
        counted = {_key(row) for row in documents if row["state"] in {"done", "failed"}} - self.gone
        asked = [(key, one) for key in counted for each in records[key] for one in each["_custom_ids"]]
        ids = pl.DataFrame(asked, schema={"doc_id": pl.String, "id": pl.String}, orient="row")
        found.asked = ids.with_columns(pl.col("id").hash())
        return found

    def _rows(
        self, found: ShardCheck, folder: str, columns: list[str], keys: Collection[str]
    ) -> dict[str, list[Row]]:
        """Rows of a table by document; parts with rows of other documents are noted."""
        rows: dict[str, list[Row]] = defaultdict(list)
        for part in parts_of(self.lake / folder, shard_of(self.part)):
            if part in self.unsound:
                continue
            ours = [] if folder.startswith("records") else [pl.col("schema") == self.schema]
            stray = False
            for row in read_parts([part], *ours, columns=columns).iter_rows(named=True):
                key = _key(row)
                rows[key].append(row)
                stray = stray or key not in keys
            if stray:
                found.strays.append(part)
        return rows


def _key(row: Row) -> str:
    """What a document is known by: its id, or its path when it could not be read."""
    key: str = row.get("_doc_id") or row.get("doc_id") or row["path"]
    return key


def _troubles(row: Row, pages: list[Row], failures: list[Row], records: list[Row]) -> Iterator[Kind]:
    if row["pages"] is not None:
        if not _balances(row, pages):
            yield Kind.PAGES
        if len(records) != row["records"]:
            yield Kind.RECORDS
    if row["state"] == "failed" and not failures:
        yield Kind.FAILURES


def _balances(row: Row, pages: list[Row]) -> bool:
    """Whether each page of a document has one row, and they say what its own row says."""
    outcomes = Counter(page["outcome"] for page in pages)
    told = {outcome.value: row[column] for outcome, column in _COUNTS.items()}
    numbers = {page["page"] for page in pages}
    return len(pages) == len(numbers) == row["pages"] and all(
        outcomes[outcome] == count for outcome, count in told.items()
    )
