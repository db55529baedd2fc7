"""What pydantic would take, though it may mean something else."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import (
    AliasChoices,
    AliasPath,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    Field,
    RootModel,
    create_model,
    field_validator,
)
from pydantic.dataclasses import dataclass
from typing_extensions import TypedDict

from pipeline.answers import validate
from pipeline.declared import declared
from pipeline.errors import AnswerInvalid
from pipeline.lenient import MAYBE_A_SPAN, NO_DAY, NO_NUMBER, NO_UNIT, TOO_FINE, TOO_LONG, settle
from pipeline.written_numbers import AMBIGUOUS_NUMBER


def told(kind: Any, given: Any, *, beside: str = "") -> tuple[Any, str]:
    """What becomes of a lone value and the rule; empty where it was taken as it was."""
    model = create_model("Lone", field=(kind | None, None), beside=(str | None, None))
    record, coercions = validate({"field": given, "beside": beside or None}, model)
    return getattr(record, "field"), coercions[0].rule if coercions else ""  # noqa: B009 - made above


@pytest.mark.parametrize("kind", [Decimal, float])
@pytest.mark.parametrize("text", ["1.234", "-12.500", " 123.456 "])
def test_a_point_before_three_digits_may_set_off_thousands(kind: Any, text: str) -> None:
    plain = Decimal(text.strip())

    assert told(kind, text) == (None, AMBIGUOUS_NUMBER)
    assert told(kind, text, beside="99,50 €")[0] == plain * 1000
    assert told(kind, text, beside="$99.50")[0] == pytest.approx(kind(plain))


@pytest.mark.parametrize("text", ["12.50", "1234.5", "0.125", "1234.567", "1.2345", "1e3", "12"])
def test_a_number_as_text_that_reads_in_one_way_is_taken(text: str) -> None:
    assert told(Decimal, text) == (Decimal(text), "")
    assert told(float, text) == (float(text), "")


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=3))
def test_numbers_are_the_models_word(number: Decimal) -> None:
    assert told(Decimal, number) == (number, "")
    assert told(float, float(number)) == (float(number), "")


@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from(["12,50", "12.50", ""]))
def test_the_documents_other_numbers_settle_it_or_it_is_left_empty(
    whole: int, rest: int, beside: str
) -> None:
    value, rule = told(Decimal, f"{whole}.{rest:03}", beside=beside)

    expected = {"12,50": Decimal(whole * 1000 + rest), "12.50": Decimal(f"{whole}.{rest:03}"), "": None}
    assert value == expected[beside]
    assert rule


@pytest.mark.parametrize(
    ("kind", "given", "value", "rule"),
    [
        (float, "inf", None, NO_NUMBER),
        (float, " -Infinity", None, NO_NUMBER),
        (float, "nan", None, NO_NUMBER),
        (Decimal, "NaN", None, NO_NUMBER),
        (float, True, None, NO_NUMBER),
        (int, False, None, NO_NUMBER),
        (Decimal, 0.1234567, None, TOO_FINE),
        (Decimal, "0.00000001", None, TOO_FINE),
        (Decimal, Decimal("1E-7"), None, TOO_FINE),
        (Decimal, Decimal("1.50000000"), Decimal("1.5"), ""),
        (Decimal, 0.123456, Decimal("0.123456"), ""),
        (Annotated[Decimal, Field(decimal_places=8)], 0.1234567, Decimal("0.1234567"), ""),
        (int, "1.000", None, AMBIGUOUS_NUMBER),
        (int, "1.234", None, AMBIGUOUS_NUMBER),
        (int, 2**63, None, TOO_LONG),
        (int, str(-(2**63) - 1), None, TOO_LONG),
        (int, 2**63 - 1, 2**63 - 1, ""),
        (int, " 12 ", 12, ""),
        (int, "12.0", 12, ""),
        (bool, "1", True, "a word for yes or no"),
        (bool, "on", True, "a word for yes or no"),
        (bool, "N", False, "a word for yes or no"),
        (bool, "t", None, "left empty: a letter that may stand for anything"),
        (bool, "F", None, "left empty: a letter that may stand for anything"),
        (bool, 1, True, ""),
        (bool, False, False, ""),
        (date, 1704067200, None, NO_DAY),
        (date, 0, None, NO_DAY),
        (date, "1704067200", None, NO_DAY),
        (date, "03.04", None, NO_DAY),
        (date, "2024", None, NO_DAY),
        (date, "28032024", None, NO_DAY),
        (date, "20241328", None, NO_DAY),
        (date, "20240328", date(2024, 3, 28), "a date without separators, year first"),
        (date, 20240328, date(2024, 3, 28), "a date without separators, year first"),
        (date, "2024-03-28", date(2024, 3, 28), ""),
        (date, "2024-03-28T00:00:00", date(2024, 3, 28), ""),
        (date, "2024-03-28T10:00:00", date(2024, 3, 28), "the day of a point in time"),
        (datetime, 1704067200, None, NO_DAY),
        (datetime, "1704067200", None, NO_DAY),
        (datetime, "03.04", None, NO_DAY),
        (datetime, 1.5, None, NO_DAY),
        (datetime, "20240328", datetime(2024, 3, 28), "a date without separators, year first"),  # noqa: DTZ001
        (datetime, "2024-03-28", datetime(2024, 3, 28), "a day without a time, taken as its beginning"),  # noqa: DTZ001
        (datetime, "2024-03-28T10:00:00", datetime(2024, 3, 28, 10), ""),  # noqa: DTZ001
        (AwareDatetime, 1704067200, None, NO_DAY),
        (AwareDatetime, "1704067200", None, NO_DAY),
        (AwareDatetime, "2024-03-28 10:00-12:30", None, MAYBE_A_SPAN),
        (time, 3600, None, NO_DAY),
        (time, "10:00-12:30", None, MAYBE_A_SPAN),
        (time, "10:00", time(10), ""),
        (timedelta, 30, None, NO_UNIT),
        (timedelta, 1.5, None, NO_UNIT),
        (timedelta, "30", None, NO_UNIT),
        (timedelta, "PT1H30M", timedelta(hours=1, minutes=30), ""),
        (timedelta, "12:30:10", timedelta(hours=12, minutes=30, seconds=10), ""),
        (timedelta, "P1W", timedelta(days=7), ""),
    ],
)
def test_what_pydantic_would_guess_at_has_a_rule(kind: Any, given: Any, value: Any, rule: str) -> None:
    assert told(kind, given) == (value, rule)


@pytest.mark.parametrize("offset", ["Z", "+00:00", "+0200", "-05:00", " +01:00"])
def test_a_local_time_is_kept_without_its_offset(offset: str) -> None:
    moment, rule = told(datetime, f"2024-03-28T10:00:00{offset}")
    clock, _ = told(time, f"10:00:00{offset}")

    assert moment == datetime(2024, 3, 28, 10)  # noqa: DTZ001 - its column has no zone
    assert clock == time(10)
    assert rule == "the local time; its offset from UTC has no place in the column"


@pytest.mark.parametrize("text", ["12:30", "45:00"])
def test_two_parts_of_a_duration_are_not_guessed_at(text: str) -> None:
    assert told(timedelta, text)[0] is None
    assert told(timedelta, text)[1].startswith("left empty")


def test_a_month_as_a_duration_says_how_long_it_was_taken_to_be() -> None:
    for text, days in (("P1M", 30), ("P1Y", 365), ("P1Y2M3DT4H", 428)):
        length, rule = told(timedelta, text)
        assert length.days == days
        assert "30 days" in rule


def test_a_value_that_may_not_be_empty_says_why_it_is() -> None:
    class Strict(BaseModel):
        total: Decimal
        size: int = 3

    with pytest.raises(AnswerInvalid, match=f"total: {AMBIGUOUS_NUMBER}"):
        validate({"total": "1.234"}, Strict)

    record, coercions = validate({"total": 1, "size": "1.234"}, Strict)
    assert record == Strict(total=Decimal(1))
    assert [one.field for one in coercions] == ["size"]


class Colour(Enum):
    RED = "1.234"


class Point(TypedDict):
    x: float


@dataclass
class Size:
    height: float


class Cat(BaseModel):
    kind: Literal["cat"]
    weight: Decimal


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str


class Node(BaseModel):
    value: float | None = None
    below: "list[Node]" = []


class Everything(BaseModel):
    plain: Decimal
    limited: Annotated[float, Field(gt=0)] | None
    aliased: int = Field(alias="Anzahl")
    chosen: int = Field(validation_alias=AliasChoices("a", AliasPath("b", 0), "c"))
    checked: Decimal
    listed: list[date]
    fixed: tuple[int, str]
    mapped: dict[str, bool]
    point: Point
    size: Size
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    tree: Node
    root: RootModel[list[timedelta]]
    number: int | Decimal
    either: int | str
    text: str
    colour: Colour
    own: Annotated[Decimal, BeforeValidator(lambda text: str(text).replace(".", ""))]

    @field_validator("checked")
    @classmethod
    def _check(cls, value: Decimal) -> Decimal:
        return value


def test_every_declared_scalar_is_found_wherever_it_stands() -> None:
    same = "1.234"
    values = {
        "plain": same, "limited": same, "Anzahl": same, "a": same, "c": same, "checked": same,
        "listed": [same], "fixed": [same, same], "mapped": {"k": same}, "point": {"x": same},
        "size": {"height": same}, "pet": {"kind": "cat", "weight": same},
        "tree": {"value": same, "below": [{"value": same, "below": [{"value": None}]}]},
        "root": [same], "number": same, "either": same, "text": same, "colour": same, "own": same,
        "unknown": same,
    }  # fmt: skip

    found = {".".join(map(str, one.location)): one.kind for one in declared(values, Everything)}

    assert found == {
        "plain": "open decimal", "limited": "float", "Anzahl": "int", "a": "int", "c": "int",
        "checked": "open decimal",
        "listed.0": "date", "fixed.0": "int", "mapped.k": "bool", "point.x": "float", "size.height": "float",
        "pet.weight": "open decimal", "tree.value": "float", "tree.below.0.value": "float",
        "root.0": "timedelta", "number": "float",
    }  # fmt: skip


def test_what_the_model_reads_itself_is_left_to_it() -> None:
    class Own(BaseModel):
        amount: Annotated[Decimal, BeforeValidator(lambda text: str(text).replace(".", ""))]

    record, coercions = validate({"amount": "1.234"}, Own)

    assert (record, coercions) == (Own(amount=Decimal(1234)), [])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("1.234"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*Everything.model_fields, "kind", "weight", "value", "below"]), inner
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([*Everything.model_fields, "a", "Anzahl"]), JSON))
def test_values_of_any_shape_are_walked_and_not_changed(values: dict[str, Any]) -> None:
    before = repr(values)

    settle(values, Everything)

    assert repr(values) == before
