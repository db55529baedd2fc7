"""The Prefect flows of the batch road: send off, and move on. Neither waits for a job, nor holds a worker.

Schedule `collect_batch` every few minutes, or once in the morning: each time it does what it then can.
"""

from typing import Any, Literal

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from flows.batch_road import asked_in, going_on
from flows.job import Errand, Job, ProcessOptions
from flows.process import reported_run, run_name
from pipeline.store.working_copy import lake_at
from pipeline.summary import RunState, RunSummary

_WORST = (RunState.STOPPED, RunState.INTERRUPTED, RunState.FAILURES, RunState.WAITING, RunState.COMPLETE)


@flow(name="pagelake batch submit", flow_run_name=run_name, persist_result=False)
async def submit_batch(  # noqa: PLR0913, PLR0917 - the parameters of a deployment
    sources: list[str],
    record_type: str,
    lake: str,
    options: ProcessOptions = ProcessOptions(road="batch"),  # noqa: B008 - frozen
    api_key_block: str | None = None,
    password_block: str | None = None,
) -> State[RunSummary]:
    """Send off every document of the sources that the lake does not hold and no batch job has.

    Args:
        sources: Folders, files, patterns, addresses such as `s3://bucket/folder`, or `@list.txt`.
        record_type: Record type: a built-in name, `package.module:Class` or `file.py:Class`.
        lake: Folder of the lake.
        options: What else may be asked; all of it has a setting as its default.
        api_key_block: Name of the Secret block that holds the key of the service; None for the settings.
        password_block: Name of the Secret block that holds a password for documents; None for the settings.
    """
    job = Job(sources=sources, schema_name=record_type, lake=lake, options=options, errand=Errand.SUBMIT)
    return await reported_run(job, api_key_block, password_block)


def _collect_name() -> str:
    return f"collect for {flow_run.parameters['lake']}"


@flow(name="pagelake batch collect", flow_run_name=_collect_name, persist_result=False)
async def collect_batch(  # noqa: PLR0913, PLR0917 - the parameters of a deployment
    lake: str,
    remainder: Literal["continue", "resubmit", "online", "leave"] | None = None,
    cleanup: bool | None = None,
    question_id: str | None = None,
    api_key_block: str | None = None,
    password_block: str | None = None,
) -> State[RunSummary]:
    """Move every batch job of a lake on by one step, and make rows of what is answered.

    Args:
        lake: Folder of the lake.
        remainder: What becomes of requests without an answer: `continue`, `resubmit`, `online` or `leave`;
            None for what was said when they were submitted.
        cleanup: Whether datasets are deleted at the service when they are done with; None as before.
        question_id: Only the jobs of this question; None for all.
        api_key_block: Name of the Secret block that holds the key of the service; None for the settings.
        password_block: Name of the Secret block that holds a password for documents; None for the settings.
    """
    changes: dict[str, Any] = {"remainder": remainder, "cleanup": cleanup}
    with lake_at(lake) as folder:
        states = [
            await reported_run(going_on(asked, Errand.COLLECT, **changes), api_key_block, password_block)
            for asked in asked_in(folder)
            if question_id in {None, asked.question_id}
        ]
    if not states:
        return Completed(message="no batch job is under way")
    return min(states, key=_rank)


def _rank(state: State[Any]) -> int:
    """How bad a state is; the worst comes first."""
    data = state.data
    return _WORST.index(data.state) if isinstance(data, RunSummary) else -1
