"""A process that submits and advances in children of its own, each of which can be killed at a named step.

A step is something that changes files of the lake, named by what it does and to which file; the kill comes
just before it. Importing everything takes longer than a small run, so it is done once and children are
forked.
"""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pipeline.batch.road import Remainder
from pipeline.batch_run import BatchRun
from pipeline.render.workers import RenderLimits
from pipeline.shard import ShardResult
from pipeline.walk import Wrap
from tests.pipeline.batch_runs import asked, call
from tests.pipeline.runs import slip_type

_WRITES = os.O_WRONLY | os.O_RDWR
_EVENTS = {"open": 0, "os.rename": 1, "os.remove": 0, "shutil.rmtree": 0}
"""What is looked at, and which argument is the file that is changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a child does.

    Attributes:
        work: `submit`, `advance` or `cancel`.
        kill: Step before which it is killed; empty for none.
        nth: At which time it comes to that step, from 1.
        log: File for the names of all steps; empty for none.
    """

    work: str
    base_url: str
    lake: str
    sources: Sequence[str]
    remainder: str = "continue"
    cleanup: bool = False
    multipart_bytes: int = 140_000_000
    kill: str = ""
    nth: int = 1
    log: str = ""

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


def step_of(event: str, args: Sequence[Any], lake: str) -> str:
    """The name of a step; empty for what changes no file of the lake, or nothing that matters yet."""
    if event not in _EVENTS or (event == "open" and not (args[2] or 0) & _WRITES):
        return ""
    try:
        path = os.fsdecode(args[_EVENTS[event]])
    except TypeError:  # a file that is open already
        return ""
    if not path.startswith(f"{lake}/") or path.endswith((".tmp", "lock")):
        return ""
    name = re.sub(r"pagelake-[0-9a-f]+", "JOB", path.removeprefix(f"{lake}/"))
    name = re.sub(r"\d{8}T[\d-]+", "RUN", name)
    state = f" {_state(os.fsdecode(args[0]))}" if name.endswith("JOB/job.json") else ""
    return f"{event.rpartition('.')[2]} {name}{state}"


def _state(job: str) -> str:
    """What a file about a job is going to say of it, so that one save can be told from the others."""
    saved = json.loads(Path(job).read_bytes())
    owned = "owned" if saved["account"] else ""
    return " ".join(word for word in (saved["step"], saved["state"], owned) if word)


class _Killer:
    """An audit hook that counts steps, and ends this process and its children before one of them."""

    def __init__(self, order: Order) -> None:
        self._order, self._seen = order, Counter[str]()
        self._busy = False
        self._log = os.open(order.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND) if order.log else None

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if self._busy or event not in _EVENTS:
            return
        self._busy = True
        try:
            if name := step_of(event, args, self._order.lake):
                self._at(name)
        finally:
            self._busy = False

    def _at(self, name: str) -> None:
        self._seen[name] += 1
        if self._log is not None:
            os.write(self._log, f"{name}\n".encode())
        if name == self._order.kill and self._seen[name] == self._order.nth:
            os.killpg(0, signal.SIGKILL)


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
    sys.addaudithook(_Killer(order))
    try:
        order.carry_out()
    except BaseException:  # noqa: BLE001 - whatever it is, the test shows it
        traceback.print_exc()
        return 1
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
        """How a child ended: 0, or -9 when it was killed."""
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
