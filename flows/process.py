"""The Prefect flow: a folder of documents becomes a lake, one task a shard of documents.

Every parameter is plain JSON and none is a secret: the key and the passwords of documents come from the
settings of the machine that runs the flow, or from the Secret blocks that `api_key_block` and
`password_block` name.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from prefect import flow, task
from prefect.artifacts import (
    acreate_markdown_artifact,
    acreate_progress_artifact,
    acreate_table_artifact,
    aupdate_progress_artifact,
)
from prefect.blocks.system import Secret
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.exceptions import PrefectException
from prefect.runtime import flow_run
from prefect.settings import get_current_settings
from prefect.states import Cancelled, Completed, Failed
from pydantic import SecretStr

from flows.beside import beside
from flows.events import tell, tell_failure
from flows.job import Job, ProcessOptions, Secrets, Watch
from flows.progress import figures
from flows.report import failure_rows, markdown, sentence
from flows.work import work
from pipeline.errors import PagelakeError
from pipeline.shard import ShardResult
from pipeline.summary import RunState, RunSummary
from pipeline.tally import Tally

watching: ContextVar[Watch | None] = ContextVar("watching", default=None)
"""Whoever started the flow in this process and looks on; nobody when a worker started it."""

_UPDATES_S = 2.0
_PATIENCE_S = 3.0
_ATTEMPTS = 3
# What reporting to Prefect may raise. The run goes on without it: the lake is what counts.
_LOST = (httpx.HTTPError, PrefectException, TimeoutError, OSError)


@task(name="shard", task_run_name="{label}", cache_policy=NO_CACHE, persist_result=False)
async def shard_task(label: str, call: Callable[[], Awaitable[None]]) -> None:  # noqa: ARG001
    """Work one shard. The label is for the reader of the list of tasks."""
    await call()


async def as_task(label: str, call: Callable[[], Awaitable[ShardResult]]) -> ShardResult:
    """What came of one shard, worked as a task. Prefect keeps what a task returns until the flow ends."""
    results: list[ShardResult] = []

    async def keep() -> None:
        results.append(await call())

    await shard_task(label, keep)
    return results[0]


def run_name() -> str:
    """What a person reads in a list of runs."""
    asked = flow_run.parameters
    sources = asked["sources"]
    more = f" and {len(sources) - 1} more" if len(sources) > 1 else ""
    return f"{asked['record_type']}: {', '.join(sources[:1])}{more} to {asked['lake']}"


@flow(name="pagelake process", flow_run_name=run_name, persist_result=False)
async def process_folder(  # noqa: PLR0913, PLR0917 - the parameters of a deployment
    sources: list[str],
    record_type: str,
    lake: str,
    options: ProcessOptions = ProcessOptions(),  # noqa: B008 - frozen
    api_key_block: str | None = None,
    password_block: str | None = None,
) -> State[RunSummary]:
    """Work every document of the sources that the lake does not hold yet.

    Failures of single documents do not fail the flow, which would have it run again for nothing: it ends as
    Completed, named "With failures", and the summary artifact lists them. It fails when the service refuses
    to go on or when what was asked for is impossible.

    Args:
        sources: Folders, files, patterns, addresses such as `s3://bucket/folder`, or `@list.txt`.
        record_type: Record type: a built-in name, `package.module:Class` or `file.py:Class`.
        lake: Folder of the lake.
        options: What else may be asked; all of it has a setting as its default.
        api_key_block: Name of the Secret block that holds the key of the service; None for the settings.
        password_block: Name of the Secret block that holds a password for documents; None for the settings.
    """
    job = Job(sources=sources, schema_name=record_type, lake=lake, options=options)
    return await reported_run(job, api_key_block, password_block)


async def reported_run(
    job: Job, api_key_block: str | None, password_block: str | None = None
) -> State[RunSummary]:
    """What came of a job, its progress and its summary told to Prefect; within a flow run.

    Args:
        job: What is asked.
        api_key_block: As for the flow.
        password_block: As for the flow.
    """
    watch = watching.get() or Watch()
    watch.flow_run = f"{flow_run.name} ({flow_run.id})"
    progress = _Progress(watch.tally)
    try:
        watch.secrets = Secrets(
            api_key=await secret_in(api_key_block) or watch.secrets.api_key,
            password=await secret_in(password_block) or watch.secrets.password,
        )
        async with beside(progress.follow()):
            summary = await work(job, watch=watch, wrap=as_task)
    except PagelakeError as error:
        await reported(
            asyncio.to_thread(tell_failure, str(flow_run.id), job.schema_name, job.lake, str(error))
        )
        return Failed(message=str(error), data=error)
    await _publish(progress, summary)
    await reported(asyncio.to_thread(tell, summary))
    return _state(summary)


async def secret_in(block: str | None) -> SecretStr | None:
    """The key in the Secret block of a name; None for no name."""
    if block is None:
        return None
    secret: Secret[str] = await Secret.aload(block)
    return SecretStr(secret.get())


def _state(summary: RunSummary) -> State[RunSummary]:
    text = sentence(summary)
    match summary.state:
        case RunState.COMPLETE:
            return Completed(message=text, data=summary)
        case RunState.WAITING:
            return Completed(name="Waiting", message=text, data=summary)
        case RunState.FAILURES:
            return Completed(name="With failures", message=text, data=summary)
        case RunState.STOPPED:
            return Failed(message=f"{summary.reason}; {text}", data=summary)
        case RunState.INTERRUPTED:
            return Cancelled(message=text, data=summary)


@dataclass
class _Progress:
    """The progress artifact of a run."""

    tally: Tally
    artifact: UUID | None = None

    async def follow(self) -> None:
        """Keep it up to date until cancelled; given up when Prefect stays away."""
        failures = 0
        while failures < _ATTEMPTS:
            failures += not await reported(self.show())
            await asyncio.sleep(_UPDATES_S)

    async def show(self) -> None:
        """Bring it up to date."""
        done, found = self.tally.pages_done, self.tally.pages_found
        percent, text = (100.0 * done / found if found else 0.0), figures(self.tally, time.monotonic())
        if self.artifact is None:
            self.artifact = await acreate_progress_artifact(percent, key="pagelake-pages", description=text)
        else:
            await aupdate_progress_artifact(self.artifact, percent, description=text)


async def _publish(progress: _Progress, summary: RunSummary) -> None:
    """Leave the last figures and the summary with Prefect; the lake's manifest says the same."""
    await reported(progress.show())
    link = await _linked_failures(summary) if summary.failures else ""
    text = markdown(summary, link)
    await reported(acreate_markdown_artifact(text, key="pagelake-summary", description=sentence(summary)))


async def _linked_failures(summary: RunSummary) -> str:
    """Leave the failures with Prefect as a table; returns where that is shown, empty when nowhere."""
    made: list[UUID] = []

    async def make() -> None:
        rows = failure_rows(summary)
        made.append(
            await acreate_table_artifact(rows, key="pagelake-failures", description=sentence(summary))
        )

    await reported(make())
    shown = get_current_settings().ui_url
    return f"{shown}/artifacts/artifact/{made[0]}" if shown and made else ""


async def reported(report: Coroutine[Any, Any, object]) -> bool:
    """Whether Prefect took a report in time. Outside a flow run there is nobody to report to."""
    if flow_run.id is None:
        report.close()
        return True
    with suppress(*_LOST):
        async with asyncio.timeout(_PATIENCE_S):
            await report
            return True
    return False
