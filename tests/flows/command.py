"""The command `pagelake`, its parts, and the service it talks to."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer import Typer
from typer.core import TyperGroup
from typer.main import get_command

from tests.flows.forked import commands
from tests.servers import FaultServer, Heard, Reply, chat_answer

KEY = "sk-secret-0123456789abcdef"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


def page_answer(heard: Heard) -> Reply:
    """A page of text for whatever is asked."""
    return chat_answer({"title": None, "language": "en", "text": f"page {heard.number}"})


def environment(base_url: str | None, **more: str) -> dict[str, str]:
    """The environment of a user who has set the service up, and nothing else."""
    service = {"PAGELAKE_API_KEY": KEY, "PAGELAKE_BASE_URL": base_url} if base_url else {}
    return {**os.environ, "COLUMNS": "100", **service, **more}


def started(arguments: Sequence[object], cwd: Path, environ: Mapping[str, str]) -> subprocess.Popen[str]:
    """The command, running in a process group of its own, as in a shell."""
    return subprocess.Popen(
        [sys.executable, "-m", "flows", *map(str, arguments)],
        cwd=cwd,
        env={**environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def to_the_end(process: subprocess.Popen[str]) -> Ended:
    """How a command ends that was started."""
    with process:
        out, err = process.communicate(timeout=120)
    return Ended(process.returncode, out, err)


def pagelake(cwd: Path, *arguments: object, server: FaultServer | None = None, **environ: str) -> Ended:
    """Run the command to its end, in a process that was forked when all modules were imported."""
    told = environment(server.base_url if server else None, **environ)
    return Ended(*commands()([str(one) for one in arguments], cwd, told))


def interrupt(process: subprocess.Popen[str], number: signal.Signals = signal.SIGINT) -> None:
    """Send a signal to the whole group, as a terminal does."""
    os.killpg(process.pid, number)


def leaves(typer: Typer) -> Iterator[tuple[list[str], Any]]:
    """Every command with the words that reach it."""
    root = get_command(typer)
    assert isinstance(root, TyperGroup)
    for name, command in root.commands.items():
        if isinstance(command, TyperGroup):
            yield from (([name, inner], leaf) for inner, leaf in command.commands.items())
        else:
            yield [name], command
