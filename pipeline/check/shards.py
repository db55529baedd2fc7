"""The tables of a lake held against its table of documents, a shard at a time."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipeline.check.findings import Kind
from pipeline.records import Outcome
from pipeline.store.parts import parts_of, read_parts, scan_parts, shard_of, streamed
from pipeline.store.present import being_pruned
from pipeline.store.replaced import keys_of, replaced_rows
from pipeline.store.tables import DOCUMENTS, FAILURES, PAGES_TABLE, PROVENANCE, Table, records_table

_COUNTS = {
    Outcome.RECORD: "pages_in_records",
    Outcome.BLANK: "pages_blank",
    Outcome.FAILED: "pages_failed",
    Outcome.SKIPPED: "pages_skipped",
}
_ROW = ["schema", "doc_id", "path", "pages", *_COUNTS.values(), "records", "state"]

_KEY = pl.coalesce("doc_id", "path")
"""What a document is known by: its id, or its path when it could not be read."""
_NOBODY = pl.DataFrame(schema={"key": pl.String})

_SUMS = {"rows": pl.len(), "numbers": pl.col("page").n_unique()} | {
    outcome.value: (pl.col("outcome") == outcome.value).sum() for outcome in Outcome
}
"""What there is to know of the pages of a document: rows, distinct numbers, and how many went where."""

_WAS_OPENED = pl.col("pages").is_not_null()
_WRONG = {
    Kind.PAGES: _WAS_OPENED
    & pl.any_horizontal(
        pl.col("rows") != pl.col("pages"),
        pl.col("numbers") != pl.col("pages"),
        *(pl.col(outcome.value).ne_missing(pl.col(column)) for outcome, column in _COUNTS.items()),
    ),
    Kind.RECORDS: _WAS_OPENED & pl.col("made").ne_missing(pl.col("records")),
    Kind.FAILURES: (pl.col("state") == "failed") & (pl.col("reasons") == 0),
}
"""What is wrong with a document, by its row and what is summed up of the other tables."""


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

    Raises:
        StoreError: Another part cannot be read either.
    """
    replaced: dict[str, dict[str, pl.DataFrame]] = {}
    pruned: dict[str, pl.DataFrame] = {}
    parts = [part for part in parts_of(lake / DOCUMENTS.folder) if part not in unsound]
    for part in parts:
        documents = read_parts([part], columns=_ROW).with_columns(key=_KEY)
        for schema in documents["schema"].unique().sort().to_list():
            if schema not in replaced:
                replaced[schema] = replaced_rows(lake, schema, parts)
                pruned[schema] = pl.DataFrame(
                    {"key": list(being_pruned(lake, schema))}, schema=_NOBODY.schema
                )
            gone = replaced[schema].get(shard_of(part))
            keys = [pruned[schema], *([] if gone is None else [keys_of(gone)])]
            shard = _Shard(lake, part, schema, unsound, pl.concat(keys))
            yield shard.check(documents.filter(pl.col("schema") == schema))


@dataclass(frozen=True, slots=True)
class _Shard:
    lake: Path
    part: Path
    schema: str
    unsound: Collection[Path]
    gone: pl.DataFrame

    def check(self, documents: pl.DataFrame) -> ShardCheck:
        """Hold every document against its rows in the other tables, which are summed up as they are read."""
        pages = self._rows(PAGES_TABLE, pl.col("doc_id"), "page", "outcome")
        failures = self._rows(FAILURES, _KEY)
        records = self._rows(records_table(self.schema, PROVENANCE), pl.col("_doc_id"), "_custom_ids")
        settled = documents.filter(pl.col("state").is_in(["done", "failed"]))
        counted = settled.join(self.gone, on="key", how="anti", maintain_order="left")
        told = counted
        for sums in (pages.summed(**_SUMS), records.summed(made=pl.len()), failures.summed(reasons=pl.len())):
            told = told.join(sums, on="key", how="left", maintain_order="left")
        told = told.with_columns(pl.col(*_SUMS, "made", "reasons").fill_null(0))
        wrong = {kind: told.filter(is_wrong)["key"].to_list() for kind, is_wrong in _WRONG.items()}
        return ShardCheck(
            self.part,
            self.schema,
            troubles={kind: keys for kind, keys in wrong.items() if keys},
            strays=[part for rows in (pages, failures, records) for part in rows.strays(documents)],
            unfinished=documents.filter(pl.col("state") == "unfinished").height,
            asked=_asked(records, counted),
        )

    def _rows(self, table: Table, key: pl.Expr, *columns: str) -> "_Rows":
        """Rows of a table that belong to the shard."""
        found = _Rows(pl.Schema({"key": pl.String, **{name: table.columns[name] for name in columns}}))
        for part in parts_of(self.lake / table.folder, shard_of(self.part)):
            if part not in self.unsound:
                rows = scan_parts([part])
                if "schema" in table.columns:
                    rows = rows.filter(pl.col("schema") == self.schema)
                found.parts[part] = rows.select(key.alias("key"), *columns)
        return found


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of a table, unread, each with the `key` of its document.

    Attributes:
        kinds: Their columns.
        parts: Those of each part.
    """

    kinds: pl.Schema
    parts: dict[Path, pl.LazyFrame] = field(default_factory=dict)

    @property
    def all(self) -> pl.LazyFrame:
        """Those of all parts."""
        return pl.concat([pl.LazyFrame(schema=self.kinds), *self.parts.values()])

    def summed(self, **sums: pl.Expr) -> pl.DataFrame:
        """A row for each document."""
        return streamed(self.all.group_by("key").agg(**sums), list(self.parts))

    def strays(self, documents: pl.DataFrame) -> Iterator[Path]:
        """The parts with rows of other documents."""
        ours = documents.lazy().select("key")
        for part, rows in self.parts.items():
            others = rows.select("key").join(ours, on="key", how="anti")
            if not streamed(others.head(1), [part]).is_empty():
                yield part


def _asked(records: _Rows, documents: pl.DataFrame) -> pl.DataFrame:
    """The requests that the records of documents were made from."""
    asked = records.all.join(documents.lazy().select("key"), on="key", how="semi")
    ids = asked.select("key", id="_custom_ids").explode("id").drop_nulls("id")
    return streamed(ids.select(doc_id="key", id=pl.col("id").hash()), list(records.parts))
