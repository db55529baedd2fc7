"""Parts of a shard whose part of the documents table is not there: of a killed run, or robbed of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline.store.children import records_folders
from pipeline.store.journal import has_journal
from pipeline.store.lake import JOURNAL
from pipeline.store.parts import columns_in, parts_of, read_parts, shard_of
from pipeline.store.tables import DOCUMENTS, FAILURES, PAGES_TABLE

_KEYS = ("doc_id", "_doc_id", "path")


@dataclass(frozen=True, slots=True)
class Orphans:
    """What is left of one shard.

    Attributes:
        shard: Its name.
        parts: Its parts of other tables that can be read.
        leftover: Whether a run was killed before it committed them, so that the next one removes them.
    """

    shard: str
    parts: Sequence[Path]
    leftover: bool


def orphans_of(lake: Path, unsound: Collection[Path]) -> list[Orphans]:
    """The shards without a part of the documents table.

    A run that is killed leaves a journal beside what it did not commit, or has worked documents again that
    the lake had before. Whatever else has no documents part has lost it.

    Raises:
        StoreError: A part cannot be read.
    """
    committed = {shard_of(part) for part in parts_of(lake / DOCUMENTS.folder)}
    found: dict[str, list[Path]] = defaultdict(list)
    for folder in (lake / PAGES_TABLE.folder, lake / FAILURES.folder, *records_folders(lake)):
        for part in parts_of(folder):
            if shard_of(part) not in committed and part not in unsound:
                found[shard_of(part)].append(part)
    if not found:
        return []
    listed = _keys(part for part in parts_of(lake / DOCUMENTS.folder) if part not in unsound)
    return [
        Orphans(shard, parts, has_journal(lake / JOURNAL, shard) or _keys(parts) <= listed)
        for shard, parts in sorted(found.items())
    ]


def _keys(parts: Iterable[Path]) -> set[str]:
    """What the documents are known by that parts have rows of."""
    keys: set[str] = set()
    for part in parts:
        names = [name for name in _KEYS if name in columns_in(part)]
        keys.update(read_parts([part], columns=names).select(pl.coalesce(names)).to_series())
    return keys
