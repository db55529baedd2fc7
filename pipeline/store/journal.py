"""The crash net: what was sent and what came back, noted at once, until it stands in the tables."""

import asyncio
import contextlib
import json
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.doubts import Doubt
from pipeline.errors import StoreError
from pipeline.records import Answer, Completion, Evidence, Usage
from pipeline.store import disk
from pipeline.store.parquet import write_text
from pipeline.store.unwritten import unwritten
from pipeline.views import Band

_SUFFIX = ".jsonl"

SYNC_S = 0.1
"""Seconds after which an answer is on disk, unless a request that goes out has had it flushed before."""


_PRIVATE = 0o600

Note = Answer | tuple[str, Doubt]
"""What a line says: an answer that came, or what became of a request."""

_NO_NOTE = (KeyError, TypeError, ValueError, ArithmeticError, AttributeError)
"""What comes of reading a line that was cut, or that somebody has changed."""


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
        self._path = folder / f"{name}{_SUFFIX}"
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
        self._note({"lost": doubt.custom_id, **_about(doubt)})

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
                _write_all(handle, b"".join(_line(_sent(doubt)) for doubt in self._open.values()))
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
        line = _line(note)
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
        self._handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, _PRIVATE)
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


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What runs that were killed left behind.

    Attributes:
        answers: Answers that had come in.
        unanswered: Requests that were sent and have no answer here: the service may have charged for them.
        lost: Requests whose answer was lost on its way, once for each time, and doubts of runs before these.
        files: The journals read, to be removed once all of this stands elsewhere.
    """

    answers: tuple[Answer, ...]
    unanswered: tuple[Doubt, ...]
    lost: tuple[Doubt, ...]
    files: tuple[Path, ...]


def leftovers(folder: Path) -> Leftovers:
    """Read every journal in `folder`, but for lines that are no notes, such as a last one cut by the kill.

    Raises:
        StoreError: A journal cannot be read.
    """
    files = tuple(sorted(folder.glob(f"*{_SUFFIX}")))
    answers: dict[str, Answer] = {}
    open_ids: dict[str, Doubt] = {}
    lost: list[Doubt] = []
    for note in (note for file in files for _, note in _lines(file)):
        match note:
            case Answer():
                answers[note.custom_id] = note
            case "sent", Doubt() as doubt:
                open_ids[doubt.custom_id] = doubt
            case "gave_up", Doubt() as doubt:
                open_ids.pop(doubt.custom_id, None)
            case "lost", Doubt() as doubt:
                lost.append(doubt)
    unanswered = tuple(doubt for custom_id, doubt in open_ids.items() if custom_id not in answers)
    return Leftovers(tuple(answers.values()), unanswered, tuple(lost), files)


def write_doubts(file: Path, doubts: Sequence[Doubt]) -> None:
    """Write a journal that holds doubts alone, whole or not at all.

    Raises:
        StoreError: It could not be written.
    """
    lines = [_line({"lost": doubt.custom_id, **_about(doubt)}).decode() for doubt in doubts]
    write_text(file, "".join(lines), mode=_PRIVATE)


@dataclass(frozen=True, slots=True)
class Noted:
    """What one journal holds.

    Attributes:
        answers: Answers that came.
        in_doubt: Requests that were sent and have no answer in it, and answers that were lost on their way.
        unreadable: Lines that are no notes; a last one that a kill has cut is none of them.
    """

    answers: int
    in_doubt: int
    unreadable: int


def noted_in(file: Path) -> Noted:
    """Count what a journal holds, a line at a time.

    Raises:
        StoreError: It cannot be read.
    """
    answers, lost, unreadable, open_ids = 0, 0, 0, set[str]()
    for line, note in _lines(file):
        match note:
            case Answer():
                answers += 1
                open_ids.discard(note.custom_id)
            case "sent", Doubt() as doubt:
                open_ids.add(doubt.custom_id)
            case "gave_up", Doubt() as doubt:
                open_ids.discard(doubt.custom_id)
            case "lost", Doubt():
                lost += 1
            case _:
                unreadable += line.endswith(b"\n")
    return Noted(answers, len(open_ids) + lost, unreadable)


def keep_readable(file: Path) -> None:
    """Take the lines out of a journal that are no notes.

    Raises:
        StoreError: It cannot be read or written.
    """
    readable = b"".join(line for line, note in _lines(file) if note is not None)
    write_text(file, readable.decode(), mode=_PRIVATE)


def has_journal(folder: Path, shard: str) -> bool:
    """Whether the journal of a shard is there, as until it is committed; `part-<run>-<shard>` names it."""
    journal = folder / f"{shard.removeprefix('part-')}{_SUFFIX}"
    return journal.exists() or _full(journal).exists()


def _lines(file: Path) -> Iterator[tuple[bytes, Note | None]]:
    """Each line with what it notes; None for what is no note."""
    try:
        with file.open("rb") as lines:
            for line in lines:
                yield line, _note_in(line)
    except OSError as error:
        raise StoreError(f"{file} could not be read: {error.strerror}") from error


def _line(note: dict[str, Any]) -> bytes:
    return json.dumps(note, separators=(",", ":"), default=str).encode() + b"\n"


def _full(journal: Path) -> Path:
    """Where a journal is when it is full; before its successor, in the order of names."""
    return journal.with_name(f"{journal.stem}-full{_SUFFIX}")


def _sent(doubt: Doubt) -> dict[str, Any]:
    return {"sent": doubt.custom_id, **_about(doubt)}


def _about(doubt: Doubt) -> dict[str, Any]:
    return doubt.model_dump(mode="json", exclude={"custom_id"})


def _note_in(line: bytes) -> Note | None:
    with contextlib.suppress(*_NO_NOTE):
        match json.loads(line.decode()):
            case {"answer": {"custom_id": str()} as answer}:
                return _answer(answer)
            case {"sent": str(custom_id), **about}:
                return "sent", Doubt.model_validate(about | {"custom_id": custom_id})
            case {"gave_up": str(custom_id)}:
                return "gave_up", Doubt(custom_id=custom_id)
            case {"lost": str(custom_id), **about}:
                return "lost", Doubt.model_validate(about | {"custom_id": custom_id})
    return None


def _answer(note: dict[str, Any]) -> Answer:
    completion = note["completion"]
    # Journals that older versions left have no evidence.
    evidence = tuple(Evidence(**one | {"box": tuple(one["box"])}) for one in completion.get("evidence", ()))
    known = {"usage": Usage(**completion["usage"]), "evidence": evidence}
    return Answer(
        **note
        | {
            "pages": tuple(note["pages"]),
            "cost": None if note["cost"] is None else Decimal(note["cost"]),
            "completion": Completion(**completion | known),
            "band": Band(**note["band"]) if note.get("band") else None,
        }
    )


def _write_all(handle: int, line: bytes) -> None:
    view = memoryview(line)
    while view:
        view = view[os.write(handle, view) :]
