"""Sidebars: columns of a page whose lines do not stand in rows with those beside them."""

from dataclasses import replace
from statistics import median

from pipeline.local.seeing.page import Line, Page

_GUTTER = 1.0
"""Line heights of empty width between a sidebar and the rest."""
_WIDEST = 0.42
"""Share of the text's width that a sidebar may take."""
_FEWEST = 5
"""Lines a sidebar has at least."""
_EDGE = 0.12
"""Share of the page's height at its top and foot where lines may run across."""
_WORDY = 0.35
"""Share of the lines on either side that must have words: columns of figures are no sidebar."""


def zones(page: Page) -> list[Page]:
    """The page, or its main part and its sidebar as pages of their own, when it has one."""
    lines = [line for line in page.lines if line.text.strip()]
    if len(lines) < 2 * _FEWEST:
        return [page]
    height = median(line.box.height for line in lines)
    parted = [sides for edge in _gutters(lines, height, page) if (sides := _sides(lines, edge))]
    if not parted:
        return [page]
    main, sidebar = max(parted, key=lambda sides: _strangers(*sides))
    return [replace(page, lines=tuple(main)), replace(page, lines=tuple(sidebar))]


def _gutters(lines: list[Line], height: float, page: Page) -> list[float]:
    """Middles of the empty strips that run down the page, its top and foot aside."""
    inner = [line for line in lines if _EDGE < line.box.centre_y / page.height < 1 - _EDGE]
    found: list[float] = []
    reach = float("inf")
    for line in sorted(inner, key=lambda line: line.box.left):
        if line.box.left - reach >= _GUTTER * height:
            found.append((line.box.left + reach) / 2)
        reach = line.box.right if reach == float("inf") else max(reach, line.box.right)
    return found


def _sides(lines: list[Line], edge: float) -> tuple[list[Line], list[Line]] | None:
    """Main part and sidebar on the two sides of an edge; None when these are columns of one table."""
    left = [line for line in lines if line.box.centre_x < edge]
    right = [line for line in lines if line.box.centre_x >= edge]
    width = max(line.box.right for line in lines) - min(line.box.left for line in lines)
    narrow, wide = sorted((left, right), key=_width)
    if len(narrow) < _FEWEST or _width(narrow) > _WIDEST * width:
        return None
    if min(_wordy(narrow), _wordy(wide)) < _WORDY or _strangers(wide, narrow) <= 0:
        return None
    return wide, narrow


def _width(lines: list[Line]) -> float:
    """Usual reach of the lines, so that a title across the page does not count."""
    if not lines:
        return 0.0
    rights = sorted(line.box.right for line in lines)
    return rights[int(0.9 * (len(rights) - 1))] - min(line.box.left for line in lines)


def _wordy(lines: list[Line]) -> float:
    words = sum(sum(letter.isalpha() for letter in line.text) > 2 for line in lines)  # noqa: PLR2004
    return words / max(1, len(lines))


def _strangers(main: list[Line], sidebar: list[Line]) -> int:
    """Lines of the sidebar that stand between the lines beside them, less those in a row with one."""
    count = 0
    for line in sidebar:
        beside = [other for other in main if line.box.overlap_y(other.box) > 0]
        offset = min((abs(line.box.centre_y - other.box.centre_y) for other in beside), default=None)
        if offset is not None:
            count += 1 if offset > 0.2 * line.box.height else -1
    return count
