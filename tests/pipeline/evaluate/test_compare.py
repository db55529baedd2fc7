"""What is right, wrong, missing and invented, and the laws that hold for every record."""

import json
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, RootModel, computed_field

from pipeline.evaluate.compare import Comparison, Finding, Verdict
from pipeline.evaluate.fields import fields_of, leaf_fields
from pipeline.evaluate.scores import Counts
from pipeline.evaluate.truth import Truth, TruthLine, typed_record
from pipeline.evaluate.values import same_number
from pipeline.store.rows import row_of, values_of
from tests.models import Wide, records

RIGHT, WRONG, MISSING, INVENTED, EMPTY = Verdict


class Mood(StrEnum):
    GOOD = "good"
    BAD = "bad"


class Row(BaseModel):
    name: str | None = None
    price: Decimal | None = None
    tags: list[str] = []


class Notes(RootModel[list[str]]):
    pass


class Paper(BaseModel):
    """Something of every form in which values stand in columns."""

    title: str | None = None
    total: Decimal | None = None
    count: int | None = None
    ratio: float | None = None
    day: date | None = None
    at: datetime | None = None
    hour: time | None = None
    took: timedelta | None = None
    paid: bool | None = None
    mood: Mood | None = None
    extra: dict[str, Any] | None = None
    words: list[str] = []
    main: Row | None = None
    rows: list[Row] = []
    notes: Notes | None = None

    @computed_field
    def double(self) -> int | None:
        return None if self.count is None else 2 * self.count


COLUMNS = fields_of(Paper)


def found_in(record: BaseModel) -> dict[str, Any]:
    return values_of(fields_of(type(record)), row_of(record))


def true_values(record: dict[str, Any], model: type[BaseModel] = Paper) -> dict[str, Any]:
    line = TruthLine(path="a.pdf", record=record)
    typed = typed_record(Truth(line, "truth line 1", ""), fields_of(model))
    assert typed is not None
    return typed


def compared(truth: dict[str, Any], found: Paper, tolerance: str = "0") -> list[Finding]:
    return list(Comparison(COLUMNS, Decimal(tolerance)).compare(true_values(truth), found_in(found)))


def verdicts(truth: dict[str, Any], found: Paper) -> dict[str, str]:
    return {one.place: one.verdict.value for one in compared(truth, found)}


@pytest.mark.parametrize(
    ("truth", "found", "verdict"),
    [
        ({"title": "The  Copper Kettle"}, Paper(title="THE COPPER KETTLE"), RIGHT),
        ({"title": "Copper"}, Paper(title="Kettle"), WRONG),
        ({"title": "Copper"}, Paper(), MISSING),
        ({"title": None}, Paper(title="Copper"), INVENTED),
        ({"title": None}, Paper(), EMPTY),
        ({"title": ""}, Paper(title="  "), EMPTY),
        ({"title": 4417}, Paper(title="4417"), RIGHT),
        ({"total": "12.50"}, Paper(total=Decimal("12.5")), RIGHT),
        ({"total": 12.5}, Paper(total=Decimal("12.500001")), RIGHT),
        ({"total": "12.50"}, Paper(total=Decimal("12.51")), WRONG),
        ({"total": "0.0675"}, Paper(total=Decimal("0.07")), WRONG),
        ({"total": "12.50"}, Paper(total=Decimal("-12.5")), WRONG),
        ({"total": 0}, Paper(total=Decimal(0)), RIGHT),
        ({"total": 0}, Paper(), MISSING),
        ({"count": 3}, Paper(count=3), RIGHT),
        ({"count": 3}, Paper(count=4), WRONG),
        ({"ratio": 0.1}, Paper(ratio=0.1 + 1e-12), RIGHT),
        ({"ratio": 0.1}, Paper(ratio=0.2), WRONG),
        ({"day": "2024-02-29"}, Paper(day=date(2024, 2, 29)), RIGHT),
        ({"day": "2024-02-29"}, Paper(day=date(2024, 2, 28)), WRONG),
        ({"at": "2024-02-29T10:00"}, Paper(at=datetime(2024, 2, 29, 10)), RIGHT),  # noqa: DTZ001 - without a zone
        ({"hour": "12:56"}, Paper(hour=time(12, 56)), RIGHT),
        ({"took": "PT90S"}, Paper(took=timedelta(minutes=1.5)), RIGHT),
        ({"paid": False}, Paper(paid=False), RIGHT),
        ({"paid": False}, Paper(paid=True), WRONG),
        ({"paid": False}, Paper(), MISSING),
        ({"mood": "good"}, Paper(mood=Mood.GOOD), RIGHT),
        ({"mood": "good"}, Paper(mood=Mood.BAD), WRONG),
        ({"extra": {"A": "X y", "n": 1}}, Paper(extra={"n": 1.0, "A": "x Y"}), RIGHT),
        ({"extra": {"n": "1.50"}}, Paper(extra={"n": "1.5"}), RIGHT),
        ({"extra": {"a": [1, 2]}}, Paper(extra={"a": [2, 1]}), WRONG),
        ({"extra": None}, Paper(extra={}), EMPTY),
        ({"extra": {"a": True}}, Paper(extra={"a": True, "b": None}), RIGHT),
        ({"double": 6}, Paper(count=3), RIGHT),
    ],
)
def test_a_value_is_compared_by_its_type(truth: dict[str, Any], found: Paper, verdict: Verdict) -> None:
    (finding,) = compared(truth, found)

    assert finding.verdict is verdict


def test_times_with_zones_are_the_same_moment() -> None:
    class Instant(BaseModel):
        at: datetime

    columns = fields_of(Instant)
    found = {"at": datetime(2024, 1, 1, 11, tzinfo=UTC)}
    truth = {"at": datetime(2024, 1, 1, 12, tzinfo=timezone(timedelta(hours=1)))}

    assert [one.verdict for one in Comparison(columns).compare(truth, found)] == [RIGHT]


def test_numbers_may_differ_by_the_tolerance() -> None:
    truth, found = {"total": "100.00"}, Paper(total=Decimal("100.05"))

    assert [compared(truth, found, tolerance)[0].verdict for tolerance in ("0", "0.04", "0.05")] == [
        WRONG,
        WRONG,
        RIGHT,
    ]


@pytest.mark.parametrize(
    ("truth", "found", "same"),
    [
        ("1.5", "1.504", True),
        ("1.5", "1.505", False),
        ("1.2345", "1.23454", True),
        ("1.2345", "1.2346", False),
        ("1E+3", "1000.004", True),
        ("NaN", "NaN", True),
        ("NaN", "1", False),
        ("Infinity", "-Infinity", False),
    ],
)
def test_numbers_are_equal_to_the_cent_or_closer(truth: str, found: str, same: bool) -> None:
    assert same_number(Decimal(truth), Decimal(found)) is same


def test_fields_that_truth_does_not_name_are_not_scored() -> None:
    found = Paper(title="x", total=Decimal(1), main=Row(name="a", price=Decimal(2)), rows=[Row(name="b")])

    assert verdicts({"main": {"name": "a"}}, found) == {"main.name": "right"}
    assert verdicts({"rows": [{"name": "b"}]}, found) == {"rows[0].name": "right"}


def test_fields_of_elements_that_truth_never_names_are_not_invented_either() -> None:
    found = Paper(rows=[Row(name="b"), Row(name="c", price=Decimal(3))])

    assert verdicts({"rows": [{"name": "b"}]}, found) == {
        "rows[0].name": "right",
        "rows[+1].name": "invented",
    }


def test_nested_fields_are_scored_one_by_one() -> None:
    truth = {"main": {"name": "a", "price": "1", "tags": ["x", "y"]}}

    assert verdicts(truth, Paper(main=Row(price=Decimal(2), tags=["y"]))) == {
        "main.name": "missing",
        "main.price": "wrong",
        "main.tags[0]": "missing",
        "main.tags[1]": "right",
    }
    assert set(verdicts(truth, Paper()).values()) == {"missing"}
    assert verdicts({"main": None}, Paper(main=Row(name="a"))) == {
        "main.name": "invented",
        "main.price": "both_empty",
    }


def test_a_lost_row_costs_that_row_only() -> None:
    rows = [{"name": f"Item {letter * 6}", "price": f"{number}.25"} for number, letter in enumerate("abcdef")]
    found = Paper(rows=[Row.model_validate(row) for row in rows[1:]])

    told = Counter((one.place[:7], one.verdict) for one in compared({"rows": rows}, found))

    assert told[("rows[0]", MISSING)] == 2
    assert sum(count for (_, verdict), count in told.items() if verdict is RIGHT) == 10


def test_a_row_that_was_read_badly_is_wrong_and_not_two() -> None:
    truth = {"rows": [{"name": "Paper, white", "price": "4.10"}, {"name": "Pencils", "price": "9.99"}]}
    found = Paper(rows=[Row(name="Pencils", price=Decimal("9.98")), Row(name="Papcr, whitc", price=None)])

    assert verdicts(truth, found) == {
        "rows[0].name": "wrong",
        "rows[0].price": "missing",
        "rows[1].name": "right",
        "rows[1].price": "wrong",
    }


def test_rows_that_have_nothing_in_common_are_not_the_same() -> None:
    told = verdicts({"rows": [{"name": "Carriage"}]}, Paper(rows=[Row(name="Pfand")]))

    assert told == {"rows[0].name": "missing", "rows[+0].name": "invented"}


def test_equal_elements_are_counted_as_often_as_they_stand() -> None:
    found = Paper(words=["a", "a", "b"])

    assert Counter(verdicts({"words": ["A", "b", "b"]}, found).values()) == {
        "right": 2,
        "missing": 1,
        "invented": 1,
    }


def test_very_long_lists_are_matched() -> None:
    words = [f"{number} {'x' * 9}" for number in range(200)]
    misread = Paper(words=[word.replace("x", "y", 1) for word in words])

    counts = Counts.of(compared({"words": words}, misread))

    assert counts.wrong == 200


def test_a_record_that_is_not_there_is_missing_but_its_empty_fields_say_nothing() -> None:
    comparison = Comparison(COLUMNS)
    truth = true_values({"title": "x", "total": None, "rows": [{"name": "a", "price": None}]})

    assert [one.place for one in comparison.compare(truth, None)] == ["title", "rows[0].name"]
    assert [one.verdict for one in comparison.compare(None, found_in(Paper(title="x")))] == [INVENTED]
    assert list(comparison.compare(None, None)) == []


def test_texts_say_how_alike_they_are() -> None:
    (finding,) = compared({"title": "abcdefghij"}, Paper(title="ABCDEFGHIX"))

    assert (finding.verdict, finding.is_text) == (WRONG, True)
    assert finding.alike == pytest.approx(0.9)


def test_fields_are_named_in_the_order_of_the_schema() -> None:
    assert list(leaf_fields(COLUMNS))[-9:] == [
        "words[]",
        "main.name",
        "main.price",
        "main.tags[]",
        "rows[].name",
        "rows[].price",
        "rows[].tags[]",
        "notes[]",
        "double",
    ]


@given(records(Wide))
def test_truth_against_itself_is_all_right(record: Wide) -> None:
    """Through JSON as a truth file holds it, and through the columns of a lake."""
    truth = true_values(json.loads(record.model_dump_json(by_alias=False)), Wide)

    findings = list(Comparison(fields_of(Wide)).compare(truth, found_in(record)))

    assert {one.verdict for one in findings} <= {RIGHT, EMPTY}
    assert {one.alike for one in findings} <= {1.0, None}


NAMES = st.none() | st.sampled_from(["Pens", "pens ", "Penz", "Paper, white", "Paper, while", "Post", ""])
PRICES = st.none() | st.sampled_from([Decimal(number) for number in ("0", "1.00", "1.01", "12.5")])
ROWS = st.lists(
    st.builds(Row, name=NAMES, price=PRICES, tags=st.lists(st.sampled_from(["a", "b", "ab"]), max_size=2)),
    max_size=5,
)
PAPERS = st.builds(Paper, title=NAMES, total=PRICES, main=st.none() | st.builds(Row, name=NAMES), rows=ROWS)


def by_field(truth: Paper, found: Paper) -> Counter[tuple[str, Verdict]]:
    findings = Comparison(COLUMNS).compare(found_in(truth), found_in(found))
    return Counter((one.field, one.verdict) for one in findings)


@given(PAPERS, PAPERS, st.randoms())
def test_the_order_of_lists_changes_nothing(truth: Paper, found: Paper, random: Any) -> None:
    def shuffled(paper: Paper) -> Paper:
        rows = random.sample(paper.rows, len(paper.rows))
        return paper.model_copy(update={"rows": rows})

    assert by_field(shuffled(truth), shuffled(found)) == by_field(truth, found)


def values_in(value: Any) -> int:
    """How many single values a record says something with."""
    if isinstance(value, dict):
        return sum(map(values_in, value.values()))
    if isinstance(value, list):
        return sum(map(values_in, value))
    return int(value is not None and str(value).strip() != "")


@given(PAPERS, PAPERS)
def test_every_value_is_counted_once(truth: Paper, found: Paper) -> None:
    counts = Counts.of(Comparison(COLUMNS).compare(found_in(truth), found_in(found)))

    assert counts.right + counts.wrong + counts.missing == values_in(truth.model_dump())
    assert counts.right + counts.wrong + counts.invented == values_in(found.model_dump())
