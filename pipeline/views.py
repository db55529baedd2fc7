"""Other ways to show a page than the plain image: smaller, in the other format, a strip of it at a time."""

from dataclasses import dataclass

_OVERLAP = 0.06
"""Share of the page's height that neighbouring strips have in common: 18 mm of A4, three or four lines."""


@dataclass(frozen=True, slots=True)
class Band:
    """One of the horizontal strips of a page.

    Attributes:
        number: From the top, from 1.
        count: Strips the page is cut into, of one height but for the overlap.
    """

    number: int
    count: int

    @property
    def top(self) -> float:
        """Upper edge as a share of the page's height."""
        return max(0.0, (self.number - 1) / self.count - _OVERLAP / 2)

    @property
    def bottom(self) -> float:
        """Lower edge as a share of the page's height."""
        return min(1.0, self.number / self.count + _OVERLAP / 2)

    def __str__(self) -> str:
        return f"{self.number} of {self.count}"

    @classmethod
    def parse(cls, text: str) -> "Band":
        """The strip that `str` wrote."""
        number, count = text.split(" of ")
        return cls(int(number), int(count))

    def halves(self) -> "tuple[Band, Band]":
        """The two strips that are this one, cut finer."""
        first = 2 * self.number - 1
        return Band(first, 2 * self.count), Band(first + 1, 2 * self.count)


WHOLE_PAGE = Band(1, 1)


def overlap(upper: Band | None, lower: Band | None) -> bool:
    """Whether two strips show some of the same; where nobody knows what they are, they may."""
    return upper is None or lower is None or lower.top < upper.bottom


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How an image is other than the plain one. It is part of a request's id.

    Attributes:
        halvings: How often both sides are halved.
        other_format: PNG where the plain one is a JPEG, and the other way round.
        band: The strip that is shown; None for the whole page.
    """

    halvings: int = 0
    other_format: bool = False
    band: Band | None = None


PLAIN_VIEW = View()
