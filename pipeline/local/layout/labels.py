"""Finds the labels on a page: the longest known phrase wins, and each piece of text has one meaning."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import fuzz, process

from pipeline.local.layout.layout import Row
from pipeline.local.seeing.page import Line
from pipeline.local.words import codes
from pipeline.local.words.dates import dates_spans
from pipeline.local.words.lexicon import squeeze
from pipeline.local.words.numbers import CODES, amounts
from pipeline.local.words.style import Style

_TOKEN = re.compile(r"[^\W_]+[.°º]{0,2}|[#%]")
_LONGEST = 7
"""Words a label may have."""
_SHORT = 3
"""Letters up to which a phrase is too common to count without a colon or a value of its kind."""
_REACH = 40
"""Characters after a label in which its value has to stand."""
_WORDS_BETWEEN = 4
"""Words that may part a label from its amount: `VAT 20 % on goods of 100.00`."""
_WORDS_AFTER = 2
_FUZZY = 88
_SHORTEST_FUZZY = 6
_FUZZY_ALONE = 82
"""Per cent of letters that a long word must share which has a cell of its own, as on poor scans."""
_LONG_FUZZY = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A label found on a page.

    Attributes:
        concepts: What it may mean.
        row: Index of its row in the document.
        cell: Index of its cell in the row.
        line: The label itself.
        rest: What follows it in the same cell, up to the next label; None when nothing does.
        colon: Whether a colon or the like follows.
        score: How well the words fit, up to 1.
    """

    concepts: frozenset[str]
    row: int
    cell: int
    line: Line
    rest: Line | None
    colon: bool
    score: float


class Phrases:
    """Known phrases, squeezed, and the concepts each may mean."""

    def __init__(self, entries: Iterable[tuple[str, str]]) -> None:
        self._concepts: dict[str, set[str]] = {}
        for phrase, concept in entries:
            if phrase:
                self._concepts.setdefault(phrase, set()).add(concept)
        self._long = [phrase for phrase in self._concepts if len(phrase) >= _SHORTEST_FUZZY]

    def spans(self, text: str) -> Iterator[tuple[int, int, frozenset[str], float]]:
        """Phrases in the text, longest first at each place: start, end, concepts, score; none overlap."""
        tokens = [(found.start(), found.end(), squeeze(found.group())) for found in _TOKEN.finditer(text)]
        place = 0
        while place < len(tokens):
            if text[tokens[place][0]] == "%" and place and tokens[place - 1][2].isdigit():
                place += 1  # the sign belongs to the rate: `20 % IVA`
                continue
            ends = range(min(len(tokens), place + _LONGEST), place, -1)
            keys = {end: "".join(token[2] for token in tokens[place:end]) for end in ends}
            found = self._longest(keys) or (self._closest(keys, len(tokens)) if place == 0 else None)
            if found:
                end, concepts, score = found
                yield tokens[place][0], tokens[end - 1][1], concepts, score
                place = end
            else:
                place += 1

    def _longest(self, keys: dict[int, str]) -> tuple[int, frozenset[str], float] | None:
        for end, key in keys.items():
            plain = key if key in self._concepts else _LETTERS.sub(_as_letter, key)
            if plain in self._concepts:
                return end, frozenset(self._concepts[plain]), 1.0
        return None

    def _closest(self, keys: dict[int, str], whole: int) -> tuple[int, frozenset[str], float] | None:
        """The longest beginning that is a known phrase but for a letter or two that OCR took for others."""
        for end, key in keys.items():
            alone = end == whole == 1 and len(key) >= _LONG_FUZZY
            if found := self._similar(key, _FUZZY_ALONE if alone else _FUZZY):
                return end, *found
        return None

    def _similar(self, key: str, cutoff: float) -> tuple[frozenset[str], float] | None:
        if len(key) < _SHORTEST_FUZZY or any(letter.isdigit() for letter in key):
            return None
        close = process.extractOne(key, self._long, scorer=fuzz.ratio, score_cutoff=cutoff)
        return (frozenset(self._concepts[close[0]]), close[1] / 100) if close else None


_LETTERS = re.compile(r"(?<=[^\W\d_])[01](?=[^\W\d_])")
"""Digits within a word, which OCR took for letters: `N.1.F.`."""


def _as_letter(found: re.Match[str]) -> str:
    return "o" if found.group() == "0" else "i"


def find_labels(
    rows: list[Row], phrases: Phrases, kinds: dict[str, str], style: Style
) -> dict[int, list[Label]]:
    """The labels of each row that has any, by the row's index.

    Args:
        rows: Of the whole document.
        phrases: What labels may say.
        kinds: Sort of value each concept has.
        style: How the document writes numbers.
    """
    found: dict[int, list[Label]] = {}
    for index, row in enumerate(rows):
        for place, cell in enumerate(row.cells):
            every = list(phrases.spans(cell.text))
            summed = any(amounts(other.text, style) for other in row.cells[place + 1 :])
            spans = [
                span
                for span in every
                if _covers(cell.text, every)
                or (summed and _is_qualified(cell.text, span))
                or _stands(cell.text, span, kinds, style)
            ]
            for number, (start, end, concepts, score) in enumerate(spans):
                stop = spans[number + 1][0] if number + 1 < len(spans) else len(cell.text)
                rest, colon = _rest(cell, end, stop)
                label = Label(
                    concepts=concepts,
                    row=index,
                    cell=place,
                    line=cell.part(start, end),
                    rest=rest,
                    colon=colon,
                    score=score,
                )
                found.setdefault(index, []).append(label)
    return found


_SEPARATOR = re.compile(r"^\s*(?:\([^)]{0,25}\)|\[[^\]]{0,12}\])?\s*[:\uff1a#=]+\s*")
_BRACKETED = re.compile(r"^\s*\((?![\d.,\s€$£-]+\))[^)]{0,25}\)\s*")


def _rest(cell: Line, end: int, stop: int) -> tuple[Line | None, bool]:
    after = cell.text[end:stop]
    separator = _SEPARATOR.match(after) or _BRACKETED.match(after)
    colon = bool(_SEPARATOR.match(after))
    skipped = separator.end() if separator else len(after) - len(after.lstrip(" .-\u2013\u2014/|)"))
    if (
        skipped
        and not separator
        and after[:skipped].strip() == "-"
        and after[skipped : skipped + 1].isdigit()
    ):
        skipped = 0  # a minus belongs to its number
    rest = cell.part(end + skipped, stop)
    return (rest if rest.text else None), colon


def _covers(text: str, spans: list[tuple[int, int, frozenset[str], float]]) -> bool:
    """Whether the cell is labels from end to end, such as `Date / tax point`."""
    covered = sum(len(squeeze(text[start:end])) for start, end, _, _ in spans)
    joined = any(re.search(r"[/|&]", text[one[1] : two[0]]) for one, two in pairwise(spans))
    return joined and covered == len(squeeze(text))


def _stands(
    text: str, span: tuple[int, int, frozenset[str], float], kinds: dict[str, str], style: Style
) -> bool:
    """Whether the phrase labels something there, rather than being a word of a sentence."""
    start, end, concepts, _ = span
    before, after = text[:start], text[end:]
    if _SEPARATOR.match(after):
        return True
    first = not any(letter.isalnum() for letter in _RATE.sub("", before))
    if _means_another(after, {kinds.get(concept, "text") for concept in concepts}):
        return False
    if not after.strip(" .-\u2013\u2014/|()"):
        return first
    if text[end - 1].isalnum() and after[:1] not in " .(-\u2013\u2014/|€$£" and not after[:1].isdigit():
        return False  # the phrase is the beginning of a longer word
    if any(kinds.get(concept) in _FORMS and _FORMS[kinds[concept]](after[:_REACH]) for concept in concepts):
        return True  # what follows is told by its form, wherever in the line it stands
    return _may_stand(text, span, kinds, style, first=first)


def _means_another(after: str, kinds: set[str]) -> bool:
    """Whether it begins a code, `PO-4711`, or is another one's: `Invoice number credited:`."""
    other = kinds <= {"id", "date"} and re.match(r"\s(?:[^\W\d_]{1,3}\s)?[^\W\d_]{3,}[^:\d]{0,20}:", after)
    return bool(re.match(r"[-/]\w", after) or other)


def _is_qualified(text: str, span: tuple[int, int, frozenset[str], float]) -> bool:
    """Whether other words of the label only say which it is: `Loyalty discount`, `VAT, reverse charge`."""
    start, end, concepts, _ = span
    words, after = text[:start].split(), text[end:]
    if concepts & _SUMS and not words and re.match(r",\s", after):
        return True
    plain = len(words) <= 2 and all(map(str.isalpha, words))  # noqa: PLR2004
    return plain and not after.strip(" :") and bool(concepts & _QUALIFIED)


_QUALIFIED = frozenset(["discount", "shipping"])
_SUMS = frozenset(["tax", "subtotal", "total", "discount", "shipping"])


def _may_stand(
    text: str,
    span: tuple[int, int, frozenset[str], float],
    kinds: dict[str, str],
    style: Style,
    *,
    first: bool,
) -> bool:
    """Whether what follows the phrase, without a colon between them, belongs to it."""
    start, end, concepts, _ = span
    after = text[end:]
    short = len(squeeze(text[start:end])) <= _SHORT
    if short and not first and not dates_spans(after[:_REACH]):
        return False
    return any(
        _goes_with(after, kinds.get(concept, "text"), style, strict=short or not first)
        for concept in concepts
    )


_RATE = re.compile(r"^\s*(?:[^\W\d_]{2,8}(?:\.\s?|\s))?\d+(?:[.,]\d+)?\s?%")
_FORMS = {"iban": codes.iban, "bic": codes.bic, "tax_id": codes.tax_id, "email": codes.email}


def _goes_with(after: str, kind: str, style: Style, *, strict: bool) -> bool:
    """Whether what follows without a colon can belong to a label of that kind."""
    after = _BRACKETED.sub("", after).strip(" .-\u2013\u2014/|") if kind != "money" else after
    if kind in ("date", "period"):
        spans = dates_spans(after)
        return bool(spans) and spans[0][0] <= (1 if strict else 12)
    if kind in ("money", "percent", "number"):
        words = len(re.findall(r"[^\W\d_]{2,}", after))
        most = 1 if strict else _WORDS_BETWEEN if amounts(after, style) else _WORDS_AFTER
        return words <= most and bool(amounts(after, style) or not strict)
    if kind in ("id", "iban", "bic", "tax_id", "phone"):
        return bool(re.match(r"(?:[A-Z]{1,4}[\s.]?)?\S*\d", after))
    return kind == "currency" and not strict and after[:3] in CODES
