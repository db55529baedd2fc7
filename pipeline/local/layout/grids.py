"""Cells between ruled lines, and the grids that cells make together."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pipeline.local.seeing.page import Box, Drawn, Line

_SNAP_PX = 6
"""How far the end of a rule may be from the line it meets."""
_GAP_PX = 6
"""Gap up to which two rules on one height are one that print has broken."""
_LEAST_PX = 8
_ROW_PX = 110
"""Most that two rules of one open table are apart: about five lines of text."""
_REACH = 4
"""Letters within which a blank is looked for when a text that runs over an edge is parted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Cells that share their edges.

    Attributes:
        cells: From top to bottom and left to right.
        xs: Places of the vertical edges.
        ys: Places of the horizontal edges.
    """

    cells: tuple[Box, ...]
    xs: tuple[float, ...]
    ys: tuple[float, ...]

    @property
    def box(self) -> Box:
        """The box around all cells."""
        return Box(left=self.xs[0], right=self.xs[-1], top=self.ys[0], bottom=self.ys[-1])


def cells_of(drawn: Drawn) -> list[Box]:
    """The smallest rectangles with a rule on each side, from the top."""
    across = _joined(list(drawn.horizontal))
    down = [_turned(box) for box in _joined([_turned(box) for box in drawn.vertical])]
    down += _open_sides(across, down)
    cells = [cell for top in across for cell in _below(top, across, down)]
    return sorted(cells, key=lambda cell: (cell.top, cell.left))


def _open_sides(across: list[Box], down: list[Box]) -> list[Box]:
    """Posts where several rules end that others cross: tables are drawn without their outer sides, too."""
    found: list[Box] = []
    for rule in across:
        for end in (rule.left, rule.right):
            level = _following(rule, [other for other in across if _ends_at(other, end)])
            side = Box(left=end, right=end + 1, top=rule.top, bottom=level[-1].bottom)
            crossed = any(_crosses(post, level) for post in down)
            known = any(
                abs(post.centre_x - end) <= _SNAP_PX and post.overlap_y(side) for post in [*down, *found]
            )
            if len(level) > 2 and crossed and not known:  # noqa: PLR2004 - two rules may frame anything
                found.append(side)
    return found


def _ends_at(rule: Box, x: float) -> bool:
    return min(abs(rule.left - x), abs(rule.right - x)) <= _SNAP_PX


def _following(rule: Box, rules: Sequence[Box]) -> list[Box]:
    """The rule and those below it, up to the first wide gap."""
    found = [rule]
    for other in rules:
        if 0 < other.centre_y - found[-1].centre_y <= _ROW_PX:
            found.append(other)
    return found


def _crosses(post: Box, rules: Sequence[Box]) -> bool:
    """Whether a post runs over most of the height of rules, between their ends."""
    height = rules[-1].bottom - rules[0].top
    between = all(rule.left + _SNAP_PX < post.centre_x < rule.right - _SNAP_PX for rule in rules)
    return between and min(post.bottom, rules[-1].bottom) - max(post.top, rules[0].top) > 0.5 * height


def _joined(rules: list[Box]) -> list[Box]:
    """Rules across a page, those that continue or double each other put together."""
    joined: list[Box] = []
    for rule in sorted(rules, key=lambda rule: (rule.left, rule.top)):
        for at, other in enumerate(joined):
            level = abs(other.centre_y - rule.centre_y) <= _SNAP_PX
            if level and rule.left - other.right <= _GAP_PX:
                joined[at] = replace(other, right=max(other.right, rule.right))
                break
        else:
            joined.append(rule)
    return sorted(joined, key=lambda rule: rule.centre_y)


def _turned(box: Box) -> Box:
    return Box(left=box.top, top=box.left, right=box.bottom, bottom=box.right)


def _below(top: Box, across: Sequence[Box], down: Sequence[Box]) -> Iterator[Box]:
    """The cells that hang from a rule."""
    posts = [post for post in down if _reaches(post, top.centre_y, top) and _starts(post, top.centre_y)]
    posts.sort(key=lambda post: post.centre_x)
    under = [rule for rule in across if rule.centre_y - top.centre_y > _LEAST_PX]
    for at, left in enumerate(posts):
        for right in posts[at + 1 :]:
            if right.centre_x - left.centre_x > _LEAST_PX and (cell := _closed(top, left, right, under)):
                yield cell
                break


def _reaches(post: Box, y: float, rule: Box) -> bool:
    on = rule.left - _SNAP_PX <= post.centre_x <= rule.right + _SNAP_PX
    return on and post.top - _SNAP_PX <= y <= post.bottom + _SNAP_PX


def _starts(post: Box, y: float) -> bool:
    return post.bottom > y + _LEAST_PX


def _closed(top: Box, left: Box, right: Box, under: Sequence[Box]) -> Box | None:
    """The cell between two posts down to the first rule that joins them; None when there is none."""
    least = min(left.bottom, right.bottom) + _SNAP_PX
    for rule in under:
        if rule.centre_y > least:
            return None
        if rule.left - _SNAP_PX <= left.centre_x and rule.right + _SNAP_PX >= right.centre_x:
            return Box(left=left.centre_x, right=right.centre_x, top=top.centre_y, bottom=rule.centre_y)
    return None


def grids_of(cells: Sequence[Box]) -> list[Grid]:
    """Cells in groups that hang together, single ones too."""
    groups: list[list[Box]] = []
    for cell in cells:
        near = [group for group in groups if any(_share_edge(cell, other) for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append([other for group in near for other in group] + [cell])
    return [_grid(sorted(group, key=lambda cell: (cell.top, cell.left))) for group in groups]


def _share_edge(cell: Box, other: Box) -> bool:
    beside = min(abs(cell.left - other.right), abs(cell.right - other.left)) <= _SNAP_PX
    above = min(abs(cell.top - other.bottom), abs(cell.bottom - other.top)) <= _SNAP_PX
    return (beside and cell.overlap_y(other) > 0) or (above and cell.overlap_x(other) > 0)


def _grid(cells: list[Box]) -> Grid:
    return Grid(
        cells=tuple(cells),
        xs=_edges([edge for cell in cells for edge in (cell.left, cell.right)]),
        ys=_edges([edge for cell in cells for edge in (cell.top, cell.bottom)]),
    )


def _edges(places: list[float]) -> tuple[float, ...]:
    """Distinct places, those that are nearly the same taken as one."""
    edges: list[float] = []
    for place in sorted(places):
        if not edges or place - edges[-1] > _SNAP_PX:
            edges.append(place)
    return tuple(edges)


def lone_cells(grids: Sequence[Grid]) -> list[Box]:
    """Cells that share no edge with another: boxes around something, or to be filled in."""
    return [grid.cells[0] for grid in grids if len(grid.cells) == 1]


def is_side_of(rule: Box, cell: Box) -> bool:
    """Whether a rule is the upper or lower side of a cell."""
    level = min(abs(rule.centre_y - cell.top), abs(rule.centre_y - cell.bottom)) <= _SNAP_PX
    return level and rule.overlap_x(cell) > 0.8 * rule.width


def inside(line: Line, box: Box) -> bool:
    """Whether the middle of a text stands in a box."""
    return box.left <= line.box.centre_x <= box.right and box.top <= line.box.centre_y <= box.bottom


def parted(line: Line, edges: Sequence[float]) -> list[Line]:
    """A text in the pieces that stand between vertical edges; edges that run through a word part nothing."""
    step = line.box.width / max(1, len(line.text))
    cuts = [0]
    for edge in sorted(edges):
        place = round((edge - line.box.left) / step) if step else 0
        if 0 < place < len(line.text) and (blank := _blank_near(line.text, place)):
            cuts.append(blank)
    cuts = sorted({*cuts, len(line.text)})
    pieces = [line.part(start, end) for start, end in pairwise(cuts)]
    return [piece for piece in pieces if piece.text]


def _blank_near(text: str, place: int) -> int:
    """The blank nearest to a place in a text; 0 when none is near. No sign is parted from its amount."""
    reach = _REACH if any(map(str.isalpha, text)) else max(_REACH, len(text) // 3)
    near = [
        at
        for at, letter in enumerate(text)
        if letter == " " and abs(at - place) <= reach and not text[at + 1 :].startswith(("\u20ac", "%", "$ "))
    ]
    return min(near, key=lambda at: abs(at - place), default=0)


def words_of(line: Line) -> list[Line]:
    """The words of a text, each where it stands by its share of the width."""
    return [line.part(*found.span()) for found in re.finditer(r"\S+", line.text)]
