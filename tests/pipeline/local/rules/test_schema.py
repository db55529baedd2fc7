import pytest

from pipeline.local.rules.schema import Kind, compile_schema
from pipeline.local.seeing.page import BadSchema


def test_references_unions_and_null_are_resolved() -> None:
    schema = {
        "$defs": {"Party": {"type": "object", "properties": {"name": {"type": ["string", "null"]}}}},
        "type": "object",
        "properties": {"seller": {"anyOf": [{"$ref": "#/$defs/Party"}, {"type": "null"}]}},
    }

    seller = compile_schema(schema).fields[0]

    assert (seller.kind, seller.nullable) == (Kind.RECORD, True)
    assert (seller.fields[0].kind, seller.fields[0].nullable) == (Kind.TEXT, True)


def test_a_number_is_preferred_to_the_same_number_as_text() -> None:
    decimal = {"anyOf": [{"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}, {"type": "number"}]}

    assert compile_schema({"type": "object", "properties": {"a": decimal}}).fields[0].kind is Kind.NUMBER


@pytest.mark.parametrize(
    ("node", "kind"),
    [
        ({"type": "string", "format": "date"}, Kind.DATE),
        ({"type": "string", "description": "Day of issue. Date as YYYY-MM-DD."}, Kind.DATE),
        ({"type": "string", "description": "Time as HH:MM:SS."}, Kind.TIME),
        ({"type": "string", "pattern": r"^\d+(\.\d+)?$"}, Kind.DECIMAL_TEXT),
        ({"enum": ["a", "b", None]}, Kind.CHOICE),
        ({"const": 3}, Kind.CHOICE),
        ({"type": "boolean"}, Kind.BOOLEAN),
        ({}, Kind.TEXT),
    ],
)
def test_a_value_has_the_kind_its_schema_tells_by_keyword_or_in_words(node: object, kind: Kind) -> None:
    assert compile_schema({"type": "object", "properties": {"a": node}}).fields[0].kind is kind


def test_labels_are_taken_from_the_schema_and_from_its_words() -> None:
    schema = {
        "type": "string",
        "x-labels": ["Akte"],
        "description": 'Labelled "File", "Dossier" on the page.',
    }

    assert compile_schema(schema).labels == ("Akte", "File", "Dossier")


def test_the_emptiest_value_obeys_the_schema() -> None:
    schema = {
        "type": "object",
        "properties": {
            "a": {"type": "string"},
            "b": {"type": ["integer", "null"]},
            "c": {"type": "array", "items": {"type": "number"}, "minItems": 2},
            "d": {"enum": ["x", "y"]},
            "e": {"type": "object", "properties": {"f": {"type": "boolean"}}},
        },
    }

    assert compile_schema(schema).minimal() == {"a": "", "b": None, "c": [0, 0], "d": "x", "e": {"f": False}}


def test_a_type_that_holds_itself_ends() -> None:
    schema = {
        "$defs": {
            "Node": {
                "type": "object",
                "properties": {"next": {"$ref": "#/$defs/Node"}, "a": {"type": "string"}},
            }
        },
        "$ref": "#/$defs/Node",
    }

    assert compile_schema(schema).minimal() == {"next": None, "a": ""}


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/Gone"},
        {"$ref": "https://example.org/x.json"},
        {"type": "object", "properties": {"a": 3}},
        {"type": "object", "properties": []},
        {"allOf": [3]},
    ],
)
def test_what_is_no_schema_is_refused(schema: dict[str, object]) -> None:
    with pytest.raises(BadSchema):
        compile_schema(schema)


def test_a_schema_that_explodes_is_refused() -> None:
    schema: dict[str, object] = {"type": "string"}
    for _ in range(40):
        schema = {"type": "array", "items": schema}
    wide = {"type": "object", "properties": {f"p{number}": {"type": "string"} for number in range(6000)}}

    with pytest.raises(BadSchema, match="too large or too deep"):
        compile_schema(schema)
    with pytest.raises(BadSchema, match="too large or too deep"):
        compile_schema(wide)
