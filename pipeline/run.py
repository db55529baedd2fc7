"""The whole path of a run along the online road, from what was asked to the manifest."""

import asyncio

from pipeline.batch.book import Book, begin_anew
from pipeline.batch.road import BatchRoad
from pipeline.conclusion import summary_of
from pipeline.config import RunConfig
from pipeline.fanout import Halt
from pipeline.logged import about
from pipeline.road import Road
from pipeline.summary import RunSummary
from pipeline.tally import Tally
from pipeline.walk import (
    Walk,
    Wrap,
    files_of,
    gate_of,
    lake_of,
    plainly,
    planner_of,
    work_all,
    workshop,
)

__all__ = ["RunConfig", "Wrap", "plainly", "process"]


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
    with lake_of(config) as lake, about(run=lake.run, schema=config.record.name):
        walk = Walk(config, lake, tally, Halt(stop))
        begin_anew(config.lake)
        book = Book.of(config.lake)

        def road(online: Road) -> Road:
            return BatchRoad(book, None, online=online)

        async with gate_of(walk) as gate, workshop(walk, gate, road=road) as shop:
            planner = planner_of(config, shop)
            total = await work_all(walk, planner.shards(config.shard_pages), shop, wrap)
        waiting = bool(book.waiting and total.open)
        files = files_of(walk, planner)
        summary = summary_of(walk, total, planner.skipped, gate.pace.history, waiting=waiting)
        return lake.finish(summary.model_copy(update={"files": files}))
