"""Identity documents: machine readable zones, the numbered fields and the table of driving licences."""

import re
from collections.abc import Iterator
from dataclasses import replace

from pydantic import JsonValue
from rapidfuzz import fuzz

from pipeline.local.layout.document import Document
from pipeline.local.layout.layout import around
from pipeline.local.rules.casting import cast, choice
from pipeline.local.rules.entries import entry
from pipeline.local.rules.fields import Found
from pipeline.local.rules.items import Item
from pipeline.local.rules.naming import Wish
from pipeline.local.rules.schema import Kind, Node
from pipeline.local.rules.zone_lines import ZoneFound, zone_of
from pipeline.local.seeing.page import Line
from pipeline.local.words.dates import dates, dates_spans
from pipeline.local.words.lexicon import squeeze

_ZONE = "machine readable zone"
_FIELD = "numbered field"
_BY_FIELDS = "has numbered fields"
_SCORES = {_ZONE: 0.97, _FIELD: 0.85, _BY_FIELDS: 0.85}
_ALIKE = 75
"""Per cent of letters that a printed name shares with its spelling in the zone, where ä may be ae."""
_FIELDS = re.compile(
    r"(?<![\w.])(?:(4\s?[abcd])[.)]?\s*(?=\w)|([1-3589])[.)](?=\s|[^\W\d])\s*|(3)[.)]\s?(?=\d\d[.\s/-]))",
    re.IGNORECASE,
)
"""Numbers of the fields of a licence (Directive 2006/126/EC, annex I; ISO/IEC 18013-1, annex A)."""
_NUMBERED = {
    "surname": "1",
    "given_names": "2",
    "date_of_birth": "3",
    "place_of_birth": "3",
    "issue_day": "4a",
    "expiry_day": "4b",
    "issuing_authority": "4c",
    "personal_number": "4d",
    "identity_number": "5",
    "home_address": "8",
}
_KINDS = {"P": "passport", "V": "visa", "I": "identity_card", "A": "identity_card", "C": "identity_card"}


class Identity:
    """What is known of a document's holder from its zone and from its numbered fields."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._zone = zone_of(document)
        self._fields = {} if self._zone else _numbered(document)

    def found(self, wish: Wish, labelled: list[Found]) -> list[Found]:
        """What stands in the zone or in a numbered field for a wish, else what its labels found."""
        key = wish.concept.key if wish.concept else ""
        if key == "document_kind":
            return self._kind(wish) or labelled
        if self._zone and (value := self._in_zone(self._zone, key, labelled)) is not None:
            return [self._at(value, wish, (self._zone.line, self._zone.row), _ZONE)]
        if key in _NUMBERED and (field := self._fields.get(_NUMBERED[key])):
            text = self._of_field(key, field[0].text)
            value = cast(text, wish.node, wish.kind, self._document.style) if text else None
            return [] if value is None else [self._at(value, wish, field, _FIELD)]
        if key == "home_address":
            return [_with_lines_below(found, self._document) for found in labelled]
        return labelled

    def _at(self, value: JsonValue, wish: Wish, place: tuple[Line, int], rule: str) -> Found:
        line, row = place
        if wish.node.kind is Kind.CHOICE and isinstance(value, str):
            value = choice(value, wish.node)
        page = self._document.rows[row].page
        return Found(value=value, score=_SCORES[rule], line=line, page=page, rule=rule, row=row)

    def _kind(self, wish: Wish) -> list[Found]:
        if self._zone:
            said = _KINDS.get(self._zone.zone.document_code[:1])
            value = choice(said, wish.node) if said else None
            if value is not None:
                return [self._at(value, wish, (self._zone.line, self._zone.row), _ZONE)]
        if self._fields and (value := choice("driving_licence", wish.node)) is not None:
            return [self._at(value, wish, self._fields["1"], _BY_FIELDS)]
        return []

    def _in_zone(self, found: ZoneFound, key: str, labelled: list[Found]) -> JsonValue:
        zone = found.zone
        if key in ("surname", "given_names"):
            return _as_printed(getattr(zone, key), labelled)
        if key == "date_of_birth":
            return _printed_day(zone.dates_of_birth, self._document)
        if key == "expiry_day":
            return zone.date_of_expiry.isoformat() if zone.date_of_expiry else None
        if key == "sex":
            return {"F": "F", "M": "M", "<": "X", "X": "X"}.get(zone.sex)
        simple = {
            "identity_number": zone.document_number,
            "issuing_country": _state(zone.issuing_state),
            "nationality": _state(zone.nationality),
            "machine_zone": "; ".join(found.lines),
        }
        return simple.get(key) or None

    def _of_field(self, key: str, text: str) -> str:
        """The part of a field that is meant: the third holds the date and the place of birth."""
        if key == "place_of_birth":
            spans = dates(text, self._document.style)
            return text[spans[0][2] :].strip(" ,.") if spans else ""
        return text


def _with_lines_below(found: Found, document: Document) -> Found:
    """An address with the lines that stand close below its first and begin where that does."""
    lines = [found.line]
    for index in range(found.row + 1, min(len(document.rows), found.row + 4)):
        labelled = {label.cell for label in document.labels.get(index, [])}
        under = [
            cell
            for place, cell in enumerate(document.rows[index].cells)
            if place not in labelled and _is_next(lines[-1], cell) and document.rows[index].page == found.page
        ]
        if not under:
            break
        lines.append(under[0])
    return replace(
        found,
        value=", ".join(line.text.strip(" ,") for line in lines),
        line=Line(text=found.line.text, box=around(lines)),
    )


def _is_next(above: Line, line: Line) -> bool:
    height = min(above.box.height, line.box.height)
    near = line.box.top - above.box.bottom < 0.9 * height
    return near and abs(line.box.left - above.box.left) < height and not dates_spans(line.text)


def _state(code: str) -> str:
    """ISO 3166-1 alpha-3 of a state in a zone: Germany alone has one letter there (part 3, section 5)."""
    return "DEU" if code == "D" else code


def _as_printed(name: str, labelled: list[Found]) -> str | None:
    """The name in the spelling beside its label, when that is the same name; else as in the zone."""
    for found in labelled[:1]:
        if isinstance(found.value, str) and fuzz.ratio(squeeze(found.value), squeeze(name)) >= _ALIKE:
            return found.value
    return name or None


def _printed_day(days: tuple[object, ...], document: Document) -> str | None:
    """The one day of those the zone may mean, or the one that the page prints."""
    if len(days) > 1:
        printed = {day for text in document.texts for day, _, _ in dates(text, document.style)}
        days = tuple(day for day in days if day in printed)
    return str(days[0]) if len(days) == 1 else None


def _numbered(document: Document) -> dict[str, tuple[Line, int]]:
    """The numbered fields of a driving licence by their number; empty when this is none."""
    found: dict[str, tuple[Line, int]] = {}
    for row, number, line in _all_fields(document):
        found.setdefault(number, (line, row))
    return found if {"1", "2", "3", "4a", "4b"} <= found.keys() else {}


def _all_fields(document: Document) -> Iterator[tuple[int, str, Line]]:
    for index, row in enumerate(document.rows):
        cells = list(row.cells)
        for place, cell in enumerate(cells):
            marks = list(_FIELDS.finditer(f"{cell.text} "))
            for at, mark in enumerate(marks):
                number = re.sub(r"\s", "", next(filter(None, mark.groups()))).lower()
                stop = marks[at + 1].start() if at + 1 < len(marks) else len(cell.text)
                line = cell.part(mark.end(), stop)
                if line.text:
                    yield index, number, line
            alone = re.fullmatch(r"(4\s?[abcd]|[1-3589])[.)]?", cell.text.strip(), re.IGNORECASE)
            if (
                alone
                and place + 1 < len(cells)
                and not re.fullmatch(r"\d{1,2}[a-d]?[.)]?", cells[place + 1].text)
            ):
                yield index, re.sub(r"\s", "", alone.group(1)).lower(), cells[place + 1]


_CATEGORY = re.compile(r"AM|A[12]?|B(?:1|\+?E|96)?|C1?\+?E?|D1?\+?E?|[FGHKLMQTW]|P|[fklnpq]")
"""Categories of Directive 2006/126/EC and national ones of its states."""


def vehicle_categories(node: Node, document: Document) -> list[Item]:
    """The table of a licence: rows of a category, its first and its last day, and codes."""
    items: list[Item] = []
    for index, row in enumerate(document.rows):
        first, *rest = row.cells
        days = [day for cell in rest for day, _, _ in dates(cell.text, document.style)]
        if not _CATEGORY.fullmatch(first.text.strip()) or len(days) != 2:  # noqa: PLR2004 - from and until
            continue
        codes = [cell.text for cell in rest if not dates_spans(cell.text) and cell.text[0].isdigit()]
        said = {
            "category": first.text.strip(),
            "valid_from": days[0].isoformat(),
            "valid_until": days[1].isoformat(),
            "restrictions": ", ".join(codes),
        }
        if made := entry(
            node, said, (Line(text=row.text, box=row.box), index), document, "row of a category"
        ):
            items.append(made)
    return items
