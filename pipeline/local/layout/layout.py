"""Lines of a page put into rows, and rows into the text a person reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from pipeline.local.seeing.page import Box, Line, Page

_BLANK = 0.25
"""Share of the height that a gap must have to be more than a blank between words."""
_TELLING = 6
"""Letters of a text, and texts of a page, that tell how wide letters are."""
_EVEN = 0.035
"""Share by which the width of letters varies at most where all have the same."""
_TYPED_BLANK = 1.35
"""Letters that a blank takes at most where all are equally wide."""
_SAME_ROW = 0.5
"""Share of the lower of two heights that must overlap for two pieces of text to stand in one row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Pieces of text that stand beside each other.

    Attributes:
        page: Index of the page among those of the request, from 0.
        cells: From left to right.
    """

    page: int
    cells: tuple[Line, ...]

    @property
    def text(self) -> str:
        """All cells, parted by blanks."""
        return " ".join(cell.text for cell in self.cells)

    @property
    def box(self) -> Box:
        """The box around all cells."""
        return around(self.cells)


def around(lines: Iterable[Line]) -> Box:
    """The smallest box that holds all the lines, of which there is at least one."""
    boxes = [line.box for line in lines]
    return Box(
        left=min(box.left for box in boxes),
        top=min(box.top for box in boxes),
        right=max(box.right for box in boxes),
        bottom=max(box.bottom for box in boxes),
    )


def rows_of(page: Page, index: int) -> list[Row]:
    """The page's rows from top to bottom."""
    groups: list[list[Line]] = []
    for line in sorted(page.lines, key=lambda line: line.box.centre_y):
        if not line.text.strip():
            continue
        if groups and _beside(groups[-1], line):
            groups[-1].append(line)
        else:
            groups.append([line])
    blank = _typed_blank(page)
    return [Row(page=index, cells=tuple(_joined(group, blank))) for group in groups]


def _typed_blank(page: Page) -> float:
    """The widest gap that is a blank between words, where all letters are equally wide; else 0."""
    widths = [_letter_width(line) for line in page.lines if len(line.text) >= _TELLING]
    if len(widths) < _TELLING:
        return 0.0
    usual = median(widths)
    stray = median(abs(width - usual) for width in widths)
    return _TYPED_BLANK * usual if stray < _EVEN * usual else 0.0


def _joined(group: list[Line], blank: float = 0.0) -> list[Line]:
    """The pieces from left to right, those put together again that OCR parted between words."""
    joined: list[Line] = []
    for line in sorted(group, key=lambda line: line.box.left):
        if joined and _runs_on(joined[-1], line, blank):
            before = joined.pop()
            text = f"{before.text} {line.text}"
            line = Line(text=text, box=around([before, line]), score=min(before.score, line.score))  # noqa: PLW2901
        joined.append(line)
    return joined


def _runs_on(before: Line, line: Line, blank: float) -> bool:
    low, high = sorted((before.box.height, line.box.height))
    if blank:  # a heading's letters are wider than most
        blank = max(blank, _TYPED_BLANK * min(_letter_width(before), _letter_width(line)))
    return line.box.left - before.box.right < max(blank, _BLANK * low) and low > 0.6 * high


def _letter_width(line: Line) -> float:
    return line.box.width / len(line.text)


def _beside(group: list[Line], line: Line) -> bool:
    """Whether the line shares the height of the group's pieces and stands over none of them."""
    middle = median(member.box.centre_y for member in group)
    height = median(member.box.height for member in group)
    band = Box(left=0, right=1, top=middle - height / 2, bottom=middle + height / 2)
    if band.overlap_y(line.box) < _SAME_ROW * min(height, line.box.height):
        return False
    return all(
        member.box.overlap_x(line.box) < 0.3 * min(member.box.width, line.box.width) for member in group
    )


def line_height(page: Page) -> float:
    """Usual height of a line in pixels; at least 1."""
    return max(1.0, median(line.box.height for line in page.lines)) if page.lines else 1.0
