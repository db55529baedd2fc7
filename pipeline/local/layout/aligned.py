"""Tables without a grid: rows whose cells stand in columns, parted by strips that hardly any row crosses."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

import numpy as np
import numpy.typing as npt

from pipeline.local.layout.cells import Cells, is_figures, laid_out
from pipeline.local.layout.furniture import is_page_number
from pipeline.local.layout.grids import parted, words_of
from pipeline.local.layout.headings import is_heading, is_label
from pipeline.local.layout.layout import Row, around, line_height, rows_of
from pipeline.local.layout.text import blocks_of
from pipeline.local.layout.zones import zones
from pipeline.local.seeing.page import Box, Line, Page
from pipeline.local.words import codes

_ROW_GAP = 2.4
"""Line heights that may part two rows of a table."""
_STRIP = 0.7
"""Line heights of width that a strip between two columns has at least."""
_WIDER = 1.8
"""Times the usual gap between rows from which a gap parts two tables."""
_CROSSING = 0.13
"""Share of the rows that may cross such a strip: titles of groups, long texts."""
_WORDY = 5
"""Words a cell has on average from which columns are running text."""
_FILLED = 0.5
"""Share of cells that hold text in a table at least."""
_ALIKE = 0.7
"""Share of the cells of a column that must agree for it to be parted."""
_FEWEST_PROSE = 6
"""Full lines from which a column is running text."""
_FEWEST_LOOSE = 4
"""Rows that a table has at least when neither figures nor rules speak for it."""


def aligned_tables(page: Page) -> list[Cells]:
    """The tables of a page that are told by the alignment of their cells."""
    return [table for zone in zones(page) for table in _tables_of(zone)]


def _tables_of(page: Page) -> list[Cells]:
    height = line_height(page)
    lines = [line for line in page.lines if line.text.strip() and not is_page_number(line, page)]
    whole = [table for group in _groups([lines], page, height) for table in _tables(group, page, height)]
    rest = [line for line in lines if not any(_stands_in(line, table.box) for table in whole)]
    return whole + [
        table for group in _groups(blocks_of(rest), page, height) for table in _tables(group, page, height)
    ]


def _stands_in(line: Line, box: Box) -> bool:
    return line.box.overlap_x(box) > 0 and line.box.overlap_y(box) > 0.5 * line.box.height


def _groups(blocks: list[list[Line]], page: Page, height: float) -> Iterator[list[Row]]:
    """Rows that follow each other closely in the blocks of a page."""
    group: list[Row] = []
    for block in blocks:
        inner = Page(number=1, width=page.width, height=page.height, lines=tuple(block))
        for row in rows_of(inner, 0):
            gap = row.box.top - group[-1].box.bottom if group else 0.0
            if group and not -height < gap <= _ROW_GAP * height:
                yield group
                group = []
            group.append(row)
    if group:
        yield group


def _tables(rows: list[Row], page: Page, height: float) -> Iterator[Cells]:
    """The tables in a group of rows: stretches of rows in the same columns."""
    before: list[Row] = []
    found: list[list[Row]] = []
    for part in _parts(rows, height):
        follows = bool(before) and rows.index(part[0]) == rows.index(before[-1]) + 1
        if follows and _belongs(part, _edges(before, height, ()), before, height):
            before += part
        else:
            before = list(part)
            found.append(before)
    yield from (table for part in found if (table := _table(part, page, height)))


def _table(rows: list[Row], page: Page, height: float) -> Cells | None:
    rules = [rule for rule in page.drawn.horizontal if _is_across(rule, rows)]
    edges = _edges(rows, height, page.drawn.vertical)
    edges = sorted([*edges, *_heading_edges(rows, edges, height)])
    edges = sorted([*edges, *_inner_edges(rows, edges, height)])
    if not edges or not _is_table(rows, edges, rules):
        return None
    texts, spans = laid_out(rows, edges, height)
    return Cells(
        rows=texts,
        spans=tuple(spans),
        underlined=_underlined(rows, rules),
        box=around([cell for row in rows for cell in row.cells]),
        rule="aligned columns",
    )


def _parts(rows: list[Row], height: float) -> Iterator[list[Row]]:
    """Stretches from a row of several cells to another: parted by wide gaps, headings and running text."""
    gaps = [below.box.top - above.box.bottom for above, below in pairwise(rows)]
    wide = max(height, _WIDER * median(gaps)) if gaps else height
    part: list[Row] = []
    for row in rows:
        parted_here = part and (row.box.top - part[-1].box.bottom > wide or is_heading(row))
        alone = len(part) > 3 and all(len(one.cells) == 1 for one in part[-3:])  # noqa: PLR2004 - lines of a text
        if parted_here or alone:
            yield from _trimmed(part)
            part = []
        part.append(row)
    yield from _trimmed(part)


def _trimmed(rows: list[Row]) -> Iterator[list[Row]]:
    several = [at for at, row in enumerate(rows) if len(row.cells) > 1]
    if several:
        yield rows[several[0] : several[-1] + 1]


def _belongs(part: Sequence[Row], edges: Sequence[float], before: Sequence[Row], height: float) -> bool:
    """Whether rows go on with the columns above them: they have no headings, and cross no edge."""
    cells = [cell for row in part for cell in row.cells]
    crossed = any(
        min(edge - cell.box.left, cell.box.right - edge) > 0.5 * height for cell in cells for edge in edges
    )
    right = max(cell.box.right for row in before for cell in row.cells)
    reach = max(cell.box.right for cell in cells)
    return bool(edges) and not crossed and not is_heading(part[0]) and abs(right - reach) < 2 * height


def _is_across(rule: Box, rows: Sequence[Row]) -> bool:
    whole = around([cell for row in rows for cell in row.cells])
    return rule.width > 0.6 * whole.width and whole.top < rule.centre_y < whole.bottom


def _edges(rows: Sequence[Row], height: float, posts: Sequence[Box]) -> list[float]:
    """Middles of the strips between columns, from left to right; those of the posts drawn between them."""
    several = [row for row in rows if len(row.cells) > 1]
    if not several:
        return []
    whole = around([cell for row in several for cell in row.cells])
    left = int(whole.left)
    crossed = np.zeros(int(whole.right) - left + 2, dtype=np.int32)
    for row in several:
        for cell in row.cells:
            crossed[max(0, int(cell.box.left) - left) : int(cell.box.right) - left + 1] += 1
    free = np.pad(crossed <= int(_CROSSING * len(several)), 1).astype(np.int8)
    steps = np.diff(free)
    starts, ends = np.nonzero(steps == 1)[0], np.nonzero(steps == -1)[0]
    wide = [(start, end) for start, end in zip(starts, ends, strict=True) if end - start >= _STRIP * height]
    inner = [(start, end) for start, end in wide if start > 0 and end < len(crossed) - 1]
    found = [left + _clearest(crossed[start:end], int(start)) for start, end in inner]
    drawn = [post.centre_x for post in posts if post.overlap_y(whole) > 0.6 * whole.height]
    posted = [x for x in drawn if whole.left + height < x < whole.right - height]
    return found + [x for x in dict.fromkeys(posted) if all(abs(x - edge) > 2 * height for edge in found)]


def _clearest(crossed: npt.NDArray[np.int32], start: int) -> float:
    """The middle of the widest part of a strip that the fewest rows cross."""
    free = np.pad(crossed == crossed.min(), 1).astype(np.int8)
    steps = np.diff(free)
    spans = zip(np.nonzero(steps == 1)[0], np.nonzero(steps == -1)[0], strict=True)
    first, last = max(spans, key=lambda span: span[1] - span[0])
    return float(start + (first + last) / 2)


def _heading_edges(rows: Sequence[Row], edges: Sequence[float], height: float) -> Iterator[float]:
    """Edges between headings that stand over one column so far, where hardly any row below crosses them."""
    if not is_heading(rows[0]):
        return
    below = [cell for row in rows[1:] for cell in row.cells]
    for left, right in pairwise(rows[0].cells):
        edge = (left.box.right + right.box.left) / 2
        crossing = sum(cell.box.left + 0.3 * height < edge < cell.box.right - 0.3 * height for cell in below)
        parted_by = any(left.box.centre_x < known < right.box.centre_x for known in edges)
        if not parted_by and crossing <= _CROSSING * len(rows):
            yield edge


def _inner_edges(rows: Sequence[Row], edges: Sequence[float], height: float) -> Iterator[float]:
    """Edges within columns whose cells OCR has run together: a figure beside each, and a free strip."""
    for at in range(len(edges) + 1):
        words = [words_of(cell) for cell in _column(rows, at, edges)]
        counts = Counter(map(len, words))
        usual = counts.most_common(1)[0][0] if counts else 1
        places = range(1, usual) if counts[usual] >= _ALIKE * len(words) else (1, -1)
        found = [edge for place in places if (edge := _edge_at(words, place, height))]
        yield from (edge for edge, after in pairwise([*found, float("inf")]) if after - edge > height)


def _edge_at(words: Sequence[Sequence[Line]], place: int, height: float) -> float | None:
    """Where the strip stands between the words of cells before and after a place; None when there is none."""
    parts = [(row[place - 1], row[place]) for row in words if len(row) > abs(place)]
    if len(parts) < max(3, _ALIKE * len(words)):
        return None
    figures = max(sum(is_figures(pair[side].text) for pair in parts) for side in (0, 1))
    lefts = sorted(left.box.right for left, _ in parts)
    rights = sorted(right.box.left for _, right in parts)
    tenth = len(parts) // 10
    low, high = lefts[-1 - tenth], rights[tenth]
    return (low + high) / 2 if figures >= _ALIKE * len(parts) and high - low > -0.3 * height else None


def _is_table(rows: Sequence[Row], edges: Sequence[float], rules: Sequence[Box]) -> bool:
    """Whether rows in columns are a table rather than running text, labels with values, or addresses."""
    columns = [[cell.text for cell in _column(rows, at, edges)] for at in range(len(edges) + 1)]
    filled = [len(column) for column in columns]
    several = sum(len(row.cells) > 1 for row in rows)
    if several < 3 or sum(filled) < _FILLED * len(rows) * len(columns):  # noqa: PLR2004 - a heading and two rows
        return False
    if not all(filled) or min(map(_words, columns)) >= _WORDY:
        return False
    if any(_is_prose(_column(rows, at, edges)) for at in range(len(columns))) or _is_register(rows, columns):
        return False
    strong = bool(rules) or any(_is_numeric(column) for column in columns[1:]) or is_heading(rows[0])
    full = len(columns) > 2 and sum(filled) >= 0.75 * len(rows) * len(columns)  # noqa: PLR2004
    return (strong and len(columns) > 2) or ((strong or full) and several >= _FEWEST_LOOSE)  # noqa: PLR2004


def _is_register(rows: Sequence[Row], columns: Sequence[Sequence[str]]) -> bool:
    """Whether these are labels with their values, or people side by side."""
    if any(sum(bool(codes.email(cell.text)) for cell in row.cells) > 1 for row in rows):
        return True
    if sum(text.rstrip().endswith(":") for text in columns[0]) > 0.4 * len(columns[0]):
        return True
    return any(sum(map(is_label, column)) >= 0.5 * len(column) > 1 for column in columns)


def _column(rows: Sequence[Row], at: int, edges: Sequence[float]) -> list[Line]:
    low = edges[at - 1] if at else float("-inf")
    high = edges[at] if at < len(edges) else float("inf")
    pieces = [piece for row in rows for cell in row.cells for piece in parted(cell, edges)]
    return [piece for piece in pieces if low < piece.box.centre_x <= high]


def _is_prose(cells: Sequence[Line]) -> bool:
    """Whether a column is running text: full lines of words."""
    widest = max(cell.box.width for cell in cells)
    full = sum(cell.box.width > 0.85 * widest for cell in cells)
    return (
        len(cells) >= _FEWEST_PROSE
        and _words([cell.text for cell in cells]) > _WORDY
        and full > 0.5 * len(cells)
    )


def _words(texts: Sequence[str]) -> float:
    """Words a text has on average."""
    return sum(len(text.split()) for text in texts) / len(texts)


def _is_numeric(texts: Sequence[str]) -> bool:
    return sum(map(is_figures, texts)) >= 0.6 * max(1, len(texts))


def _underlined(rows: Sequence[Row], rules: Sequence[Box]) -> int:
    """How many rows stand above the first rule across the table."""
    first = min((rule.centre_y for rule in rules), default=0.0)
    return sum(row.box.centre_y < first for row in rows)
