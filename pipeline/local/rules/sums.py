"""Arithmetic settles which reading is meant: net and tax make gross, a balance moves by what is booked."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise, product

from pydantic import JsonValue

from pipeline.local.rules.fields import Found
from pipeline.local.rules.items import Item
from pipeline.local.rules.naming import Wish
from pipeline.local.words.dates import dates_spans

_MOST = 5
"""Readings of each value that are tried together."""
_CENT = Decimal("0.02")
_BONUS = 1.0


def settle(wishes: list[Wish], options: dict[str, list[Found]]) -> dict[str, Found]:
    """The reading of each value that is best on its own, and for sums best together.

    Args:
        wishes: All single values looked for.
        options: Readings of each, best first, by path.
    """
    chosen = {path: found[0] for path, found in options.items() if found}
    places = {wish.concept.key: wish.path for wish in wishes if wish.concept and "." not in wish.path}
    chosen = _sums(chosen, options, places)
    once = _each_once(chosen, wishes)
    return once | _second_choices(once, options)


def _sums(
    chosen: dict[str, Found], options: dict[str, list[Found]], places: dict[str, str]
) -> dict[str, Found]:
    parts = [places.get(key, "") for key in ("subtotal", "tax", "total")]
    if not all(path in chosen for path in parts):
        return chosen
    extras = [value_of(chosen.get(places.get(key, ""))) for key in ("shipping", "discount", "tip")]
    tried = list(product(*(options[path][:_MOST] for path in parts)))
    best = max(tried, key=lambda trio: sum(found.score for found in trio) + _BONUS * _adds_up(trio, extras))
    settled = chosen | dict(zip(parts, best, strict=True))
    if not _adds_up(best, extras) and len({value_of(found) for found in options[parts[1]]}) > 1:
        del settled[parts[1]]  # several taxes and no sum of them: none of them is the tax
    return settled


def _each_once(chosen: dict[str, Found], wishes: list[Wish]) -> dict[str, Found]:
    """Without values read from a piece of text that says another one better, the first of equals first."""
    kept: dict[tuple[int, float, str], str] = {}
    order = {wish.path: place for place, wish in enumerate(wishes)}
    totals = {wish.path for wish in wishes if wish.concept and wish.concept.key == "total"}
    # `Amount due` alone is the total; it is an amount of its own only beside one.
    for path in sorted(chosen, key=lambda path: (path not in totals, -chosen[path].score, order[path])):
        kept.setdefault(_place(chosen[path]), path)
    once = set(kept.values())
    return {
        path: found for path, found in chosen.items() if path in once or not found.rule.startswith("label")
    }


def _second_choices(once: dict[str, Found], options: dict[str, list[Found]]) -> dict[str, Found]:
    """For a value whose text says another one better, its next label's that says no other."""
    taken = {_place(found) for found in once.values()}
    left = {path: found for path, found in options.items() if path not in once}
    return {
        path: free
        for path, found in left.items()
        if (free := next((one for one in found if _place(one) not in taken), None)) and _is_code(free)
    }


def _place(found: Found) -> tuple[int, float, str]:
    return found.row, found.line.box.left, str(found.value)


def _is_code(found: Found) -> bool:
    """Whether it is a text: what sums and dates are left over belong to what was not asked for."""
    return isinstance(found.value, str) and found.rule.startswith("label") and not dates_spans(found.value)


def value_of(found: Found | None) -> Decimal:
    """The value as a number; 0 when there is none."""
    return _decimal(found.value) if found else Decimal(0)


def _decimal(value: JsonValue) -> Decimal:
    try:
        return Decimal(str(value))
    except ArithmeticError:
        return Decimal(0)


def _adds_up(trio: tuple[Found, ...], extras: list[Decimal]) -> bool:
    net, tax, gross = map(value_of, trio)
    if len({net, tax, gross}) == 1 or (net == gross != 0 and tax != 0):
        return False
    shipping, discount, tip = extras
    more = (Decimal(0), shipping, tip, -abs(discount), shipping - abs(discount))
    return any(abs(net + tax + extra - gross) <= _CENT for extra in more)


def balanced(items: list[Item], wishes: list[Wish]) -> list[Item]:
    """The bookings with the sign that the balance beside each of them proves."""
    named = {wish.concept.key: wish for wish in wishes if wish.concept}
    amount = named.get("transaction_amount") or named.get("line_total")
    balance = named.get("running_balance")
    if not amount or not balance:
        return items
    signed = items[:1]
    for before, item in pairwise(items):
        signed.append(_signed(before, item, amount.path, balance.path))
    return signed


def _signed(before: Item, item: Item, amount: str, balance: str) -> Item:
    if not {amount, balance} <= item.values.keys() or balance not in before.values:
        return item
    value = value_of(item.values[amount])
    moved = value_of(item.values[balance]) - value_of(before.values[balance])
    if value > 0 and abs(moved + value) <= _CENT:
        found = item.values[amount]
        return replace(item, values=item.values | {amount: replace(found, value=_negative(found.value))})
    return item


def _negative(value: JsonValue) -> JsonValue:
    return f"-{value}" if isinstance(value, str) else -value if isinstance(value, int | float) else value
