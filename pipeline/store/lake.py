"""A lake that one run writes to: opened under a lock, mended where a run was killed, closed whole."""

import contextlib
import logging
import re
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Self

import polars as pl

from pipeline.doubts import Doubt
from pipeline.errors import ConfigError
from pipeline.records import Answer, printable
from pipeline.store import disk, journal, replaced
from pipeline.store.aside import set_aside
from pipeline.store.children import update_children
from pipeline.store.compaction import finish_compaction
from pipeline.store.evolve import evolve, widen
from pipeline.store.flaws import flaw_of
from pipeline.store.ledger import Ledger
from pipeline.store.leftovers import Leftovers, leftovers
from pipeline.store.listing import Listing
from pipeline.store.lock import give_back, lock_of, take
from pipeline.store.notes import write_doubts
from pipeline.store.parquet import write_rows, write_text
from pipeline.store.parts import columns_in, parts_of, read_parts, run_of
from pipeline.store.present import note_files, settle_files
from pipeline.store.private import private_folder
from pipeline.store.tables import ANSWERS, DOCUMENTS, FAILURES, PAGES_TABLE, PROVENANCE, Table, answer_row
from pipeline.store.writer import ShardWriter
from pipeline.summary import RunSummary

log = logging.getLogger(__name__)

JOURNAL = "_journal"
RUNS = "_runs"

_ID_FORMAT = "%Y%m%dT%H%M%S%f"
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:/")  # what a Path leaves of s3://bucket


class Changes(Enum):
    """What to do with records that were written when their record type had other columns."""

    REFUSED = "refused"
    EVOLVED = "evolved"
    REPLACED = "replaced"  # by whoever opens the lake, who makes all records anew


class Lake:
    """The lake of one run; a context manager that holds its lock.

    Entering it finishes what a killed run left: parts that were not committed are removed, journals are
    folded into the answers table, rows that were replaced are dropped.

    Args:
        root: Root folder, made when it is absent.
        records: Table of the record type.
        schema: Name of the record type.
        changes: What to do with records that have other columns.
        children: Lists to lay out as tables of their own.

    Attributes:
        run: Id of this run, given when the lock is held; ids sort in the order of the runs.
        ledger: What the lake held when it was opened.
        listing: Which files held it.
        in_doubt: Requests of earlier runs that may have been charged for without an answer, and that stand
            in no manifest.

    Raises:
        ConfigError: Another run works on it, its records have other columns, or its place cannot be used.
        StoreError: The lake cannot be read or written.
    """

    def __init__(
        self,
        root: Path,
        records: Table,
        schema: str,
        *,
        changes: Changes = Changes.REFUSED,
        children: Sequence[str] = (),
    ) -> None:
        self.root = root
        self.records = records
        self.run = ""
        self.in_doubt: tuple[Doubt, ...] = ()
        self._schema = schema
        self._changes = changes
        self._children = children
        self._kept = 0
        self._flushes = journal.Flushes()
        self._lock = lock_of(root)

    def __enter__(self) -> Self:
        """Take the lock, mend, and read what is there."""
        self._make_folders()
        take(self._lock, self.root)
        try:
            self.run = next_run_id(self.root, datetime.now(UTC))
            self._settle_columns()
            for table in (DOCUMENTS, ANSWERS, PAGES_TABLE, FAILURES):
                widen(parts_of(self.root / table.folder), pl.Schema(table.columns))
            self._mend()
            self.ledger = Ledger.load(self.root, self._schema)
            self.listing = Listing.load(self.root, self._schema)
        except BaseException:
            give_back(self._lock, self.root)
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        """Give the lock back."""
        give_back(self._lock, self.root)

    def writer(self, shard: int) -> ShardWriter:
        """Where the rows of one shard go; shards count from 1."""
        return ShardWriter(self.root, self.records, self.run, shard, self.root / JOURNAL, self._flushes)

    def keep(self, answers: Sequence[Answer]) -> list[Answer]:
        """Write paid answers that belong to no shard of this run; returns those that the lake did not have.

        Raises:
            StoreError: They could not be written.
        """
        answers = self._not_in_tables(answers)
        if answers:
            rows = [answer_row(answer) | {"run": self.run} for answer in answers]
            name = f"part-{self.run}-00000-{self._kept:03}.parquet"
            write_rows(self.root / ANSWERS.folder / name, rows, ANSWERS.columns)
            self._kept += 1
        return answers

    def answered(self, custom_ids: Collection[str]) -> set[str]:
        """Those of the requests whose answer is in the lake.

        Raises:
            StoreError: The answers table cannot be read.
        """
        parts = parts_of(self.root / ANSWERS.folder) if custom_ids else []
        there = read_parts(parts, pl.col("custom_id").is_in(list(custom_ids)), columns=["custom_id"])
        return set(there.to_series()) if there.width else set()

    @property
    def has_declared_columns(self) -> bool:
        """Whether the records that were there when it was opened have the columns of the record type."""
        parts, now = parts_of(self.root / self.records.folder), pl.Schema(self.records.columns)
        return all(_declared(columns_in(part)) == _declared(now) for part in parts)

    def note_files(self, gone: Sequence[str], *, prune: bool) -> None:
        """Note which files are gone, and whether their rows are to be dropped, for when it is settled.

        Raises:
            StoreError: That could not be written.
        """
        note_files(self.root, self._schema, self.run, gone=gone, prune=prune)

    def settle(self) -> int:
        """Drop or mark the rows that count no more, and bring the child tables in line.

        Returns:
            How many documents were pruned.
        """
        replaced.drop_replaced(self.root, self._schema, self.records)
        pruned = settle_files(self.root, self._schema, self.records)
        update_children(self.root, self.records, self._children)
        return pruned

    def finish(self, summary: RunSummary) -> RunSummary:
        """Settle, then write the manifest, which names what was in doubt; returns it."""
        pruned, pages = self.settle(), summary.pages
        files = summary.files.model_copy(update={"pruned": summary.files.pruned + pruned})
        summary = summary.model_copy(update={"files": files})
        write_text(self.root / RUNS / f"{self.run}.json", summary.model_dump_json(indent=2))
        disk.remove((self.root / JOURNAL).glob(f"{self.run}-*.jsonl"))
        log.info("the run is over: %s, %d of %d pages failed", summary.state, pages.failed, pages.found)
        return summary

    def _make_folders(self) -> None:
        """Make every folder before anything is asked: a lake that cannot be written shall cost nothing."""
        _check_name(self.root)
        tables = (DOCUMENTS, PAGES_TABLE, ANSWERS, FAILURES, self.records)
        try:
            for folder in (RUNS, *(table.folder for table in tables)):
                disk.make_folder(self.root / folder)
            private_folder(self.root / JOURNAL)
        except OSError as error:
            raise ConfigError(
                f"the lake {self.root} cannot be written: {error.strerror} ({error.filename}); "
                "choose another --out"
            ) from error

    def _settle_columns(self) -> None:
        """Never mix two shapes of one record type; told before anything is asked."""
        parts, now = parts_of(self.root / self.records.folder), pl.Schema(self.records.columns)
        if self._changes is Changes.REPLACED:
            self._set_aside_damaged(parts)
        elif self._changes is Changes.EVOLVED:
            evolve(parts, now)
        else:
            for part in parts:
                if (there := _declared(columns_in(part))) != _declared(now):
                    raise ConfigError(
                        f"the records of {self._schema!r} in {self.root} have other columns than the schema "
                        f"now has ({_difference(there, _declared(now))}); go on with --evolve, derive all "
                        "records anew with pagelake rebuild, or choose another --out"
                    )
            widen(parts, now)

    def _set_aside_damaged(self, parts: Sequence[Path]) -> None:
        """Records that cannot be read are no loss to whoever makes them anew."""
        for part in parts:
            if flaw := flaw_of(part, PROVENANCE):
                log.warning("%s %s: it is now %s", part, flaw, set_aside(self.root, part))

    def _mend(self) -> None:
        finish_compaction(self.root)
        replaced.drop_uncommitted(self.root)
        self._fold(leftovers(self.root / JOURNAL))
        replaced.drop_replaced(self.root, self._schema, self.records)
        settle_files(self.root, self._schema, self.records)

    def _fold(self, left: Leftovers) -> None:
        """Bring what journals hold to where it is to stay: answers into their table, doubts to the manifest.

        Until that is written they lie in the first journal of this run, for it may be killed as well.
        """
        self.keep(left.answers)
        written = self.answered([doubt.custom_id for doubt in left.unanswered])
        unanswered = (doubt for doubt in left.unanswered if doubt.custom_id not in written)
        self.in_doubt = (*left.lost, *unanswered)
        if self.in_doubt:
            write_doubts(self.root / JOURNAL / f"{self.run}-00000.jsonl", self.in_doubt)
        disk.remove(left.files)

    def _not_in_tables(self, answers: Sequence[Answer]) -> list[Answer]:
        """Those that the answers table lacks: a shard writes some of its answers before it is committed."""
        written = self.answered([answer.custom_id for answer in answers])
        return [answer for answer in answers if answer.custom_id not in written]


def _check_name(root: Path) -> None:
    """Refuse a name that would make another folder than was meant, or that polars cannot write under."""
    if _ADDRESS.match(str(root)):
        raise ConfigError(
            f"{root} is an address that no lake can be at; name a folder, or s3://, gs:// or az:// with --out"
        )
    if any("\ud800" <= character <= "\udfff" for character in str(root)):
        raise ConfigError(f"the name of the lake {printable(str(root))} is not UTF-8; choose another --out")


def next_run_id(lake: Path, now: datetime) -> str:
    """An id for a run that begins now, greater than that of every run before it, even if clocks went back."""
    last = max((*map(run_of, lake.glob("*/part-*.parquet")), *_noted_runs(lake)), default="")
    if f"{now:{_ID_FORMAT}}" > last:
        return f"{now:{_ID_FORMAT}}"
    after = datetime.strptime(last, _ID_FORMAT).replace(tzinfo=UTC) + timedelta(microseconds=1)
    return f"{after:{_ID_FORMAT}}"


def _noted_runs(lake: Path) -> Iterator[str]:
    """Runs that left a manifest or a journal; they may have left no part."""
    for file in (*lake.glob(f"{RUNS}/*.json"), *lake.glob(f"{JOURNAL}/*.jsonl")):
        run = file.stem.partition("-")[0]
        with contextlib.suppress(ValueError):  # files of others
            datetime.strptime(run, _ID_FORMAT).replace(tzinfo=UTC)
            yield run


def _declared(columns: pl.Schema) -> pl.Schema:
    """The columns without those that pagelake adds: they come with its versions, not with the record type."""
    return pl.Schema({name: kind for name, kind in columns.items() if name not in PROVENANCE})


def _difference(there: pl.Schema, now: pl.Schema) -> str:
    added = [f"{name} added" for name in now if name not in there]
    gone = [f"{name} removed" for name in there if name not in now]
    retyped = [
        f"{name} was {there[name]}, is {now[name]}"
        for name in now
        if name in there and there[name] != now[name]
    ]
    return "; ".join(added + gone + retyped) or "their order differs"
