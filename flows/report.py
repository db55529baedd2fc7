"""What came of a run, as one sentence and as a page of Markdown."""

import html
import re
from collections.abc import Sequence

from flows.console import asked_about, at_most, counted, dollars, duration, polars_line, thousands
from pipeline.records import printable
from pipeline.summary import FailedDocument, FileChanges, RunState, RunSummary

_PAGES_SHOWN = 20
_FAILURE = ("document", "pages", "what happened", "what to do")
ROWS_SHOWN = 200
"""Most failures in the page: a server keeps every version of it, so what is left over stays in the lake."""


def sentence(summary: RunSummary) -> str:
    """The page balance, in words."""
    pages = summary.pages
    where = {
        "in records": pages.in_records,
        "blank": pages.blank,
        "failed": pages.failed,
        "skipped": pages.skipped,
        "waiting" if summary.state is RunState.WAITING else "not reached": pages.missing,
    }
    parts = ", ".join(f"{count} {name}" for name, count in where.items() if count)
    failed = f"; {counted(summary.documents_failed, 'document')} failed" if summary.documents_failed else ""
    return f"{counted(pages.found, 'page')}{': ' if parts else ''}{parts}{failed}"


def markdown(summary: RunSummary, failures_link: str = "") -> str:
    """A page for people: balance, what was asked and paid, files, slow and failed documents.

    Args:
        summary: What came of the run.
        failures_link: Where a table of the failures is shown; empty for nowhere.
    """
    head = f"# {_safe(summary.schema_name)}: {summary.state}"
    return "\n\n".join([head, *_sections(summary), *_failures(summary, failures_link)]) + "\n"


def failure_rows(summary: RunSummary) -> list[dict[str, str]]:
    """The failures as rows of a table, as many as are shown."""
    return [
        dict(zip(_FAILURE, (printable(cell) for cell in _row(failure)), strict=True))
        for failure in summary.failures[:ROWS_SHOWN]
    ]


def _sections(summary: RunSummary) -> list[str]:
    pages = summary.pages
    balance = _table(
        ("pages", "in records", "blank", "failed", "skipped", "not reached"),
        [(pages.found, pages.in_records, pages.blank, pages.failed, pages.skipped, pages.missing)],
    )
    asked = _table(
        (
            "documents",
            "already in the lake",
            "failed",
            "records",
            "requests",
            "tokens in",
            "out",
            "cost",
            "time",
        ),
        [
            (
                summary.documents,
                summary.documents_reused,
                summary.documents_failed,
                summary.records,
                summary.requests,
                thousands(summary.prompt_tokens),
                thousands(summary.completion_tokens),
                "-" if summary.cost is None else dollars(summary.cost),
                duration(summary.seconds),
            )
        ],
    )
    reading = (
        f"Lake: {_safe(summary.lake)}\n\n    {printable(polars_line(summary.lake, summary.schema_name))}"
    )
    stopped = [f"**{_safe(summary.reason)}**"] if summary.reason else []
    files, slowest = _files(summary.files), _slowest(summary)
    return [*stopped, balance, asked, *files, reading, *_doubts(summary), *slowest]


def _doubts(summary: RunSummary) -> list[str]:
    doubts = [*summary.in_doubt, *summary.lost]
    if not doubts:
        return []
    rows = [(one.custom_id, asked_about(one), at_most(one.possible_cost)) for one in doubts[:ROWS_SHOWN]]
    more = len(doubts) - len(rows)
    rest = [f"and {more} more: see the manifest"] if more else []
    return [
        "## May have been charged for without an answer",
        _table(("request", "about", "cost"), rows),
        *rest,
    ]


def _files(files: FileChanges) -> list[str]:
    """What became of the files since the lake was last written."""
    names = ("new", "changed", "renamed", "returned", "removed", "unchanged", "doubted", "pruned")
    table = _table(tuple(f"files {name}" for name in names), [tuple(getattr(files, name) for name in names)])
    doubts = [f"**{_safe(doubt)}**" for doubt in files.doubts]
    return [table, *doubts] if any(getattr(files, name) for name in names) else []


def _slowest(summary: RunSummary) -> list[str]:
    if not summary.slowest:
        return []
    rows = [(one.path, one.pages, duration(one.seconds)) for one in summary.slowest[:ROWS_SHOWN]]
    return ["## Slowest documents", _table(("document", "pages", "time"), rows)]


def _failures(summary: RunSummary, link: str) -> list[str]:
    if not summary.failures:
        return []
    shown = summary.failures[:ROWS_SHOWN]
    table = _table(_FAILURE, [_row(failure) for failure in shown])
    more = summary.failures_total - len(shown)
    where = f"[All that are shown as a table]({link})" if link else ""
    rest = f"and {more} more: see the lake's failures table" if more > 0 else ""
    return ["## Failures", table, *(line for line in (rest, where) if line)]


def _row(failure: FailedDocument) -> tuple[str, str, str, str]:
    more = ", …" if len(failure.pages) > _PAGES_SHOWN else ""
    pages = ", ".join(map(str, failure.pages[:_PAGES_SHOWN])) + more or "all"
    return failure.path, pages, f"{failure.message} ({failure.stage}, {failure.category})", failure.remedy


def _table(names: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> str:
    lines = [names, ("---",) * len(names), *rows]
    return "\n".join("| " + " | ".join(_cell(value) for value in line) + " |" for line in lines)


def _cell(value: object) -> str:
    return value if value == "---" else _safe(str(value))


def _safe(text: str) -> str:
    """Text from outside, so that it is neither markup nor HTML."""
    return re.sub(r"([\\`*_\[\]|~#!])", r"\\\1", html.escape(printable(text), quote=False))
