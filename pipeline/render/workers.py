"""Drawing off the event loop: a page that crashes, hangs or swells costs that page and nothing else."""

import asyncio
import logging
import math
import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from pebble import ProcessExpired

from pipeline.deadline import ran_out
from pipeline.errors import Category, ConfigError, DocumentError, RendererError
from pipeline.logged import here, log_format
from pipeline.records import Document, Kind, PageImage, printable
from pipeline.render import tasks
from pipeline.render.passwords import NO_PASSWORDS, Passwords
from pipeline.render.pool import WorkerPool
from pipeline.render.sizing import ImageOptions, viewed
from pipeline.render.streaks import Streaks
from pipeline.render.tasks import Job, Refusal
from pipeline.stamps import place_of
from pipeline.views import Band, View

log = logging.getLogger(__name__)

_QUEUED_PER_WORKER = 2  # one drawn, one waiting: more would only be thrown away when the run is stopped
_LEAST_MEMORY_BYTES = 256 << 20

_TOLD = {
    "SIGABRT": ", as when a page needs more memory than it may have",
    "SIGKILL": ", as when the machine runs out of memory",
}

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderLimits:
    """What drawing may cost.

    Attributes:
        workers: Processes; as many as there are cores is fastest.
        timeout_s: Wall time of one page. Of processor time it may take a second more.
        memory_bytes: Address space of a worker, where the system enforces it; at least 256 MiB.
        pixels: Most pixels one frame of an image file may have.
        pages_per_worker: A worker is replaced after so many pieces of work.
    """

    workers: int = os.cpu_count() or 1
    timeout_s: float = 60.0
    memory_bytes: int = 2 << 30
    pixels: int = 200_000_000
    pages_per_worker: int = 1000

    def __post_init__(self) -> None:
        if min(self.workers, self.pixels, self.pages_per_worker) < 1 or self.timeout_s <= 0:
            raise ConfigError("the limits for drawing must all be above 0.")
        if self.memory_bytes < _LEAST_MEMORY_BYTES:
            raise ConfigError(f"a render worker needs at least {_LEAST_MEMORY_BYTES} bytes of memory.")


AtHand = Callable[[Document], AbstractAsyncContextManager[Path]]
"""Gives a file with the bytes of a document, which is there for as long as the block lasts."""


@asynccontextmanager
async def where_it_lies(document: Document) -> AsyncIterator[Path]:
    """The file of a document on this machine; workers have a folder of their own."""
    yield Path(os.path.abspath(document.path))  # noqa: ASYNC240, PTH100 - Path.absolute asks the disk


class Rasterizer:
    """Worker processes that draw pages. Use it with `async with`; leaving stops them, busy or not.

    They are started when the first page is asked for: a run that finds nothing to do needs none.
    """

    def __init__(
        self,
        options: ImageOptions,
        limits: RenderLimits,
        passwords: Passwords = NO_PASSWORDS,
        at_hand: AtHand | None = None,
    ) -> None:
        self._at_hand = at_hand or where_it_lies
        self._options = options
        self._passwords = passwords
        self._streaks = Streaks()
        self._limits = limits
        self._slots = asyncio.Semaphore(limits.workers * _QUEUED_PER_WORKER)
        self._pool = _new_pool(limits)
        self._waiting: set[asyncio.Future[Any]] = set()
        self._left = False
        self._starting = asyncio.Lock()
        self._started: WorkerPool | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left = True
        for future in tuple(self._waiting):
            future.cancel()
        await asyncio.to_thread(self._pool.stop)

    async def inspect(self, document: Document) -> int:
        """Number of pages.

        Raises:
            DocumentError: The file cannot be opened or has no pages.
            RendererError: The worker processes do not start.
        """
        async with self._at_hand(document) as file:
            return await self._run("", partial(tasks.inspect, self._job(document, file)))

    async def measure(self, document: Document, numbers: Sequence[int]) -> list[tuple[float, float] | None]:
        """Width and height of pages in points, in the order asked, not drawn; None for a missing one.

        Raises:
            DocumentError: The file cannot be opened.
        """
        async with self._at_hand(document) as file:
            return await self._run("", partial(tasks.measure, self._job(document, file), tuple(numbers)))

    async def draw(self, document: Document, number: int) -> PageImage:
        """One page as it is sent. Form fields are left out where they alone hang or crash the drawing.

        Args:
            document: Where the page stands.
            number: From 1.

        Raises:
            DocumentError: The page cannot be drawn; the message names it.
            DocumentGivenUp: It was not tried, since too many before it could not be drawn.
        """
        self._streaks.check(document)
        try:
            async with self._at_hand(document) as file:
                job = replace(self._job(document, file), forms=self._streaks.draws_forms(document))
                image, forms = await self._draw(job, number, self._options, None)
        except DocumentError as error:
            self._streaks.failed(document, error)
            raise
        self._streaks.drawn(document, forms=forms)
        return image

    async def redraw(self, document: Document, image: PageImage, view: View) -> PageImage:
        """A page that was drawn before, in another view.

        Raises:
            DocumentError: As `draw`.
        """
        options = viewed(self._options, view, longest_px=max(image.width_px, image.height_px))
        async with self._at_hand(document) as file:
            return (await self._draw(self._job(document, file), image.number, options, view.band))[0]

    async def _draw(
        self, job: Job, number: int, options: ImageOptions, band: Band | None
    ) -> tuple[PageImage, bool]:
        """A page, and whether its form fields were drawn."""
        document, subject = job.document, f"page {number}: "
        try:
            return await self._run(subject, partial(tasks.draw, job, number, options, band)), job.forms
        except DocumentError as error:
            hard = error.category in {Category.TIMEOUT, Category.CRASHED}
            if not (hard and job.forms and await self._has_forms(job)):
                raise
        log.warning("page %d of %s is drawn without its form fields", number, printable(document.path))
        formless = replace(job, forms=False)
        return await self._run(subject, partial(tasks.draw, formless, number, options, band)), False

    async def fetch(self, document: Document, image: PageImage) -> PageImage:
        """The same page with its bytes, drawn again where they were let go.

        Raises:
            DocumentError: As `draw`.
        """
        return image if image.data or image.blank else await self.draw(document, image.number)

    async def _has_forms(self, job: Job) -> bool:
        if job.document.kind is not Kind.PDF:
            return False
        try:
            return await self._run("", partial(tasks.has_forms, replace(job, forms=False)))
        except DocumentError:
            return False

    def _job(self, document: Document, file: Path) -> Job:
        placed = replace(document, path=str(file))
        passwords = self._passwords.of(place_of(document.path))
        return Job(document=placed, passwords=passwords, forms=True, pixels=self._limits.pixels)

    async def _run(self, subject: str, work: Callable[[], R]) -> R:
        async with self._slots:
            try:
                outcome = await self._healed(work)
            except TimeoutError:
                outcome = self._timed_out()
            except ProcessExpired as error:
                outcome = self._death(error.exitcode)
        if isinstance(outcome, Refusal):
            raise DocumentError(outcome.category, subject + outcome.message)
        return outcome

    def _death(self, exit_code: int | None) -> Refusal:
        """What it means that a worker died."""
        if ran_out(exit_code):
            return self._timed_out()
        if exit_code is None or exit_code >= 0:
            how = "an unknown cause" if exit_code is None else f"exit code {exit_code}"
            return Refusal(Category.CRASHED, f"the renderer died of {how}")
        name = signal.Signals(-exit_code).name
        if name == "SIGXCPU":
            return Refusal(Category.TIMEOUT, f"not done within {self._cpu_s} seconds of processor time")
        words = _TOLD.get(name, "")
        return Refusal(Category.CRASHED, f"the renderer died of {name}{words}")

    @property
    def _cpu_s(self) -> int:
        """Processor time of one page: a second more than its wall time, so that the clock is asked first."""
        return math.ceil(self._limits.timeout_s) + 1

    def _timed_out(self) -> Refusal:
        return Refusal(Category.TIMEOUT, f"not done within {self._limits.timeout_s:g} seconds")

    async def _healed(self, work: Callable[[], R]) -> R | Refusal:
        """Once more in a new pool when the pool itself broke: one worker killed while idle is enough."""
        for _ in range(2):
            pool = self._pool
            try:
                return await self._scheduled(pool, work)
            except RuntimeError:
                if self._left:
                    raise
                await self._replace(pool)
        raise RendererError(
            "the processes that draw pages keep dying as they start: look for a lack of memory, and if a "
            "script of yours calls pagelake, let it do so under `if __name__ == '__main__':`"
        )

    async def _scheduled(self, pool: WorkerPool, work: Callable[[], R]) -> R | Refusal:
        if self._left:
            raise RuntimeError("a page was asked for after its rasterizer had been left")
        await self._start(pool)
        future = pool.schedule(
            tasks.attempt, work, self._cpu_s, dict(here()), timeout_s=self._limits.timeout_s
        )
        waiting = asyncio.wrap_future(future)
        self._waiting.add(waiting)
        try:
            return await waiting
        finally:
            self._waiting.discard(waiting)

    async def _start(self, pool: WorkerPool) -> None:
        """Start the workers of a pool once, off the event loop: it takes a fraction of a second."""
        async with self._starting:
            if self._started is not pool:
                await asyncio.to_thread(pool.start)
                self._started = pool

    async def _replace(self, broken: WorkerPool) -> None:
        if self._pool is broken:
            self._pool = _new_pool(self._limits)
            await asyncio.to_thread(broken.stop)


def _new_pool(limits: RenderLimits) -> WorkerPool:
    return WorkerPool(
        limits.workers,
        calls_per_worker=limits.pages_per_worker,
        begin=tasks.settle,
        arguments=(limits.memory_bytes, log_format()),
    )
