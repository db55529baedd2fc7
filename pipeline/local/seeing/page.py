"""What passes between OCR, reading and server: text lines with boxes, records, and why there are none."""

from dataclasses import dataclass, field, replace
from math import cos, radians, sin

from pydantic import JsonValue


class BadImage(Exception):
    """The bytes are no image this engine opens. The message is a clause for the caller."""


class BadSchema(Exception):
    """The schema cannot be followed. The message is a clause for the caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """An upright rectangle in pixels, y growing downwards."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Pixels from left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Pixels from top to bottom."""
        return self.bottom - self.top

    @property
    def centre_x(self) -> float:
        """Middle between left and right."""
        return (self.left + self.right) / 2

    @property
    def centre_y(self) -> float:
        """Middle between top and bottom."""
        return (self.top + self.bottom) / 2

    def overlap_x(self, other: "Box") -> float:
        """Pixels both cover horizontally; 0 when apart."""
        return max(0.0, min(self.right, other.right) - max(self.left, other.left))

    def overlap_y(self, other: "Box") -> float:
        """Pixels both cover vertically; 0 when apart."""
        return max(0.0, min(self.bottom, other.bottom) - max(self.top, other.top))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A run of text that OCR saw as one piece.

    Attributes:
        text: As recognised.
        box: Where it stands on the upright page.
        score: Confidence of the recognition, 0 to 1.
    """

    text: str
    box: Box
    score: float = 1.0

    def part(self, start: int, end: int) -> "Line":
        """Characters `start` to `end`, stripped, its box estimated from their share of the width."""
        text = self.text[start:end]
        start += len(text) - len(text.lstrip())
        end = max(start, end - (len(text) - len(text.rstrip())))
        step = self.box.width / max(1, len(self.text))
        box = replace(self.box, left=self.box.left + start * step, right=self.box.left + end * step)
        return replace(self, text=self.text[start:end], box=box)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A box to tick.

    Attributes:
        box: Its outline.
        checked: Whether it bears a mark; None when that cannot be told.
    """

    box: Box
    checked: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What is drawn on a page beside its text.

    Attributes:
        horizontal: Ruled lines from left to right, as thin boxes, from the top.
        vertical: Ruled lines from top to bottom.
        ticks: Boxes to tick.
    """

    horizontal: tuple[Box, ...] = ()
    vertical: tuple[Box, ...] = ()
    ticks: tuple[Tick, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One recognised page.

    Attributes:
        number: As the request calls it, from 1.
        width: Pixels of the page the boxes refer to.
        height: Likewise.
        lines: In no particular order.
        skew: Degrees the image was turned counter-clockwise to make the lines level.
        scale: Pixels of the image that was sent for each pixel here.
        turn: Quarter turns counter-clockwise that made the image upright, 0 to 3.
        drawn: Ruled lines and boxes to tick.
        of: Pages the whole document has, as the request says; 0 when it does not.
    """

    number: int
    width: int
    height: int
    lines: tuple[Line, ...]
    skew: float = 0.0
    scale: float = 1.0
    turn: int = 0
    drawn: Drawn = Drawn()
    of: int = 0

    def shares(self, box: Box) -> tuple[float, float, float, float]:
        """Left, top, right and bottom edge as shares of the image that was sent, within it."""
        sides = (self.height, self.width) if self.turn % 2 else (self.width, self.height)
        width, height = (side * self.scale for side in sides)
        sent = self.as_sent(box)
        edges = (sent.left / width, sent.top / height, sent.right / width, sent.bottom / height)
        left, top, right, bottom = (round(min(1.0, max(0.0, edge)), 4) for edge in edges)
        return left, top, right, bottom

    def as_sent(self, box: Box) -> Box:
        """The box in pixels of the image that was sent, whichever way up and however askew that was."""
        turned, width, height = box, self.width, self.height
        for _ in range(self.turn):  # a quarter turn clockwise takes the top to the right
            turned = Box(
                left=height - turned.bottom,
                right=height - turned.top,
                top=turned.left,
                bottom=turned.right,
            )
            width, height = height, width
        turned = _slanted(turned, self.skew, (width / 2, height / 2))
        edges = (turned.left, turned.top, turned.right, turned.bottom)
        left, top, right, bottom = (edge * self.scale for edge in edges)
        return Box(left=left, top=top, right=right, bottom=bottom)


def _slanted(box: Box, degrees: float, centre: tuple[float, float]) -> Box:
    """The upright box around a box that is turned clockwise about a centre."""
    if not degrees:
        return box
    along, across = cos(radians(degrees)), sin(radians(degrees))
    corners = [(x - centre[0], y - centre[1]) for x in (box.left, box.right) for y in (box.top, box.bottom)]
    xs = [centre[0] + along * x - across * y for x, y in corners]
    ys = [centre[1] + across * x + along * y for x, y in corners]
    return Box(left=min(xs), top=min(ys), right=max(xs), bottom=max(ys))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the pages say, in the shape of the schema.

    Attributes:
        record: Obeys the schema.
        evidence: For each value: path, page, confidence, box as shares of the image sent, and rule.
    """

    record: JsonValue
    evidence: list[dict[str, object]] = field(default_factory=list)
