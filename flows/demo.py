"""`python -m flows.demo`, run by `make demo`: sample documents, the embedded engine, a Prefect flow."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from rich.console import Console, Group
from rich.rule import Rule
from rich.text import Text

from flows.console import consoles, counted, summary_view
from flows.job import Job, ProcessOptions
from flows.launch import Outcome, run
from flows.orchestrator import orchestrator
from flows.report import sentence
from pipeline.errors import PagelakeError
from pipeline.local.protocol import MODEL_ID
from pipeline.records import printable
from pipeline.summary import RunState, RunSummary

ROOT = Path(__file__).parents[1]
LAKE = "lake"
SAMPLES = "sample_docs"
BROKEN = f"{SAMPLES}/broken/"
_WIDTH = 200  # of the previews, which stay below it


@dataclass(frozen=True, slots=True)
class Part:
    """One run of the demo.

    Attributes:
        folders: Of `sample_docs`.
        schema: Record type they are read as.
        columns: What the preview shows.
    """

    folders: tuple[str, ...]
    schema: str
    columns: tuple[pl.Expr, ...]


_FILE = pl.col("_source").str.split("/").list.last().str.slice(0, 26).alias("file")


def _lines(column: str) -> pl.Expr:
    return pl.col(column).list.len().alias("lines")


def _seller(column: str) -> pl.Expr:
    return pl.col(column).struct.field("name").str.slice(0, 20).alias(column)


PARTS = (
    Part(
        ("invoices", "credit_notes", "scans", "archive", "broken"),
        "invoice",
        (
            _FILE,
            pl.col("invoice_number", "issue_date"),
            _seller("seller"),
            pl.col("currency", "total"),
            _lines("line_items"),
        ),
    ),
    Part(
        ("receipts",),
        "receipt",
        (_FILE, _seller("merchant"), pl.col("purchase_date", "currency", "total"), _lines("line_items")),
    ),
    Part(
        ("statements",),
        "bank_statement",
        (
            _FILE,
            pl.col("period_start", "period_end", "opening_balance", "closing_balance"),
            _lines("transactions"),
        ),
    ),
    Part(
        ("texts",),
        "page_text",
        (_FILE, pl.col("title", "language"), pl.col("text").str.len_chars().alias("characters")),
    ),
)


def main() -> int:
    """Run the demo; 0 unless something failed that the sample folder does not break on purpose."""
    os.chdir(ROOT)
    os.environ["PREFECT_HOME"] = str(ROOT / ".cache" / "prefect")
    os.environ.pop("PREFECT_API_URL", None)  # the demo leaves its trace in this checkout and nowhere else
    results, messages = consoles()
    try:
        with orchestrator(True, messages) as api:
            outcomes = [run(_job(part), api, messages) for part in PARTS]
    except PagelakeError as error:
        messages.print(Text(f"pagelake: {error}"), soft_wrap=True)
        return error.exit_code
    for part, outcome in zip(PARTS, outcomes, strict=True):
        _show(part, outcome, results)
    _end(outcomes, results)
    return next((code for code in map(_exit_code, outcomes) if code), 0)


def _job(part: Part) -> Job:
    options = ProcessOptions(engine="local", model=MODEL_ID)
    sources = [f"{SAMPLES}/{folder}" for folder in part.folders]
    return Job(sources=sources, schema_name=part.schema, lake=LAKE, options=options)


def _show(part: Part, outcome: Outcome, console: Console) -> None:
    summary = outcome.summary
    first = part is PARTS[0]
    console.print(Rule(f"{', '.join(part.folders)} as {part.schema}", align="left", characters="-"))
    told = summary_view(summary) if first else Group(Text(f"{sentence(summary)}; {_asked(summary)}"))
    console.print(told, soft_wrap=True)
    console.print()
    console.print(Text(_preview(part)), soft_wrap=True)
    console.print()


def _asked(summary: RunSummary) -> str:
    return counted(summary.requests, "request") if summary.requests else "nothing was asked"


def _preview(part: Part) -> str:
    """The rows of a part as polars prints them, types and all."""
    rows = (
        pl.read_parquet(f"{LAKE}/records/schema={part.schema}/*.parquet")
        .sort("_source")
        .select(*part.columns)
    )
    text = pl.selectors.string()
    with pl.Config(
        tbl_rows=40, tbl_cols=-1, tbl_width_chars=_WIDTH, fmt_str_lengths=28, tbl_hide_dataframe_shape=True
    ):
        return str(rows.with_columns(text.map_elements(printable, return_dtype=pl.String)))


def _end(outcomes: list[Outcome], console: Console) -> None:
    console.print(Rule("the end", align="left", characters="-"))
    console.print(Text(f"The documents in {BROKEN} are broken on purpose: their failures are the point."))
    console.print(
        Text(f"The lake lies in {ROOT / LAKE}; run the demo again, and nothing is asked."), soft_wrap=True
    )
    console.print(Text(f"Left out of {SAMPLES}, for brevity: {', '.join(_left_out())}."), soft_wrap=True)
    for outcome in outcomes:
        console.print(Text(f"flow run: {outcome.flow_run}"), soft_wrap=True)
    console.print(Text("see them: PREFECT_HOME=$PWD/.cache/prefect .venv/bin/prefect server start"))


def _left_out() -> list[str]:
    """The folders of samples that no part of the demo works."""
    worked = {folder for part in PARTS for folder in part.folders}
    found = {path.name for path in Path(SAMPLES).iterdir() if path.is_dir() and path.name[0] not in "._"}
    return sorted(found - worked)


def _exit_code(outcome: Outcome) -> int:
    """0 for a complete run whose only failures are the broken samples."""
    summary = outcome.summary
    expected = all(failure.path.startswith(BROKEN) for failure in summary.failures)
    return 0 if summary.state == RunState.FAILURES and expected else outcome.exit_code


if __name__ == "__main__":
    sys.exit(main())
