"""The crash net: what was sent and what came back, noted at once, until it stands in the tables."""

import contextlib
import json
import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.errors import StoreError
from pipeline.records import Answer, Completion, Evidence, Usage
from pipeline.views import Band

_SUFFIX = ".jsonl"

SYNC_S = 0.1
"""Seconds of notes that a loss of power may cost: less than a request is under way anyhow."""


_NO_NOTE = (KeyError, TypeError, ValueError, ArithmeticError, AttributeError)
"""What comes of reading a line that was cut, or that somebody has changed."""


class Journal:
    """Notes of one shard; each line is with the operating system before the call returns.

    So a kill loses no note. Against a loss of power the disk takes the notes together, `SYNC_S` after the
    first of them, on a thread of its own. Measured on an ext4 disk: with a flush for each answer 1/25 of the
    answers can be noted in a second that can without any, with one for each tenth of a second as many.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / f"{name}{_SUFFIX}"
        self._handle: int | None = None
        self._flushing = threading.Lock()
        self._timer: threading.Timer | None = None
        self._due = False
        self._lost: OSError | None = None
        self._torn = False

    def sent(self, custom_id: str) -> None:
        """Note that a request is about to be sent: from now on it may have been paid for."""
        self._note({"sent": custom_id})

    def gave_up(self, custom_id: str) -> None:
        """Note that no answer came and none is waited for."""
        self._note({"gave_up": custom_id})

    def answered(self, answer: Answer) -> None:
        """Note an answer as it was received."""
        self._note({"answer": asdict(answer)})

    def close(self) -> None:
        """Keep the notes for the next run, on disk as far as it takes them."""
        if self._due:
            self._flush()
        self._let_go()

    def remove(self) -> None:
        """Forget the notes: everything stands in the tables."""
        self._let_go()
        self._path.unlink(missing_ok=True)

    def _note(self, note: dict[str, Any]) -> None:
        line = json.dumps(note, separators=(",", ":"), default=str).encode() + b"\n"
        try:
            if self._lost is not None:
                raise self._lost
            if self._handle is None:
                self._handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                _flush_names(self._path.parent)
            _write_all(self._handle, b"\n" + line if self._torn else line)
            self._torn = False
        except OSError as error:
            self._torn = True  # a disk that is full may have taken half a line
            raise StoreError(f"{self._path} could not be written: {error}") from error
        self._flush_soon()

    def _flush_soon(self) -> None:
        if not self._due:
            self._due = True
            self._timer = threading.Timer(SYNC_S, self._flush)
            self._timer.daemon = True
            self._timer.start()

    def _flush(self) -> None:
        """Wait for the disk; what it says when it fails is told with the next note."""
        with self._flushing:
            self._due = False  # before the flush: a note that comes meanwhile needs another
            if self._handle is None:
                return
            try:
                os.fsync(self._handle)
            except OSError as error:
                self._lost = error

    def _let_go(self) -> None:
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
        in_doubt: Ids that were sent and have no answer: the service may have charged for them.
        files: The journals read, to be removed once the answers stand in the tables.
    """

    answers: tuple[Answer, ...]
    in_doubt: tuple[str, ...]
    files: tuple[Path, ...]


def leftovers(folder: Path) -> Leftovers:
    """Read every journal in `folder`, but for lines that are no notes, such as a last one cut by the kill.

    Raises:
        StoreError: A journal cannot be read.
    """
    files = tuple(sorted(folder.glob(f"*{_SUFFIX}")))
    answers: dict[str, Answer] = {}
    open_ids: dict[str, None] = {}
    for note in (note for file in files for _, note in _lines(file)):
        match note:
            case {"sent": str(custom_id)}:
                open_ids[custom_id] = None
            case {"gave_up": str(custom_id)}:
                open_ids.pop(custom_id, None)
            case Answer():
                answers[note.custom_id] = note
    return Leftovers(tuple(answers.values()), tuple(one for one in open_ids if one not in answers), files)


@dataclass(frozen=True, slots=True)
class Noted:
    """What one journal holds.

    Attributes:
        answers: Answers that came.
        in_doubt: Requests that were sent and have no answer in it.
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
    answers, unreadable, open_ids = 0, 0, set[str]()
    for line, note in _lines(file):
        match note:
            case {"sent": str(custom_id)}:
                open_ids.add(custom_id)
            case {"gave_up": str(custom_id)}:
                open_ids.discard(custom_id)
            case Answer():
                answers += 1
                open_ids.discard(note.custom_id)
            case _:
                unreadable += line.endswith(b"\n")
    return Noted(answers, len(open_ids), unreadable)


def readable_part(file: Path) -> bytes:
    """A journal without the lines that are no notes.

    Raises:
        StoreError: It cannot be read.
    """
    return b"".join(line for line, note in _lines(file) if note is not None)


def journal_of(folder: Path, shard: str) -> Path:
    """The journal of a shard, which is there until the shard is committed; `part-<run>-<shard>` names it."""
    return folder / f"{shard.removeprefix('part-')}{_SUFFIX}"


def remove(files: Iterable[Path]) -> None:
    """Remove journals that were folded into the tables."""
    for file in files:
        file.unlink(missing_ok=True)


def _lines(file: Path) -> Iterator[tuple[bytes, Answer | dict[str, str] | None]]:
    """Each line with what it notes; None for what is no note."""
    try:
        with file.open("rb") as lines:
            for line in lines:
                yield line, _note_in(line)
    except OSError as error:
        raise StoreError(f"{file} could not be read: {error.strerror}") from error


def _note_in(line: bytes) -> Answer | dict[str, str] | None:
    with contextlib.suppress(*_NO_NOTE):
        match json.loads(line):
            case {"sent": str()} | {"gave_up": str()} as note:
                return {**note}
            case {"answer": {"custom_id": str()} as answer}:
                return _answer(answer)
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


def _flush_names(folder: Path) -> None:
    """Have the disk know that a file is there; a journal without its name would be lost whole."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
