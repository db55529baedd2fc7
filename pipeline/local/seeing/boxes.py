"""The small squares of a form that somebody ticks in the pixels: OCR takes them for letters."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from pipeline.local.seeing.marks import OPEN, TICKED
from pipeline.local.seeing.page import Box, Line

_SMALLEST, _LARGEST = 11, 44
"""Side of a square in pixels: about 1.5 to 8 mm on a page of 1500 pixels."""
_DARK = 170
"""Grey level of 255 below which a pixel is ink."""
_EDGE = 0.9
"""Share of each side that must be ink."""
_TICKED = 0.07
"""Share of the inside that is ink when it is ticked, the edges left out."""
_QUIET = 4
"""Pixels left and right of a square that are white: letters stand closer to one another."""
_STRAY = 0.25
"""Share of those that a tick may cross."""
_TOUCHED = 0.6
"""Share of the pixels within its sides that a tick may touch."""

_NEAR = 4.0
"""Letters by which the blank in a text may be off where a square stands."""

Grey = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Run:
    """A level stroke: its row and its first and last pixel."""

    y: int
    left: int
    right: int


def without_boxes(image: Image.Image) -> tuple[Image.Image, list[Line]]:
    """The image with its squares made white, so that OCR sees the words alone, and a line for each square."""
    ink = np.asarray(image.convert("L")) < _DARK
    found = _boxes(ink)
    if not found:
        return image, []
    image = image.copy()
    pen = ImageDraw.Draw(image)
    lines = []
    for box in found:
        lines.append(Line(text=TICKED if _is_ticked(ink, box) else OPEN, box=box))
        pen.rectangle((box.left - 2, box.top - 2, box.right + 2, box.bottom + 2), fill="white")
    return image, lines


def parted(lines: list[Line], boxes: list[Line]) -> list[Line]:
    """The lines, cut at the blanks where squares stand: OCR runs the words on both sides together."""
    found: list[Line] = []
    for line in lines:
        rest = line
        for box in sorted(boxes, key=lambda box: box.box.left):
            if not _within(box.box, rest.box) or (at := _blank_near(rest, box.box.centre_x)) is None:
                continue
            found.append(rest.part(0, at))
            rest = rest.part(at, len(rest.text))
        found.append(rest)
    return [line for line in found if line.text]


def _within(box: Box, line: Box) -> bool:
    beside = line.left + box.width < box.centre_x < line.right - box.width
    return beside and box.overlap_y(line) > 0.5 * box.height


def _blank_near(line: Line, x: float) -> int | None:
    """The place of the blank in a line that is nearest to a place across the page; None when none is near."""
    step = line.box.width / len(line.text)
    blanks = [place for place, letter in enumerate(line.text) if letter == " "]
    nearest = min(blanks, key=lambda place: abs(line.box.left + (place + 0.5) * step - x), default=None)
    if nearest is None or abs(line.box.left + (nearest + 0.5) * step - x) > _NEAR * step:
        return None
    return nearest


def _boxes(ink: Grey) -> list[Box]:
    """Upright squares, outlined on all four sides, none inside another."""
    runs = _runs(ink)
    by_left: dict[int, list[_Run]] = {}
    for run in runs:
        by_left.setdefault(run.left, []).append(run)
    found: list[Box] = []
    for top in runs:
        if any(box.left - 3 <= top.left <= box.right and box.top - 3 <= top.y <= box.bottom for box in found):
            continue
        if box := _closed(ink, top, by_left):
            found.append(box)
    return found


def _runs(ink: Grey) -> list[_Run]:
    """Level strokes as long as a square's side may be, from top to bottom."""
    height, width = ink.shape
    padded = np.zeros((height, width + 2), dtype=np.int8)
    padded[:, 1:-1] = ink
    change = np.diff(padded, axis=1).ravel()
    starts, ends = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
    lengths = ends - starts
    fit = (lengths >= _SMALLEST) & (lengths <= _LARGEST)
    rows, lefts = np.divmod(starts[fit], width + 1)
    strokes = zip(rows.tolist(), lefts.tolist(), lengths[fit].tolist(), strict=True)
    return [_Run(row, left, left + length - 1) for row, left, length in strokes]


def _closed(ink: Grey, top: _Run, by_left: dict[int, list[_Run]]) -> Box | None:
    """The square under a stroke, when another closes it at the bottom and both its sides are drawn."""
    side = top.right - top.left + 1
    for left in (top.left, top.left - 1, top.left + 1):
        for run in by_left.get(left, []):
            tall = run.y - top.y + 1
            if (
                abs(run.right - top.right) <= 1
                and abs(tall - side) <= max(1, 0.1 * side)
                and _has_sides(ink, top, run)
            ):
                return Box(left=top.left, top=top.y, right=top.right + 1, bottom=run.y + 1)
    return None


def _has_sides(ink: Grey, top: _Run, bottom: _Run) -> bool:
    """Whether both upright sides are straight lines from end to end, with white beside them and within."""
    if top.left < _QUIET or top.right >= ink.shape[1] - _QUIET:
        return False
    rows = ink[top.y : bottom.y + 1]
    left = rows[:, top.left : top.left + 3].mean(axis=0).max()
    right = rows[:, top.right - 2 : top.right + 1].mean(axis=0).max()
    if min(left, right) < _EDGE:
        return False
    # Letters bulge beyond the ends of their level strokes, and stand close to one another.
    beside = [*range(top.left - _QUIET, top.left), *range(top.right + 1, top.right + _QUIET + 1)]
    if rows[:, beside].mean(axis=0).max() > _STRAY:
        return False
    return float(_frame(rows[:, top.left : top.right + 1], 3).mean()) < _TOUCHED


def _frame(area: Grey, inset: int) -> Grey:
    """The pixels that run round an area, `inset` pixels from its rim."""
    inner = area[inset : area.shape[0] - inset, inset : area.shape[1] - inset]
    return np.concatenate([inner[0], inner[-1], inner[:, 0], inner[:, -1]])


def _is_ticked(ink: Grey, box: Box) -> bool:
    inset = max(2, round(0.18 * box.width))
    inside = ink[
        int(box.top) + inset : int(box.bottom) - inset, int(box.left) + inset : int(box.right) - inset
    ]
    return bool(inside.size) and float(inside.mean()) >= _TICKED
