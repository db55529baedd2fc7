"""Words that say whether money came or went: a column `Af/Bij`, or letters behind the amounts."""

from dataclasses import replace

from pydantic import JsonValue

from pipeline.local.layout.document import Document
from pipeline.local.rules.items import Item
from pipeline.local.rules.naming import Wish
from pipeline.local.words.lexicon import lexicon, squeeze

_MOST = 0.8
"""Share of the rows that must have such a word for it to be one."""


def directed(items: list[Item], wishes: list[Wish], document: Document) -> list[Item]:
    """The bookings, those negative that a word in their row says went out; as they are where few have one."""
    named = {wish.concept.key: wish for wish in wishes if wish.concept}
    amount = named.get("transaction_amount") or named.get("line_total")
    if amount is None:
        return items
    said = [_direction(item, amount.path, document) for item in items]
    if not items or sum(map(bool, said)) < _MOST * len(items):
        return items
    return [_signed(item, amount.path, sign) for item, sign in zip(items, said, strict=True)]


def _direction(item: Item, path: str, document: Document) -> int:
    """1 when a cell of its row says that it came in, -1 when it went out, 0 when none says either."""
    if path not in item.values:
        return 0
    values = lexicon().values
    for cell in document.rows[item.values[path].row].cells:
        said = squeeze(cell.text)
        if said and said in values["outgoing"]:
            return -1
        if said and said in values["incoming"]:
            return 1
    return 0


def _signed(item: Item, path: str, sign: int) -> Item:
    found = item.values.get(path)
    if found is None or sign >= 0:
        return item
    return replace(item, values=item.values | {path: replace(found, value=_below_zero(found.value))})


def _below_zero(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return value if value.startswith("-") else f"-{value}"
    return -abs(value) if isinstance(value, int | float) else value
