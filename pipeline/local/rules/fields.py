"""From labels to values: what stands after, right of or below a label and is of the kind that is wanted."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from pipeline.local.layout.document import Document
from pipeline.local.layout.labels import Label
from pipeline.local.layout.places import DATED_TITLE, is_rate, places
from pipeline.local.rules.casting import cast
from pipeline.local.rules.naming import Wish, wordings_of
from pipeline.local.seeing.page import Line
from pipeline.local.words.numbers import CODES, amounts
from pipeline.local.words.terms import terms_in
from pipeline.local.words.wording import wording

LEAST_SCORE = 0.5
_PLACES = {"marked": 1.0, "after": 1.0, "right": 0.97, "below": 0.85}
_TITLES = frozenset(["document_title", "invoice_number", "statement_number"])
_DATING = frozenset(["period_start", "period_end", "title_date"])
_BALANCES = frozenset(["opening_balance", "closing_balance"])
_UNSIGNED = ("tendered",)
_PERIOD_ENDS = ("period_end", "delivery_date")
_LOOSE_TERMS = frozenset(["tendered", "payment_method", "due_date"])
_SHORTEST_CODE = 3
_SAME = 0.75
"""How alike to what the schema calls a thing a text is that is its label, not its value."""
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


def candidates(
    wish: Wish, document: Document, skipped: frozenset[int], taken: frozenset[Line] = frozenset()
) -> list[Found]:
    """Values for the wish, best first; `skipped` rows belong to tables, `taken` lines to addresses."""
    found = [
        candidate
        for row, labels in document.labels.items()
        if row not in skipped
        for label in labels
        if (weight := wish.weight(label.concepts)) and _is_entitled(wish, label, labels)
        for candidate in _beside(wish, label, weight, document, skipped, taken)
    ]
    return sorted(found, key=lambda candidate: -candidate.score)


def _is_entitled(wish: Wish, label: Label, beside: list[Label]) -> bool:
    """Whether a word such as `of` dates the document: its title or its number stands in the same row."""
    if label.concepts <= _DATING and any(other.concepts & _BALANCES for other in beside):
        return False  # the day of a balance
    if "title_date" not in label.concepts or wish.weight(label.concepts - DATED_TITLE):
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
    own = wordings_of(wish) if wish.kind == "text" else []
    for rule, line, row in places(label, document, skipped, wish.kind, taken):
        if any(wording(line.text).alike(one) > _SAME for one in own):
            continue  # what follows a heading such as `Patient` may be the label itself: `Name of patient`
        if rule == "below" and wish.kind == "money" and _is_whole(line.text, document):
            continue
        value = cast(line.text, wish.node, wish.kind, document.style, last=_means_last(wish, label))
        if wish.concept and wish.concept.key == "payment_terms" and isinstance(value, str):
            value = terms_in(value, sure=not label.concepts & _LOOSE_TERMS) or None
        if value is None:
            continue
        if wish.concept and wish.concept.key in _UNSIGNED and isinstance(value, int | float):
            value = abs(value)  # what was paid is often printed as taken off
        far = _distance(label, line) > _FAR * document.pages[document.rows[row].page].width
        doubt = 0.8 if rule == "right" and far and wish.kind not in ("money", "percent") else 1.0
        doubt *= 0.9 if wish.kind == "money" and _is_qualified(label) else 1.0
        doubt *= 0.5 if wish.kind == "money" and _rate_of_tax(wish, label) else 1.0
        doubt *= 0.5 if _is_slight(wish, value, weight) else 1.0
        doubt *= 0.9 if wish.kind == "id" and label.cell and _opens_value(label) else 1.0
        doubt *= 0.95 if wish.kind == "tax_id" and str(value)[:2].isdigit() else 1.0
        score = weight * label.score * _PLACES[rule] * doubt * line.score**0.5
        yield Found(
            value=value, score=score, line=line, page=document.rows[row].page, rule=f"label {rule}", row=row
        )
        return


def _is_whole(text: str, document: Document) -> bool:
    """Whether it is a number without cents or currency, on pages that print cents: `118` below `Paid`."""
    found = amounts(text, document.style)
    return bool(document.style.decimal) and not any(amount.is_money for amount in found)


def _rate_of_tax(wish: Wish, label: Label) -> bool:
    """Whether a rate follows the label of a sum, which makes it one of the tax: `Incl. VAT 20 %`."""
    if wish.concept is None or wish.concept.key not in ("total", "amount_due"):
        return False
    return label.rest is not None and is_rate(label.rest.text)


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
    return wish.concept is not None and wish.concept.key in _PERIOD_ENDS and "period" in label.concepts


def _distance(label: Label, line: Line) -> float:
    return line.box.left - label.line.box.right


def _opens_value(label: Label) -> bool:
    """Whether a short word may belong to the code after it, as `PO` does in `Your order | PO 77`."""
    return label.rest is not None and not label.colon and len(label.line.text) <= _SHORTEST_CODE
