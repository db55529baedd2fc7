"""Places for signatures at the end of a contract: a name, a position and a date below each other."""

from itertools import pairwise

from pipeline.local.layout.document import Document
from pipeline.local.layout.layout import around
from pipeline.local.rules.entries import entry
from pipeline.local.rules.items import Item
from pipeline.local.rules.schema import Node
from pipeline.local.seeing.page import Line
from pipeline.local.words.dates import dates
from pipeline.local.words.lexicon import squeeze

_NAME_LABELS = frozenset(map(squeeze, ("name", "print name", "nom", "naam", "nombre", "printed name")))
_POSITIONS = ("title", "position", "capacity", "funktion", "qualité", "fonction", "functie", "cargo")
_SIGNED = {
    **dict.fromkeys(map(squeeze, _POSITIONS), "position"),
    **dict.fromkeys(map(squeeze, ("date", "datum", "fecha", "dated")), "signed_date"),
}


def signatures(node: Node, document: Document) -> list[Item]:
    """Blocks of a name, a title and a date below each other, one for each who signs."""
    made = []
    for index, row in enumerate(document.rows):
        for place, cell in enumerate(row.cells):
            if squeeze(cell.text) in _NAME_LABELS and place + 1 < len(row.cells):
                made.append(_signature(node, document, index, (cell, row.cells[place + 1])))
    return [item for item in made if item]


def _signature(node: Node, document: Document, index: int, first: tuple[Line, Line]) -> Item | None:
    label, name = first
    said: dict[str, str | int | bool | None] = {"name": name.text}
    cells = [label, name]
    for row in document.rows[index + 1 : index + 4]:
        for one, two in pairwise(row.cells):
            part = _SIGNED.get(squeeze(one.text))
            if part and abs(one.box.left - label.box.left) < label.box.height:
                day = dates(two.text, document.style)
                said[part] = two.text if part == "position" else day[0][0].isoformat() if day else None
                cells += [one, two]
    line = Line(text=name.text, box=around(cells))
    return entry(node, said, (line, index), document, "place for a signature")
