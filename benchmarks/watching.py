"""A process and all that it starts, looked at from outside through /proc while it runs."""

import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

PARENT, WORKERS, SERVER = "parent", "workers", "server"
"""The process itself, those that draw for it, the Prefect server that it started."""

_PROCESSES = Path("/proc")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_TICKS_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Sight:
    """One look at one process.

    Attributes:
        resident_bytes: Its memory, shared pages included.
        own_bytes: Memory that is no file's, such as that of libraries.
        files: Its open descriptors.
        threads: Its threads.
        cpu_s: CPU seconds that it has used.
    """

    resident_bytes: int
    own_bytes: int
    files: int
    threads: int
    cpu_s: float

    @classmethod
    def of(cls, pid: int) -> "Sight":
        """Look at a process; raises OSError when it is gone."""
        place = _PROCESSES / str(pid)
        fields = (place / "stat").read_text().rpartition(")")[2].split()
        told = (place / "status").read_text()
        return cls(
            resident_bytes=int((place / "statm").read_text().split()[1]) * _PAGE_BYTES,
            own_bytes=int(told.partition("RssAnon:")[2].split()[0]) << 10,
            files=sum(1 for _ in (place / "fd").iterdir()),
            threads=int(fields[17]),
            cpu_s=(int(fields[11]) + int(fields[12])) / _TICKS_S,
        )

    def most(self, other: "Sight") -> "Sight":
        """The larger of each."""
        return Sight(
            resident_bytes=max(self.resident_bytes, other.resident_bytes),
            own_bytes=max(self.own_bytes, other.own_bytes),
            files=max(self.files, other.files),
            threads=max(self.threads, other.threads),
            cpu_s=max(self.cpu_s, other.cpu_s),
        )


@dataclass(slots=True)
class Watched:
    """What was seen of a tree of processes that works on a lake.

    Attributes:
        sights: For each part of the tree the most that one of its processes had.
        curve: Seconds since the beginning and what the process itself had, since it began to work.
        cpu_s: CPU seconds of each part since then.
        journal_bytes: Most bytes of the lake's journals.
    """

    sights: dict[str, Sight] = field(default_factory=dict)
    curve: list[tuple[float, Sight]] = field(default_factory=list)
    cpu_s: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    journal_bytes: int = 0
    _used_s: dict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))

    def look(self, root: int, journals: Path, at_s: float) -> None:
        """Look once; processes that end meanwhile are passed over."""
        sizes = _sizes(journals)
        self.journal_bytes = max(self.journal_bytes, sum(sizes))
        works = bool(sizes or self.curve)
        for pid, part in family(root).items():
            with suppress(
                OSError, ValueError, IndexError
            ):  # of a process that has just ended nothing is told
                sight = Sight.of(pid)
                self._take(part, pid, sight, works=works)
                if part == PARENT and works:
                    self.curve.append((at_s, sight))

    def _take(self, part: str, pid: int, sight: Sight, *, works: bool) -> None:
        before, known = self.sights.get(part, sight), self._used_s[part]
        self.sights[part] = before.most(sight)
        if works:
            self.cpu_s[part] += sight.cpu_s - known.get(pid, 0.0)
        known[pid] = sight.cpu_s

    def files(self) -> tuple[int, int]:
        """Most descriptors in the first half of the work, and in the second."""
        half = len(self.curve) // 2
        first, second = self.curve[: half or 1], self.curve[half:]
        return max(one.files for _, one in first), max(one.files for _, one in second)


def _sizes(journals: Path) -> list[int]:
    sizes = []
    for file in journals.glob("*.jsonl"):
        with suppress(OSError):
            sizes.append(file.stat().st_size)
    return sizes


def family(root: int) -> Mapping[int, str]:
    """Every process that `root` has started, itself or through others, and which part it is."""
    parents: dict[int, int] = {}
    for entry in _PROCESSES.iterdir():
        if entry.name.isdigit():
            with suppress(OSError, ValueError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    found, grown = {root: PARENT}, True
    while grown:
        more = {pid: _part(pid) for pid, parent in parents.items() if parent in found and pid not in found}
        found |= more
        grown = bool(more)
    return found


def _part(pid: int) -> str:
    with suppress(OSError):
        if b"server_process" in (_PROCESSES / str(pid) / "cmdline").read_bytes():
            return SERVER
    return WORKERS


@contextmanager
def watched(pid: int, journals: Path, *, every_s: float = 0.5) -> Iterator[Watched]:
    """What is seen of a process and its children while the block runs."""
    seen, ended, began = Watched(), threading.Event(), time.monotonic()

    def watch() -> None:
        while not ended.wait(every_s):
            seen.look(pid, journals, time.monotonic() - began)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()
