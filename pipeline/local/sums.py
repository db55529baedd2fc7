"""Net and tax make gross: arithmetic settles which of several readings is meant."""

from decimal import Decimal
from itertools import product

from pipeline.local.fields import Found, Wish

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
    parts = [places.get(key, "") for key in ("subtotal", "tax", "total")]
    if not all(path in chosen for path in parts):
        return chosen
    extras = [_value(chosen.get(places.get(key, ""))) for key in ("shipping", "discount", "tip")]
    best = max(
        product(*(options[path][:_MOST] for path in parts)),
        key=lambda trio: sum(found.score for found in trio) + _BONUS * _adds_up(trio, extras),
    )
    return chosen | dict(zip(parts, best, strict=True))


def _value(found: Found | None) -> Decimal:
    try:
        return Decimal(str(found.value)) if found else Decimal(0)
    except ArithmeticError:
        return Decimal(0)


def _adds_up(trio: tuple[Found, ...], extras: list[Decimal]) -> bool:
    net, tax, gross = map(_value, trio)
    if len({net, tax, gross}) == 1:
        return False
    shipping, discount, tip = extras
    sums = (
        net + tax,
        net + tax + shipping,
        net + tax + shipping - abs(discount),
        net + tax - abs(discount),
        net + tax + tip,
    )
    return any(abs(total - gross) <= _CENT for total in sums)
