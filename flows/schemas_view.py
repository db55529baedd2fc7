"""A record type as a person and as a script see it: what is asked, what it becomes, what is said in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from pydantic_core import to_jsonable_python
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from flows.sample import sample_answer
from pipeline.answers import validate
from pipeline.errors import AnswerInvalid, StoreError
from pipeline.records import printable
from pipeline.store.columns import Column, Form, columns_of, layout_of
from pipeline.store.rows import row_of
from pipeline.structured import WireSchema, compile_schema
from schemas.registry import RecordType

_CHOICES_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a record type, or of what lies inside it.

    Attributes:
        path: Its column, and inside that: `line_items[].amount`.
        asked: The name it is asked for by, where that is another; empty where it is not asked for.
        stored: Its type in Parquet, in words.
        told: What the language model is told about it.
    """

    path: str
    asked: str
    stored: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A record type that works.

    Attributes:
        wire: What is sent.
        fields: Its fields, those inside others behind them.
    """

    record: RecordType
    wire: WireSchema
    fields: tuple[Field, ...]


def describe(record: RecordType) -> Described:
    """Return what a record type asks for and becomes.

    Raises:
        ConfigError: A field cannot be asked for or stored; the message names it.
    """
    parts = layout_of(record.model)
    wire = compile_schema(record.model, name=record.name, page_of_items=record.unit == "document")
    fields = tuple(_fields(parts, wire.full, wire.full.get("$defs", {}), ""))
    return Described(record=record, wire=wire, fields=fields)


def sample_row(record: RecordType) -> dict[str, Any] | str:
    """Return the row of a made-up answer, in plain JSON values, or why there is none."""
    try:
        row = row_of(validate(sample_answer(record.model), record.model)[0])
    except (AnswerInvalid, StoreError) as error:
        return f"none: made-up values break a rule of the model ({error}); give its fields examples"
    frame = pl.DataFrame([row], schema=columns_of(record.model), strict=True)
    plain: dict[str, Any] = to_jsonable_python(frame.row(0, named=True))
    return plain


def as_json(described: Described) -> dict[str, Any]:
    """Return a record type for a script."""
    record, wire = described.record, described.wire
    return {
        "name": record.name,
        "unit": record.unit,
        "instructions": record.instructions,
        "columns": {name: str(kind) for name, kind in columns_of(record.model).items()},
        "dropped": list(wire.dropped),
        "schema": wire.full,
    }


def view(described: Described) -> RenderableType:
    """Return a record type for a person."""
    record, dropped = described.record, described.wire.dropped
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("column", "stored as", "asked as", "what the model is told"):
        table.add_column(name, overflow="fold")
    for one in described.fields:
        table.add_row(*(Text(printable(cell)) for cell in (one.path, one.stored, one.asked, one.told)))
    parts: list[RenderableType] = [Text(f"{record.name}: one record a {record.unit}", style="bold"), table]
    if dropped:
        parts.append(Text("not sent as such, but said in words and enforced on the answer:", style="dim"))
        parts += [Text(f"  {printable(line)}") for line in _by_field(dropped)]
    return Group(*parts)


def checked_view(described: Described, sample: Mapping[str, Any] | str) -> RenderableType:
    """Return a record type that works, with a row of made-up values."""
    works = Text(f"{described.record.name} works: every field can be asked for and stored", style="green")
    if isinstance(sample, str):
        return Group(works, view(described), Text(f"sample row: {printable(sample)}"))
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, value in sample.items():
        table.add_row(Text(printable(name), style="dim"), Text(printable(str(value))))
    return Group(works, view(described), Text("sample row, of made-up values:", style="dim"), table)


def _by_field(dropped: Sequence[str]) -> list[str]:
    """Return one line a field, of lines of the form `field: limit`."""
    limits: dict[str, list[str]] = {}
    for line in dropped:
        field, _, limit = line.partition(": ")
        limits.setdefault(field, []).append(limit)
    return [f"{field}: {', '.join(each)}" for field, each in limits.items()]


def _fields(parts: Mapping[str, Column], node: Any, defs: Any, path: str) -> Iterator[Field]:
    """Walk columns and properties side by side: both have the order of the fields."""
    asked = iter(node.get("properties", {}).items())
    for name, column in parts.items():
        if column.derived:
            told = "Worked out by the record type itself."
            yield Field(path=path + name, asked="", stored=_stored(column), told=told)
            continue
        sent, inner = next(asked, ("", {}))
        told = _told(inner)
        yield Field(path=path + name, asked=sent * (sent != name), stored=_stored(column), told=told)
        yield from _inside(column, inner, defs, path + name)


def _inside(column: Column, node: Any, defs: Any, path: str) -> Iterator[Field]:
    node = _valued(node, defs)
    if column.form is Form.ROOT:
        yield from _inside(column.parts[""], node, defs, path)
    elif column.form is Form.LIST:
        yield from _inside(column.parts[""], node.get("items", {}), defs, f"{path}[]")
    elif column.form is Form.STRUCT:
        yield from _fields(column.parts, node, defs, f"{path}.")


def _valued(node: Any, defs: Any) -> Any:
    """Return what a node is when it is not null."""
    while True:
        if "$ref" in node:
            node = defs[node["$ref"].removeprefix("#/$defs/")]
        elif options := [each for each in node.get("anyOf", ()) if each != {"type": "null"}]:
            node = options[0]
        else:
            return node


def _told(node: Any) -> str:
    choices: list[object] = next(
        iter(each["enum"] for each in (node, *node.get("anyOf", ())) if "enum" in each), []
    )
    choices = [each for each in choices if each is not None]
    listed = ", ".join(map(str, choices[:_CHOICES_SHOWN])) + ", …" * (len(choices) > _CHOICES_SHOWN)
    return " ".join(text for text in (node.get("description"), f"One of {listed}." * bool(choices)) if text)


def _stored(column: Column) -> str:
    if column.form is Form.JSON:
        return "text with JSON in it"
    if column.form is Form.ROOT:
        return _stored(column.parts[""])
    if column.form is Form.LIST:
        return f"list of {_stored(column.parts[''])}"
    match column.dtype:
        case pl.Decimal(precision=digits, scale=places):
            return f"decimal({digits}, {places})"
        case pl.Datetime(time_zone=zone):
            return f"datetime, {zone}" if zone else "datetime without zone"
    name = type(column.dtype).__name__
    return {"String": "text", "Int64": "integer", "Float64": "float"}.get(name, name.lower())
