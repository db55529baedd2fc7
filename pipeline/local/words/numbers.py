"""Text to numbers and money, as documents in several languages write them."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from pipeline.local.words.dates import dates_spans
from pipeline.local.words.style import Style

SYMBOLS = {"€": "EUR", "£": "GBP", "$": "USD", "¥": "JPY", "₹": "INR", "zł": "PLN", "Kč": "CZK", "₺": "TRY"}
CODES = frozenset(
    [
        "EUR",
        "USD",
        "GBP",
        "CHF",
        "JPY",
        "CNY",
        "INR",
        "AUD",
        "CAD",
        "NZD",
        "SEK",
        "NOK",
        "DKK",
        "PLN",
        "CZK",
        "HUF",
        "RON",
        "BGN",
        "TRY",
        "BRL",
        "MXN",
        "ZAR",
        "SGD",
        "HKD",
        "ISK",
        "ILS",
        "AED",
        "SAR",
        "KRW",
        "THB",
        "MYR",
        "IDR",
        "PHP",
        "UAH",
    ]
)
_CURRENCY = rf"(?:[€£$¥₹₺]|zł|Kč|Rp|(?:{'|'.join(sorted(CODES))}|CA\$|US\$|A\$)(?![A-Za-z])|Fr\.|SFr\.?)"
_NUMBER = re.compile(
    rf"""(?<![\w.,/'\u2019])(?<!\w[-\u2013])(?P<open>\()?\s?
    (?P<sign>[-\u2212\u2013+]\s?)?(?P<before>{_CURRENCY})?\s?(?P<sign2>[-\u2212\u2013+]\s?)?
    (?P<digits>\d{{1,3}}(?:(?P<group>[.,'\u2019\s])\s?\d{{3}}(?!\d))(?:(?P=group)\s?\d{{3}}(?!\d))*(?:[.,]\s?\d{{1,4}})?
      |\d+(?:[.,]\s?\d+)?|[.,]\d+)
    (?P<dash>,[-\u2013\u2014]+)?
    (?!\d|[.,/:]\d|[-\u2013]\d{{2,}})
    \s?(?P<close>\))?\s?(?P<after>{_CURRENCY})?
    \s?(?P<mark>%|[-\u2212\u2013](?!\s?\d)|(?:CR|DR|Cr|Dr|[HSDC])\b|[sh]$)?(?P<close2>\))?""",
    re.VERBOSE,
)
LOOKALIKES = str.maketrans("OoQlI|", "000111")
_MUDDLED = re.compile(r"(?<![A-Za-zÀ-ÿ])(?=[\dOoQlI|.,]*\d)[\dOoQlI|]+(?:[.,][\dOoQlI|]+)*(?![A-Za-zÀ-ÿ])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A number found in a text.

    Attributes:
        value: With its sign.
        start: Where it begins in the text.
        end: Where it ends.
        currency: Code or symbol written with it, as a code; else empty.
        percent: Whether a per-cent sign follows.
        decimals: Digits after the decimal sign.
        signed: Whether a sign, brackets or a debit or credit mark stand by it.
    """

    value: Decimal
    start: int
    end: int
    currency: str = ""
    percent: bool = False
    decimals: int = 0
    signed: bool = False

    @property
    def is_money(self) -> bool:
        """Whether it is written like money: two decimals, or a currency."""
        return not self.percent and (self.decimals == 2 or bool(self.currency))  # noqa: PLR2004


def amounts(text: str, style: Style) -> list[Amount]:
    """Numbers in the text, in order; those inside dates and codes are none."""
    text = re.sub(r"\bs/(?=\s?\d)", "s ", text)  # Spanish for `on`: `IVA 21 % s/1.748,70`
    text = _MUDDLED.sub(lambda found: found.group().translate(LOOKALIKES), text)
    for found in dates_spans(text):
        text = text[: found[0]] + "\x00" * (found[1] - found[0]) + text[found[1] :]
    return [amount for found in _NUMBER.finditer(text) if (amount := _amount(found, style))]


def _amount(found: re.Match[str], style: Style) -> Amount | None:
    digits = found["digits"]
    if found["group"] and found["group"].isspace() and not style.spaced:
        # "2 120,00" may be a quantity and a price: only the last run of digits is sure.
        digits = re.split(r"\s", digits)[-1] if not re.search(r"[.,]\s", digits) else digits
    value, decimals = _number(re.sub(r"\s", "", digits), style)
    if value is None:
        return None
    mark = found["mark"] or ""
    minus = any(sign and sign[0] in "-\u2212\u2013" for sign in (found["sign"], found["sign2"], mark))
    bracketed = mark != "%" and bool(found["open"] and (found["close"] or found["close2"]))
    debit = mark in ("DR", "Dr", "S", "s", "D")
    currency = currency_of(found["before"] or found["after"] or "")
    return Amount(
        value=-value if minus or bracketed or debit else value,
        start=found.start(),
        end=found.end(),
        currency=currency,
        percent=mark == "%",
        decimals=2 if found["dash"] else decimals,
        signed=minus or bracketed or bool(found["sign"] or found["sign2"]) or mark not in ("", "%"),
    )


def _number(digits: str, style: Style) -> tuple[Decimal | None, int]:
    """Value and decimals of digits with points, commas or apostrophes among them."""
    signs = [letter for letter in digits if letter in ".,"]
    plain = re.sub(r"[^\d.,]", "", digits)
    if not signs:
        return Decimal(plain), 0
    last = signs[-1]
    whole, _, fraction = plain.rpartition(last)
    if len(set(signs)) == 1 and not _is_decimal(whole, fraction, last, len(signs), style):
        return Decimal(re.sub(r"[.,]", "", plain)), 0
    return Decimal(f"{re.sub(r'[.,]', '', whole) or '0'}.{fraction}"), len(fraction)


def _is_decimal(whole: str, fraction: str, sign: str, count: int, style: Style) -> bool:
    """Whether the only kind of sign in a number parts its decimals, not its thousands."""
    if count > 1:
        return False
    if len(fraction) != 3 or whole in ("", "0") or len(whole) > 3:  # noqa: PLR2004 - not a group of thousands
        return True
    return style.decimal == sign


def currency_of(text: str) -> str:
    """ISO code of a symbol or code, or empty."""
    text = text.strip()
    if text in SYMBOLS:
        return SYMBOLS[text]
    if text in ("Fr.", "SFr", "SFr."):
        return "CHF"
    special = {"CA$": "CAD", "US$": "USD", "A$": "AUD"}
    return special.get(text, text if text in CODES else "")


def currencies(texts: Iterable[str]) -> Counter[str]:
    """How often each currency is written; a code counts more than the `$` that several share."""
    found: Counter[str] = Counter()
    for text in texts:
        for mark in re.findall(rf"(?<![A-Za-z]){_CURRENCY}", text):
            if code := currency_of(mark):
                found[code] += 1 if mark == "$" else 3
    return found


_UNIT_LETTERS = 6


def is_figure(text: str) -> bool:
    """Whether it is a number with a unit or a currency at most, rather than words with a number."""
    letters = sum(letter.isalpha() for letter in text)
    return letters <= max(_UNIT_LETTERS, sum(letter.isdigit() for letter in text))
