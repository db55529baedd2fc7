"""The words of a page in the order in which a person reads them."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from pipeline.local.layout.layout import around, line_height, rows_of
from pipeline.local.seeing.page import Line, Page

_GUTTER = 1.2
"""Line heights of empty width that part two columns."""
_GAP = 0.9
"""Line heights of empty height that part two paragraphs."""
_FEWEST = 3
"""Lines each side of a gutter must have to be a column."""


def page_text(page: Page) -> str:
    """The page's text, paragraphs parted by an empty line, columns one after the other."""
    height = line_height(page)
    blocks = blocks_of([line for line in page.lines if line.text.strip()])
    return "\n\n".join(filter(None, (_paragraphs(block, height, page) for block in blocks)))


def blocks_of(lines: list[Line]) -> list[list[Line]]:
    """The lines in blocks in reading order: paragraphs, columns one after the other."""
    return _blocks(lines, median(line.box.height for line in lines)) if lines else []


def _blocks(lines: list[Line], height: float) -> list[list[Line]]:
    """Recursive cuts along empty strips: columns first where there are any, else bands of rows."""
    columns = _cut(lines, _GUTTER * height, vertical=True)
    if len(columns) > 1 and all(len(column) >= _FEWEST and _is_prose(column) for column in columns):
        return [block for column in columns for block in _blocks(column, height)]
    bands = _cut(lines, _GAP * height, vertical=False)
    if len(bands) > 1:
        return [
            block
            for band in _joined(bands, height)
            for block in (_blocks(band, height) if len(band) < len(lines) else [band])
        ]
    return [lines]


def _joined(bands: list[list[Line]], height: float) -> list[list[Line]]:
    """Neighbouring bands put together again where columns run through them."""
    joined: list[list[Line]] = []
    for band in bands:
        if joined and (_runs_on(joined[-1], band, height) or _heads(joined[-1], band, height)):
            joined[-1] = joined[-1] + band
        else:
            joined.append(band)
    return joined


def _runs_on(above: list[Line], band: list[Line], height: float) -> bool:
    """Whether the columns above go on in the band."""
    both = _columned(above + band, height)
    return both and _columned(above, height) and _columned(band, height, 1)


def _heads(above: list[Line], band: list[Line], height: float) -> bool:
    """Whether a row of headings stands over the columns of the band, one at the left of each."""
    heads, columns = (_cut(lines, _GUTTER * height, vertical=True) for lines in (above, band))
    if len(heads) != len(columns) or any(len(head) > 1 for head in heads) or not _columned(band, height):
        return False
    lefts = [min(line.box.left for line in column) for column in columns]
    return all(
        abs(head[0].box.left - left) < 2 * height for head, left in zip(heads, lefts, strict=True)
    ) and _columned(above + band, height)


def _columned(lines: list[Line], height: float, fewest: int = 2) -> bool:
    columns = _cut(lines, _GUTTER * height, vertical=True)
    return len(columns) > 1 and all(len(column) >= fewest and _is_prose(column) for column in columns)


def _is_prose(lines: list[Line]) -> bool:
    """Whether these are lines of text rather than a column of a table."""
    return median(len(line.text.split()) for line in lines) >= 3  # noqa: PLR2004 - words


def _cut(lines: list[Line], gap: float, *, vertical: bool) -> list[list[Line]]:
    """Groups of lines parted by empty strips at least `gap` pixels wide."""

    def span(line: Line) -> tuple[float, float]:
        return (line.box.left, line.box.right) if vertical else (line.box.top, line.box.bottom)

    groups: list[list[Line]] = []
    reach = float("-inf")
    for line in sorted(lines, key=span):
        start, end = span(line)
        if not groups or start - reach >= gap:
            groups.append([])
        groups[-1].append(line)
        reach = max(reach, end)
    return groups


def _paragraphs(lines: list[Line], height: float, page: Page) -> str:
    block = Page(number=page.number, width=page.width, height=page.height, lines=tuple(lines))
    return "\n".join(_row_text(row.cells, height) for row in rows_of(block, 0))


def _row_text(cells: Sequence[Line], height: float) -> str:
    """Cells of a row with a blank between them, and a wider gap where the page has one."""
    text = cells[0].text
    for before, cell in pairwise(cells):
        text += ("   " if cell.box.left - before.box.right > 2 * height else " ") + cell.text
    return text


def title_of(page: Page) -> Line | None:
    """The topmost line that is set larger than the rest; None when nothing stands out."""
    lines = [line for line in page.lines if sum(letter.isalpha() for letter in line.text) > 2]  # noqa: PLR2004
    if not lines:
        return None
    usual = median(line.box.height for line in lines)
    upper = [line for line in lines if line.box.centre_y < around(lines).top + 0.4 * page.height]
    large = [line for line in upper if line.box.height > 1.3 * usual]
    if not large:
        return None
    tallest = max(line.box.height for line in large)
    return min((line for line in large if line.box.height > 0.85 * tallest), key=lambda line: line.box.top)
