"""Sums that stand in one row: net, tax and gross after `Total`, told by their arithmetic."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations

from pipeline.local.layout.document import Document
from pipeline.local.rules.casting import as_number
from pipeline.local.rules.fields import Found
from pipeline.local.rules.naming import Wish
from pipeline.local.seeing.page import Line
from pipeline.local.words.numbers import amounts

PARTS = ("subtotal", "tax", "total")
"""Concepts of the three sums, in the order in which a row has them."""
_SCORE = 0.75
_CENT = Decimal("0.02")


def of_total_row(document: Document, wish: Wish, key: str) -> list[Found]:
    """The sum in a row that begins with `Total` and holds net, tax and gross side by side."""
    place = PARTS.index(key)
    return [
        Found(
            value=as_number(trio[place][0], wish.node),
            score=_SCORE,
            line=trio[place][1],
            page=document.rows[row].page,
            rule="total row",
            row=row,
        )
        for row, trio in _trios(document)
    ]


def _trios(document: Document) -> Iterator[tuple[int, tuple[tuple[Decimal, Line], ...]]]:
    """Rows of sums with the three amounts of which the first two make the last."""
    for index, labels in document.labels.items():
        if labels[0].cell == 0 and labels[0].concepts & {"total", "subtotal"}:
            cells = document.rows[index].cells
            found = [(one.value, cell) for cell in cells for one in amounts(cell.text, document.style)]
            if trio := next(filter(_adds_up, combinations(found, 3)), None):
                yield index, trio


def _adds_up(trio: tuple[tuple[Decimal, Line], ...]) -> bool:
    net, tax, gross = (value for value, _ in trio)
    return 0 < abs(tax) < abs(net) and abs(net + tax - gross) <= _CENT
