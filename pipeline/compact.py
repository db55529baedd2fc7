"""A lake of many small parts, as many runs leave it, made into one of few."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline.store.children import update_children
from pipeline.store.compaction import answer_groups, compact, groups_of
from pipeline.store.lake import Lake
from pipeline.store.parts import columns_in, parts_of
from pipeline.store.results import schemas_in
from pipeline.store.tables import ANSWERS, DOCUMENTS, FAILURES, PAGES_TABLE, PROVENANCE, Table, records_table

PART_BYTES = 64 << 20
"""Size up to which parts are put together: large enough to be read fast, small enough to be held whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compacted:
    """What became of one table.

    Attributes:
        table: Its folder.
        before: Parts that it had.
        after: Parts that it has.
    """

    table: str
    before: int
    after: int


def compact_lake(lake: Path, *, part_bytes: int = PART_BYTES) -> list[Compacted]:
    """Put the small parts of all tables together. Rows stay as they are, and so does what is read from them.

    Args:
        lake: Root folder.
        part_bytes: Size up to which parts are put together.

    Raises:
        ConfigError: It is not a lake, or a run is working on it.
        StoreError: It cannot be read or written.
    """
    tables = [_records(lake, schema) for schema in schemas_in(lake)]
    counted = [table.folder for table in (DOCUMENTS, PAGES_TABLE, FAILURES, ANSWERS, *tables)]
    before = {folder: len(parts_of(lake / folder)) for folder in counted}
    for schema, records in zip(schemas_in(lake), tables, strict=True):
        with Lake(lake, records, schema) as held:
            _compact(held, schema, records, part_bytes)
    return [
        Compacted(table=folder, before=count, after=len(parts_of(lake / folder)))
        for folder, count in before.items()
    ]


def _compact(held: Lake, schema: str, records: Table, part_bytes: int) -> None:
    groups = [
        *groups_of(held.root, schema, records, part_bytes),
        *answer_groups(held.root, part_bytes),
    ]
    for number, group in enumerate(groups, start=1):
        if group.is_worth_it:
            compact(held.root, group, f"part-{held.run}-{number:05}")
    update_children(held.root, records, ())


def _records(lake: Path, schema: str) -> Table:
    """The table of a record type, with the columns that its newest part has."""
    table = records_table(schema, {})
    parts = parts_of(lake / table.folder)
    there = columns_in(parts[-1]) if parts else pl.Schema()
    return records_table(schema, {name: kind for name, kind in there.items() if name not in PROVENANCE})
