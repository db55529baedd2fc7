"""The flow served from this process: scheduled runs begin on time, each in a process of its own."""

import asyncio
import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass

import httpx
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.exceptions import PrefectException
from prefect.runner import Runner
from prefect.types.entrypoint import EntrypointType

from flows.beside import beside
from flows.job import Job
from flows.process import process_folder
from flows.schedule import Schedule
from pipeline.errors import ConfigError, PagelakeError

# How often a run says that it is alive; an automation may take one that no longer does for lost.
_HEARTBEAT_S = 60
_STRATEGIES = {"wait": ConcurrencyLimitStrategy.ENQUEUE, "skip": ConcurrencyLimitStrategy.CANCEL_NEW}


_LOST = (httpx.HTTPError, PrefectException, RuntimeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What is served.

    Attributes:
        name: Name of the deployment.
        job: What each run is asked.
        schedule: When runs begin.
        overlap: What a run does that is due while another one is going on: `wait` or `skip`.
        api_key_block: As for the flow.
        password_block: As for the flow.
    """

    name: str
    job: Job
    schedule: Schedule
    overlap: str = "wait"
    api_key_block: str | None = None
    password_block: str | None = None

    @property
    def parameters(self) -> dict[str, object]:
        """The parameters of the flow, as plain JSON."""
        return {
            "sources": self.job.sources,
            "record_type": self.job.schema_name,
            "lake": self.job.lake,
            "options": self.job.options.model_dump(mode="json", exclude_defaults=True),
            "api_key_block": self.api_key_block,
            "password_block": self.password_block,
        }

    @property
    def deployment(self) -> str:
        """What Prefect calls it."""
        return f"{process_folder.name}/{self.name}"


async def register(served: Served, runner: Runner) -> None:
    """Make the deployment, or change the one of that name; the runner begins its runs."""
    await runner.aadd_flow(
        process_folder,
        name=served.name,
        schedule=served.schedule.in_prefect(),
        paused=False,  # it was paused when it was last stopped
        concurrency_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=_STRATEGIES[served.overlap]),
        parameters=served.parameters,
        tags=["pagelake"],
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


def serve(served: Served, host: str, announce: Callable[[], None]) -> None:
    """Begin the runs of a deployment until Ctrl-C or SIGTERM, which pause it and stop a run cleanly.

    Args:
        served: What is served.
        host: Where the Prefect API is, for a person.
        announce: Called when the deployment is made.

    Raises:
        ConfigError: The Prefect API does not answer.
        PagelakeError: It was lost on the way.
    """
    logging.getLogger("prefect.runner").setLevel(logging.WARNING)  # that runs wait for one another is no news
    runner = Runner(name=served.name, limit=None, pause_on_shutdown=True, heartbeat_seconds=_HEARTBEAT_S)
    try:
        asyncio.run(_served(served, runner, announce))
    except (*_LOST, ExceptionGroup) as error:
        if isinstance(error, ExceptionGroup) and error.split(_LOST)[1]:
            raise
        raise _told(runner, host) from error


async def _served(served: Served, runner: Runner, announce: Callable[[], None]) -> None:
    await register(served, runner)
    announce()
    async with beside(_stop_when_asked(runner)):
        await runner.start()


def _told(runner: Runner, host: str) -> PagelakeError:
    if runner.last_polled is None:
        return ConfigError(f"the Prefect API at {host} does not answer: start it, with: prefect server start")
    return PagelakeError(
        f"the Prefect API at {host} was lost, and with it a run that was going on: start it, and then "
        "the same command again, which goes on where it stopped"
    )


async def _stop_when_asked(runner: Runner) -> None:
    """Stop the runner at the first signal; another one ends this process as it ends any."""
    asked, loop = asyncio.Event(), asyncio.get_running_loop()
    both = (signal.SIGINT, signal.SIGTERM)
    for number in both:
        loop.add_signal_handler(number, asked.set)
    await asked.wait()
    if not runner.started:
        raise SystemExit(0)
    for number in both:
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)
    await runner.astop()
