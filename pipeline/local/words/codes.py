"""Codes with a form of their own: bank accounts, tax numbers, addresses of mail and web, telephones."""

import re
from collections.abc import Iterator

from pipeline.local.words.numbers import LOOKALIKES

_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,4})?(?![A-Z0-9])")
_IBAN_LENGTHS = {
    "DE": 22,
    "FR": 27,
    "NL": 18,
    "ES": 24,
    "IT": 27,
    "PT": 25,
    "GB": 22,
    "BE": 16,
    "AT": 20,
    "CH": 21,
    "LU": 20,
    "IE": 22,
    "PL": 28,
    "DK": 18,
    "SE": 24,
    "NO": 15,
    "FI": 18,
    "CZ": 24,
}
_BIC = re.compile(r"\b[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?\b")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"\b(?:https?://|www\.)[^\s,;]+", re.IGNORECASE)
_PHONE = re.compile(r"\+?\(?\d[\d\s()./-]{5,18}\d")
_TAX_ID = re.compile(
    r"(?<![A-Z0-9])(?:"
    r"(?:NO\s?)?(?:\d\s?){9}MVA"
    r"|CHE[-\s]?\d{3}\.?\d{3}\.?\d{3}(?:\s?(?:MWST|TVA|IVA))?"
    r"|ES[A-Z]?[\s-]?\d{7,8}[\s-]?[A-Z]?|NL\s?(?:\d[\s.]?){9}\s?B\s?\d\d|FR\s?[A-Z0-9]{2}\s?(?:\d\s?){9}"
    r"|[A-Z]{2}[\s.]?U?(?:\d[\s.]?){7,12}[A-Z]{0,2}"
    r"|[A-Z]-?\d{7,8}[A-Z]?|\d{8}-?[A-Z]|\d{2,3}/\d{3}/\d{4,5}|\d{2}-\d{7}|(?:\d\s?){9,11}"
    r")(?![A-Za-z0-9])"
)


_LETTERS = str.maketrans("0158", "OISB")


def iban(text: str) -> str:
    """The first IBAN in the text whose check digits are right, without blanks; else empty."""
    for found in _IBAN.finditer(re.sub(r"\bIBAN(?=[A-Z]{2}\d)", "", text.upper())):
        for candidate in _ibans(re.sub(r"\s", "", found.group())):
            turned = candidate[4:] + candidate[:4]
            if int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1:
                return candidate
    return ""


def _ibans(run: str) -> Iterator[str]:
    """The run cut at its country's length, and that with what OCR takes for digits or letters put right."""
    cut = run[: _IBAN_LENGTHS.get(run[:2], len(run))]
    yield cut
    yield cut[:2] + cut[2:].translate(LOOKALIKES)
    yield cut[:4] + cut[4:8].translate(_LETTERS) + cut[8:]  # a bank's letters, as in NL, GB and IE


def bic(text: str) -> str:
    """The first BIC in the text, or empty."""
    return found.group() if (found := _BIC.search(text)) else ""


def email(text: str) -> str:
    """The first e-mail address in the text, or empty."""
    return found.group() if (found := _EMAIL.search(text)) else ""


def url(text: str) -> str:
    """The first web address in the text, or empty."""
    return found.group().rstrip(".") if (found := _URL.search(text)) else ""


def phone(text: str) -> str:
    """The first telephone number in the text, or empty."""
    return found.group() if (found := _PHONE.search(text)) else ""


_CARD = re.compile(
    r"(?:(?:ending|endend|endet|endigend|eindigend|terminada|finissant)(?:\s[^\W\d]{2,3})?\s|[*xX•·.#★☆\u2e80-\u9fff]{2,}[\s*xX•·.#★☆\u2e80-\u9fff-]*)(\d{4})(?!\d)"
)
"""Four digits after a mask, or after words that say what the card ends in; OCR takes stars for ideographs."""


def card_digits(text: str) -> str:
    """The last digits of a card whose others are masked, or empty."""
    return found.group(1) if (found := _CARD.search(text)) else ""


def tax_id(text: str) -> str:
    """The first VAT or tax number in the text, without blanks, or empty."""
    return re.sub(r"\s", "", found.group()) if (found := _TAX_ID.search(text)) else ""
