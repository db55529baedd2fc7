"""A lake looked through: every part read whole, the tables held against one another."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import polars as pl

from pipeline.check.findings import Finding, Kind
from pipeline.check.offspring import misled_children
from pipeline.check.orphans import orphans_of
from pipeline.check.remains import remains_of
from pipeline.check.shards import ShardCheck, checked_shards
from pipeline.errors import ConfigError
from pipeline.store.children import child_folders, records_folders
from pipeline.store.compaction import NOTE
from pipeline.store.flaws import flaw_of
from pipeline.store.lake import RUNS
from pipeline.store.lock import is_held
from pipeline.store.parts import parts_of, read_parts
from pipeline.store.tables import ANSWERS, DOCUMENTS, FAILURES, PAGES_TABLE, PROVENANCE, Columns

_WORDS = {
    Kind.RECORDS: "another number of records than the documents table tells",
    Kind.PAGES: "pages that do not come to what the documents table tells",
    Kind.FAILURES: "failed, without a row that says why",
    Kind.ANSWERS: "records of which an answer is gone",
}
_SHOWN = 12
"""Digits of a document's id that are shown."""


def check(lake: Path) -> Iterator[Finding]:
    """Everything that is wrong with a lake, or to be known of it; nothing is changed.

    Held at a time are one part, and some bytes for each answer and document.

    Raises:
        ConfigError: It is no lake.
        StoreError: A folder of it cannot be read.
    """
    if not any((lake / name).is_dir() for name in (DOCUMENTS.folder, ANSWERS.folder, RUNS)):
        raise ConfigError(f"{lake} is not a lake; name the folder that was given to --out")
    held = is_held(lake)
    if held:
        yield Finding(kind=Kind.AT_WORK, where=".", what="a run is at work on the lake", wrong=False)
    unsound: set[Path] = set()
    for part, flaw in flawed_parts(lake):
        unsound.add(part)
        yield Finding(kind=Kind.DAMAGED, where=_name(lake, part), what=flaw, aside=part)
    yield from _orphans(lake, unsound, held=held)
    yield from _shards(lake, unsound)
    yield from _repeated(lake, unsound)
    changing = held or (lake / NOTE).exists()  # children follow when their records have changed
    for part, why in misled_children(lake, unsound):
        there = part if part.exists() else None
        yield Finding(kind=Kind.CHILDREN, where=_name(lake, part), what=why, wrong=not changing, aside=there)
    yield from remains_of(lake)


def flawed_parts(lake: Path) -> Iterator[tuple[Path, str]]:
    """The parts that cannot be used, and why, in a few words."""
    for folder, columns in _tables(lake):
        for part in parts_of(folder):
            if flaw := flaw_of(part, columns):
                yield part, flaw


def lost_answers(lake: Path, shards: Sequence[ShardCheck], unsound: Collection[Path]) -> pl.DataFrame:
    """The `part`, as its place among the shards, and `doc_id` of records of which an answer is gone."""
    asked = [one.asked.with_columns(part=pl.lit(at, pl.Int64)) for at, one in enumerate(shards)]
    known = _answer_ids(lake, unsound).unique()
    lost = (
        pl.concat(asked).join(known, on="id", how="anti")
        if asked
        else pl.DataFrame({"part": [], "doc_id": []})
    )
    return lost.select("part", "doc_id").unique(maintain_order=True)


def _tables(lake: Path) -> Iterator[tuple[Path, Columns]]:
    for table in (DOCUMENTS, PAGES_TABLE, ANSWERS, FAILURES):
        yield lake / table.folder, table.columns
    for folder in records_folders(lake):
        yield folder, PROVENANCE
    for folder in child_folders(lake):
        yield folder, {}


def _orphans(lake: Path, unsound: Collection[Path], *, held: bool) -> Iterator[Finding]:
    for one in orphans_of(lake, unsound):
        names = ", ".join(_name(lake, part) for part in one.parts)
        if one.leftover or held:
            why = "is what a killed run did not commit, or one at work has not yet"
            yield Finding(kind=Kind.UNCOMMITTED, where=names, what=why, wrong=False)
        else:
            where = f"{DOCUMENTS.folder}/{one.shard}-*.parquet"
            yield Finding(kind=Kind.ORPHANED, where=where, what=f"is gone, to which belong {names}")


def _shards(lake: Path, unsound: Collection[Path]) -> Iterator[Finding]:
    shards = []
    for shard in checked_shards(lake, unsound):
        yield from _troubles(lake, shard)
        shards.append(shard)
    for (at,), lost in lost_answers(lake, shards, unsound).group_by("part", maintain_order=True):
        yield _trouble(lake, shards[int(str(at))], Kind.ANSWERS, lost["doc_id"].to_list())


def _troubles(lake: Path, shard: ShardCheck) -> Iterator[Finding]:
    for part in shard.strays:
        what = "holds rows of documents of another shard"
        yield Finding(kind=Kind.DAMAGED, where=_name(lake, part), what=what, aside=part)
    for kind, keys in shard.troubles.items():
        yield _trouble(lake, shard, kind, keys)
    if shard.unfinished:
        what = f"{shard.unfinished} documents of {shard.schema!r} are unfinished"
        yield Finding(kind=Kind.UNFINISHED, where=_name(lake, shard.part), what=what, wrong=False)


def _trouble(lake: Path, shard: ShardCheck, kind: Kind, keys: Sequence[str]) -> Finding:
    shown = keys[0] if "/" in keys[0] else keys[0][:_SHOWN]
    which = f"document {shown}" + (f" and {len(keys) - 1} more" if len(keys) > 1 else "")
    return Finding(kind=kind, where=_name(lake, shard.part), what=f"{shard.schema}, {which}: {_WORDS[kind]}")


def _repeated(lake: Path, unsound: Collection[Path]) -> Iterator[Finding]:
    ids = _answer_ids(lake, unsound)
    if more := ids.height - ids["id"].n_unique():
        what = f"{more} answers stand in it more than once"
        yield Finding(kind=Kind.REPEATED, where=ANSWERS.folder, what=what, wrong=False)


def _answer_ids(lake: Path, unsound: Collection[Path]) -> pl.DataFrame:
    """A digest of the id of each answer, which is enough to find one again."""
    parts = [part for part in parts_of(lake / ANSWERS.folder) if part not in unsound]
    ids = (read_parts([part], columns=["custom_id"]).select(id=pl.col("custom_id").hash()) for part in parts)
    return pl.concat([pl.DataFrame(schema={"id": pl.UInt64}), *ids])


def _name(lake: Path, path: Path) -> str:
    return str(path.relative_to(lake))
