"""Long runs: what is held does not grow with the pages."""

import asyncio
import gc
import itertools
import json
import logging
import statistics
import threading
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.__main__ import endpoint
from benchmarks.papers import write_papers
from benchmarks.slips import ANSWER
from pipeline.render.sizing import ImageOptions
from pipeline.run import RunConfig, process
from pipeline.shard import ShardResult
from pipeline.tally import Tally
from schemas.registry import load
from tests.charts import Draw
from tests.pipeline.runs import config

PAGES = 960
SHARD_PAGES, MEASURED_EACH = 8, 5
BYTES_A_PAGE = 600
"""Most that a page may leave in memory: some digests of its document, when each document has one page."""

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/fd").is_dir(), reason="the system does not list descriptors"
)


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    """A service in a process of its own, which answers at once."""
    with endpoint(0.0, json.dumps(ANSWER)) as where:
        yield where.base_url


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Log lines that are kept for the test would count as memory of the run."""
    caplog.set_level(logging.WARNING, logger="pipeline")


@pytest.mark.torture
@pytest.mark.parametrize(("unit", "pages_each"), [("page", 1), ("document", 4)])
def test_pages_that_are_done_leave_next_to_nothing_behind(
    base_url: str, unit: str, pages_each: int, tmp_path: Path, chart: Draw
) -> None:

    def asked(pages: int) -> RunConfig:
        folder = tmp_path / str(pages)
        write_papers(folder / "in", documents=pages // pages_each, pages=pages_each)
        return config(
            base_url,
            folder / "lake",
            folder / "in",
            record=load(f"benchmarks.slips:{unit.title()}Slip"),
            images=ImageOptions(long_side_px=64),
            shard_pages=SHARD_PAGES,
        )

    _sizes_during(asked(8))  # what is loaded once is loaded
    before = _held()
    sizes = _sizes_during(asked(PAGES))
    sixth = len(sizes) // 6
    late, early = statistics.median(sizes[-sixth:]), statistics.median(sizes[sixth : 2 * sixth])
    left = (late - early) / (PAGES * 4 / 6)

    assert all(now <= then for now, then in zip(_held(), before, strict=True))
    assert left < BYTES_A_PAGE
    assert not list(tmp_path.glob("*/lake/_journal/*.jsonl"))
    chart("endurance", f"{PAGES} pages, {pages_each} a document, a record a {unit}", f"{left:.0f}")


def _sizes_during(asked: RunConfig) -> list[int]:
    """Bytes of Python objects that a run holds now and then, between its first shard and its last."""
    sizes: list[int] = []
    shards = itertools.count()

    async def measured(_label: str, call: Callable[[], Awaitable[ShardResult]]) -> ShardResult:
        result = await call()
        if next(shards) % MEASURED_EACH == 0:
            gc.collect()
            sizes.append(tracemalloc.get_traced_memory()[0])
        return result

    async def work() -> set[asyncio.Task[None]]:
        summary = await process(asked, tally=Tally(started=time.monotonic()), wrap=measured)
        assert summary.exit_code == 0
        for _ in range(3):  # what is cancelled ends in the next turns of the loop
            await asyncio.sleep(0)
        return asyncio.all_tasks() - {asyncio.current_task()}

    tracemalloc.start()
    try:
        assert not asyncio.run(work())
    finally:
        tracemalloc.stop()
    return sizes


def _held() -> tuple[int, int]:
    """Descriptors and threads of this process."""
    gc.collect()
    return sum(1 for _ in Path("/proc/self/fd").iterdir()), threading.active_count()
