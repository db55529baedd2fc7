"""Numbers as documents write them."""

import re
from collections.abc import Iterable
from decimal import Decimal

AMBIGUOUS_NUMBER = "left empty: the separator may set off thousands or decimals"

_CURRENCY = r"(?:[A-Z]{3}|(?:US|A|C|R|HK|S|NZ)?[$]|[€£¥₹₽₺₩฿]|kr\.?|Rs\.?|S?Fr\.?|zł|Kč|Ft)"
_AROUND = re.compile(rf"^{_CURRENCY}(?=[\s\d(.,+−–-])\s*|\s*(?<![^\W\d_]){_CURRENCY}$|\s*%$")
_BLANKS = re.compile(r"[\s\u00a0\u2007\u202f'’`]+")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")


def read_number(text: str, *, decimal_comma: bool | None) -> tuple[Decimal | None, str] | None:
    """Read a number with its sign, currency or percent sign around it.

    Brackets and a minus behind the number make it negative. Where both `.` and `,` stand, the last one sets
    off the decimals; one that stands several times sets off thousands; one with three digits behind it can
    be either, and the document's other numbers decide. Units and other words make it no number.

    Args:
        text: As it stands on the page.
        decimal_comma: Whether the document sets off decimals by a comma; None when nothing shows it.

    Returns:
        The number and the rule, with None for a number that can be read in two ways; None for no number.
    """
    bare, negative = _unsigned(text)
    if not _DIGITS.fullmatch(bare):
        return None
    plain = _plain(bare, decimal_comma)
    if plain is None:
        return None, AMBIGUOUS_NUMBER
    number = Decimal(plain) if plain else None
    if number is None:
        return None
    return (-number if negative else number), "a number as it is written on paper"


def decimal_comma_in(texts: Iterable[str]) -> bool | None:
    """Whether these texts set off decimals by a comma; None when they do not show it, or show both."""
    shown = {mark for text in texts for mark in _decimal_mark(_unsigned(text)[0])}
    return shown == {","} if len(shown) == 1 else None


def _unsigned(text: str) -> tuple[str, bool]:
    """The digits and separators alone, and whether the number is negative."""
    bare, negative = text.strip(), False
    for _ in range(3):  # sign, brackets and currency come in any order
        bare = _AROUND.sub("", bare).strip()
        if bare.startswith("(") and bare.endswith(")"):
            bare, negative = bare[1:-1].strip(), True
        stripped = bare.strip("-−–+ ")
        negative = negative or any(mark in "-−–" for mark in bare.replace(stripped, "", 1))
        bare = stripped
    return _BLANKS.sub("", bare), negative


def _plain(bare: str, decimal_comma: bool | None) -> str | None:
    """The number as Python writes it; None when it is ambiguous, empty when the digits are grouped oddly."""
    marks = [mark for mark in bare if mark in ".,"]
    if not marks:
        return bare
    if len(set(marks)) == 2 or len(marks) > 1:
        return _grouped(bare, marks)
    whole, _, fraction = bare.partition(marks[0])
    if len(fraction) != 3 or whole == "0":
        return f"{whole}.{fraction}"
    if decimal_comma is None:
        return None
    is_decimal = (marks[0] == ",") == decimal_comma
    return f"{whole}.{fraction}" if is_decimal else whole + fraction


def _grouped(bare: str, marks: list[str]) -> str:
    last = marks[-1]
    if len(set(marks)) == 1:
        return bare.replace(last, "") if _well_grouped(bare, last) else ""
    if marks.count(last) > 1 or last in marks[:-1]:
        return ""
    whole, _, fraction = bare.rpartition(last)
    group = marks[0]
    return f"{whole.replace(group, '')}.{fraction}" if _well_grouped(whole, group) else ""


def _well_grouped(whole: str, mark: str) -> bool:
    """Whether groups have the size that groups have: three digits, or two but for the last (India)."""
    first, *groups = whole.split(mark)
    sizes = {len(group) for group in groups[:-1]}
    return len(groups[-1]) == 3 and sizes <= {3} | {2} and 1 <= len(first) <= 3


def _decimal_mark(bare: str) -> list[str]:
    """The separator of decimals, where a number leaves no doubt about it."""
    if not _DIGITS.fullmatch(bare):
        return []
    marks = [mark for mark in bare if mark in ".,"]
    if len(set(marks)) == 2 and marks.count(marks[-1]) == 1:
        return [marks[-1]]
    if len(marks) == 1 and len(bare.partition(marks[0])[2]) in {1, 2}:
        return [marks[0]]
    if len(marks) > 1 and len(set(marks)) == 1:
        return ["," if marks[0] == "." else "."]
    return []
