import pytest

from pipeline.local.seeing.marks import chosen, options


@pytest.mark.parametrize(
    "text", ["☐ Fire ☒ Water", "[ ] Fire [x] Water", "Fire ☐ Water ☒", "( ) Fire (X) Water"]
)
def test_the_words_of_a_square_stand_beside_it(text: str) -> None:
    assert options(text) == [("Fire", False), ("Water", True)]
    assert chosen(text) == ["Water"]


def test_a_text_without_squares_offers_nothing() -> None:
    assert options("Fire or water (x2)") == []
