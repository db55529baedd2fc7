"""When two texts are the same, and how alike they are when they are not."""

import unicodedata
from collections import defaultdict
from functools import lru_cache

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_SINGLE_QUOTES = "\u2018\u2019\u201a\u201b\u2032`\u00b4"
_DOUBLE_QUOTES = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"
_SAME = str.maketrans(
    dict.fromkeys(_DASHES, "-") | dict.fromkeys(_SINGLE_QUOTES, "'") | dict.fromkeys(_DOUBLE_QUOTES, '"')
)


_SHORT = 500
"""Characters of texts that are remembered: elements of lists are compared with many others, pages are not."""


def normal(text: str) -> str:
    """The part of a text that counts: texts that are the same in it are equal.

    Case, blanks and line ends, marks without a shape, and the kinds of dash, of quotation mark and of width
    (NFKC) do not count; letters, accents, digits and punctuation do.
    """
    return _normal_of_short(text) if len(text) <= _SHORT else _normal(text)


def _normal(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text.translate(_SAME).casefold())
    return "".join(each for each in folded if not each.isspace() and unicodedata.category(each) != "Cf")


_normal_of_short = lru_cache(maxsize=1 << 14)(_normal)


def likeness(one: str, other: str) -> float:
    """How alike two texts are: 1 - edits / length of the longer, from 0.0 to 1.0, of what counts in them."""
    one, other = normal(one), normal(other)
    if one == other:
        return 1.0
    return 1 - edits(one, other) / max(len(one), len(other))


def edits(one: str, other: str) -> int:
    """Fewest characters to put in, take out or change to make one text the other: the Levenshtein distance.

    A column of the table of distances is held as the bits of a few whole numbers, so that a page of text
    takes milliseconds: H. Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit
    distances", Nordic Journal of Computing 10 (2003).
    """
    if not one:
        return len(other)
    places: dict[str, int] = defaultdict(int)
    for place, character in enumerate(one):
        places[character] |= 1 << place
    full, last = (1 << len(one)) - 1, 1 << (len(one) - 1)
    up, down, distance = full, 0, len(one)
    for character in other:
        equal = places.get(character, 0)
        diagonal = ((((equal & up) + up) ^ up) | equal | down) & full
        rises, falls = (down | ~(diagonal | up)) & full, diagonal & up
        distance += bool(rises & last) - bool(falls & last)
        rises, falls = (rises << 1) | 1, falls << 1
        up, down = (falls | ~(diagonal | rises)) & full, rises & diagonal & full
    return distance
