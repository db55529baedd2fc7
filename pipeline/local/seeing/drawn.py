"""What is drawn on a page beside its text: ruled lines, and boxes to tick with whether they bear a mark."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from pipeline.local.seeing.page import Box, Drawn, Line, Tick

Ink = npt.NDArray[np.bool_]
Levels = npt.NDArray[np.uint8]

_BLUR_PX = 9
"""Radius of the surroundings a pixel is compared with, so that shades and fillings are no ink."""
_BESIDE_PX = 4
"""Distance at which there is paper on one side of a rule at least."""
_DARKER = 14
"""Grey levels of 255 by which ink is darker than its surroundings: pale hairlines are, paper is not."""
_SHORTEST_RULE_PX, _SHORTEST_POST_PX = 34, 22
"""Across and down: a letter's strokes are shorter at the size pages are read."""
_THICKEST_RULE_PX = 7
_SMALLEST_BOX_PX = 10
_LARGEST_BOX_PX = 46
_SQUARE = 1.3
"""Most that the longer side of a box to tick exceeds the shorter by."""
_COVERED = 0.9
"""Share of an upright side that must be drawn."""
_RUNS_ON = 0.7
"""Share of the pixels beyond a corner from which the side of a box is a rule that runs on."""
_MARKED, _EMPTY, _SOLID = 0.09, 0.04, 0.9
"""Share of a box's inside that is dark when it bears a mark, when it does not, and when it is filled."""
_CROWDED = 0.12
"""Share of ink beside a box from which it is part of a word."""
_MOST_RUNS, _MOST_RULES = 20_000, 800
"""Pages of text and rules have some thousands, and some hundreds; photographs have more."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Ink without a gap in one row of pixels."""

    row: int
    start: int
    end: int


def drawn_on(image: Image.Image, lines: Sequence[Line]) -> Drawn:
    """Rules and boxes of an upright page, in its pixels.

    Args:
        image: The page.
        lines: Its text, whose strokes are neither.
    """
    grey = image.convert("L")
    ink = _ink(grey)
    levels = np.asarray(grey)
    across = _rules(_closed(ink | _beside_paper(levels)), _SHORTEST_RULE_PX)
    down = [_turned(rule) for rule in _rules(_closed(ink.T | _beside_paper(levels.T)), _SHORTEST_POST_PX)]
    return Drawn(
        horizontal=tuple(rule for rule in across if not any(_strikes(rule, line.box) for line in lines)),
        vertical=tuple(rule for rule in down if not any(_is_letter(rule, line.box) for line in lines)),
        ticks=tuple(
            tick for tick in _ticks(ink, levels) if not any(_is_small(tick.box, line.box) for line in lines)
        ),
    )


def _is_small(box: Box, text: Box) -> bool:
    """Whether it is no higher than the small letters of the text it stands in."""
    within = (
        box.overlap_y(text) > 0.9 * box.height and text.left < box.left - box.width and box.right < text.right
    )
    return within and box.height < 0.58 * text.height


def _strikes(rule: Box, text: Box) -> bool:
    """Whether it is strokes of letters that join: it lies within a text and is shorter."""
    within = text.top < rule.centre_y < text.bottom + 1
    return within and rule.overlap_x(text) > 0.7 * rule.width and rule.width < 0.85 * text.width


def _is_letter(rule: Box, text: Box) -> bool:
    inside = text.left + 2 < rule.centre_x < text.right - 2
    return inside and rule.overlap_y(text) > 0.9 * rule.height


def _ink(grey: Image.Image) -> Ink:
    around = np.asarray(grey.filter(ImageFilter.BoxBlur(_BLUR_PX)), dtype=np.int16)
    return np.asarray(around - np.asarray(grey, dtype=np.int16) > _DARKER)


def _beside_paper(levels: Levels) -> Ink:
    """Pixels darker than what is above or below them: pale rules, too, that run close by letters."""
    grey = levels.astype(np.int16)
    padded = np.pad(grey, ((_BESIDE_PX, _BESIDE_PX), (0, 0)), mode="edge")
    paper = np.maximum(padded[: -2 * _BESIDE_PX], padded[2 * _BESIDE_PX :])
    return np.asarray(paper - grey > _DARKER)


def _closed(ink: Ink) -> Ink:
    """Ink with gaps of a pixel in each row filled, and steps of slanted lines bridged."""
    thick = ink.copy()
    thick[1:] |= ink[:-1]
    thick[:, 1:-1] |= thick[:, :-2] & thick[:, 2:]
    return thick


def _runs(ink: Ink, shortest: int) -> list[_Run]:
    """Runs of at least so many pixels, by rows from the top."""
    edges = np.diff(np.pad(ink, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    _, ends = np.nonzero(edges == -1)
    long = ends - starts >= shortest
    columns = (rows[long].tolist(), starts[long].tolist(), ends[long].tolist())
    return [_Run(row, start, end) for row, start, end in zip(*columns, strict=True)]


def _rules(ink: Ink, shortest: int) -> list[Box]:
    """Long thin strokes along the rows of pixels: runs that touch from row to row put together."""
    runs = _runs(ink, shortest)
    if len(runs) > _MOST_RUNS:
        return []
    done: list[list[_Run]] = []
    growing: list[list[_Run]] = []
    for run in runs:
        done += [group for group in growing if group[-1].row < run.row - 1]
        growing = [group for group in growing if group[-1].row >= run.row - 1]
        above = next((group for group in growing if _touch(group[-1], run)), None)
        if above is None:
            growing.append([run])
        else:
            above.append(run)
    boxes = [_around(group) for group in (*done, *growing)]
    thin = [box for box in boxes if box.height <= _THICKEST_RULE_PX]
    return thin if len(thin) <= _MOST_RULES else []


def _touch(above: _Run, run: _Run) -> bool:
    shared = min(above.end, run.end) - max(above.start, run.start)
    return run.row - above.row <= 1 and shared > 0


def _around(runs: list[_Run]) -> Box:
    return Box(
        left=min(run.start for run in runs),
        right=max(run.end for run in runs),
        top=runs[0].row,
        bottom=runs[-1].row + 1,
    )


def _turned(box: Box) -> Box:
    return Box(left=box.top, top=box.left, right=box.bottom, bottom=box.right)


def _ticks(ink: Ink, levels: Levels) -> list[Tick]:
    """Boxes to tick; squares that are all filled are the bullets of a list."""
    found: list[Box] = []
    for box in _squares(ink):
        if not any(box.overlap_x(other) and box.overlap_y(other) for other in found):
            found.append(box)  # else it is the inner edge of the same box
    alone = [box for box in found if not any(_adjoin(box, other) for other in found if other is not box)]
    filled = {box: _filled(box, levels) for box in alone}
    if all(share > _SOLID for share in filled.values()):
        return []
    return [Tick(box=box, checked=_verdict(share)) for box, share in filled.items()]


def _verdict(filled: float) -> bool | None:
    return True if filled >= _MARKED else False if filled <= _EMPTY else None


def _adjoin(box: Box, other: Box) -> bool:
    """Whether two boxes share a side: such are the places of single letters, not boxes to tick."""
    beside = box.overlap_y(other) > 0.8 * box.height
    return beside and min(abs(box.right - other.left), abs(other.right - box.left)) <= 3  # noqa: PLR2004


def _filled(box: Box, levels: Levels) -> float:
    """Share of the inside of a box that is dark, its frame left out."""
    left, top, right, bottom = (round(edge) for edge in (box.left, box.top, box.right, box.bottom))
    outside = levels[max(0, top - 4) : bottom + 4, max(0, left - 4) : right + 4]
    paper, frame = np.percentile(outside, 90), np.percentile(levels[top:bottom, left:right], 5)
    margin = max(3, round(0.18 * box.width))
    inside = levels[top + margin : bottom - margin, left + margin : right - margin]
    return float(np.mean(inside < (paper + frame) / 2)) if inside.size else 0.0


def _squares(ink: Ink) -> Iterator[Box]:
    """Outlines of small squares whose four sides are drawn and do not run on."""
    runs = [run for run in _runs(ink, _SMALLEST_BOX_PX) if run.end - run.start <= _LARGEST_BOX_PX]
    by_row: dict[int, list[_Run]] = {}
    for run in runs if len(runs) <= _MOST_RUNS else ():
        by_row.setdefault(run.row, []).append(run)
    for run in runs:
        width = run.end - run.start
        rows = range(run.row + round(width / _SQUARE), run.row + round(width * _SQUARE) + 1)
        below = (other for row in rows for other in by_row.get(row, ()) if _opposite(run, other))
        boxes = (_between(run, other) for other in below)
        if box := next((box for box in boxes if _has_sides(box, ink) and _has_room(box, ink)), None):
            yield box


def _opposite(top: _Run, bottom: _Run) -> bool:
    slack = max(3, 0.35 * (bottom.end - bottom.start))  # a mark may leave the box at its upper right
    return abs(top.start - bottom.start) <= 3 and -3 <= top.end - bottom.end <= slack  # noqa: PLR2004 - pixels of slant


def _between(top: _Run, bottom: _Run) -> Box:
    left, right = max(top.start, bottom.start), min(top.end, bottom.end)
    return Box(left=left, right=right, top=top.row, bottom=bottom.row + 1)


def _has_sides(box: Box, ink: Ink) -> bool:
    """Whether both upright sides are drawn, and end at the corners."""
    left, top, right, bottom = (int(edge) for edge in (box.left, box.top, box.right, box.bottom))
    for side in (left, right - 1):
        near = slice(max(0, side - 2), side + 3)
        drawn = ink[top:bottom, near].mean(axis=0).max()
        beyond = (ink[max(0, top - 7) : max(0, top - 2), near], ink[bottom + 2 : bottom + 7, near])
        if drawn < _COVERED or any(strip.size and strip.mean(axis=0).max() > _RUNS_ON for strip in beyond):
            return False
    return True


def _has_room(box: Box, ink: Ink) -> bool:
    """Whether it stands apart, as no letter of a word does; a mark may reach beyond its box, though."""
    top, bottom = int(box.top), int(box.bottom)
    width = max(3, round(0.35 * box.width))
    left = ink[top:bottom, max(0, int(box.left) - 1 - width) : max(0, int(box.left) - 1)]
    right = ink[top:bottom, int(box.right) + 2 : int(box.right) + 2 + width]
    return _share(left) < _CROWDED and _share(right) < 2 * _CROWDED


def _share(ink: Ink) -> float:
    return float(ink.mean()) if ink.size else 0.0
