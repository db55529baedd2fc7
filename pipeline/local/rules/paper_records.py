"""Records that stand for a scientific paper: told by the names of what they ask for."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from pydantic import JsonValue

from pipeline.local.layout.document import Document
from pipeline.local.layout.layout import Row, around, rows_of
from pipeline.local.rules import papers
from pipeline.local.rules.citations import citations, list_start
from pipeline.local.rules.fields import Found
from pipeline.local.rules.items import Item
from pipeline.local.rules.running import Running, headings, running, text_of
from pipeline.local.rules.schema import Kind, Node
from pipeline.local.rules.wishes import spaced
from pipeline.local.seeing.page import Line, Page

_NAMES = {
    "title": {"title", "paper title", "article title"},
    "authors": {"authors", "author", "author names", "author list", "writers"},
    "abstract": {"abstract", "summary"},
    "keywords": {"keywords", "key words", "index terms"},
    "doi": {"doi"},
    "arxiv": {"arxiv id", "arxiv", "arxiv number"},
    "journal": {"journal", "journal name", "venue", "publication", "journal title"},
    "volume": {"volume"},
    "issue": {"issue", "issue number"},
    "pages": {"pages", "page range"},
    "year": {"year", "publication year", "year of publication"},
    "sections": {"sections", "headings", "section headings"},
    "references": {"references", "bibliography", "citations", "cited works", "reference list"},
}
_TELLING = ("authors", "abstract", "keywords", "doi", "arxiv", "journal", "references")
OWN = frozenset(["abstract", "doi", "arxiv", "journal", "volume", "issue", "pages"])
"""Parts of a paper that only the layout of papers tells: any other rule would guess."""
_PARTS = {
    "name": {"name", "full name", "author", "author name"},
    "affiliations": {"affiliations", "affiliation", "institution", "institutions"},
    "email": {"email", "e mail", "email address"},
    "number": {"number", "section number"},
    "heading": {"heading", "title", "name", "text"},
    "label": {"label", "number", "key", "index", "id"},
    "text": {"text", "reference", "citation", "raw", "raw text", "entry", "full text", "content"},
    "year": {"year", "publication year"},
    "doi": {"doi"},
}
_ARXIV = re.compile(r"\barxiv:\s?(?P<id>\d{4}\.\d{4,5}(?:v\d+)?)", re.IGNORECASE)
_CITED = re.compile(
    r"(?P<journal>[A-Z\u00c0-\u00dd][^\d,;:()|]{3,80}?),?\s+(?:vol(?:ume|\.)?\s*)?(?P<volume>\d{1,4})\s*"
    r"(?:\(\s*(?P<issue>\d{1,3})\s*\)|,?\s*(?:no|nr|issue|iss|n\u00b0)\.?\s*(?P<issue2>\d{1,3}))?\s*"
    r"(?:\(?(?P<year>(?:19|20)\d\d)\)?)?\s*[,:]?\s*(?:\(?(?P<year2>(?:19|20)\d\d)\)?,?\s*)?"
    r"(?:(?:pp?\.?\s*)?(?P<pages>\d{1,5}\s?[-\u2013]\s?\d{1,5}))?\s*(?:\(?(?P<year3>(?:19|20)\d\d)\)?)?"
)
_MARGIN = 0.14
"""Share of the first page's height at its head and foot where it says where it appeared."""


def role_of(node: Node) -> str:
    """Which part of a paper a property asks for; empty for none."""
    name = spaced(node.name).lower()
    return next((role for role, names in _NAMES.items() if name in names), "")


def is_paper(node: Node) -> bool:
    """Whether a record has the shape of a paper: an abstract or references, and more that papers have."""
    roles = {role_of(child) for child in node.fields} if node.kind is Kind.RECORD else set()
    return len(roles & set(_TELLING)) > 1 and bool(roles & {"abstract", "references", "doi", "arxiv"})


@dataclass(frozen=True)
class Paper:
    """What the pages say of a paper."""

    document: Document

    @cached_property
    def lines(self) -> list[Running]:
        """Its lines in reading order."""
        return running(self.document)

    def values(self, node: Node) -> dict[str, Found]:
        """Single values and lists of texts, by the names of the record's properties."""
        found = ((child.name, self._value(role_of(child), child)) for child in node.fields)
        return {name: value for name, value in found if value is not None}

    def items(self, node: Node) -> list[Item]:
        """Objects of a list: authors, sections or references."""
        return (
            [self._item(node.element, said, line, page) for said, line, page in self._told(role_of(node))]
            if node.element
            else []
        )

    def _told(self, role: str) -> Iterator[tuple[dict[str, JsonValue], Line, int]]:
        said: dict[str, JsonValue]
        if role == "authors":
            for one in papers.writers_of(self._head):
                said = {"name": one.name, "affiliations": list(one.affiliations), "email": one.email}
                yield (
                    said,
                    Line(text=one.name, box=around(cell for row in self._head for cell in row.cells)),
                    0,
                )
        if role == "sections":
            start = papers.abstract_start(self._before_references) or 0
            for heading in headings(self.lines[start:]):
                place = self.lines[start + heading.at]
                yield {"number": heading.number, "heading": heading.text}, place.line, place.page
        if role == "references":
            for entry in citations(self.lines):
                said = {
                    "label": entry.label,
                    "text": entry.text,
                    "year": entry.year,
                    "doi": entry.doi,
                }
                page = entry.lines[0].page
                yield (
                    said,
                    Line(text=entry.text, box=around([one.line for one in entry.lines if one.page == page])),
                    page,
                )

    @staticmethod
    def _item(element: Node, said: dict[str, JsonValue], line: Line, page: int) -> Item:
        values: dict[str, Found] = {}
        for child in element.fields:
            name = spaced(child.name).lower()
            value = next(
                (said[part] for part, names in _PARTS.items() if name in names and part in said), None
            )
            if isinstance(value, list) and child.kind is Kind.TEXT:
                value = "; ".join(str(one) for one in value) or None
            if value is not None and child.accepts(value):
                values[child.name] = _found(value, line, page, "paper")
        return Item(page=page, values=values)

    def _value(self, role: str, node: Node) -> Found | None:
        if node.kind is Kind.LISTING:
            return self._texts(role, node)
        rule = _RULES.get(role)
        found = rule(self) if rule else None
        if found is None or found[0] is None:
            return None
        value, line, page = found
        value = int(str(value)) if node.kind is Kind.INTEGER and str(value).isdigit() else value
        return _found(value, line, page, f"paper's {role}")

    def _texts(self, role: str, node: Node) -> Found | None:
        """A list of texts: key words, or names, headings and references alone."""
        if node.element is None or node.element.kind is not Kind.TEXT:
            return None
        if role == "keywords":
            words = papers.keywords_of(self._before_references)
            return (
                _found([word for word, _ in words], words[0][1].line, words[0][1].page, "paper's keywords")
                if words
                else None
            )
        told = list(self._told(role))
        key = {"authors": "name", "sections": "heading", "references": "text"}.get(role, "")
        return (
            _found([said[key] for said, _, _ in told], told[0][1], told[0][2], f"paper's {role}")
            if told
            else None
        )

    @cached_property
    def _before_references(self) -> Sequence[Running]:
        return self.lines[: list_start(self.lines)]

    @cached_property
    def title(self) -> list[Line]:
        """The lines of the title."""
        return papers.title_lines(self.document.pages[0])

    @cached_property
    def abstract(self) -> list[Running]:
        """The lines of the abstract."""
        return papers.abstract_of(self._before_references)

    @cached_property
    def _head(self) -> list[Row]:
        """The rows between title and abstract."""
        start = papers.abstract_start(self._before_references)
        if not self.title or start is None or self.lines[start].page:
            return []
        page = self.document.pages[0]
        top, bottom = max(line.box.bottom for line in self.title), self.lines[start].line.box.top
        between = tuple(line for line in page.lines if top - 2 < line.box.top and line.box.centre_y < bottom)
        return rows_of(Page(number=1, width=page.width, height=page.height, lines=between), 0)

    @cached_property
    def cited(self) -> dict[str, tuple[str, Running]]:
        """What the head or foot of the first page says of where the paper appeared."""
        page = self.document.pages[0]
        edge = [
            one
            for one in self.lines
            if one.page == 0 and not _MARGIN < one.line.box.centre_y / page.height < 1 - _MARGIN
        ]
        for one in edge:
            found = _CITED.search(one.line.text)
            if found and (found["pages"] or found["year"] or found["year2"] or found["year3"]):
                year = found["year"] or found["year2"] or found["year3"]
                said = {"journal": found["journal"].strip(), "volume": found["volume"], "year": year}
                said |= {"issue": found["issue"] or found["issue2"], "pages": found["pages"]}
                return {key: (value, one) for key, value in said.items() if value}
        return {}


_Told = tuple[JsonValue, Line, int]


def _title(paper: Paper) -> _Told | None:
    lines = paper.title
    return (
        (" ".join(line.text.strip() for line in lines), Line(text="", box=around(lines)), 0)
        if lines
        else None
    )


def _abstract(paper: Paper) -> _Told | None:
    lines = paper.abstract
    if not lines:
        return None
    first = [one.line for one in lines if one.page == lines[0].page]
    return text_of(lines), Line(text="", box=around(first)), lines[0].page


def _doi(paper: Paper) -> _Told | None:
    found = papers.doi_of(paper.lines)
    return (found[0], found[1].line, 0) if found else None


def _arxiv(paper: Paper) -> _Told | None:
    found = (
        (match["id"], one.line, 0)
        for one in paper.lines
        if one.page == 0 and (match := _ARXIV.search(one.line.text))
    )
    return next(found, None)


def _cited(key: str) -> Callable[[Paper], _Told | None]:
    def told(paper: Paper) -> _Told | None:
        found = paper.cited.get(key)
        return (found[0], found[1].line, found[1].page) if found else None

    return told


_RULES: dict[str, Callable[[Paper], _Told | None]] = {
    "title": _title,
    "abstract": _abstract,
    "doi": _doi,
    "arxiv": _arxiv,
    **{key: _cited(key) for key in ("journal", "volume", "issue", "pages", "year")},
}


def _found(value: JsonValue, line: Line, page: int, rule: str) -> Found:
    return Found(value=value, score=0.7, line=line, page=page, rule=rule, row=0)
