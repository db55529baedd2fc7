"""Headings of the parts of a page, and the part in which something stands."""

import re
from collections.abc import Sequence
from statistics import median

from pipeline.local.seeing.page import Box, Line, Page

_LARGER, _TITLE = 1.15, 0.92
"""Times the usual height of a line from which it is a heading; of the largest, from which it is a title."""
_NUMBERED = re.compile(
    r"^(?:(?:section|part|teil|abschnitt|partie|rubrique|deel|sectie|parte|secci\u00f3n|apartado)\s+[\dA-Z]{1,3}\b"
    r"|[A-Z\d]{1,2}(?:[.)]|\s[-\u2013])\s*[^\W\d_])",
    re.IGNORECASE,
)
_MOST_WORDS, _FEWEST_LETTERS = 9, 3


def headings_of(page: Page) -> list[Line]:
    """Headings of parts from the top: short lines set larger than most, or numbered as parts are."""
    heights = [line.box.height for line in page.lines]
    usual = median(heights) if heights else 1.0
    return sorted((line for line in page.lines if _is_heading(line, usual)), key=lambda line: line.box.top)


def _is_heading(line: Line, usual: float) -> bool:
    text = line.text.strip()
    if (
        len(text.split()) > _MOST_WORDS
        or text.endswith((":", ".", "?", ","))
        or sum(map(str.isalpha, text)) < _FEWEST_LETTERS
    ):
        return False
    return line.box.height >= _LARGER * usual or bool(_NUMBERED.match(text))


def section_of(box: Box, headings: Sequence[Line]) -> Line | None:
    """The nearest heading above; the largest are titles and no parts."""
    largest = max((line.box.height for line in headings), default=0.0)
    parts = [line for line in headings if line.box.height < _TITLE * largest or _NUMBERED.match(line.text)]
    above = [line for line in parts if line.box.bottom <= box.top + line.box.height / 2]
    return above[-1] if above else None
