"""Answers written from records are read as these very records."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from pydantic import BaseModel, Field

from pipeline.export.teaching import Teacher
from pipeline.store.rows import row_of
from pipeline.structured import compile_schema
from schemas.registry import RecordType
from tests.models import Outer, Wide
from tests.models import records as any_record
from tests.pipeline.export.lakes import FULL, WAYBILL
from tests.pipeline.runs import records

ORIGIN = {"_doc_id": "d", "_source": "a.pdf", "_pages": [3], "_origins": []}


class Item(BaseModel):
    text: str


class Bill(BaseModel):
    """A bill whose fields are asked for by other names."""

    number: str | None = Field(None, alias="Rechnungs-Nr.")
    sum: Decimal | None = Field(None, alias="Summe", decimal_places=2)
    day: date | None = None
    items: list[Item] = Field([], alias="Posten")


def record_type(model: type[BaseModel], unit: Any = "document") -> RecordType:
    return RecordType(name="some", model=model, unit=unit, instructions="Read.", reference="some")


def test_records_of_a_lake_have_answers_with_all_their_digits(waybills: Path) -> None:
    rows = list(records(waybills, "waybill").iter_rows(named=True))

    answers = [Teacher(WAYBILL).answer(row) for row in rows]

    assert None not in answers
    assert '"total":99999999999999999.995,' in str(answers[0])
    told = json.loads(str(answers[0]))
    assert told["loads"][1] == FULL["loads"][1] | {"_page": 1}
    assert (told["took"], told["day"], told["colour"], told["extra"]) == (
        "P1DT12H",
        "2024-03-01",
        "red",
        {"k": 1},
    )
    assert '"total":20,' in str(answers[2])


def test_fields_go_by_the_names_that_are_asked_for() -> None:
    bill = Bill.model_validate(
        {"Rechnungs-Nr.": "7", "Summe": "1.50", "Posten": [{"text": "a"}, {"text": "b"}]}
    )
    row = row_of(bill) | ORIGIN
    row |= {"_pages": [3, 4], "_origins": [{"field": "Posten[1]", "first_page": 4, "last_page": 4}]}

    answer = Teacher(record_type(Bill)).answer(row)

    assert answer == (
        '{"Rechnungs-Nr.":"7","Summe":1.5,"day":null,"Posten":[{"text":"a","_page":3},{"text":"b","_page":4}]}'
    )
    jsonschema.validate(json.loads(answer), compile_schema(Bill, name="bill", page_of_items=True).full)


def test_a_page_has_no_pages_in_it() -> None:
    bill = Bill.model_validate({"Posten": [{"text": "a"}]})

    answer = Teacher(record_type(Bill, "page")).answer(row_of(bill) | ORIGIN)

    assert json.loads(str(answer))["Posten"] == [{"text": "a"}]


@pytest.mark.parametrize(
    "row", [{"number": "7"}, {"number": 7, "sum": None, "day": None, "items": []}], ids=["lacks", "unfit"]
)
def test_a_row_of_another_shape_has_no_answer(row: dict[str, Any]) -> None:
    assert Teacher(record_type(Bill)).answer(row | ORIGIN) is None


@settings(max_examples=30)
@given(any_record(Outer))
def test_an_answer_is_as_the_schema_asks(record: Outer) -> None:
    answer = Teacher(record_type(Outer)).answer(row_of(record) | ORIGIN)

    assert answer is not None
    jsonschema.validate(json.loads(answer), compile_schema(Outer, name="o", page_of_items=True).full)


def test_values_of_every_kind_have_an_answer() -> None:
    wide = Wide.model_validate(
        {"text": "a “b”\n", "ratio": 0.1, "key": "9f0c2a0e-9a3c-4c61-a4d8-0e6f3f4b2a11", "tags": ["b", "a"]}
        | {"pair": [1, "x"], "pet": {"kind": "cat", "lives": 9}, "tree": {"name": "r", "children": []}}
        | {"instant": "2024-03-01T12:00:00+02:00", "money": "0.1234567891", "Rechnungs-Nr.": "7"}
    )

    answer = Teacher(record_type(Wide)).answer(row_of(wide) | ORIGIN)

    assert answer is not None
    assert Wide.model_validate_json(answer) == wide
