"""The crash net: what was sent and what came back, noted at once, until it stands in the tables."""

import asyncio
import os
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.doubts import Doubt
from pipeline.errors import StoreError
from pipeline.records import Answer
from pipeline.store import disk
from pipeline.store.notes import PRIVATE, SUFFIX, facts_of, line_of, write_doubts
from pipeline.store.unwritten import unwritten

SYNC_S = 0.1
"""Seconds after which an answer is on disk, unless a request that goes out has had it flushed before."""


class Flushes:
    """Has the disk take what the journals of a run have noted: of all of them, for all who wait, at once.

    Measured on a busy machine with an ext4 disk: a request waits 1 to 10 ms at the median, with 16 or 64 of
    them in flight and notes in up to eight journals.
    """

    def __init__(self) -> None:
        self._journals: set[Journal] = set()
        self._noted = self._flushed = 0
        self._one_at_a_time = asyncio.Lock()

    def note(self, journal: "Journal") -> None:
        """Count a note that the disk does not have."""
        self._journals.add(journal)
        self._noted += 1

    def forget(self, journal: "Journal") -> None:
        """Leave out a journal that is closed."""
        self._journals.discard(journal)

    async def catch_up(self) -> None:
        """Return once everything that was noted before the call is on disk."""
        wanted = self._noted
        async with self._one_at_a_time:
            if self._flushed < wanted:
                upto, behind = self._noted, [one for one in self._journals if one.is_behind]
                async with asyncio.TaskGroup() as group:  # side by side, file systems make one of them
                    for one in behind:
                        group.create_task(asyncio.to_thread(one.flush))
                self._flushed = upto


class Journal:
    """Notes of one shard; each line is with the operating system before the call returns.

    So a kill loses no note. Against a loss of power a request waits until the disk knows that it is sent, and
    of all that was noted before: then what the disk may not know yet is no more than what may be in flight.
    Answers are flushed with the next request, or after `SYNC_S` on a thread of its own. Notes are begun anew
    when the answers among them become rows, for a document may have 100,000 pages.

    Args:
        folder: Where journals lie.
        name: Of the file.
        flushes: Of the run that the journal belongs to; its own when left out.
    """

    def __init__(self, folder: Path, name: str, flushes: Flushes | None = None) -> None:
        self._path = folder / f"{name}{SUFFIX}"
        self._flushes = flushes or Flushes()
        self._lost_answers: list[Doubt] = []
        self._open: dict[str, Doubt] = {}
        self._handle: int | None = None
        self._flushing = threading.Lock()
        self._timer: threading.Timer | None = None
        self._due = False
        self._noted = self._flushed = 0
        self._lost: OSError | None = None
        self._torn = False

    async def sent(self, doubt: Doubt) -> None:
        """Note that a request is about to be sent, from when on it may be charged for; it is on disk then."""
        self._note(_sent(doubt))
        self._open[doubt.custom_id] = doubt
        await self._flushes.catch_up()
        self._check()

    def lost(self, doubt: Doubt) -> None:
        """Note that an answer was lost on its way, whatever becomes of the request when it is asked again."""
        self._lost_answers.append(doubt)
        self._note({"lost": doubt.custom_id, **facts_of(doubt)})

    def gave_up(self, custom_id: str) -> None:
        """Note that no answer came and none is waited for."""
        self._note({"gave_up": custom_id})
        self._open.pop(custom_id, None)

    def answered(self, answer: Answer) -> None:
        """Note an answer as it was received."""
        self._note({"answer": asdict(answer)})
        self._open.pop(answer.custom_id, None)

    def begin_anew(self) -> Path | None:
        """The notes so far, on disk, to be removed once their answers are; None where they have to stay.

        What is sent and not answered is noted again, and on disk as well. Lost answers are known to nobody
        else before the manifest is written: with them a journal goes on as it is. Blocks on the disk.

        Raises:
            StoreError: The notes cannot be written.
        """
        if self._handle is None or self._lost_answers:
            return None
        with self._flushing:
            try:
                os.fsync(self._handle)
                full = self._path.rename(_full(self._path))
                os.close(self._handle)
                self._handle = None
                handle = self._begun()
                _write_all(handle, b"".join(line_of(_sent(doubt)) for doubt in self._open.values()))
                os.fsync(handle)
            except OSError as error:
                raise self._unwritable(error) from error
            self._torn, self._flushed = False, self._noted
        return full

    def close(self) -> None:
        """Keep the notes for the next run, on disk as far as it takes them."""
        if self.is_behind:
            self.flush()
        self._let_go()

    def settle(self) -> None:
        """Forget the notes, which stand in the tables; but for lost answers, until the manifest has them."""
        self._let_go()
        if self._lost_answers:
            write_doubts(self._path, self._lost_answers)
        else:
            self._path.unlink(missing_ok=True)

    @property
    def is_behind(self) -> bool:
        """Whether there are notes that the disk does not have."""
        return self._flushed < self._noted

    def flush(self) -> None:
        """Wait for the disk; what it says when it fails is told with the next note."""
        with self._flushing:
            self._due, upto = False, self._noted  # before the flush: a later note needs another
            if self._handle is None:
                return
            try:
                os.fsync(self._handle)
                self._flushed = upto
            except OSError as error:
                self._lost = error

    def _note(self, note: dict[str, Any]) -> None:
        self._check()
        line = line_of(note)
        try:
            handle = self._begun() if self._handle is None else self._handle
            _write_all(handle, b"\n" + line if self._torn else line)
            self._torn = False
        except OSError as error:
            self._torn = True  # a disk that is full may have taken half a line
            raise self._unwritable(error) from error
        self._noted += 1
        self._flushes.note(self)
        self._flush_soon()

    def _begun(self) -> int:
        """The journal's file, new and open."""
        self._handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE)
        disk.flush(self._path.parent)  # a journal without its name would be lost whole
        return self._handle

    def _check(self) -> None:
        if self._lost is not None:
            raise self._unwritable(self._lost)

    def _unwritable(self, error: OSError) -> StoreError:
        return unwritten(self._path, error)

    def _flush_soon(self) -> None:
        if not self._due:
            self._due = True
            self._timer = threading.Timer(SYNC_S, self.flush)
            self._timer.daemon = True
            self._timer.start()

    def _let_go(self) -> None:
        self._flushes.forget(self)
        if self._timer is not None:
            self._timer.cancel()
        with self._flushing:
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None


def has_journal(folder: Path, shard: str) -> bool:
    """Whether the journal of a shard is there, as until it is committed; `part-<run>-<shard>` names it."""
    journal = folder / f"{shard.removeprefix('part-')}{SUFFIX}"
    return journal.exists() or _full(journal).exists()


def _sent(doubt: Doubt) -> dict[str, Any]:
    return {"sent": doubt.custom_id, **facts_of(doubt)}


def _full(journal: Path) -> Path:
    """Where a journal is when it is full; before its successor, in the order of names."""
    return journal.with_name(f"{journal.stem}-full{SUFFIX}")


def _write_all(handle: int, line: bytes) -> None:
    view = memoryview(line)
    while view:
        view = view[os.write(handle, view) :]
