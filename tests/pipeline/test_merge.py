"""Parts of a document become one record."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.merge import given_by, origins
from pipeline.merge import merge as merge_all
from pipeline.records import Evidence, Origin, Reading


def part(pages: tuple[int, ...], values: dict[str, Any], **item_pages: list[int | None]) -> Reading:
    return Reading(pages=pages, values=values, item_pages=item_pages)


def merge(parts: Sequence[Reading]) -> dict[str, Any]:
    return merge_all(parts)[0]


def shown(field: str, confidence: float, page: int = 1) -> Evidence:
    return Evidence(field=field, page=page, confidence=confidence, box=(0.1, 0.1, 0.2, 0.2), rule="r")


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


def evidenced(page: int, values: dict[str, Any], **confidences: float) -> Reading:
    evidence = tuple(shown(field, confidence, page) for field, confidence in confidences.items())
    return replace(part((page,), values), evidence=evidence)


def test_of_differing_scalars_the_best_evidenced_one_is_taken_with_its_evidence() -> None:
    parts = [
        evidenced(1, {"total": 1}, total=0.6),
        evidenced(2, {"total": 2}, total=0.9),
        evidenced(3, {"total": 1}, total=0.7),
    ]

    assert merge_all(parts) == ({"total": 2}, [shown("total", 0.9, 2)])


def test_votes_decide_where_one_of_the_values_has_no_evidence() -> None:
    parts = [
        evidenced(1, {"total": 1}),
        evidenced(2, {"total": 2}, total=0.9),
        evidenced(3, {"total": 1}),
    ]

    assert merge_all(parts) == ({"total": 1}, [])


def test_votes_decide_between_values_of_equal_evidence() -> None:
    parts = [evidenced(page, {"total": total}, total=0.8) for page, total in enumerate([1, 2, 2], start=1)]

    assert merge_all(parts) == ({"total": 2}, [shown("total", 0.8, 2)])


def test_a_value_that_several_parts_give_has_the_best_of_their_evidence() -> None:
    parts = [evidenced(1, {"total": 1}, total=0.6), evidenced(2, {"total": 1}, total=0.9)]

    assert merge_all(parts)[1] == [shown("total", 0.9, 2)]


def test_evidence_inside_objects_follows_the_values() -> None:
    first = replace(part((1,), {"a": {"b": None, "c": [{"d": 1}]}}), evidence=(shown("a.c[0].d", 0.5),))
    second = replace(
        part((2,), {"a": {"b": 7, "c": [{"d": 2}]}}),
        evidence=(shown("a.b", 0.7, 2), shown("a.c[0].d", 0.8, 2), shown("gone", 0.9, 2)),
    )

    values, evidence = merge_all([first, second])

    assert values == {"a": {"b": 7, "c": [{"d": 1}, {"d": 2}]}}
    assert evidence == [shown("a.c[0].d", 0.5), shown("a.b", 0.7, 2), shown("a.c[1].d", 0.8, 2)]


@given(st.lists(st.none() | st.lists(st.integers()), min_size=1, max_size=6))
def test_evidence_of_list_items_is_renumbered_as_the_items_are(lists: list[list[int] | None]) -> None:
    parts = [
        Reading(
            pages=(page,),
            values={"rows": rows and [{"n": n} for n in rows]},
            item_pages={},
            evidence=tuple(shown(f"rows[{place}].n", 0.5, page) for place in range(len(rows or []))),
        )
        for page, rows in enumerate(lists, start=1)
    ]

    values, evidence = merge_all(parts)

    assert [one.field for one in evidence] == [f"rows[{n}].n" for n in range(len(values["rows"] or []))]
    assert [one.page for one in evidence] == [p for p, rows in enumerate(lists, 1) for _ in rows or []]


def test_it_is_known_which_part_gave_a_value_and_where_it_stands_there() -> None:
    parts = [
        part((1,), {"rows": [{"n": 1}], "seller": {"name": "A", "iban": None}, "total": None}),
        part((2,), {"rows": [{"n": 2}, {"n": 3}], "seller": {"name": None, "iban": "x"}, "total": 4}),
    ]

    assert given_by(parts, "rows[2].n") == {1: "rows[1].n"}
    assert given_by(parts, "rows") == {0: "rows", 1: "rows"}
    assert given_by(parts, "seller.iban") == {1: "seller.iban"}
    assert given_by(parts, "seller") == {0: "seller", 1: "seller"}
    assert given_by(parts, "total.decimal") == {1: "total.decimal"}
    assert given_by(parts, "number") == {0: "number", 1: "number"}
    assert given_by(parts, "") == {0: "", 1: ""}
