"""Tells from all lines of a document how it writes numbers and dates."""

import re
from collections import Counter

from pipeline.local.words.dates import NUMERIC, dates, dates_spans
from pipeline.local.words.style import Style

_DECIMALS = re.compile(r"(?<![\d.,])\d{1,3}(?:[.,' ]\d{3})*([.,])\d{2}(?![\d.,])")
_SERIES = 3
"""Different days from which dates are a series."""
_MONTH_FIRST = re.compile(r"\b[A-Z]{2}\s\d{5}(?:-\d{4})?\b")
_AMERICAN = re.compile(r"\b[A-Z][a-z]+,? [A-Z]{2} \d{5}(?:-\d{4})?$", re.MULTILINE)
"""The town, the state and the code of an address in the United States, on whatever little else there is."""
_DAY_FIRST = re.compile(r"£|€|\b[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}\b|\bVAT\b|\bGBP\b|\bEUR\b")


def style_of(texts: list[str], language: str) -> Style:
    """How a document writes numbers and dates, told from all its lines and its language."""
    everything = "\n".join(texts)
    without_dates = everything
    for start, end in reversed(dates_spans(everything)):
        without_dates = without_dates[:start] + " " + without_dates[end:]
    signs = Counter(_DECIMALS.findall(without_dates))
    decimal = signs.most_common(1)[0][0] if signs else ""
    order = _date_order(everything, language)
    style = Style(decimal=decimal, spaced=language == "fr", order=order)
    days = [day for day, _, _ in dates(everything, style)]
    return Style(
        decimal=decimal,
        spaced=language == "fr",
        order=order,
        years=tuple(sorted({day.year for day in days}, reverse=True)),
        months=tuple(sorted({(day.year, day.month) for day in days})),
    )


def _date_order(text: str, language: str) -> str:
    pairs = [(int(found["a"]), int(found["b"])) for found in NUMERIC.finditer(text)]
    day_first = sum(first > 12 >= second for first, second in pairs)  # noqa: PLR2004 - months
    month_first = sum(second > 12 >= first for first, second in pairs)  # noqa: PLR2004
    if day_first != month_first:
        return "dmy" if day_first > month_first else "mdy"
    firsts, seconds = ({pair[place] for pair in pairs} for place in (0, 1))
    if max(len(firsts), len(seconds)) >= _SERIES and len(firsts) != len(seconds):
        low, high = sorted((len(firsts), len(seconds)))
        if 2 * low <= high:  # of a series of dates the days change, the months hardly
            return "dmy" if len(firsts) > len(seconds) else "mdy"
    if _AMERICAN.search(text) and not _DAY_FIRST.search(text):
        return "mdy"
    if language != "en":
        return "dmy"
    if _MONTH_FIRST.search(text) and not _DAY_FIRST.search(text):
        return "mdy"
    return "dmy" if _DAY_FIRST.search(text) and not _MONTH_FIRST.search(text) else ""
