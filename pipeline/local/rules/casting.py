"""A piece of text as the value that is wanted, or none: nothing is bent to fit."""

import re
from collections.abc import Callable
from decimal import Decimal

from pydantic import JsonValue
from rapidfuzz import fuzz

from pipeline.local.rules.schema import Kind, Node
from pipeline.local.seeing.marks import chosen, has_marks, is_ticked, options
from pipeline.local.words import codes
from pipeline.local.words.dates import clock, dates, dates_spans
from pipeline.local.words.lexicon import Concept, lexicon, squeeze
from pipeline.local.words.numbers import CODES, Amount, amounts, currencies
from pipeline.local.words.style import Style
from pipeline.local.words.wording import wording

_NUMBERS = (Kind.NUMBER, Kind.INTEGER, Kind.DECIMAL_TEXT)
_CURRENCY_LETTERS = 3
_MOST_WORDS = 40
_MONEY_DIGITS = 8
"""Digits that an amount without decimals has at most; more are a number of something."""
_TOWN = re.compile(r"(?:[A-Z]{1,2}-)?\d{4,5}\s[A-ZÀ-Ý][a-zà-ÿ]{2,}")
"""A postal code and its town, which are no code of anybody's: `99610 Neustadt`."""
_SAME_CHOICE = 85


def wanted_kind(node: Node, concept: Concept | None) -> str:
    """Which sort of value a node wants, told by its type and by what it means."""
    if node.kind in _NUMBERS:
        return concept.kind if concept and concept.kind in ("money", "percent") else "number"
    if node.kind is Kind.TEXT and "ISO 3166" in node.description:
        return "country"
    if node.kind is Kind.TEXT:
        return concept.kind if concept else "id" if _is_numbered(node.name) else "text"
    return {Kind.DATE: "date", Kind.MOMENT: "moment", Kind.TIME: "time", Kind.CHOICE: "choice"}.get(
        node.kind, str(node.kind)
    )


def _is_numbered(name: str) -> bool:
    """Whether a property's name ends in a word for number: `parcel_id`, `Polisnummer`."""
    return wording(name).words[-1:] == wording("number").words


def cast(text: str, node: Node, kind: str, style: Style, *, last: bool = False) -> JsonValue:
    """The text as a value of the node, or None when it is none.

    Args:
        text: What stands beside or below the label, or in a cell.
        node: What is wanted.
        kind: As `wanted_kind` says.
        style: How the document writes numbers and dates.
        last: Whether, of several numbers or dates, the last is meant rather than the first.
    """
    if has_marks(text) and kind in ("choice", "boolean", "text"):
        return _ticked(text, node, kind, style)
    if kind in ("money", "number", "percent"):
        amount = pick_amount(text, kind, style, last=last)
        return None if amount is None else as_number(amount.value, node)
    if kind in ("date", "period", "moment"):
        found = dates(text, style)
        return _moment(found[-1 if last else 0][0].isoformat(), text, node) if found else None
    if kind == "choice":
        return choice(text, node)
    if kind == "boolean":
        return _boolean(text)
    return _TEXTS.get(kind, _plain)(text, style) or None


def _ticked(text: str, node: Node, kind: str, style: Style) -> JsonValue:
    """What the ticked squares of a text say; a square without words is a yes or a no."""
    if kind == "boolean" and not any(words for words, _ in options(text)):
        return is_ticked(text)
    said = [cast(words, node, kind, style) for words in chosen(text)]
    if kind == "text":
        return ", ".join(map(str, filter(None, said))) or None
    return said[0] if len(said) == 1 else None


def pick_amount(text: str, kind: str, style: Style, *, last: bool) -> Amount | None:
    """The amount that is meant among those in the text; the digits of a card are none."""
    if kind == "money" and (digits := codes.card_digits(text)):
        text = text[text.rindex(digits) + len(digits) :]
    found = [amount for amount in amounts(text, style) if amount.percent == (kind == "percent")]
    if kind == "percent" and not found:
        found = [amount for amount in amounts(text, style) if abs(amount.value) <= 100]  # noqa: PLR2004 - per cent
    if kind == "money":
        found = [amount for amount in found if amount.is_money] or (found if _is_bare(text, found) else [])
    return found[-1 if last else 0] if found else None


def _is_bare(text: str, found: list[Amount]) -> bool:
    """Whether the text is one number and a currency at most, so that it may be money without decimals."""
    if sum(letter.isdigit() for letter in text) > _MONEY_DIGITS or re.search(r"(?<![\d.,])0\d", text):
        return False
    return len(found) == 1 and sum(letter.isalpha() for letter in text) <= _CURRENCY_LETTERS


def as_number(value: Decimal, node: Node) -> JsonValue:
    """The number in the node's JSON type; None when an integer is wanted and it is none."""
    if node.kind in (Kind.DECIMAL_TEXT, Kind.TEXT):
        return str(value)
    if value == value.to_integral_value() and abs(value) < 10**15:
        return int(value) if node.kind is Kind.INTEGER else float(value)
    return None if node.kind is Kind.INTEGER else float(value)


def choice(text: str, node: Node) -> JsonValue:
    """The listed value that the text says, in its own words or in those of the lexicon."""
    said = squeeze(text)
    for option in node.choices:
        words = lexicon().values.get(str(option).lower(), frozenset()) | {squeeze(str(option))}
        if said in words:
            return option
    scored = [(fuzz.ratio(said, squeeze(str(option))), option) for option in node.choices]
    best = max(scored, key=lambda pair: pair[0])
    return best[1] if best[0] >= _SAME_CHOICE else None


def _boolean(text: str) -> bool | None:
    said = squeeze(text) or text.strip()
    values = lexicon().values
    return True if said in values["true"] else False if said in values["false"] else None


def _moment(day: str, text: str, node: Node) -> str:
    if node.kind is not Kind.MOMENT:
        return day
    return f"{day}T{found.isoformat()}" if (found := clock(text)) else f"{day}T00:00:00"


def code(text: str, _style: Style) -> str:
    """A number with letters: an invoice's, an order's, an account's."""
    if _TOWN.match(text.strip()):
        return ""
    text = re.sub(r"\bP0(?=[\s-]\d)", "PO", text)  # of an order: OCR takes the letter for a nought
    words = re.sub(r"^(?:[Nn][°ºo][.:]?\s?|#\s?|[Nn]r\.\s?)(?=\S*\d)", "", text.strip(" .:;,#|·")).split()
    if _is_code(words):
        return " ".join(words)
    if len(words) == 1 and re.fullmatch(r"[A-Z]{3,10}", words[0]):
        return words[0] if squeeze(words[0]) not in lexicon().field_names else ""
    for place, word in enumerate(words):
        if any(letter.isdigit() for letter in word):
            before = words[place - 1] if place else ""
            prefix = f"{before} " if re.fullmatch(r"[A-Z]{1,4}", before) else ""
            found = (prefix + word).strip(" .:;,#()")
            return "" if _is_other(found) else found
    return ""


def _is_code(words: list[str]) -> bool:
    if not words or len(words) > 6 or not any(letter.isdigit() for letter in "".join(words)):  # noqa: PLR2004
        return False
    return all(re.fullmatch(r"[A-Z0-9*#/_.-]+", word) for word in words) and not _is_other(" ".join(words))


def _is_other(text: str) -> bool:
    """Whether it is a date or an amount of money rather than a code."""
    return bool(dates_spans(text)) or bool(re.fullmatch(r"[€$£]?\s?[\d.,']*\d[.,]\d{2}\s?[€$£%]?", text))


def _plain(text: str, _style: Style) -> str:
    text = " ".join(text.split()).strip(" :;|")
    return text if any(letter.isalnum() for letter in text) and len(text.split()) <= _MOST_WORDS else ""


def _currency(text: str, _style: Style) -> str:
    found = currencies([text]).most_common(1)
    return found[0][0] if found else text.strip() if text.strip() in CODES else ""


def _time(text: str, _style: Style) -> str:
    found = clock(text)
    return found.isoformat() if found else ""


def _country(text: str, _style: Style) -> str:
    """A code of three letters; a state's name in words is not turned into one."""
    return found.group(1) if (found := re.fullmatch(r"\W*([A-Z]{3})\W*", text)) else ""


_TEXTS: dict[str, Callable[[str, Style], str]] = {
    "id": code,
    "country": _country,
    "currency": _currency,
    "time": _time,
    "iban": lambda text, _: codes.iban(text),
    "bic": lambda text, _: codes.bic(text),
    "email": lambda text, _: codes.email(text),
    "url": lambda text, _: codes.url(text),
    "phone": lambda text, _: codes.phone(text),
    "card_digits": lambda text, _: codes.card_digits(text),
    "tax_id": lambda text, _: codes.tax_id(text),
}
