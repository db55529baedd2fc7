"""What a lake holds of a record type, for those who read it and write nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.errors import ConfigError
from pipeline.store.columns import Column
from pipeline.store.parts import columns_in, parts_of, read_parts, shard_of
from pipeline.store.replaced import keys_of, replaced_rows
from pipeline.store.rows import values_of
from pipeline.store.tables import DOCUMENTS, PROVENANCE, records_table

_MARK = "_removed_at"


@dataclass(frozen=True, slots=True)
class Listed:
    """One path of a lake.

    Attributes:
        doc_id: The document, None when the file could not be read.
        path: As the documents table has it.
        has_records: Whether records were made from the file of this path.
    """

    doc_id: str | None
    path: str
    has_records: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """One record of a lake.

    Attributes:
        values: Its fields, as `values_of` gives them.
        origin: The columns that pagelake adds, by name; None for those that an older lake lacks.
    """

    values: Mapping[str, Any]
    origin: Mapping[str, Any]


def schemas_in(lake: Path) -> list[str]:
    """Names of the record types that documents of a lake were worked for, sorted.

    Raises:
        ConfigError: It is not a lake.
        StoreError: It cannot be read.
    """
    if not (lake / DOCUMENTS.folder).is_dir():
        raise ConfigError(f"{lake} is not a lake; name the folder that was given to --out")
    rows = read_parts(parts_of(lake / DOCUMENTS.folder), columns=["schema"])
    return sorted(rows.to_series().unique()) if rows.width else []


def documents_in(lake: Path, schema: str) -> list[Listed]:
    """Every path of a record type with a file that holds its document, further paths of equal files included.

    Raises:
        StoreError: The lake cannot be read.
    """
    parts = parts_of(lake / DOCUMENTS.folder)
    rows = read_parts(
        parts,
        pl.col("schema") == schema,
        pl.col("removed_at").is_null(),
        columns=["doc_id", "path", "records", "state"],
        known=DOCUMENTS.columns,
    )
    return [
        Listed(doc_id, path, bool(records) and state != "duplicate")
        for doc_id, path, records, state in rows.iter_rows()
    ]


def records_in(
    lake: Path, schema: str, columns: Mapping[str, Column], doc_ids: Collection[str]
) -> list[Stored]:
    """The records of some documents, in page order.

    Those of documents that no file holds any more do not count. Of a document that was worked again those of
    its newest run do. Parts whose shard was never committed
    do not, as in a run.

    Raises:
        ConfigError: No part has some of the columns: the record type is another one by now.
        StoreError: The lake cannot be read.
    """
    parts = committed_parts(lake, schema)
    wanted, newest = pl.col("_doc_id").is_in(list(doc_ids)), dict[str, str]()
    rows: list[dict[str, Any]] = []
    known: set[str] = set() if parts else set(columns)
    for part in parts:  # one by one: an older part may have fewer columns
        frame = read_parts([part], wanted)
        known |= set(frame.columns)
        rows += frame.iter_rows(named=True)
    if lacking := [name for name in columns if name not in known]:
        raise ConfigError(
            f"the records of {schema!r} in {lake} have no column {', '.join(lacking)}; derive them anew "
            "with pagelake rebuild, or name the schema they were made with"
        )
    rows = [row for row in rows if row.get("_removed_at") is None]
    for row in rows:
        newest[row["_doc_id"]] = max(row["_run"], newest.get(row["_doc_id"], ""))
    kept = (row for row in rows if row["_run"] == newest[row["_doc_id"]])
    return [_stored(columns, row) for row in sorted(kept, key=lambda row: list(row["_pages"]))]


def committed_parts(lake: Path, schema: str) -> list[Path]:
    """Parts of the records of a record type whose shard was committed, in the order of the runs."""
    committed = {shard_of(part) for part in parts_of(lake / DOCUMENTS.folder)}
    folder = lake / records_table(schema, {}).folder
    return [part for part in parts_of(folder) if shard_of(part) in committed]


def scan_records(lake: Path, schema: str, *, removed: bool = False) -> pl.LazyFrame:
    """The records of a record type, unread: the columns of the newest part, rows in the order of the runs.

    Parts whose shard was never committed do not count, nor do rows that a newer run has replaced.

    Args:
        lake: Root folder.
        schema: Name of the record type.
        removed: Whether records of documents that no file holds any more come along.

    Raises:
        ConfigError: There are none.
        StoreError: The lake cannot be read.
    """
    parts = committed_parts(lake, schema)
    if not parts:
        held = ", ".join(schemas_in(lake)) or "nothing"
        raise ConfigError(f"{lake} has no records of {schema!r}; it was worked for {held}")
    columns = pl.Schema({**columns_in(parts[-1]), _MARK: PROVENANCE[_MARK]})
    replaced = replaced_rows(lake, schema)
    plain = [part for part in parts if shard_of(part) not in replaced]
    frames = [_scanned(plain, columns)] if plain else []
    for part in parts:
        if (gone := replaced.get(shard_of(part))) is not None:
            keys = keys_of(gone)["key"].to_list()
            frames.append(_scanned([part], columns).filter(~pl.col("_doc_id").is_in(keys)))
    scanned = pl.concat(frames)
    return scanned if removed else scanned.filter(pl.col(_MARK).is_null())


def _scanned(parts: list[Path], columns: pl.Schema) -> pl.LazyFrame:
    """Rows of parts, an older one of which may have fewer columns."""
    return pl.scan_parquet(
        parts,
        glob=False,
        hive_partitioning=False,
        schema=columns,
        missing_columns="insert",
        extra_columns="ignore",
    )


def _stored(columns: Mapping[str, Column], row: Mapping[str, Any]) -> Stored:
    return Stored(values_of(columns, row), {name: row.get(name) for name in PROVENANCE})
