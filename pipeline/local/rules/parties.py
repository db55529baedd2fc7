"""Who is named by a label: the block below, after or right of `Bill to`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.local.layout.blocks import column_below, lines_below
from pipeline.local.layout.document import Document
from pipeline.local.layout.labels import Label
from pipeline.local.layout.names import is_name, postal_lines, segments, whole_name
from pipeline.local.seeing.page import Line
from pipeline.local.words.lexicon import squeeze


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A name and what stands below it.

    Attributes:
        name: Line of the name.
        address: Lines of the postal address.
        lines: All lines of its block, for numbers that stand in it.
        page: Index of the page.
        row: Index of the name's row.
        score: Confidence, 0 to 1.
        rule: How it was found.
    """

    name: Line
    address: tuple[Line, ...]
    lines: tuple[Line, ...]
    page: int
    row: int
    score: float
    rule: str


def labelled(document: Document, concept: str, skipped: frozenset[int]) -> Party | None:
    """The party below, after or right of the first label that means the concept."""
    for row, labels in document.labels.items():
        for label in labels:
            if concept in label.concepts and row not in skipped and (found := block(document, label, row)):
                return found
    return None


def block(document: Document, label: Label, row: int) -> Party | None:
    """The party below, after or right of a label in this row."""
    first = _first_line(document, label, row)
    if first is None:
        return None
    line, at, rule = first
    if rule == "label after" and len(inline := segments(line)) > 2 and postal_lines(inline[1:]):  # noqa: PLR2004
        return party(document, inline, at, 0.9 * label.score, rule)
    below = lines_below(document, line, at)
    if not below and rule == "label after":
        below = lines_below(document, label.line, at)  # the block is set flush with the label
    lines = [line, *below]
    if not is_name(line.text):
        return None
    return party(document, lines, at, 0.9 * label.score, rule)


def _first_line(document: Document, label: Label, row: int) -> tuple[Line, int, str] | None:
    if label.rest is not None:
        named = is_name(segments(label.rest)[0].text)
        return (label.rest, row, "label after") if named else None
    below = next(iter(column_below(document, label.line, row)), None)
    if below and is_name(below[0].text):
        return (*below, "label below")
    cells = document.rows[row].cells
    right = cells[label.cell + 1] if label.cell + 1 < len(cells) else None
    taken = {other.cell for other in document.labels[row]}
    if right and label.cell + 1 not in taken and is_name(right.text):
        return right, row, "label right"
    return None


def party(document: Document, lines: list[Line], row: int, score: float, rule: str) -> Party:
    """The party whose block these lines are, its name over as many of them as it takes."""
    name, below = whole_name(lines)
    return Party(
        name=name,
        address=tuple(postal_lines(below)),
        lines=tuple(lines),
        page=document.rows[row].page,
        row=row,
        score=score * name.score**0.5,
        rule=rule,
    )


def address_text(lines: Iterable[Line]) -> str:
    """The lines of an address in one, its parts after commas however the page parts them."""
    ends = (re.sub(r"(?<=[^\W\d_]{3})\.$", "", line.text.strip(" ,")) for line in lines)
    return _STREET_TOWN.sub(r"\1, \2", _PARTING.sub(", ", ", ".join(ends)))


_PARTING = re.compile(
    r"\s*[·•|∙]\s*|\s*[-\u2013\u2014]\s+|\s+[.]\s+"
    r"|(?<!str)(?<!Avda)(?<!Ctra)(?<!Blvd)(?<=[^\W\d_]{4})\.\s+(?=[A-ZÀ-Ý][a-zà-ÿ]{2})"
)
"""OCR takes a raised dot for a full stop."""
_STREET_TOWN = re.compile(r"(\d[a-z]?)\s+((?:[A-Z]{1,2}-)?\d{4,5}\s[A-ZÀ-Ý][a-zà-ÿ])")
"""A house's number right before a postal code: the dot between them got lost."""


def shares(text: str, name: str) -> bool:
    """Whether one text is the beginning of the other: the sender's logo, or its line above the window."""
    one, two = squeeze(text), squeeze(name)
    return one.startswith(two) or two.startswith(one)
