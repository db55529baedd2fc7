"""Lists of objects: which table they are, and each row as an object; rows without a header where need be."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from pydantic import JsonValue
from rapidfuzz import fuzz

from pipeline.local.layout.columns import Column
from pipeline.local.layout.document import OWN_COLUMN, Document
from pipeline.local.layout.layout import around
from pipeline.local.layout.tables import Entry, Table
from pipeline.local.rules.casting import as_number, cast, pick_amount
from pipeline.local.rules.fields import Found
from pipeline.local.rules.naming import Wish
from pipeline.local.seeing.page import Line
from pipeline.local.words.dates import short_date
from pipeline.local.words.lexicon import squeeze
from pipeline.local.words.numbers import amounts, is_figure

_TYPED = frozenset(["money", "number", "percent", "date", "moment"])
_FIGURES = ("money", "number", "percent")
_SCORE = 0.85


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One object of a list.

    Attributes:
        page: Index of the page it stands on, from 0.
        values: What was read, by the path of its wish.
    """

    page: int
    values: dict[str, Found]


def fitting(wishes: list[Wish], tables: list[Table]) -> list[Table]:
    """The tables that hold what is wished for: those with the most of it."""
    scored = [(len(match(wishes, table.columns)), table) for table in tables]
    best = max((score for score, _ in scored), default=0)
    if best < min(2, len(wishes)):
        return []
    return [table for score, table in scored if score >= max(2, 0.7 * best)]


def _wordiness(table: Table) -> dict[int, float]:
    """Letters a cell of each column has on average: of two that may be the description, the wordier is."""
    return {
        index: sum(_letters(entry.cells[index]) for entry in table.entries if index in entry.cells)
        / len(table.entries)
        for index in range(len(table.columns))
        if table.entries
    }


def _letters(line: Line) -> int:
    return sum(letter.isalpha() for letter in line.text)


def match(
    wishes: list[Wish], columns: tuple[Column, ...], wordiness: dict[int, float] | None = None
) -> dict[str, int]:
    """Which column each wish is read from, by its path; a column serves one wish."""
    pairs = sorted(
        (
            (score, (wordiness or {}).get(index, 0.0) if wish.kind == "text" else 0.0, -place, -index)
            for place, wish in enumerate(wishes)
            for index, column in enumerate(columns)
            if (score := _fit(wish, column)) > 0
        ),
        reverse=True,
    )
    chosen: dict[str, int] = {}
    for _, _, place, index in pairs:
        path = wishes[-place].path
        if path not in chosen and -index not in chosen.values():
            chosen[path] = -index
    return chosen


def _fit(wish: Wish, column: Column) -> float:
    """How well a heading fits: the schema's own words first, then what both mean."""
    heading = squeeze(column.text)
    own = [squeeze(words) for words in (*wish.node.labels, wish.node.title, wish.node.name) if words]
    if heading in own:
        return 1.0
    if OWN_COLUMN + wish.path in column.concepts:
        return 0.95
    if wish.concept and wish.concept.key in column.concepts:
        return 0.9 if len(column.concepts) == 1 else 0.8
    if column.concepts & _ALIKE.get(wish.concept.key if wish.concept else "", frozenset()):
        return 0.6
    close = max((fuzz.ratio(heading, phrase) for phrase in own), default=0.0)
    return 0.7 * close / 100 if close >= 88 else 0.0  # noqa: PLR2004 - per cent of letters


_ALIKE = {
    "line_total": frozenset(["transaction_amount", "line_gross"]),
    "transaction_amount": frozenset(["line_total"]),
    "line_date": frozenset(["value_date"]),
    "sku": frozenset(["description"]),
}


def items_of(wishes: list[Wish], table: Table, document: Document) -> list[Item]:
    """The table's rows as objects; text that runs on below its row is joined to it."""
    columns = match(wishes, table.columns, _wordiness(table))
    items: list[Item] = []
    last_row = -1
    for entry in table.entries:
        values = _values(wishes, columns, entry, table, document)
        typed = sum(wish.kind in _TYPED and not _is_balance(wish) for wish in wishes if wish.path in values)
        needed = any(wish.kind in _TYPED for wish in wishes if wish.path in columns)
        if is_carried(entry.row, document):
            continue
        if not needed and len(values) == 1 and items and _runs_on(entry, last_row, columns, wishes, document):
            items[-1] = _extended(items[-1], values)
            last_row = entry.row
            continue
        if typed or (values and not needed):
            values = _measured(values, wishes, entry, columns, document)
            items.append(Item(page=document.rows[entry.row].page, values=values))
            last_row = entry.row
        elif items and _runs_on(entry, last_row, columns, wishes, document):
            items[-1] = _extended(items[-1], values)
            last_row = entry.row
    return items


def _is_balance(wish: Wish) -> bool:
    """A balance alone is no entry: it is carried from somewhere."""
    return wish.concept is not None and wish.concept.key == "running_balance"


def _measured(
    values: dict[str, Found], wishes: list[Wish], entry: Entry, columns: dict[str, int], document: Document
) -> dict[str, Found]:
    """The values with a quantity and its unit parted where they stand in one cell: `20 pcs`."""
    named = {wish.concept.key: wish for wish in wishes if wish.concept}
    quantity, unit = named.get("quantity"), named.get("unit")
    if quantity is None:
        return values
    places = [columns[wish.path] for wish in (quantity, unit) if wish and wish.path in columns]
    for line in (entry.cells[place] for place in places if place in entry.cells):
        if not (found := _MEASURE.fullmatch(line.text.strip())):
            continue
        texts = {quantity.path: (quantity, found[1]), **({unit.path: (unit, found[2])} if unit else {})}
        for path, (wish, text) in texts.items():
            value = cast(text, wish.node, wish.kind, document.style)
            if value is not None:
                page = document.rows[entry.row].page
                values = values | {
                    path: Found(value=value, score=_SCORE, line=line, page=page, rule="table", row=entry.row)
                }
    return values


_MEASURE = re.compile(r"(\d[\d.,]*)\s*([^\W\d_][^\d]{0,11})")


def is_carried(row: int, document: Document) -> bool:
    """Whether the row carries an amount from page to page or states a balance."""
    labels = document.labels.get(row, [])
    if not labels or "carried" not in labels[0].concepts:
        return False
    money = [amount for amount in amounts(document.rows[row].text, document.style) if amount.is_money]
    return len(money) <= 1  # a charge may be named `Transport`, but it has a quantity and a price


def _values(
    wishes: list[Wish], columns: dict[str, int], entry: Entry, table: Table, document: Document
) -> dict[str, Found]:
    found: dict[str, Found] = {}
    for wish in wishes:
        source = entry.cells.get(columns.get(wish.path, -1))
        value = cast_cell(source, wish, document) if source else None
        if source is None and (signed := _signed(wish, entry, table, document)):
            value, source = signed
        if value is not None and source is not None:
            page = document.rows[entry.row].page
            score = _SCORE * source.score**0.5
            found[wish.path] = Found(
                value=value, score=score, line=source, page=page, rule="table", row=entry.row
            )
    return found


def cast_cell(line: Line, wish: Wish, document: Document) -> JsonValue:
    """The cell as a value: a date may lack its year here, and a share its per-cent sign."""
    if wish.kind in _FIGURES and not is_figure(line.text):
        return None
    value = cast(line.text, wish.node, wish.kind, document.style)
    if value is None and wish.kind == "id" and re.fullmatch(r"[\w./-]{2,20}", line.text.strip()):
        return line.text.strip()
    if value is None and wish.kind == "date" and (short := short_date(line.text.strip(), document.style)):
        return short[0].isoformat()
    if (
        wish.kind == "money"
        and (amount := pick_amount(line.text, "percent", document.style, last=False))
        and amount.percent
    ):
        return None
    return value


def _signed(wish: Wish, entry: Entry, table: Table, document: Document) -> tuple[JsonValue, Line] | None:
    """An amount from a pair of columns: what came in, less what went out; and the cells it stands in."""
    if not wish.concept or wish.concept.key not in ("transaction_amount", "line_total"):
        return None
    total, cells = Decimal(0), list[Line]()
    for index, column in enumerate(table.columns):
        sign = 1 if "credit" in column.concepts else -1 if "debit" in column.concepts else 0
        if (
            sign
            and (line := entry.cells.get(index))
            and is_figure(line.text)
            and (amount := pick_amount(line.text, "money", document.style, last=True))
        ):
            total += sign * abs(amount.value)
            cells.append(line)
    return (as_number(total, wish.node), replace(cells[0], box=around(cells))) if cells else None


def _runs_on(
    entry: Entry, last_row: int, columns: dict[str, int], wishes: list[Wish], document: Document
) -> bool:
    """Whether a row only continues the text of the one above."""
    texts = {columns[wish.path] for wish in wishes if wish.path in columns and wish.kind in ("text", "id")}
    row, before = document.rows[entry.row], document.rows[last_row]
    near = row.page == before.page and row.box.top - before.box.bottom < 0.9 * document.heights[row.page]
    return near and set(entry.cells) <= texts


def _extended(item: Item, more: dict[str, Found]) -> Item:
    values = dict(item.values)
    for path, found in more.items():
        if path in values and isinstance(text := values[path].value, str):
            line = replace(values[path].line, box=around([values[path].line, found.line]))
            blank = "" if text.endswith("-") and " " not in text else " "  # a code broken at its dash
            values[path] = replace(values[path], value=f"{text}{blank}{found.value}", line=line)
        elif path not in values:
            values[path] = found
    return Item(page=item.page, values=values)
