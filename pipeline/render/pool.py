"""The worker processes themselves: started together, stopped together, in a process group of their own."""

import multiprocessing
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from multiprocessing import forkserver
from typing import Any, TypeVar

from pebble import ProcessPool

from pipeline.deadline import HAS_ALARM, deadline
from pipeline.inherited import secrets_hidden

R = TypeVar("R")

_PRELOADED = ["pipeline.render.apart", "pipeline.render.pages", "pipeline.render.images"]
_BEGUN_WITHIN_S = 10.0
"""How long a worker may take to begin before nobody waits for it: a machine out of memory starts none."""
_LOOK_AGAIN_S = 0.1


class WorkerPool:
    """Processes that do one call each at a time. `start` and `stop` block: call them off the event loop."""

    def __init__(
        self, count: int, *, calls_per_worker: int, begin: Callable[..., None], arguments: Sequence[Any]
    ) -> None:
        methods = multiprocessing.get_all_start_methods()
        self._is_forked = "forkserver" in methods
        # fork would copy threads' locks
        context = multiprocessing.get_context("forkserver" if self._is_forked else "spawn")
        if self._is_forked:
            context.set_forkserver_preload(_PRELOADED)
        with secrets_hidden():  # the first lock of a process starts a helper
            self._begun = context.Semaphore(0)
        self._count = count
        self._lock = threading.Lock()
        self._pool = ProcessPool(
            max_workers=count,
            max_tasks=calls_per_worker,
            initializer=_begin,
            initargs=(self._begun, begin, tuple(arguments)),
            context=context,
        )

    def start(self) -> None:
        """Start the workers and wait until each has begun.

        A pool that is stopped before would take the locks away that its last workers are still to be given,
        and they would complain of it on the terminal.
        """
        with self._lock:
            if self._is_forked:
                with secrets_hidden():
                    forkserver.ensure_running()
            _ = self._pool.active  # asking is what starts them
            until_s = time.monotonic() + _BEGUN_WITHIN_S
            missing = self._count
            while missing and self._pool.active and time.monotonic() < until_s:
                missing -= self._begun.acquire(timeout=_LOOK_AGAIN_S)

    def stop(self) -> None:
        """End all workers, busy or not."""
        with self._lock:
            self._pool.stop()  # type: ignore[no-untyped-call]  # pebble annotates its public calls in part
            self._pool.join()

    def schedule(self, call: Callable[..., R], *arguments: Any, timeout_s: float) -> "Future[R]":
        """Do the call in a worker; its time runs from when it is begun.

        When it is over the worker ends (`pipeline.deadline.ran_out`), or the call with a TimeoutError.

        Raises:
            RuntimeError: The pool broke or was stopped.
        """
        pools_own = None if HAS_ALARM else timeout_s
        return self._pool.schedule(_timed, args=(timeout_s, call, *arguments), timeout=pools_own)


def _timed(timeout_s: float, call: Callable[..., R], *arguments: Any) -> R:
    with deadline(timeout_s):
        return call(*arguments)


def _begin(begun: Any, begin: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    begin(*arguments)
    begun.release()
