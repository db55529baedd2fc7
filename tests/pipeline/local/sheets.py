"""Recognised pages written down by hand: rows of cells, as OCR would give them."""

from collections.abc import Iterator
from typing import Any

from pipeline.local.layout.document import Document, own_kinds
from pipeline.local.layout.labels import Phrases
from pipeline.local.rules.naming import Wish, phrases_of
from pipeline.local.seeing.page import Box, Line, Page

CHAR_PX = 10
LINE_PX = 20
PITCH_PX = 30


def line(text: str, left: float, top: float, *, height: float = LINE_PX) -> Line:
    width = len(text) * CHAR_PX * height / LINE_PX
    return Line(text=text, box=Box(left=left, top=top, right=left + width, bottom=top + height), score=0.99)


def page(*rows: str, number: int = 1, height: int = 1500) -> Page:
    """A page from text: cells are parted by two blanks and stand where they do here; "" is a gap."""
    lines = []
    for index, row in enumerate(rows):
        start = 0
        for cell in filter(None, row.split("  ")):
            start = row.index(cell, start)
            text = cell.strip()
            lines.append(line(text, 50 + CHAR_PX * row.index(text, start), 40 + PITCH_PX * index))
            start += len(cell)
    return Page(number=number, width=1060, height=height, lines=tuple(lines))


def document(*pages: Page, wishes: tuple[Wish, ...] = ()) -> Document:
    kinds = own_kinds() | {wish.own: wish.kind for wish in wishes}
    return Document(pages, Phrases(phrases_of(list(wishes))), kinds)


def nullable(kind: str, **more: object) -> dict[str, object]:
    return {"anyOf": [{"type": kind, **more}, {"type": "null"}]}


def record(**properties: object) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def listing(**properties: object) -> dict[str, object]:
    return {"type": "array", "items": record(**properties)}


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Single values by their path, but for nulls and what pagelake asks for itself."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name != "_page":
                yield from leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{place}]")
    elif value is not None:
        yield path, value
