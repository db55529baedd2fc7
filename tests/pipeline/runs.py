"""What the tests of whole runs share: a record type, a model that answers by rule, one call to run."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel, SecretStr

from pipeline.render.workers import RenderLimits
from pipeline.run import RunConfig, Wrap, plainly, process
from pipeline.service.client import Endpoint
from pipeline.service.retry import Retries
from pipeline.summary import RunSummary
from pipeline.tally import Tally
from schemas.registry import RecordType
from tests.servers import Heard, Reply, chat_answer

KEY = "sk-test-0123456789"


class Entry(BaseModel):
    """One line of a slip."""

    text: str
    amount: Decimal | None = None


class Slip(BaseModel):
    """A document of some lines."""

    title: str | None = None
    total: Decimal | None = None
    entries: list[Entry] = []


def slip_type(unit: Any = "document") -> RecordType:
    return RecordType(name="slip", model=Slip, unit=unit, instructions="Read the slip.", reference="slip")


def slip_answer(heard: Heard) -> Reply:
    """One entry for each page image, named after the text before it; the same pages give the same answer."""
    pages = [line.split()[1] for line in heard.text.splitlines() if line.startswith("Page ")]
    entries = [
        {"text": f"entry of page {page}", "amount": int(page) + 0.5, "_page": int(page)} for page in pages
    ]
    return chat_answer({"title": f"from page {pages[0]}", "total": 12.5, "entries": entries})


def config(base_url: str, lake: Path, *sources: Path | str, **changes: Any) -> RunConfig:
    plain = RunConfig(
        sources=tuple(str(source) for source in sources),
        record=slip_type(),
        lake=lake,
        endpoint=Endpoint(base_url=base_url, api_key=SecretStr(KEY)),
        engine="service",
        model="test-model",
        limits=RenderLimits(workers=2),
        retries=Retries(attempts=3, backoff_s=0.01, backoff_max_s=0.02, rate_limit_patience_s=20),
    )
    return replace(plain, **changes)


def run(
    asked: RunConfig, *, wrap: Wrap = plainly, stop: Callable[[], asyncio.Event] | None = None
) -> RunSummary:
    async def go() -> RunSummary:
        event = stop() if stop else None
        return await process(asked, tally=Tally(started=time.monotonic()), wrap=wrap, stop=event)

    return asyncio.run(go())


def table(lake: Path, folder: str) -> pl.DataFrame:
    """A table of a lake, an empty frame when it has no parts."""
    parts = sorted((lake / folder).glob("*.parquet"))
    return pl.read_parquet(parts) if parts else pl.DataFrame()


def records(lake: Path, schema: str = "slip") -> pl.DataFrame:
    return table(lake, f"records/schema={schema}")
