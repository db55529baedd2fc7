"""Parts of a document become one record."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.merge import merge, origins
from pipeline.records import Origin, Reading


def part(pages: tuple[int, ...], values: dict[str, Any], **item_pages: list[int | None]) -> Reading:
    return Reading(pages=pages, values=values, item_pages=item_pages)


def test_a_lone_part_is_taken_as_it_is() -> None:
    values = {"a": None, "b": [1, 2]}

    assert merge([part((1,), values)]) == values


def test_lists_are_joined_in_page_order() -> None:
    assert merge([part((1,), {"rows": [1, 2]}), part((2,), {"rows": []}), part((3,), {"rows": [3]})]) == {
        "rows": [1, 2, 3]
    }


def test_null_never_wins_over_a_value() -> None:
    assert merge([part((1,), {"total": None}), part((2,), {"total": 0})]) == {"total": 0}


def test_of_differing_scalars_the_one_most_parts_agree_on_is_taken() -> None:
    parts = [part((n,), {"number": value}) for n, value in enumerate(["7", "A-1", "A-1"], start=1)]

    assert merge(parts) == {"number": "A-1"}


def test_among_equals_the_first_page_wins() -> None:
    assert merge([part((1,), {"date": "x"}), part((2,), {"date": "y"})]) == {"date": "x"}


def test_objects_are_merged_field_by_field() -> None:
    first = part((1,), {"seller": {"name": "A", "iban": None}})
    second = part((2,), {"seller": {"name": None, "iban": "DE1"}})

    assert merge([first, second]) == {"seller": {"name": "A", "iban": "DE1"}}


def test_one_and_true_are_not_the_same_vote() -> None:
    assert merge([part((1,), {"a": True}), part((2,), {"a": 1}), part((3,), {"a": 1})]) == {"a": 1}


@given(st.lists(st.lists(st.integers()), min_size=1, max_size=6))
def test_no_item_is_lost_and_each_keeps_its_page(lists: list[list[int]]) -> None:
    parts = [
        part((page,), {"rows": [{"n": n} for n in rows]}, rows=[page] * len(rows))
        for page, rows in enumerate(lists, start=1)
    ]

    merged = merge(parts)
    found = [one for one in origins(parts, merged) if one.field.startswith("rows[")]

    assert [row["n"] for row in merged["rows"]] == [n for rows in lists for n in rows]
    assert [one.first_page for one in found] == [p for p, rows in enumerate(lists, 1) for _ in rows]


def test_an_item_without_a_page_may_stand_on_any_page_of_its_part() -> None:
    parts = [part((4, 5, 6), {"rows": [{}]}, rows=[None])]

    assert origins(parts, merge(parts)) == [Origin("rows[0]", 4, 6)]


def test_a_scalar_comes_from_the_first_part_that_gave_it() -> None:
    parts = [part((1, 2), {"total": None}), part((3, 4), {"total": 5}), part((5,), {"total": 5})]

    assert origins(parts, merge(parts)) == [Origin("total", 3, 4)]
