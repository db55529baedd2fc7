"""Which element of one list belongs to which of another: the assignment of the greatest sum."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf

Weights = Sequence[Sequence[float]]


def best_pairs(weights: Weights) -> list[tuple[int, int]]:
    """Pair rows with columns so that the sum of their weights is greatest; pairs of weight 0 are left out.

    Args:
        weights: For each row the weight of each column, 0 or more; all rows of one length.

    Returns:
        (row, column) in the order of the rows; no row and no column comes twice.
    """
    if not weights or not weights[0]:
        return []
    if len(weights) > len(weights[0]):
        turned = [list(column) for column in zip(*weights, strict=True)]
        return sorted((row, column) for column, row in best_pairs(turned))
    pairs = _Assignment(weights).solve()
    return [(row, column) for row, column in pairs if weights[row][column] > 0]


@dataclass
class _Assignment:
    """The Hungarian method with potentials, for no more rows than columns; column 0 is where a search begins.

    Rows and columns count from 1. Takes rows * rows * columns steps.
    """

    weights: Weights
    _row_price: list[float] = field(init=False)
    _column_price: list[float] = field(init=False)
    _row_of: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self._row_price = [0.0] * (len(self.weights) + 1)
        self._column_price = [0.0] * (len(self.weights[0]) + 1)
        self._row_of = [0] * (len(self.weights[0]) + 1)

    def solve(self) -> list[tuple[int, int]]:
        """The pairs, counted from 0, in the order of the rows."""
        for row in range(1, len(self.weights) + 1):
            self._place(row)
        return sorted((row - 1, column - 1) for column, row in enumerate(self._row_of) if row and column)

    def _place(self, row: int) -> None:
        """Find a column for one more row; rows that have theirs may move to another."""
        self._row_of[0] = row
        slack = [inf] * len(self._row_of)
        came_from = [0] * len(self._row_of)
        reached: list[int] = []
        open_columns = list(range(1, len(self._row_of)))
        column = 0
        while self._row_of[column]:
            reached.append(column)
            self._relax(column, open_columns, slack, came_from)
            column = min(open_columns, key=slack.__getitem__)
            self._reprice(slack[column], reached, open_columns, slack)
            open_columns.remove(column)
        while column:
            self._row_of[column] = self._row_of[came_from[column]]
            column = came_from[column]

    def _relax(self, at: int, columns: list[int], slack: list[float], came_from: list[int]) -> None:
        row = self._row_of[at]
        weights, price = self.weights[row - 1], self._row_price[row]
        for column in columns:
            cost = -weights[column - 1] - price - self._column_price[column]
            if cost < slack[column]:
                slack[column], came_from[column] = cost, at

    def _reprice(self, step: float, reached: list[int], columns: list[int], slack: list[float]) -> None:
        for column in reached:
            self._row_price[self._row_of[column]] += step
            self._column_price[column] -= step
        for column in columns:
            slack[column] -= step
