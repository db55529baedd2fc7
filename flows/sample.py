"""A made-up answer for a record type, of its examples where it has some."""

from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from pipeline.described import described

Node = dict[str, Any]

_DEEPEST = 4
_TEXTS = {
    "date": "2024-02-29",
    "time": "12:30:00",
    "date-time": "2024-02-29T12:30:00",
    "zoned-date-time": "2024-02-29T12:30:00+01:00",
    "duration": "PT1H30M",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.org/",
    "email": "someone@example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "ipvanyaddress": "192.0.2.1",
}


def sample_answer(model: type[BaseModel]) -> dict[str, Any]:
    """Return an answer that a language model could give: examples, defaults, else values within the limits.

    Patterns and rules in code are not looked at; an answer may break them.

    Raises:
        ConfigError: As `pipeline.described.described`.
    """
    schema = described(model)
    answer: dict[str, Any] = _value(schema, schema.get("$defs", {}), 0)
    return answer


def _value(node: Any, defs: Node, depth: int) -> Any:
    if not isinstance(node, dict):
        return "text"
    if "$ref" in node:
        node = {
            **defs[node["$ref"].removeprefix("#/$defs/")],
            **{k: v for k, v in node.items() if k != "$ref"},
        }
    if node.get("examples"):
        return node["examples"][0]
    if node.get("default") not in (None, [], {}):
        return node["default"]
    if "const" in node or node.get("enum"):
        return node.get("const", (node.get("enum") or [None])[0])
    for key in ("anyOf", "oneOf", "allOf"):
        if key in node:
            return _one_of(node[key], defs, depth)
    return _typed(node, defs, depth)


def _one_of(options: list[Node], defs: Node, depth: int) -> Any:
    valued = [option for option in options if option != {"type": "null"}]
    return None if depth >= _DEEPEST and len(valued) < len(options) else _value(valued[0], defs, depth)


def _typed(node: Node, defs: Node, depth: int) -> Any:
    kind = node.get("type")
    if kind in {"object", "array"}:
        return (_object if kind == "object" else _array)(node, defs, depth)
    if kind in {"integer", "number"}:
        return (int if kind == "integer" else float)(_number(node))
    return _text(node) if kind == "string" else {"boolean": True, "null": None}.get(str(kind), "text")


def _object(node: Node, defs: Node, depth: int) -> dict[str, Any]:
    if node.get("properties"):
        return {key: _value(inner, defs, depth + 1) for key, inner in node["properties"].items()}
    inner = next(iter(node.get("patternProperties", {}).values()), node.get("additionalProperties"))
    return {"key": _value(inner, defs, depth + 1)}


def _array(node: Node, defs: Node, depth: int) -> list[Any]:
    if "prefixItems" in node:
        return [_value(inner, defs, depth + 1) for inner in node["prefixItems"]]
    least = node.get("minItems", 0)
    count = least if depth >= _DEEPEST else max(1, least)
    return [_value(node.get("items"), defs, depth + 1) for _ in range(count)]


def _number(node: Node) -> Decimal:
    step = Decimal(str(node.get("multipleOf", 1)))
    low = Decimal(str(node.get("minimum", node.get("exclusiveMinimum", "-Infinity"))))
    high = Decimal(str(node.get("maximum", node.get("exclusiveMaximum", "Infinity"))))
    if low.is_finite() and high.is_finite() and "multipleOf" not in node and node.get("type") == "number":
        return (low + high) / 2
    number = step if low < step else (low / step).to_integral_value("ROUND_CEILING") * step
    if number == node.get("exclusiveMinimum"):
        number += step
    if number >= high:
        number = (high / step).to_integral_value("ROUND_FLOOR") * step
    return number - step if number == node.get("exclusiveMaximum") else number


def _text(node: Node) -> str:
    text = _TEXTS.get(str(node.get("format")), "text")
    return text.ljust(node.get("minLength", 0), "x")[: node.get("maxLength", len(text) + 1_000_000)]
