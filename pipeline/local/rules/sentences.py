"""Dates that no label names: the day beside the place in a letter's head, the day to pay by in a sentence."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pipeline.local.layout.document import Document
from pipeline.local.seeing.page import Line
from pipeline.local.words.dates import dates
from pipeline.local.words.lexicon import lexicon, squeeze

_HEAD = 0.45
"""Share of the first page in which a letter's place and date stand."""
_PLACE = re.compile(r"^[^\W\d][^\d,;:]{1,30},\s*(?:[^\W\d]{1,3}\s+)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A date and where it stands.

    Attributes:
        day: The date.
        line: The text it was read from.
        row: Index of its row in the document.
    """

    day: date
    line: Line
    row: int


def dated(document: Document) -> Iterator[Dated]:
    """Each date on the first page, but for those to pay by."""
    for index, cell, text in _texts(document):
        if document.rows[index].page == 0:
            for day, start, _ in dates(cell.text, document.style):
                if not _asks_to_pay(text, len(text) - len(cell.text) + start):
                    yield Dated(day=day, line=cell, row=index)


def place_and_date(document: Document) -> Dated | None:
    """The date that stands alone with a town in the head of a letter: `Leeds, 3 May 2024`."""
    for one in dated(document):
        cell = one.line
        found = dates(cell.text, document.style)
        start, end = found[0][1:]
        high = cell.box.centre_y < _HEAD * document.pages[0].height
        if high and len(found) == 1 and _PLACE.match(cell.text[:start]) and not cell.text[end:].strip(" ."):
            return one
    return None


def deadline(document: Document) -> Dated | None:
    """The date by which a sentence asks to pay."""
    for index, cell, text in _texts(document):
        for day, start, _ in dates(cell.text, document.style):
            if _asks_to_pay(text, len(text) - len(cell.text) + start):
                return Dated(day=day, line=cell, row=index)
    return None


def _texts(document: Document) -> Iterator[tuple[int, Line, str]]:
    """Each cell with the index of its row, and its text after that of the row above, if that is near."""
    for index, row in enumerate(document.rows):
        above = document.rows[index - 1] if index else None
        near = (
            above
            and len(above.cells) == len(row.cells) == 1  # a sentence that goes on, not boxes side by side
            and above.page == row.page
            and 0 <= row.box.top - above.box.bottom < document.heights[row.page]
        )
        for cell in row.cells:
            yield index, cell, f"{above.text} {cell.text}" if above and near else cell.text


def _asks_to_pay(text: str, start: int) -> bool:
    """Whether a text speaks of paying, and what leads to the date at `start` is like `no later than`."""
    words = text[:start].split()
    endings = {squeeze("".join(words[-count:])) for count in range(1, 5)}
    said = lexicon().words
    sentence = re.split(r"[.!?]\s", text[:start])[-1] + text[start:]
    paying = any(squeeze(word).startswith(tuple(said["paying"])) for word in sentence.split())
    return paying and bool(endings & said["deadline"])
