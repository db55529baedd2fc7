"""Runs along the batch road: documents sent off in jobs, and later made rows of what came back.

Nothing here waits for a job. Called again at any time, by any process that has the lake, `advance` moves
everything on by as much as has become possible.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

from pipeline.batch.book import begin_anew
from pipeline.batch.job import BatchJob, JobFolder
from pipeline.batch.waiting import WaitingRoom
from pipeline.config import RunConfig
from pipeline.dispatch import BatchOptions
from pipeline.fanout import Halt
from pipeline.logged import about
from pipeline.settled import Settled
from pipeline.summary import RunState, RunSummary
from pipeline.trip import Trip
from pipeline.walk import Walk, Wrap, lake_of, plainly

_FIRST_LOOK_S, _GROWTH = 1.0, 1.3


class BatchRun:
    """What is asked of a lake along the batch road, and the steps that it is taken.

    Each step returns what came of all, with the state WAITING where pages wait for jobs. It raises
    ConfigError where what is asked for is impossible, StoreError where the lake cannot be read or written.

    Args:
        config: What is asked.
        options: How.
        settled: What came of each document: of this call, and of those before it that shared it.
        wrap: Called around each shard.
        stop: When set, nothing new is begun, and nothing is waited for; jobs go on at the service.
    """

    def __init__(
        self,
        config: RunConfig,
        options: BatchOptions,
        settled: Settled,
        *,
        wrap: Wrap = plainly,
        stop: asyncio.Event | None = None,
    ) -> None:
        self._config, self._options, self._settled, self._wrap = config, options, settled, wrap
        self._stop = stop or asyncio.Event()

    async def submit(self) -> RunSummary:
        """Send off all that was asked for, is not done yet, and is in no job under way."""
        with self._trip(anew=True) as trip:
            return await trip.from_sources()

    async def advance(self) -> RunSummary:
        """Move the jobs on, make rows of what is answered, send off what has to be asked again.

        The sources are not looked at.
        """
        with self._trip() as trip:
            return await trip.onwards()

    async def cancel(self) -> RunSummary:
        """Stop the jobs and make rows of what they have finished; the other pages are failures.

        The sources are not looked at.
        """
        with self._trip() as trip:
            return await trip.cancel()

    async def process(self) -> RunSummary:
        """Submit, then wait and advance until nothing waits any more; the lake is free between two looks."""
        return await self._followed(await self.submit())

    async def follow(self) -> RunSummary:
        """Advance until nothing waits any more; the lake is free between two looks."""
        return await self._followed(await self.advance())

    @contextlib.contextmanager
    def _trip(self, *, anew: bool = False) -> Iterator[Trip]:
        with lake_of(self._config) as lake, about(run=lake.run, schema=self._config.record.name):
            if anew:  # before the trip reads what was asked
                begin_anew(self._config.lake)
            walk = Walk(self._config, lake, self._settled.tally, Halt(self._stop))
            yield Trip(walk, self._options, self._settled, self._wrap)

    async def _followed(self, summary: RunSummary) -> RunSummary:
        wait_s = min(_FIRST_LOOK_S, self._options.poll_s)
        while self._waits(summary):
            if await _told(self._stop, wait_s):
                return summary.model_copy(update={"state": RunState.INTERRUPTED})
            wait_s = min(wait_s * _GROWTH, self._options.poll_s)
            summary = await self.advance()
        return summary

    def _waits(self, summary: RunSummary) -> bool:
        """Whether there is something to wait for, and whoever has it can be asked."""
        waiting = summary.state is RunState.WAITING or bool(self._settled.unread)
        live = waiting or is_live(self._config.lake, self._config.question_id())
        return self._settled.trouble is None and live


async def _told(stop: asyncio.Event, within_s: float) -> bool:
    """Whether the run is told to stop within a time."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), within_s)
    return stop.is_set()


def is_pending(lake: Path, question_id: str) -> bool:
    """Whether jobs of a question are under way, or documents wait to be made rows of."""
    room = WaitingRoom(lake)
    return is_live(lake, question_id) or any(
        room.read(name).question_id == question_id for name in room.names()
    )


def is_live(lake: Path, question_id: str) -> bool:
    """Whether jobs of a question are under way."""
    return any(job.is_live and job.question_id == question_id for job in jobs_of(lake))


def jobs_of(lake: Path) -> list[BatchJob]:
    """The batch jobs of a lake, in the order of their ids.

    Raises:
        StoreError: One cannot be read.
    """
    return [folder.load() for folder in JobFolder.all(lake)]
