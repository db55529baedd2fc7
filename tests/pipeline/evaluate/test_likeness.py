"""When texts are the same, and how alike they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.evaluate.likeness import edits, likeness, normal

SHORT = st.text("abcé ", max_size=8)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Total DUE", "total due"),
        ("STRASSE", "Straße"),
        ("ZZ4 7QT", "ZZ47QT"),
        ("1 Quay , Bristol", "1 Quay, Bristol"),
        ("two\nlines", "two lines"),
        ("no\u00a0break \u00adhyphen", "no break hyphen"),
        ("caf\u0065\u0301", "café"),
        ("\ufb01ne \uff37ide", "fine Wide"),
        ("2020\u20132024", "2020-2024"),
        ("Tanner\u2019s \u201erow\u201c", 'Tanner\'s "row"'),
    ],
)
def test_what_does_not_count_in_a_text(one: str, other: str) -> None:
    assert normal(one) == normal(other)
    assert likeness(one, other) == 1.0


@pytest.mark.parametrize(("one", "other"), [("a,b", "ab"), ("cafe", "café"), ("10", "1.0"), ("O1", "01")])
def test_what_counts(one: str, other: str) -> None:
    assert normal(one) != normal(other)
    assert 0 <= likeness(one, other) < 1


def table(one: str, other: str) -> int:
    """The distance by the table of the textbook."""
    row = list(range(len(other) + 1))
    for down, first in enumerate(one, start=1):
        before, row[0] = row[0], down
        for across, second in enumerate(other, start=1):
            least = min(row[across] + 1, row[across - 1] + 1, before + (first != second))
            before, row[across] = row[across], least
    return row[-1]


@given(SHORT, SHORT)
def test_edits_are_those_of_the_textbook(one: str, other: str) -> None:
    assert edits(one, other) == table(one, other) == edits(other, one)


def test_likeness_is_the_share_that_needs_no_edit() -> None:
    assert likeness("Invoice 1234", "invoice 1284") == pytest.approx(1 - 1 / 11)
    assert likeness("", "x") == 0.0


def test_pages_of_text_are_compared() -> None:
    page = "The quick brown fox jumps over the lazy dog. " * 200

    assert edits(page, page[:4000] + "X" + page[4000:]) == 1
