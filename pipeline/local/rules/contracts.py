"""Contracts: parties, dates and terms told by their sentences, clauses by their headings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from pydantic import JsonValue

from pipeline.local.layout.document import Document
from pipeline.local.layout.layout import around
from pipeline.local.layout.names import is_name
from pipeline.local.layout.text import title_of
from pipeline.local.rules.casting import as_number, choice
from pipeline.local.rules.entries import Said, entry
from pipeline.local.rules.fields import Found
from pipeline.local.rules.items import Item
from pipeline.local.rules.naming import Wish
from pipeline.local.rules.schema import Kind, Node
from pipeline.local.seeing.page import Line
from pipeline.local.words.dates import dates
from pipeline.local.words.lexicon import lexicon, squeeze
from pipeline.local.words.numbers import amounts

_DATED = ("agreement_date", "effective_date", "expiration_date")
_WORDED = {
    "governing_law": "governing_law",
    "jurisdiction": "jurisdiction",
    "notice_period": "notice_period",
    "contract_term": "contract_term",
    "payment_terms": "contract_payment",
}
_BY_NAME = {"renewal_term": "renewal_term", "renewal_period": "renewal_term"}
_AMOUNTS = {"contract_value": False, "liability_cap": True}
"""Names of amounts, and whether they are the most that is to be paid."""
_REACH = 60
"""Characters before a date in which its sentence says what it is."""
_SCORE = 0.75
_HEADING = re.compile(
    r"^(?:(?:article|section|clause|artikel|art\.|cláusula|artículo)\s+)?(?P<number>(?:§\s?)?\d{1,2})"
    r"(?:\s?[.):\u2013-])?\s+(?P<heading>[^\W\d_].{2,60})$",
    re.IGNORECASE,
)
_QUOTE = r"(?:[\"\u201c\u201d\u201e\u00ab\u00bb']|,,|'')"
_ARTICLE = r"(?:the |der |die |das |le |la |l'|de |het |el )?"
_ROLE = re.compile(
    rf"[(\u2013-][^()\u2013\u201c\u201e\"\u00ab]{{0,60}}?"
    rf"{_QUOTE}\s?{_ARTICLE}(?P<role>[^\W\d_][\w -]{{1,30}}?)"
    rf"\s?(?:{_QUOTE}(?:\s?genannt)?|genannt)[^()]{{0,40}}?[)\u2013-]",
    re.IGNORECASE,
)
"""The name a contract gives to a party: `(the "Supplier")`, `- nachfolgend "Auftraggeber" genannt -`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The heading of a clause: its number, its words and the row it stands in."""

    number: str
    words: str
    row: int


class Contract:
    """The text of a contract as one run, and what its sentences say."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._starts: list[int] = []
        text = ""
        for row in document.rows:
            self._starts.append(len(text))
            text += row.text + " "
        self._text = text

    def found(self, wish: Wish, labelled: list[Found]) -> list[Found]:
        """What the sentences say for a wish, else what its labels found."""
        key, name = wish.concept.key if wish.concept else "", wish.node.name.lower()
        if key in _DATED:
            return self._dated(wish, key) or labelled or self._signed(key)
        if key == "contract_title" and name == "title":
            return self._title() or labelled
        if sentence := _WORDED.get(key) or _BY_NAME.get(name):
            return self._worded(sentence) or (labelled if wish.concept else [])
        if name in _AMOUNTS:
            return self._amount(wish, capped=_AMOUNTS[name])
        return self._chosen(wish) or labelled

    def _chosen(self, wish: Wish) -> list[Found]:
        if wish.node.kind is Kind.BOOLEAN and "renew" in wish.node.name.lower():
            return [self._at(True, *found.span(1), "sentence") for found in self._said("renewal")][:1]
        return self._type(wish) if wish.node.kind is Kind.CHOICE else []

    def _at(self, value: JsonValue, start: int, end: int, rule: str) -> Found:
        rows = [row for row in range(len(self._starts)) if self._starts[row] < end and start < self._end(row)]
        page = self._document.rows[rows[0]].page
        cells = [cell for row in rows for cell in self._document.rows[row].cells]
        same = [
            cell
            for row in rows
            if self._document.rows[row].page == page
            for cell in self._document.rows[row].cells
        ]
        line = Line(text=self._text[start:end], box=around(same or cells))
        return Found(value=value, score=_SCORE, line=line, page=page, rule=rule, row=rows[0])

    def _end(self, row: int) -> int:
        return self._starts[row + 1] if row + 1 < len(self._starts) else len(self._text)

    def _said(self, sentence: str) -> Iterator[re.Match[str]]:
        """Where the text says one of the sentences, those of the lexicon in its order."""
        for pattern in lexicon().sentences[sentence]:
            yield from pattern.finditer(self._text)

    def _dated(self, wish: Wish, key: str) -> list[Found]:
        found = []
        for day, start, end in dates(self._text, self._document.style):
            before = self._text[max(0, start - _REACH) : start]
            if any(
                re.search(rf"(?:{one.pattern})\s*$", before, re.IGNORECASE)
                for one in lexicon().sentences[key]
            ):
                found.append(self._at(day.isoformat(), start, end, "sentence"))
        return found[:1] if wish.node.kind is Kind.DATE else []

    def _signed(self, key: str) -> list[Found]:
        """The last of the dates beside the signatures, which is the contract's when it names none."""
        if key != "agreement_date" or not self.headings:
            return []
        found = []
        for index in range(self.headings[-1].row + 1, len(self._document.rows)):
            row = self._document.rows[index]
            for cell in row.cells:
                days = dates(cell.text, self._document.style)
                if len(days) == 1 and _ENDS_PLACE.search(cell.text[: days[0][1]]) and _is_short(cell):
                    value = days[0][0].isoformat()
                    made = Found(
                        value=value, score=0.7, line=cell, page=row.page, rule="place and date", row=index
                    )
                    found.append(made)
        return sorted(found, key=lambda one: str(one.value))[-1:]

    def _title(self) -> list[Found]:
        """The largest line at the top of the first page, or the first that says `Agreement`."""
        rows = [row for row in self._document.rows[:_HEAD_ROWS] if row.page == 0]
        largest = title_of(self._document.pages[0])
        named = [row.cells[0] for row in rows if len(row.cells) == 1 and _is_title(row.text)]
        line = largest or next(iter(named), None)
        row = next((at for at, one in enumerate(rows) if line in one.cells), 0)
        return [Found(value=line.text, score=0.8, line=line, page=0, rule="title", row=row)] if line else []

    def _worded(self, sentence: str) -> list[Found]:
        """What the first such sentence says; terms of payment stand in clauses about it, if any."""
        found = list(self._said(sentence))
        if sentence == "contract_payment" and (places := list(self._clauses_about(("price", "payment")))):
            found = [one for one in found if any(start <= one.start() < end for start, end in places)]
        return [self._at(one.group(1).strip(), *one.span(1), "sentence") for one in found[:1]]

    def _type(self, wish: Wish) -> list[Found]:
        """What kind of contract its title says it is: the last words of the title that say one."""
        for title in self._title():
            words = title.line.text.split()
            for count in range(min(5, len(words)), 0, -1):
                for start in range(len(words) - count, -1, -1):
                    value = choice(" ".join(words[start : start + count]), wish.node)
                    if value is not None:
                        return [replace(title, value=value)]
        return []

    def _amount(self, wish: Wish, *, capped: bool) -> list[Found]:
        """The one amount of the clauses on the price, or on liability with words that limit it."""
        about = ("liability",) if capped else ("price", "payment")
        found = []
        for start, end in self._clauses_about(about):
            text = self._text[start:end]
            money = [amount for amount in amounts(text, self._document.style) if amount.is_money]
            if capped and not any(one.search(text) for one in lexicon().sentences["limits"]):
                continue
            found += [
                self._at(as_number(one.value, wish.node), start + one.start, start + one.end, "clause")
                for one in money
            ]
        return found if len({str(one.value) for one in found}) == 1 else []

    def _clauses_about(self, about: tuple[str, ...]) -> Iterator[tuple[int, int]]:
        """Start and end of the text of the clauses on a subject."""
        for heading, following in pairwise([*self.headings, None]):
            if heading and _subject(heading.words) in about:
                end = self._starts[following.row] if following else len(self._text)
                yield self._end(heading.row), end

    @cached_property
    def headings(self) -> list[Heading]:
        """Headings of the clauses of the first level: numbers that count up from 1."""
        found: list[Heading] = []
        for index, row in enumerate(self._document.rows):
            told = _HEADING.match(row.text)
            if not told or told["heading"].rstrip().endswith((",", ";")) or len(told["heading"].split()) > 8:  # noqa: PLR2004 - words
                continue
            figures = int(re.sub(r"\D", "", told["number"]))
            if figures == len(found) + 1:
                words = told["heading"].strip(" .")
                found.append(Heading(number=" ".join(told["number"].split()), words=words, row=index))
        return found if len(found) > 1 else []

    def clauses(self, node: Node) -> list[Item]:
        """The clauses, each by its heading."""
        made = []
        for heading in self.headings:
            row = self._document.rows[heading.row]
            said: Said = {
                "number": heading.number,
                "heading": heading.words,
                "clause_type": _subject(heading.words),
            }
            place = (Line(text=row.text, box=row.box), heading.row)
            made.append(entry(node, said, place, self._document, "heading of a clause"))
        return [item for item in made if item]

    def parties(self, node: Node) -> list[Item]:
        """Those who agree: named before the clauses, each with the role the contract gives it."""
        start = next((found.end() for found in self._said("parties")), None)
        if start is None:
            return []
        stop = next(
            (found.start() for found in self._said("party_end") if found.start() > start), len(self._text)
        )
        made = []
        for role in _ROLE.finditer(self._text, start, stop):
            text = self._text[start : role.start()]
            found = self._at("", start, role.end(), "sentence")
            said = (self._block(start, role.start()) or _party(text)) | {"role": role["role"].strip()}
            made.append(entry(node, said, (found.line, found.row), self._document, "sentence"))
            start = role.end()
        return [item for item in made if item] if len(made) > 1 else []

    def _block(self, start: int, end: int) -> dict[str, str | int | bool | None]:
        """A party whose name has a line of its own, its address below; empty when it has not."""
        rows = [at for at, begin in enumerate(self._starts) if start <= begin < end]
        if not rows or self._text[start : self._starts[rows[0]]].strip():
            return {}
        lines = [self._document.rows[at].text for at in rows]
        lines = [line for line in lines if squeeze(line) not in _CONJUNCTIONS]
        if len(lines) < 2 or not is_name(lines[0]):  # noqa: PLR2004 - a name and an address
            return {}
        address = ", ".join(line.strip(" ,") for line in lines[1:])
        return {"name": lines[0].strip(" ,"), "address": address if re.search(r"\d", address) else None}


def _is_title(text: str) -> bool:
    """Whether a line is short and ends with a word for a contract, or with what such a word is joined to."""
    words = [squeeze(word) for word in text.split()]
    known = lexicon().words["contract"]
    said = any(word.endswith(tuple(known)) for word in words) and not any(map(str.isdigit, text))
    return said and len(words) <= 10 and not text.rstrip().endswith((".", ",", ":"))  # noqa: PLR2004 - words


def _is_short(cell: Line) -> bool:
    return len(cell.text.split()) <= 6  # noqa: PLR2004 - a town and a date


_ENDS_PLACE = re.compile(
    r"^[^\W\d][^\d;:]{1,30},\s*(?:(?:den|le|el|a|de)\s)?\s*$|^(?:date|datum|fecha)\s?:?\s*$", re.IGNORECASE
)
_CONJUNCTIONS = frozenset(["und", "and", "et", "en", "y", "e"])
_HEAD_ROWS = 12


def _party(text: str) -> dict[str, str | int | bool | None]:
    """Name, address and number of a party from the words before its role."""
    text = re.sub(r"^\W*(?:and|und|et|en|y|e)\s", "", text.strip(" ,;."), flags=re.IGNORECASE)
    text = re.sub(r"^\W*(?:\(?\d\)|\d\.)?\s*", "", text).strip(" -\u2013,")
    said: dict[str, str | int | bool | None] = {"name": _name(text)}
    for pattern in lexicon().sentences["office"]:
        if found := pattern.search(text):
            said["address"] = text[found.end() :].strip(" ,.")
            break
    for pattern in lexicon().sentences["company_number"]:
        if found := pattern.search(text):
            said["registration_number"] = found.group(1).strip()
    return said


def _name(text: str) -> str | None:
    """The name at the beginning: up to a comma, or to the words that say what the party is."""
    name = re.split(r",\s|\s\(|\s(?:a|an|ein|eine|une?|een|una)\s(?=[a-z])", text)[0].strip(" ,")
    return name if name and len(name.split()) <= 8 and any(map(str.isupper, name)) else None  # noqa: PLR2004 - words


def _subject(heading: str) -> str:
    """What a heading speaks of first, in the words of the lexicon; `other` when it says nothing known."""
    said = squeeze(heading)
    places = [
        (said.find(word), -len(word), about)
        for about, words in lexicon().clauses.items()
        for word in words
        if word in said
    ]
    return min(places)[2] if places else "other"
