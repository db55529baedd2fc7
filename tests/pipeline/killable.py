"""A process that does what it is told in children of its own, each of which can be ended at a named step.

A step is something that changes files of the lake, named by what it does and to which file; the end comes
just before it. Importing everything takes longer than a small run, so it is done once and children are
forked.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from flows import check, compact, launch  # noqa: F401 - the commands that children carry out import them
from flows.cli import main
from pipeline.batch.road import Remainder
from pipeline.batch_run import BatchRun
from pipeline.render.workers import RenderLimits
from pipeline.shard import ShardResult
from pipeline.walk import Wrap
from tests.pipeline.batch_runs import asked, call
from tests.pipeline.power import Power
from tests.pipeline.runs import slip_type
from tests.pipeline.steps import Steps

KILL, TERM, TERM_ALL, POWER = "kill -9", "SIGTERM", "SIGTERM to all processes", "loss of power"
"""Ways to be ended. The last is like the first, and what of the lake is on disk is written down before."""

SHADOW = "shadow"
"""Folder beside the lake where files are kept that a loss of power may bring back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a child does.

    Attributes:
        work: `submit`, `advance` or `cancel`; or `command` for the command line.
        arguments: Of the command.
        settings: Environment of the command.
        told: File for what the command says.
        kill: Step before which it is ended; empty for none.
        nth: At which time it comes to that step, from 1.
        by: How it is ended.
        then: Step before which it is killed outright after a signal to stop; empty for none.
        log: File for the names of all steps; empty for none.
        finer: Whether notes, flushes and new folders count as steps.
    """

    work: str
    lake: str
    base_url: str = ""
    sources: Sequence[str] = ()
    arguments: Sequence[str] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    told: str = ""
    remainder: str = "continue"
    cleanup: bool = False
    multipart_bytes: int = 140_000_000
    kill: str = ""
    nth: int = 1
    by: str = KILL
    then: str = ""
    log: str = ""
    finer: bool = False

    def carry_out(self) -> Any:
        """Do it here; returns the summary."""
        wanted = asked(
            self.base_url,
            Path(self.lake),
            *self.sources,
            record=slip_type("page"),
            shard_pages=1,
            limits=RenderLimits(workers=1),
        )
        return call(
            {"submit": BatchRun.submit, "advance": BatchRun.advance, "cancel": BatchRun.cancel}[self.work],
            wanted,
            rows=2,
            multipart_bytes=self.multipart_bytes,
            remainder=Remainder(self.remainder),
            cleanup=self.cleanup,
            wrap=in_turn(),
        )


def in_turn() -> Wrap:
    """Shards one after the other, so that the same requests make the same datasets each time."""
    turn = asyncio.Lock()

    async def wrap(_label: str, call: Callable[[], Awaitable[ShardResult]]) -> ShardResult:
        async with turn:
            return await call()

    return wrap


class _Killer:
    """Counts steps, and ends this process, or has it end, before one of them."""

    def __init__(self, order: Order) -> None:
        self._order, self._seen = order, Counter[str]()
        self._log = os.open(order.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND) if order.log else None
        self._stopping, self._counting = False, threading.Lock()
        lake = Path(order.lake)
        self._power = Power(lake, lake.parent / SHADOW) if order.by == POWER else None
        flushed = self._power.flushed if self._power else None
        Steps(order.lake, self._at, finer=order.finer, flushed=flushed)

    def _at(self, name: str) -> None:
        with self._counting:
            if self._log is not None:
                os.write(self._log, f"{name}\n".encode())
            self._seen[name] += 1
            if self._stopping:
                if name == self._order.then:
                    os.killpg(0, signal.SIGKILL)
            elif name == self._order.kill and self._seen[name] == self._order.nth:
                self._stopping = True
                self._end()

    def _end(self) -> None:
        if self._order.by == POWER and self._power is not None:
            self._power.cut(Path(self._order.lake).parent / f"{SHADOW}.json")
        if self._order.by in {KILL, POWER}:
            os.killpg(0, signal.SIGKILL)
        everyone = [*_descendants(os.getpid())] if self._order.by == TERM_ALL else []
        for process in (*everyone, os.getpid()):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM)


def _descendants(process: int) -> Iterator[int]:
    """The processes that this one has started, and those that they have."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            about = stat.read_text().rpartition(")")[2].split()
            if int(about[1]) == process:
                yield int(stat.parent.name)
                yield from _descendants(int(stat.parent.name))


def serve() -> None:
    """Carry out orders, a line each, until there are no more; print the child's id, then how it ended."""
    for text in sys.stdin:
        child = os.fork()
        if child == 0:
            os._exit(_child(Order(**json.loads(text))))
        print(child, flush=True)  # noqa: T201 - the answer
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - the answer


def _child(order: Order) -> int:
    os.setsid()
    try:
        if order.work == "command":
            return _command(order)
        _Killer(order)
        order.carry_out()
    except BaseException:  # noqa: BLE001 - whatever it is, the test shows it
        traceback.print_exc()
        return 1
    return 0


def _command(order: Order) -> int:
    """What the command ends with, told what a user would; all of it is in a file."""
    told = os.open(order.told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(told, stream)
    os.chdir(Path(order.lake).parent)
    os.environ.update(order.settings)
    sys.argv = ["pagelake", *order.arguments]
    _Killer(order)
    try:
        main()
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


class Runner:
    """That process, from the test's side; a context manager."""

    def __init__(self) -> None:
        self._born, self._child = threading.Event(), 0

    def __enter__(self) -> Self:
        command = [sys.executable, "-c", "from tests.pipeline.killable import serve; serve()"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def __call__(self, order: Order) -> int:
        """How a child ended: its exit code, or -9 when it was killed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._born.clear()
        self._process.stdin.write(json.dumps(asdict(order)) + "\n")
        self._process.stdin.flush()
        self._child = int(self._process.stdout.readline())
        self._born.set()
        return int(self._process.stdout.readline())

    def kill(self) -> None:
        """Kill the child that is at work, from any thread."""
        self._born.wait(10)
        os.killpg(self._child, signal.SIGKILL)


def steps_in(log: Path) -> Mapping[str, int]:
    """How often a child came to each step."""
    return Counter(log.read_text().splitlines())
