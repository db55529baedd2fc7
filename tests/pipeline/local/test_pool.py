import asyncio
import os
import time
from collections.abc import Iterator

import pytest

from pipeline.local.pool import Crashed, TookTooLong, Workers
from pipeline.local.seeing.page import BadImage

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    workers = Workers(1, timeout_s=3)
    yield workers
    workers.stop()


async def test_a_crash_costs_only_the_work_that_crashed(workers: Workers) -> None:
    with pytest.raises(Crashed, match="twice"):
        await workers.run(os._exit, 3)

    assert await workers.run(abs, -2) == 2


async def test_work_that_hangs_is_stopped(workers: Workers) -> None:
    with pytest.raises(TookTooLong, match="longer than 3 s"):
        await workers.run(time.sleep, 60)

    assert await workers.run(abs, -2) == 2


async def test_a_clock_that_is_set_forward_stops_nothing(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    true_time = time.time
    await workers.run(abs, -2)  # they are there
    work = asyncio.create_task(workers.run(time.sleep, 0.5))
    await asyncio.sleep(0.2)
    monkeypatch.setattr(time, "time", lambda: true_time() + 3600)

    await work


async def test_memory_is_limited(workers: Workers) -> None:
    with pytest.raises(MemoryError):
        await workers.run(bytes, 8 * 2**30)


async def test_an_error_in_a_worker_comes_back_as_itself(workers: Workers) -> None:
    with pytest.raises(BadImage, match="base64"):
        await workers.see("*")
