"""Only what the service takes is sent; what is not is said in words, and nothing else is lost."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, RootModel, SecretStr

from pipeline.errors import ConfigError
from pipeline.structured import compile_schema
from schemas.registry import built_in, load
from tests.models import Node, Wide, values

ALLOWED = {
    "$ref", "$defs", "type", "description", "enum", "anyOf", "items", "properties", "required",
    "additionalProperties",
}  # fmt: skip
MODELS: list[type[BaseModel]] = [*(load(name).model for name in built_in()), Wide, Node]


def wire(model: type[BaseModel], *, pages: bool = False) -> dict[str, Any]:
    return compile_schema(model, name="x", page_of_items=pages).full


def nodes(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every node of a schema, the names of properties apart."""
    yield schema
    inner = [
        *schema.get("properties", {}).values(),
        *schema.get("$defs", {}).values(),
        *schema.get("anyOf", ()),
    ]
    inner += [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)]
    for node in inner:
        yield from nodes(node)


@pytest.mark.parametrize("pages", [True, False])
@pytest.mark.parametrize("model", MODELS)
def test_only_keywords_the_service_takes_are_sent(model: type[BaseModel], pages: bool) -> None:
    compiled = compile_schema(model, name="x", page_of_items=pages)

    for schema in (compiled.full, compiled.partial):
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object"
        for node in nodes(schema):
            assert node.keys() <= ALLOWED
            assert "$ref" not in node or node.keys() == {"$ref"}
            assert "$defs" not in node or node is schema
            if "properties" in node:
                assert node["required"] == list(node["properties"])
                assert node["additionalProperties"] is False


@pytest.mark.parametrize("model", MODELS)
def test_every_reference_is_defined_and_every_definition_used(model: type[BaseModel]) -> None:
    schema = wire(model, pages=True)

    referred = {node["$ref"].removeprefix("#/$defs/") for node in nodes(schema) if "$ref" in node}

    assert referred == set(schema.get("$defs", ()))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_record_in_json_fits_the_schema_that_asks_for_it(data: st.DataObject) -> None:
    model = data.draw(st.sampled_from(MODELS))
    record = data.draw(values(model))

    answer = json.loads(record.model_dump_json(by_alias=True, round_trip=True))

    jsonschema.validate(_numbers(answer, record), wire(model))


def _numbers(answer: Any, value: Any) -> Any:
    """Write decimals as numbers, as a model does and pydantic does not."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, BaseModel):
        names = {info.alias or name: name for name, info in type(value).model_fields.items()}
        return {key: _numbers(part, getattr(value, names[key])) for key, part in answer.items()}
    if isinstance(value, list):
        return [_numbers(part, each) for part, each in zip(answer, value, strict=True)]
    return answer


class Status(StrEnum):
    OPEN = "open"


class Nasty(BaseModel):
    """Limits of all sorts."""

    code: str = Field(
        pattern="^A", min_length=2, max_length=20, description="The code", examples=["AB", "AC"]
    )
    price: Decimal | None = Field(None, ge=0, decimal_places=2, max_digits=9, multiple_of=0.5)
    share: Annotated[float, Field(gt=0, lt=1)]
    on: date = Field(title="Day of the event")
    sort: Literal["only"]
    status: Status = Status.OPEN
    names: Annotated[list[Annotated[str, Field(max_length=3)]], Field(min_length=1, max_length=4)]
    labelled: str = Field(json_schema_extra={"x-labels": ["Beleg", "Ref."], "x-other": 5})
    owner: Node = Field(description="Who owns it", title="Owner")
    anything: Any = None
    pair: tuple[int, str]


def described(name: str) -> str:
    return str(wire(Nasty)["properties"][name]["description"])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "code",
            'The code. Examples: "AB", "AC". At most 20 characters. At least 2 characters. '
            "Matches the pattern ^A.",
        ),
        ("price", "At most 2 decimals. At most 9 digits in all. At least 0. A multiple of 0.5."),
        ("share", "Less than 1. More than 0."),
        ("on", "Day of the event. Date as YYYY-MM-DD."),
        ("status", '"open" where the page does not say.'),
        ("names", "At most 4 entries. At least 1 entry."),
        ("labelled", 'Labelled "Beleg", "Ref." on the page. x-other: 5.'),
        ("owner", "Who owns it."),
        ("pair", "At most 2 entries. At least 2 entries. In this order: integer, string."),
    ],
)
def test_what_is_dropped_is_said_in_words(name: str, words: str) -> None:
    assert described(name) == words


def test_what_is_dropped_is_listed_with_its_field() -> None:
    dropped = compile_schema(Nasty, name="x", page_of_items=False).dropped

    assert 'Nasty.code: pattern "^A"' in dropped
    assert "Nasty.names[]: maxLength 3" in dropped
    assert "Node.name: maxLength 9" in dropped
    assert len(dropped) == len(set(dropped))


def test_shapes_are_said_with_what_is_allowed() -> None:
    properties = wire(Nasty)["properties"]

    assert properties["sort"] == {"type": "string", "enum": ["only"]}
    assert properties["price"]["anyOf"] == [{"type": "number"}, {"type": "null"}]
    assert properties["owner"]["anyOf"] == [{"$ref": "#/$defs/Node"}]
    assert properties["pair"]["items"] == {
        "anyOf": [{"type": "integer", "description": "At most 18 digits in all."}, {"type": "string"}]
    }
    assert {"type": "null"} in properties["anything"]["anyOf"]


def test_a_discriminated_union_becomes_a_choice() -> None:
    pet = wire(Wide)["properties"]["pet"]

    assert pet == {"anyOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}, {"type": "null"}]}


def test_properties_have_the_names_that_the_model_validates() -> None:
    properties = wire(Wide)["properties"]

    assert "Rechnungs-Nr." in properties
    assert "aliased" not in properties
    assert "description" not in properties["Rechnungs-Nr."]


def test_a_model_that_holds_itself_keeps_its_reference() -> None:
    schema = wire(Node)

    assert schema["properties"]["children"]["items"] == {"$ref": "#/$defs/Node"}
    assert schema["$defs"]["Node"]["properties"] == schema["properties"]


@pytest.mark.parametrize("model", MODELS)
def test_a_partial_schema_lets_every_field_be_missing(model: type[BaseModel]) -> None:
    compiled = compile_schema(model, name="x", page_of_items=True)

    absent: dict[str, Any] = {
        name: [] if node.get("type") == "array" else None
        for name, node in compiled.partial["properties"].items()
    }

    jsonschema.validate(absent, compiled.partial)
    assert list(compiled.partial["properties"]) == list(compiled.full["properties"])


def test_a_partial_schema_keeps_the_words() -> None:
    compiled = compile_schema(Nasty, name="x", page_of_items=False)

    assert compiled.partial["properties"]["share"] == {
        "description": "Less than 1. More than 0.",
        "anyOf": [{"type": "number"}, {"type": "null"}],
    }
    assert compiled.full["properties"]["share"]["type"] == "number"


def test_entries_of_top_level_lists_say_their_page_and_nothing_else_does() -> None:
    compiled = compile_schema(Wide, name="wide", page_of_items=True)

    properties = compiled.full["properties"]

    assert compiled.paged == ("outers", "pets")
    assert properties["outers"]["items"]["required"][-1] == "_page"
    assert all(
        option["properties"]["_page"]["type"] == "integer" for option in properties["pets"]["items"]["anyOf"]
    )
    assert not any("_page" in node.get("properties", ()) for node in compiled.full["$defs"].values())
    assert properties["outer"]["anyOf"][0] == {"$ref": "#/$defs/Outer"}
    assert compiled.partial["properties"]["outers"] == properties["outers"]


def test_pages_are_asked_for_only_where_wanted() -> None:
    compiled = compile_schema(Wide, name="wide", page_of_items=False)

    assert compiled.paged == ()
    assert "_page" not in json.dumps(compiled.full)


def test_a_list_that_may_be_null_says_pages_too() -> None:
    class Maybe(BaseModel):
        nodes: list[Node] | None = None

    assert compile_schema(Maybe, name="x", page_of_items=True).paged == ("nodes",)


def test_a_model_with_a_page_of_its_own_keeps_it() -> None:
    class Own(BaseModel):
        page: str = Field(alias="_page")

    class Holder(BaseModel):
        owns: list[Own]

    compiled = compile_schema(Holder, name="x", page_of_items=True)

    assert compiled.paged == ()
    assert compiled.full["$defs"]["Own"]["properties"]["_page"] == {"type": "string"}


def test_the_name_is_one_that_the_service_takes() -> None:
    assert compile_schema(Node, name="réclamation.x" + "y" * 80, page_of_items=False).name == (
        "r_clamation_x" + "y" * 51
    )


PRINT = """
import json
from pipeline.structured import compile_schema
from tests.models import Wide
print(json.dumps(compile_schema(Wide, name="wide", page_of_items=True).full))
"""


def test_two_processes_send_the_same_bytes() -> None:
    seeds = ("1", "2")

    digests = {
        hashlib.sha256(
            subprocess.run(
                [sys.executable, "-c", PRINT], env={"PYTHONHASHSEED": seed}, check=True, capture_output=True
            ).stdout
        ).hexdigest()
        for seed in seeds
    }

    assert len(digests) == 1


class Thing:
    pass


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (SecretStr, "field: a secret must not be stored"),
        (Thing, "field: is-instance has no form in JSON"),
        (type(None) | Thing, "field: is-instance has no form in JSON"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_by_name(kind: Any, message: str) -> None:
    holder = type(
        "Holder",
        (BaseModel,),
        {
            "__annotations__": {"field": kind},
            "model_config": {"arbitrary_types_allowed": True},
            "__module__": __name__,
        },
    )

    with pytest.raises(ConfigError, match=message):
        wire(holder)


def test_a_bare_list_is_refused() -> None:
    with pytest.raises(ConfigError, match="a record needs named fields"):
        wire(RootModel[list[int]])
