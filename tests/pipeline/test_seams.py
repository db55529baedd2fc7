from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.merge import join_strips
from pipeline.records import Evidence, Reading
from pipeline.seams import fuller, is_running, joined, shared_items

A, B, C, D = ({"text": letter, "amount": number} for number, letter in enumerate("abcd"))
SAME = {"text": "rent", "amount": 500}
PARAGRAPH = " ".join(f"word{number}" for number in range(100))


def strips(*values: dict[str, Any]) -> list[Reading]:
    return [Reading(pages=(7,), values=one, item_pages={}) for one in values]


def join(*values: dict[str, Any]) -> dict[str, Any]:
    return join_strips(strips(*values), range(1, len(values))).values


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        ([A, B], [C, D], 0),
        ([A, B], [B, C], 1),
        ([A, B, C], [B, C, D], 2),
        ([A, B], [A, C], 0),
        ([], [A], 0),
        ([A, {"text": "b  ", "amount": 1}], [B, C], 1),
        ([A, {"text": "b", "amount": None}], [B, C], 1),
        ([A, B], [{"text": "b", "amount": None}, C], 1),
        ([A, {"text": "b", "amount": 9}], [B, C], 0),
        ([A, {"text": None, "amount": None}], [B, C], 0),
        ([1, 2, 3], [3, 4], 1),
        ([["a", "1"], ["b", "2"]], [["b", "2"]], 1),
        ([SAME, SAME, SAME], [SAME, SAME], 1),
    ],
)
def test_items_on_both_sides_of_a_cut_are_found(before: list[Any], after: list[Any], count: int) -> None:
    assert shared_items(before, after) == count


def test_equal_rows_are_rather_kept_twice_than_lost() -> None:
    assert join({"rows": [SAME] * 3}, {"rows": [SAME] * 3})["rows"] == [SAME] * 5


@given(
    st.lists(st.integers(), unique=True, max_size=30),
    st.integers(0, 12),
    st.integers(0, 30),
)
def test_a_list_that_was_cut_with_an_overlap_is_whole_again(rows: list[int], overlap: int, at: int) -> None:
    first, second = rows[: at + overlap], rows[at:] if at < len(rows) else []

    assert join({"rows": first}, {"rows": second})["rows"] == rows


def test_the_copy_of_a_row_that_was_cut_is_filled_from_the_other() -> None:
    cut, whole = {"text": "b", "amount": None, "unit": ""}, {"text": "b", "amount": 1, "unit": "pc"}

    assert fuller(cut, whole) == fuller(whole, cut) == whole
    assert join({"rows": [A, cut]}, {"rows": [whole, C]})["rows"] == [A, whole, C]


def test_rows_of_strips_that_do_not_meet_are_all_kept() -> None:
    """A strip without rows, or a blank one that was not asked about, lies between them."""
    assert join({"rows": [A]}, {"rows": []}, {"rows": [A]})["rows"] == [A, A]
    assert join_strips(strips({"rows": [A]}, {"rows": [A]}), ()).values["rows"] == [A, A]


def test_running_text_is_joined_without_the_words_that_stand_twice() -> None:
    words = PARAGRAPH.split()
    first, second = " ".join(words[:80]), " ".join(words[70:])

    text = join({"text": first}, {"text": second})["text"]

    assert text.split() == words


@given(cut=st.integers(60, 95), overlap=st.integers(3, 40))
def test_every_word_of_a_text_is_there_once(cut: int, overlap: int) -> None:
    words = PARAGRAPH.split()

    text = joined(" ".join(words[:cut]), " ".join(words[cut - overlap :]), overlap=True)

    assert text.split() == words


def test_lines_stay_lines() -> None:
    assert joined("# A\n\none two three", "one two three\n\n- four", overlap=True) == (
        "# A\n\none two three\n\n- four"
    )
    assert joined("one", "two", overlap=True) == "one\ntwo"
    assert joined("one two three", " one two three ", overlap=True) == "one two three"
    assert joined("", "one two three", overlap=True) == "\none two three"


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("# A\nTel. 0163 960", "## A\nTel.0163 960.\nBerlin", "# A\nTel. 0163 960\nBerlin"),
        (
            "| MS-784 | Scanner | 2 | 318.00 |",
            "| MS-784 | Scanner |  | 2 | 318.00 |\n| x | 1 |",
            "| MS-784 | Scanner | 2 | 318.00 |\n| x | 1 |",
        ),
        ("nachfolgend .,Auftragnehmer“", 'nachfolgend.,Auftragnehmer" genannt', None),
        ("Rows of 1000 gloves", "Rows of 1000 glovesmen", "Rows of 1000 gloves\nRows of 1000 glovesmen"),
        (
            "| Widget A | 1 | 2.00 |",
            "| Widget B | 1 | 2.00 |",
            "| Widget A | 1 | 2.00 |\n| Widget B | 1 | 2.00 |",
        ),
    ],
)
def test_the_same_words_are_known_by_letters_and_digits(before: str, after: str, whole: str | None) -> None:
    assert joined(before, after, overlap=True) == (whole or before + " genannt")


def test_two_words_that_happen_to_be_the_same_are_kept() -> None:
    assert joined("the sum of", "sum of all", overlap=True) == "the sum of\nsum of all"


def test_a_name_read_in_both_strips_is_no_running_text() -> None:
    assert not is_running(["ACME GmbH\nBerlin", "ACME GmbH\nHamburg"])
    assert join({"seller": "ACME GmbH"}, {"seller": "Other Ltd"}) == {"seller": "ACME GmbH"}
    assert join({"text": PARAGRAPH}, {"text": PARAGRAPH}) == {"text": PARAGRAPH}
    assert join({"text": None}, {"text": PARAGRAPH}) == {"text": PARAGRAPH}


def test_objects_and_pages_and_evidence_follow() -> None:
    shown = [
        Evidence(field=field, page=7, confidence=0.5, box=(0, 0, 1, 1), rule="r")
        for field in ("rows[0].text", "rows[1].text", "total")
    ]
    first = Reading(
        pages=(7,), values={"rows": [A, B], "seller": {"name": "x", "iban": None}, "total": 1},
        item_pages={"rows": [7, 7]}, evidence=tuple(shown),
    )  # fmt: skip
    second = Reading(
        pages=(7,), values={"rows": [B, C], "seller": {"name": None, "iban": "y"}, "total": None},
        item_pages={"rows": [7, 7]}, evidence=tuple(shown[:2]),
    )  # fmt: skip

    whole = join_strips([first, second], [1])

    assert whole.values == {"rows": [A, B, C], "seller": {"name": "x", "iban": "y"}, "total": 1}
    assert whole.item_pages == {"rows": [7, 7, 7]}
    assert [one.field for one in whole.evidence] == ["rows[0].text", "rows[1].text", "total", "rows[2].text"]
