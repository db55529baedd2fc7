"""Columns of tables: the headings in a row, and which column each piece of a row stands in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from pipeline.local.layout.document import Document
from pipeline.local.layout.labels import Phrases
from pipeline.local.seeing.page import Box, Line
from pipeline.local.words.lexicon import lexicon
from pipeline.local.words.numbers import amounts, is_figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table.

    Attributes:
        text: Its heading as printed.
        concepts: What the heading may mean; empty when unknown.
        box: Of the heading.
    """

    text: str
    concepts: frozenset[str]
    box: Box


def columns_in(cells: tuple[Line, ...]) -> tuple[Column, ...]:
    """The headings in a row, from left to right."""
    return tuple(column for cell in cells for column in _headings_in(cell))


def _headings_in(cell: Line) -> Iterator[Column]:
    """The headings in a cell: OCR may have run several together."""
    spans = _whole_headings(cell.text, list(_headings().spans(cell.text)))
    known = sum(end - start for start, end, _, _ in spans)
    if not spans or known < 0.5 * len(cell.text.replace(" ", "")):
        yield Column(text=cell.text, concepts=frozenset(), box=cell.box)
        return
    ends = [start for start, _, _, _ in spans[1:]] + [len(cell.text)]
    for (start, _, concepts, _), end in zip(spans, ends, strict=True):
        part = cell.part(start, end)
        yield Column(text=part.text, concepts=concepts, box=part.box)


_Span = tuple[int, int, frozenset[str], float]
_JOINT = re.compile(r"[./-]+|\s(?:of|de|des|der|van|di)\s")


def _whole_headings(text: str, spans: list[_Span]) -> list[_Span]:
    """Words that only a stroke or an `of` parts as one heading: `Preis/Einh.`, `Description of goods`."""
    whole: list[_Span] = []
    for span in spans:
        if whole and _JOINT.fullmatch(text[whole[-1][1] : span[0]]):
            before = whole.pop()
            span = (before[0], span[1], before[2] | span[2], min(before[3], span[3]))  # noqa: PLW2901
        whole.append(span)
    return whole


@cache
def _headings() -> Phrases:
    return Phrases(
        (phrase, concept.key)
        for concept in lexicon().concepts.values()
        if concept.column
        for phrase in concept.phrases
    )


def stacked(upper: tuple[Line, ...], lower: tuple[Line, ...]) -> tuple[Line, ...]:
    """Two rows of headings as one: what stands below a heading belongs to it."""
    columns = [[cell] for cell in upper]
    for cell in lower:
        above = max(columns, key=lambda column: column[0].box.overlap_x(cell.box))
        if above[0].box.overlap_x(cell.box) > 0:
            above.append(cell)
        else:
            columns.append([cell])
    joined = [_join(column) for column in columns]
    return tuple(sorted(joined, key=lambda cell: cell.box.left))


def assign(cells: tuple[Line, ...], columns: tuple[Column, ...], document: Document) -> dict[int, Line]:
    """Each piece of text of a row under the column it stands in."""
    under: dict[int, list[Line]] = {}
    for cell in cells:
        for piece in _pieces(cell, columns, document):
            under.setdefault(column_of(piece, columns), []).append(piece)
    return _counted({column: _join(lines) for column, lines in under.items()}, columns)


def _counted(cells: dict[int, Line], columns: tuple[Column, ...]) -> dict[int, Line]:
    """The cells with a number that OCR joined to the description back in the empty column left of it."""
    for index in range(1, len(columns)):
        counts = columns[index - 1].concepts & {"quantity", "position"}
        free = index in cells and index - 1 not in cells and "description" in columns[index].concepts
        if (
            counts
            and free
            and (found := re.match(r"\d{1,4}(?:[.,]\d{1,2})?\s+(?=[^\W\d])", cells[index].text))
        ):
            cell = cells[index]
            if cell.box.left < columns[index].box.left - 0.3 * cell.box.height:
                number, words = cell.part(0, found.end()), cell.part(found.end(), len(cell.text))
                return cells | {index - 1: number, index: words}
    return cells


def column_of(cell: Line, columns: tuple[Column, ...]) -> int:
    """Index of the column that a cell stands under: the one it covers most, else the nearest."""
    overlaps = [cell.box.overlap_x(column.box) for column in columns]
    if max(overlaps) > 0:
        return max(range(len(columns)), key=lambda index: overlaps[index])
    return min(range(len(columns)), key=lambda index: _apart(cell.box, columns[index].box))


def _apart(cell: Box, heading: Box) -> float:
    return min(
        abs(cell.left - heading.left), abs(cell.right - heading.right), abs(cell.centre_x - heading.centre_x)
    )


def _pieces(cell: Line, columns: tuple[Column, ...], document: Document) -> list[Line]:
    """The cell, or its parts where it runs under several headings and the parts are numbers."""
    covered = [column for column in columns if cell.box.overlap_x(column.box) > 0.3 * column.box.width]
    if len(covered) < 2 or " " not in cell.text.strip():  # noqa: PLR2004
        return [cell]
    words = _words(cell)
    homes = [column_of(word, columns) for word in words]
    breaks = [0, *(place + 1 for place, (one, two) in enumerate(pairwise(homes)) if one != two), len(words)]
    parts = [_join(words[one:two]) for one, two in pairwise(breaks)]
    numeric = sum(bool(amounts(part.text, document.style)) and is_figure(part.text) for part in parts)
    return parts if numeric >= len(parts) - 1 else [cell]


def _words(cell: Line) -> list[Line]:
    words: list[Line] = []
    start = 0
    for word in cell.text.split():
        start = cell.text.index(word, start)
        words.append(cell.part(start, start + len(word)))
        start += len(word)
    return words


def _join(lines: list[Line]) -> Line:
    box = Box(
        left=min(line.box.left for line in lines),
        right=max(line.box.right for line in lines),
        top=min(line.box.top for line in lines),
        bottom=max(line.box.bottom for line in lines),
    )
    return Line(text=" ".join(line.text for line in lines), box=box, score=min(line.score for line in lines))
