"""What an answer has to look like: the field `response_format`, and schemas in the words of a prompt."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from pipeline.local import gbnf

_TRIES = 200
"""Places in a prompt at which JSON is looked for; of each, what follows is read once."""


class BadFormat(Exception):
    """The format cannot be followed. The message is a sentence for the caller."""


class ResponseFormat(BaseModel):
    """The field as it is sent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["text", "json_object", "json_schema", "grammar"]
    json_schema: JsonValue = None
    schema_: JsonValue = Field(default=None, alias="schema")
    grammar: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the answer has to be.

    Attributes:
        schema: JSON Schema that it obeys; None for none.
        json_object: Whether any JSON object will do.
        grammar: Grammar that takes it, known to be one; None for none.
    """

    schema: dict[str, Any] | None = None
    json_object: bool = False
    grammar: str | None = None


def wanted(asked: ResponseFormat | None, texts: Iterable[str]) -> Wanted:
    """What a request wants.

    A model that may answer with any JSON object, or by a grammar, goes by the words of its prompt: so does
    this engine, which understands one thing there, a JSON Schema.

    Args:
        asked: The field, if there is one.
        texts: What the caller says in words.

    Raises:
        BadFormat: There is no schema where one has to be, or the grammar is none.
    """
    if asked is None or asked.type == "text":
        return Wanted()
    if asked.type == "json_schema":
        return Wanted(schema=_bare_schema(asked.json_schema))
    if asked.type == "grammar":
        return Wanted(schema=next(_schemas_in(texts), None), grammar=_checked(asked.grammar))
    if asked.schema_ is not None:
        return Wanted(schema=_bare_schema(asked.schema_))
    schema = next(_schemas_in(texts), None)
    return Wanted(schema=schema, json_object=schema is None)


def _checked(grammar: str | None) -> str:
    if grammar is None:
        raise BadFormat("response_format has no grammar; send it as text in response_format.grammar.")
    try:
        gbnf.parse(grammar)
    except gbnf.BadGrammar as error:
        raise BadFormat(f"The grammar {error}.") from None
    return grammar


def _schemas_in(texts: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The JSON Schemas of objects that stand in texts, first one first."""
    decoder, tries = json.JSONDecoder(), _TRIES
    for text in texts:
        place = text.find("{")
        while place >= 0 and tries:
            tries -= 1
            try:
                value, end = decoder.raw_decode(text, place)
            except (ValueError, RecursionError):
                value, end = None, place + 1
            schema = value.get("schema", value) if isinstance(value, dict) else None
            if isinstance(schema, dict) and isinstance(schema.get("properties"), dict):
                yield schema
            place = text.find("{", end)


def _bare_schema(value: JsonValue) -> dict[str, Any]:
    """The schema itself, whether it came wrapped with a name, bare, or as JSON text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise BadFormat("response_format.json_schema is not valid JSON.") from None
    if isinstance(value, dict) and "schema" in value and not {"type", "properties", "$ref"} & value.keys():
        return _bare_schema(value["schema"])
    if not isinstance(value, dict):
        raise BadFormat("response_format has no JSON Schema; send json_schema.schema as an object.")
    return value
