"""A quantity and a price whose product is the amount beside them: `3 hours at 45.00 ... 135.00`."""

import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from pipeline.local.words.lexicon import lexicon, squeeze
from pipeline.local.words.numbers import Amount, amounts
from pipeline.local.words.style import Style

_CENT = Decimal("0.01")
_LARGEST_QUANTITY = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What a text says beside an amount that is the product of two of its numbers.

    Attributes:
        quantity: How many, as written.
        price: Of one, as written.
        words: What is left: a description, or the unit.
    """

    quantity: str
    price: str
    words: str


def product_in(text: str, amount: Decimal, style: Style) -> Product | None:
    """The quantity and the price in a text that make the amount, side by side or around the words."""
    for first, second in pairwise(amounts(text, style)):
        if _is_quantity(first) and abs(first.value * second.value - amount) <= _CENT:
            return Product(
                quantity=text[first.start : first.end],
                price=text[second.start : second.end],
                words=_words(text, first, second),
            )
    return None


def _is_quantity(number: Amount) -> bool:
    return not number.currency and not number.percent and 0 < number.value < _LARGEST_QUANTITY


def _words(text: str, quantity: Amount, price: Amount) -> str:
    """The words before the quantity, else those between it and the price, without `x`, `at` and the like."""
    before, between = text[: quantity.start].strip(" ,;:-"), text[quantity.end : price.start].split()
    joining = lexicon().words["each"]
    while between and squeeze(between[0]) in joining | {""}:
        between.pop(0)
    while between and squeeze(between[-1]) in joining | {""}:
        between.pop()
    return before if any(letter.isalpha() for letter in before) else " ".join(between)


def leading_count(text: str) -> tuple[str, str] | None:
    """A count and the words after it, in a text like `2 Soup of the day`."""
    found = re.match(r"^(\d{1,3})\s*(?:[xX\u00d7*]\s*)?\s(?=[^\W\d_]{2})(.+)$", text)
    return (found.group(1), found.group(2).strip()) if found else None
