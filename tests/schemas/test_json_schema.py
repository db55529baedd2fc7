"""Files of JSON Schema are record types: what they allow is asked for and stored, the rest is refused."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.sample import sample_answer
from pipeline.answers import validate
from pipeline.errors import AnswerInvalid
from pipeline.store.columns import columns_of
from pipeline.store.rows import record_of, row_of
from pipeline.structured import compile_schema
from schemas.errors import SchemaError
from schemas.json_schema import read_schema
from schemas.registry import RecordType, load
from tests.pipeline.test_structured import ALLOWED, nodes

CLAIM: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://example.org/claim",
    "title": "Insurance Claim",
    "description": "A claim for damages.",
    "x-unit": "page",
    "x-instructions": "Extract the claim.",
    "type": "object",
    "required": ["policy", "parties", "_id"],
    "additionalProperties": False,
    "properties": {
        "policy": {
            "title": "Policy number",
            "description": "Top right",
            "examples": ["P-1"],
            "x-labels": ["Police", "Vertrag"],
            "type": "string",
            "pattern": "^P-",
            "maxLength": 9,
        },
        "amount": {"type": ["number", "null"], "multipleOf": 0.01, "minimum": 0},
        "day": {"type": "string", "format": "date"},
        "moment": {"type": "string", "format": "date-time"},
        "state": {"enum": ["open", "closed", None]},
        "kind": {"const": "claim"},
        "schema": {"type": "integer", "default": 7},
        "_id": {"type": "integer"},
        "Invoice No.": {"type": "string", "format": "uuid"},
        "parties": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Party"}},
        "payer": {"anyOf": [{"$ref": "#/$defs/Party"}, {"type": "null"}], "description": "Who pays"},
        "extent": {"oneOf": [{"$ref": "#/$defs/Box"}, {"type": "string"}]},
        "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        "pair": {
            "type": "array",
            "minItems": 2,
            "prefixItems": [{"type": "integer"}, {"type": "string"}],
            "items": False,
        },
        "scores": {"type": "object", "additionalProperties": {"type": "integer"}, "maxProperties": 3},
    },
    "$defs": {
        "Named": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
        "Party": {
            "allOf": [
                {"$ref": "#/$defs/Named"},
                {"properties": {"parts": {"type": "array", "items": {"$ref": "#/$defs/Party"}}}},
            ]
        },
        "Box": {"type": "object", "properties": {"width": {"type": "number"}}, "required": ["width"]},
    },
}
ANSWER: dict[str, Any] = {
    "policy": "P-1",
    "amount": 12.5,
    "day": "2024-02-29",
    "moment": "2024-02-29T12:00:00+02:00",
    "state": None,
    "kind": "claim",
    "schema": 1,
    "_id": 5,
    "Invoice No.": "6f0c3b36-2a8e-4f0e-9a53-4f6b5f6f3b3c",
    "parties": [{"name": "a", "parts": [{"name": "b", "parts": []}]}],
    "payer": None,
    "extent": {"width": 1.5},
    "tags": ["a", "b"],
    "pair": [1, "a"],
    "scores": {"a": 1},
}


def loaded(folder: Path, schema: Any) -> RecordType:
    (folder / "the-claim.schema.json").write_text(json.dumps(schema))
    return load(str(folder / "the-claim.schema.json"))


def of(**node: Any) -> Any:
    """The record type of one required property."""
    return read_schema(
        {"type": "object", "properties": {"field": node}, "required": ["field"]}, name="claim", shown="c.json"
    ).model


def test_a_schema_is_a_record_type_to_the_end(tmp_path: Path) -> None:
    record = loaded(tmp_path, CLAIM)
    columns = columns_of(record.model)

    party = pl.Struct({"name": pl.String(), "parts": pl.List(pl.String())})
    assert columns == {
        "policy": pl.String(),
        "amount": pl.Decimal(38, 2),
        "day": pl.Date(),
        "moment": pl.Datetime("us", "UTC"),
        "state": pl.Enum(["open", "closed"]),
        "kind": pl.Enum(["claim"]),
        "schema_": pl.Int64(),
        "id": pl.Int64(),
        "Invoice No.": pl.String(),
        "parties": pl.List(party),
        "payer": party,
        "extent": pl.String(),
        "tags": pl.List(pl.String()),
        "pair": pl.String(),
        "scores": pl.String(),
    }
    jsonschema.validate(ANSWER, CLAIM)
    jsonschema.validate(ANSWER, compile_schema(record.model, name="x", page_of_items=False).full)
    answered = validate(ANSWER, record.model)[0]
    pl.DataFrame([row_of(answered)], schema=columns, strict=True).write_parquet(tmp_path / "part.parquet")
    row = pl.read_parquet(tmp_path / "part.parquet").row(0, named=True)
    assert record_of(record.model, row) == answered


def test_what_a_schema_says_about_itself_is_taken(tmp_path: Path) -> None:
    record = loaded(tmp_path, CLAIM)

    assert (record.name, record.unit, record.instructions) == (
        "insurance_claim",
        "page",
        "Extract the claim.",
    )
    assert load(record.reference).model.__doc__ == "A claim for damages."


def test_a_schema_without_a_title_is_named_after_its_file(tmp_path: Path) -> None:
    record = loaded(tmp_path, {"properties": {"a": {"type": "string"}}})

    assert (record.name, record.unit) == ("the_claim", "document")


def test_the_words_of_a_property_reach_the_model(tmp_path: Path) -> None:
    record = loaded(tmp_path, CLAIM)
    properties = compile_schema(record.model, name="x", page_of_items=False).full["properties"]

    assert properties["policy"]["description"] == (
        'Policy number. Top right. Example: "P-1". At most 9 characters. Matches the pattern ^P-. '
        'Labelled "Police", "Vertrag" on the page.'
    )
    assert properties["payer"]["description"] == "Who pays."
    assert "No entry twice." in properties["tags"]["description"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"policy": "X"}, "policy"),
        ({"policy": None}, "policy"),
        ({"amount": -1}, "amount"),
        ({"amount": 1.005}, "amount"),
        ({"kind": "other"}, "kind"),
        ({"tags": ["a", "a"]}, "tags"),
        ({"parties": []}, "parties"),
        ({"parties": [{"parts": []}]}, "name"),
        ({"pair": [1]}, "pair"),
        ({"scores": {"a": 1, "b": 1, "c": 1, "d": 1}}, "scores"),
        ({"other": 1}, "other"),
    ],
)
def test_what_the_schema_forbids_is_no_record(tmp_path: Path, change: dict[str, Any], problem: str) -> None:
    record = loaded(tmp_path, CLAIM)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**ANSWER, **change}, CLAIM)

    with pytest.raises(AnswerInvalid, match=problem):
        validate({**ANSWER, **change}, record.model)


def test_what_is_not_required_may_be_missing_and_defaults_stand(tmp_path: Path) -> None:
    record = loaded(tmp_path, CLAIM)

    row = row_of(validate({"policy": "P-1", "_id": 1, "parties": [{"name": "a"}]}, record.model)[0])

    assert row["schema_"] == 7
    assert row["day"] is row["payer"] is row["tags"] is None


def test_draft_7_is_read_too(tmp_path: Path) -> None:
    record = loaded(
        tmp_path,
        {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "definitions": {"money": {"type": "number", "multipleOf": 0.01, "description": "In euros"}},
            "properties": {
                "total": {"$ref": "#/definitions/money"},
                "pair": {"type": "array", "items": [{"type": "integer"}, {"type": "integer"}]},
            },
        },
    )

    assert columns_of(record.model) == {"total": pl.Decimal(38, 2), "pair": pl.List(pl.Int64())}
    properties = compile_schema(record.model, name="x", page_of_items=False).full["properties"]
    assert properties["total"]["description"].startswith("In euros.")


def test_a_root_array_becomes_entries(tmp_path: Path) -> None:
    item = {"type": "object", "properties": {"a": {"type": "integer"}}}

    record = loaded(tmp_path, {"title": "Lines", "type": "array", "items": item})

    assert columns_of(record.model) == {"entries": pl.List(pl.Struct({"a": pl.Int64()}))}
    assert validate({"entries": [{"a": 1}]}, record.model)


def test_a_schema_that_refers_to_itself_is_recursive(tmp_path: Path) -> None:
    tree = {
        "title": "Tree",
        "properties": {
            "name": {"type": "string"},
            "left": {"$ref": "#"},
            "right": {"oneOf": [{"$ref": "#"}, {"type": "null"}]},
            "others": {"type": "array", "items": {"$ref": "#"}},
        },
    }
    record = loaded(tmp_path, tree)
    answer = {"name": "a", "left": {"name": "b"}, "right": {"name": "c"}, "others": [{"name": "d"}]}

    found = validate(answer, record.model)[0]

    assert found.model_dump(exclude_none=True) == answer
    assert record_of(record.model, row_of(found)) == found


@pytest.mark.parametrize(
    ("node", "dtype"),
    [
        ({"type": "number"}, pl.Float64()),
        ({"type": "number", "multipleOf": 0.5}, pl.Float64()),
        ({"type": "number", "multipleOf": 0.001}, pl.Decimal(38, 3)),
        ({"type": "number", "format": "decimal"}, pl.Decimal(38, 6)),
        ({"type": "string", "format": "email", "maxLength": 9}, pl.String()),
        ({"type": "string", "format": "duration"}, pl.Duration("us")),
        ({"type": "string", "format": "time"}, pl.Time()),
        ({"type": "string", "format": "date-time-local"}, pl.Datetime("us")),
        ({"format": "date"}, pl.Date()),
        ({"minimum": 1}, pl.Float64()),
        ({"items": {"type": "boolean"}}, pl.List(pl.Boolean())),
        ({"type": "string", "nullable": True}, pl.String()),
        ({"type": ["integer", "string"]}, pl.String()),
        ({"type": ["integer", "null"], "enum": [1, 2, None]}, pl.Int64()),
        ({"type": "string", "enum": ["a", 1]}, pl.Enum(["a"])),
        ({"allOf": [{"type": "integer", "minimum": 1}, {"minimum": 2, "maximum": 9}]}, pl.Int64()),
        ({"allOf": [{"type": "number"}, {"type": "integer"}]}, pl.Int64()),
        ({"allOf": [{"properties": {"a": {"type": "number"}}}, {"properties": {"a": {"type": "integer"}}}]},
         pl.Struct({"a": pl.Int64()})),
        ({"type": "object", "properties": {"a": {}}, "anyOf": [{"properties": {"b": {}}}]},
         pl.Struct({"a": pl.String(), "b": pl.String()})),
        ({"type": "object"}, pl.String()),
        ({"type": "object", "patternProperties": {"^a": {"type": "integer"}}}, pl.String()),
        ({}, pl.String()),
        (True, pl.String()),
    ],
)  # fmt: skip
def test_a_node_has_its_column(node: Any, dtype: pl.DataType) -> None:
    model = of(**node) if isinstance(node, dict) else of()

    assert columns_of(model) == {"field": dtype}
    assert compile_schema(model, name="x", page_of_items=True).full["required"] == ["field"]


@pytest.mark.parametrize(
    ("node", "message"),
    [
        ({"$ref": "https://example.org/a.json"}, "c.json #/properties/field: $ref 'https"),
        ({"$ref": "other.json#/a"}, "copy what it names into $defs"),
        ({"$ref": "#anchor"}, "$ref '#anchor' is not followed"),
        ({"$ref": "#/$defs/None"}, "#/properties/field: $ref '#/$defs/None' leads nowhere"),
        ({"$ref": "#/properties/field"}, "is made of itself"),
        ({"allOf": [{"$ref": "#/properties/field"}]}, "is made of itself"),
        ({"not": {}}, "#/properties/field/not: not has no counterpart in a record type; leave it out"),
        ({"if": {}, "then": {}}, "#/properties/field/if: if has no counterpart"),
        ({"type": "array", "contains": {}}, "contains has no counterpart"),
        ({"properties": {"a": {"mystery": 1}}}, "#/properties/field/properties/a/mystery: mystery has no"),
        ({"type": "text"}, "#/properties/field/type: 'text' is no type; write one of string, number"),
        ({"type": "string", "format": "colour"}, "/format: the format 'colour' is not known"),
        ({"type": "string", "format": "date", "maxLength": 9}, "a date is no text to measure"),
        ({"type": "string", "pattern": "(?=a)"}, "a limit cannot be used: error: look-around"),
        ({"type": "string", "minLength": "three"}, "#/properties/field: a limit cannot be used"),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "its parts say different things about type"),
        ({"allOf": [{"type": "string"}, False]}, "#/properties/field/allOf/1: it is no schema that a value"),
        ({"enum": [[1]]}, "it allows no text, number or boolean"),
        ({"enum": ["a"], "type": "integer"}, "it allows no text, number or boolean"),
        ({"properties": {"a": {}}, "anyOf": [{"required": ["a"]}]}, "/anyOf: alternatives without"),
        ({"properties": {"a": {}}, "additionalProperties": {"type": "string"}}, "values under names that"),
        ({"properties": {"": {}}}, "a property without a name"),
        ({"type": "integer", "default": "x"}, "#/properties/field/default: the default does not fit"),
        ({"type": "object", "properties": [1]}, "/properties: properties is not written so"),
        ({"properties": {"a": {}}, "required": ["b"]}, "#/properties/field/required: 'b' is no property"),
        ({"type": [1]}, "#/properties/field/type: type is not written so"),
        ({"type": "number", "multipleOf": "x"}, "#/properties/field: a limit cannot be used"),
        ({"type": "object", "patternProperties": {"a": {}, "b": {}}}, "one dict has one kind of value"),
    ],
)  # fmt: skip
def test_what_has_no_model_is_refused_by_its_place(node: dict[str, Any], message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        of(**node)

    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "cannot be read as JSON"),
        ("[]", "#: it is no schema"),
        ('{"properties": {"a": {}}, "not": {}}', "#/not: not has no counterpart"),
        ('{"properties": {"a": {}}, "anyOf": [{}]}', "#: a record needs named fields of one kind"),
        ('{"type": "string"}', "#: a record needs named fields"),
        ('{"$schema": "http://json-schema.org/draft-04/schema#"}', "write draft 2020-12 or draft 7"),
        ('{"x-unit": "line", "properties": {"a": {}}}', "unit is 'line'"),
    ],
)
def test_a_file_that_is_no_record_type_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "c.json").write_text(text)

    with pytest.raises(SchemaError, match=re.escape(message)):
        load(str(tmp_path / "c.json"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=r"none\.json cannot be read: No such file or directory$"):
        load(str(tmp_path / "none.json"))


SCALARS: list[dict[str, Any]] = [
    {"type": "string"},
    {"type": "string", "minLength": 2, "maxLength": 5},
    {"type": "string", "format": "date"},
    {"type": "string", "format": "date-time"},
    {"type": "string", "format": "uuid"},
    {"type": "integer", "minimum": 3, "exclusiveMaximum": 5},
    {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    {"type": "number", "multipleOf": 0.01, "minimum": 2.5},
    {"type": ["boolean", "null"]},
    {"enum": ["a", "b", None]},
    {"const": 1},
    {},
]


def wrapped(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Schemas made of other schemas."""
    return st.one_of(
        st.builds(
            lambda items, least: {"type": "array", "items": items, "minItems": least},
            inner,
            st.integers(0, 2),
        ),
        inner.map(lambda values: {"type": "object", "additionalProperties": values}),
        inner.map(lambda value: {"oneOf": [{"type": "null"}, value]} if value else value),
        inner.map(lambda value: {"allOf": [value, {"description": "Twice"}]}),
        inner.map(lambda value: {"anyOf": [value, {"type": "boolean"}]}),
        objects(inner),
    )


def objects(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Schemas of objects with properties."""
    names = st.sampled_from(["a", "Invoice No.", "_id", "schema", "copy", "class", "größe", "b/c~d"])
    return st.builds(
        lambda properties, closed: {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": not closed,
        },
        st.dictionaries(names, inner, min_size=1, max_size=4),
        st.booleans(),
    )


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(schema=objects(st.recursive(st.sampled_from(SCALARS), wrapped, max_leaves=6)))
def test_what_is_asked_by_a_schema_fits_it_and_comes_back_from_its_row(schema: dict[str, Any]) -> None:
    model = read_schema(schema, name="any", shown="any.json").model
    wire = compile_schema(model, name="any", page_of_items=False).full

    answer = sample_answer(model)
    record, _ = validate(answer, model)
    frame = pl.DataFrame([row_of(record)], schema=columns_of(model), strict=True)

    jsonschema.validate(answer, schema)
    jsonschema.validate(answer, wire)
    assert all(node.keys() <= ALLOWED for node in nodes(wire))
    assert record_of(model, frame.row(0, named=True)) == record
