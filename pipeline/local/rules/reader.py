"""Recognised pages and a schema to a record: null rather than a guess, and where each value stands."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pydantic import JsonValue

from pipeline.local.layout.document import Document, own_kinds
from pipeline.local.layout.labels import Phrases
from pipeline.local.layout.text import page_text
from pipeline.local.rules.fields import Found
from pipeline.local.rules.naming import headings_of, phrases_of, sought_by
from pipeline.local.rules.rules import Rules
from pipeline.local.rules.schema import Kind, Node, compile_schema
from pipeline.local.rules.wishes import PAGE_KEY, columns_of, wishes_of
from pipeline.local.seeing.page import Page, Reading


def read(pages: Sequence[Page], schema: dict[str, object]) -> Reading:
    """The record the pages hold.

    Raises:
        BadSchema: The schema cannot be followed.
    """
    root = compile_schema(schema)
    wishes = wishes_of(root)
    kinds = own_kinds() | {wish.own: wish.kind for wish in wishes}
    document = Document(
        tuple(pages), Phrases(phrases_of(wishes)), kinds, sought_by(wishes), headings_of(columns_of(root))
    )
    return _Filling(Rules(document, wishes, root)).reading(root)


def transcribe(pages: Iterable[Page]) -> str:
    """The text of the pages in reading order."""
    return "\n\n".join(filter(None, map(page_text, pages)))


_WHOLE_PAGE = (0.0, 0.0, 1.0, 1.0)
_NOTHING = "nothing found, and null is not allowed"


class _Filling:
    """Walks the schema once and puts in what the rules found."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._evidence: list[dict[str, object]] = []
        self._found = 0

    def reading(self, root: Node) -> Reading:
        record = self._value(root, "")
        return Reading(record=record, evidence=self._evidence)

    def _value(self, node: Node, path: str) -> JsonValue:
        if (shaped := self._rules.shapes.values.get(path)) and node.accepts(shaped.value):
            self._note(path, shaped)
            return shaped.value
        if path in self._rules.shapes.owned:
            return self._minimal(node, path)
        if node.kind is Kind.RECORD:
            return self._record(node, path)
        if node.kind is Kind.LISTING and node.element and node.element.kind is Kind.RECORD:
            return self._objects(node, path)
        return self._values(node, path) if node.kind is Kind.LISTING else self._single(node, path)

    def _single(self, node: Node, path: str) -> JsonValue:
        found = self._rules.found.get(path)
        if found is None or not node.accepts(found.value):
            return self._minimal(node, path)
        self._note(path, found)
        return found.value

    def _values(self, node: Node, path: str) -> JsonValue:
        """A list of single values: the parts of a text between commas or semicolons, else the one value."""
        found, element = self._rules.found.get(path), node.element
        if found is None or element is None or not element.accepts(found.value):
            return self._minimal(node, path)
        values: list[JsonValue] = [found.value]
        if isinstance(found.value, str) and element.kind is Kind.TEXT:
            values = [part.strip() for part in re.split(r"[;,]\s", found.value) if part.strip()]
        self._note(path, replace(found, value=values))
        return values

    def _record(self, node: Node, path: str) -> JsonValue:
        found, noted = self._found, len(self._evidence)
        record = {
            child.name: self._value(child, f"{path}.{child.name}" if path else child.name)
            for child in node.fields
        }
        if node.nullable and path and self._found == found:
            del self._evidence[noted:]
            return None
        return record

    def _objects(self, node: Node, path: str) -> JsonValue:
        items: list[JsonValue] = []
        for item in self._rules.items(node):
            where = f"{path}[{len(items)}]"
            element = node.element
            items.append(self._object(element, where, "", item.values, item.page) if element else None)
        return items or self._minimal(node, path)

    def _object(self, node: Node, where: str, inner: str, values: dict[str, Found], page: int) -> JsonValue:
        record: dict[str, JsonValue] = {}
        for child in node.fields:
            path = f"{inner}.{child.name}" if inner else child.name
            if child.name == PAGE_KEY:
                record[child.name] = self._rules.document.pages[page].number
            elif child.kind is Kind.RECORD:
                record[child.name] = self._object(child, where, path, values, page)
            elif path in values and child.accepts(values[path].value):
                self._note(f"{where}.{path}", values[path])
                record[child.name] = values[path].value
            else:
                record[child.name] = self._minimal(child, f"{where}.{path}", page)
        return record

    def _minimal(self, node: Node, path: str, page: int = 0) -> JsonValue:
        """Null or, where the schema takes none, the emptiest value, told as one that nothing speaks for."""
        value, pages = node.minimal(), self._rules.document.pages
        for inner in _leaf_paths(value, path) if pages else ():
            self._evidence.append(_entry(inner, pages[page].number, 0.0, _WHOLE_PAGE, _NOTHING))
        return value

    def _note(self, path: str, found: Found) -> None:
        """Tell where a value stands, for each single value in it."""
        self._found += 1
        page = self._rules.document.pages[found.page]
        box = page.shares(found.line.box)
        for inner in _leaf_paths(found.value, path):
            self._evidence.append(_entry(inner, page.number, round(found.score, 3), box, found.rule))


def _entry(path: str, page: int, confidence: float, box: tuple[float, ...], rule: str) -> dict[str, object]:
    return {"path": path, "page": page, "confidence": confidence, "box": list(box), "rule": rule}


def _leaf_paths(value: JsonValue, path: str) -> Iterator[str]:
    """Paths of the single values in a value, nulls left out."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaf_paths(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _leaf_paths(inner, f"{path}[{place}]")
    elif value is not None:
        yield path
