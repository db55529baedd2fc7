"""Worker processes behind an awaitable call: a time limit each, a crash costs one call."""

import asyncio
import hashlib
import multiprocessing
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeout
from functools import partial
from multiprocessing import forkserver
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from pipeline.deadline import HAS_ALARM, deadline, ran_out
from pipeline.inherited import secrets_hidden
from pipeline.local import worker
from pipeline.local.seeing.page import Page

P = ParamSpec("P")
R = TypeVar("R")
MEMORY_BYTES = 6 * 2**30
"""Address space of a worker; OCR of the largest image needs about a third of it."""
TIMEOUT_S = 120.0
CACHED_PAGES = 256
"""Recognised pages kept, some kilobytes each, so that a page asked about twice is read at once."""


class Crashed(Exception):
    """The work killed its process, twice. The message is a clause for the caller."""


class TookTooLong(Exception):
    """The work was stopped at its time limit. The message is a clause for the caller."""


class Workers:
    """A fixed number of OCR processes and the pages they have read lately."""

    def __init__(self, count: int, *, timeout_s: float = TIMEOUT_S, lexicon: Path | None = None) -> None:
        methods = multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
        context.set_forkserver_preload(["pipeline.local.worker", *worker.NEEDED])
        if "forkserver" in methods:
            with secrets_hidden():
                forkserver.ensure_running()
        self._pool = ProcessPool(
            max_workers=count, context=context, initializer=worker.begin, initargs=[MEMORY_BYTES, lexicon]
        )
        self._timeout_s = timeout_s
        self._seen: OrderedDict[bytes, tuple[Page, tuple[int, int]]] = OrderedDict()

    def stop(self) -> None:
        """End all processes, whatever they are doing."""
        self._pool.stop()  # type: ignore[no-untyped-call] # pebble ships no types
        self._pool.join()

    async def see(self, base64_text: str) -> tuple[Page, tuple[int, int]]:
        """The recognised page and the image's size in pixels; from memory when it was seen before.

        Raises:
            BadImage: It is none that can be opened.
            Crashed, TookTooLong: As `run`.
        """
        key = hashlib.sha256(base64_text.encode()).digest()
        if key not in self._seen:
            self._seen[key] = await self.run(worker.see, base64_text)
        self._seen.move_to_end(key)
        while len(self._seen) > CACHED_PAGES:
            self._seen.popitem(last=False)
        return self._seen[key]

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The result of `work` done in a worker process.

        Raises:
            Crashed: It killed its process, and another one when tried again.
            TookTooLong: It was stopped.
        """
        try:
            return await self._once(work, args, kwargs)
        except ProcessExpired as error:  # may have been killed for memory on a crowded machine: one more try
            self._check(error)
        try:
            return await self._once(work, args, kwargs)
        except ProcessExpired as error:
            self._check(error)
            raise Crashed("it stopped the OCR process twice") from error

    async def _once(self, work: Callable[..., R], args: tuple[Any, ...], kwargs: dict[str, Any]) -> R:
        timed = partial(_timed, self._timeout_s, work)
        pools_own = None if HAS_ALARM else self._timeout_s
        schedule = partial(self._pool.schedule, timed, args=args, kwargs=kwargs, timeout=pools_own)
        future = await asyncio.to_thread(schedule)  # it waits while the processes are being started
        try:
            result: R = await asyncio.wrap_future(future)
        except FutureTimeout as error:
            raise self._too_long() from error
        return result

    def _check(self, error: ProcessExpired) -> None:
        if ran_out(error.exitcode):
            raise self._too_long() from error

    def _too_long(self) -> TookTooLong:
        return TookTooLong(f"it took longer than {self._timeout_s:g} s")


def _timed(timeout_s: float, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    with deadline(timeout_s):
        return work(*args, **kwargs)
