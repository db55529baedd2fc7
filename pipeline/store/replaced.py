"""Rows that no longer count: of shards that were never committed, of documents that were worked again."""

from pathlib import Path

import polars as pl

from pipeline.store.parquet import write_frame
from pipeline.store.tables import DOCUMENTS, FAILURES, PAGES_TABLE, Table

_KEY = pl.coalesce("doc_id", "path")
"""What a document is known by: its id, or its path when it could not be read."""


def drop_uncommitted(lake: Path) -> None:
    """Remove the parts of shards that have no documents part: their run was killed before the commit.

    Answers are kept whatever became of their shard: they are paid.
    """
    committed = {_shard(part) for part in (lake / DOCUMENTS.folder).glob("*.parquet")}
    for pattern in ("pages/*.parquet", "failures/*.parquet", "records/*/*.parquet"):
        for part in lake.glob(pattern):
            if _shard(part) not in committed:
                part.unlink()
    for torn in lake.glob("**/.*.tmp"):
        torn.unlink()


def drop_replaced(lake: Path, schema: str, records: Table) -> None:
    """Keep only the newest rows of each document that was worked more than once.

    The documents table is changed last, so that a kill in between leaves what is needed to go on.
    """
    newest = _newest(lake, schema)
    if newest.is_empty():
        return
    ours = pl.col("schema") == schema
    for table, key, scope in (
        (records, pl.col("_doc_id"), pl.lit(True)),
        (PAGES_TABLE, pl.col("doc_id"), ours),
        (FAILURES, _KEY, ours),
        (DOCUMENTS, _KEY, ours & (pl.col("state") != "duplicate")),
    ):
        for part in sorted((lake / table.folder).glob("*.parquet")):
            _rewrite(part, newest, key, scope)


def _newest(lake: Path, schema: str) -> pl.DataFrame:
    """For each document that stands in several shards: its key and the newest of them.

    A file that could not be read at first is replaced by whatever its path gave later.
    """
    parts = sorted((lake / DOCUMENTS.folder).glob("*.parquet"))
    if not parts:
        return pl.DataFrame(schema={"key": pl.String, "newest": pl.String})
    rows = (
        pl.scan_parquet(parts, include_file_paths="file")
        .filter(pl.col("schema") == schema)
        .select(
            "doc_id", "path", "state", pl.col("file").str.extract(r"([^/\\]+)-\d+\.parquet$").alias("shard")
        )
    )
    worked = rows.filter(pl.col("doc_id").is_not_null(), pl.col("state") != "duplicate")
    found = pl.concat(
        [
            worked.group_by(key="doc_id").agg(
                newest=pl.col("shard").max(), shards=pl.col("shard").n_unique()
            ),
            rows.group_by(key="path")
            .agg(
                newest=pl.col("shard").max(),
                shards=pl.col("shard").n_unique(),
                unread=pl.col("doc_id").has_nulls(),
            )
            .filter("unread")
            .drop("unread"),
        ]
    )
    return found.filter(pl.col("shards") > 1).drop("shards").collect()


def _rewrite(part: Path, newest: pl.DataFrame, key: pl.Expr, scope: pl.Expr) -> None:
    """Write a part anew without its replaced rows, or remove it when none is left."""
    frame = pl.read_parquet(part, hive_partitioning=False)
    marks = frame.select(key.alias("key"), scope.alias("ours")).join(
        newest, on="key", how="left", maintain_order="left"
    )
    kept = frame.filter(~(marks["ours"] & (marks["newest"] != _shard(part)).fill_null(value=False)))
    if kept.is_empty():
        part.unlink()
    elif kept.height < frame.height:
        write_frame(part, kept)


def _shard(part: Path) -> str:
    """`part-<run>-<shard>` of a part's file name."""
    return part.name.removesuffix(".parquet").rsplit("-", 1)[0]
