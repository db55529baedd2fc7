"""The head of a scientific paper: title, authors with their institutions, abstract, key words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from pipeline.local.layout.layout import Row, around
from pipeline.local.rules.citations import DOI
from pipeline.local.rules.running import Running, is_known, text_of, usual_height
from pipeline.local.seeing.page import Line, Page

_ABSTRACT = re.compile(
    r"^(?:a\s?b\s?s\s?t\s?r\s?a\s?c\s?t|summary|zusammenfassung|kurzfassung|r\u00e9sum\u00e9|samenvatting|resumen)\b[\s.:\u2014\u2013-]*",
    re.IGNORECASE,
)
_KEYWORDS = re.compile(
    r"^(?:key\s?-?words(?: and phrases)?|index terms|schlagw\u00f6rter|schl\u00fcsselw\u00f6rter"
    r"|mots[- ]cl\u00e9s|trefwoorden|palabras clave)\b[\s.:\u2014\u2013-]*",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?P<name>[^\W\d_][^\d,;*\u2020\u2021\u00a7\u00b6\u00b9\u00b2\u00b3\u2070-\u2079@&|\u00b7]*?)"
    r"(?P<marks>(?:\s?[\d*\u2020\u2021\u00a7\u00b6\u00b9\u00b2\u00b3\u2070-\u2079]+(?:[.,](?=\s?[\d*\u2020\u2021]))?)*)"
    r"(?:\s*(?:,|;|&|\||\u00b7)\s*(?:and\s|und\s|et\s|en\s|y\s)?|\s+(?:and|und|et|en|y)\s+|\s*$)"
)
_WORD = re.compile(
    r"^(?:[A-Z\u00c0-\u00dd][\w.'\u2019-]*|de|da|di|del|della|der|den|van|von|zu|la|le|el|al|bin|ten|ter|dos|d['\u2019]\w+)$"
)
_PLACE = re.compile(
    r"univer|institut|department|facult|school|laborator|research|college|academy|hospital|cent(?:er|re|ro)|hochschule"
    r"|klinik|akademie|fakult|labor|d\u00e9partement|\u00e9cole|facultad|escuela|inc\.|ltd|gmbh|corp|\bcnrs\b|observator",
    re.IGNORECASE,
)
_MARKED = re.compile(
    r"^\s*(?P<mark>[\d*\u2020\u2021\u00a7\u00b6\u00b9\u00b2\u00b3\u2070-\u2079]{1,2})\s?[.)]?\s*(?=[^\W\d])"
)
_TITLE_FROM, _TITLE_TO = 0.03, 0.5
"""Shares of the first page's height between which its title stands."""
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SUPERSCRIPTS = str.maketrans("\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u2070", "1234567890")


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """One author as printed."""

    name: str
    marks: tuple[str, ...]
    affiliations: tuple[str, ...]
    email: str | None
    line: Line


def title_lines(page: Page) -> list[Line]:
    """The lines of the title: the largest in the upper part of the first page, those right below it too."""
    upper = [line for line in page.lines if _is_upper(line, page) and sum(map(str.isalpha, line.text)) > 2]  # noqa: PLR2004
    if not upper:
        return []
    tallest = max(line.box.height for line in upper)
    large = sorted((line for line in upper if line.box.height > 0.8 * tallest), key=lambda line: line.box.top)
    lines = [max(large, key=lambda line: line.box.height)]
    for line in large:
        if line not in lines and any(
            abs(line.box.centre_y - other.box.centre_y) < 1.8 * tallest for other in lines
        ):
            lines.append(line)
    return sorted(lines, key=lambda line: (round(line.box.centre_y / tallest), line.box.left))


def _is_upper(line: Line, page: Page) -> bool:
    return _TITLE_FROM < line.box.centre_y / page.height < _TITLE_TO


def abstract_start(lines: Sequence[Running]) -> int | None:
    """Index of the line that is, or begins with, the heading of the abstract; None when there is none."""
    texts = [one.line.text.strip() for one in lines]
    return next((at for at, text in enumerate(texts) if _ABSTRACT.match(text) and text[0].isupper()), None)


def abstract_of(lines: Sequence[Running]) -> list[Running]:
    """The lines of the abstract, its heading cut off; empty when there is no such heading."""
    at = abstract_start(lines)
    if at is None:
        return []
    one = lines[at]
    found = _ABSTRACT.match(one.line.text)
    rest = one.line.part(found.end() if found else 0, len(one.line.text))
    first = [Running(line=rest, page=one.page, block=one.block)] if rest.text else []
    return first + _until_heading(lines, at + 1, usual_height(lines))


def _until_heading(lines: Sequence[Running], start: int, height: float) -> list[Running]:
    found: list[Running] = []
    for one in lines[start:]:
        text = one.line.text.strip()
        if _KEYWORDS.match(text) or is_known(text) or re.match(r"^(?:1|I)[.\s]\s*[A-Z]", text):
            break
        if found and _is_apart(found[-1], one, height):
            break
        found.append(one)
    return found


def _is_apart(before: Running, one: Running, height: float) -> bool:
    """Whether a line belongs to another text: another page, another column, or a wide gap."""
    gap = one.line.box.top - before.line.box.bottom
    return one.page != before.page or not -height < gap < 1.5 * height


def keywords_of(lines: Sequence[Running]) -> list[tuple[str, Running]]:
    """The key words with the line they begin in."""
    for at, one in enumerate(lines):
        found = _KEYWORDS.match(one.line.text.strip())
        if found is None:
            continue
        first = Running(line=one.line.part(found.end(), len(one.line.text)), page=one.page, block=one.block)
        rest = [first] if first.line.text else []
        for after in lines[at + 1 : at + 4]:
            if is_known(after.line.text) or _is_apart(rest[-1] if rest else one, after, usual_height(lines)):
                break
            if rest and rest[-1].line.text.rstrip().endswith("."):
                break
            rest.append(after)
        words = re.split(
            r"\s*[;\u00b7\u2022|]\s*|,\s+|\s+[\u2013\u2014-]\s+", text_of(rest).strip().rstrip(".")
        )
        return [(word.strip(), one) for word in words if word.strip()]
    return []


def writers_of(rows: Sequence[Row]) -> list[Writer]:
    """The authors named in the rows between title and abstract, with their institutions."""
    if len(rows) > 1 and len(rows[0].cells) > 1 and _in_columns(rows):
        return _writers_in_columns(rows)
    named: list[Writer] = []
    rest = list(rows)
    while rest and (found := _names_in(rest[0])):
        named += found
        rest.pop(0)
    return _placed(named, rest)


def _in_columns(rows: Sequence[Row]) -> bool:
    """Whether institutions stand below each author in a column of their own."""
    return len(rows[1].cells) == len(rows[0].cells) and all(_names(cell) for cell in rows[0].cells)


def _writers_in_columns(rows: Sequence[Row]) -> list[Writer]:
    found: list[Writer] = []
    for head in rows[0].cells:
        below = _column_below(head, [cell for row in rows[1:] for cell in row.cells])
        emails = [email for cell in below for email in _EMAIL.findall(cell.text)]
        place = ", ".join(cell.text.strip(" ,") for cell in below if "@" not in cell.text)
        for name, marks in _names(head):
            email = emails[0] if len(emails) == 1 else None
            line = Line(text=name, box=around([head, *below]))
            found.append(
                Writer(name=name, marks=marks, affiliations=(place,) if place else (), email=email, line=line)
            )
    return found


def _column_below(head: Line, cells: Sequence[Line]) -> list[Line]:
    """The cells under a name, up to the first gap."""
    found = [head]
    for cell in cells:
        near = cell.box.top - found[-1].box.bottom < 1.2 * head.box.height
        if near and abs(cell.box.centre_x - head.box.centre_x) < max(cell.box.width, head.box.width) / 2:
            found.append(cell)
    return found[1:]


def _names_in(row: Row) -> list[Writer]:
    """The names of a row that holds nothing else."""
    pairs = [(pair, cell) for cell in row.cells for pair in _names(cell)]
    parts = sum(
        len([part for part in re.split(r"[,;&]|\sand\s", cell.text) if any(map(str.isalpha, part))])
        for cell in row.cells
    )
    if _PLACE.search(row.text) or "@" in row.text or len(pairs) < max(1, 0.6 * parts):
        return []
    return [
        Writer(name=name, marks=marks, affiliations=(), email=None, line=cell)
        for (name, marks), cell in pairs
    ]


def _names(cell: Line) -> list[tuple[str, tuple[str, ...]]]:
    text = re.sub(r"^(?:by|von|par|door|por)\s+", "", cell.text.strip(), flags=re.IGNORECASE)
    found = [(one["name"].strip(" ,"), one["marks"]) for one in _NAME.finditer(text)]
    return [
        (name, tuple(re.findall(r"\d+|[^\s\d,.]", marks.translate(_SUPERSCRIPTS))))
        for name, marks in found
        if _is_name(name)
    ]


def _is_name(text: str) -> bool:
    words = text.split()
    if not 2 <= len(words) <= 5 or not all(_WORD.match(word) for word in words):  # noqa: PLR2004 - words of a name
        return False
    return words[0][0].isupper() and words[-1][0].isupper() and not _PLACE.search(text)


def _placed(named: list[Writer], rest: Sequence[Row]) -> list[Writer]:
    """The authors with their institutions, by their marks or all of them, and with their addresses."""
    places = _places([row for row in rest if "@" not in row.text])
    emails = [email for row in rest for email in _EMAIL.findall(row.text)]
    return [
        Writer(
            name=one.name,
            marks=one.marks,
            affiliations=_own_places(one, places),
            email=_own_email(one, emails, at if len(emails) == len(named) else None),
            line=one.line,
        )
        for at, one in enumerate(named)
    ]


def _places(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Institutions with their marks; lines without a mark go on with the one above."""
    found: list[tuple[str, str]] = []
    for row in rows:
        text = row.text.strip()
        mark = _MARKED.match(text)
        if mark:
            found.append((mark["mark"].translate(_SUPERSCRIPTS), text[mark.end() :].strip(" ,")))
        elif found and found[-1][0]:
            found[-1] = (found[-1][0], f"{found[-1][1]} {text}")
        elif _PLACE.search(text):
            found.append(("", text.strip(" ,")))
    return found


def _own_places(writer: Writer, places: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    marked = tuple(place for mark, place in places if mark and mark in writer.marks)
    unmarked = tuple(place for mark, place in places if not mark)
    return marked or (unmarked if len(unmarked) == len(places) == 1 else ())


def _own_email(writer: Writer, emails: Sequence[str], at: int | None) -> str | None:
    surname = writer.name.split()[-1].lower()
    alike = [email for email in emails if fuzz.partial_ratio(surname, email.partition("@")[0].lower()) >= 90]  # noqa: PLR2004
    return alike[0] if len(alike) == 1 else emails[at] if at is not None and not alike else None


def doi_of(lines: Sequence[Running]) -> tuple[str, Running] | None:
    """The first DOI of the first page, with its line."""
    found = (
        (match.group().rstrip(".,;"), one)
        for one in lines
        if one.page == 0 and (match := DOI.search(one.line.text))
    )
    return next(found, None)
