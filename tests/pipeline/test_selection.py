"""Page selections as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError
from pipeline.selection import PageSelection


@pytest.mark.parametrize(
    ("text", "pages"),
    [("1", {1}), ("1-3,7", {1, 2, 3, 7}), (" 2 , 4-4 ", {2, 4}), ("8-", {8, 9, 10}), ("3,1", {1, 3})],
)
def test_ranges_have_both_their_ends(text: str, pages: set[int]) -> None:
    selection = PageSelection.parse(text)

    assert {number for number in range(1, 11) if number in selection} == pages


@pytest.mark.parametrize("text", ["", "0", "3-1", "a", "1,,2", "-3", "1-2-3", "1.5", "٣-"])
def test_what_is_no_selection_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ConfigError, match="such as 1-3,7,10-"):
        PageSelection.parse(text)


@given(st.lists(st.tuples(st.integers(1, 99), st.integers(0, 9) | st.none()), min_size=1))
def test_a_selection_reads_its_own_text(pairs: list[tuple[int, int | None]]) -> None:
    ranges = tuple((first, None if more is None else first + more) for first, more in pairs)

    assert PageSelection.parse(str(PageSelection(ranges))).ranges == ranges
