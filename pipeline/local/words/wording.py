"""Whether two wordings mean the same: the name of a property, and what a form prints beside its value."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz

from pipeline.local.words.lexicon import lexicon, squeeze

_WORD = re.compile(r"[^\W_]+(?:['\u2019](?=[^\W\d_]))?[.°º]?|[#%]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_GENERAL_WEIGHT = 0.4
"""What a word such as `number` or `date` counts, that many names share."""
_SHORTEST_STEM = 5
_SAME_WORD = 86
"""Per cent of letters that two words of one meaning share at least: inflection, and what OCR gets wrong."""
_CONTAINED = 0.75
"""How alike a wording is to the only longer one that holds all its words."""
_SHORTEST_TAIL = 3


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a name or a label that carry its meaning, in their basic forms."""

    words: tuple[str, ...]

    def alike(self, other: "Wording") -> float:
        """How much of both is the same, 0 to 1; words that many names share count less."""
        if not self.words or not other.words:
            return 0.0
        pairs = [(one, two) for one in self.words for two in other.words if _same(one, two)]
        ours, theirs = {one for one, _ in pairs}, {two for _, two in pairs}
        shared = _weight(ours) + _weight(theirs)
        return shared / (_weight(self.words) + _weight(other.words))

    def within(self, other: "Wording") -> bool:
        """Whether the other says all of this and more."""
        held = all(any(_same(one, two) for two in other.words) for one in self.words)
        return held and 0 < len(self.words) < len(other.words)


@cache
def wording(text: str) -> Wording:
    """The wording of a property's name or of a label: of `invoiceNo` and `Invoice nr.` the same."""
    text = _BRACKETS.sub(" ", text) if " " in text.strip() else _CAMEL.sub(" ", text)
    words = [word for raw in _WORD.findall(text) for word in _basic(squeeze(raw))]
    idle = lexicon().words["idle"]
    kept = [word for word in words if word not in idle] or words
    return Wording(tuple(dict.fromkeys(kept)))


def _basic(word: str) -> Iterable[str]:
    """The basic form of a word; of a compound such as `Versicherungsnummer` those of its parts."""
    same = lexicon().same
    if word in same:
        return same[word]
    for tail in lexicon().tails:
        if word.endswith(tail) and len(word) >= len(tail) + _SHORTEST_TAIL:
            head = word[: -len(tail)]
            return [*same.get(head, same.get(head.removesuffix("s"), (head,))), *same[tail]]
    single = word.removesuffix("s")
    return same.get(single, (single if len(word) > _SHORTEST_TAIL else word,))


@cache
def _same(one: str, two: str) -> bool:
    if one == two:
        return True
    low, high = sorted((one, two), key=len)
    if len(low) < _SHORTEST_STEM or low in lexicon().general or high in lexicon().general:
        return False
    return high.startswith(low) or fuzz.ratio(low, high) >= _SAME_WORD


def _weight(words: Iterable[str]) -> float:
    general = lexicon().general
    return sum(_GENERAL_WEIGHT if word in general else 1.0 for word in words)


def closest(key: Wording, others: dict[str, tuple[Wording, ...]]) -> list[tuple[str, float]]:
    """How alike a key is to each of several things, by their names; those that are not at all are left out.

    Args:
        key: What is printed.
        others: The wordings each thing goes by.
    """
    alike = {name: max((key.alike(one) for one in each), default=0.0) for name, each in others.items()}
    holding = [name for name, each in others.items() if any(key.within(one) for one in each)]
    held = [name for name, each in others.items() if any(one.within(key) for one in each)]
    for only in (holding, held):
        if len(only) == 1:
            alike[only[0]] = max(alike[only[0]], _CONTAINED)
    return [(name, score) for name, score in alike.items() if score > 0]
