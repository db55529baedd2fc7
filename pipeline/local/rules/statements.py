"""What only statements and tills need: last balances, sums of columns, reductions among the goods."""

from pipeline.local.layout.columns import assign
from pipeline.local.layout.document import Document
from pipeline.local.layout.tables import Table
from pipeline.local.rules.casting import as_number, pick_amount
from pipeline.local.rules.fields import Found
from pipeline.local.rules.naming import Wish
from pipeline.local.rules.plain_rows import is_reduction
from pipeline.local.words.codes import iban

_COLUMNS = {"total_debits": "debit", "total_credits": "credit"}
_SCORE = 0.75
_SLIGHT = 0.1
"""Difference of two scores that says nothing."""


def of_statement(
    document: Document, tables: list[Table], wish: Wish, found: list[Found], *, iban_asked: bool
) -> list[Found]:
    """The values found, put right by what statements and receipts are like.

    Args:
        document: The pages.
        tables: The tables on them.
        wish: What is looked for.
        found: By its labels, best first.
        iban_asked: Whether the schema has a place of its own for an IBAN.
    """
    key = wish.concept.key if wish.concept else ""
    if key == "closing_balance":  # `Balance on …` stands before the bookings and after them
        good = [one for one in found if one.score > found[0].score - _SLIGHT]
        return sorted(good, key=lambda one: -one.row) + [one for one in found if one not in good]
    if key == "account_number" and iban_asked:
        return [one for one in found if not iban(str(one.value))]
    if key == "discount" and not tables:  # on a till, among the goods, it is one of them
        return [one for one in found if not is_reduction(document, one.row)]
    return found or _below_columns(document, tables, wish, _COLUMNS.get(key, ""))


def _below_columns(document: Document, tables: list[Table], wish: Wish, column: str) -> list[Found]:
    """The amount under a column in the row of sums that ends a table of bookings."""
    for table in tables if column else ():
        row = max(table.rows) + 1
        named = {place for place, each in enumerate(table.columns) if column in each.concepts}
        if not named or row >= len(document.rows) or not document.labels.get(row):
            continue
        cells = assign(document.rows[row].cells, table.columns, document)
        line = next((cells[place] for place in named if place in cells), None)
        amount = pick_amount(line.text, "money", document.style, last=True) if line else None
        if line and amount:
            value, page = as_number(amount.value, wish.node), document.rows[row].page
            return [Found(value=value, score=_SCORE, line=line, page=page, rule="sum of a column", row=row)]
    return []
