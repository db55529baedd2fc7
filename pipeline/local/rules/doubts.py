"""Whether a document is of the kind that is asked for at all: a letter has no totals, so it has no seller."""

from pipeline.local.rules.fields import Found
from pipeline.local.rules.naming import Wish

_SUMS = frozenset(["total", "amount_due", "subtotal", "tax", "tendered"])
_OWN = frozenset(["invoice_number", "order_number", "placed_order", "statement_number"])
_SURE = 0.88
"""Below this a value was told by its place, its form or a label that serves many."""


def believable(found: dict[str, Found], wishes: list[Wish], *, entries: bool) -> dict[str, Found]:
    """The values, without those told by their place alone when nothing of what was asked for is there.

    Args:
        found: Values by path.
        wishes: All that is asked for.
        entries: Whether a table of what is charged was found.
    """
    keys = {wish.path: wish.concept.key for wish in wishes if wish.concept}
    parties = {wish.path for wish in wishes if wish.kind in ("party", "address")}
    if entries or not _SUMS & set(keys.values()):
        return found
    sums = any(keys.get(path) in _SUMS for path in found)
    numbered = any(keys.get(path) in _OWN and one.score >= _SURE for path, one in found.items())
    if sums or numbered:
        return found
    sure = {path: one for path, one in found.items() if one.score >= _SURE and path not in parties}
    return {path: one for path, one in sure.items() if one.rule.startswith("label")}
