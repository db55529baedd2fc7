"""Turns a pydantic model into the part of JSON Schema that the service takes; the rest is said in words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from pipeline.described import described
from pipeline.errors import ConfigError
from pipeline.wording import about, constraints

Schema = dict[str, Any]

# Service documentation, structured outputs: lengths, ranges, patterns, formats and oneOf are not taken by all
# of its back-ends. These are, and references to the root's $defs.
KEYWORDS = ("$ref", "type", "description", "enum", "anyOf", "items", "properties", "required")
PAGE_FIELD = "_page"
PAGE_WORDS = "Number of the page this item stands on, as given before its image."

_NULL: Schema = {"type": "null"}
_SCALARS = ("string", "number", "integer", "boolean")


@dataclass(frozen=True, slots=True, kw_only=True)
class WireSchema:
    """A record type as the service is asked for it.

    Attributes:
        name: Letters, digits, `_` and `-`, at most 64, as the service wants it.
        full: JSON Schema for a request that carries the whole document.
        partial: The same for a request that carries some of its pages: every field may be null.
        dropped: Constraints that are not sent as such but in words, each as `field: keyword value`.
        paged: Top-level properties whose entries carry `_page`, which the model does not know.
    """

    name: str
    full: Schema
    partial: Schema
    dropped: tuple[str, ...]
    paged: tuple[str, ...]


def compile_schema(model: type[BaseModel], *, name: str, page_of_items: bool) -> WireSchema:
    """Return what is sent to the service for a model; the same for the same model in every process.

    Every property is required, so that the answer says null rather than leaving it out. Properties have the
    names that the model validates: aliases, where there are any.

    Args:
        model: What an answer will be validated with.
        name: Name of the record type.
        page_of_items: Whether each object in a top-level list is to say which page it stands on.

    Raises:
        ConfigError: A field cannot be asked for; the message names it.
    """
    root = described(model)
    defs: Schema = root.pop("$defs", {})
    compiler = _Compiler(defs, [])
    full = compiler.root(root, model.__name__)
    paged = _add_pages(full) if page_of_items else ()
    partial = {**full, "properties": {key: _missing(value) for key, value in full["properties"].items()}}
    return WireSchema(
        name=re.sub(r"[^A-Za-z0-9_-]", "_", name)[:64],
        full=_with_used_defs(full),
        partial=_with_used_defs(partial),
        dropped=tuple(dict.fromkeys(compiler.dropped)),
        paged=paged,
    )


@dataclass(frozen=True, slots=True)
class _Compiler:
    """One pass over a described model, which collects what it drops."""

    defs: Schema
    dropped: list[str]

    def root(self, node: Schema, where: str) -> Schema:
        if "$ref" in node:  # a model that holds itself
            node = self.defs[_target(node)]
        if not node.get("properties"):
            raise ConfigError(
                f"{where}: a record needs named fields; put the list or value in a field of a model"
            )
        defs = {key: self.compile(value, key, key) for key, value in self.defs.items()}
        return {**self.compile(node, where, where), "$defs": defs}

    def compile(self, node: Schema, where: str, name: str = "") -> Schema:
        """Return a node with allowed keywords only, in a fixed order; `name` is what its title may repeat."""
        node = _plain(node)
        if "refused" in node or node.get("format") == "password":
            reason = node.get("refused", "a secret must not be stored")
            raise ConfigError(f"{where}: {reason}; declare a text, a number, a date or a model instead")
        shape = self._shape(node, where)
        limits = constraints(node)
        self.dropped.extend(f"{where}: {limit}" for limit in limits)
        sentences = [
            *about(node, name),
            *limits.values(),
            shape.pop("description", ""),
        ]
        words = " ".join(sentence for sentence in sentences if sentence)
        if words and "$ref" in shape:  # what stands beside a reference is not read by everyone
            shape = {"anyOf": [shape]}
        return _ordered({**shape, "description": words} if words else shape)

    def _shape(self, node: Schema, where: str) -> Schema:
        if "anyOf" in node:
            return self._choice(node["anyOf"], where)
        if node.get("type") == "object":
            return self._object(node, where)
        if node.get("type") == "array":
            return self._array(node, where)
        kept: Schema = {key: node[key] for key in ("$ref", "type", "enum") if key in node}
        return kept or {"anyOf": [{"type": kind} for kind in (*_SCALARS, "null")]}

    def _choice(self, options: list[Schema], where: str) -> Schema:
        """Compile alternatives; the words of a lone one belong to the field."""
        compiled = [inner for option in options for inner in _spliced(self.compile(option, where))]
        unique = [option for place, option in enumerate(compiled) if option not in compiled[:place]]
        valued = [option for option in unique if option != _NULL]
        lone: Schema = {"description": valued[0].pop("description", "")} if len(valued) == 1 else {}
        return {"anyOf": unique, **lone} if len(unique) > 1 else {**unique[0], **lone}

    def _object(self, node: Schema, where: str) -> Schema:
        asked = node.get("properties")
        if not asked:
            return {"type": "object", "additionalProperties": self._map_values(node, where)}
        if node.get("additionalProperties"):
            raise ConfigError(
                f"{where}: extra='allow' takes values under names that no column has; "
                "declare a dict of texts or numbers for them, or extra='ignore'"
            )
        compiled = {key: self.compile(value, f"{where}.{key}", key) for key, value in asked.items()}
        required = node.get("required", ())
        properties = {
            # null is the answer where only the model knows the default
            key: value if key in required or asked[key].get("default") is not None else _missing(value)
            for key, value in compiled.items()
        }
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }

    def _map_values(self, node: Schema, where: str) -> Schema:
        """Return what the values of a dict are; its keys are any text, whatever they have to match."""
        named = node.get("patternProperties", {}).values()
        values = next(iter(named), node.get("additionalProperties", {}))
        return self.compile(values, f"{where}.*")

    def _array(self, node: Schema, where: str) -> Schema:
        ordered = node.get("prefixItems")
        if not ordered:
            return {"type": "array", "items": self.compile(node.get("items", {}), f"{where}[]")}
        types = [self.compile(entry, f"{where}[{place}]") for place, entry in enumerate(ordered)]
        named = (str(entry.get("title", "")) if isinstance(entry, dict) else "" for entry in ordered)
        listed = ", ".join(
            f"{title} {entry.get('type', 'value')}".strip() for title, entry in zip(named, types, strict=True)
        )
        unique = [entry for place, entry in enumerate(types) if entry not in types[:place]]
        items = unique[0] if len(unique) == 1 else {"anyOf": unique}
        return {"type": "array", "items": items, "description": f"In this order: {listed}."}


def _plain(node: Schema | bool) -> Schema:
    """Say with anyOf and enum what oneOf, allOf of one, const and lists of types say."""
    if isinstance(node, bool):  # true; false only stands where nothing is asked
        return {}
    node = dict(node)
    if len(node.get("allOf", ())) == 1:
        node = {**node.pop("allOf")[0], **node}
    if "allOf" in node:
        return {"refused": "a combination of several schemas cannot be asked for"}
    if "oneOf" in node:
        node["anyOf"] = node.pop("oneOf")
    if "const" in node:
        node["enum"] = [node.pop("const")]
    if isinstance(node.get("type"), list):
        node["anyOf"] = [{"type": kind} for kind in node.pop("type")]
    return node


def _ordered(node: Schema) -> Schema:
    return {key: node[key] for key in (*KEYWORDS, "additionalProperties") if key in node}


def _spliced(option: Schema) -> list[Schema]:
    """Return the alternatives inside an alternative that is nothing but a choice."""
    return option["anyOf"] if option.keys() == {"anyOf"} else [option]


def _target(node: Schema) -> str:
    return str(node["$ref"]).removeprefix("#/$defs/")


def _missing(node: Schema) -> Schema:
    """Let a property be null; lists are empty instead."""
    if node.get("type") == "array" or _NULL in node.get("anyOf", ()):
        return node
    words = {"description": node["description"]} if "description" in node else {}
    bare = {key: value for key, value in node.items() if key != "description"}
    return _ordered({"anyOf": [*_spliced(bare), _NULL], **words})


def _add_pages(root: Schema) -> tuple[str, ...]:
    """Give the objects in top-level lists a property for their page, and return the names of the lists."""
    paged = []
    for name, node in root["properties"].items():
        for option in node.get("anyOf", [node]):
            array = root["$defs"][_target(option)] if "$ref" in option else option
            items = array.get("items")
            if items is not None and (with_page := _with_page(items, root["$defs"])) != items:
                option.pop("$ref", None)
                option.update({**array, "items": with_page})
                paged.append(name)
    return tuple(paged)


def _with_page(node: Schema, defs: Schema) -> Schema:
    """Return a copy of an object with the page property; of anything else, what was given."""
    if "$ref" in node:
        # Elsewhere the same definition has no page, so this place gets a copy.
        paged = _with_page(defs[_target(node)], defs)
        return paged if paged != defs[_target(node)] else node
    if "anyOf" in node:
        return {**node, "anyOf": [_with_page(option, defs) for option in node["anyOf"]]}
    if PAGE_FIELD in node.get("properties", {PAGE_FIELD: None}):
        return node
    page = {PAGE_FIELD: {"type": "integer", "description": PAGE_WORDS}}
    return {**node, "properties": node["properties"] | page, "required": [*node["required"], PAGE_FIELD]}


def _with_used_defs(root: Schema) -> Schema:
    """Return a schema with the definitions it refers to, in the order of their names, and no others."""
    defs = root["$defs"]
    bare = {key: value for key, value in root.items() if key != "$defs"}
    used: set[str] = set()
    waiting = list(_targets(bare))
    while waiting:
        if (name := waiting.pop()) not in used:
            used.add(name)
            waiting.extend(_targets(defs[name]))
    return {**bare, "$defs": {name: defs[name] for name in sorted(used)}} if used else bare


def _targets(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield _target(node)
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from _targets(part)
