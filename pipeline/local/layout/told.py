"""What columns hold whose headings do not tell: counted from one, codes, the factor that makes the amount."""

import re
from dataclasses import replace
from decimal import Decimal

from pipeline.local.layout.columns import Column
from pipeline.local.layout.document import Document
from pipeline.local.layout.tables import Entry, Table
from pipeline.local.words.numbers import amounts, is_figure

_MOST = 0.7
"""Share of the entries in which it must be so."""
_FEWEST = 2
_CENT = Decimal("0.011")
_CODE = re.compile(r"(?=.*\d)[A-Z0-9][A-Z0-9./-]{2,19}")
_FACTORS = ("quantity", "unit_price")


def told(table: Table, document: Document) -> Table:
    """The table, its columns with what their entries tell of them."""
    columns = tuple(
        _counting(_coded(column, index, table), index, table) for index, column in enumerate(table.columns)
    )
    return _multiplied(replace(table, columns=columns), document)


def _texts(index: int, table: Table) -> list[str]:
    return [entry.cells[index].text.strip() for entry in table.entries if index in entry.cells]


def _counting(column: Column, index: int, table: Table) -> Column:
    """A column that counts its entries is their position, whatever else its heading may mean."""
    said = _texts(index, table)
    counts = [text.strip(".") for text in said] == [str(number + 1) for number in range(len(said))]
    if counts and len(said) >= _FEWEST and "position" in column.concepts:
        return replace(column, concepts=frozenset(["position"]))
    return column


def _coded(column: Column, index: int, table: Table) -> Column:
    """A column left of the description without a known heading, in which only codes stand, holds those."""
    said = _texts(index, table)
    codes = sum(bool(_CODE.fullmatch(text)) and not text.isdigit() for text in said)
    right = [one for other in table.columns[index + 1 :] for one in other.concepts]
    known = column.concepts or any("sku" in other.concepts for other in table.columns)
    if not known and "description" in right and len(said) >= _FEWEST and codes >= _MOST * len(said):
        return replace(column, concepts=frozenset(["sku"]))
    return column


def _multiplied(table: Table, document: Document) -> Table:
    """The table with its lone unknown factor: the column that, with the known one, makes the amounts."""
    places = {key: _column(key, table) for key in (*_FACTORS, "line_total")}
    missing = [key for key in _FACTORS if key not in table.concepts]
    known = [places[key] for key in _FACTORS if key in table.concepts]
    if "line_total" not in table.concepts or len(missing) != 1:
        return table
    for index, column in enumerate(table.columns):
        if not column.concepts and _makes(table, (known[0], index, places["line_total"]), document):
            named = replace(column, concepts=frozenset(missing))
            return replace(table, columns=(*table.columns[:index], named, *table.columns[index + 1 :]))
    return table


def _column(concept: str, table: Table) -> int:
    """Index of the first column with the concept; -1 when none has it."""
    return next((at for at, column in enumerate(table.columns) if concept in column.concepts), -1)


def _makes(table: Table, places: tuple[int, int, int], document: Document) -> bool:
    """Whether two columns make a third in most entries that have all of them."""
    whole = [entry for entry in table.entries if entry.cells.keys() >= {*places}]
    right = sum(_is_product(entry, places, document) for entry in whole)
    return right >= max(1, _MOST * len(whole))


def _is_product(entry: Entry, places: tuple[int, int, int], document: Document) -> bool:
    texts = [entry.cells[place].text for place in places]
    figures = [amounts(text, document.style) for text in texts if is_figure(text)]
    if len(figures) < len(places) or not all(figures):
        return False
    one, other, product = (found[0].value for found in figures)
    return abs(one * other - product) <= _CENT
