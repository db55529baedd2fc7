"""Dates and times as documents write them."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time

AMBIGUOUS_DAY = "left empty: the day may stand first or the month"

IN_UTC = "left empty: at that moment in UTC another day may have begun where the document was written"

_NUMERIC = re.compile(r"(\d{1,4})\s*([./-])\s*(\d{1,2})\s*\2\s*(\d{1,4})\.?")
_CLOCK = re.compile(
    r"(\d{1,2})\s*(?:[:.h]|Uhr)\s*(\d{2})?(?:[:.](\d{2}))?\s*(?:Uhr|h)?\s*([ap])?\.?m?\.?", re.IGNORECASE
)
_CLOCK_BEHIND = re.compile(r"[\s,]+(?:at|um|à|om|a las)?\s*(\d{1,2}[:h]\d{2}.*)$")
_LANGUAGES = ["en", "de", "fr", "nl", "es", "it", "pt"]
_PIVOT = 69
"""Two-digit years from here on are of the last century, as POSIX has it for `%y`."""


def read_date(text: str, *, day_first: bool | None) -> tuple[str | None, str] | None:
    """Read a date. Dots mean that the day stands first; with `/` or `-` the document's other dates decide.

    Args:
        text: As it stands on the page; a time of day behind it is dropped.
        day_first: Whether the day stands before the month; None when nothing shows it.

    Returns:
        The ISO date and the rule, with None for a date that can be read in two ways; None for no date.
    """
    stripped = text.strip()
    if (iso := re.match(r"(\d{4}-\d{2}-\d{2})[T ]\d", stripped)) and _valid(iso[1]):
        return (None, IN_UTC) if stripped.endswith(("Z", "z")) else (iso[1], "the day of a point in time")
    if (tail := _CLOCK_BEHIND.search(stripped)) and read_time(tail[1]):
        stripped = stripped[: tail.start()]
    if numeric := _NUMERIC.fullmatch(stripped):
        return _numeric(numeric, day_first)
    return _in_words(stripped)


def read_compact_date(text: str) -> tuple[str, str] | None:
    """Read eight digits as year, month and day, where they can be; other orders do not tell themselves."""
    compact = re.fullmatch(r"((?:19|20)\d\d)(\d\d)(\d\d)", text.strip())
    if compact is None:
        return None
    return _dated(compact[1], compact[2], compact[3], "a date without separators, year first")


def read_datetime(text: str, *, day_first: bool | None) -> tuple[str | None, str] | None:
    """Read a date with a time of day behind it; midnight when there is none. Otherwise as `read_date`."""
    day_text, clock = text.strip(), "00:00:00"
    if tail := _CLOCK_BEHIND.search(day_text):
        read = read_time(tail[1])
        if read is None:
            return None
        day_text, clock = day_text[: tail.start()], read[0]
    day = read_date(day_text, day_first=day_first)
    if day is None or day[0] is None:
        return day
    return f"{day[0]}T{clock}", day[1]


def read_time(text: str) -> tuple[str, str] | None:
    """Read a time of day: `14.30`, `14h30`, `2:30 pm`, `8 Uhr`."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        return None
    hour, minute, second = (int(part or 0) for part in match.group(1, 2, 3))
    if half := (match[4] or "").lower():
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time(hour, minute, second).isoformat(), "a time of day as it is written on paper"
    except ValueError:
        return None


def day_first_in(texts: Iterable[str]) -> bool | None:
    """Whether these texts write the day before the month; None when they do not show it, or show both."""
    shown = {
        int(match[1]) > 12
        for text in texts
        if (match := _NUMERIC.fullmatch(text.strip()))
        and match[2] != "."
        and len(match[1]) <= 2
        and (int(match[1]) > 12) != (int(match[3]) > 12)
    }
    return shown.pop() if len(shown) == 1 else None


def _numeric(match: re.Match[str], day_first: bool | None) -> tuple[str | None, str] | None:
    first, mark, second, third = match.groups()
    if len(first) == 4:
        return _dated(first, second, third, "a date in numbers, year first")
    if len(first) > 2 or len(third) not in {2, 4}:
        return None
    if mark == "." or int(first) > 12 or first.lstrip("0") == second.lstrip("0"):
        return _dated(third, second, first, "a date in numbers, day first")
    if int(second) > 12:
        return _dated(third, first, second, "a date in numbers, month first")
    if day_first is None:
        return None, AMBIGUOUS_DAY
    day, month = (first, second) if day_first else (second, first)
    return _dated(third, month, day, "a date in numbers, in the order of the document's other dates")


def _dated(year: str, month: str, day: str, rule: str) -> tuple[str, str] | None:
    full, rule = _full_year(year, rule)
    try:
        return date(full, int(month), int(day)).isoformat(), rule
    except ValueError:
        return None


def _full_year(year: str, rule: str) -> tuple[int, str]:
    """The year with its century, and the rule with the one that gave it."""
    if len(year) != 2:
        return int(year), rule
    century = 1900 if int(year) >= _PIVOT else 2000
    return century + int(year), f"{rule}; a year of two digits is from {1900 + _PIVOT} to {1999 + _PIVOT}"


def _in_words(text: str) -> tuple[str, str] | None:
    # A day and a year: further numbers would be those of a span, `3-4 March 2024`, or of a list.
    if not re.search(r"[^\W\d_]{3}", text) or len(re.findall(r"\d+", text)) != 2:
        return None
    rule = "a date in words"
    if (short := re.search(r"\d\d$", text)) and not re.search(r"\d{4}", text):
        year, rule = _full_year(short[0], rule)
        text = f"{text[: short.start()]}{year}"
    import dateparser  # noqa: PLC0415 - its tables of languages take a while to load and are seldom needed

    settings = {
        "PARSERS": ["absolute-time"],
        "REQUIRE_PARTS": ["day", "month", "year"],
        "STRICT_PARSING": True,
        "RETURN_AS_TIMEZONE_AWARE": False,
    }
    found: datetime | None = dateparser.parse(text, languages=_LANGUAGES, settings=settings)
    return (found.date().isoformat(), rule) if found else None


def _valid(iso: str) -> bool:
    try:
        date.fromisoformat(iso)
    except ValueError:
        return False
    return True
