"""The summary of taxes: for each rate what it is worked out on, and the tax."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from pipeline.local.layout.document import Document
from pipeline.local.layout.layout import Row
from pipeline.local.layout.tables import heads_sums
from pipeline.local.rules.casting import as_number
from pipeline.local.rules.fields import Found
from pipeline.local.rules.items import Item
from pipeline.local.rules.schema import Node
from pipeline.local.rules.wishes import spaced
from pipeline.local.seeing.page import Line
from pipeline.local.words.numbers import Amount, amounts

_CENT = Decimal("0.02")
_ROLES = (
    ("rate", re.compile(r"\b(?:rate|percent|percentage|pct|satz)\b")),
    ("base", re.compile(r"\b(?:taxable|base|net|basis)\b")),
    ("gross", re.compile(r"\b(?:gross|total|incl)\b")),
    ("tax", re.compile(r"\b(?:tax|vat|gst|amount|mwst|tva|btw|iva)\b")),
)
_TAX_LIST = re.compile(r"\b(?:tax|taxes|vat|vats|gst)\b")
_LETTERED = re.compile(
    r"^\W*(?P<letter>[A-Z]|[1-4](?=\s*[=:]|\s+\d))\s*[=:)]?\s*(?:[^\W\d]{2,6}\.?\s*)?(?P<rate>\d{1,2}(?:[.,]\d{1,2})?\s?%)"
)
_SCORE = 0.8
_HIGHEST_RATE = 30
"""Per cent; Hungary has the highest in Europe, 27."""


def is_tax_list(listing: Node) -> bool:
    """Whether a list of objects asks for the summary of taxes."""
    roles = {role_of(child) for child in listing.element.fields} if listing.element else set()
    return bool(_TAX_LIST.search(spaced(listing.name).lower())) and {"rate", "tax"} <= roles


def role_of(node: Node) -> str:
    """What a property of the summary's entries holds: `rate`, `base`, `gross`, `tax`, or nothing known."""
    name = spaced(node.name).lower()
    return next((role for role, words in _ROLES if words.search(name)), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxEntry:
    """One rate of tax as printed.

    Attributes:
        row: Index of its row in the document.
        parts: Amounts by role, each with the text it stands in.
    """

    row: int
    parts: dict[str, tuple[Decimal, Line]]


def tax_entries(document: Document, skipped: frozenset[int]) -> list[TaxEntry]:
    """The printed rates, each with its amounts; a rate that stands twice is taken once."""
    entries: dict[Decimal, TaxEntry] = {}
    for index in range(len(document.rows)):
        if index not in skipped:
            for rate, parts in _entries(document, index):
                entries.setdefault(rate, TaxEntry(row=index, parts=parts))
    return list(entries.values())


def _entries(document: Document, index: int) -> list[tuple[Decimal, dict[str, tuple[Decimal, Line]]]]:
    """The rates in a row, each with its amounts: those beside it, or those below a row of headings."""
    if heads_sums(document, index):
        return list(_below_headings(document, index))
    return [found] if (found := _entry(document, index)) else []


def _below_headings(
    document: Document, index: int
) -> Iterator[tuple[Decimal, dict[str, tuple[Decimal, Line]]]]:
    """The rates in headings such as `VAT 20 %`, each with the amount below it and its base."""
    row, below = document.rows[index], document.rows[index + 1]
    named = {label.cell for label in document.labels.get(index, []) if "tax" in label.concepts}
    money = [(one, cell) for cell in below.cells for one in amounts(cell.text, document.style)]
    for place, cell in enumerate(row.cells):
        rates = [one.value for one in amounts(cell.text, document.style) if one.percent]
        under = [pair for pair in money if pair[1].box.overlap_x(cell.box) > 0]
        if place in named and len(rates) == 1 and len(under) == 1:
            whole = _parts(rates[0], money, named=False)
            tax = (under[0][0].value, under[0][1])
            yield rates[0], {"rate": (rates[0], cell), **whole, "tax": tax}


def rates_by_letter(document: Document) -> dict[str, tuple[str, int]]:
    """The rates that letters stand for, and the rows of the summary that say so: `A = 19 %`."""
    found = ((index, _LETTERED.match(row.text)) for index, row in enumerate(document.rows))
    return {each["letter"]: (each["rate"], index) for index, each in found if each}


def tax_items(listing: Node, document: Document, skipped: frozenset[int]) -> list[Item]:
    """The printed rates as objects of a list."""
    return [
        _item(listing, entry.parts, entry.row, document.rows[entry.row])
        for entry in tax_entries(document, skipped)
    ]


def amounts_by_rate(document: Document) -> dict[int, set[Decimal]]:
    """The amounts that belong to one rate among several, by the index of their row; empty for one rate."""
    entries = {index: found for index in range(len(document.rows)) if (found := _entry(document, index))}
    if len({rate for rate, _ in entries.values()}) <= 1:
        return {}
    return {index: {value for value, _ in parts.values()} for index, (_, parts) in entries.items()}


def _entry(document: Document, index: int) -> tuple[Decimal, dict[str, tuple[Decimal, Line]]] | None:
    """The rate in a row and its amounts by role, when the row is one of taxes."""
    row = document.rows[index]
    found = [(amount, cell) for cell in row.cells for amount in amounts(cell.text, document.style)]
    rates = [(amount, cell) for amount, cell in found if amount.percent]
    money = [(amount, cell) for amount, cell in found if amount.is_money]
    if not rates:
        return _bare_entry(document, index)
    if len(rates) != 1 or not money:
        return None
    rate = rates[0][0].value
    parts = _parts(rate, money, named=_names_tax(document, index))
    return (rate, {"rate": (rate, rates[0][1]), **parts}) if parts else None


def _bare_entry(document: Document, index: int) -> tuple[Decimal, dict[str, tuple[Decimal, Line]]] | None:
    """The rate, base and tax of a row of bare numbers below a heading for taxes: `21,00 | 55,50 | 11,66`."""
    row = document.rows[index]
    found = [(amounts(cell.text, document.style), cell) for cell in row.cells]
    if len(found) < 3 or any(len(each) != 1 for each, _ in found):  # noqa: PLR2004 - rate, base and tax
        return None
    if not any(_names_tax(document, above) for above in range(max(0, index - 3), index)):
        return None
    (first, cell), *rest = [(each[0], cell) for each, cell in found]
    parts = _parts(first.value, rest, named=False) if 0 < first.value <= _HIGHEST_RATE else {}
    return (first.value, {"rate": (first.value, cell), **parts}) if parts else None


def _names_tax(document: Document, index: int) -> bool:
    return any("tax" in label.concepts for label in document.labels.get(index, []))


def _parts(
    rate: Decimal, money: list[tuple[Amount, Line]], *, named: bool
) -> dict[str, tuple[Decimal, Line]]:
    """Which amount is the base and which the tax: the pair that the rate joins, else a named row's last."""
    values = [(amount.value, cell) for amount, cell in money]
    for base, base_cell in values:
        for tax, tax_cell in values:
            if tax != base and abs(base * rate / 100 - tax) <= _CENT:
                parts = {"base": (base, base_cell), "tax": (tax, tax_cell)}
                gross = [value for value in values if abs(base + tax - value[0]) <= _CENT]
                return parts | ({"gross": gross[0]} if gross else {})
    return {"tax": values[-1]} if named else {}


def _item(listing: Node, parts: dict[str, tuple[Decimal, Line]], index: int, row: Row) -> Item:
    values: dict[str, Found] = {}
    for child in listing.element.fields if listing.element else ():
        if (part := parts.get(role_of(child))) and (value := as_number(part[0], child)) is not None:
            values[child.name] = Found(
                value=value, score=_SCORE, line=part[1], page=row.page, rule="tax row", row=index
            )
    return Item(page=row.page, values=values)
