"""The columns of a record type: polars types taken from its pydantic model, never from values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from functools import lru_cache
from typing import Any

import polars as pl
from pydantic import BaseModel, TypeAdapter

from pipeline.errors import ConfigError

MOST_DIGITS = 38  # what polars and Parquet keep of a decimal
DEFAULT_DECIMALS = 6  # where a model does not declare decimal_places

CoreSchema = Mapping[str, Any]


class Form(StrEnum):
    """How a value stands in its column."""

    VALUE = "value"  # as it is
    TEXT = "text"  # as the text pydantic writes for it: a UUID, a URL, a path
    CHOICE = "choice"  # as the value of an enum's member
    JSON = "json"  # as JSON text: what has no type of column, such as a dict or a union
    LIST = "list"
    STRUCT = "struct"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column, or a part of one.

    Attributes:
        dtype: Its type in polars and so in Parquet.
        form: How a value is laid out in it.
        parts: Of a struct, its fields; of a list, its one element under an empty name.
    """

    dtype: pl.DataType
    form: Form = Form.VALUE
    parts: Mapping[str, "Column"] = field(default_factory=dict)


JSON_TEXT = Column(dtype=pl.String(), form=Form.JSON)

_SCALARS: dict[str, Column] = {
    "str": Column(dtype=pl.String()),
    "bool": Column(dtype=pl.Boolean()),
    "int": Column(dtype=pl.Int64()),
    "float": Column(dtype=pl.Float64()),
    "date": Column(dtype=pl.Date()),
    "time": Column(dtype=pl.Time()),
    "timedelta": Column(dtype=pl.Duration("us")),
    "uuid": Column(dtype=pl.String(), form=Form.TEXT),
    "url": Column(dtype=pl.String(), form=Form.TEXT),
    "multi-host-url": Column(dtype=pl.String(), form=Form.TEXT),
}
_AS_JSON = {"any", "none", "dict", "tagged-union", "typed-dict", "dataclass"}
# Around another schema, and where it stands. Answers come as JSON, so its branch is the one that counts.
_WRAPPERS = {
    "default": "schema",
    "nullable": "schema",
    "model-field": "schema",
    "function-before": "schema",
    "function-after": "schema",
    "function-wrap": "schema",
    "definitions": "schema",
    "json-or-python": "json_schema",
}


def columns_of(model: type[BaseModel]) -> dict[str, pl.DataType]:
    """Return the columns of a record type: field names and polars types, in the order of the fields.

    Decimals keep the declared max_digits and decimal_places, 38 and 6 where nothing is declared. Datetimes
    that must have a zone are kept in UTC, others without one. Dicts, unions, tuples of mixed types, `Any` and
    models that hold themselves become text columns with JSON in them.

    Raises:
        ConfigError: A field cannot be stored; the message names it and says what to do.
    """
    return {name: column.dtype for name, column in layout_of(model).items()}


@lru_cache(maxsize=64)
def layout_of(model: type[BaseModel]) -> dict[str, Column]:
    """Return the columns of a record type with how values stand in them.

    Raises:
        ConfigError: As `columns_of`.
    """
    schema = TypeAdapter(model).core_schema
    defined = schema.get("definitions", ()) if schema["type"] == "definitions" else ()
    layout = _Layout({str(each["ref"]): each for each in defined if "ref" in each})
    column = layout.column(schema, model.__name__, ())
    if column.form is not Form.STRUCT:
        raise ConfigError(
            f"{model.__name__} has no named fields; put the list or value in a field of a model"
        )
    return dict(column.parts)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Walks pydantic's own description of a model, where annotations of every spelling look the same."""

    defined: Mapping[str, CoreSchema]

    def column(self, schema: CoreSchema, where: str, inside: tuple[str, ...]) -> Column:
        """Return the column for a schema.

        Args:
            schema: pydantic's core schema.
            where: Name of the field, for messages.
            inside: References of the models around it; one that comes again is a recursion.
        """
        schema, inside, recursive = self._unwrapped(schema, inside)
        kind = str(schema["type"])
        if recursive or kind in _AS_JSON:
            return JSON_TEXT
        if kind in _SCALARS:
            return _SCALARS[kind]
        if (build := _BUILDERS.get(kind)) is None:
            raise ConfigError(
                f"{where}: a value of kind {kind} cannot be stored; declare a text, number, date or model"
            )
        return build(self, schema, where, inside)

    def _unwrapped(
        self, schema: CoreSchema, inside: tuple[str, ...]
    ) -> tuple[CoreSchema, tuple[str, ...], bool]:
        """Return the schema that tells the type, the models around it, and whether it is one of them."""
        while True:
            reference = str(schema.get("schema_ref") or schema.get("ref") or "")
            if reference in inside:
                return schema, inside, True
            if schema["type"] == "definition-ref":
                schema = self.defined[reference]
                continue
            inside = (*inside, reference) if reference else inside
            if schema["type"] not in _WRAPPERS:
                return schema, inside, False
            schema = schema[_WRAPPERS[schema["type"]]]

    def struct(self, schema: CoreSchema, where: str, inside: tuple[str, ...]) -> Column:
        """Return a struct of the model's fields."""
        if schema.get("root_model"):
            return JSON_TEXT
        fields, inside, _ = self._unwrapped(schema["schema"], inside)
        parts = {
            name: self.column(each, f"{where}.{name}", inside) for name, each in fields["fields"].items()
        }
        if not parts:
            raise ConfigError(f"{where}: {schema['cls'].__name__} has no fields; give it at least one")
        dtype = pl.Struct({name: part.dtype for name, part in parts.items()})
        return Column(dtype=dtype, form=Form.STRUCT, parts=parts)

    def sequence(self, schema: CoreSchema, where: str, inside: tuple[str, ...]) -> Column:
        """Return a list of one kind of element."""
        return _list_of(self.column(schema.get("items_schema", {"type": "any"}), f"{where}[]", inside))

    def lenient(self, schema: CoreSchema, where: str, inside: tuple[str, ...]) -> Column:
        """Return the column of a type made from text, such as a path, or of what else stands behind it."""
        column = self.column(schema["strict_schema"], where, inside)
        return _SCALARS["url"] if column == _SCALARS["str"] else column

    def fixed(self, schema: CoreSchema, where: str, inside: tuple[str, ...]) -> Column:
        """Return a list if all elements are of one kind."""
        elements = [self.column(each, f"{where}[]", inside) for each in schema["items_schema"]]
        alike = elements and all(element == elements[0] for element in elements)
        return _list_of(elements[0]) if alike else JSON_TEXT

    def either(self, schema: CoreSchema, where: str, inside: tuple[str, ...]) -> Column:
        """Return JSON text, unless that would lose which of the kinds a value was."""
        options = (each[0] if isinstance(each, tuple) else each for each in schema["choices"])
        if {"decimal", "str"} <= {self._unwrapped(each, inside)[0]["type"] for each in options}:
            raise ConfigError(
                f"{where}: a decimal or a text is the same in JSON; declare float | str, or one of them"
            )
        return JSON_TEXT


def _list_of(element: Column) -> Column:
    return Column(dtype=pl.List(element.dtype), form=Form.LIST, parts={"": element})


def _decimal(_: _Layout, schema: CoreSchema, where: str, __: object) -> Column:
    decimals = schema.get("decimal_places", DEFAULT_DECIMALS)
    digits = schema.get("max_digits", MOST_DIGITS)
    if (most := max(digits, decimals)) > MOST_DIGITS:
        raise ConfigError(
            f"{where}: a decimal of {most} digits cannot be stored, {MOST_DIGITS} can; "
            "declare fewer max_digits, or str"
        )
    if "decimal_places" in schema:
        return Column(dtype=pl.Decimal(most, decimals))
    # All the digits may stand before the point.
    return Column(dtype=pl.Decimal(min(digits + decimals, MOST_DIGITS), decimals))


def _datetime(_: _Layout, schema: CoreSchema, __: str, ___: object) -> Column:
    zone = None if schema.get("tz_constraint") in (None, "naive") else "UTC"
    return Column(dtype=pl.Datetime("us", zone))


def _choice(_: _Layout, schema: CoreSchema, __: str, ___: object) -> Column:
    """Return the column of an enum or a Literal: whatever all of its values are."""
    expected = schema.get("members") or schema["expected"]
    values = [value.value if isinstance(value, Enum) else value for value in expected if value is not None]
    match {type(value) for value in values}:
        case kinds if kinds and all(issubclass(kind, str) for kind in kinds):
            return Column(dtype=pl.Enum(list(dict.fromkeys(map(str, values)))), form=Form.CHOICE)
        case kinds if kinds == {bool}:
            return Column(dtype=pl.Boolean(), form=Form.CHOICE)
        case kinds if kinds == {int}:
            return Column(dtype=pl.Int64(), form=Form.CHOICE)
    return JSON_TEXT


_BUILDERS: dict[str, Callable[[_Layout, CoreSchema, str, tuple[str, ...]], Column]] = {
    "model": _Layout.struct,
    "list": _Layout.sequence,
    "set": _Layout.sequence,
    "frozenset": _Layout.sequence,
    "deque": _Layout.sequence,
    "lax-or-strict": _Layout.lenient,
    "tuple": _Layout.fixed,
    "union": _Layout.either,
    "decimal": _decimal,
    "datetime": _datetime,
    "enum": _choice,
    "literal": _choice,
}
