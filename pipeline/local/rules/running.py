"""The lines of a document in the order in which it is read, and the headings among them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from pipeline.local.layout.cells import run_on
from pipeline.local.layout.document import Document
from pipeline.local.layout.furniture import is_page_number
from pipeline.local.layout.layout import Row, around, rows_of
from pipeline.local.layout.text import blocks_of
from pipeline.local.rules.kinds import kinds
from pipeline.local.seeing.page import Line, Page
from pipeline.local.words.lexicon import squeeze

_NUMBERED = re.compile(
    r"^(?P<number>\d{1,2}(?:\.\d{1,2}){0,3}|[IVX]{1,5}(?=[.\s]))[.\s]\s*(?P<heading>[^\W\d].{2,90})$"
)
_ROMAN = {"I": 1, "V": 5, "X": 10}
_MOST_WORDS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """One line in reading order.

    Attributes:
        line: Its text, cells joined.
        page: Index of its page.
        block: Number of its block.
    """

    line: Line
    page: int
    block: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading of the text.

    Attributes:
        number: As printed, or None.
        text: Without its number.
        at: Index of its line in reading order.
    """

    number: str | None
    text: str
    at: int


def running(document: Document) -> list[Running]:
    """All lines in reading order, page numbers left out."""
    found: list[Running] = []
    for index, page in enumerate(document.pages):
        lines = [line for line in page.lines if line.text.strip() and not is_page_number(line, page)]
        for block in blocks_of(lines):
            inner = Page(number=1, width=page.width, height=page.height, lines=tuple(block))
            number = found[-1].block + 1 if found else 0
            found += [Running(line=_joined(row), page=index, block=number) for row in rows_of(inner, index)]
    return found


def _joined(row: Row) -> Line:
    return Line(text=row.text, box=around(row.cells), score=min(cell.score for cell in row.cells))


def text_of(lines: Sequence[Running]) -> str:
    """Lines of one paragraph as one text, divided words put together."""
    text = ""
    for one in lines:
        text = run_on(text, one.line.text.strip())
    return text


def headings(lines: Sequence[Running]) -> list[Heading]:
    """The headings: those with numbers that follow each other, and those that papers usually have."""
    found: list[Heading] = []
    last: tuple[int, ...] = ()
    for at, one in enumerate(lines):
        text = one.line.text.strip()
        numbered = _NUMBERED.match(text)
        if (
            numbered
            and _may_head(numbered["heading"])
            and _follows(number := _parts(numbered["number"]), last)
        ):
            last = number
            found.append(Heading(number=numbered["number"], text=numbered["heading"].strip(), at=at))
        elif is_known(text):
            found.append(Heading(number=None, text=text.rstrip(":. "), at=at))
    return found


def is_known(text: str) -> bool:
    """Whether a line is one of the usual headings of a paper and nothing more."""
    return len(text.split()) <= 4 and squeeze(text) in kinds()["paper"].cues and text[:1].isupper()  # noqa: PLR2004


def _may_head(text: str) -> bool:
    words = text.split()
    letters = sum(map(str.isalpha, text))
    return (
        len(words) <= _MOST_WORDS
        and not text.rstrip().endswith((".", ",", ";"))
        and letters > 0.6 * len(text)
    )


def _parts(number: str) -> tuple[int, ...]:
    if number[0].isdigit():
        return tuple(int(part) for part in number.split("."))
    values = [_ROMAN[letter] for letter in number]
    return (sum(-one if one < max(values[at:]) else one for at, one in enumerate(values)),)


def _follows(number: tuple[int, ...], last: tuple[int, ...]) -> bool:
    """Whether a number comes next: one further on some level, or the first of a new one."""
    if not last:
        return number == (1,)
    deeper = number == (*last, 1)
    return deeper or any(number == (*last[:at], last[at] + 1) for at in range(len(last)))


def usual_height(lines: Sequence[Running]) -> float:
    """Usual height of a line in pixels."""
    return median(one.line.box.height for one in lines) if lines else 1.0
