"""Documents walked along a road, shard by shard, from what is planned to the manifest; no orchestrator."""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from pipeline.config import RunConfig
from pipeline.document import Workshop
from pipeline.fanout import Budget, Halt
from pipeline.fetched import fetching
from pipeline.interpret import Interpreter
from pipeline.online import OnlineRoad
from pipeline.planning import Planner, Shard
from pipeline.publishing import progress_of, publishing
from pipeline.purse import Purse
from pipeline.render.known import Pages
from pipeline.render.workers import Rasterizer
from pipeline.requests import RequestBuilder
from pipeline.road import Road
from pipeline.service.client import Client
from pipeline.service.gate import Gate
from pipeline.service.pace import Change, Pace
from pipeline.shard import ShardResult, work_shard
from pipeline.store.children import check_children
from pipeline.store.columns import columns_of
from pipeline.store.lake import Changes, Lake
from pipeline.store.progress import Progress
from pipeline.store.tables import records_table
from pipeline.summary import FileChanges
from pipeline.tally import Tally

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


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk over documents, into a lake that is held.

    Attributes:
        tally: Changed in place as it goes on.
        halt: When requested, nothing new is begun; what is in flight is finished and written.
    """

    config: RunConfig
    lake: Lake
    tally: Tally
    halt: Halt
    began: datetime = field(default_factory=lambda: datetime.now(UTC))


def lake_of(config: RunConfig) -> Lake:
    """The lake of a run, to be entered.

    Raises:
        ConfigError: A list that is to become a table is none.
    """
    columns = columns_of(config.record.model)
    check_children(config.explode, columns)
    return Lake(
        config.lake,
        records_table(config.record.name, columns),
        config.record.name,
        changes=Changes.EVOLVED if config.evolve else Changes.REFUSED,
        children=config.explode,
    )


def directly(road: Road) -> Road:
    """The online road itself."""
    return road


def drawn(rasterizer: Rasterizer) -> Pages:
    """Every page drawn."""
    return rasterizer


@contextlib.asynccontextmanager
async def workshop(
    walk: Walk,
    gate: Gate,
    *,
    road: Callable[[Road], Road] = directly,
    pages: Callable[[Rasterizer], Pages] = drawn,
) -> AsyncIterator[Workshop]:
    """What the documents of a walk are worked with; its processes and connections end with the block.

    Args:
        walk: What is walked.
        gate: Where requests of the online road wait.
        road: The road to take, given the online one.
        pages: Who knows the pages, given who draws them.
    """
    config = walk.config
    drawing = max(2, config.limits.workers)
    with fetching() as fetched:
        async with (
            Rasterizer(config.images, config.limits, config.passwords, fetched.at_hand) as rasterizer,
            Client(config.endpoint, config.timeouts) as client,
        ):
            yield Workshop(
                record=config.record,
                question_id=config.question_id(),
                fetched=fetched,
                pages=pages(rasterizer),
                road=road(_online(config, client, gate)),
                builder=RequestBuilder(config.question(), config.delivery),
                interpreter=Interpreter(config.record),
                windows=config.windows,
                budgets=config.budgets,
                selection=config.pages,
                ledger=walk.lake.ledger,
                listing=walk.lake.listing,
                images_held=Budget(_held_bytes(config, drawing)),
                redrawn=Budget(_held_bytes(config, drawing)),
                drawing=asyncio.Semaphore(drawing),
                halt=walk.halt,
                tally=walk.tally,
            )


def _online(config: RunConfig, client: Client, gate: Gate) -> OnlineRoad:
    return OnlineRoad(
        client=client,
        gate=gate,
        schema=config.record.name,
        model=config.model,
        retries=config.retries,
        prices=config.prices,
        purse=Purse(config.max_cost, config.prices),
    )


def _held_bytes(config: RunConfig, drawing: int) -> int:
    """Room for page images; enough that half-packed windows never wait for one another in a ring."""
    half_packed = 2 * (drawing + 1) * config.windows.max_encoded_bytes
    return max(config.in_flight * BYTES_PER_REQUEST, half_packed)


@contextlib.asynccontextmanager
async def gate_of(walk: Walk) -> AsyncIterator[Gate]:
    """Where requests wait; it closes as soon as nothing new is to be begun, so that none waits in vain."""
    config = walk.config
    pace = Pace(
        config.in_flight,
        clock=time.monotonic,
        dice=random.random,
        caps=config.caps,
        on_change=partial(_note, walk.tally),
    )
    gate = Gate(pace)
    walk.tally.waiting = lambda: pace.waiting

    async def close() -> None:
        await walk.halt.wait()
        gate.close()

    closing = asyncio.create_task(close())
    try:
        async with publishing(config.lake, partial(_progress, walk, pace)):
            yield gate
    finally:
        closing.cancel()
        walk.tally.waiting = str


def _progress(walk: Walk, pace: Pace) -> Progress:
    config = walk.config
    return progress_of(
        walk.tally,
        run=walk.lake.run,
        schema_name=config.record.name,
        model=config.model,
        engine=config.engine,
        started_at=walk.began,
        at_once=pace.limit,
    )


def _note(tally: Tally, change: Change) -> None:
    note = _NOTES.get(change.reason)
    if note and (change.reason != "rate limit" or note not in tally.notes):
        tally.notes.append(note)


def planner_of(config: RunConfig, shop: Workshop) -> Planner:
    """What finds the documents of a run."""
    return Planner(
        sources=config.sources,
        fetched=shop.fetched,
        pages=shop.pages,
        ledger=shop.ledger,
        listing=shop.listing,
        question_id=shop.question_id,
        limit=config.limit,
        max_bytes=config.max_file_bytes,
        selection=shop.selection,
        rehash=config.rehash,
    )


def files_of(walk: Walk, planner: Planner) -> FileChanges:
    """What became of the files, noted in the lake for when it is settled.

    Raises:
        StoreError: It could not be noted.
    """
    config, whole = walk.config, planner.whole and not walk.halt.requested
    concluded = planner.look.conclude(whole=whole, accept=config.accept_removed)
    walk.lake.note_files(concluded.gone, prune=config.prune and not walk.halt.requested)
    return concluded.changes


async def as_it_is(_shard: Shard, _result: ShardResult) -> None:
    """Do nothing with what came of a shard."""


async def work_all(
    walk: Walk,
    shards: AsyncIterator[Shard],
    shop: Workshop,
    wrap: Wrap,
    *,
    settle: Callable[[Shard, ShardResult], Awaitable[None]] = as_it_is,
) -> ShardResult:
    """Start shards as they are planned, a few more at once than the requests in flight need.

    Args:
        walk: What is walked.
        shards: What is planned.
        shop: What it is worked with.
        wrap: Called around each shard with pages to work.
        settle: Told what came of each shard, once it is committed.

    Raises:
        PagelakeError: The walk cannot go on.
    """
    total = ShardResult()
    places = asyncio.Semaphore(SHARDS_AT_ONCE + walk.config.in_flight // REQUESTS_PER_SHARD)

    async def work(shard: Shard) -> None:
        try:
            around = wrap if shard.pages else plainly
            result = await around(
                shard.label, lambda: work_shard(shard, shop, walk.lake.writer(shard.number))
            )
            total.add(result)
            await settle(shard, result)
            shop.tally.shards_done += 1
        finally:
            places.release()

    try:
        async with asyncio.TaskGroup() as group:
            async for shard in shards:
                shop.tally.documents_found += shard.documents
                shop.tally.pages_found += shard.pages
                await places.acquire()
                if shop.halt.requested:
                    break
                shop.tally.shards_begun += 1
                group.create_task(work(shard))
            shop.tally.planned = True
    except ExceptionGroup as errors:
        raise cause_of(errors) from None
    return total


def cause_of(errors: ExceptionGroup[Exception]) -> Exception:
    """The first error that stands behind a group: the others are its echoes or its like."""
    first = errors.exceptions[0]
    return cause_of(first) if isinstance(first, ExceptionGroup) else first
