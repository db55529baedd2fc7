"""Numbers as documents write them."""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

AMBIGUOUS_NUMBER = "left empty: the separator may set off thousands or decimals"
SCALED = "left empty: a suffix such as k or M may stand for thousands, millions or a unit"
TAKEN_SIDES = "left empty: whether a credit or a debit adds depends on whose account it is"

_WRITTEN = "a number as it is written on paper"
_PERCENT = "a number of per cent, as it is written on paper"

# ISO 4217: those in use that documents are likely to name, and those that the euro replaced.
_CODES = (
    "AED ARS AUD BAM BGN BHD BRL CAD CHF CLP CNY COP CZK DKK DZD EGP EUR GBP GEL HKD HRK HUF IDR ILS INR ISK "
    "JOD JPY KES KRW KWD KZT LKR MAD MDL MKD MXN MYR NGN NOK NZD OMR PEN PHP PKR PLN QAR RON RSD RUB SAR SEK "
    "SGD THB TND TRY TWD UAH USD UYU VND XAF XOF ZAR ATS BEF DEM ESP FIM FRF GRD IEP ITL LUF NLG PTE"
)
_SIGNS = r"(?:US|A|C|R|HK|S|NZ)?[$]|[€£¥₹₽₺₩฿]|kr\.?|Rs\.?|S?Fr\.?|zł|Kč|Ft|[Ee]uros?|EURO"
_CURRENCY = rf"(?:{_CODES.replace(' ', '|')}|{_SIGNS})"
_AROUND = re.compile(rf"^{_CURRENCY}(?=[\s\d(.,+−–-])\s*|\s*(?<![^\W\d_]){_CURRENCY}$|\s*%$")
_NO_CENTS = re.compile(r"(?<=\d)([.,])\s?(?:[-−–]{1,2}|[—=])$")
_SUFFIXED = re.compile(
    r"[\s\d.,'’+−–-]*\d\s?(?:[kmb]|t(?:eur|€|chf|gbp|usd)?|bn|mn|mio|mrd|mia|md|tsd|mill?|thousand|million(?:en|s)?)\.?",
    re.IGNORECASE,
)
_SIDED = re.compile(r".*\d\s?(?:CR|DR|Cr|Dr|cr|dr|H|S)\.?")
_BLANK_GROUPS = re.compile(r"\d{1,3}(?:(?:\s\d{3})+|(?:['’`]\d{3})+)(?:[.,]\d+)?")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_FRACTION = re.compile(r"(\d*)\s?([¼½¾⅛⅜⅝⅞⅕⅖⅗⅘⅒])")
_AMBIGUOUS = re.compile(r"\s*[+-]?(?!0+\.)\d{1,3}\.\d{3}\s*")


def read_number(text: str, *, decimal_comma: bool | None) -> tuple[Decimal | None, str] | None:
    """Read a number with its sign, currency or percent sign around it.

    Brackets and a minus behind the number make it negative; a dash in place of the decimals is none.
    Where both `.` and `,` stand, the last one sets off the decimals; blanks, apostrophes and what stands
    several times set off thousands; one sign with three digits behind it can be either, and the document's
    other numbers decide. Units and other words make it no number.

    Args:
        text: As it stands on the page.
        decimal_comma: Whether the document sets off decimals by a comma; None when nothing shows it.

    Returns:
        The number and the rule, with None for a number that can be read in two ways; None for no number.
    """
    bare, negative = _unsigned(text)
    if _SUFFIXED.fullmatch(bare):
        return None, SCALED
    if _SIDED.fullmatch(bare):
        return None, TAKEN_SIDES
    number = _value(bare, decimal_comma)
    if number is None:
        return (None, AMBIGUOUS_NUMBER) if _DIGITS.fullmatch(bare) and _is_either(bare) else None
    return (-number if negative else number), _PERCENT if text.rstrip().endswith("%") else _WRITTEN


def may_set_off_thousands(text: str) -> bool:
    """Whether the point in a number that a computer would read, `1.234`, may be one of paper as well."""
    return _AMBIGUOUS.fullmatch(text) is not None


def decimal_comma_in(texts: Iterable[str]) -> bool | None:
    """Whether these texts set off decimals by a comma; None when they do not show it, or show both."""
    shown = {mark for text in texts for mark in _decimal_mark(_unsigned(text)[0])}
    return shown == {","} if len(shown) == 1 else None


def _unsigned(text: str) -> tuple[str, bool]:
    """The number without what stands around it, and whether it is negative."""
    bare, negative = text.strip(), False
    for _ in range(3):  # sign, brackets and currency come in any order
        bare = _NO_CENTS.sub(r"\g<1>00", _AROUND.sub("", bare).strip())
        if bare.startswith("(") and bare.endswith(")"):
            bare, negative = bare[1:-1].strip(), True
        stripped = bare.strip("-−–+ ")
        negative = negative or any(mark in "-−–" for mark in bare.replace(stripped, "", 1))
        bare = stripped
    return bare, negative


def _value(bare: str, decimal_comma: bool | None) -> Decimal | None:
    """The number, or None where it is none or can be read in two ways."""
    if fraction := _FRACTION.fullmatch(bare):
        return Decimal(fraction[1] or 0) + Decimal(str(unicodedata.numeric(fraction[2])))
    if _BLANK_GROUPS.fullmatch(bare):
        return Decimal(re.sub(r"[\s'’`]", "", bare).replace(",", "."))
    if not _DIGITS.fullmatch(bare):
        return None
    if not _is_either(bare):
        plain = _plain(bare)
    elif decimal_comma is None:
        return None
    else:
        plain = bare.replace(",", ".") if ("," in bare) == decimal_comma else re.sub("[.,]", "", bare)
    return Decimal(plain) if plain else None


def _is_either(bare: str) -> bool:
    """Whether the one sign in a number may set off thousands as well as decimals."""
    return bool(re.fullmatch(r"(?!0+[.,])\d{1,3}[.,]\d{3}", bare))


def _plain(bare: str) -> str:
    """The number as Python writes it; empty when the digits are grouped oddly."""
    marks = [mark for mark in bare if mark in ".,"]
    if len(marks) <= 1:
        return bare.replace(",", ".")
    last, group = marks[-1], marks[0]
    if len(set(marks)) == 1:
        return bare.replace(last, "") if _is_well_grouped(bare, last) else ""
    if marks.count(last) > 1:
        return ""
    whole, _, fraction = bare.rpartition(last)
    return f"{whole.replace(group, '')}.{fraction}" if _is_well_grouped(whole, group) else ""


def _is_well_grouped(whole: str, mark: str) -> bool:
    """Whether groups have the size that groups have: three digits, or two but for the last (India)."""
    first, *groups = whole.split(mark)
    sizes = {len(group) for group in groups[:-1]}
    return len(groups[-1]) == 3 and sizes in (set(), {3}, {2}) and 1 <= len(first) <= 3


def _decimal_mark(bare: str) -> list[str]:
    """The separator of decimals, where a number leaves no doubt about it."""
    if _BLANK_GROUPS.fullmatch(bare):
        return re.findall(r"[.,]", bare)
    if not _DIGITS.fullmatch(bare) or _is_either(bare) or not _plain(bare):
        return []
    marks = [mark for mark in bare if mark in ".,"]
    if len(set(marks)) == 2:
        return [marks[-1]]
    if len(marks) == 1:
        return marks if len(bare.partition(marks[0])[2]) in {1, 2} else []
    return ["," if marks[0] == "." else "."] if marks else []
