"""Text to dates and times of day; a date whose day and month cannot be told apart is none."""

import re
from collections.abc import Iterator
from datetime import date, time

from pipeline.local.words.lexicon import lexicon, squeeze
from pipeline.local.words.style import Style

_STEM = 4
"""Letters that tell a month whose end OCR got wrong."""
_WORD = r"[A-Za-zÀ-ÿ]{3,10}"
_DATES = (
    re.compile(
        r"(?<!\d)(?P<y>(?:19|20)\d\d)\s?(?P<s>[-/.])\s?(?P<m>0?[1-9]|1[0-2])\s?(?P=s)\s?(?P<d>\d{1,2})(?!\d)"
    ),
    re.compile(
        r"(?<![\d.,/-])(?P<a>\d{1,2})\s?(?P<s>[-/.])\s?(?P<b>\d{1,2})\s?(?P=s)\s?(?P<y>\d{4}(?=\d\d:\d\d)|(?:\d{4}|\d{2})(?!\d|[.,/-]\d))"
    ),
    re.compile(
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|º|ª|\.)?[\s./-]*(?:de\s|of\s)?(?P<w>{_WORD})\.?[\s,./-]*(?:del?\s)?'?"
        r"(?P<y>\d{4}|\d{2})(?!\d)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<![A-Za-zÀ-ÿ])(?P<w>{_WORD})\.?\s?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,\s?|\s|\.\s?)(?P<y>\d{{4}})(?!\d)",
        re.IGNORECASE,
    ),
)
NUMERIC = _DATES[1]
_SHORT_DATES = (
    re.compile(r"^(?P<a>\d{1,2})\s?[./-]\s?(?P<b>\d{1,2})\.?(?=\s|$)"),
    re.compile(rf"^(?P<d>\d{{1,2}})\.?[\s-]?(?P<w>{_WORD})\.?(?=\s|$)", re.IGNORECASE),
    re.compile(rf"^(?P<w>{_WORD})\.?\s?(?P<d>\d{{1,2}})(?=\s|$)", re.IGNORECASE),
)
_TIME = re.compile(
    r"(?:(?<![\d:.,])|(?<=[./-]\d{4}))(?P<h>[01]?\d|2[0-3])[:h](?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?(?!\d)\s?(?P<half>[AaPp]\.?[Mm])?"
)


def _found_dates(text: str) -> Iterator[re.Match[str]]:
    taken: list[tuple[int, int]] = []
    for pattern in _DATES:
        for found in pattern.finditer(text):
            if any(found.start() < end and start < found.end() for start, end in taken):
                continue
            if "w" in found.groupdict() and _month(found["w"]) is None:
                continue
            taken.append(found.span())
            yield found


def dates_spans(text: str) -> list[tuple[int, int]]:
    """Where dates stand in the text, whether or not their day and month can be told apart."""
    return sorted(found.span() for found in _found_dates(text))


def dates(text: str, style: Style) -> list[tuple[date, int, int]]:
    """Dates in the text that can be told for sure, each with its start and end."""
    read = [(_date(found, style), *found.span()) for found in _found_dates(text)]
    return sorted(((day, start, end) for day, start, end in read if day), key=lambda entry: entry[1])


def short_date(text: str, style: Style) -> tuple[date, int] | None:
    """A day and month at the start of the text, the year that of the document's dates; and where it ends."""
    for pattern in _SHORT_DATES:
        if (found := pattern.match(text)) and (parts := _day_month(found, style)):
            day, month = parts
            year = _year_for(month, style)
            if year and (whole := _valid(year, month, day)):
                return whole, found.end()
    return None


def _year_for(month: int, style: Style) -> int | None:
    """The year of a month: that of a full date nearest to it, when the document spans two."""
    if len(style.years) <= 1:
        return style.years[0] if style.years else None
    return (
        min(style.months, key=lambda known: (abs(known[1] - month), -known[0]))[0] if style.months else None
    )


def _date(found: re.Match[str], style: Style) -> date | None:
    parts = _day_month(found, style)
    if parts is None:
        return None
    year = int(found["y"])
    return _valid(year if year > 99 else year + (2000 if year < 80 else 1900), parts[1], parts[0])  # noqa: PLR2004


def _day_month(found: re.Match[str], style: Style) -> tuple[int, int] | None:
    named = found.groupdict()
    if named.get("w"):
        month = _month(named["w"])
        return (int(named["d"]), month) if month else None
    if named.get("m"):
        return int(named["d"]), int(named["m"])
    return _ordered(int(named["a"]), int(named["b"]), named.get("s") or "", style)


def _ordered(first: int, second: int, separator: str, style: Style) -> tuple[int, int] | None:
    if first == second or second > 12 >= first:  # noqa: PLR2004 - months
        return second, first
    if first > 12:  # noqa: PLR2004
        return first, second
    order = style.order or ("dmy" if separator == "." else "")
    return {"dmy": (first, second), "mdy": (second, first)}.get(order)


def _month(word: str) -> int | None:
    squeezed = squeeze(word)
    months = lexicon().months
    if squeezed in months:
        return months[squeezed]
    if len(squeezed) <= _STEM:
        return None
    return next((number for name, number in months.items() if name[:_STEM] == squeezed[:_STEM]), None)


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def clock(text: str) -> time | None:
    """The first time of day in the text."""
    if not (found := _TIME.search(text)):
        return None
    hour = int(found["h"])
    half = (found["half"] or "").lower().replace(".", "")
    if half and hour > 12:  # noqa: PLR2004
        return None
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, int(found["m"]), int(found["s"] or 0))
