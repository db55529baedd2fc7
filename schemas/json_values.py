"""Texts, numbers and lists of JSON Schema as Python types with their limits."""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, NaiveDatetime, TypeAdapter

from schemas.conjunction import Document, Node, is_annotation

_TYPED_FORMATS: dict[str, Any] = {
    "date": date,
    "date-time": AwareDatetime,  # RFC 3339, which the keyword refers to, asks for the offset
    "date-time-local": NaiveDatetime,
    "time": time,
    "duration": timedelta,
    "uuid": UUID,
    "decimal": Decimal,
}
# Said to the model in words and, as the standard has it, not checked.
_NOTED_FORMATS = {
    "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri", "uri-reference", "iri",
    "iri-reference", "phone",
}  # fmt: skip
TEXT = {"format", "minLength", "maxLength", "pattern"}
NUMBER = {"format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
ARRAY = {"items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems"}
OBJECT = {
    "properties", "required", "additionalProperties", "unevaluatedProperties", "patternProperties",
    "minProperties", "maxProperties",
}  # fmt: skip
TYPES: dict[str, set[str]] = {
    "string": TEXT,
    "number": NUMBER,
    "integer": NUMBER,
    "boolean": set(),
    "null": set(),
    "array": ARRAY,
    "object": OBJECT,
}
KEYWORDS = {"type", "enum", "anyOf", "oneOf", "nullable"} | TEXT | NUMBER | ARRAY | OBJECT
_PYTHON = {
    "string": (str,), "number": (int, float), "integer": (int,), "boolean": (bool,), "null": (type(None),),
}  # fmt: skip
_ARGUMENTS = {
    "minimum": "ge",
    "maximum": "le",
    "exclusiveMinimum": "gt",
    "exclusiveMaximum": "lt",
    "multipleOf": "multiple_of",
    "minLength": "min_length",
    "maxLength": "max_length",
    "pattern": "pattern",
    "minItems": "min_length",
    "maxItems": "max_length",
    "minProperties": "min_length",
    "maxProperties": "max_length",
}
_NO_STEP = "1.5"  # no power of ten


def text(document: Document, node: Node, pointer: str) -> Any:
    """Return the type of a text by its format.

    Raises:
        SchemaError: The format is not known, or has limits that its type does not.
    """
    name = node.get("format")
    if name is not None and name not in _TYPED_FORMATS and name not in _NOTED_FORMATS:
        raise document.refuse(
            f"{pointer}/format",
            f"the format {name!r} is not known",
            "leave it out, or write a pattern or a description",
        )
    kind = _TYPED_FORMATS.get(str(name), str)
    if kind is not str and any(key in node for key in TEXT - {"format"}):
        raise document.refuse(pointer, f"a {name} is no text to measure", "leave the format or the limit out")
    noted = {"json_schema_extra": {"format": name}} if name in _NOTED_FORMATS else {}
    return limited(kind, node, TEXT, **noted)


def number(node: Node) -> Any:
    """Return float, or Decimal where decimals are counted: `multipleOf: 0.01`."""
    exponent = Decimal(str(node.get("multipleOf", _NO_STEP))).as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 0
    if "multipleOf" in node and Decimal(str(node["multipleOf"])) == Decimal(1).scaleb(-places):
        bare = {key: value for key, value in node.items() if key != "multipleOf"}
        return limited(Decimal, bare, NUMBER, decimal_places=places)
    return limited(Decimal if node.get("format") == "decimal" else float, node, NUMBER)


def choice(document: Document, node: Node, pointer: str) -> Any:
    """Return a Literal of the values that the type beside them allows."""
    kinds = node.get("type", list(_PYTHON))
    kinds = [kinds] if isinstance(kinds, str) else kinds
    allowed = tuple(python for kind in kinds for python in _PYTHON.get(kind, ()))
    values = [value for value in node["enum"] if type(value) in allowed]
    if not values or any(isinstance(value, list | dict) for value in node["enum"]):
        raise document.refuse(pointer, "it allows no text, number or boolean", "list some of one type")
    return Literal[tuple(values)]


def integer(node: Node) -> Any:
    """Return an integer."""
    return limited(int, node, NUMBER)


def unique(listed: Any) -> Any:
    """Return a list that refuses an entry that stands twice."""
    return Annotated[listed, AfterValidator(_without_repeats), Field(json_schema_extra={"uniqueItems": True})]


def implied(node: Node) -> str | None:
    """Return the type that a node's keywords speak of, where it does not say one."""
    found = [kind for kind, keywords in TYPES.items() if (keywords - {"format"}) & node.keys()]
    return found[0] if found else ("string" if "format" in node else None)


def of_type(node: Node, kind: str) -> Node:
    """Return a node with the keywords that say something about values of one type."""
    return {key: value for key, value in node.items() if key in TYPES.get(kind, ()) or is_annotation(key)}


def limited(kind: Any, node: Node, keywords: set[str], **more: Any) -> Any:
    """Return a type with those limits of a node that are named.

    Raises:
        TypeError: pydantic cannot use one of them.
        pydantic_core.SchemaError: The same.
    """
    given = {_ARGUMENTS[key]: node[key] for key in sorted(keywords & node.keys() & _ARGUMENTS.keys())}
    if kind is Decimal:
        given = {key: Decimal(str(value)) for key, value in given.items()}
    if not given and not more:
        return kind
    found = Annotated[kind, Field(**given, **more)]
    if isinstance(kind, type):
        TypeAdapter(found)
    return found


def _without_repeats(values: list[Any]) -> list[Any]:
    if any(value in values[:place] for place, value in enumerate(values)):
        raise ValueError("an entry stands twice")
    return values
