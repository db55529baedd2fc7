"""How a lake stands: the run at work on it, those before it, what waits, what failed, what was paid."""

from datetime import datetime
from pathlib import Path

import polars as pl
from pydantic import BaseModel, ConfigDict

from pipeline.batch.job import JobFolder
from pipeline.batch.waiting import WaitingRoom
from pipeline.errors import StoreError
from pipeline.store.following import address_of, follower_of
from pipeline.store.lake import JOURNAL
from pipeline.store.lock import is_held
from pipeline.store.manifests import latest_runs
from pipeline.store.parts import parts_of, read_parts
from pipeline.store.progress import Progress, published
from pipeline.store.spent import spent_in
from pipeline.store.tables import FAILURES
from pipeline.summary import PageBalance, RunState

RUNS_SHOWN = 10
_LOOKS = 3  # a run that ends removes parts between our listing them and our reading them


class PastRun(BaseModel):
    """A run that has ended, as its manifest tells; the fields are those of `RunSummary`."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    run: str
    state: RunState
    reason: str
    schema_name: str
    model: str
    engine: str
    started_at: datetime
    seconds: float
    documents: int
    documents_reused: int
    documents_failed: int
    pages: PageBalance
    records: int
    requests: int
    by_batch: int
    cost: float | None


class FailedKind(BaseModel):
    """The failures of one category that stand in a lake.

    Attributes:
        failures: How many there are.
        pages: Pages that they cost; a document that could not be opened has none.
        path: The latest: which document,
        message: and what was wrong with it.
        remedy: What to do.
        at: When the latest was noted.
    """

    model_config = ConfigDict(frozen=True)

    category: str
    failures: int
    pages: int
    path: str
    message: str
    remedy: str
    at: datetime | None


class BatchWork(BaseModel):
    """Batch jobs under way, as they were last seen.

    Attributes:
        jobs: How many there are.
        requests: All that they ask.
        answered: Those of them with an answer.
        failed: Those with an error.
        documents: Documents that wait for them.
    """

    model_config = ConfigDict(frozen=True)

    jobs: int = 0
    requests: int = 0
    answered: int = 0
    failed: int = 0
    documents: int = 0


class Now(BaseModel):
    """What goes on in a lake at the moment.

    Attributes:
        at_work: Whether a run, or another command that writes, works on it.
        holder: Who does so on another machine; empty where that is not known.
        progress: How far the run is, where it runs on this machine and says so; it does not while it opens
            and closes the lake.
    """

    model_config = ConfigDict(frozen=True)

    at_work: bool
    holder: str = ""
    progress: Progress | None = None


class LakeStatus(BaseModel):
    """How a lake stands.

    Attributes:
        now: What goes on at the moment.
        cut_short: How far a run was that was killed and that no other has gone on from.
        in_journals: Journals that it has left, whose answers the next run takes over.
        batch: Batch jobs under way.
        runs: Those that ended last, the latest first.
        runs_total: How many have ended in all.
        failures: What failed and was not mended since, the commonest category first.
        answers: Paid answers in the lake.
        cost: US dollars of those that have a price.
        unpriced: Those that came while no price was set.
        notes: What of the lake cannot be read.
    """

    model_config = ConfigDict(frozen=True)

    lake: str
    now: Now
    cut_short: Progress | None
    in_journals: int
    batch: BatchWork
    runs: list[PastRun]
    runs_total: int
    failures: list[FailedKind]
    answers: int
    cost: float
    unpriced: int
    notes: list[str]


def status_of(lake: Path, *, runs: int = RUNS_SHOWN) -> LakeStatus:
    """How a lake stands; nothing of it is changed.

    Args:
        lake: Folder of the lake.
        runs: How many of the latest runs to tell of.

    Raises:
        ConfigError: It is not a lake.
        StoreError: It cannot be read.
    """
    for _ in range(_LOOKS - 1):
        try:
            return _status(lake, runs)
        except StoreError:
            continue
    return _status(lake, runs)


def _status(lake: Path, runs: int) -> LakeStatus:
    latest, total, notes = latest_runs(lake, runs)
    now = now_in(lake)
    spent = next(iter(spent_in(lake, ())), None)
    return LakeStatus(
        lake=address_of(lake),
        now=now,
        cut_short=None if now.at_work else published(lake),
        in_journals=0 if now.at_work else len(list((lake / JOURNAL).glob("*.jsonl"))),
        batch=_batch(lake),
        runs=[PastRun.model_validate(one) for one in latest],
        runs_total=total,
        failures=_failures(lake),
        answers=spent.answers if spent else 0,
        cost=float(spent.cost) if spent else 0.0,
        unpriced=spent.unpriced if spent else 0,
        notes=notes,
    )


def now_in(lake: Path) -> Now:
    """What goes on in a lake at the moment; takes well under a millisecond.

    Raises:
        StoreError: The lake is in a store that does not answer.
    """
    if is_held(lake):
        return Now(at_work=True, progress=published(lake))
    follower = follower_of(lake)
    holder = follower.holder() if follower else ""
    return Now(at_work=bool(holder), holder=holder)


def _batch(lake: Path) -> BatchWork:
    live = [job for job in (folder.load() for folder in JobFolder.all(lake)) if job.is_live]
    room = WaitingRoom(lake)
    return BatchWork(
        jobs=len(live),
        requests=sum(job.rows for job in live),
        answered=sum(job.answered for job in live),
        failed=sum(job.failed for job in live),
        documents=sum(len(room.read(name).documents) for name in room.names()),
    )


def _failures(lake: Path) -> list[FailedKind]:
    parts, known = parts_of(lake / FAILURES.folder), FAILURES.columns
    names = ("category", "pages", "path", "message", "remedy", "at")
    rows = read_parts(parts, pl.col("removed_at").is_null(), columns=names, known=known)
    if not rows.height:
        return []
    latest = (pl.col(name).sort_by("at").last() for name in ("path", "message", "remedy", "at"))
    counted = (pl.len().alias("failures"), pl.col("pages").list.len().sum().alias("pages"))
    found = rows.group_by("category").agg(*counted, *latest)
    found = found.sort("failures", "category", descending=[True, False])
    return [FailedKind(**row) for row in found.iter_rows(named=True)]
