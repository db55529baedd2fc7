"""Machine readable zones among the lines of a page, put right by their check digits."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from pipeline.local.layout.document import Document
from pipeline.local.layout.layout import around
from pipeline.local.seeing.page import Line
from schemas import mrz
from schemas.mrz import FILLER, Zone

_FIGURES = str.maketrans("OQDUILZSGB", "0000112568")
_LETTERS = str.maketrans("012568", "OIZSGB")
_SHORTEST = 24
"""Characters that a line has at least, fillers that OCR lost among them."""
_LOST = 6
"""Fillers of a line that OCR may lose or make up."""
_DOUBTS = 6
"""Letters and figures of a number that may be taken for each other, tried in all ways."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneFound:
    """A zone whose check digits are right.

    Attributes:
        zone: What it says.
        lines: Its lines, put right.
        line: All of its lines with the box around them.
        row: Index in the document of the row of its first line.
    """

    zone: Zone
    lines: tuple[str, ...]
    line: Line
    row: int


def zone_of(document: Document) -> ZoneFound | None:
    """The first machine readable zone of the document whose check digits are right."""
    rows = [(row, line, text) for row, line in _lines(document) if (text := _like_zone(line.text))]
    for place in range(len(rows)):
        for count in (3, 2):
            several = rows[place : place + count]
            if len(several) == count and _follow(several) and (lines := _put_right([s[2] for s in several])):
                zone = mrz.parse(lines)
                if zone:
                    box = around(line for _, line, _ in several)
                    line = Line(text="\n".join(lines), box=box)
                    return ZoneFound(zone=zone, lines=lines, line=line, row=several[0][0])
    return None


def _lines(document: Document) -> Iterator[tuple[int, Line]]:
    """Each row as one line: OCR may part a zone where its fillers begin."""
    for index, row in enumerate(document.rows):
        yield index, Line(text="".join(cell.text for cell in row.cells), box=row.box)


def _like_zone(text: str) -> str:
    """The text as a line of a zone, or empty."""
    solid = re.sub(r"[\s.·]", "", text.replace("«", "<<").replace("\u2039", "<")).upper()
    letters = len(re.findall(r"[A-Z0-9<]", solid))
    told = FILLER in solid or sum(letter.isdigit() for letter in solid) > len(solid) / 3
    return re.sub(r"[^A-Z0-9<]", FILLER, solid) if letters >= max(_SHORTEST, len(solid) - 2) and told else ""


def _follow(several: Sequence[tuple[int, Line, str]]) -> bool:
    return several[-1][0] - several[0][0] == len(several) - 1


def _put_right(texts: Sequence[str]) -> tuple[str, ...] | None:
    """The lines of a zone with the length and the letters they must have, when that makes them valid."""
    for count, width in sorted(set(mrz.SIZES.values())):
        if count == len(texts) and all(abs(len(text) - width) <= _LOST for text in texts):
            named, numbered = (2, (0, 1)) if count == 3 else (0, (1,))  # noqa: PLR2004 - lines of TD1
            for fitted in product(*(_fitted(texts[place], width) for place in numbered)):
                lines = list(texts)
                for place, line in zip(numbered, fitted, strict=True):
                    lines[place] = line
                lines[named] = _names(texts[named], width)
                if found := _valid(tuple(lines)):
                    return found
    return None


def _fitted(text: str, width: int) -> Iterator[str]:
    """The text at its right length: as it is, or with one run of fillers longer or shorter."""
    if len(text) == width:
        yield text
        return
    for run in re.finditer(r"<+", text):
        length = len(run.group()) + width - len(text)
        if length >= 0:
            yield text[: run.start()] + FILLER * length + text[run.end() :]


def _names(text: str, width: int) -> str:
    """A line of names: letters only, fillers at its end."""
    return text.translate(_LETTERS).rstrip(FILLER).ljust(width, FILLER)[:width]


def _valid(lines: tuple[str, ...]) -> tuple[str, ...] | None:
    lines = _typed(lines)
    for tried in _numbers_tried(lines):
        zone = mrz.parse(tried)
        if zone and zone.is_valid and zone.date_of_expiry and re.fullmatch(r"[A-Z]{1,3}", zone.issuing_state):
            return tried
    return None


def _typed(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Figures where only figures can stand, letters where only letters can."""
    if len(lines) == 3:  # noqa: PLR2004 - TD1
        first = lines[0][:2] + lines[0][2:5].translate(_LETTERS) + lines[0][5:]
        second = _dated(lines[1], 0)
        return first, second[:15] + second[15:18].translate(_LETTERS) + second[18:], lines[2]
    head = lines[0][:2] + lines[0][2:5].translate(_LETTERS) + lines[0][5:]
    body = lines[1][:10] + lines[1][10:13].translate(_LETTERS) + _dated(lines[1][13:], 0)
    return head, body


def _dated(text: str, start: int) -> str:
    """A birth, a sex and an expiry with their check digits, at `start`."""
    figures = text.translate(_FIGURES)
    return (
        text[:start]
        + figures[start : start + 7]
        + text[start + 7]
        + figures[start + 8 : start + 15]
        + text[start + 15 :]
    )


def _numbers_tried(lines: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The lines with letters of the document number that may be figures taken as such, and the reverse."""
    at, start = (0, 5) if len(lines) == 3 else (1, 0)  # noqa: PLR2004 - TD1
    line = lines[at]
    number = line[start : start + 9]
    doubtful = [place for place, letter in enumerate(number) if _other(letter)][:_DOUBTS]
    digit = line[start + 9].translate(_FIGURES)
    # Fewest changes first.
    for changed in sorted(product((False, True), repeat=len(doubtful)), key=sum):
        letters = list(number)
        for place, change in zip(doubtful, changed, strict=True):
            letters[place] = _other(number[place]) if change else number[place]
        made = "".join(letters)
        if digit == FILLER or mrz.check_digit(made) == digit:
            yield (*lines[:at], line[:start] + made + digit + line[start + 10 :], *lines[at + 1 :])


def _other(letter: str) -> str:
    return {"O": "0", "0": "O", "I": "1", "1": "I", "S": "5", "5": "S", "B": "8", "8": "B"}.get(letter, "")
