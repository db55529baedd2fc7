"""Which documents are still held by a file, and the marks on the rows of those that are not.

A document is there as long as a file holds its bytes. The rows of the documents table say which file held
what, and since which run; a note says which files are gone. From both it follows what each row has to say, so
that a kill at any step leaves what is needed to go on: rows of other tables are changed before the one of the
documents table that they follow, and what is no longer needed to know goes last.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from pipeline.errors import StoreError
from pipeline.store import disk
from pipeline.store.parquet import write_frame, write_text
from pipeline.store.parts import parts_of, read_parts
from pipeline.store.replaced import KEY, drop_rows
from pipeline.store.tables import DOCUMENTS, FAILURES, PAGES_TABLE, Table

_WHERE = ["path", "path_bytes", "place", "stamp", "listed"]
"""What a row of the documents table says of a file."""

_READ = ["doc_id", *_WHERE, "state", "records", "removed_at"]
_ROW = ["doc_id", "path", "place", "state", "listed"]
"""What tells the rows of one part of the documents table apart."""

_FURTHER = pl.col("state") == "duplicate"


@dataclass(frozen=True, slots=True)
class Note:
    """What a run has found of files, beside what it lists.

    Attributes:
        gone: Places at which there is no file any more.
        prune: Whether rows of documents that no file holds are dropped.
        at: When that was found.
        run: Which run did; what it lists itself is not gone.
    """

    gone: Sequence[str]
    prune: bool
    at: str
    run: str

    @classmethod
    def file(cls, lake: Path, schema: str) -> Path:
        """Where it is kept until all rows say so."""
        return lake / "_journal" / f"sources-{schema}.json"

    @classmethod
    def read(cls, lake: Path, schema: str) -> "Note":
        """What is noted; nothing when all rows say so.

        Raises:
            StoreError: It cannot be read.
        """
        file = cls.file(lake, schema)
        try:
            return cls(**json.loads(file.read_bytes()))
        except FileNotFoundError:
            return cls((), False, datetime.now(UTC).isoformat(), "")
        except (OSError, ValueError, TypeError) as error:
            raise StoreError(f"{file} cannot be read: move it out of the lake") from error


def note_files(lake: Path, schema: str, run: str, *, gone: Sequence[str], prune: bool) -> None:
    """Note which files are gone, and whether rows are to be dropped, before anything is changed.

    Raises:
        StoreError: It cannot be written.
    """
    if gone or prune:
        told = {"gone": list(gone), "prune": prune, "at": datetime.now(UTC).isoformat(), "run": run}
        write_text(Note.file(lake, schema), json.dumps(told))


def settle_files(lake: Path, schema: str, records: Table) -> int:
    """Have every row say whether its document is there, and where; returns how many were pruned.

    Raises:
        StoreError: The lake cannot be read or written.
    """
    note = Note.read(lake, schema)
    parts = parts_of(lake / DOCUMENTS.folder)
    if not note.run and _is_settled(parts, schema):
        return 0
    rows = read_parts(parts, pl.col("schema") == schema, columns=_READ, file="file", known=DOCUMENTS.columns)
    pruned = 0
    if rows.height:
        rows = _judged(rows, note)
        _change(lake, records, _changes(rows, datetime.fromisoformat(note.at)))
        for (part,), gone in _superfluous(rows).group_by("file", maintain_order=True):
            drop_rows([Path(str(part))], gone.select(_ROW), {name: name for name in _ROW})
        if note.prune:
            pruned = _prune(lake, schema, records)
    if note.run:
        disk.remove([Note.file(lake, schema)])
    return pruned


def _is_settled(parts: Sequence[Path], schema: str) -> bool:
    """Whether each file is named by one row, of the document that was worked from it: the usual case."""
    live = (pl.col("schema") == schema, pl.col("removed_at").is_null())
    rows = read_parts(parts, *live, columns=["place", "state"], known=DOCUMENTS.columns)
    if rows.is_empty():
        return True
    places = rows["place"].drop_nulls()
    return rows.filter(_FURTHER).is_empty() and places.n_unique() == len(places)


def being_pruned(lake: Path, schema: str) -> set[str]:
    """Ids of documents, or paths of those without, of which a run that was killed may have dropped some rows.

    Raises:
        StoreError: The lake cannot be read.
    """
    if not Note.read(lake, schema).prune:
        return set()
    where = (pl.col("schema") == schema, pl.col("removed_at").is_not_null())
    parts = parts_of(lake / DOCUMENTS.folder)
    rows = read_parts(parts, *where, columns=["doc_id", "path"], known=DOCUMENTS.columns)
    return set(rows.select(KEY).to_series()) if rows.width else set()


def _judged(rows: pl.DataFrame, note: Note) -> pl.DataFrame:
    """The rows, each with whether its file still holds its document, and which row says best where that is.

    What a file holds now takes the place of what it held as soon as it has given rows: until then those of
    the older bytes are all there is.
    """
    live, there = pl.col("removed_at").is_null(), pl.col("place").is_not_null()
    gone = pl.Series([os.fsencode(place) for place in note.gone], dtype=pl.Binary)
    rows = rows.with_row_index("row").with_columns(key=KEY, worked=~_FURTHER)
    settled = (pl.col("worked") & ((pl.col("state") == "done") | (pl.col("records") > 0))).any().over("key")
    tells = live & there & settled & pl.col("doc_id").is_not_null()
    rows = rows.with_columns(latest=pl.when(tells).then("listed").max().over("place"))
    outdated = there & (pl.col("listed") < pl.col("latest")).fill_null(value=False)
    left = there & pl.col("place").is_in(gone.implode()) & (pl.col("listed") < note.run)
    rows = rows.with_columns(holds=live & ~outdated & ~left)
    first = {f"own_{name}": pl.col(name).filter("worked").first().over("key") for name in ("path", "place")}
    rows = rows.with_columns(
        **first, known=pl.col("worked").any().over("key"), present=pl.col("holds").any().over("key")
    )
    same = (pl.col("place") == pl.col("own_place")) | (pl.col("path") == pl.col("own_path"))
    rows = rows.with_columns(own=same.fill_null(value=False))
    order = pl.col("row").sort_by("holds", "own", "listed", descending=True, nulls_last=True)
    return rows.with_columns(best=order.first().over("key"))


def _changes(rows: pl.DataFrame, at: datetime) -> pl.DataFrame:
    """What the rows of worked documents have to say, of those that say something else."""
    best = rows.select(row_="row", **{f"new_{name}": name for name in _WHERE})
    worked = rows.filter("worked").join(best, left_on="best", right_on="row_", how="left")
    moment = pl.lit(at, DOCUMENTS.columns["removed_at"])
    elsewhere = pl.col("present") & (pl.col("place") != pl.col("new_place")).fill_null(value=True)
    moves = dict.fromkeys(("path", "path_bytes"), elsewhere)  # the same place stays spelt as it was
    wanted = {
        name: pl.when(moves.get(name, pl.col("present"))).then(f"new_{name}").otherwise(name)
        for name in _WHERE
    }
    removed = pl.when("present").then(None).otherwise(pl.coalesce("removed_at", moment))
    said = worked.select("file", "key", was=pl.struct(*_WHERE, "removed_at"), **wanted, removed_at=removed)
    now = pl.struct(*_WHERE, "removed_at")
    differs = now.ne_missing(pl.col("was"))
    shown = pl.struct("path", "removed_at").ne_missing(
        pl.struct(pl.col("was").struct.field("path"), pl.col("was").struct.field("removed_at"))
    )
    return said.filter(differs).with_columns(shown=shown).drop("was")


def _superfluous(rows: pl.DataFrame) -> pl.DataFrame:
    """Further paths that are none, or that the row of the worked document names by now."""
    best = pl.col("row") == pl.col("best")
    newest = pl.col("listed") == pl.col("listed").max().over("key", "place")
    stays = pl.col("holds") & ~best & ~pl.col("own") & newest.fill_null(value=True)
    return rows.filter(_FURTHER, pl.col("known"), ~stays)


def _change(lake: Path, records: Table, changes: pl.DataFrame) -> None:
    """Write what changes, the rows of the documents table after those of the others of their shard."""
    for (file,), group in changes.group_by("file", maintain_order=True):
        part = Path(str(file))
        shard, shown = part.name.rpartition("-")[0], group.filter("shown")
        for table, key, path, removed in (
            (records, pl.col("_doc_id"), "_source", "_removed_at"),
            (PAGES_TABLE, pl.col("doc_id"), "", "removed_at"),
            (FAILURES, KEY, "path", "removed_at"),
        ):
            names = {"removed_at": removed, **({"path": path} if path else {})}
            for other in parts_of(lake / table.folder, shard) if shown.height else ():
                _rewrite(other, shown, key, names)
        _rewrite(part, group, KEY, {name: name for name in (*_WHERE, "removed_at")}, but=_FURTHER)


def _rewrite(
    part: Path, changes: pl.DataFrame, key: pl.Expr, names: dict[str, str], but: pl.Expr | None = None
) -> None:
    """Put new values into the rows of some documents.

    Args:
        part: A part of a table.
        changes: The values of each document, by `key`.
        key: What documents are known by in this table.
        names: For each value the column that it goes to.
        but: Rows that stay as they are.
    """
    frame = read_parts([part])
    new = changes.unique("key", keep="last").select("key", **{f"new_{name}": name for name in names})
    meant = pl.col("key_").is_in(new["key"].implode()) & (~but if but is not None else pl.lit(value=True))
    rows = frame.with_columns(key_=key).with_columns(meant=meant)
    rows = rows.join(new, left_on="key_", right_on="key", how="left", maintain_order="left")
    changed = rows.with_columns(
        pl.when("meant").then(f"new_{name}").otherwise(column).alias(column) for name, column in names.items()
    ).select(frame.columns)
    if not changed.equals(frame):
        write_frame(part, changed)


def _prune(lake: Path, schema: str, records: Table) -> int:
    """Drop the rows of documents that no file holds, of the documents table last; answers are kept."""
    parts = parts_of(lake / DOCUMENTS.folder)
    where = (pl.col("schema") == schema, pl.col("removed_at").is_not_null(), ~_FURTHER)
    rows = read_parts(parts, *where, columns=["doc_id", "path"], file="file")
    if rows.height:
        rows = rows.with_columns(key=KEY)
    for (file,), group in rows.group_by("file", maintain_order=True) if rows.height else ():
        part = Path(str(file))
        shard, keys = part.name.rpartition("-")[0], group.select("key")
        for table, key in ((records, pl.col("_doc_id")), (PAGES_TABLE, pl.col("doc_id")), (FAILURES, KEY)):
            drop_rows(parts_of(lake / table.folder, shard), keys, {"key": key})
        drop_rows([part], keys, {"key": KEY})
    return rows.height
