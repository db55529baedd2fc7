"""What the tests of the batch road share: a call to submit or to advance, against a service on loopback."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from pipeline.batch.moves import Mover
from pipeline.batch.spool import DatasetLimits
from pipeline.batch_run import BatchRun
from pipeline.config import RunConfig
from pipeline.dispatch import BatchOptions
from pipeline.service.client import Endpoint
from pipeline.service.polling import Polling
from pipeline.settled import Settled
from pipeline.summary import RunSummary
from pipeline.tally import Tally
from pipeline.walk import Wrap, plainly
from tests.batches import control_of
from tests.gateway import ACCOUNT, KEY
from tests.pipeline.runs import config

QUICK = Polling(first_s=0.001, longest_s=0.01, deadline_s=5)


def asked(base_url: str, lake: Path, *sources: Path | str, **changes: Any) -> RunConfig:
    """What a run is asked."""
    endpoint = Endpoint(base_url=base_url, api_key=SecretStr(KEY))
    return replace(config(base_url, lake, *sources, **changes), endpoint=endpoint)


def call(  # noqa: PLR0913 - each has its default
    work: Callable[[BatchRun], Awaitable[RunSummary]],
    wanted: RunConfig,
    *,
    settled: Settled | None = None,
    rows: int = 10_000,
    multipart_bytes: int = 140_000_000,
    account_id: str | None = ACCOUNT,
    wrap: Wrap = plainly,
    **options: Any,
) -> RunSummary:
    """Submit or advance, with datasets of so many rows."""

    key = wanted.endpoint.api_key
    assert key is not None

    async def go() -> RunSummary:
        async with control_of(wanted.endpoint.base_url, key.get_secret_value(), account_id) as control:
            mover = Mover(control=control, polling=QUICK, multipart_bytes=multipart_bytes)
            about = BatchOptions(mover=mover, datasets=DatasetLimits(max_rows=rows), **options)
            settling = settled or Settled(Tally(started=time.monotonic()))
            return await work(BatchRun(wanted, about, settling, wrap=wrap))

    return asyncio.run(go())


def to_the_end(wanted: RunConfig, **options: Any) -> RunSummary:
    """Submit, then advance until nothing waits any more."""
    return call(BatchRun.process, wanted, poll_s=0.01, **options)
