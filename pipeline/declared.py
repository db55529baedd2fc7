"""Where the values of an answer stand that their model declares as numbers, dates, times, or yes and no."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, TypeAdapter

from pipeline.locations import Location

CoreSchema = Mapping[str, Any]

SCALARS = frozenset(["int", "float", "decimal", "bool", "date", "time", "timedelta", "datetime"])
ZONED = "zoned"
"""Kind of a datetime that must have a zone."""
OPEN_DECIMAL = "open decimal"
"""Kind of a decimal that does not say how many decimals it has."""

_NUMBERS = frozenset(["int", "float", "decimal"])
_SEQUENCES = frozenset(["list", "set", "frozenset", "tuple", "deque"])
_WRAPPERS = {
    "default": "schema",
    "nullable": "schema",
    "definitions": "schema",
    "function-after": "schema",
    "function-before": "schema",
    "function-wrap": "schema",
    "json-or-python": "json_schema",
}
_OWN_CODE = frozenset(["function-before", "function-wrap"])


@dataclass(frozen=True, slots=True)
class Declared:
    """A value and what it is declared as.

    Attributes:
        location: Its place among the values.
        kind: One of `SCALARS`, or `ZONED`, or `OPEN_DECIMAL`.
        value: What the answer gives.
    """

    location: Location
    kind: str
    value: Any


def declared(values: Any, model: type[BaseModel]) -> Iterator[Declared]:
    """The scalars among the values of an answer, nulls left out.

    Left out as well is what the model's own validators see first, and what is one of several kinds.
    """
    schema = _core_schema(model)
    yield from _Walk(_definitions(schema)).at(schema, values, ())


@lru_cache(maxsize=64)
def _core_schema(model: type[BaseModel]) -> CoreSchema:
    return TypeAdapter(model).core_schema


def _definitions(schema: CoreSchema) -> dict[str, CoreSchema]:
    defined = schema.get("definitions", ()) if schema["type"] == "definitions" else ()
    return {str(each["ref"]): each for each in defined if "ref" in each}


@dataclass(frozen=True, slots=True)
class _Walk:
    """Follows pydantic's own description of a model and the values side by side."""

    defined: Mapping[str, CoreSchema]

    def at(self, schema: CoreSchema, value: Any, location: Location) -> Iterator[Declared]:
        schema, own_code = self._unwrapped(schema)
        kind = str(schema["type"])
        if value is None:
            return
        if kind == "union" and all(each["type"] in _NUMBERS for each in self._options(schema)):
            kind = "float"
        if kind in SCALARS:
            if not own_code:
                yield Declared(location, _limited(kind, schema), value)
        elif isinstance(value, dict):
            yield from self._object(schema, kind, value, location)
        elif isinstance(value, list):
            yield from self._list(schema, kind, value, location)

    def _unwrapped(self, schema: CoreSchema) -> tuple[CoreSchema, bool]:
        """The schema that tells the kind, and whether code of the user's sees the value before it."""
        own_code = False
        while True:
            kind = schema["type"]
            own_code = own_code or kind in _OWN_CODE
            if kind == "definition-ref":
                schema = self.defined[str(schema["schema_ref"])]
            elif kind == "chain":
                schema = schema["steps"][0]
            elif kind in _WRAPPERS:
                schema = schema[_WRAPPERS[kind]]
            elif kind == "model" and schema.get("root_model"):
                schema = schema["schema"]
            else:
                return schema, own_code

    def _options(self, schema: CoreSchema) -> list[CoreSchema]:
        options = (each[0] if isinstance(each, tuple) else each for each in schema["choices"])
        return [self._unwrapped(each)[0] for each in options]

    def _object(
        self, schema: CoreSchema, kind: str, value: dict[str, Any], location: Location
    ) -> Iterator[Declared]:
        if kind in ("model", "dataclass"):
            schema, _ = self._unwrapped(schema["schema"])
        if kind == "dict":
            inner = schema.get("values_schema", {"type": "any"})
            for key, each in value.items():
                yield from self.at(inner, each, (*location, key))
        elif kind == "tagged-union":
            yield from self._tagged(schema, value, location)
        elif "fields" in schema:
            for key, inner in _keyed(schema["fields"]):
                if key in value:
                    yield from self.at(inner, value[key], (*location, key))

    def _tagged(self, schema: CoreSchema, value: dict[str, Any], location: Location) -> Iterator[Declared]:
        """The kind that a value names itself, where one key does so."""
        tag = value.get(schema["discriminator"]) if isinstance(schema["discriminator"], str) else None
        if isinstance(tag, str) and tag in schema["choices"]:
            yield from self.at(schema["choices"][tag], value, location)

    def _list(
        self, schema: CoreSchema, kind: str, value: list[Any], location: Location
    ) -> Iterator[Declared]:
        inner = schema.get("items_schema", {"type": "any"})
        if kind not in _SEQUENCES or not inner:
            return
        for place, each in enumerate(value):
            if isinstance(inner, list):  # a tuple; its last kind is that of all further entries
                yield from self.at(inner[min(place, len(inner) - 1)], each, (*location, place))
            else:
                yield from self.at(inner, each, (*location, place))


def _keyed(fields: Any) -> Iterator[tuple[str, CoreSchema]]:
    """Every name that a field may stand under, and what stands there."""
    named = fields.items() if isinstance(fields, dict) else ((each["name"], each) for each in fields)
    for name, field in named:
        for key in dict.fromkeys([*_aliases(field.get("validation_alias")), str(name)]):
            yield key, field["schema"]


def _aliases(alias: Any) -> list[str]:
    """The aliases that are plain keys; others lead into another value."""
    if isinstance(alias, str):
        return [alias]
    paths = [alias] if alias and not isinstance(alias[0], list) else alias or []
    return [str(path[0]) for path in paths if len(path) == 1]


def _limited(kind: str, schema: CoreSchema) -> str:
    """The kind, told more closely where the declaration matters."""
    if kind == "datetime" and schema.get("tz_constraint") not in (None, "naive"):
        return ZONED
    return OPEN_DECIMAL if kind == "decimal" and "decimal_places" not in schema else kind
