from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ServiceBusy
from pipeline.service.account import Account, BilledLine, DedicatedUsage, Quota, ServerlessUsage
from pipeline.service.datasets import Dataset
from pipeline.service.job import Job
from pipeline.service.models import LibraryModel
from pipeline.service.wire import (
    Moment,
    Money,
    Named,
    Status,
    Wire,
    objects,
    read,
    without,
)

KINDS: list[type[Wire]] = [
    *(Account, BilledLine, DedicatedUsage, Quota, ServerlessUsage, Dataset, Job, LibraryModel),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


class Thing(Named):
    what = "thing"

    long_count: int = 7
    text: str = "none"
    yes: bool = False
    at: Moment = None
    state: Annotated[str, without("THING_")] = "UNSPECIFIED"


def thing(**fields: object) -> Thing:
    return read(Thing, {"name": "accounts/a/things/x", **fields})


@pytest.mark.parametrize(
    ("given", "count"), [("9223372036854775807", 2**63 - 1), (3, 3), ("", 7), ("x", 7), ([], 7)]
)
def test_whole_numbers_come_as_text_or_number_and_what_is_none_counts_as_missing(
    given: object, count: int
) -> None:
    assert thing(longCount=given).long_count == count


def test_null_is_as_good_as_missing() -> None:
    assert thing(longCount=None, text=None, at=None) == thing()


def test_keys_come_in_either_case_and_unknown_ones_are_passed_over() -> None:
    assert thing(long_count=2, brandNew={"deep": []}).long_count == 2


@pytest.mark.parametrize(
    ("given", "microsecond"),
    [
        ("2026-08-30T03:48:42Z", 0),
        ("2026-08-30T03:48:42.645723Z", 645723),
        ("2026-08-30T03:48:42.645723285Z", 645723),
        ("2026-08-30T05:48:42.5+02:00", 500000),
        ("2026-08-30T03:48:42", 0),
    ],
)
def test_times_of_any_precision_are_utc(given: str, microsecond: int) -> None:
    assert thing(at=given).at == datetime(2026, 8, 30, 3, 48, 42, microsecond, tzinfo=UTC)


@pytest.mark.parametrize("given", ["", "soon", {}, []])
def test_what_is_no_time_is_none(given: object) -> None:
    assert thing(at=given).at is None


@pytest.mark.parametrize("given", ["THING_READY", "READY", "ready", "Thing_Ready", " ready "])
def test_enumerations_are_read_in_any_case_with_or_without_their_prefix(given: str) -> None:
    assert thing(state=given).state == "READY"


@pytest.mark.parametrize("given", ["", "THING_UNSPECIFIED", None, 3, {}])
def test_an_enumeration_that_says_nothing_is_unspecified(given: object) -> None:
    assert thing(state=given).state == "UNSPECIFIED"


@pytest.mark.parametrize(
    ("given", "code", "is_ok"),
    [
        ({"code": "OK", "message": ""}, "ok", True),
        ({}, "ok", True),
        ({"code": "INVALID_ARGUMENT"}, "invalid_argument", False),
        ({"code": 9}, "failed_precondition", False),
        ({"code": 0}, "ok", True),
        ({"code": 99}, "unknown", False),
    ],
)
def test_a_status_is_a_name_or_a_number(given: object, code: str, *, is_ok: bool) -> None:
    status = read(Status, given)

    assert (status.code, status.is_ok) == (code, is_ok)


@pytest.mark.parametrize("given", [None, [], "x", {}, {"name": ""}, {"name": "  "}, {"name": 3}])
def test_what_has_no_name_is_no_thing(given: object) -> None:
    with pytest.raises(ServiceBusy, match="no thing"):
        read(Thing, given)


@pytest.mark.parametrize(
    ("given", "amount"),
    [
        ({"units": "1", "nanos": 750000000}, "1.75"),
        ({"units": "12"}, "12"),
        ({"nanos": -1}, "-0.000000001"),
        ({"units": "-1", "nanos": -500000000}, "-1.5"),
        ({}, "0"),
    ],
)
def test_money_is_exact(given: object, amount: str) -> None:
    assert read(Money, given).amount == Decimal(amount)


def test_a_list_that_is_missing_is_empty() -> None:
    assert objects({}, "xs") == objects({"xs": None}, "xs") == objects({"xs": "no"}, "xs") == []
    assert objects({"xs": [{"a": 1}, 3]}, "xs") == [{"a": 1}]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_no_odd_value_of_any_field_keeps_a_thing_from_being_read(
    kind: type[Wire], data: st.DataObject
) -> None:
    keys = [field.alias or name for name, field in kind.model_fields.items() if name != "name"]
    fields = {
        key: data.draw(JSON, label=key) for key in data.draw(st.sets(st.sampled_from(keys), max_size=3))
    }

    assert isinstance(read(kind, {**fields, "name": "accounts/a/x/y"}), kind)
