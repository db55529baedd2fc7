"""Which pages of a document are worked: `1-3,7,10-`."""

import re
from dataclasses import dataclass
from typing import Self

from pipeline.errors import ConfigError

_RANGE = re.compile(r"([0-9]+)(?:(-)([0-9]+)?)?")
_EXPECTED = "write page numbers and ranges such as 1-3,7,10-"


@dataclass(frozen=True, slots=True)
class PageSelection:
    """Ranges of page numbers, from 1.

    Attributes:
        ranges: (first, last) with both ends in it; last is None for all that follow.
    """

    ranges: tuple[tuple[int, int | None], ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a selection as people write it.

        Raises:
            ConfigError: The text is not a list of page numbers and ranges.
        """
        return cls(tuple(_range(part.strip(), text) for part in text.split(",")))

    def __contains__(self, number: int) -> bool:
        """Whether page `number` is selected."""
        return any(first <= number and (last is None or number <= last) for first, last in self.ranges)

    def __str__(self) -> str:
        """Text that `parse` reads back."""
        return ",".join(_text(first, last) for first, last in self.ranges)


def _range(part: str, whole: str) -> tuple[int, int | None]:
    match = _RANGE.fullmatch(part)
    if match is None:
        raise ConfigError(f"page selection {whole!r}: {part!r} is not a page or a range; {_EXPECTED}")
    first = int(match[1])
    last = int(match[3]) if match[3] else (None if match[2] else first)
    if first < 1 or (last is not None and last < first):
        raise ConfigError(f"page selection {whole!r}: {part!r} counts backwards or below page 1; {_EXPECTED}")
    return first, last


def _text(first: int, last: int | None) -> str:
    if last is None:
        return f"{first}-"
    return str(first) if first == last else f"{first}-{last}"
