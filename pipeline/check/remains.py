"""What lies in a lake beside its tables: manifests, journals, half-written files, batch jobs."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from pipeline.batch.job import JOBS, JobFolder
from pipeline.batch.waiting import WaitingRoom
from pipeline.check.findings import Finding, Kind
from pipeline.errors import StoreError
from pipeline.store.compaction import NOTE, noted_compaction
from pipeline.store.lake import JOURNAL, RUNS
from pipeline.store.leftovers import noted_in
from pipeline.store.replaced import torn_files
from pipeline.summary import RunSummary


def remains_of(lake: Path) -> Iterator[Finding]:
    """What is wrong with, or to be known of, all that is no table.

    Raises:
        StoreError: A folder of the lake cannot be read.
    """
    yield from _manifests(lake)
    yield from _compaction(lake)
    yield from _journals(lake)
    for file in torn_files(lake):
        yield Finding(
            kind=Kind.TORN, where=_name(lake, file), what="is a half-written file of a kill", wrong=False
        )
    yield from _jobs(lake)
    yield from _waiting(lake)


def _manifests(lake: Path) -> Iterator[Finding]:
    for file in sorted((lake / RUNS).glob("[0-9]*.json")):
        try:
            RunSummary.model_validate_json(file.read_bytes())
        except OSError as error:
            what = f"cannot be read: {error.strerror}"
        except ValidationError:
            what = "is no manifest of a run"
        else:
            continue
        yield Finding(kind=Kind.MANIFEST, where=_name(lake, file), what=what, aside=file)


def _compaction(lake: Path) -> Iterator[Finding]:
    try:
        told = noted_compaction(lake)
    except StoreError:
        what = "cannot be read: which parts were to take the place of which is not known"
        yield Finding(kind=Kind.COMPACTION, where=NOTE, what=what, aside=lake / NOTE)
        return
    if told is not None:
        there = sum((lake / path).exists() for path in told.new)
        goes = "the old ones go" if there == len(told.new) else "they go again"
        what = f"was left in mid-compaction: {there} of {len(told.new)} new parts are there, and {goes}"
        yield Finding(kind=Kind.COMPACTION, where=NOTE, what=what, wrong=False)


def _journals(lake: Path) -> Iterator[Finding]:
    for file in sorted((lake / JOURNAL).glob("*.jsonl")):
        told = noted_in(file)
        what = (
            f"was left by a run that was killed, or is at work: {told.answers} answers, "
            f"{told.in_doubt} requests in doubt"
        )
        if told.unreadable:
            what += f"; {told.unreadable} lines of it cannot be read"
        wrong = bool(told.unreadable)
        yield Finding(
            kind=Kind.JOURNAL,
            where=_name(lake, file),
            what=what,
            wrong=wrong,
            aside=file if wrong else None,
        )


def _jobs(lake: Path) -> Iterator[Finding]:
    for folder in sorted((lake / JOBS).glob("[!.]*")):
        job = JobFolder(folder)
        try:
            told = job.load()
            job.asked()
            job.left()
        except StoreError as error:
            what = str(error).partition(":")[0].removeprefix(f"{folder}/")
            yield Finding(kind=Kind.JOB, where=_name(lake, folder), what=what, aside=folder)
            continue
        if told.is_live:
            what = f"a batch job of {told.rows} requests is under way ({told.state or told.step})"
            yield Finding(kind=Kind.WAITING, where=_name(lake, folder), what=what, wrong=False)


def _waiting(lake: Path) -> Iterator[Finding]:
    room = WaitingRoom(lake)
    for name in room.names():
        file = room.file(name)
        try:
            documents = len(room.read(name).documents)
        except StoreError:
            what = "cannot be read: which documents wait is not known"
            yield Finding(kind=Kind.MANIFEST, where=_name(lake, file), what=what, aside=file)
        else:
            what = f"{documents} documents wait for a batch job"
            yield Finding(kind=Kind.WAITING, where=_name(lake, file), what=what, wrong=False)


def _name(lake: Path, path: Path) -> str:
    return str(path.relative_to(lake))
