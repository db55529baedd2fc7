"""Runs a job from a command: with or without Prefect, its progress on a console, its signals caught."""

import asyncio
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from flows.job import NO_SECRETS, Errand, Job, Secrets, Watch
from flows.orchestrator import Orchestrator, orchestrator
from flows.progress import shown
from flows.stopping import Terminated
from flows.work import prepare, work
from pipeline.errors import ConfigError
from pipeline.records import printable
from pipeline.summary import RunState, RunSummary

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State


_BARE = {Errand.CANCEL, Errand.FOLLOW}
"""Errands of a person at a terminal, for which there is no flow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command has to tell.

    Attributes:
        summary: What came of the run.
        flow_run: Name of the Prefect flow run; empty without Prefect.
        prefect_lost: Whether Prefect was gone at the end; its background threads may hold up the exit.
        signal: Number of the signal that stopped the run; 0 for none.
    """

    summary: RunSummary
    flow_run: str = ""
    prefect_lost: bool = False
    signal: int = 0

    @property
    def exit_code(self) -> int:
        """Exit code of a command that ends with this outcome."""
        if self.signal and self.summary.state is RunState.INTERRUPTED:
            return 128 + self.signal
        return self.summary.exit_code


def launch(job: Job, secrets: Secrets = NO_SECRETS, *, prefect: bool | None, console: Console) -> Outcome:
    """What came of a job, told on the console while it runs.

    Args:
        job: What is asked.
        secrets: What neither the job nor Prefect may hold.
        prefect: As in `orchestrator`.
        console: For progress and messages.

    Raises:
        PagelakeError: What is asked for is impossible, or the lake cannot be written.
    """
    prepare(job, secrets)
    with orchestrator(prefect, console) as api:
        return run(job, api, console, secrets)


def run(job: Job, api: Orchestrator, console: Console, secrets: Secrets = NO_SECRETS) -> Outcome:
    """What came of a job; raises as `launch` does."""
    engine = prepare(job, secrets).engine_words
    console.print(Text(f"pagelake: {printable(engine)}, {api}"), soft_wrap=True)
    return asyncio.run(_watched(job, secrets, api, console))


async def _watched(job: Job, secrets: Secrets, api: Orchestrator, console: Console) -> Outcome:
    watch = Watch(say=lambda sentence: console.print(Text(sentence), soft_wrap=True), secrets=secrets)
    try:
        return await _shown(job, api, watch, console)
    except asyncio.CancelledError:
        if watch.signal == signal.SIGTERM:
            raise Terminated from None
        raise


async def _shown(job: Job, api: Orchestrator, watch: Watch, console: Console) -> Outcome:
    async with shown(watch.tally, console):
        if api.url and job.errand not in _BARE:
            return await _as_flow(job, api, watch)
        return Outcome(summary=await work(job, watch=watch), signal=watch.signal)


async def _as_flow(job: Job, api: Orchestrator, watch: Watch) -> Outcome:
    import httpx
    from prefect.exceptions import PrefectException

    from flows.process import watching

    watching.set(watch)
    lost = False
    try:
        state = await _flow(job)
        if watch.summary is None:
            await state.aresult()
    except (httpx.HTTPError, PrefectException, RuntimeError) as error:
        if watch.summary is None:
            raise ConfigError(
                f"the Prefect API at {api.host} does not answer ({type(error).__name__}): "
                "start it, or run with --no-prefect"
            ) from error
        lost = True
    assert watch.summary is not None  # noqa: S101 - a state without a result raises above
    return Outcome(summary=watch.summary, flow_run=watch.flow_run, prefect_lost=lost, signal=watch.signal)


async def _flow(job: Job) -> "State[Any]":
    """The state in which the flow of a job's errand ends."""
    from flows.batch import collect_batch, submit_batch
    from flows.process import process_folder

    options = job.options
    match job.errand:
        case Errand.COLLECT:
            return await collect_batch(
                job.lake, options.remainder, options.cleanup, job.question_id, return_state=True
            )
        case Errand.SUBMIT:
            begin = submit_batch
        case _:
            begin = process_folder
    return await begin(_carried(job.sources), job.schema_name, job.lake, options, return_state=True)


def _carried(sources: list[str]) -> list[str]:
    """The sources, which have to be JSON."""
    for source in sources:
        if not source.isprintable():
            raise ConfigError(
                f"Prefect cannot carry the name {printable(source)}: "
                "name its folder, or run with --no-prefect"
            )
    return sources
