"""Periods as résumés write them: by month or by year, going on or over."""

import re
from dataclasses import dataclass

from pipeline.local.words.lexicon import lexicon, squeeze

_POINT = (
    r"(?:(?:\d{{1,2}}\.)?(?P<m{n}>0?[1-9]|1[0-2])\s?[/.]\s?|(?P<w{n}>[^\W\d_]{{3,10}})\.?,?\s+)?"
    r"(?P<y{n}>(?:19|20)\d\d)"
)
_TO = r"\s*(?:[-\u2013\u2014]|\b(?:to|until|till|bis|à|au|tot|t/m|tot en met|al|a|hasta)\b)\s*"
_PERIOD = re.compile(
    rf"(?<![\w/]){_POINT.format(n=1)}{_TO}"
    rf"(?:{_POINT.format(n=2)}|(?P<now>[^\W\d_](?:[^\W\d_]|['\u2019 ]){{2,14}}?))(?![\w/'\u2019]|-\d)",
    re.IGNORECASE,
)
_SINCE = re.compile(
    rf"\b(?:since|seit|depuis|sinds|desde|from)\s+{_POINT.format(n=1)}(?![\w/])", re.IGNORECASE
)
_ALONE = re.compile(rf"(?<![\w/.-]){_POINT.format(n=1)}(?![\w/-])", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From when to when; no end when it goes on, no month when none is written.

    Attributes:
        start: Year and month.
        end: Year and month, or None.
        span: Where it stands in the text.
    """

    start: tuple[int, int | None]
    end: tuple[int, int | None] | None
    span: tuple[int, int]


def period_in(text: str, *, alone: bool = False) -> Period | None:
    """The first period in a text; a lone month or year counts as one when `alone` says so."""
    for found in _PERIOD.finditer(text):
        start = _point(found, "1")
        going_on = bool(found["now"]) and squeeze(found["now"]) in lexicon().words["now"]
        end = _point(found, "2") if found["y2"] else None
        if (end or going_on) and (end is None or end[0] >= start[0]):
            return Period(start=start, end=end, span=_span(found))
    if since := _SINCE.search(text):
        return Period(start=_point(since, "1"), end=None, span=since.span())
    if alone and (lone := _ALONE.search(text)):
        point = _point(lone, "1")
        return Period(start=point, end=point, span=_span(lone))
    return None


def _span(found: re.Match[str]) -> tuple[int, int]:
    """Where the period stands, without a word before it that is none of a month."""
    named = found["w1"] and _month(found["w1"]) is None
    return found.start("y1") if named else found.start(), found.end()


def _point(found: re.Match[str], number: str) -> tuple[int, int | None]:
    """Year and month; no month when the word before the year is none."""
    year, figures, word = int(found[f"y{number}"]), found[f"m{number}"], found[f"w{number}"]
    if not word:
        return year, int(figures) if figures else None
    return year, _month(word)


def _month(word: str) -> int | None:
    """The number of a month by its name or its first letters."""
    squeezed, months = squeeze(word), lexicon().months
    return months.get(squeezed) or (months.get(squeezed[:4]) if len(squeezed) > 4 else None)  # noqa: PLR2004
