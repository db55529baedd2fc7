"""What a person reads at the end: summaries, plans and failures as tables and plain sentences."""

import json
import sys
from collections.abc import Iterable, Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from flows.messages import message_console
from pipeline.doubts import Doubt, possible_cost
from pipeline.records import printable
from pipeline.summary import FailedDocument, FileChanges, LimitChange, PageBalance, Plan, RunState, RunSummary
from schemas.registry import RecordType

_FAILURES_SHOWN = 10
_PAGES_SHOWN = 8
_DOUBTS_SHOWN = 10
_ID_SHOWN = 12
_TENTH_OF_A_CENT = 0.001
_ENDINGS = {
    RunState.COMPLETE: "complete",
    RunState.FAILURES: "complete, with failures",
    RunState.STOPPED: "stopped by the service",
    RunState.WAITING: "waiting for batch jobs",
    RunState.INTERRUPTED: "interrupted; the same command goes on where it stopped",
}


def consoles() -> tuple[Console, Console]:
    """Standard output, for results, and standard error, for everything else."""
    return Console(highlight=False), message_console()


def thousands(count: int) -> str:
    """A count in few characters: 950, 12.3k, 4.5M."""
    for size, letter in ((10**6, "M"), (10**3, "k")):
        if count >= size:
            return f"{count / size:.1f}{letter}"
    return str(count)


def dollars(amount: float) -> str:
    """US dollars; small amounts keep the digits that matter."""
    if amount >= 1:
        return f"${amount:.2f}"
    return f"${amount:.4f}" if amount >= _TENTH_OF_A_CENT or not amount else f"${amount:.6f}"


def duration(seconds: float) -> str:
    """Seconds as a person says them: 8 s, 2 min 05 s, 1 h 04 min."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def counted(count: int, one: str, many: str = "") -> str:
    """A count with its noun: 1 page, 2 pages."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def polars_line(lake: str, schema: str) -> str:
    """The line of Python that reads the records of a lake that count."""
    pattern = f"{lake.rstrip('/')}/records/schema={schema}/*.parquet"
    return f"import polars as pl; pl.read_parquet({pattern!r}).filter(pl.col('_removed_at').is_null())"


def summary_view(summary: RunSummary) -> RenderableType:
    """The end of a run: its page balance, what was asked and paid, the failures, where the lake lies."""
    parts: list[RenderableType] = [
        Text(_headline(summary), style="bold"),
        _balance(summary.pages, waiting=summary.state is RunState.WAITING),
    ]
    parts += [Text(line) for line in _sentences(summary)]
    if summary.failures:
        shown = summary.failures[:_FAILURES_SHOWN]
        parts += [Text(), failures_view(shown, summary.failures_total, summary.lake), Text()]
    parts.append(Text(f"lake: {printable(summary.lake)}"))
    if summary.records:
        parts.append(Text(f"read it: {printable(polars_line(summary.lake, summary.schema_name))}"))
    return Group(*parts)


def _headline(summary: RunSummary) -> str:
    ending = _ENDINGS[summary.state] + (f": {printable(summary.reason)}" if summary.reason else "")
    return f"{summary.schema_name} by {printable(summary.model)} in {duration(summary.seconds)}: {ending}"


def _balance(pages: PageBalance, *, waiting: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    cells = {
        "pages": pages.found,
        "in records": pages.in_records,
        "blank": pages.blank,
        "failed": pages.failed,
        "skipped": pages.skipped,
    }
    if pages.missing:
        cells["waiting" if waiting else "not reached"] = pages.missing
    for name in cells:
        table.add_column(name, justify="right")
    table.add_row(*map(str, cells.values()))
    return table


def _sentences(summary: RunSummary) -> Iterable[str]:
    yield (
        f"{counted(summary.documents, 'document')} ({summary.documents_reused} already in the lake, "
        f"{summary.documents_failed} failed), {counted(summary.records, 'record')}"
    )
    yield _asked(summary)
    if pace := _pace(summary.limits):
        yield pace
    if told := files_told(summary.files):
        yield told
    yield from summary.files.doubts
    if summary.duplicates:
        yield f"{counted(summary.duplicates, 'further file')} with the same bytes as another, worked once"
    yield from _doubts(summary.in_doubt, "request", "of an earlier run had no answer when it was killed")
    yield from _doubts(summary.lost, "answer", "did not come home whole")
    if summary.skipped:
        yield _skipped(summary.skipped)


def _doubts(doubts: Sequence[Doubt], what: str, why: str) -> Iterable[str]:
    """What may have been charged for without an answer, each request with its possible price."""
    if not doubts:
        return
    price = at_most(possible_cost(doubts))
    yield f"{counted(len(doubts), what)} {why} and may have been charged for, which is in no sum: {price}"
    for doubt in doubts[:_DOUBTS_SHOWN]:
        yield f"  {doubt_line(doubt)}"
    if len(doubts) > _DOUBTS_SHOWN:
        yield f"  and {len(doubts) - _DOUBTS_SHOWN} more, which the manifest names"


def doubt_line(doubt: Doubt) -> str:
    """A request in doubt, for a person."""
    where = f", {asked_about(doubt)}" if doubt.doc_id else ""
    return f"{printable(doubt.custom_id)}{where}: {at_most(doubt.possible_cost)}"


def asked_about(doubt: Doubt) -> str:
    """The pages that a request in doubt was about."""
    shown = ", ".join(map(str, doubt.pages[:_PAGES_SHOWN])) + (", …" if doubt.pages[_PAGES_SHOWN:] else "")
    page = "page" if len(doubt.pages) == 1 else "pages"
    return f"{page} {shown} of document {printable(doubt.doc_id[:_ID_SHOWN])}"


def at_most(cost: float | None) -> str:
    """The most that something can have cost."""
    return "its price is not known" if cost is None else f"{dollars(cost)} at most"


def files_told(files: FileChanges) -> str:
    """What became of the files since the lake was last written; nothing where all are new, or none is."""
    if not (files.unchanged or files.changed or files.renamed or files.removed or files.doubted):
        return ""
    kinds = ("new", "changed", "renamed", "returned", "removed", "unchanged")
    parts = [f"{count} {name}" for name in kinds if (count := getattr(files, name))]
    parts += [f"{files.doubted} gone, which is not believed"] if files.doubted else []
    pruned = f"; rows of {counted(files.pruned, 'document')} dropped" if files.pruned else ""
    return f"files: {', '.join(parts)}{pruned}"


def _asked(summary: RunSummary) -> str:
    if summary.by_batch:
        return f"{counted(summary.by_batch, 'answer')} by batch jobs, {_tokens(summary)}{_cost(summary.cost)}"
    if summary.state is RunState.WAITING and summary.requests:
        return f"{counted(summary.requests, 'request')} sent off; pagelake batch collect LAKE goes on"
    if summary.requests:
        return f"{counted(summary.requests, 'request')}, {_tokens(summary)}{_cost(summary.cost)}"
    held = summary.documents_reused or summary.answers_reused
    return "nothing was asked" + (": the lake already holds every answer" if held else "")


def _pace(changes: Sequence[LimitChange]) -> str:
    """What the service did not bear; nothing when all went well."""
    limited = sum(change.reason == "rate limit" for change in changes)
    outages = sum(change.reason == "outage" for change in changes)
    parts = [f"limited the rate {counted(limited, 'time')}"] if limited else []
    parts += [f"did not answer for a while {counted(outages, 'time')}"] if outages else []
    if not parts:
        return ""
    bounds = [change.in_flight for change in changes]
    return f"the service {' and '.join(parts)}: {min(bounds)} to {max(bounds)} requests at once"


def _tokens(summary: RunSummary) -> str:
    cached = f" ({thousands(summary.cached_tokens)} cached)" if summary.cached_tokens else ""
    return (
        f"{thousands(summary.prompt_tokens)} prompt tokens{cached}, "
        f"{thousands(summary.completion_tokens)} completion tokens"
    )


def _cost(cost: float | None) -> str:
    return "" if cost is None else f", {dollars(cost)}"


def _skipped(skipped: Sequence[tuple[str, str]]) -> str:
    path, reason = skipped[0]
    more = f", and {len(skipped) - 1} more" if len(skipped) > 1 else ""
    return f"left out: {printable(path)} ({printable(reason)}){more}"


def failures_view(failures: Sequence[FailedDocument], total: int, lake: str) -> RenderableType:
    """Failures by name, each with what to do; what is not shown is in the lake's failures table."""
    lines = Text()
    for failure in failures:
        where = printable(failure.path) + (f", {_page_list(failure.pages)}" if failure.pages else "")
        lines.append(f"{where}\n", style="bold")
        lines.append(f"  {printable(failure.message)} [{failure.stage}, {failure.category}]\n")
        lines.append(f"  {printable(failure.remedy)}\n", style="dim")
    more = f"and {total - len(failures)} more: see " if total > len(failures) else "all of it: "
    lines.append(more + printable(lake.rstrip("/")) + "/failures")
    return lines


def _page_list(pages: Sequence[int]) -> str:
    shown = ", ".join(map(str, pages[:_PAGES_SHOWN])) + (", …" if len(pages) > _PAGES_SHOWN else "")
    return f"page{'s' if len(pages) > 1 else ''} {shown}"


def plan_view(plan: Plan) -> RenderableType:
    """What a run would do: documents, pages, images, requests, tokens and cost."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim")
    table.add_column()
    rows = {
        "documents": f"{plan.documents}, of which {plan.documents_done} already in the lake",
        **({"files": told.removeprefix("files: ")} if (told := files_told(plan.files)) else {}),
        "pages": str(plan.pages),
        "images": f"{plan.images} (blank pages are found later, before they are sent)",
        "requests": str(plan.requests),
        "prompt tokens": f"about {thousands(plan.prompt_tokens)}",
        "completion tokens": f"at most {thousands(plan.completion_tokens)}",
        "by batch jobs": f"datasets of about {plan.dataset_bytes / 1e6:.1f} MB",
        **_costs(plan),
    }
    for name, value in rows.items():
        table.add_row(name, value)
    parts: list[RenderableType] = [
        Text(f"{plan.schema_name} by {printable(plan.model)}: nothing was asked", style="bold"),
        table,
    ]
    parts += [Text(printable(f"removed: {path}")) for path in plan.files.removed_files[:_FAILURES_SHOWN]]
    parts += [Text(printable(doubt)) for doubt in plan.files.doubts]
    parts += [
        Text(f"{_unusable(failure)}: {printable(failure.message)}")
        for failure in plan.unusable[:_FAILURES_SHOWN]
    ]
    if len(plan.unusable) > _FAILURES_SHOWN:
        parts.append(Text(f"and {len(plan.unusable) - _FAILURES_SHOWN} more"))
    if plan.skipped:
        parts.append(Text(_skipped(plan.skipped)))
    return Group(*parts)


def _unusable(failure: FailedDocument) -> str:
    """What a run could not use."""
    path = printable(failure.path)
    return (
        f"cannot be found: {path}, {_page_list(failure.pages)}"
        if failure.pages
        else f"cannot be opened: {path}"
    )


def _costs(plan: Plan) -> dict[str, str]:
    """What a run would cost, by either road."""
    if plan.engine == "local":
        return {"cost": "nothing: the embedded engine is on this machine"}
    if plan.cost is None or plan.cost_batch is None:
        return {"cost": f"unknown: no price is set for {printable(plan.model)}"}
    roads = {"cost online": plan.cost, "cost by batch jobs": plan.cost_batch}
    return {name: f"{dollars(least)} to {dollars(most)}" for name, (least, most) in roads.items()}


def settings_view(rows: Sequence[tuple[str, str, str, str]]) -> Table:
    """Settings with value, origin and meaning."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("setting", "value", "from", "meaning"):
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    return table


def print_json(value: object) -> None:
    """Print a result for a script, on standard output."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")


def schemas_view(rows: Sequence[tuple[RecordType, str]]) -> Table:
    """Record types with their unit and what they are."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("schema", "one record a", "what it is"):
        table.add_column(name, overflow="fold")
    for record, line in rows:
        table.add_row(record.name, record.unit, Text(line))
    return table
