"""A file of JSON Schema (2020-12, draft 7) as a pydantic model."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ForwardRef, Union

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic_core import SchemaError as CoreSchemaError

from schemas import json_values
from schemas.conjunction import Document, Node, is_annotation
from schemas.errors import SchemaError

_DRAFTS = ("draft/2020-12/", "draft/2019-09/", "draft-07/", "draft-06/")
_TAKEN = {"schema"}  # the key of the folders of a lake


@dataclass(frozen=True, slots=True)
class JsonType:
    """A record type as a file of JSON Schema declares it.

    Attributes:
        model: Validates what the schema allows; what the schema leaves open is not asked for.
        declared: `unit` and `instructions`, where the file has x-unit and x-instructions.
    """

    model: type[BaseModel]
    declared: dict[str, Any]


def read(path: Path, shown: str) -> JsonType:
    """Return the record type that a file declares.

    A root that is an array becomes a record with one field, `entries`.

    Args:
        path: The file.
        shown: Its name, for messages.

    Raises:
        SchemaError: It cannot be read, or uses what has no model; the message names the place in the file.
    """
    try:
        root = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SchemaError(f"{shown} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SchemaError(f"{shown} cannot be read: it is not UTF-8; save it as such") from error
    except (ValueError, RecursionError) as error:
        raise SchemaError(f"{shown} cannot be read as JSON: {error}") from error
    return read_schema(root, name=path.name.split(".")[0], shown=shown)


def read_schema(root: Any, *, name: str, shown: str) -> JsonType:
    """Return the record type that JSON Schema declares.

    Args:
        root: The schema.
        name: What the record type is called if it has no title.
        shown: What stands before the place in messages.

    Raises:
        SchemaError: As `read`.
    """
    document = Document(root if isinstance(root, dict) else {}, shown)
    document.checked(root, "#")
    draft = root.get("$schema", _DRAFTS[0])
    if not any(known in str(draft) for known in _DRAFTS):
        raise document.refuse("#/$schema", f"{draft} is not read", "write draft 2020-12 or draft 7")
    names = {"x-unit": "unit", "x-instructions": "instructions"}
    try:
        model = _Reader(document).record(str(root.get("title") or name))
    except RecursionError as error:
        raise document.refuse("#", "it is too deep", "put inner objects into $defs") from error
    return JsonType(model, {names[key]: root[key] for key in names if key in root})


@dataclass(slots=True)
class _Reader:
    """One pass over a file, which makes a model of every object with properties."""

    document: Document
    models: dict[str, type[BaseModel]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)

    def record(self, title: str) -> type[BaseModel]:
        """Return the model of the root."""
        root, pointer = self.document.flat(self.document.root, "#"), "#"
        if root.get("type") == "array":
            inner = {key: value for key, value in root.items() if not key.startswith("x-")}
            root = {"type": "object", "properties": {"entries": inner}, "required": ["entries"]}
            pointer = "#(entries)"
        self._check_keywords(root, "#")
        if not root.get("properties") or {"anyOf", "oneOf"} & root.keys():
            raise self.document.refuse(
                "#",
                "a record needs named fields of one kind",
                "give it properties, and choices inside them",
            )
        self.open.append(pointer)
        model: type[BaseModel] = self.object_of(root, pointer, title)
        namespace = {self.names[pointer]: each for pointer, each in self.models.items()}
        for pointer, each in self.models.items():
            each.model_rebuild(_types_namespace=namespace)
            self._check_defaults(each, pointer)
        return model

    def _check_defaults(self, model: type[BaseModel], pointer: str) -> None:
        try:
            model.model_validate({})
        except ValidationError as error:
            for problem in error.errors(include_url=False, include_context=False):
                if problem["type"] != "missing":
                    place = f"{pointer}/properties/{problem['loc'][0]}"
                    raise self.document.refuse(
                        f"{place}/default",
                        "the default does not fit the schema beside it",
                        "correct one of them",
                    ) from None

    def kind(self, node: Any, pointer: str, title: str) -> Any:
        """Return the annotation for a node."""
        if node is True or node == {}:
            return Any
        node = self.document.checked(node, pointer)
        if "$ref" in node and all(is_annotation(key) for key in node if key != "$ref"):
            target, pointer = self.document.target(node, pointer)
            return self.referred(target, pointer)
        flat = self.document.flat(node, pointer)
        self._check_keywords(flat, pointer)
        with self.limits_of(pointer):
            found = self.shape(flat, pointer, title)
        return _one_of([found, None]) if flat.get("nullable") is True else found

    def _check_keywords(self, node: Node, pointer: str) -> None:
        for key in node:
            if key not in json_values.KEYWORDS and not is_annotation(key):
                raise self.document.refuse(
                    f"{pointer}/{key}",
                    f"{key} has no counterpart in a record type",
                    "leave it out and say the rule in the description",
                )

    def referred(self, target: Any, pointer: str) -> Any:
        """Return the annotation for what a reference leads to; a model that is being made is named."""
        if pointer in self.models:
            return self.models[pointer]
        if pointer in self.open:
            if pointer not in self.names:
                raise self.document.refuse(
                    pointer, "it is made of itself", "put an object with properties between"
                )
            return ForwardRef(self.names[pointer])
        self.open.append(pointer)
        try:
            return self.kind(target, pointer, pointer.rpartition("/")[2])
        finally:
            self.open.remove(pointer)

    @contextmanager
    def limits_of(self, pointer: str) -> Iterator[None]:
        """Turn what a limit is refused with into a sentence."""
        try:
            yield
        except (TypeError, ArithmeticError, CoreSchemaError) as error:
            what = str(error).strip().splitlines()[-1].strip().rstrip(".:")
            raise self.document.refuse(pointer, f"a limit cannot be used: {what}", "correct it") from error

    def shape(self, node: Node, pointer: str, title: str) -> Any:
        """Return the annotation for a node without references."""
        if "enum" in node:
            return json_values.choice(self.document, node, pointer)
        for key in ("anyOf", "oneOf"):
            if key in node:
                return self.either(node, key, pointer, title)
        kinds = node.get("type") or json_values.implied(node)
        if isinstance(kinds, list):
            options = [{**json_values.of_type(node, kind), "type": kind} for kind in kinds]
            return _one_of([self.shape(option, pointer, title) for option in options])
        if kinds is None:
            return Any
        if kinds not in json_values.TYPES:
            raise self.document.refuse(
                f"{pointer}/type", f"{kinds!r} is no type", f"write one of {', '.join(json_values.TYPES)}"
            )
        if kinds in {"object", "array"}:
            return (self.object_of if kinds == "object" else self.array_of)(node, pointer, title)
        return self.scalar(node, kinds, pointer)

    def scalar(self, node: Node, kind: str, pointer: str) -> Any:
        """Return a type of a lone value."""
        if kind == "string":
            return json_values.text(self.document, node, pointer)
        if kind == "boolean":
            return bool
        numbers = {"number": json_values.number, "integer": json_values.integer}
        return numbers[kind](node) if kind in numbers else None

    def either(self, node: Node, key: str, pointer: str, title: str) -> Any:
        """Return the union of alternatives, each with what stands beside them."""
        beside = {name: value for name, value in node.items() if name not in {key, "nullable"}}
        beside = {name: value for name, value in beside.items() if not is_annotation(name)}
        options = node[key] if isinstance(node[key], list) else []
        if not options or any(isinstance(each, dict) and each.keys() == {"required"} for each in options):
            raise self.document.refuse(
                f"{pointer}/{key}", "alternatives without values of their own cannot be told apart",
                "leave them out and say the rule in the description",
            )  # fmt: skip
        found = []
        for place, option in enumerate(options):
            where = f"{pointer}/{key}/{place}"
            whole = {"allOf": [beside, option]} if beside else option
            found.append(self.kind(whole, where, _title(option, f"{title}_{place + 1}")))
        return _one_of(found)

    def array_of(self, node: Node, pointer: str, title: str) -> Any:
        """Return a list, or a tuple where the places are told."""
        items = node.get("items", True)
        ordered = items if isinstance(items, list) else node.get("prefixItems")
        if ordered is not None:
            kinds = [
                self.kind(each, f"{pointer}/prefixItems/{n}", f"{title}_{n}")
                for n, each in enumerate(ordered)
            ]
            return tuple[tuple(kinds)]  # type: ignore[misc] # as many as there are
        element: Any = self.kind(items, f"{pointer}/items", _title(items, f"{title}_entry"))
        listed = json_values.limited(list[element], node, json_values.ARRAY)
        return json_values.unique(listed) if node.get("uniqueItems") else listed

    def object_of(self, node: Node, pointer: str, title: str) -> Any:
        """Return a model of the properties, or a dict where there are none."""
        if not node.get("properties"):
            return self.map_of(node, pointer, title)
        for key in ("additionalProperties", "unevaluatedProperties", "patternProperties"):
            if isinstance(node.get(key), dict) and node[key]:
                raise self.document.refuse(
                    f"{pointer}/{key}", "values under names that are not told have no columns",
                    "declare a property that is an object of such values",
                )  # fmt: skip
        self.names[pointer] = self._class_name(_title(node, title))
        required = node.get("required", [])
        if strange := [name for name in required if name not in node["properties"]]:
            raise self.document.refuse(
                f"{pointer}/required",
                f"{strange[0]!r} is no property",
                "add it to properties or leave it out",
            )
        fields: dict[str, Any] = {}
        for name, inner in node["properties"].items():
            where = f"{pointer}/properties/{name}"
            fields[_field_name(name, [*fields, *node["properties"]])] = self.field_of(
                inner, where, name, required=name in required
            )
        closed = False in (node.get("additionalProperties"), node.get("unevaluatedProperties"))
        model: type[BaseModel] = create_model(
            self.names[pointer],
            __config__=ConfigDict(extra="forbid" if closed else "ignore", protected_namespaces=()),
            __doc__=node.get("description"),
            **fields,
        )
        self.models[pointer] = model
        return model

    def field_of(self, node: Any, pointer: str, name: str, *, required: bool) -> tuple[Any, Any]:
        """Return the annotation and the description of a property."""
        if not name:
            raise self.document.refuse(pointer, "a property without a name has no column", "name it")
        kind = self.kind(node, pointer, name)
        said = node if isinstance(node, dict) else {}
        if not isinstance(kind, ForwardRef) and not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            said = self.document.flat(said, pointer)  # of a model, its own words stand with its definition
        if not required and "default" not in said:
            kind = _one_of([kind, None])
        labels = {"x-labels": said["x-labels"]} if "x-labels" in said else None
        told = {key: said[key] for key in ("title", "description", "examples") if key in said}
        if "example" in said:
            told.setdefault("examples", [said["example"]])
        return kind, Field(
            ... if required and "default" not in said else said.get("default"),
            alias=name, validate_default=True, json_schema_extra=labels, **told,
        )  # fmt: skip

    def map_of(self, node: Node, pointer: str, title: str) -> Any:
        """Return a dict of what the values are."""
        patterns = node.get("patternProperties", {})
        values: Any = node.get("additionalProperties", True)
        if len(patterns) > 1 or (patterns and values not in (True, False)):
            raise self.document.refuse(
                f"{pointer}/patternProperties",
                "one dict has one kind of value",
                "declare a property for each kind",
            )
        key: Any = str
        for pattern, inner in patterns.items():
            key, values = Annotated[str, Field(pattern=pattern)], inner
        value: Any = self.kind(values or True, f"{pointer}/additionalProperties", f"{title}_value")
        return json_values.limited(dict[key, value], node, {"minProperties", "maxProperties"})

    def _class_name(self, title: str) -> str:
        name = re.sub(r"\W+", "_", title).strip("_") or "Record"
        name = f"T{name}" if name[0].isdigit() else name
        taken = set(self.names.values())
        return next(each for each in (name, *(f"{name}_{n}" for n in range(2, 10_000))) if each not in taken)


def _one_of(kinds: list[Any]) -> Any:
    return Union[tuple(kinds)]  # noqa: UP007 - the kinds are known only now


def _title(node: Any, otherwise: str) -> str:
    return str(node.get("title") or otherwise) if isinstance(node, dict) else otherwise


def _field_name(name: str, taken: list[str]) -> str:
    """Return a property's name as one that a field and a column can have."""
    found = name.lstrip("_") or "field"
    while hasattr(BaseModel, found) or found.casefold() in _TAKEN or (found != name and found in taken):
        found += "_"
    return found
