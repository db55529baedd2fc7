"""A table as rows of cells, before anyone asked what it is about; and how text rows become its rows."""

import re
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.local.layout.grids import parted
from pipeline.local.layout.layout import Row
from pipeline.local.seeing.page import Box, Line

Texts = list[list[str | None]]
_CLOSE = 0.55
"""Line heights up to which a row of text may go on with the one above it."""
_UNIT_LETTERS = 4
_LEADER = re.compile(r"[\s._\u2026\u00b7]*(?:\.\s?\.|\u2026|_{2})[\s._\u2026\u00b7]*$")
"""Dots or a line that lead the eye to the next column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """A table's cells.

    Attributes:
        rows: From top to bottom, as many cells each as there are columns; None for an empty one.
        spans: Of each row, how many columns each cell reaches over.
        ruled: Whether rows are parted by rules.
        underlined: How many rows stand above the first rule within; 0 when there is none.
        box: Around all cells.
        rule: How the table was found.
    """

    rows: Texts
    spans: tuple[tuple[int, ...], ...]
    underlined: int
    box: Box
    rule: str


def joined_text(lines: Sequence[Line]) -> str | None:
    """The pieces of a cell as one text, from top to bottom and left to right; None when there are none."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.box.centre_y):
        if rows and line.box.overlap_y(rows[-1][-1].box) > 0.5 * line.box.height:
            rows[-1].append(line)
        else:
            rows.append([line])
    text = ""
    for row in rows:
        for line in sorted(row, key=lambda line: line.box.left):
            text = run_on(text, line.text.strip())
    return _LEADER.sub("", text) or None


def run_on(before: str, text: str) -> str:
    """Two pieces of one text, a word that was divided at the end of the line put together again."""
    if before[-1:] == "-" and before[-2:-1].isalpha() and text[:1].islower():
        return before[:-1] + text
    return f"{before} {text}".strip()


def is_figures(text: str | None) -> bool:
    """Whether a cell is a number with its sign, unit or currency, a date, or a mark for none."""
    if text is None:
        return False
    digits, letters = sum(map(str.isdigit, text)), sum(map(str.isalpha, text))
    return letters <= max(_UNIT_LETTERS, digits) if digits else not letters


def laid_out(
    rows: Sequence[Row], edges: Sequence[float], height: float
) -> tuple[Texts, list[tuple[int, ...]]]:
    """Rows of text as rows of a table: cells under their columns, rows that only go on joined to the above.

    Args:
        rows: From top to bottom.
        edges: Between the columns, from left to right.
        height: Usual height of a line in pixels.

    Returns:
        The rows, and of each how many columns each of its cells reaches over.
    """
    laid: list[list[list[Line]]] = []
    spans: list[tuple[int, ...]] = []
    before: Row | None = None
    for row in rows:
        cells, reach = _under(row, edges)
        if before is not None and laid and _goes_on(row, cells, before, laid[-1], height):
            for above, more in zip(laid[-1], cells, strict=True):
                above.extend(more)
        else:
            laid.append(cells)
            spans.append(reach)
        before = row
    return _completed([[joined_text(cell) for cell in cells] for cells in laid], spans)


def _completed(texts: Texts, spans: list[tuple[int, ...]]) -> tuple[Texts, list[tuple[int, ...]]]:
    """The rows with a label that began in a row of its own put before the rest of it."""
    kept: list[int] = []
    for at, row in enumerate(texts):
        above = texts[kept[-1]] if kept else [None]
        if above[0] and not any(above[1:]) and row[0] and row[0][:1].islower() and any(row[1:]):
            row[0] = run_on(above[0], row[0])
            kept.pop()
        kept.append(at)
    return [texts[at] for at in kept], [spans[at] for at in kept]


def _under(row: Row, edges: Sequence[float]) -> tuple[list[list[Line]], tuple[int, ...]]:
    """The pieces of a row in the columns they begin in, and how many columns each column's text covers."""
    cells: list[list[Line]] = [[] for _ in range(len(edges) + 1)]
    reach = [1] * len(cells)
    for cell in row.cells:
        for piece in parted(cell, edges):
            first, last = bisect(edges, piece.box.left), bisect(edges, piece.box.right)
            covered = [edge for edge in edges[first:last] if _runs_over(piece, edge)]
            home = first if covered or first == last else bisect(edges, piece.box.centre_x)
            cells[home].append(piece)
            reach[home] = max(reach[home], len(covered) + 1)
    return cells, tuple(reach)


def _runs_over(piece: Line, edge: float) -> bool:
    """Whether a piece stands well on both sides of an edge."""
    return min(edge - piece.box.left, piece.box.right - edge) > 0.5 * piece.box.height


def _goes_on(row: Row, cells: list[list[Line]], before: Row, above: list[list[Line]], height: float) -> bool:
    """Whether a row of text only carries on texts of the row above it."""
    filled = [at for at, cell in enumerate(cells) if cell]
    if row.box.top - before.box.bottom > _CLOSE * height or len(filled) == len(cells):
        return False
    if any(not above[at] or is_figures(joined_text(cells[at])) for at in filled):
        return False
    inset = cells[0] and above[0] and cells[0][0].box.left - above[0][0].box.left > 0.5 * height
    return not cells[0] or bool(inset) or (len(filled) == 1 and cells[0][0].text[:1].islower())
