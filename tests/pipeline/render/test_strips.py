from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from pipeline.render.strips import strip
from pipeline.views import Band, overlap


def page_with_line(top: int, *, height: int = 12, mode: str = "RGB", rules: bool = False) -> Image.Image:
    """A page of 800 x 1000 with one line of letters, or what looks like it."""
    page = Image.new(mode, (800, 1000), "white")
    draw = ImageDraw.Draw(page)
    for left in range(80, 720, 9):
        draw.rectangle((left, top, left + 3, top + height - 1), fill="black")
    if rules:
        for left in (60, 400, 740):
            draw.line((left, 0, left, 999), fill="black", width=2)
    return page


def rows_with_ink(image: Image.Image) -> int:
    """Rows with more ink than the rules of a table make."""
    grey = image.convert("L")
    return sum(
        list(grey.crop((0, y, grey.width, y + 1)).tobytes()).count(0) > 100 for y in range(grey.height)
    )


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("rules", [False, True])
@pytest.mark.parametrize("top", range(462, 540, 3))
def test_a_line_beside_a_cut_is_whole_in_one_strip_and_whole_or_absent_in_the_other(
    top: int, mode: str, rules: bool
) -> None:
    """The strips meet at 470 and 530, and up to 20 rows beside these may be hidden."""
    page = page_with_line(top, mode=mode, rules=rules)

    shown = [rows_with_ink(strip(page, Band(number, 2))) for number in (1, 2)]

    assert 12 in shown
    assert set(shown) <= {0, 12}


def test_a_headline_that_no_strip_can_hold_whole_is_not_painted_over() -> None:
    page = page_with_line(430, height=140)

    assert [rows_with_ink(strip(page, Band(number, 2))) for number in (1, 2)] == [100, 100]


def test_the_edges_of_the_page_are_no_cuts() -> None:
    page = page_with_line(0)

    assert rows_with_ink(strip(page, Band(1, 4))) == 12
    assert strip(page, None) is page


@given(number=st.integers(1, 4))
def test_strips_cover_the_page_and_overlap(number: int) -> None:
    bands = [Band(one, 4) for one in range(1, 5)]

    assert (bands[0].top, bands[-1].bottom) == (0, 1)
    assert all(overlap(upper, lower) for upper, lower in pairwise(bands))
    assert not overlap(bands[0], bands[2])
    assert Band.parse(str(bands[number - 1])) == bands[number - 1]
    assert Band(1, 2).halves() == (bands[0], bands[1])
