"""Résumés: sections by their headings, and in each the entries of its kind."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from pydantic import JsonValue

from pipeline.local.layout.document import Document
from pipeline.local.layout.layout import Row, around
from pipeline.local.layout.names import TOWN
from pipeline.local.layout.text import title_of
from pipeline.local.rules.entries import Said, entry
from pipeline.local.rules.fields import Found
from pipeline.local.rules.items import Item
from pipeline.local.rules.naming import Wish
from pipeline.local.rules.schema import Node
from pipeline.local.rules.stations import BULLET, WORDS_OF_LINE, course, languages, post
from pipeline.local.seeing.page import Line
from pipeline.local.words import codes
from pipeline.local.words.lexicon import lexicon, squeeze
from pipeline.local.words.periods import Period, period_in

_SCORE = 0.75
_PARTS = re.compile(r"\s*[|•·▪●]\s*|\s{3,}")
_GAP = 5.0
"""Line heights without text after which a section is over."""
_MOST_BEFORE = 2
"""Lines of an entry that may stand over its period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The rows of one entry: its period, its lines without it, and where it stands."""

    period: Period
    lines: tuple[str, ...]
    place: tuple[Line, int]


class Resume:
    """The sections of a résumé and what stands before them."""

    def __init__(self, document: Document) -> None:
        self._document = document

    @cached_property
    def _headings(self) -> list[tuple[int, str]]:
        """Rows that head a section, with the kind of section."""
        known = {
            phrase: concept.key
            for concept in lexicon().concepts.values()
            if concept.kind == "section" and concept.domain == "resume"
            for phrase in concept.phrases
        }
        return [
            (index, known[said])
            for index, row in enumerate(self._document.rows)
            if len(row.cells) == 1 and (said := squeeze(row.text)) in known
        ]

    def _rows(self, section: str) -> list[int]:
        """Indexes of the rows of the sections of a kind, but for page numbers and running heads."""
        ends = [*(index for index, _ in self._headings[1:]), len(self._document.rows)]
        spans = zip(self._headings, ends, strict=False)
        return [
            row
            for (index, key), end in spans
            if key == section
            for row in self._until_gap(index + 1, end)
            if row not in self._document.furniture
        ]

    def _until_gap(self, start: int, end: int) -> Iterator[int]:
        """Rows up to a wide gap, below which stand signatures and footers."""
        for index in range(start, end):
            row, above = self._row(index), self._row(index - 1)
            if (
                row.page == above.page
                and row.box.top - above.box.bottom > _GAP * self._document.heights[row.page]
            ):
                return
            yield index

    def found(self, wish: Wish, labelled: list[Found]) -> list[Found]:
        """What stands in a section or at the head for a wish, else what its labels found."""
        key, name = wish.concept.key if wish.concept else "", wish.node.name.lower()
        if key in ("profile", "skills"):
            return self._text_of(key, ", " if key == "skills" else " ")
        if key in ("person_name", "home_address", "phone", "email") and labelled:
            return labelled
        head = {"person_name": self._name, "phone": self._phone, "home_address": self._address}
        if key in head:
            return head[key]()
        if name == "headline":
            return self._headline()
        return self._links() if name in ("links", "urls", "profiles", "websites") else labelled

    def _at(self, value: JsonValue, rows: list[int], rule: str) -> Found:
        page = self._document.rows[rows[0]].page
        cells = [cell for row in rows if self._row(row).page == page for cell in self._row(row).cells]
        line = Line(text=self._row(rows[0]).text, box=around(cells))
        return Found(value=value, score=_SCORE, line=line, page=page, rule=rule, row=rows[0])

    def _place(self, rows: list[int]) -> tuple[Line, int]:
        found = self._at("", rows, "section")
        return found.line, found.row

    def _row(self, index: int) -> Row:
        return self._document.rows[index]

    def _text_of(self, section: str, joined: str) -> list[Found]:
        rows = self._rows(section)
        lines = [BULLET.sub("", self._row(row).text).strip() for row in rows]
        if joined == ", ":
            lines = [_PARTS.sub(", ", line).strip(" ,") for line in lines]
        return [self._at(joined.join(filter(None, lines)), rows, "section")] if any(lines) else []

    # What stands before the first section.

    @property
    def _head(self) -> range:
        first = self._headings[0][0] if self._headings else 0
        return range(min(first, 15))

    def _name(self) -> list[Found]:
        """The largest line of the head, when it looks like a name."""
        line = title_of(self._document.pages[0])
        words = line.text.split() if line else []
        if not line or not 2 <= len(words) <= 5 or any(map(str.isdigit, line.text)):  # noqa: PLR2004 - words of a name
            return []
        rows = [row for row in self._head if line in self._row(row).cells]
        return (
            [self._at(line.text, rows, "largest line")] if rows and all(w[0].isupper() for w in words) else []
        )

    def _headline(self) -> list[Found]:
        """The line right below the name, when it is no way to reach somebody."""
        for name in self._name():
            below = name.row + 1
            text = self._row(below).text if below in self._head else ""
            if text and len(text.split()) <= WORDS_OF_LINE and not re.search(r"[\d@|]|www\.|:", text):
                return [self._at(text, [below], "below the name")]
        return []

    def _parts_of_head(self) -> Iterator[tuple[int, str]]:
        for row in self._head:
            for cell in self._row(row).cells:
                yield from ((row, part) for part in _PARTS.split(cell.text) if part.strip())

    def _phone(self) -> list[Found]:
        found = [(row, codes.phone(part)) for row, part in self._parts_of_head() if codes.phone(part)]
        whole = [(row, text) for row, text in found if sum(map(str.isdigit, text)) >= 7]  # noqa: PLR2004 - figures
        return [self._at(whole[0][1], [whole[0][0]], "form")] if len(whole) == 1 else []

    def _address(self) -> list[Found]:
        found = [(row, part) for row, part in self._parts_of_head() if TOWN.search(part)]
        return [self._at(found[0][1].strip(" ,"), [found[0][0]], "form")] if len(found) == 1 else []

    def _links(self) -> list[Found]:
        found = []
        for row, part in self._parts_of_head():
            told = codes.url(part) or re.search(r"\b(?:linkedin\.com|github\.com|xing\.com)/\S+", part)
            if told:
                found.append((row, told if isinstance(told, str) else told.group()))
        if not found:
            return []
        return [self._at("; ".join(text for _, text in found), [row for row, _ in found], "form")]

    # What stands in sections.

    def work(self, node: Node) -> list[Item]:
        """The posts."""
        return self._made(node, "work_experience", post)

    def education(self, node: Node) -> list[Item]:
        """The studies."""
        return self._made(node, "education", course)

    def _made(
        self, node: Node, section: str, read: Callable[[tuple[str, ...]], dict[str, str | None]]
    ) -> list[Item]:
        made = [
            entry(node, {**read(one.lines), **_times(one.period)}, one.place, self._document, "section")
            for one in self._entries(self._rows(section))
        ]
        return [item for item in made if item]

    def _entries(self, rows: list[int]) -> list[Entry]:
        """The rows of a section parted where a period tells that another entry begins."""
        dated = [(place, found) for place, row in enumerate(rows) if (found := self._period(row))]
        if not dated or dated[0][0] > _MOST_BEFORE:
            return []
        before = dated[0][0]
        starts = [place - before for place, _ in dated]
        ends = [*starts[1:], len(rows)]
        made = []
        for (_, period), start, end in zip(dated, starts, ends, strict=True):
            part = rows[start:end]
            lines = tuple(text for row in part if (text := self._without_period(row)))
            place = self._place(part)
            made.append(Entry(period=period, lines=lines, place=place))
        return made

    def _period(self, row: int) -> Period | None:
        """The period of a row that begins or ends with it; a sentence may name a year, too."""
        text = self._row(row).text
        found = period_in(text, alone=len(text.split()) <= WORDS_OF_LINE)
        if not found:
            return None
        around_it = (text[: found.span[0]].strip(" ,()|-"), text[found.span[1] :].strip(" ,()|-"))
        return found if not all(around_it) else None

    def _without_period(self, row: int) -> str:
        text, found = self._row(row).text, self._period(row)
        if found:
            text = text[: found.span[0]] + " " + text[found.span[1] :]
        return re.sub(r"\(\s*\)", "", text).strip(" ,|\u2013\u2014-")

    def languages(self, node: Node) -> list[Item]:
        """The languages, each with how well it is known."""
        made = [
            entry(node, said, self._place([row]), self._document, "section")
            for row in self._rows("language_skills")
            for said in languages([cell.text for cell in self._row(row).cells])
        ]
        return [item for item in made if item]

    def certifications(self, node: Node) -> list[Item]:
        """The certificates: a name, who awarded it, a year."""
        made = []
        for row in self._rows("certifications"):
            text = BULLET.sub("", self._row(row).text)
            period = period_in(text, alone=True)
            rest = text[: period.span[0]] + text[period.span[1] :] if period else text
            parts = [
                part.strip(" ()")
                for part in re.split(r",\s|\s[|\u2013\u2014-]\s", rest)
                if part.strip(" ,()")
            ]
            if parts and len(text.split()) <= 2 * WORDS_OF_LINE:
                said: Said = {
                    "name": parts[0],
                    "issuer": ", ".join(parts[1:]),
                    "year": period.start[0] if period else None,
                }
                made.append(entry(node, said, self._place([row]), self._document, "section"))
        return [item for item in made if item]


def _times(period: Period) -> dict[str, int | bool | None]:
    end = period.end or (None, None)
    return {
        "start_year": period.start[0],
        "start_month": period.start[1],
        "end_year": end[0],
        "end_month": end[1],
        "is_current": period.end is None,
    }
