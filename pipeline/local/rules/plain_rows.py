"""Lists without a header: what a till prints with a price at its right, bookings that begin with a date."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from pydantic import JsonValue

from pipeline.local.layout.document import Document
from pipeline.local.layout.layout import around
from pipeline.local.layout.tables import is_sum
from pipeline.local.rules.casting import as_number, cast
from pipeline.local.rules.fields import Found
from pipeline.local.rules.items import Item, is_carried
from pipeline.local.rules.naming import Wish
from pipeline.local.rules.sums import value_of
from pipeline.local.rules.taxes import rates_by_letter
from pipeline.local.seeing.page import Line
from pipeline.local.words.dates import dates, short_date
from pipeline.local.words.lexicon import lexicon, squeeze
from pipeline.local.words.numbers import Amount, amounts
from pipeline.local.words.products import leading_count, product_in
from pipeline.local.words.style import Style

_TIMES = re.compile(
    r"^(?P<count>\d+(?:[.,]\d+)?)\s*(?P<unit>[^\W\d_]{1,5}\.?)?\s*(?:x|X|\u00d7|\*|@|à|a)(?=\s|\d+[.,]\d{2})\s*(?P<price>\d+[.,]\d{2,3})?(?P<rest>.*)$"
)
_COUNT = re.compile(r"^\d{1,3}$")
_PAYMENT = frozenset(
    ["tendered", "change", "tip", "discount", "rounding", "carried", "total_credits", "total_debits"]
)
_REDUCTION = frozenset(["discount"])
_BARE = frozenset(["bare_amount"])
_SCORE = 0.7


def priced_items(wishes: list[Wish], document: Document) -> list[Item]:
    """What was bought, on a receipt: rows of a text and a price, above the first sum."""
    named = {wish.concept.key: wish for wish in wishes if wish.concept}
    if "description" not in named or "line_total" not in named:
        return []
    items: list[Item] = []
    rates = rates_by_letter(document)
    for index, row in enumerate(document.rows):
        if is_sum(document, index):
            break
        cells = _without_letter(row.cells)
        price = _price(cells, document)
        if _is_payment(document, index) and not (items and price and is_reduction(document, index)):
            continue
        if price and _is_bare_sum(document, index):
            items = items or [_said_above(named, cells, price, index, document)]
        elif price:
            item = _bought(named, cells, price, index, document)
            items.append(_rated(item, named, rates.get(_letter(row.cells)), document))
        elif items and (said := _counted_below(row.text, items[-1], named, document.style)):
            items[-1] = _completed(items[-1], said, named, index, document)
    return items


def _rated(item: Item, named: dict[str, Wish], explained: tuple[str, int] | None, document: Document) -> Item:
    """The item with the rate of tax that its letter stands for, where the summary of taxes explains it."""
    if explained is None:
        return item
    rate, row = explained
    return _completed(item, {"line_tax_rate": rate}, named, row, document)


def _is_bare_sum(document: Document, index: int) -> bool:
    """Whether the row is `Amount` with one, which is the sum of what stands above it."""
    labels = document.labels.get(index, [])
    return any(label.concepts & _BARE and label.cell == 0 and label.rest is None for label in labels)


def _said_above(
    named: dict[str, Wish], cells: tuple[Line, ...], price: Amount, index: int, document: Document
) -> Item:
    """What was bought where a form says it beside a label: `Service | Ride to the airport`, then `Amount`."""
    page, known = document.rows[index].page, lexicon().concepts["description"].phrases
    values = _note(
        named["line_total"], as_number(price.value, named["line_total"].node), cells[-1], index, page
    )
    for at, row in enumerate(document.rows[:index]):
        if len(row.cells) > 1 and squeeze(row.cells[0].text) in known:
            values |= _note(named["description"], row.cells[1].text, row.cells[1], at, page)
    return Item(page=page, values=values)


def is_reduction(document: Document, index: int) -> bool:
    """Whether the row takes something off and stands among what was bought, above the first sum."""
    taken = any(label.concepts == _REDUCTION for label in document.labels.get(index, []))
    found = amounts(document.rows[index].cells[-1].text, document.style) if taken else []
    above = range(index) if found and found[-1].value < 0 else range(0)
    goods = any(_price(_without_letter(document.rows[at].cells), document) for at in above)
    return goods and not any(is_sum(document, at) for at in above)


def _letter(cells: tuple[Line, ...]) -> str:
    """The letter of a rate of tax at the right end of a row, or empty."""
    found = re.search(r"(?:^|\d\s*[€£$]?\s*)([A-Z]|[1-4](?<=\s[1-4]))$", cells[-1].text.strip())
    return found.group(1) if found else ""


def _counted_below(text: str, item: Item, named: dict[str, Wish], style: Style) -> dict[str, str]:
    """Quantity, unit and price in a row below what was bought: `2 x 4.50`, `22 hours at 95.00`."""
    if counted := _TIMES.match(text):
        return _times(counted)
    amount = item.values.get(named["line_total"].path)
    if amount and (made := product_in(text, value_of(amount), style)):
        said = {"quantity": made.quantity, "unit": made.words, "unit_price": made.price}
        return {key: words for key, words in said.items() if words}
    return {}


def _is_payment(document: Document, index: int) -> bool:
    return any(label.concepts & _PAYMENT and label.cell == 0 for label in document.labels.get(index, []))


def _without_letter(cells: tuple[Line, ...]) -> tuple[Line, ...]:
    """The cells without the letter of a rate of tax that stands alone at the right."""
    return cells[:-1] if len(cells) > 2 and re.fullmatch(r"[A-Z*#]{1,2}", cells[-1].text.strip()) else cells  # noqa: PLR2004


def _price(cells: tuple[Line, ...], document: Document) -> Amount | None:
    """The amount at the right end of a row that begins with text."""
    words = cells[:-1] if _COUNT.match(cells[0].text) else cells[:1]
    if len(cells) < 2 or not any(letter.isalpha() for cell in words for letter in cell.text):  # noqa: PLR2004
        return None
    found = [amount for amount in amounts(cells[-1].text, document.style) if amount.is_money]
    after = cells[-1].text[found[-1].end :].strip() if found else ""
    return found[-1] if found and len(after) <= 2 and cells[-1].box.left > cells[0].box.right else None  # noqa: PLR2004


def _bought(
    named: dict[str, Wish], cells: tuple[Line, ...], price: Amount, index: int, document: Document
) -> Item:
    text = " ".join(cell.text for cell in cells[:-1])
    page = document.rows[index].page
    value = as_number(price.value, named["line_total"].node)
    said, words = _said(text, price, document.style), cells[:-1]
    if "unit_price" in said and (heading := _heading(index, document)):
        said, words = (
            said | {"description": heading, "unit": said["description"]},
            document.rows[index - 1].cells,
        )
    values = _note(named["description"], said.pop("description"), _whole(words), index, page)
    values |= _note(named["line_total"], value, cells[-1], index, page)
    return _completed(Item(page=page, values=values), said, named, index, document)


def _heading(index: int, document: Document) -> str:
    """The words right above a row that is set further in than they are, when they have no amount."""
    row, above = document.rows[index], document.rows[index - 1]
    inset = row.box.left - above.box.left > 0.5 * document.heights[row.page]
    near = above.page == row.page and 0 <= row.box.top - above.box.bottom < document.heights[row.page]
    if not (index and inset and near) or index - 1 in document.labels or len(above.cells) > 1:
        return ""
    return "" if any(amount.is_money for amount in amounts(above.text, document.style)) else above.text


def _said(text: str, price: Amount, style: Style) -> dict[str, str]:
    """Description, quantity, unit and price of one that stand in the text before an amount."""
    if (made := product_in(text, price.value, style)) and made.words:
        return {"description": made.words, "quantity": made.quantity, "unit_price": made.price}
    if (counted := _TIMES.match(text)) and (rest := counted["rest"].strip()):
        return {"description": rest} | _times(counted)
    if leading := leading_count(text):
        return {"description": leading[1], "quantity": leading[0]}
    return {"description": text}


def _times(counted: re.Match[str]) -> dict[str, str]:
    named = {"quantity": counted["count"], "unit": counted["unit"], "unit_price": counted["price"]}
    return {key: text for key, text in named.items() if text}


def _completed(
    item: Item, said: dict[str, str], named: dict[str, Wish], index: int, document: Document
) -> Item:
    """The item with what a row says of its quantity, its unit and the price of one."""
    values, line = dict(item.values), _whole(document.rows[index].cells)
    for key, text in said.items():
        wish = named.get(key)
        if wish and wish.path not in values:
            value = cast(text, wish.node, wish.kind, document.style)
            values |= _note(wish, value, line, index, item.page)
    return Item(page=item.page, values=values)


def _whole(cells: Sequence[Line]) -> Line:
    """The cells as one piece of text."""
    return replace(cells[0], text=" ".join(cell.text for cell in cells), box=around(cells))


def _note(wish: Wish, value: JsonValue, line: Line, row: int, page: int) -> dict[str, Found]:
    if value is None:
        return {}
    return {wish.path: Found(value=value, score=_SCORE, line=line, page=page, rule="plain row", row=row)}


def dated_items(wishes: list[Wish], document: Document) -> list[Item]:
    """Bookings: rows that begin with a date and end with one amount, or with an amount and a balance."""
    named = {wish.concept.key: wish for wish in wishes if wish.concept}
    date = named.get("line_date")
    amount = named.get("transaction_amount") or named.get("line_total")
    if not date or not amount:
        return []
    return [
        item for index in range(len(document.rows)) if (item := _booked(named, date, amount, index, document))
    ]


def _booked(named: dict[str, Wish], date: Wish, amount: Wish, index: int, document: Document) -> Item | None:
    row, style = document.rows[index], document.style
    day = _day(row.cells[0], date, document)
    numbers = [cell for cell in row.cells[1:] if (found := amounts(cell.text, style)) and found[-1].is_money]
    if day is None or not numbers or is_carried(index, document):
        return None
    values = _note(date, day, row.cells[0], index, row.page)
    for wish, cell in zip((amount, named.get("running_balance")), numbers, strict=False):
        if wish:
            values |= _note(wish, cast(cell.text, wish.node, "money", style), cell, index, row.page)
    words = [cell for cell in row.cells[1:] if cell not in numbers]
    if (text := named.get("description")) and words:
        values |= _note(text, " ".join(cell.text for cell in words), _whole(words), index, row.page)
    return Item(page=row.page, values=values)


def _day(cell: Line, wish: Wish, document: Document) -> JsonValue:
    style = document.style
    if found := dates(cell.text, style):
        return found[0][0].isoformat() if found[0][1] == 0 else None
    short = short_date(cell.text.strip(), style)
    return short[0].isoformat() if short and wish.kind == "date" else None


PLAIN: tuple[Callable[[list[Wish], Document], list[Item]], ...] = (dated_items, priced_items)
"""In the order they are tried."""


def plain_items(wishes: list[Wish], document: Document) -> list[Item]:
    """The objects of a list that has no header row; the first way that finds at least one."""
    return next(_tries(wishes, document), [])


def _tries(wishes: list[Wish], document: Document) -> Iterator[list[Item]]:
    for rule in PLAIN:
        if items := rule(wishes, document):
            yield items
