"""Journals that killed runs have left."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.doubts import Doubt
from pipeline.records import Answer
from pipeline.store.notes import PRIVATE, SUFFIX, notes_in
from pipeline.store.parquet import write_text


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
    files = tuple(sorted(folder.glob(f"*{SUFFIX}")))
    answers: dict[str, Answer] = {}
    open_ids: dict[str, Doubt] = {}
    lost: list[Doubt] = []
    for note in (note for file in files for _, note in notes_in(file)):
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
    for line, note in notes_in(file):
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
    readable = b"".join(line for line, note in notes_in(file) if note is not None)
    write_text(file, readable.decode(), mode=PRIVATE)
