"""The figures of a run at work, told once a second to whoever looks on from another process."""

import asyncio
import contextlib
import os
import platform
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from pipeline.store.progress import Progress, publish, withdraw
from pipeline.tally import Tally

EVERY_S = 1.0

_COUNTED = {field.name for field in fields(Tally)} & Progress.model_fields.keys() - {"waiting"}


@contextlib.asynccontextmanager
async def publishing(
    lake: Path, figures: Callable[[], Progress], *, every_s: float = EVERY_S
) -> AsyncIterator[None]:
    """Publish figures for as long as the block runs, and nothing after it.

    Args:
        lake: Folder of a lake that is held.
        figures: What they are now.
        every_s: Seconds between two looks at them.
    """

    async def go_on() -> None:
        while True:
            publish(lake, figures())
            await asyncio.sleep(every_s)

    telling = asyncio.create_task(go_on())
    try:
        yield
    finally:
        telling.cancel()
        withdraw(lake)


def progress_of(tally: Tally, **about: Any) -> Progress:
    """The figures of a tally as they are now.

    Args:
        tally: Of a run of this process.
        about: What else there is to say of it: fields of `Progress` that no tally has.
    """
    return Progress(
        process=os.getpid(),
        machine=platform.node(),
        seconds=round(time.monotonic() - tally.started, 3),
        waiting=tally.waiting(),
        **{name: getattr(tally, name) for name in _COUNTED},
        **about,
    )
