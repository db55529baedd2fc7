"""Boxes to tick with the words beside them and the question they answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.local.layout.grids import parted
from pipeline.local.layout.layout import around
from pipeline.local.seeing.page import Box, Line, Page, Tick

_GLYPH = re.compile(
    r"^(?:[\W_]+|[xXvVoODUL0C]\b|[\u53e3\u65e5\u56de\u56d7\u533a\u51f6\u56e7\u53ca\u7530\u53f7]|\[\s?[xX\u2713]?\s?\])+\s*"
)
"""What OCR takes a box for: signs, single letters, characters that look like one."""
_GLUED = re.compile(r"^[xXvVoODUL0C](?=[A-Z\u00c0-\u00dd][a-z\u00df-\u00ff])")
_TYPED = re.compile(r"(?:\[(?P<square>\s?[xX\u2713]?\s?)\]|\((?P<round>\s|\s?[xX]\s?)\))\s*")
_FAR = 6.0
"""Line heights between a box and its words at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A box to tick and what it stands for.

    Attributes:
        label: The words beside it.
        checked: Whether it bears a mark; None when that cannot be told.
        group: The question that it answers, or None.
        left: Left edge of the box to tick in pixels.
        box: Around it, its words and the question.
    """

    label: str
    checked: bool | None
    group: str | None
    left: float
    box: Box


def without_ticks(page: Page) -> list[Line]:
    """The texts of a page, parted where boxes to tick stand in them, what OCR took the boxes for left out."""
    return [piece for line in page.lines for piece in _pieces(line, page.drawn.ticks) if piece.text.strip()]


def _pieces(line: Line, ticks: Sequence[Tick]) -> list[Line]:
    inside = [tick for tick in ticks if _stands_in(tick.box, line.box)]
    if not inside:
        return [line]
    pieces = parted(
        line, [tick.box.left for tick in inside if tick.box.left > line.box.left + 0.5 * line.box.height]
    )
    return [_stripped(piece) if _begins(piece, inside) else piece for piece in pieces]


def _stands_in(tick: Box, line: Box) -> bool:
    level = tick.overlap_y(line) > 0.5 * min(tick.height, line.height)
    return level and tick.overlap_x(line) > 0.4 * tick.width


def _begins(piece: Line, ticks: Sequence[Tick]) -> bool:
    return any(abs(tick.box.left - piece.box.left) < piece.box.height for tick in ticks)


def _stripped(piece: Line) -> Line:
    glyph = _GLYPH.match(piece.text) or _GLUED.match(piece.text)
    return piece.part(glyph.end(), len(piece.text)) if glyph else piece


def options(page: Page, texts: Sequence[Line]) -> list[tuple[Option, list[Line]]]:
    """Each box to tick with the texts it took, from top to bottom and left to right."""
    ticks = sorted(
        page.drawn.ticks, key=lambda tick: (round(tick.box.centre_y / tick.box.height), tick.box.left)
    )
    drawn = [found for tick in ticks if (found := _option(tick, ticks, texts))]
    return drawn + [found for line in texts for found in _typed(line)]


def _option(tick: Tick, ticks: Sequence[Tick], texts: Sequence[Line]) -> tuple[Option, list[Line]] | None:
    """The box with the words at its right, or those at its left when there are none."""
    row = [
        line for line in texts if line.box.overlap_y(tick.box) > 0.4 * min(line.box.height, tick.box.height)
    ]
    level = [other for other in ticks if other.box.overlap_y(tick.box) > 0]
    after = min((other.box.left for other in level if other.box.left > tick.box.right), default=float("inf"))
    before = max((other.box.right for other in level if other.box.right < tick.box.left), default=0.0)
    right = [
        line
        for line in row
        if tick.box.left - 0.5 * line.box.height < line.box.left < after and line.box.right > tick.box.right
    ]
    left = [line for line in row if before < line.box.left and line.box.right < tick.box.centre_x]
    beside = min(right, key=lambda line: line.box.left, default=None)
    if beside is None or beside.box.left - tick.box.right > _FAR * beside.box.height:
        beside = max(left, key=lambda line: line.box.right, default=None)
    if beside is None:
        return None
    lines = [beside, *_carried_on(beside, texts, ticks)]
    words = " ".join(line.text.strip() for line in lines)
    if beside in left and beside.text.rstrip().endswith(":"):
        return None
    group = _question(tick, ticks, beside, texts)
    box = around([Line(text="", box=tick.box), *lines, *([group] if group else [])])
    said = group.text.strip().rstrip(":").strip() if group else None
    return Option(label=words, checked=tick.checked, group=said, left=tick.box.left, box=box), lines


def _carried_on(line: Line, texts: Sequence[Line], ticks: Sequence[Tick]) -> list[Line]:
    """The lines below the words of a box that carry them on: set under them, begun in lower case."""
    found: list[Line] = []
    last = line
    for below in sorted(texts, key=lambda text: text.box.top):
        near = 0 <= below.box.top - last.box.bottom + 0.3 * last.box.height < 0.9 * last.box.height
        under = abs(below.box.left - line.box.left) < line.box.height and below.text[:1].islower()
        if (
            near
            and under
            and not any(tick.box.overlap_y(below.box) > 0.4 * tick.box.height for tick in ticks)
        ):
            found.append(below)
            last = below
    return found


def _question(tick: Tick, ticks: Sequence[Tick], beside: Line, texts: Sequence[Line]) -> Line | None:
    """The text before the first box of a row, or right above boxes when it asks."""
    level = [other for other in ticks if other.box.overlap_y(tick.box) > 0]
    first = min(other.box.left for other in level)
    row = [
        line for line in texts if line.box.overlap_y(tick.box) > 0.4 * line.box.height and line is not beside
    ]
    leading = [line for line in row if line.box.right < first + 2]
    asking = [line for line in leading if len(level) > 1 or line.text.rstrip().endswith(("?", ":"))]
    return max(asking, key=lambda line: line.box.right, default=None) or _above(tick, ticks, texts)


def _above(tick: Tick, ticks: Sequence[Tick], texts: Sequence[Line]) -> Line | None:
    """The nearest line above that ends in a question mark or a colon and has no boxes of its own."""
    near = [
        line
        for line in texts
        if 0 < tick.box.top - line.box.bottom < _FAR * line.box.height
        and line.box.left < tick.box.right + line.box.height
        and line.text.rstrip().endswith(("?", ":"))
        and not any(other.box.overlap_y(line.box) > 0.4 * other.box.height for other in ticks)
    ]
    return max(near, key=lambda line: line.box.bottom, default=None)


def _typed(line: Line) -> list[tuple[Option, list[Line]]]:
    """Boxes that are typed: `[x] yes  [ ] no`."""
    marks = list(_TYPED.finditer(line.text))
    ends = [*(mark.start() for mark in marks[1:]), *([len(line.text)] if marks else [])]
    found = []
    for mark, end in zip(marks, ends, strict=True):
        piece = line.part(mark.end(), end)
        if any(map(str.isalpha, piece.text)):
            checked = bool((mark["square"] or mark["round"] or "").strip())
            found.append(
                (
                    Option(label=piece.text, checked=checked, group=None, left=piece.box.left, box=piece.box),
                    [line],
                )
            )
    return found


def unticked(page: Page) -> Page:
    """The page with its texts parted at the boxes to tick."""
    return replace(page, lines=tuple(without_ticks(page)))
