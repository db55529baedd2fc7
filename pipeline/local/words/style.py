"""How a document writes numbers and dates."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How this document writes numbers and dates.

    Attributes:
        decimal: The decimal sign, or empty when the document does not show it.
        spaced: Whether blanks part the thousands.
        order: `dmy`, `mdy`, or empty when nothing decides it.
        years: Years that its full dates name, latest first.
    """

    decimal: str = ""
    spaced: bool = False
    order: str = ""
    years: tuple[int, ...] = ()
    months: tuple[tuple[int, int], ...] = ()
