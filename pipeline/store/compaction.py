"""Many small parts of a lake written anew as few large ones.

Which parts take the place of which is noted before the new ones count. Whoever opens the lake after a kill
finds the note and either removes what was replaced, or the half of what was to replace it.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import polars as pl

from pipeline.errors import StoreError
from pipeline.store.disk import remove
from pipeline.store.parquet import write_scanned, write_text
from pipeline.store.parts import parts_of, read_parts, scan_parts, shard_of
from pipeline.store.tables import ANSWERS, DOCUMENTS, FAILURES, PAGES_TABLE, Table

T = TypeVar("T")

NOTE = "_journal/compaction.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Parts that become one part for each of their tables.

    Attributes:
        tables: The old parts of each table, in the order of their runs; documents, which commit, come last.
    """

    tables: Sequence[tuple[Table, Sequence[Path]]]

    @property
    def parts(self) -> list[Path]:
        """All of them."""
        return [part for _, parts in self.tables for part in parts]

    @property
    def is_worth_it(self) -> bool:
        """Whether fewer parts come of it."""
        return len(self.parts) > sum(bool(parts) for _, parts in self.tables)


def groups_of(lake: Path, schema: str, records: Table, most_bytes: int) -> Iterator[Group]:
    """The committed shards of a record type, gathered up to a size of their parts.

    Raises:
        StoreError: A part cannot be read.
    """
    tables = (PAGES_TABLE, FAILURES, records, DOCUMENTS)
    shards = [
        Group(tables=[(table, parts_of(lake / table.folder, shard_of(part))) for table in tables])
        for part in parts_of(lake / DOCUMENTS.folder)
        if _is_of(part, schema)
    ]
    for gathered in _gathered(shards, [_size(shard.parts) for shard in shards], most_bytes):
        yield Group(
            tables=[
                (table, [part for shard in gathered for part in shard.tables[index][1]])
                for index, table in enumerate(tables)
            ]
        )


def answer_groups(lake: Path, most_bytes: int) -> Iterator[Group]:
    """The parts of the answers table, gathered up to a size."""
    parts = parts_of(lake / ANSWERS.folder)
    for gathered in _gathered(parts, [part.stat().st_size for part in parts], most_bytes):
        yield Group(tables=[(ANSWERS, gathered)])


def compact(lake: Path, group: Group, name: str) -> list[Path]:
    """Put one part a table in the place of a group; returns the new ones.

    Args:
        lake: Root folder, which is held.
        group: What is there.
        name: `part-<run>-<shard>` of the new ones, later than all of the group.

    Raises:
        StoreError: A part cannot be read or written.
    """
    new = [(parts, lake / table.folder / f"{name}-000.parquet") for table, parts in group.tables if parts]
    note = {
        "new": [str(path.relative_to(lake)) for _, path in new],
        "old": [str(path.relative_to(lake)) for path in group.parts],
    }
    write_text(lake / NOTE, json.dumps(note))
    for parts, path in new:
        write_scanned(path, scan_parts(parts), parts)
    finish_compaction(lake)
    return [path for _, path in new]


@dataclass(frozen=True, slots=True)
class Noted:
    """Which parts are to take the place of which, relative to the lake."""

    new: Sequence[str]
    old: Sequence[str]


def noted_compaction(lake: Path) -> Noted | None:
    """What a compaction that was cut off has noted; None when there was none.

    Raises:
        StoreError: The note cannot be read.
    """
    try:
        told = json.loads((lake / NOTE).read_bytes())
        return Noted(told["new"], told["old"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise StoreError(f"{lake / NOTE} cannot be read: run pagelake check LAKE --repair") from error


def finish_compaction(lake: Path) -> None:
    """End what a compaction began: it counts once all of its new parts are there.

    Raises:
        StoreError: It cannot be told what it was about to do.
    """
    told = noted_compaction(lake)
    if told is None:
        return
    is_done = all((lake / path).exists() for path in told.new)
    remove(lake / path for path in (told.old if is_done else told.new))
    remove([lake / NOTE])


def _is_of(part: Path, schema: str) -> bool:
    return not read_parts([part], pl.col("schema") == schema, columns=["schema"]).is_empty()


def _size(parts: Iterable[Path]) -> int:
    return sum(part.stat().st_size for part in parts)


def _gathered(things: Sequence[T], sizes: Sequence[int], most: int) -> Iterator[list[T]]:
    """Neighbours together, as many as fit."""
    group, held = list[T](), 0
    for thing, size in zip(things, sizes, strict=True):
        if group and held + size > most:
            yield group
            group, held = [], 0
        group.append(thing)
        held += size
    if group:
        yield group
