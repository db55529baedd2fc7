"""What is shown of a record type is what is asked and stored."""

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from rich.console import Console

from flows.sample import sample_answer
from flows.schemas_view import checked_view, describe, sample_row
from pipeline.answers import validate
from schemas.registry import RecordType, built_in, load
from tests.flows.command import pagelake
from tests.papers import write_pdf
from tests.schemas_table import TABLE, Stored
from tests.servers import FaultServer, chat_answer

CLAIM = """
from datetime import date
from decimal import Decimal
from typing import Literal
from pydantic import BaseModel, Field, computed_field


class Part(BaseModel):
    price: Decimal = Field(decimal_places=2, description="What it costs")


class Claim(BaseModel):
    policy: str = Field(alias="Policy No.", pattern="^P", max_length=9, examples=["P-7"])
    day: date | None = None
    state: Literal["open", "closed"]
    parts: list[Part] = []
    notes: dict[str, int] = {}

    @computed_field
    def year(self) -> int | None:
        return self.day and self.day.year
"""


@pytest.fixture
def claim(tmp_path: Path) -> Path:
    (tmp_path / "claim.py").write_text(CLAIM)
    return tmp_path


def record(model: Any) -> RecordType:
    return RecordType(name="x", model=model, unit="document", instructions="", reference="x")


@pytest.mark.parametrize("name", [name for name, case in TABLE.items() if isinstance(case, Stored)])
def test_every_record_type_that_works_can_be_shown(name: str) -> None:
    case = TABLE[name]
    described = describe(record(case.model))
    output = io.StringIO()

    Console(file=output).print(checked_view(described, sample_row(described.record)))

    assert "works" in output.getvalue()
    top = [one.path for one in described.fields if not {".", "["} & set(one.path)]
    assert top == list(case.columns) if isinstance(case, Stored) else []


@pytest.mark.parametrize("name", list(built_in()))
def test_a_made_up_answer_is_valid(name: str) -> None:
    model = load(name).model

    answered, coerced = validate(sample_answer(model), model)

    assert answered.model_dump(exclude_none=True)
    assert coerced == []


def test_what_stands_in_a_field_is_told_with_it(claim: Path) -> None:
    fields = {one.path: one for one in describe(load(str(claim / "claim.py:Claim"))).fields}

    assert fields["policy"].asked == "Policy No."
    assert fields["policy"].told == 'Example: "P-7". At most 9 characters. Matches the pattern ^P.'
    assert fields["day"].stored == "date"
    assert fields["state"].told == "One of open, closed."
    assert fields["parts"].stored == "list of struct"
    assert fields["parts[].price"].stored == "decimal(38, 2)"
    assert fields["parts[].price"].told.startswith("What it costs.")
    assert fields["notes"].stored == "text with JSON in it"
    assert fields["year"].told == "Worked out by the record type itself."


def test_made_up_values_that_break_a_rule_say_so() -> None:
    case = TABLE["constrained text"]

    assert "give its fields examples" in str(sample_row(record(case.model)))


def test_a_record_type_of_the_users_is_checked(claim: Path) -> None:
    ended = pagelake(claim, "schemas", "check", "claim.py:Claim")

    assert ended.code == 0
    assert "claim works" in ended.out
    assert "P-7" in ended.out
    assert "Claim.Policy No.: maxLength 9, pattern" in ended.out


def test_null_is_no_choice(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text('{"properties": {"state": {"enum": ["open", "shut", null]}}}')

    assert "One of open, shut." in pagelake(tmp_path, "schemas", "show", "c.json").out


def test_the_built_in_types_are_listed_for_a_script(tmp_path: Path) -> None:
    listed = json.loads(pagelake(tmp_path, "schemas", "--json").out)

    assert listed[0]["name"] == "invoice"
    assert {one["unit"] for one in listed} == {"document", "page"}


def test_a_script_gets_json(claim: Path) -> None:
    shown = json.loads(pagelake(claim, "schemas", "show", "claim.py:Claim", "--json").out)
    checked = json.loads(pagelake(claim, "schemas", "check", "claim.py:Claim", "--json").out)

    assert checked.pop("sample")["policy"] == "P-7"
    assert checked == shown
    assert list(shown["columns"]) == ["policy", "day", "state", "parts", "notes", "year"]
    assert "Claim.Policy No.: maxLength 9" in shown["dropped"]


def test_a_record_type_that_does_not_work_ends_with_2_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(
        "from pydantic import BaseModel\nclass Bad(BaseModel):\n    scan: bytes\n"
    )

    ended = pagelake(tmp_path, "schemas", "check", "bad.py")

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("pagelake: Bad.scan: a value of kind bytes cannot be stored")


@pytest.mark.parametrize("more", [[], ["--dry-run"]])
@pytest.mark.parametrize("kind", ["bytes", "Annotated[str, Field(validation_alias=AliasPath('a', 'b'))]"])
def test_a_run_with_such_a_type_begins_nothing(tmp_path: Path, kind: str, more: list[str]) -> None:
    (tmp_path / "bad.py").write_text(
        "from typing import Annotated\nfrom pydantic import AliasPath, BaseModel, Field\n"
        f"class Bad(BaseModel):\n    scan: {kind}\n"
    )

    ended = pagelake(tmp_path, "process", "bad.py", "--schema", "bad.py", "--out", "lake", *more)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("pagelake: Bad.scan: ")
    assert not (tmp_path / "lake").exists()


def test_a_file_of_json_schema_is_worked_to_its_columns(tmp_path: Path) -> None:
    write_pdf(tmp_path / "in" / "a.pdf", ["Invoice"])
    schema = {
        "properties": {"Invoice No.": {"type": "string"}, "total": {"type": "number", "multipleOf": 0.01}}
    }
    (tmp_path / "bill.schema.json").write_text(json.dumps(schema))

    with FaultServer([chat_answer({"Invoice No.": "A-7", "total": 12.5})]) as server:
        arguments = ["process", "in", "--schema", "bill.schema.json", "--no-prefect"]
        ended = pagelake(tmp_path, *arguments, server=server)

    assert ended.code == 0
    records = pl.read_parquet(tmp_path / "lake/records/schema=bill/*.parquet")
    assert records.row(0)[:2] == ("A-7", Decimal("12.50"))
