"""The assignment of the greatest sum, held against all there are."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.evaluate.matching import best_pairs


@st.composite
def weights(draw: st.DrawFn) -> list[list[float]]:
    rows, columns = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    weight = st.sampled_from([0.0, 0.1, 0.25, 0.4, 0.5, 0.9, 1.0])
    return draw(st.lists(st.lists(weight, min_size=columns, max_size=columns), min_size=rows, max_size=rows))


def greatest(table: list[list[float]]) -> float:
    rows, columns = len(table), len(table[0])
    if rows > columns:
        return greatest([list(column) for column in zip(*table, strict=True)])
    return max(
        sum(table[row][column] for row, column in enumerate(chosen))
        for chosen in permutations(range(columns), rows)
    )


@given(weights())
def test_no_other_assignment_is_better(table: list[list[float]]) -> None:
    pairs = best_pairs(table)

    assert sum(table[row][column] for row, column in pairs) == pytest.approx(greatest(table))
    assert all(table[row][column] > 0 for row, column in pairs)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)


def test_the_first_best_pair_gives_way_to_a_better_whole() -> None:
    assert best_pairs([[0.6, 0.7], [0.0, 0.65]]) == [(0, 0), (1, 1)]


@pytest.mark.parametrize("table", [[], [[]], [[], []]])
def test_nothing_pairs_with_nothing(table: list[list[float]]) -> None:
    assert best_pairs(table) == []
