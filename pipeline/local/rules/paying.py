"""How a receipt was paid: the row that says so, and what was taken there."""

import re
from collections.abc import Iterator
from functools import cache

from pipeline.local.layout.document import Document
from pipeline.local.layout.tables import is_sum
from pipeline.local.rules.casting import cast, choice
from pipeline.local.rules.fields import Found
from pipeline.local.rules.naming import Wish
from pipeline.local.rules.schema import Kind
from pipeline.local.seeing.page import Line
from pipeline.local.words import codes
from pipeline.local.words.lexicon import lexicon, squeeze
from pipeline.local.words.numbers import amounts

_LABELS = frozenset(["tendered", "payment_method"])
_BARE = frozenset(["bare_amount"])
_MASK = re.compile(r"(?:[*•·.#★☆\u2e80-\u9fff]{2}|[xX]{3}).*$")
"""What hides most digits of a card, to the end of the text; OCR takes stars for ideographs."""
_LONGEST = 3
"""Words of a way to pay."""
_SCORE = 0.7


def payment_method(document: Document, wish: Wish) -> Found | None:
    """What was paid with, told by a row that names it; a name such as `Bar Centrale` is no way to pay."""
    if wish.node.kind is not Kind.CHOICE:
        return None
    for index, cell, words in _paid_with(document):
        if value := choice(words, wish.node):
            page = document.rows[index].page
            return Found(value=value, score=_SCORE, line=cell, page=page, rule="payment row", row=index)
    return None


def amount_paid(document: Document, wish: Wish) -> Found | None:
    """The amount at the end of a row below the total that tells of a payment: `DEBIT XXXX1006  14.59`."""
    for index in range(_first_sum(document), len(document.rows)):
        last = document.rows[index].cells[-1]
        money = any(one.is_money for one in amounts(last.text, document.style))
        value = cast(last.text, wish.node, wish.kind, document.style, last=True) if money else None
        if value is not None and _was_taken(document, index):
            page = document.rows[index].page
            return Found(value=value, score=_SCORE, line=last, page=page, rule="payment row", row=index)
    return None


def _was_taken(document: Document, index: int) -> bool:
    """Whether the amount of a row was paid: with a card, in a way it names, or as a card's slip says."""
    before = " ".join(cell.text for cell in document.rows[index].cells[:-1])
    said = _runs(before) if _tells_payment(before) else _beginnings(before)
    named = any(squeeze(words) in _ways() for words in said)
    slip = any(label.concepts & _BARE for label in document.labels.get(index, []))
    return bool(codes.card_digits(before)) or named or (slip and index > settled_from(document))


@cache
def _ways() -> frozenset[str]:
    values = lexicon().values
    return values["cash"] | values["card"] | values["mobile"] | values["voucher"]


def card_digits(document: Document, wish: Wish) -> Found | None:
    """The last digits of a card after a mask, or after words such as `ending`, in however many cells."""
    for index, row in enumerate(document.rows):
        whole = Line(text=row.text, box=row.box)
        for line in (*row.cells, whole):
            if value := cast(line.text, wish.node, wish.kind, document.style):
                return Found(value=value, score=_SCORE, line=line, page=row.page, rule="form", row=index)
    return None


def without_bases(document: Document, found: list[Found]) -> list[Found]:
    """Subtotals without those that, on a receipt, are the base in the summary of taxes."""
    end = settled_from(document)
    if end == len(document.rows):
        return found
    return [one for one in found if one.row < end and one.rule != "label below"]


def settled_from(document: Document) -> int:
    """Index of the first row that tells of a card or of change; what follows it are no sums to be paid."""
    below = range(_first_sum(document), len(document.rows))
    return next((at for at in below if _is_settled(document, at)), len(document.rows))


def _is_settled(document: Document, index: int) -> bool:
    changed = any("change" in label.concepts for label in document.labels.get(index, []))
    return changed or bool(codes.card_digits(document.rows[index].text))


def _paid_with(document: Document) -> Iterator[tuple[int, Line, str]]:
    """Words that may say what was paid with: their row, their cell, and the words without a mask."""
    below = _first_sum(document)
    for index, row in enumerate(document.rows):
        named = any(label.concepts & _LABELS for label in document.labels.get(index, []))
        told = named or (index >= below and _tells_payment(row.text))
        if told or index >= below:
            for cell in row.cells if told else row.cells[:1]:
                text = _MASK.sub("", cell.text)
                yield from ((index, cell, words) for words in (_runs(text) if told else _beginnings(text)))


def _first_sum(document: Document) -> int:
    return next((at for at in range(len(document.rows)) if is_sum(document, at)), 0)


def _tells_payment(text: str) -> bool:
    """Whether a row begins with a word for paying, or shows the last digits of a card."""
    start = squeeze(text)
    return bool(codes.card_digits(text)) or any(
        start.startswith(squeeze(word)) for word in lexicon().words["paying"]
    )


def _beginnings(text: str) -> list[str]:
    """The text, and its first words."""
    words = text.split()
    return [text, *(" ".join(words[:count]) for count in range(_LONGEST, 0, -1) if len(words) > count)]


def _runs(text: str) -> list[str]:
    """All runs of up to three words, longest first."""
    words = text.split()
    return [
        " ".join(words[at : at + count])
        for count in range(_LONGEST, 0, -1)
        for at in range(len(words) - count + 1)
    ]
