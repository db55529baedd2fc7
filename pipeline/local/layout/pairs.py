"""Labels of a form and what was filled in: in boxes, on lines to write on, after colons, beside labels."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.local.layout.cells import is_figures
from pipeline.local.layout.grids import cells_of, inside, is_side_of, parted
from pipeline.local.layout.headings import is_label
from pipeline.local.layout.layout import Row, around, line_height, rows_of
from pipeline.local.layout.printed import printed_tables
from pipeline.local.seeing.page import Box, Line, Page

_COLON = re.compile(r"^\s*(?P<label>[^\W_][^:]{0,70}?)\s*:(?!//)(?:\s+(?P<value>\S.*))?\s*$")
_BLANKS = re.compile(r"(?P<label>[^\W\d_][^_:.]{1,60}?)[\s:.]*(?:_{3,}|\.{6,}|\u2026{2,})")
_LABEL_WORDS = 10
_HIGHEST, _NARROWEST = 9.0, 2.0
"""Line heights of a box to be filled in: at most from top to bottom, at least from left to right."""
_ABOVE, _LEFT = 1.3, 12.0
"""Line heights within which a label stands above or left of its box."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A label and what was filled in beside it.

    Attributes:
        label: As printed, with its colon.
        value: As written; None when nothing was.
        box: Around both.
        rule: How they were found.
    """

    label: str
    value: str | None
    box: Box
    rule: str


def pairs_of(page: Page) -> list[Pair]:
    """Labels with their values, each text used once as a value."""
    search = _Search(page)
    found = [
        *search.boxes(),
        *search.lines(),
        *search.blanks(),
        *search.colons(),
        *search.known(),
        *search.rows_of_two(),
    ]
    return [pair for pair in found if _may_be_label(pair.label)]


def _may_be_label(text: str) -> bool:
    return any(map(str.isalpha, text)) and len(text.split()) <= _LABEL_WORDS


class _Search:
    """One pass over a page, which remembers the texts it has used."""

    def __init__(self, page: Page) -> None:
        self._height = line_height(page)
        self._page = page
        self._every = cells_of(page.drawn)
        self._cells = [cell for cell in self._every if self._may_be_filled(cell)]
        walls = [edge for cell in self._cells for edge in (cell.left, cell.right)]
        self._texts = [piece for line in page.lines for piece in self._parted(line, walls)]
        self._outside = [line for line in self._texts if not any(inside(line, cell) for cell in self._cells)]
        self._used: set[Line] = set()
        headed = [table.box for table in printed_tables(page) if table.header_rows]
        self._in_tables = {line for line in self._texts if any(inside(line, box) for box in headed)}

    def _may_be_filled(self, cell: Box) -> bool:
        low, high = 0.8 * self._height, _HIGHEST * self._height
        return low <= cell.height <= high and cell.width >= _NARROWEST * self._height

    def _parted(self, line: Line, walls: Sequence[float]) -> list[Line]:
        crossed = any(line.box.overlap_y(cell) > 0.5 * line.box.height for cell in self._cells)
        return parted(line, walls) if crossed else [line]

    def boxes(self) -> Iterator[Pair]:
        """Boxes to be filled in whose label stands above, at their left, or at the top inside them."""
        labels: set[Line] = set()
        boxed = self._boxed()
        for cell in self._cells:
            within = sorted(
                (line for line in self._texts if inside(line, cell)), key=lambda line: line.box.top
            )
            label = self._beside(cell) or self._in_left_cell(cell)
            if within and (cell in boxed or (label is None and self._heads(within))):
                label, within = within[0], within[1:]
            if label is not None and label not in self._used:
                self._used.update(within)
                labels.add(label)
                yield self._pair(label, within, cell, "box")
        self._used.update(labels, (line for line in self._texts if line not in self._outside))

    def _boxed(self) -> set[Box]:
        """Cells of a form whose labels stand small in their upper corners, filled in or not."""
        within = {
            cell: sorted((line for line in self._texts if inside(line, cell)), key=lambda line: line.box.top)
            for cell in self._cells
        }
        double = [lines for lines in within.values() if len(lines) > 1]
        headed = sum(self._heads(lines) for lines in double)
        if headed < 2 or headed < 0.5 * len(double):  # noqa: PLR2004 - one may be chance
            return set()
        return {
            cell
            for cell, lines in within.items()
            if lines and (len(lines) > 1 or lines[0].box.centre_y < cell.centre_y)
        }

    def _heads(self, within: Sequence[Line]) -> bool:
        """Whether the first text in a box is its label: small, known, or with a colon."""
        if len(within) < 2:  # noqa: PLR2004
            return False
        first, second = within[0], within[1]
        smaller = first.box.height < 0.9 * second.box.height
        return smaller or first.text.rstrip().endswith(":") or is_label(first.text)

    def _beside(self, cell: Box) -> Line | None:
        """The label above a box or at its left; of a box in a column of boxes that of the uppermost."""
        above, left = self._above(cell), self._left(cell)
        if above and (left is None or abs(above.box.left - cell.left) < 1.2 * self._height):
            return above
        if left is not None:
            return left
        higher = [other for other in self._cells if self._stacked(other, cell)]
        return self._beside(higher[0]) if higher else None

    def _stacked(self, upper: Box, lower: Box) -> bool:
        same = max(abs(upper.left - lower.left), abs(upper.right - lower.right)) < 0.5 * self._height
        return same and abs(lower.top - upper.bottom) < 1.5 * self._height and upper.top < lower.top

    def _above(self, cell: Box) -> Line | None:
        near = [
            line
            for line in self._outside
            if -0.3 * self._height <= cell.top - line.box.bottom <= _ABOVE * self._height
            and line.box.overlap_x(cell) > 0.5 * min(line.box.width, cell.width)
            and line.box.left > cell.left - self._height
        ]
        return max(near, key=lambda line: line.box.bottom, default=None)

    def _left(self, cell: Box) -> Line | None:
        near = [
            line
            for line in self._outside
            if line.box.overlap_y(cell) > 0.5 * line.box.height
            and -0.5 * self._height <= cell.left - line.box.right < _LEFT * self._height
            and not any(
                line.box.right < other.left and other.right < cell.left and other.overlap_y(line.box) > 0
                for other in self._cells
            )
        ]
        return max(near, key=lambda line: line.box.right, default=None)

    def _in_left_cell(self, cell: Box) -> Line | None:
        """The one text of the cell at the left, where it is a label by its words or its colon."""
        for other in self._cells:
            if (
                abs(other.right - cell.left) < 0.4 * self._height
                and other.overlap_y(cell) > 0.7 * cell.height
            ):
                within = [line for line in self._texts if inside(line, other)]
                text = within[0].text if len(within) == 1 else ""
                if text.rstrip().endswith(":") or is_label(text):
                    return within[0]
        return None

    def lines(self) -> Iterator[Pair]:
        """Lines to write on, with their label before them or below."""
        rules = [rule for rule in self._page.drawn.horizontal if self._may_be_written_on(rule)]
        for rule in rules:
            pieces = [piece for line in self._outside for piece in parted(line, [rule.left])]
            on = [line for line in pieces if self._stands_on(line, rule)]
            label = self._before(rule, pieces) or self._under(rule)
            if (
                label is None
                and self._is_one_of_many(rule)
                and len(on) == 1
                and on[0].box.left - rule.left < self._height
            ):
                label, on = on[0], []
            if label is not None and label not in self._used and label not in on:
                self._used.update(
                    line
                    for line in self._outside
                    if any(line.box.overlap_x(one.box) and line.box.overlap_y(one.box) for one in on)
                )
                self._used.add(label)
                yield self._pair(label, on, rule, "line to write on")

    def _may_be_written_on(self, rule: Box) -> bool:
        sides = any(is_side_of(rule, cell) for cell in self._every)
        return rule.width >= 3 * self._height and not sides

    def _is_one_of_many(self, rule: Box) -> bool:
        """Whether more rules of its length stand above each other, each with a label and a value on it."""
        alike = [
            other
            for other in self._page.drawn.horizontal
            if max(abs(other.width - rule.width), abs(other.left - rule.left)) < 0.25 * self._height
        ]
        return len(alike) > 2  # noqa: PLR2004

    def _stands_on(self, line: Line, rule: Box) -> bool:
        low = -0.5 * self._height <= rule.centre_y - line.box.bottom <= 0.7 * self._height
        return low and line.box.overlap_x(rule) > 0.7 * line.box.width

    def _before(self, rule: Box, pieces: Sequence[Line]) -> Line | None:
        near = [
            line
            for line in pieces
            if -0.5 * self._height <= rule.centre_y - line.box.bottom <= 0.7 * self._height
            and -0.6 * self._height <= rule.left - line.box.right < 3 * self._height
        ]
        return max(near, key=lambda line: line.box.right, default=None)

    def _under(self, rule: Box) -> Line | None:
        if rule.width > 0.6 * self._page.width:
            return None
        near = [
            line
            for line in self._outside
            if -0.2 * self._height <= line.box.top - rule.centre_y < 1.1 * self._height
            and line.box.overlap_x(rule) > 0.8 * line.box.width
            and not any(map(str.isdigit, line.text))
        ]
        return min(near, key=lambda line: line.box.top, default=None)

    def blanks(self) -> Iterator[Pair]:
        """Labels before typed underscores or dots that were left as they are."""
        for line in self._free():
            for found in _BLANKS.finditer(line.text):
                self._used.add(line)
                yield self._pair(line.part(*found.span("label")), [], line.box, "blank")

    def colons(self) -> Iterator[Pair]:
        """Labels with a colon, and the rest of their text or the text at their right."""
        for row in self._rows():
            for at, cell in enumerate(row.cells):
                found = _COLON.match(cell.text)
                if found is None or cell in self._used:
                    continue
                value = [cell.part(*found.span("value"))] if found["value"] else self._next(row, at)
                if value:
                    self._used.update([cell, *value])
                    yield self._pair(cell.part(*found.span("label")), value, cell.box, "colon")

    def known(self) -> Iterator[Pair]:
        """Labels of the lexicon that stand alone, and the text at their right."""
        for row in self._rows():
            for at, cell in enumerate(row.cells):
                if cell not in self._used and is_label(cell.text) and (value := self._next(row, at)):
                    self._used.update([cell, *value])
                    yield self._pair(cell, value, cell.box, "known label")

    def rows_of_two(self) -> Iterator[Pair]:
        """Rows of a label and a value, three or more below each other in the same two columns."""
        block: list[Row] = []
        for row in [*self._rows(), None]:
            if row is not None and len(row.cells) == 2 and self._goes_on(block, row):  # noqa: PLR2004
                block.append(row)
                continue
            if len(block) > 2 and sum(not is_figures(one.cells[0].text) for one in block) == len(block):  # noqa: PLR2004
                for label, value in (one.cells for one in block):
                    self._used.update([label, value])
                    yield self._pair(label, [value], label.box, "rows of two")
            block = [row] if row is not None and len(row.cells) == 2 else []  # noqa: PLR2004

    def _goes_on(self, block: list[Row], row: Row) -> bool:
        if not block:
            return True
        (label, value), (above, over) = row.cells, block[-1].cells
        near = row.box.top - block[-1].box.bottom < 2 * self._height
        aligned = (
            min(abs(value.box.left - over.box.left), abs(value.box.right - over.box.right)) < self._height
        )
        words = max(len(value.text.split()), len(label.text.split())) <= _LABEL_WORDS
        return near and aligned and words and abs(label.box.left - above.box.left) < self._height

    def _next(self, row: Row, at: int) -> list[Line]:
        """The next text in the row when it is no label and has not been used."""
        after = row.cells[at + 1] if at + 1 < len(row.cells) else None
        if after is None or after in self._used or _COLON.match(after.text) or is_label(after.text):
            return []
        return [after]

    def _free(self) -> list[Line]:
        return [line for line in self._outside if line not in self._used | self._in_tables]

    def _rows(self) -> list[Row]:
        free = Page(number=1, width=self._page.width, height=self._page.height, lines=tuple(self._free()))
        return rows_of(free, 0)

    def _pair(self, label: Line, value: Sequence[Line], place: Box, rule: str) -> Pair:
        written = " ".join(line.text.strip() for line in value) or None
        box = around([label, *value, Line(text="", box=place)])
        return Pair(label=label.text.strip().rstrip(":").strip(), value=written, box=box, rule=rule)
