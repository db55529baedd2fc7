"""The grammar of a schema allows what the schema allows, and nothing else."""

import json
import subprocess
import sys
from typing import Any

import jsonschema
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from pipeline.grammar import grammar_of
from pipeline.local.gbnf import accepts, parse
from pipeline.structured import WireSchema, compile_schema
from schemas.registry import built_in, load
from tests.models import Wide
from tests.test_any_model import MODELS

Schema = dict[str, Any]
SEPARATORS = [(", ", ": "), (",", ":")]
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(max_size=8),
    "number": st.floats(allow_nan=False, allow_infinity=False) | st.integers(),
    "integer": st.integers(),
    "boolean": st.booleans(),
    "null": st.none(),
}
ANYTHING = st.recursive(
    st.one_of(*SCALARS.values()),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def takes(schema: Schema, text: str) -> bool:
    return accepts(parse(grammar_of(schema)), text)


def compiled(model: type[BaseModel]) -> WireSchema:
    return compile_schema(model, name="x", page_of_items=True)


def answer_to(data: st.DataObject, schema: Schema) -> Any:
    """A value that fits a schema, its properties in order."""

    def fitting(node: Any, depth: int) -> Any:
        value: Any
        match node:
            case {"$ref": str(reference)}:
                value = fitting(schema["$defs"][reference.removeprefix("#/$defs/")], depth + 1)
            case {"enum": [*allowed]}:
                value = data.draw(st.sampled_from(allowed))
            case {"anyOf": [*options]}:
                value = fitting(data.draw(st.sampled_from(options)), depth)
            case {"properties": {**named}}:
                value = {key: fitting(inner, depth) for key, inner in named.items()}
            case {"additionalProperties": inner}:
                keys = data.draw(st.lists(st.text(max_size=4), max_size=2, unique=True))
                value = {key: fitting(inner, depth) for key in keys}
            case {"items": item}:
                items = data.draw(st.integers(0, 2 if depth < 4 else 0))
                value = [fitting(item, depth) for _ in range(items)]
            case _:
                value = data.draw(SCALARS[node["type"]])
        return value

    return fitting(schema, 0)


def schemas() -> st.SearchStrategy[Schema]:
    """Of the built-in types, of a model with a field of every kind, and of models nobody has thought of."""
    known: list[type[BaseModel]] = [Wide, *(load(name).model for name in built_in())]
    wired = st.one_of(st.sampled_from(known), MODELS).map(compiled)
    return wired.flatmap(lambda schema: st.sampled_from([schema.full, schema.partial]))


def as_text(draw: st.DataObject, value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=draw.draw(st.sampled_from(SEPARATORS)))


@settings(max_examples=40)
@given(st.data())
def test_whatever_a_schema_allows_its_grammar_allows(data: st.DataObject) -> None:
    schema = data.draw(schemas())
    answer = answer_to(data, schema)

    assert takes(schema, as_text(data, answer))


@settings(max_examples=60)
@given(st.data())
def test_what_a_schema_does_not_allow_its_grammar_does_not(data: st.DataObject) -> None:
    schema = data.draw(schemas())
    answer = answer_to(data, schema)
    spoilt = spoil(data, answer)
    assume(not jsonschema.Draft202012Validator(schema).is_valid(spoilt))

    assert not takes(schema, as_text(data, spoilt))


def spoil(data: st.DataObject, value: Any) -> Any:
    """The value with something else in one place, one place less, or one more."""
    if isinstance(value, list) and value and data.draw(st.booleans()):
        place = data.draw(st.integers(0, len(value) - 1))
        return [*value[:place], spoil(data, value[place]), *value[place + 1 :]]
    if isinstance(value, dict) and value:
        key = data.draw(st.sampled_from(sorted(value)))
        rest = {name: inner for name, inner in value.items() if name != key}
        changed = {**value, key: spoil(data, value[key])}
        return data.draw(st.sampled_from([changed, rest, {**value, "one more": None}]))
    return data.draw(ANYTHING)


@settings(max_examples=40)
@given(st.data())
def test_a_text_with_one_character_changed_is_refused_unless_it_still_fits(data: st.DataObject) -> None:
    schema = data.draw(schemas())
    text = as_text(data, answer_to(data, schema))
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(['"', "\\", "{", "]", ",", "0", ".", "\n", "x", ""]))
    changed = text[:place] + other + text[place + 1 :]

    if takes(schema, changed):
        jsonschema.validate(json.loads(changed), schema)


ORDER: Schema = {
    "type": "object",
    "properties": {
        "state": {"type": "string", "enum": ["open", 'a "b"', "c\\d", "é\n", ""]},
        "level": {"enum": [-1, 2.5, True, None]},
        "count": {"anyOf": [{"$ref": "#/$defs/Größe"}, {"type": "null"}]},
        "string": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
        "map": {"type": "object", "additionalProperties": {"type": "boolean"}},
    },
    "required": ["state", "level", "count", "string", "map"],
    "additionalProperties": False,
    "$defs": {"Größe": {"type": "integer"}},
}
FITTING = (
    '{"state": "open", "level": -1, "count": 3, "string": [[1, -2.5e3], []], "map": {"a": true, "b": false}}'
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("open", r"a \"b\""),
        ("open", r"c\\d"),
        ("open", r"é\n"),
        ("open", ""),
        ("-1", "2.5"),
        ("-1", "null"),
        (": 3", ": null"),
        ("[[1, -2.5e3], []]", "[]"),
        ("[[1, -2.5e3], []]", "[ [ 0 ] ]"),
        ('{"a": true, "b": false}', "{ }"),
        ('"a"', r'"\u00e9\"ü😀"'),
        (": ", ":"),
        (", ", " , "),
    ],
)
def test_what_fits_may_be_written_in_its_usual_ways(old: str, new: str) -> None:
    assert takes(ORDER, FITTING)
    assert takes(ORDER, FITTING.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("open", "shut"),
        ("-1", "1"),
        ("-1", '"-1"'),
        (": 3", ": 3.0"),
        (": 3", ": 03"),
        (": 3", ": true"),
        ("[[1", '[["1"'),
        ("2.5e3", ".5"),
        ("2.5e3", "2."),
        ("true", "True"),
        ('"a"', '"a\n"'),
        ('"a"', r'"\x"'),
        ('"a"', "'a'"),
        (", ", ",  "),
        (", ", ",\n"),
        ('"count": 3, ', ""),
        ("}}", '}, "more": 1}'),
        ('"state": "open", "level": -1', '"level": -1, "state": "open"'),
        (FITTING, ""),
        (FITTING, f"```json\n{FITTING}\n```"),
        (FITTING, FITTING + " "),
        (FITTING, FITTING[:-1]),
    ],
)
def test_what_does_not_fit_is_refused(old: str, new: str) -> None:
    assert not takes(ORDER, FITTING.replace(old, new, 1))


def test_nested_lists_do_not_double_the_grammar() -> None:
    node: Schema = {"type": "string"}
    for _ in range(20):
        node = {"type": "array", "items": node}
    schema = {"type": "object", "properties": {"deep": node}}

    assert len(grammar_of(schema)) < 4000
    assert takes(schema, '{"deep": ' + "[" * 20 + '"x"' + "]" * 20 + "}")


def test_only_rules_that_are_used_are_written() -> None:
    lines = grammar_of({"type": "object", "properties": {"a": {"type": "boolean"}}}).splitlines()

    assert [line.partition(" ")[0] for line in lines] == ["root", "boolean", "comma", "colon", "ws"]


PRINT = """
import json, sys
from pipeline.grammar import grammar_of
print(grammar_of(json.loads(sys.argv[1])), end="")
"""


def test_another_process_writes_the_same_grammar() -> None:
    printed = subprocess.run(
        [sys.executable, "-c", PRINT, json.dumps(ORDER)],
        env={"PYTHONHASHSEED": "7", "PYTHONIOENCODING": "utf-8"},
        check=True,
        capture_output=True,
        encoding="utf-8",
    ).stdout

    assert printed == grammar_of(ORDER)
