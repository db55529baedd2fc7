"""Child tables held against the records they were made from."""

from collections.abc import Collection, Iterator
from pathlib import Path

import polars as pl

from pipeline.store.children import child_folders, items_of
from pipeline.store.parts import parts_of, read_parts


def misled_children(lake: Path, unsound: Collection[Path]) -> Iterator[tuple[Path, str]]:
    """The parts of child tables that do not follow their parents, the missing ones too, and in what.

    Raises:
        StoreError: A part cannot be read.
    """
    for folder in child_folders(lake):
        table, _, field = folder.name.partition(".")
        parents = {part.name: part for part in parts_of(folder.with_name(table)) if part not in unsound}
        there = {part.name: part for part in parts_of(folder)}
        for name in sorted(parents.keys() | there.keys()):
            if folder / name in unsound:
                continue
            if name not in parents:
                yield folder / name, "has no records part of its name"
            elif name not in there:
                yield folder / name, "is gone, and its records are there"
            elif not _follows(read_parts([there[name]]), parents[name], field):
                yield folder / name, "holds other items than its records"


def _follows(items: pl.DataFrame, parent: Path, field: str) -> bool:
    records = read_parts([parent])
    return field in records.columns and items.equals(items_of(records, field))
