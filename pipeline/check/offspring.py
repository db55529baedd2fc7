"""Child tables held against the records they were made from."""

from collections.abc import Collection, Iterator
from pathlib import Path

import polars as pl

from pipeline.store.children import child_folders, item_batches
from pipeline.store.parts import columns_in, parts_of, scan_parts, streamed


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
            elif not _follows(there[name], parents[name], field):
                yield folder / name, "holds other items than its records"


def _follows(child: Path, parent: Path, field: str) -> bool:
    """Whether a part has just the items of its records; some of both are held at a time."""
    if field not in columns_in(parent):
        return False
    items, at = scan_parts([child]), 0
    for due in item_batches(scan_parts([parent]), field):
        if not due.equals(streamed(items.slice(at, due.height), [child])):
            return False
        at += due.height
    return at == int(streamed(items.select(pl.len()), [child]).item())
