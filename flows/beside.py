"""Something that runs beside a block of code and ends with it."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager


@asynccontextmanager
async def beside(background: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """Run a coroutine until the block ends; what the block raises comes out as it was raised."""
    try:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(background)
            try:
                yield
            finally:
                running.cancel()
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
