"""Recognised pages and a schema to a record: null rather than a guess, and where each value stands."""

import re
from collections.abc import Iterable, Sequence

from pydantic import JsonValue

from pipeline.local.document import Document, own_kinds
from pipeline.local.fields import Found, phrases_of
from pipeline.local.labels import Phrases
from pipeline.local.page import Page, Reading
from pipeline.local.rules import Rules
from pipeline.local.schema import Kind, Node, compile_schema
from pipeline.local.text import page_text
from pipeline.local.wishes import PAGE_KEY, leaves


def read(pages: Sequence[Page], schema: dict[str, object]) -> Reading:
    """The record the pages hold.

    Raises:
        BadSchema: The schema cannot be followed.
    """
    root = compile_schema(schema)
    wishes = leaves(root)
    kinds = own_kinds() | {wish.own: wish.kind for wish in wishes}
    document = Document(tuple(pages), Phrases(phrases_of(wishes)), kinds)
    return _Filling(Rules(document, wishes)).reading(root)


def transcribe(pages: Iterable[Page]) -> str:
    """The text of the pages in reading order."""
    return "\n\n".join(filter(None, map(page_text, pages)))


class _Filling:
    """Walks the schema once and puts in what the rules found."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._evidence: list[dict[str, object]] = []

    def reading(self, root: Node) -> Reading:
        record = self._value(root, "")
        return Reading(record=record, evidence=self._evidence)

    def _value(self, node: Node, path: str) -> JsonValue:
        if node.kind is Kind.RECORD:
            return self._record(node, path)
        if node.kind is Kind.LISTING and node.element and node.element.kind is Kind.RECORD:
            return self._objects(node, path)
        return self._values(node, path) if node.kind is Kind.LISTING else self._single(node, path)

    def _single(self, node: Node, path: str) -> JsonValue:
        found = self._rules.found.get(path)
        if found is None or not node.accepts(found.value):
            return node.minimal()
        self._note(path, found)
        return found.value

    def _values(self, node: Node, path: str) -> JsonValue:
        """A list of single values: the parts of a text between commas or semicolons, else the one value."""
        found, element = self._rules.found.get(path), node.element
        if found is None or element is None or not element.accepts(found.value):
            return node.minimal()
        self._note(path, found)
        if not isinstance(found.value, str) or element.kind is not Kind.TEXT:
            return [found.value]
        return [part.strip() for part in re.split(r"[;,]\s", found.value) if part.strip()]

    def _record(self, node: Node, path: str) -> JsonValue:
        before = len(self._evidence)
        record = {
            child.name: self._value(child, f"{path}.{child.name}" if path else child.name)
            for child in node.fields
        }
        return None if node.nullable and path and len(self._evidence) == before else record

    def _objects(self, node: Node, path: str) -> JsonValue:
        items: list[JsonValue] = []
        for item in self._rules.items(node):
            where = f"{path}[{len(items)}]"
            element = node.element
            items.append(self._object(element, where, "", item.values, item.page) if element else None)
        return items or node.minimal()

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
                record[child.name] = child.minimal()
        return record

    def _note(self, path: str, found: Found) -> None:
        page = self._rules.document.pages[found.page]
        box = page.as_sent(found.line.box)
        self._evidence.append(
            {
                "path": path,
                "page": page.number,
                "confidence": round(found.score, 3),
                "box": [round(edge) for edge in (box.left, box.top, box.right, box.bottom)],
                "rule": found.rule,
            }
        )
