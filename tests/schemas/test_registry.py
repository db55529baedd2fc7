"""Record types are found by name, by module and by file, and what is wrong is said in one sentence."""

import re
from pathlib import Path

import polars as pl
import pytest

from pipeline.store.columns import columns_of
from pipeline.store.rows import record_of, row_of
from pipeline.structured import compile_schema
from schemas import registry
from schemas.errors import SchemaError
from schemas.invoice import Invoice
from schemas.registry import built_in, load

CLAIM = """
from __future__ import annotations
from pydantic import BaseModel


class Claim(BaseModel):
    \"\"\"A claim for damages.\"\"\"
    amount: float
    parts: list[Part]
"""
PART = """

class Part(BaseModel):
    name: str
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [*__import__("sys").path])
    return tmp_path


def test_the_built_in_types_come_in_a_fixed_order_with_a_line_each() -> None:
    found = built_in()

    assert list(found)[:4] == ["invoice", "receipt", "bank_statement", "page_text"]
    assert all(line.endswith(".") and "\n" not in line for line in found.values())


@pytest.mark.parametrize("name", list(built_in()))
def test_a_built_in_type_is_ready_for_use(name: str) -> None:
    found = load(name)

    assert (found.name, found.reference) == (name, name)
    assert found.unit == ("page" if name in {"page_text", "form_fields", "tables"} else "document")
    assert len(found.instructions) > 200
    for field_name, info in found.model.model_fields.items():
        assert info.description, field_name
        assert info.description.endswith("."), field_name


def test_a_name_leads_to_its_model() -> None:
    assert load("invoice").model is Invoice


def test_a_class_in_a_file_is_loaded_with_the_names_that_follow_it(folder: Path) -> None:
    (folder / "claims.py").write_text(CLAIM + PART)

    found = load("claims.py:Claim")

    assert (found.name, found.unit) == ("claim", "document")
    assert found.instructions.startswith("A claim for damages.\n")
    assert "Never work out" in found.instructions
    assert found.model.model_validate({"amount": 1, "parts": [{"name": "a"}]}).model_dump()["amount"] == 1


def test_the_reference_of_a_file_holds_from_any_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "claims.py").write_text(CLAIM + PART)
    reference = load("claims.py:Claim").reference
    monkeypatch.chdir("/")

    assert load(reference).name == "claim"


def test_a_file_with_one_model_needs_no_class(folder: Path) -> None:
    (folder / "one.py").write_text(
        "from pydantic import BaseModel\nclass RMAReport2(BaseModel):\n    a: int\n"
    )

    assert load("one.py").name == "rma_report2"


def test_a_file_may_import_what_lies_beside_it(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "shared_parts_of_it.py").write_text("from pydantic import BaseModel" + PART)
    (folder / "sub" / "mine.py").write_text(
        "from shared_parts_of_it import Part\nclass Mine(Part):\n    extra: int\n"
    )

    assert load("sub/mine.py").name == "mine"


def test_a_module_of_the_working_directory_is_found(folder: Path) -> None:
    (folder / "a_module_of_mine.py").write_text(CLAIM + PART)

    assert load("a_module_of_mine:Part").reference == "a_module_of_mine:Part"


def test_what_a_class_says_about_itself_is_taken(folder: Path) -> None:
    (folder / "told.py").write_text(
        "from typing import ClassVar\nfrom pydantic import BaseModel\nclass Stamp(BaseModel):\n"
        "    unit: ClassVar[str] = 'page'\n    instructions: ClassVar[str] = 'Find stamps.'\n    text: str\n"
    )

    found = load("told.py")

    assert (found.unit, found.instructions) == ("page", "Find stamps.")


def test_a_field_called_unit_is_a_field(folder: Path) -> None:
    (folder / "weight.py").write_text(
        "from pydantic import BaseModel\nclass Weight(BaseModel):\n    value: float\n    unit: str = 'kg'\n"
    )

    found = load("weight.py")

    assert found.unit == "document"
    assert found.instructions.startswith("Extract the weight shown")


MODEL = (
    "from typing import ClassVar\nfrom pydantic import BaseModel, Field, PrivateAttr\nclass A(BaseModel):\n"
)


@pytest.mark.parametrize(
    ("reference", "source", "message"),
    [
        ("invoce", "", "did you mean invoice"),
        ("zzz", "", "built in are invoice, receipt"),
        ("", "", "there is no record type ''"),
        ("f.py:B", MODEL + "    x: int", "f.py has no class B; it defines A"),
        ("f.py:A", "import json", "it defines no pydantic model"),
        ("f.py:x", "x = 1", "x in f.py is no pydantic model"),
        ("f.py:BaseModel", MODEL + "    x: int", "BaseModel in f.py is no pydantic model"),
        (
            "f.py",
            CLAIM + PART,
            "say which class of f.py is the record type, as in f.py:Class; it defines Claim, Part",
        ),
        ("f.py", "x = (", "f.py cannot be loaded: SyntaxError"),
        ("f.py", "\nimport no_such_thing_here", "f.py line 2: ModuleNotFoundError: No module named"),
        ("f.py", "raise SystemExit(3)", "f.py line 1: SystemExit: 3"),
        ("f.py", MODEL + "    _x: int = Field(1)", "f.py line 3: PydanticUserError"),
        ("f.py", MODEL + "    x: 'Nowhere'", "A in f.py is not complete"),
        ("f.py", MODEL + "    x: int\n    _y: int", "field _y starts with _"),
        ("f.py", MODEL + "    pass", "A has no fields"),
        ("f.py", MODEL + "    x: int\n    unit: ClassVar[str] = 'line'", "unit is 'line'; it must be"),
        (
            "f.py",
            MODEL + "    x: int\n    instructions: ClassVar[int] = 5",
            "instructions are 5; they must",
        ),
        ("none.py:A", "", "there is no file none.py"),
        ("no_such_module_here:A", "", "there is no module no_such_module_here"),
        ("no.such.module:A", "", "there is no module no.such.module"),
        ("../f:A", "", "a file is named as path/to/file.py:Class"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(folder: Path, reference: str, source: str, message: str) -> None:
    (folder / "f.py").write_text(source)

    with pytest.raises(SchemaError, match=re.escape(message)) as caught:
        load(reference)

    assert "\n" not in str(caught.value)


def test_a_private_attribute_that_is_meant_is_allowed(folder: Path) -> None:
    (folder / "f.py").write_text(MODEL + "    x: int\n    _cache: dict = PrivateAttr(default_factory=dict)")

    assert load("f.py").name == "a"


def test_a_users_file_takes_no_other_modules_name(folder: Path) -> None:
    (folder / "json.py").write_text("from pydantic import BaseModel" + PART)

    load("json.py:Part")

    assert __import__("json").dumps(1) == "1"
    assert registry.load("json.py").name == "part"


LISTS = """
from typing import Generic, TypeVar
from pydantic import BaseModel, RootModel
T = TypeVar("T")


class Part(BaseModel):
    name: str


class Box(BaseModel, Generic[T]):
    content: T


class Parts(RootModel[list[Part]]):
    \"\"\"Parts of a machine.\"\"\"

PartBox = Box[Part]
"""


def test_a_root_list_becomes_a_record_of_its_entries(folder: Path) -> None:
    (folder / "parts.py").write_text(LISTS)

    found = load("parts.py:Parts")

    assert (found.name, list(found.model.model_fields)) == ("parts", ["entries"])
    assert found.instructions.startswith("Parts of a machine.")
    assert compile_schema(found.model, name="parts", page_of_items=True).paged == ("entries",)
    assert columns_of(found.model) == {"entries": pl.List(pl.Struct({"name": pl.String()}))}
    record = found.model.model_validate({"entries": [{"name": "a"}]})
    assert record_of(found.model, row_of(record)) == record


def test_a_generic_type_has_a_name_that_a_folder_can_have(folder: Path) -> None:
    (folder / "parts.py").write_text(LISTS)

    found = load("parts.py:PartBox")

    assert found.name == "box_part"
    assert load(found.reference).name == "box_part"
