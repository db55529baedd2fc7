"""Runs along the batch road: documents sent off in jobs, and later made rows of what came back.

Nothing here waits for a job. Called again at any time, by any process that has the lake, `advance` moves
everything on by as much as has become possible.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from pipeline.batch.book import begin_anew
from pipeline.batch.job import BatchJob, JobFolder
from pipeline.batch.waiting import WaitingRoom
from pipeline.config import RunConfig
from pipeline.dispatch import BatchOptions
from pipeline.fanout import Halt
from pipeline.settled import Settled
from pipeline.summary import RunState, RunSummary
from pipeline.trip import Trip
from pipeline.walk import Walk, Wrap, lake_of, plainly

_FIRST_LOOK_S, _GROWTH = 1.0, 1.3


async def submit(
    config: RunConfig,
    options: BatchOptions,
    settled: Settled,
    *,
    wrap: Wrap = plainly,
    stop: asyncio.Event | None = None,
) -> RunSummary:
    """Send off all that was asked for, is not done yet, and is in no job under way.

    Args:
        config: What is asked.
        options: How.
        settled: What came of each document: of this call, and of those before it that shared it.
        wrap: Called around each shard.
        stop: When set, nothing new is begun.

    Returns:
        What came of it; its state is WAITING where pages wait for jobs.

    Raises:
        ConfigError: What is asked for is impossible.
        StoreError: The lake cannot be read or written.
    """
    with lake_of(config) as lake:
        begin_anew(config.lake)
        walk = Walk(config, lake, settled.tally, Halt(stop))
        return await Trip(walk, options, settled, wrap).from_sources()


async def advance(
    config: RunConfig,
    options: BatchOptions,
    settled: Settled,
    *,
    wrap: Wrap = plainly,
    stop: asyncio.Event | None = None,
) -> RunSummary:
    """Move the jobs of a question on, make rows of what is answered, send off what has to be asked again.

    Arguments, result and errors are those of `submit`; the sources of `config` are not looked at.
    """
    with lake_of(config) as lake:
        walk = Walk(config, lake, settled.tally, Halt(stop))
        return await Trip(walk, options, settled, wrap).onwards()


async def cancel(
    config: RunConfig,
    options: BatchOptions,
    settled: Settled,
    *,
    wrap: Wrap = plainly,
    stop: asyncio.Event | None = None,
) -> RunSummary:
    """Stop the jobs of a question and make rows of what they have finished; the other pages are failures.

    Arguments, result and errors are those of `submit`; the sources of `config` are not looked at.
    """
    with lake_of(config) as lake:
        walk = Walk(config, lake, settled.tally, Halt(stop))
        return await Trip(walk, options, settled, wrap).cancel()


async def process(
    config: RunConfig,
    options: BatchOptions,
    settled: Settled,
    *,
    wrap: Wrap = plainly,
    stop: asyncio.Event | None = None,
) -> RunSummary:
    """Submit, then wait and advance until nothing waits any more.

    The lake is free between two looks. When told to stop, the jobs go on at the service.

    Args:
        config: What is asked.
        options: How.
        settled: What came of each document.
        wrap: Called around each shard.
        stop: When set, nothing new is begun, and nothing is waited for.

    Raises:
        ConfigError: What is asked for is impossible.
        StoreError: The lake cannot be read or written.
    """
    stop = stop or asyncio.Event()
    summary = await submit(config, options, settled, wrap=wrap, stop=stop)
    again = partial(advance, config, options, settled, wrap=wrap, stop=stop)
    return await _followed(summary, again, partial(_waits, config, settled), stop, options.poll_s)


async def follow(
    config: RunConfig,
    options: BatchOptions,
    settled: Settled,
    *,
    wrap: Wrap = plainly,
    stop: asyncio.Event | None = None,
) -> RunSummary:
    """Advance until nothing waits any more; arguments, result and errors are those of `process`."""
    stop = stop or asyncio.Event()
    again = partial(advance, config, options, settled, wrap=wrap, stop=stop)
    return await _followed(await again(), again, partial(_waits, config, settled), stop, options.poll_s)


async def _followed(
    summary: RunSummary,
    again: Callable[[], Awaitable[RunSummary]],
    waits: Callable[[RunSummary], bool],
    stop: asyncio.Event,
    poll_s: float,
) -> RunSummary:
    wait_s = min(_FIRST_LOOK_S, poll_s)
    while waits(summary):
        if await _told(stop, wait_s):
            return summary.model_copy(update={"state": RunState.INTERRUPTED})
        wait_s = min(wait_s * _GROWTH, poll_s)
        summary = await again()
    return summary


def _waits(config: RunConfig, settled: Settled, summary: RunSummary) -> bool:
    """Whether there is something to wait for, and whoever has it can be asked."""
    waiting = summary.state is RunState.WAITING or bool(settled.unread)
    return settled.trouble is None and (waiting or is_live(config.lake, config.question_id()))


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
