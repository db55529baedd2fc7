"""JSON Schema whose references are followed and whose `allOf` is one schema."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from schemas.errors import SchemaError

Node = dict[str, Any]

# They describe a value and limit nothing; of two, the outer one counts.
ANNOTATIONS = {
    "title", "description", "default", "examples", "example", "deprecated", "readOnly", "writeOnly",
    "$comment", "$schema", "$id", "$defs", "definitions", "discriminator",
}  # fmt: skip
_TIGHTER: dict[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
    "uniqueItems": lambda one, other: one or other,
    "required": lambda one, other: [*one, *(name for name in other if name not in one)],
    "enum": lambda one, other: [value for value in one if value in other],
}
_WRITTEN: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("properties", "patternProperties"), dict),
    **dict.fromkeys(("required", "enum", "anyOf", "oneOf", "allOf", "prefixItems", "examples"), list),
    **dict.fromkeys(("format", "title", "description", "pattern", "x-instructions", "x-unit"), str),
    **dict.fromkeys(("type", "x-labels"), (str, list)),
}
_OF_TEXTS = {"required", "type", "x-labels"}
_DEEPEST = 64


def is_annotation(keyword: str) -> bool:
    """Whether a keyword limits no values."""
    return keyword in ANNOTATIONS or keyword.startswith("x-")


@dataclass(frozen=True, slots=True)
class Document:
    """A file of JSON Schema.

    Attributes:
        root: Its content.
        shown: Its name, for messages.
    """

    root: Node
    shown: str

    def refuse(self, pointer: str, reason: str, way_out: str) -> SchemaError:
        """The error for one place of the file."""
        return SchemaError(f"{self.shown} {pointer}: {reason}; {way_out}")

    def target(self, node: Node, pointer: str) -> tuple[Any, str]:
        """What the reference of a node leads to, and where that is.

        Raises:
            SchemaError: It leads out of the file, or nowhere.
        """
        reference = node["$ref"]
        if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
            raise self.refuse(
                pointer,
                f"$ref {reference!r} is not followed",
                "copy what it names into $defs of this file and refer to it as #/$defs/NAME",
            )
        found: Any = self.root
        for step in reference.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if isinstance(found, list) and key.isdigit() and int(key) < len(found):
                found = found[int(key)]
            elif isinstance(found, dict) and key in found:
                found = found[key]
            else:
                raise self.refuse(pointer, f"$ref {reference!r} leads nowhere", "correct it")
        return found, reference

    def flat(self, node: Node, pointer: str, depth: int = 0) -> Node:
        """A node without `$ref` and `allOf`, which says the same.

        Raises:
            SchemaError: Its parts contradict each other, or it is made of itself.
        """
        if depth > _DEEPEST:
            raise self.refuse(pointer, "it is made of itself", "take the circle of $ref and allOf apart")
        self._check_written(node, pointer)
        own = {key: value for key, value in node.items() if key not in {"$ref", "allOf"}}
        if "const" in own:
            own["enum"] = [own.pop("const")]
        parts = [(part, f"{pointer}/allOf/{place}") for place, part in enumerate(node.get("allOf", ()))]
        if "$ref" in node:
            parts.insert(0, self.target(node, pointer))
        for part, where in parts:
            if part is not True:
                self._add(own, self.flat(self.checked(part, where), where, depth + 1), pointer)
        return own

    def checked(self, node: Any, pointer: str) -> Node:
        """A node that is an object."""
        if not isinstance(node, dict):
            raise self.refuse(pointer, "it is no schema that a value could fit", "write an object")
        return node

    def _check_written(self, node: Node, pointer: str) -> None:
        for key in _WRITTEN.keys() & node.keys():
            texts = node[key] if key in _OF_TEXTS and isinstance(node[key], list) else ()
            if not isinstance(node[key], _WRITTEN[key]) or not all(isinstance(text, str) for text in texts):
                raise self.refuse(
                    f"{pointer}/{key}", f"{key} is not written so", "write it as JSON Schema has it"
                )

    def _add(self, own: Node, part: Node, pointer: str) -> None:
        for key, value in part.items():
            if key not in own:
                own[key] = value
            elif not is_annotation(key) and own[key] != value:
                own[key] = self._both(key, own[key], value, pointer)

    def _both(self, key: str, one: Any, other: Any, pointer: str) -> Any:
        if key in _TIGHTER:
            return _TIGHTER[key](one, other)
        if key == "properties":
            shared = {name: {"allOf": [one[name], other[name]]} for name in one if name in other}
            return one | other | shared
        if key == "additionalProperties" and isinstance(one, bool) and isinstance(other, bool):
            return one and other
        if key == "type" and (kinds := _shared_types(one, other)):
            return kinds
        raise self.refuse(
            pointer, f"its parts say different things about {key}", f"write one schema with one {key}"
        )


def _shared_types(one: Any, other: Any) -> list[str]:
    first, second = ([each] if isinstance(each, str) else each for each in (one, other))
    if "number" in first and "integer" in second:
        first = [*first, "integer"]
    if "number" in second and "integer" in first:
        second = [*second, "integer"]
    shared = [kind for kind in first if kind in second]
    return [kind for kind in shared if not (kind == "number" and "integer" in shared)]
