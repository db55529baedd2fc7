"""Notes of a journal: one line of JSON each, of a request that is sent and of what became of it."""

import contextlib
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.doubts import Doubt
from pipeline.errors import StoreError
from pipeline.records import Answer, Completion, Evidence, Usage
from pipeline.store.parquet import write_text
from pipeline.views import Band

SUFFIX = ".jsonl"
"""How the names of journals end."""

PRIVATE = 0o600
"""Answers hold what stands on pages."""

Note = Answer | tuple[str, Doubt]
"""What a line says: an answer that came, or what became of a request."""

_NO_NOTE = (KeyError, TypeError, ValueError, ArithmeticError, AttributeError)
"""What comes of reading a line that was cut, or that somebody has changed."""


def line_of(note: dict[str, Any]) -> bytes:
    """A note as it is written."""
    return json.dumps(note, separators=(",", ":"), default=str).encode() + b"\n"


def facts_of(doubt: Doubt) -> dict[str, Any]:
    """What a note says of a request beside its id."""
    return doubt.model_dump(mode="json", exclude={"custom_id"})


def write_doubts(file: Path, doubts: Sequence[Doubt]) -> None:
    """Write a journal that holds doubts alone, whole or not at all.

    Raises:
        StoreError: It could not be written.
    """
    lines = [line_of({"lost": doubt.custom_id, **facts_of(doubt)}).decode() for doubt in doubts]
    write_text(file, "".join(lines), mode=PRIVATE)


def notes_in(file: Path) -> Iterator[tuple[bytes, Note | None]]:
    """Each line of a journal with what it notes; None for what is no note.

    Raises:
        StoreError: It cannot be read.
    """
    try:
        with file.open("rb") as lines:
            for line in lines:
                yield line, _note_in(line)
    except OSError as error:
        raise StoreError(f"{file} could not be read: {error.strerror}") from error


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
