"""How a lake stands, for a person."""

import time
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from flows.console import counted, dollars, duration
from flows.progress import figures, view
from pipeline.records import printable
from pipeline.status import BatchWork, FailedKind, LakeStatus, Now, PastRun
from pipeline.store.progress import Progress
from pipeline.summary import RunState
from pipeline.tally import Tally

_STATES = {RunState.FAILURES: "with failures", RunState.WAITING: "waits for jobs"}
_WORDS, _NUMBERS = (
    ("run", "began", "of", "state"),
    ("took", "docs", "pages", "failed", "records", "asked", "cost"),
)
_OPENING = "a run is opening or closing the lake, or another command works on it"


def status_view(status: LakeStatus) -> RenderableType:
    """All of it: what goes on, what waits, the latest runs, what failed, what was paid."""
    parts: list[RenderableType] = [Text(f"lake: {printable(status.lake)}", style="bold"), *_now(status)]
    if status.batch.jobs or status.batch.documents:
        parts.append(Text(_batch(status.batch)))
    if status.runs:
        parts += [Text(), _runs(status.runs)]
        parts += [Text(printable(f"{one.run}: {one.reason}")) for one in status.runs if one.reason]
    if more := status.runs_total - len(status.runs) - len(status.notes):
        parts.append(Text(f"and {counted(more, 'earlier run')}: see --runs", style="dim"))
    if status.failures:
        parts += [Text(), *_failures(status.failures)]
    parts += [Text(), Text(_paid(status)), *(Text(printable(note)) for note in status.notes)]
    return Group(*parts)


def now_line(now: Now) -> str:
    """What goes on in a lake at the moment, in one line."""
    if now.progress is None:
        return f"at work: {printable(now.holder)}" if now.holder else _OPENING
    return f"run {now.progress.run}: {figures(_tally(now.progress), time.monotonic())}"


def _now(status: LakeStatus) -> Iterator[RenderableType]:
    now = status.now
    if now.progress is not None:
        yield Text(_who(now.progress))
        yield view(_tally(now.progress))
        yield Text(_shards(now.progress), style="dim")
    elif now.at_work:
        yield Text(now_line(now))
    else:
        yield Text("no run is at work")
        yield from _cut_short(status)


def _who(progress: Progress) -> str:
    return printable(
        f"run {progress.run} is at work: {progress.schema_name} by {progress.model}, "
        f"process {progress.process} on {progress.machine}, for {duration(progress.seconds)}"
    )


def _shards(progress: Progress) -> str:
    return (
        f"{progress.documents_done} of {progress.documents_found} documents, "
        f"{progress.shards_done} of {counted(progress.shards_begun, 'shard')} committed, "
        f"{counted(progress.requests, 'request')}, {progress.at_once} at once at most"
    )


def _cut_short(status: LakeStatus) -> Iterator[RenderableType]:
    """What a run has left that was killed."""
    if status.cut_short is not None:
        far = f"{status.cut_short.pages_done} of {counted(status.cut_short.pages_found, 'page')}"
        run = printable(status.cut_short.run)
        yield Text(f"run {run} was cut short after {far}: the same command goes on where it stopped")
    elif status.in_journals:
        yield Text("a run was cut short: the same command goes on where it stopped")


def _tally(progress: Progress) -> Tally:
    """The figures as those of a run of this process, begun as long ago as that one was."""
    counted_by_both = {name: value for name, value in progress if name in Tally.__slots__}
    started = time.monotonic() - progress.seconds
    return Tally(**counted_by_both | {"started": started, "waiting": lambda: progress.waiting})


def _batch(batch: BatchWork) -> str:
    failed = f", {batch.failed} failed" if batch.failed else ""
    return (
        f"{counted(batch.jobs, 'batch job')} under way: {batch.answered} of "
        f"{counted(batch.requests, 'request')} answered{failed} when last seen; "
        f"{counted(batch.documents, 'document')} waiting; pagelake batch collect goes on"
    )


def _runs(runs: Sequence[PastRun]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in _WORDS:
        table.add_column(name, no_wrap=name != "of")
    for name in _NUMBERS:
        table.add_column(name, justify="right", no_wrap=True)
    for one in runs:
        table.add_row(
            one.run,
            f"{one.started_at.astimezone():%m-%d %H:%M}",
            printable(one.schema_name),
            _STATES.get(one.state, one.state.value),
            duration(one.seconds),
            str(one.documents),
            str(one.pages.found),
            str(one.pages.failed),
            str(one.records),
            str(one.by_batch or one.requests),
            "" if one.cost is None else dollars(one.cost),
        )
    return table


def _failures(kinds: Sequence[FailedKind]) -> Iterator[RenderableType]:
    yield Text("failures that stand", style="bold")
    for one in kinds:
        pages = f", {counted(one.pages, 'page')}" if one.pages else ""
        yield Text(f"{printable(one.category)}: {one.failures}{pages}")
        yield Text(f"  latest: {printable(one.path)}: {printable(one.message)}")
        yield Text(f"  {printable(one.remedy)}", style="dim")


def _paid(status: LakeStatus) -> str:
    unpriced = f", and {status.unpriced} without a price" if status.unpriced and status.cost else ""
    cost = f": {dollars(status.cost)}{unpriced}" if status.cost else ""
    return f"{counted(status.answers, 'paid answer')} in the lake{cost}"
