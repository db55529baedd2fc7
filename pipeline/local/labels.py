"""Finds the labels on a page: the longest known phrase wins, and each piece of text has one meaning."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from pipeline.local.layout import Row
from pipeline.local.lexicon import squeeze
from pipeline.local.page import Line
from pipeline.local.dates import dates_spans
from pipeline.local.numbers import amounts
from pipeline.local.style import Style

_TOKEN = re.compile(r"[^\W_]+[.°º]?|[#%]")
_LONGEST = 7
"""Words a label may have."""
_SHORT = 3
"""Letters up to which a phrase is too common to count without a colon or a value of its kind."""
_FUZZY = 88
_SHORTEST_FUZZY = 6


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
        """Phrases in the text that do not overlap, longest first at each place: start, end, concepts, score."""
        tokens = [(found.start(), found.end(), squeeze(found.group())) for found in _TOKEN.finditer(text)]
        place = 0
        while place < len(tokens):
            for end in range(min(len(tokens), place + _LONGEST), place, -1):
                key = "".join(token[2] for token in tokens[place:end])
                if found := self._meaning(key, fuzzy=place == 0):
                    yield tokens[place][0], tokens[end - 1][1], *found
                    place = end - 1
                    break
            place += 1

    def _meaning(self, key: str, *, fuzzy: bool) -> tuple[frozenset[str], float] | None:
        if key in self._concepts:
            return frozenset(self._concepts[key]), 1.0
        if not fuzzy or len(key) < _SHORTEST_FUZZY or any(letter.isdigit() for letter in key):
            return None
        close = process.extractOne(key, self._long, scorer=fuzz.ratio, score_cutoff=_FUZZY)
        return (frozenset(self._concepts[close[0]]), close[1] / 100) if close else None


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
            spans = [span for span in phrases.spans(cell.text) if _stands(cell.text, span, kinds, style)]
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


_SEPARATOR = re.compile(r"^\s*(?:\([^)]{0,25}\)|\[[^\]]{0,12}\])?\s*[:：#=]+\s*")
_BRACKETED = re.compile(r"^\s*\((?![\d.,\s€$£-]+\))[^)]{0,25}\)\s*")


def _rest(cell: Line, end: int, stop: int) -> tuple[Line | None, bool]:
    after = cell.text[end:stop]
    separator = _SEPARATOR.match(after) or _BRACKETED.match(after)
    colon = bool(_SEPARATOR.match(after))
    skipped = separator.end() if separator else len(after) - len(after.lstrip(" .-–—/|"))
    if (
        skipped
        and not separator
        and after[:skipped].strip() == "-"
        and after[skipped : skipped + 1].isdigit()
    ):
        skipped = 0  # a minus belongs to its number
    rest = cell.part(end + skipped, stop)
    return (rest if rest.text else None), colon


def _stands(
    text: str, span: tuple[int, int, frozenset[str], float], kinds: dict[str, str], style: Style
) -> bool:
    """Whether the phrase labels something there, rather than being a word of a sentence."""
    start, end, concepts, _ = span
    before, after = text[:start], text[end:]
    if _SEPARATOR.match(after):
        return True
    first = not any(letter.isalnum() for letter in before)
    if not after.strip(" .-–—/|()"):
        return first
    if after[:1] not in " .(-–—/|€$£" and not after[:1].isdigit():
        return False  # the phrase is the beginning of a longer word
    short = len(squeeze(text[start:end])) <= _SHORT
    return any(
        _goes_with(after, kinds.get(concept, "text"), style, strict=short or not first)
        for concept in concepts
    )


def _goes_with(after: str, kind: str, style: Style, *, strict: bool) -> bool:
    """Whether what follows without a colon can belong to a label of that kind."""
    after = _BRACKETED.sub("", after).strip(" .-–—/|") if kind != "money" else after
    if kind in ("date", "period"):
        spans = dates_spans(after)
        return bool(spans) and spans[0][0] <= (1 if strict else 12)
    if kind in ("money", "percent", "number"):
        few = len(re.findall(r"[^\W\d_]{2,}", after)) <= (1 if strict else 4)
        return few and bool(amounts(after, style) or not strict)
    if kind in ("id", "iban", "bic", "tax_id", "phone"):
        first = after.split()[0] if after.split() else ""
        return any(letter.isdigit() for letter in first)
    return not strict and after[:1].isupper() and len(after.split()) <= 6 and kind in ("currency",)  # noqa: PLR2004
