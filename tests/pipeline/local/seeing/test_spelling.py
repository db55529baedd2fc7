import pytest

from pipeline.local.seeing.spelling import put_right


@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        ("0ak shelf, 0iled", "Oak shelf, Oiled"),
        ("The 0ld Mil1", "The Old Mill"),
        ("T\u00e91. 01 42 60", "T\u00e9l. 01 42 60"),
        ("Paint, white 10 I", "Paint, white 10 l"),
        ("LED panel 600 \u00d7 600", "LED panel 600 x 600"),
        ("Austin, T\u00d7 78701", "Austin, TX 78701"),
    ],
)
def test_letters_that_their_neighbours_prove_wrong_are_put_right(seen: str, meant: str) -> None:
    assert put_right(seen) == meant


@pytest.mark.parametrize("text", ["A1 paper", "PO-1042", "B01", "0.5 kg", "10 1", "Form W1", "x1a", "10:30"])
def test_codes_and_numbers_are_left_alone(text: str) -> None:
    assert put_right(text) == text
