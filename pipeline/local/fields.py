"""From labels to values: what stands after, right of or below a label and is of the kind that is wanted."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from pipeline.local.casting import cast
from pipeline.local.document import Document
from pipeline.local.labels import Label
from pipeline.local.lexicon import Concept, lexicon, squeeze
from pipeline.local.numbers import CODES
from pipeline.local.page import Line
from pipeline.local.schema import Node

LEAST_SCORE = 0.5
_WEIGHTS = (1.0, 0.85, 0.8, 0.75)
"""How much a field's own label counts, and those of the concepts that will do instead."""
_PLACES = {"after": 1.0, "right": 0.97, "below": 0.85}
_SUMMED = ("money", "number")
_DATED_TITLE = frozenset(["title_date"])
_TITLES = frozenset(["document_title", "invoice_number", "statement_number"])
_UNSIGNED = ("tendered",)
_ROWS_BELOW = 2
_SHORTEST_CODE = 3
_FAR = 0.4
"""Share of the page's width beyond which a value right of its label is doubtful, unless it is money."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A value and where it came from.

    Attributes:
        value: In the JSON type of its node.
        score: Confidence, 0 to 1.
        line: The text it was read from.
        page: Index of the page, from 0.
        rule: How it was found.
        row: Index of its row in the document.
    """

    value: JsonValue
    score: float
    line: Line
    page: int
    rule: str
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A value that is looked for.

    Attributes:
        path: Where it belongs in the record, such as `seller.name`.
        node: Its place in the schema.
        concept: What it means, where the lexicon knows.
        kind: Sort of value.
    """

    path: str
    node: Node
    concept: Concept | None
    kind: str

    @property
    def own(self) -> str:
        """Key under which the schema's own words for it are looked up."""
        return f"own:{self.path}"

    def weight(self, concepts: frozenset[str]) -> float:
        """How much a label of these concepts counts for this value; 0 when it is another's."""
        wanted = [self.concept.key, *self.concept.also] if self.concept else []
        if self.own in concepts:
            return 1.0
        return max((_WEIGHTS[min(wanted.index(key), 3)] for key in concepts if key in wanted), default=0.0)


def candidates(
    wish: Wish, document: Document, skipped: frozenset[int], taken: frozenset[Line] = frozenset()
) -> list[Found]:
    """Values for the wish, best first; `skipped` rows belong to tables, `taken` lines to addresses."""
    found = [
        candidate
        for row, labels in document.labels.items()
        if row not in skipped
        for label in labels
        if (weight := wish.weight(label.concepts)) and _is_entitled(label, labels)
        for candidate in _beside(wish, label, weight, document, skipped, taken)
    ]
    return sorted(found, key=lambda candidate: -candidate.score)


def _is_entitled(label: Label, beside: list[Label]) -> bool:
    """Whether a word such as `of` dates the document: its title or its number stands in the same row."""
    if label.concepts != _DATED_TITLE:
        return True
    return any(other.concepts & _TITLES for other in beside)


def _beside(  # noqa: PLR0913, PLR0917 - what is looked for, and all that bounds where
    wish: Wish,
    label: Label,
    weight: float,
    document: Document,
    skipped: frozenset[int],
    taken: frozenset[Line],
) -> Iterator[Found]:
    """At most one value for a label: the nearest that is of the right kind."""
    for rule, line, row in _pieces(label, document, skipped, wish.kind, taken):
        value = cast(line.text, wish.node, wish.kind, document.style, last=_means_last(wish, label))
        if value is None:
            continue
        if wish.concept and wish.concept.key in _UNSIGNED and isinstance(value, int | float):
            value = abs(value)  # what was paid is often printed as taken off
        far = _distance(label, line) > _FAR * document.pages[document.rows[row].page].width
        doubt = 0.8 if rule == "right" and far and wish.kind not in ("money", "percent") else 1.0
        doubt *= 0.9 if wish.kind == "money" and _is_qualified(label) else 1.0
        doubt *= 0.5 if wish.kind == "money" and _rate_of_tax(wish, label) else 1.0
        doubt *= 0.5 if _is_slight(wish, value, weight) else 1.0
        score = weight * label.score * _PLACES[rule] * doubt * line.score**0.5
        yield Found(
            value=value, score=score, line=line, page=document.rows[row].page, rule=f"label {rule}", row=row
        )
        return


def _is_rate(text: str) -> bool:
    """Whether the text only says at which rate a tax is charged: `at 20 %`."""
    return bool(re.fullmatch(r"\W*(?:[^\W\d_]{1,4}\W+)?\d{1,2}(?:[.,]\d{1,2})?\s?%\W*", text))


def _rate_of_tax(wish: Wish, label: Label) -> bool:
    """Whether a rate follows the label of a sum, which makes it one of the tax: `Incl. VAT 20 %`."""
    if wish.concept is None or wish.concept.key not in ("total", "amount_due"):
        return False
    return label.rest is not None and _is_rate(label.rest.text)


def _is_slight(wish: Wish, value: JsonValue, weight: float) -> bool:
    """Whether a code is too short to be believed without a label of its own: a lone `2` may be anything."""
    return wish.kind == "id" and weight < 1 and len(str(value)) < _SHORTEST_CODE


def _is_qualified(label: Label) -> bool:
    """Whether more words follow that may change what the label means: `Total MWST`."""
    words = re.findall(r"[^\W\d_]{3,}", label.rest.text) if label.rest and not label.colon else []
    return any(word.upper() not in CODES for word in words)


def _means_last(wish: Wish, label: Label) -> bool:
    """Of several amounts in a row the last is the sum; a period ends with its last date."""
    if wish.kind == "money":
        return True
    return wish.concept is not None and wish.concept.key == "period_end" and "period" in label.concepts


def _distance(label: Label, line: Line) -> float:
    return line.box.left - label.line.box.right


def _pieces(
    label: Label, document: Document, skipped: frozenset[int], kind: str, taken: frozenset[Line]
) -> Iterator[tuple[str, Line, int]]:
    """Texts that may hold the label's value: the rest of its cell, what is right of it, what is below."""
    right = _right_of(label, document)
    if kind == "id":  # the number of a house is nobody's reference
        right = [line for line in right if line not in taken]
    if kind in _SUMMED:  # a row of sums ends with its amount: `VAT 20 % on 100.00 | 20.00`
        yield from (("right", line, label.row) for line in reversed(right))
    if kind == "boolean" and label.rest is None and not right:
        right = list(document.rows[label.row].cells[label.cell + 1 :][:1])  # `No` may label a number, too
    if label.rest and not _is_rate(label.rest.text):
        yield "after", label.rest, label.row
    if right and kind not in _SUMMED:
        yield "right", right[0], label.row
    alone = label.rest is None or (kind == "money" and _is_rate(label.rest.text))
    if alone and (not right or kind not in ("text", "id")) and not (kind == "date" and _dated(right)):
        yield from (("below", line, row) for line, row in _below(label, document, skipped))


def _dated(right: list[Line]) -> bool:
    """Whether a date stands right of the label, be it one that cannot be read."""
    return bool(right) and bool(re.search(r"\b(?:19|20)\d\d\b", right[0].text))


def _right_of(label: Label, document: Document) -> list[Line]:
    """Cells right of the label, up to the next cell that begins with a label."""
    cells = document.rows[label.row].cells
    others = {
        other.cell
        for other in document.labels[label.row]
        if other.cell > label.cell
        and _begins(other, cells[other.cell])
        and not (_is_value(other) and other.concepts & label.concepts)
    }
    stop = min(others, default=len(cells))
    if any(
        other.cell == label.cell
        and other.line.box.left > label.line.box.left
        and other.concepts != _DATED_TITLE
        for other in document.labels[label.row]
    ):
        return []
    return list(cells[label.cell + 1 : stop])


def _begins(label: Label, cell: Line) -> bool:
    """Whether a label is the first of its cell, rather than a word within a value: `1 May to 31 May`."""
    return label.line.box.left - cell.box.left < label.line.box.height


def _below(label: Label, document: Document, skipped: frozenset[int]) -> Iterator[tuple[Line, int]]:
    """The nearest text below the label that is no label and belongs to none beside it."""
    page = document.rows[label.row].page
    reach = label.line.box.bottom + 2.6 * document.heights[page]
    for row in range(label.row + 1, min(len(document.rows), label.row + 1 + _ROWS_BELOW + 1)):
        if document.rows[row].page != page or row in skipped or document.rows[row].box.top > reach:
            return
        for place, cell in enumerate(document.rows[row].cells):
            if not _under(label.line, cell):
                continue
            if not _labelled(document, row, place):
                yield cell, row
            return


def _under(label: Line, cell: Line) -> bool:
    if label.box.overlap_x(cell.box) > 0.3 * min(label.box.width, cell.box.width):
        return True
    near = label.box.height
    return abs(label.box.left - cell.box.left) < near or abs(label.box.right - cell.box.right) < near


def _labelled(document: Document, row: int, place: int) -> bool:
    """Whether the cell is a label, or has one right before it that has no other value."""
    labels = {label.cell: label for label in document.labels.get(row, []) if not _is_value(label)}
    return place in labels or (place - 1 in labels and labels[place - 1].rest is None)


def _is_value(label: Label) -> bool:
    """Whether the label only opens a value, such as `PO 77-2024` or `Net 30`."""
    return label.rest is not None and not label.colon


def phrases_of(wishes: list[Wish]) -> Iterator[tuple[str, str]]:
    """Squeezed phrases and their concepts: the lexicon's and those of the schema."""
    for concept in lexicon().concepts.values():
        if not concept.column:
            yield from ((phrase, concept.key) for phrase in concept.phrases)
    for wish in wishes:
        yield from ((phrase, wish.own) for phrase in own_phrases(wish.node, known=wish.concept is not None))


def own_phrases(node: Node, *, known: bool) -> Iterator[str]:
    """What the schema itself says a value is labelled, squeezed.

    Args:
        node: The value's place in the schema.
        known: Whether the lexicon has words for it, so that its name is not needed.
    """
    words = [*node.labels] if known else [*node.labels, node.title, node.name]
    yield from (squeezed for word in words if (squeezed := squeeze(word)))
