"""The command in children of a process that has imported all, which takes longer than most commands do."""

import atexit
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

_IMPORTED = (
    "dateparser",
    "flows.cli",
    "flows.console",
    "flows.evaluate",
    "flows.launch",
    "flows.messages",
    "flows.report",
    "flows.schemas_view",
    "flows.scoreboard",
    "pipeline.evaluate.evaluation",
    "pipeline.rebuild",
    "pipeline.run",
    "schemas.registry",
)
"""What commands import sooner or later, but for Prefect: it reads the environment when it is imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command as it is typed somewhere.

    Attributes:
        folder: Where it runs.
        out: File for its standard output.
        err: File for its standard error.
    """

    arguments: Sequence[str]
    folder: str
    environ: Mapping[str, str]
    out: str
    err: str


def serve() -> None:
    """Carry out orders, a line each, in a child each, until there are no more; print how each child ended."""
    for name in _IMPORTED:
        import_module(name)
    assert threading.active_count() == 1, "a fork would lose the other threads and keep their locks"
    while text := sys.stdin.readline():
        child = os.fork()
        if child == 0:
            return _become(Order(**json.loads(text)))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - the answer
    return None


def _become(order: Order) -> None:
    """Be the command, to the end of this process."""
    from flows.cli import main  # noqa: PLC0415 - this module is imported for its other half as well

    os.setsid()
    os.chdir(order.folder)
    os.environ.clear()
    os.environ.update(order.environ)
    tempfile.tempdir = None  # it was read from the environment before
    for number, path in enumerate((os.devnull, order.out, order.err)):
        opened = os.open(path, os.O_RDWR)
        os.dup2(opened, number)
        os.close(opened)
    sys.argv = ["pagelake", *order.arguments]
    main()


class Commands:
    """That process, from the test's side; it ends with this one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from tests.flows.forked import serve; serve()"],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        atexit.register(self._process.communicate)

    def __call__(
        self, arguments: Sequence[str], folder: Path, environ: Mapping[str, str]
    ) -> tuple[int, str, str]:
        """How a command ended, what it printed, and what it said on standard error."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock, tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
            order = Order(
                arguments=arguments, folder=str(folder), environ=environ, out=out.name, err=err.name
            )
            self._process.stdin.write(json.dumps(asdict(order)) + "\n")
            self._process.stdin.flush()
            code = int(self._process.stdout.readline())
            return code, out.read().decode(), err.read().decode()


@cache
def commands() -> Commands:
    """The one for all tests of this process."""
    return Commands()
