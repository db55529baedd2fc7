"""A JSON Schema as a small tree of nodes that the reader fills."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from pydantic import JsonValue

from pipeline.local.seeing.page import BadSchema

MAX_NODES = 5_000
MAX_DEPTH = 24
_LABEL_WORDS = 5


class Kind(StrEnum):
    """What sort of value a node takes."""

    RECORD = "record"
    LISTING = "listing"
    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    MOMENT = "moment"
    TIME = "time"
    DECIMAL_TEXT = "decimal_text"
    CHOICE = "choice"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One place of the schema.

    Attributes:
        name: Property name; empty for the root and for elements of lists.
        kind: Sort of value.
        nullable: Whether null is allowed.
        title: As the schema has it, or empty.
        description: Likewise.
        labels: Further words for it: `x-labels` and aliases.
        choices: Allowed values of a CHOICE.
        fields: Properties of a RECORD, in order.
        element: What a LISTING holds.
        least: Fewest elements of a LISTING.
    """

    name: str = ""
    kind: Kind
    nullable: bool = False
    title: str = ""
    description: str = ""
    labels: tuple[str, ...] = ()
    choices: tuple[JsonValue, ...] = ()
    fields: tuple["Node", ...] = ()
    element: "Node | None" = None
    least: int = 0

    def accepts(self, value: JsonValue) -> bool:
        """Whether the value is of this node's type."""
        if self.kind is Kind.CHOICE:
            return any(value == choice and type(value) is type(choice) for choice in self.choices)
        return type(value) in _TYPES.get(self.kind, (str,))

    def minimal(self) -> JsonValue:
        """The emptiest value allowed: null where it may be."""
        if self.nullable or self.kind is Kind.NOTHING:
            return None
        if self.kind is Kind.RECORD:
            return {field.name: field.minimal() for field in self.fields}
        if self.kind is Kind.LISTING and self.element:
            return [self.element.minimal() for _ in range(self.least)]
        return self.choices[0] if self.choices else _EMPTY.get(self.kind, "")


_EMPTY: dict[Kind, JsonValue] = {Kind.NUMBER: 0, Kind.INTEGER: 0, Kind.BOOLEAN: False, Kind.LISTING: []}
_TYPES: dict[Kind, tuple[type, ...]] = {
    Kind.NUMBER: (int, float),
    Kind.INTEGER: (int,),
    Kind.BOOLEAN: (bool,),
    Kind.LISTING: (list,),
    Kind.RECORD: (dict,),
    Kind.NOTHING: (type(None),),
}
_FORMATS = {"date": Kind.DATE, "date-time": Kind.MOMENT, "time": Kind.TIME}
_SIMPLE = {"number": Kind.NUMBER, "integer": Kind.INTEGER, "boolean": Kind.BOOLEAN, "null": Kind.NOTHING}
_PREFERENCE = list(Kind)


def compile_schema(schema: dict[str, Any]) -> Node:
    """The schema's root node.

    Raises:
        BadSchema: A reference leads nowhere, something is not a schema, or it is too large.
    """
    return _Compiler(schema).node("", schema, ())


class _Compiler:
    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._count = 0

    def node(self, name: str, schema: object, trail: tuple[str, ...]) -> Node:
        """The node for one subschema; `trail` holds the references followed on the way here."""
        self._count += 1
        if self._count > MAX_NODES or len(trail) > MAX_DEPTH:
            raise BadSchema("the schema is too large or too deep")
        if schema is True or schema == {}:
            return Node(name=name, kind=Kind.TEXT, nullable=True)
        if not isinstance(schema, dict):
            raise BadSchema(f"the schema of '{name}' is not an object")
        if isinstance(reference := schema.get("$ref"), str):
            return self._referred(name, schema, reference, trail)
        for keyword in ("anyOf", "oneOf"):
            if isinstance(schema.get(keyword), list):
                return self._either(name, schema, schema[keyword], trail)
        if isinstance(schema.get("allOf"), list):
            return self.node(name, self._merged(schema, trail), (*trail, "allOf"))
        return _described(self._plain(name, schema, trail), schema)

    def _referred(self, name: str, schema: dict[str, Any], reference: str, trail: tuple[str, ...]) -> Node:
        if reference in trail:  # a type that holds itself: rules have nothing to fill it with
            return _described(Node(name=name, kind=Kind.NOTHING, nullable=True), schema)
        node = self.node(name, self._target(reference), (*trail, reference))
        return _described(node, schema)

    def _target(self, reference: str) -> object:
        found: Any = self._root
        if not reference.startswith("#"):
            raise BadSchema(f"the reference '{reference[:80]}' leads outside the schema")
        for step in reference[1:].split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, dict) or key not in found:
                raise BadSchema(f"the reference '{reference[:80]}' leads nowhere")
            found = found[key]
        return found

    def _either(self, name: str, schema: dict[str, Any], options: list[Any], trail: tuple[str, ...]) -> Node:
        nodes = [self.node(name, option, (*trail, "anyOf")) for option in options]
        real = [node for node in nodes if node.kind is not Kind.NOTHING]
        nullable = len(real) < len(nodes) or any(node.nullable for node in nodes)
        if not real:
            return _described(Node(name=name, kind=Kind.NOTHING, nullable=True), schema)
        best = min(real, key=lambda node: _PREFERENCE.index(_ranked(node.kind)))
        return _described(replace(best, nullable=nullable), schema)

    def _merged(self, schema: dict[str, Any], trail: tuple[str, ...]) -> dict[str, Any]:
        merged: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
        for part in schema["allOf"]:
            if not isinstance(part, dict):
                raise BadSchema("allOf holds something that is no schema")
            reference = part.get("$ref")
            if reference in trail:
                continue
            resolved = self._target(reference) if isinstance(reference, str) else part
            if isinstance(resolved, dict):
                properties = {**resolved.get("properties", {}), **merged.get("properties", {})}
                merged = {**resolved, **merged, **({"properties": properties} if properties else {})}
        return merged

    def _plain(self, name: str, schema: dict[str, Any], trail: tuple[str, ...]) -> Node:
        if "const" in schema:
            return Node(name=name, kind=Kind.CHOICE, choices=(schema["const"],))
        if isinstance(schema.get("enum"), list) and schema["enum"]:
            choices = tuple(choice for choice in schema["enum"] if choice is not None)
            if not choices:
                return Node(name=name, kind=Kind.NOTHING, nullable=True)
            return Node(name=name, kind=Kind.CHOICE, choices=choices, nullable=None in schema["enum"])
        types = schema.get("type")
        if isinstance(types, list):
            return self._either(name, {}, [{**schema, "type": one} for one in types], trail)
        return self._typed(name, schema, types, trail)

    def _typed(self, name: str, schema: dict[str, Any], kind: object, trail: tuple[str, ...]) -> Node:
        if kind == "object" or "properties" in schema:
            properties = schema.get("properties", {})
            if not isinstance(properties, dict):
                raise BadSchema(f"the properties of '{name}' are not an object")
            deeper = (*trail, "object")
            fields = tuple(self.node(key, value, deeper) for key, value in properties.items())
            return Node(name=name, kind=Kind.RECORD, fields=fields)
        if kind == "array":
            element = self.node("", schema.get("items", {}), (*trail, "array"))
            least = schema.get("minItems", 0)
            least = min(least, 100) if isinstance(least, int) and least > 0 else 0
            return Node(name=name, kind=Kind.LISTING, element=element, least=least)
        if kind == "string":
            return Node(name=name, kind=_text_kind(schema))
        return Node(name=name, kind=_SIMPLE.get(str(kind), Kind.TEXT))


def _text_kind(schema: dict[str, Any]) -> Kind:
    pattern = schema.get("pattern")
    if schema.get("format") in ("decimal", "number"):
        return Kind.DECIMAL_TEXT
    if (
        isinstance(pattern, str)
        and r"\d" in pattern
        and not re.search(r"[A-Za-z]", re.sub(r"\\.", "", pattern))
    ):
        # Patterns of digits and signs only: how a decimal number is written down as text.
        return Kind.DECIMAL_TEXT if r"\." in pattern else Kind.TEXT
    return _FORMATS.get(str(schema.get("format")), Kind.TEXT)


def _ranked(kind: Kind) -> Kind:
    """Prefer a date over free text, and a number over a decimal as text."""
    return {Kind.TEXT: Kind.CHOICE, Kind.CHOICE: Kind.TEXT, Kind.DATE: Kind.TEXT}.get(kind, kind)


def _described(node: Node, schema: dict[str, Any]) -> Node:
    description = _text(schema.get("description")) or node.description
    if node.kind is Kind.TEXT:
        node = replace(node, kind=_worded_kind(description))
    return replace(
        node,
        title=_text(schema.get("title")) or node.title,
        description=description,
        labels=tuple(dict.fromkeys([*node.labels, *_labels(schema), *_worded_labels(description)])),
    )


def first_clause(description: str) -> str:
    """The description's first clause, when it is as short as a label; else empty."""
    clause = re.split(r"[.;:,(]\s|[.;:,(]$", description)[0].strip()
    clause = re.sub(r"^(?:the|a|an|this)\s+", "", clause, flags=re.IGNORECASE)
    return clause if len(clause.split()) <= _LABEL_WORDS else ""


def _labels(schema: dict[str, Any]) -> list[str]:
    found = schema.get("x-labels", [])
    return [label for label in ([found] if isinstance(found, str) else found) if isinstance(label, str)]


def _worded_kind(description: str) -> Kind:
    """The format a description tells in words, for services that take no `format`."""
    for words, kind in _WORDED.items():
        if words in description:
            return kind
    return Kind.TEXT


def _worded_labels(description: str) -> list[str]:
    """The labels a description tells in words, as in: Labelled "Kunde", "Client" on the page."""
    return [label for part in _LABELLED.findall(description) for label in re.findall(r'"([^"]+)"', part)]


_WORDED = {"YYYY-MM-DDTHH:MM": Kind.MOMENT, "YYYY-MM-DD": Kind.DATE, "HH:MM": Kind.TIME}
_LABELLED = re.compile(r'Labelled ("[^\n]*?") on the page')


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
