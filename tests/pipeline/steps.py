"""The steps at which a process changes files of a lake, each named by what it does and to which file."""

import json
import os
import re
import stat
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import HasFileno

_WRITES = os.O_WRONLY | os.O_RDWR
_EVENTS = {"open": 0, "os.rename": 1, "os.remove": 0, "shutil.rmtree": 0}
"""What is looked at, and which argument is the file that is changed."""

_FINER = _EVENTS | {"os.mkdir": 0}
_NOTE = re.compile(rb'\s*\{"(\w+)"')


def step_of(event: str, args: Sequence[Any], lake: str) -> str:
    """The name of a step; empty for what changes no file of the lake, or nothing that matters yet."""
    if event == "open" and not (args[2] or 0) & _WRITES:
        return ""
    try:
        path = os.path.abspath(os.fsdecode(args[_FINER[event]]))  # noqa: PTH100 - as it is written
    except TypeError:  # a file that is open already
        return ""
    name = _named(path, lake)
    if not name:
        return ""
    state = f" {_state(os.fsdecode(args[0]))}" if name.endswith("JOB/job.json") else ""
    return f"{event.rpartition('.')[2]} {name}{state}"


def _named(path: str, lake: str) -> str:
    """A file of the lake without what differs from run to run; empty for any other."""
    if path == lake:
        return "."
    if not path.startswith(f"{lake}/") or path.endswith((".tmp", "lock", "_journal/progress")):
        return ""
    name = re.sub(r"pagelake-[0-9a-f]+", "JOB", path.removeprefix(f"{lake}/"))
    return re.sub(r"\d{8}T[\d-]+", "RUN", name)


def _state(job: str) -> str:
    """What a file about a job is going to say of it, so that one save can be told from the others."""
    with open(job, "rb") as file:  # noqa: PTH123 - a Path would be looked at too
        saved = json.loads(file.read())
    owned = "owned" if saved["account"] else ""
    return " ".join(word for word in (saved["step"], saved["state"], owned) if word)


class Steps:
    """Calls `at` with the name of each step of this process, just before it.

    Args:
        lake: Root folder.
        at: What to do.
        finer: Whether folders that are made, notes of journals and what the disk is waited for count as well.
        flushed: Called with each file that the disk was waited for, when it has been.
    """

    def __init__(
        self,
        lake: str,
        at: Callable[[str], None],
        *,
        finer: bool = False,
        flushed: Callable[[int], None] | None = None,
    ) -> None:
        self._lake, self._at, self._flushed = lake, at, flushed
        self._events = _FINER if finer else _EVENTS
        self._mine = threading.local()
        sys.addaudithook(self._look)
        if finer:
            self._write, self._fsync = os.write, os.fsync
            os.write, os.fsync = self._written, self._synced  # what no event tells of

    def _look(self, event: str, args: tuple[Any, ...]) -> None:
        if event in self._events:
            self._come_to(lambda: step_of(event, args, self._lake))

    def _written(self, handle: int, line: Any) -> int:
        note = _NOTE.match(line)
        if note:
            self._come_to(lambda: self._of_handle(f"note {note[1].decode()}", handle))
        return self._write(handle, line)

    def _synced(self, fd: "int | HasFileno") -> None:
        handle = fd if isinstance(fd, int) else fd.fileno()
        self._come_to(lambda: self._of_handle("flush", handle))
        self._fsync(handle)
        if self._flushed is not None:
            self._quietly(lambda: self._flushed and self._flushed(handle))

    def _of_handle(self, what: str, handle: int) -> str:
        name = _named(str(Path(f"/proc/self/fd/{handle}").readlink()), self._lake)
        is_folder = name and stat.S_ISDIR(os.fstat(handle).st_mode)
        return f"{what} {name}{'/' if is_folder and name != '.' else ''}" if name else ""

    def _come_to(self, name_of: Callable[[], str]) -> None:
        def come() -> None:
            if name := name_of():
                self._at(name)

        self._quietly(come)

    def _quietly(self, do: Callable[[], object]) -> None:
        """Do something that is no step itself."""
        if getattr(self._mine, "busy", False):
            return
        self._mine.busy = True
        try:
            do()
        finally:
            self._mine.busy = False
