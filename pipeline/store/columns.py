"""The columns of a record type: polars types taken from its pydantic model, never from values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum
from functools import lru_cache
from typing import Any

import polars as pl
from pydantic import BaseModel, TypeAdapter

from pipeline.described import DECIMALS
from pipeline.errors import ConfigError

MOST_DIGITS = 38  # what polars and Parquet keep of a decimal

CoreSchema = Mapping[str, Any]


class Form(StrEnum):
    """How a value stands in its column."""

    VALUE = "value"  # as it is
    TEXT = "text"  # as the text pydantic writes for it: a UUID, a URL, a path
    CHOICE = "choice"  # as the value of an enum's member
    JSON = "json"  # as JSON text: what has no type of column, such as a dict or a union
    LIST = "list"
    STRUCT = "struct"
    ROOT = "root"  # as what a model around one lone value holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column, or a part of one.

    Attributes:
        dtype: Its type in polars and so in Parquet.
        form: How a value is laid out in it.
        parts: Of a struct, its fields; of a list or a root, its one element under an empty name.
        derived: Whether the model works the value out itself, and takes none for it.
    """

    dtype: pl.DataType
    form: Form = Form.VALUE
    parts: Mapping[str, "Column"] = field(default_factory=dict)
    derived: bool = False


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
# `call` is what a named tuple is called by older versions of pydantic.
_AS_JSON = {"any", "none", "dict", "ordered-dict", "counter", "tagged-union", "named-tuple", "call"}
# What pydantic calls a kind, where that is not what its user wrote.
_WORDS = {
    "function-plain": "what a plain validator returns",
    "is-instance": "an object of a class of its own",
    "is-subclass": "a class",
    "callable": "a function",
    "json": "JSON inside a text",
    "generator": "an iterable, which is read only once,",
}
# Around another schema, and where it stands. Answers come as JSON, so its branch is the one that counts.
_WRAPPERS = {
    "default": "schema",
    "nullable": "schema",
    "model-field": "schema",
    "function-before": "schema",
    "function-after": "schema",
    "function-wrap": "schema",
    "definitions": "schema",
    "chain": "steps",
    "json-or-python": "json_schema",
}
_HIDDEN = "schema"  # the key of the folders of records: readers of Hive layouts put its value over a column


def columns_of(model: type[BaseModel]) -> dict[str, pl.DataType]:
    """Return the columns of a record type: field names and polars types, in the order of the fields.

    Decimals keep the declared max_digits and decimal_places, 38 and 6 where nothing is declared. Datetimes
    that must have a zone are kept in UTC, others without one. Dicts, unions, tuples of mixed types, `Any` and
    models that hold themselves become text columns with JSON in them. Computed fields are columns too.

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
    for name in column.parts:
        if name.startswith("_") or name.casefold() == _HIDDEN:
            raise ConfigError(
                f"{model.__name__}.{name}: a column of this name is the lake's own; name the field "
                f"otherwise, and give it the alias {name!r} to be asked for by that name"
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
            raise _unstorable(kind, where)
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
            inner = schema[_WRAPPERS[schema["type"]]]
            schema = inner[-1] if schema["type"] == "chain" else inner

    def struct(self, schema: CoreSchema, where: str, inside: tuple[str, ...]) -> Column:
        """Return a struct of the fields of a model or dataclass."""
        if schema.get("root_model"):
            return self.root(schema["schema"], where, inside)
        fields, inside, _ = self._unwrapped(schema["schema"], inside)
        listed = fields["fields"]
        if isinstance(listed, list):
            listed = {str(each["name"]): each for each in listed}
        parts = {name: self.field(each, f"{where}.{name}", inside) for name, each in listed.items()}
        for each in fields.get("computed_fields", ()):
            name = str(each["property_name"])
            parts[name] = replace(self.column(each["return_schema"], f"{where}.{name}", inside), derived=True)
        return _struct_of(parts, where, schema["cls"].__name__)

    def field(self, schema: CoreSchema, where: str, inside: tuple[str, ...]) -> Column:
        """Return the column of a field."""
        if schema.get("init_only"):
            raise ConfigError(f"{where}: an InitVar is not kept, so it cannot be stored; declare a field")
        column = self.column(schema["schema"], where, inside)
        return column if schema.get("init", True) else replace(column, derived=True)

    def keyed(self, schema: CoreSchema, where: str, inside: tuple[str, ...]) -> Column:
        """Return a struct of the keys, or JSON text where keys may be missing, which a struct cannot tell."""
        total = schema.get("total", True)
        if not all(each.get("required", total) for each in schema["fields"].values()):
            return JSON_TEXT
        parts = {
            name: self.column(each["schema"], f"{where}.{name}", inside)
            for name, each in schema["fields"].items()
        }
        return _struct_of(parts, where, "the TypedDict")

    def root(self, schema: CoreSchema, where: str, inside: tuple[str, ...]) -> Column:
        """Return the column of what the model holds; as JSON if a null would not tell whose it is."""
        inner = self._unwrapped(schema, inside)[0]["type"]
        if inner in _AS_JSON or _may_be_null(schema):
            return JSON_TEXT
        column = self.column(schema, where, inside)
        return Column(dtype=column.dtype, form=Form.ROOT, parts={"": column})

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


def _struct_of(parts: Mapping[str, Column], where: str, owner: str) -> Column:
    if not parts:
        raise ConfigError(f"{where}: {owner} has no fields; give it at least one")
    seen: dict[str, str] = {}
    for name in parts:
        if (other := seen.setdefault(name.casefold(), name)) != name:
            raise ConfigError(
                f"{where}: {other} and {name} differ only in case, which many readers of Parquet do not tell "
                f"apart; rename one, and give it the alias {name!r} to be asked for by that name"
            )
    dtype = pl.Struct({name: part.dtype for name, part in parts.items()})
    return Column(dtype=dtype, form=Form.STRUCT, parts=parts)


def _may_be_null(schema: CoreSchema) -> bool:
    while schema["type"] in _WRAPPERS and schema["type"] not in {"nullable", "chain"}:
        schema = schema[_WRAPPERS[schema["type"]]]
    return bool(schema["type"] == "nullable")


def _unstorable(kind: str, where: str) -> ConfigError:
    what = _WORDS.get(kind, f"a value of kind {kind}")
    return ConfigError(
        f"{where}: {what} cannot be stored; declare a text, a number, a date or a model instead"
    )


def _list_of(element: Column) -> Column:
    return Column(dtype=pl.List(element.dtype), form=Form.LIST, parts={"": element})


def _decimal(_: _Layout, schema: CoreSchema, where: str, __: object) -> Column:
    decimals = schema.get("decimal_places", DECIMALS)
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
        case kinds if kinds == {float}:
            return Column(dtype=pl.Float64(), form=Form.CHOICE)
    return JSON_TEXT


_BUILDERS: dict[str, Callable[[_Layout, CoreSchema, str, tuple[str, ...]], Column]] = {
    "model": _Layout.struct,
    "dataclass": _Layout.struct,
    "typed-dict": _Layout.keyed,
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
