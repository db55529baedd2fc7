"""Rows that no longer count: of shards that were never committed, of documents that were worked again."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from pipeline.store.disk import remove
from pipeline.store.parquet import write_scanned
from pipeline.store.parts import parts_of, read_parts, scan_parts, shard_of, streamed
from pipeline.store.tables import DOCUMENTS, FAILURES, PAGES_TABLE, Table

KEY = pl.coalesce("doc_id", "path")
"""What a document is known by: its id, or its path when it could not be read."""

_ROW = ["doc_id", "path", "state"]
"""What tells the rows of one part of the documents table apart."""

_TORN = (
    "*/.part-*.parquet.tmp",
    "records/*/.part-*.parquet.tmp",
    "_runs/.*.tmp",
    "_journal/.*.tmp",
    "_jobs/*/.*.tmp",
)
"""Where half-written files are that a kill has left."""


def drop_uncommitted(lake: Path) -> None:
    """Remove the parts of shards that have no documents part: their run was killed before the commit.

    Answers are kept whatever became of their shard: they are paid.
    """
    committed = {shard_of(part) for part in parts_of(lake / DOCUMENTS.folder)}
    folders = (lake / PAGES_TABLE.folder, lake / FAILURES.folder, *lake.glob("records/*"))
    parts = [part for folder in folders for part in parts_of(folder) if shard_of(part) not in committed]
    remove([*parts, *torn_files(lake)])


def torn_files(lake: Path) -> list[Path]:
    """Half-written files that a kill has left."""
    return sorted(file for torn in _TORN for file in lake.glob(torn))


def drop_replaced(lake: Path, schema: str, records: Table) -> None:
    """Keep only the rows that count of each document that was worked more than once.

    The documents table is changed last, so that a kill in between leaves what is needed to go on.
    """
    for shard, gone in replaced_rows(lake, schema).items():
        keys = keys_of(gone)
        for table, key in ((records, "_doc_id"), (PAGES_TABLE, "doc_id"), (FAILURES, KEY)):
            drop_rows(parts_of(lake / table.folder, shard), keys, {"key": key})
        drop_rows(parts_of(lake / DOCUMENTS.folder, shard), gone.select(_ROW), {name: name for name in _ROW})


def keys_of(gone: pl.DataFrame) -> pl.DataFrame:
    """Keys of the documents whose rows in other tables go with those that `replaced_rows` names."""
    return gone.filter(pl.col("state") != "duplicate").select(key=KEY)


def replaced_rows(lake: Path, schema: str, parts: Sequence[Path] | None = None) -> dict[str, pl.DataFrame]:
    """For each shard the rows of its documents part that no longer count; `parts` are all when left out.

    Of a document that was worked several times the newest row counts; one that a stop left unfinished only
    where there is no other. A file that could not be read counts until its path gives something else.
    """
    parts = parts_of(lake / DOCUMENTS.folder) if parts is None else parts
    about = pl.col("schema") == schema
    told_again = _told_again(parts, about)
    if told_again is None:
        return {}
    rows = read_parts(parts, about, told_again, columns=_ROW, file="file")
    shard, further = pl.col("shard"), pl.col("state") == "duplicate"
    rows = rows.with_columns(shard=pl.col("file").str.extract(r"([^/\\]+)-\d+\.parquet$"))
    last_of_path = rows.with_columns(last=shard.max().over("path"))
    unread = last_of_path.filter(pl.col("doc_id").is_null(), shard != pl.col("last"))
    finished = pl.col("state") != "unfinished"
    worked = rows.filter(pl.col("doc_id").is_not_null(), ~further).with_columns(
        last=shard.sort_by(finished, shard).last().over("doc_id")
    )
    old = worked.filter(shard != pl.col("last"))
    gone = pl.concat([unread.drop("last"), old.drop("last")])
    return {str(name): group for (name,), group in gone.group_by("shard", maintain_order=True)}


def _told_again(parts: Sequence[Path], about: pl.Expr) -> pl.Expr | None:
    """What holds for all rows of documents and paths that have more than one; None where there are none.

    Only digests are held to find that out: it is looked for at each opening and each end.
    """
    doc, path = pl.when(pl.col("doc_id").is_not_null()).then(pl.col("doc_id").hash()), pl.col("path").hash()
    if not parts:
        return None
    marks = streamed(scan_parts(parts).filter(about).select(doc=doc, path=path), parts)
    docs, paths = (_repeated(marks[name]) for name in ("doc", "path"))
    if docs.is_empty() and paths.is_empty():
        return None
    return doc.is_in(docs.implode()) | path.is_in(paths.implode())


def _repeated(marks: pl.Series) -> pl.Series:
    return marks.filter(marks.is_duplicated() & marks.is_not_null()).unique()


def drop_rows(parts: Sequence[Path], gone: pl.DataFrame, by: Mapping[str, pl.Expr | str]) -> None:
    """Write parts anew without the rows that are gone, and remove those of which none is left."""
    for part in parts:
        marks = streamed(scan_parts([part]).select(**by), [part]).with_row_index("row")
        left = marks.join(gone, on=gone.columns, how="anti", nulls_equal=True)
        if left.is_empty():
            remove([part])
        elif left.height < marks.height:
            is_left = pl.col("row").is_in(left["row"].implode())
            rows = scan_parts([part]).with_row_index("row").filter(is_left).drop("row")
            write_scanned(part, rows, [part])
