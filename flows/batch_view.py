"""Batch jobs as a table."""

from collections.abc import Sequence
from datetime import datetime

from rich.table import Table
from rich.text import Text

from flows.console import thousands
from pipeline.batch.job import BatchJob, Step
from pipeline.records import printable

_STEPS = {
    Step.SEALED: "to be sent",
    Step.UPLOADED: "sent, to be begun",
    Step.OVER: "over, to be collected",
    Step.COLLECTED: "collected",
}


def jobs_view(jobs: Sequence[BatchJob]) -> Table:
    """One line a job: what it asks, how far it is, until when."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("job", "records", "state", "answered", "failed", "of", "tokens", "MB", "expires"):
        right = name in {"answered", "failed", "of", "tokens", "MB"}
        table.add_column(name, overflow="fold", no_wrap=name == "job", justify="right" if right else "left")
    for job in jobs:
        table.add_row(
            Text(job.job_id),
            Text(printable(job.schema_name)),
            Text(_state(job)),
            str(job.answered),
            str(job.failed),
            str(job.rows),
            thousands(job.prompt_tokens + job.completion_tokens),
            f"{job.size_bytes / 1e6:.1f}",
            _time(job.expires_at),
        )
    return table


def _state(job: BatchJob) -> str:
    state = _STEPS.get(job.step) or job.state.lower().replace("_", " ")
    return f"{state}: {job.status}" if job.status else state


def _time(moment: datetime | None) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M}" if moment else ""
