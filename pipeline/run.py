"""The whole path of a run, from what was asked to the manifest, without an orchestrator."""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from pipeline.config import RunConfig
from pipeline.document import Workshop
from pipeline.fanout import Budget, Halt
from pipeline.interpret import Interpreter
from pipeline.online import OnlineRoad
from pipeline.planning import Planner, Shard
from pipeline.purse import Purse
from pipeline.records import Skipped, printable
from pipeline.render.workers import Rasterizer
from pipeline.requests import RequestBuilder
from pipeline.service.client import Client
from pipeline.service.gate import Gate
from pipeline.service.pace import Change, Pace
from pipeline.shard import FAILURES_SHOWN, ShardResult, work_shard
from pipeline.store.children import check_children
from pipeline.store.columns import columns_of
from pipeline.store.lake import Changes, Lake
from pipeline.store.tables import records_table
from pipeline.summary import LimitChange, RunState, RunSummary, Tally

__all__ = ["RunConfig", "Wrap", "plainly", "process"]

Wrap = Callable[[str, Callable[[], Awaitable[ShardResult]]], Awaitable[ShardResult]]
"""Runs one shard under a label. An orchestrator puts its task around the call here."""

BYTES_PER_REQUEST = 512 * 1024
"""Room for images in memory for each request in flight: a page at 1536 px is 200 to 300 KB of JPEG."""

SHARDS_AT_ONCE = 2
REQUESTS_PER_SHARD = 8
"""Requests a shard is sure to keep in flight: 64 pages are rarely fewer requests than this."""

_NOTES = {
    "rate limit": "the service limits the rate: fewer requests go out at once until it bears more again",
    "outage": "the service does not answer: one request at a time goes out to see when it does again",
    "recovery": "the service answers again",
}


async def plainly(_label: str, call: Callable[[], Awaitable[ShardResult]]) -> ShardResult:
    """Run a shard with nothing around it."""
    return await call()


async def process(
    config: RunConfig, *, tally: Tally, wrap: Wrap = plainly, stop: asyncio.Event | None = None
) -> RunSummary:
    """Work everything that was asked for and is not done yet.

    Args:
        config: What is asked.
        tally: Changed in place as the run goes on.
        wrap: Called around each shard.
        stop: When set, nothing new is begun; what is in flight is finished and written.

    Returns:
        What came of it, as it stands in the manifest.

    Raises:
        ConfigError: What is asked for is impossible; nothing was asked of the service.
        StoreError: The lake cannot be written, or the page balance does not hold.
    """
    columns = columns_of(config.record.model)
    check_children(config.explode, columns)
    with Lake(
        config.lake,
        records_table(config.record.name, columns),
        config.record.name,
        changes=Changes.EVOLVED if config.evolve else Changes.REFUSED,
        children=config.explode,
    ) as lake:
        run = _Run(config, lake, tally, Halt(stop), datetime.now(UTC))
        async with _workshop(run) as shop:
            planner = _planner(config, shop)
            total = await _work_all(run, planner, shop, wrap)
        summary = _summary(run, total, planner.skipped, shop.road.gate.pace.history)
        if summary.state in {RunState.COMPLETE, RunState.FAILURES}:
            summary.pages.check()
        lake.finish(summary)
    return summary


@dataclass(frozen=True, slots=True)
class _Run:
    config: RunConfig
    lake: Lake
    tally: Tally
    halt: Halt
    began: datetime


@contextlib.asynccontextmanager
async def _workshop(run: _Run) -> AsyncIterator[Workshop]:
    """What the documents of a run are worked with; its processes and connections end with the block."""
    config = run.config
    question = config.question()
    drawing = max(2, config.limits.workers)
    held = max(
        config.in_flight * BYTES_PER_REQUEST,
        2
        * (drawing + 1)
        * config.windows.max_encoded_bytes,  # so that half-packed windows never wait in a ring
    )
    async with (
        Rasterizer(config.images, config.limits) as rasterizer,
        Client(config.endpoint, config.timeouts) as client,
        _gate(run) as gate,
    ):
        yield Workshop(
            record=config.record,
            question_id=config.question_id(),
            rasterizer=rasterizer,
            road=OnlineRoad(
                client=client,
                gate=gate,
                schema=config.record.name,
                model=config.model,
                retries=config.retries,
                prices=config.prices,
                purse=Purse(config.max_cost, config.prices),
            ),
            builder=RequestBuilder(question, config.delivery),
            interpreter=Interpreter(config.record),
            windows=config.windows,
            budgets=config.budgets,
            selection=config.pages,
            ledger=run.lake.ledger,
            images_held=Budget(held),
            drawing=asyncio.Semaphore(drawing),
            halt=run.halt,
            tally=run.tally,
        )


@contextlib.asynccontextmanager
async def _gate(run: _Run) -> AsyncIterator[Gate]:
    """Where requests wait; it closes as soon as nothing new is to be begun, so that none waits in vain."""
    config = run.config
    pace = Pace(
        config.in_flight,
        clock=time.monotonic,
        dice=random.random,
        caps=config.caps,
        on_change=partial(_note, run.tally),
    )
    gate = Gate(pace)

    async def close() -> None:
        await run.halt.wait()
        gate.close()

    closing = asyncio.create_task(close())
    try:
        yield gate
    finally:
        closing.cancel()


def _note(tally: Tally, change: Change) -> None:
    note = _NOTES.get(change.reason)
    if note and (change.reason != "rate limit" or note not in tally.notes):
        tally.notes.append(note)


def _planner(config: RunConfig, shop: Workshop) -> Planner:
    return Planner(
        sources=config.sources,
        rasterizer=shop.rasterizer,
        ledger=shop.ledger,
        question_id=shop.question_id,
        limit=config.limit,
        max_bytes=config.max_file_bytes,
    )


async def _work_all(run: _Run, planner: Planner, shop: Workshop, wrap: Wrap) -> ShardResult:
    """Start shards as they are planned, a few more at once than the requests in flight need."""
    total = ShardResult()
    places = asyncio.Semaphore(SHARDS_AT_ONCE + run.config.in_flight // REQUESTS_PER_SHARD)

    async def work(shard: Shard) -> None:
        try:
            total.add(await wrap(shard.label, lambda: work_shard(shard, shop, run.lake.writer(shard.number))))
        finally:
            places.release()

    try:
        async with asyncio.TaskGroup() as group:
            async for shard in planner.shards(run.config.shard_pages):
                shop.tally.documents_found += shard.documents
                shop.tally.pages_found += shard.pages
                await places.acquire()
                if shop.halt.requested:
                    break
                group.create_task(work(shard))
            shop.tally.planned = True
    except ExceptionGroup as errors:
        raise _cause(errors) from None
    return total


def _cause(errors: ExceptionGroup[Exception]) -> Exception:
    """The first error that stands behind a group: the others are its echoes or its like."""
    first = errors.exceptions[0]
    return _cause(first) if isinstance(first, ExceptionGroup) else first


def _summary(
    run: _Run, total: ShardResult, skipped: Sequence[Skipped], changes: Iterable[Change]
) -> RunSummary:
    config, tally = run.config, run.tally
    return RunSummary(
        run=run.lake.run,
        state=_state(run.halt, total),
        schema_name=config.record.name,
        model=config.model,
        engine=config.engine,
        lake=str(config.lake),
        sources=[printable(source) for source in config.sources],
        started_at=run.began,
        seconds=round(time.monotonic() - tally.started, 3),
        documents=total.documents,
        documents_reused=total.reused,
        documents_failed=total.failed,
        duplicates=total.duplicates,
        skipped=[(printable(one.path), one.reason) for one in skipped],
        pages=total.pages,
        records=total.records,
        requests=tally.requests,
        answers_reused=tally.answers_reused,
        in_doubt=list(run.lake.in_doubt),
        prompt_tokens=tally.prompt_tokens,
        completion_tokens=tally.completion_tokens,
        cached_tokens=tally.cached_tokens,
        cost=tally.cost,
        limits=[
            LimitChange(at_s=round(one.at_s - tally.started, 3), in_flight=one.limit, reason=one.reason)
            for one in changes
        ],
        failures=total.failures[:FAILURES_SHOWN],
        failures_total=len(total.failures),
        reason=str(run.halt.refusal or ""),
    )


def _state(halt: Halt, total: ShardResult) -> RunState:
    if halt.refusal is not None:
        return RunState.STOPPED
    if halt.requested:
        return RunState.INTERRUPTED
    return RunState.FAILURES if total.failed else RunState.COMPLETE
