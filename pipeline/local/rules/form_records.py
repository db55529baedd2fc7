"""Lists that stand for the fields of a form: told by a label with a value, or with whether it is ticked."""

import re
from dataclasses import dataclass, replace

from pydantic import JsonValue

from pipeline.local.layout.cells import is_figures
from pipeline.local.layout.document import Document
from pipeline.local.layout.form_sections import headings_of, section_of
from pipeline.local.layout.layout import line_height
from pipeline.local.layout.pairs import pairs_of
from pipeline.local.layout.ticks import options, unticked
from pipeline.local.rules.casting import choice
from pipeline.local.rules.fields import Found
from pipeline.local.rules.items import Item
from pipeline.local.rules.naming import Wish
from pipeline.local.rules.schema import Kind, Node
from pipeline.local.rules.wishes import PAGE_KEY, spaced
from pipeline.local.seeing.page import Box, Line, Page
from pipeline.local.words import codes
from pipeline.local.words.dates import clock, dates_spans
from pipeline.local.words.lexicon import lexicon, squeeze
from pipeline.local.words.numbers import currencies

_NAMES = {
    "label": {"label", "field", "field label", "field name", "name", "key", "question", "prompt", "caption"},
    "value": {"value", "answer", "response", "content", "text", "field value", "entry", "filled value"},
    "checked": {"checked", "is checked", "selected", "is selected", "ticked", "is ticked", "marked"},
    "kind": {"kind", "type", "field type", "field kind", "data type"},
    "group": {"group", "question group", "belongs to", "parent", "parent label"},
    "section": {"section", "heading", "section title", "part", "section name"},
    "page": {PAGE_KEY, "page", "page number"},
}
_SCORES = {
    "box": 0.85,
    "line to write on": 0.8,
    "colon": 0.75,
    "blank": 0.75,
    "known label": 0.7,
    "rows of two": 0.65,
    "box to tick": 0.8,
}
_NUMBER = re.compile(
    r"\b(?:form(?:ular|blatt|ulaire|ulier|ulario)?|vordruck|modelo|cerfa)\s+(?:n[o\u00b0\u00ba]\.?\s*|nr\.?\s*)?"
    r"(?P<number>(?:[A-Z]{1,5}[- ]?)?\d[\w./-]*)",
    re.IGNORECASE,
)
_TIME = re.compile(r"\d{1,2}[:.h]\d{2}(?:\s?(?:[ap]m|uhr|h))?")
_DATE_CHARS = 25
"""Letters and digits that a date and nothing more has at most."""
_HEAD = 0.15
"""Share of the page at its head and foot where the number of a form stands."""
_SIGNED = ("signature", "signed", "unterschrift", "handtekening", "firma", "paraaf", "assinatura")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """A field of a form, as found."""

    label: str
    value: str | None
    kind: str
    checked: bool | None
    group: str | None
    box: Box
    left: float
    rule: str
    section: Line | None = None


def is_form(node: Node) -> bool:
    """Whether objects of a list have the shape of a form's fields: a label, with a value or a tick."""
    roles = {role: child for child in node.fields if (role := _role(child))}
    if node.kind is not Kind.RECORD or len(roles) < len([one for one in node.fields if not one.nullable]):
        return False
    named = "label" in roles and roles["label"].kind is Kind.TEXT
    valued = "value" in roles and roles["value"].kind is Kind.TEXT
    ticked = "checked" in roles and roles["checked"].kind is Kind.BOOLEAN
    return named and (valued or ticked) and len(roles) >= len(node.fields) - 1


def _role(node: Node) -> str:
    name = node.name if node.name == PAGE_KEY else spaced(node.name).lower()
    return next((role for role, names in _NAMES.items() if name in names), "")


def form_fields(node: Node, document: Document) -> list[Item]:
    """Every field of the pages in the shape of the node, in reading order."""
    return [_item(node, field, index) for index, page in enumerate(document.pages) for field in _fields(page)]


def _fields(page: Page) -> list[_Field]:
    clear = unticked(page)
    found = options(page, clear.lines)
    taken = {line for _, lines in found for line in lines}
    rest = Page(
        number=page.number,
        width=page.width,
        height=page.height,
        lines=tuple(line for line in clear.lines if line not in taken),
        drawn=page.drawn,
    )
    ticked = [
        _Field(
            label=one.label,
            value=None,
            kind="checkbox",
            checked=one.checked,
            group=one.group,
            box=one.box,
            left=one.left,
            rule="box to tick",
        )
        for one, _ in found
    ]
    groups = {one.group for one, _ in found}
    written = [
        _written(pair.label, pair.value, pair.box, pair.rule)
        for pair in pairs_of(rest)
        if pair.label not in groups
    ]
    every = [*ticked, *written]
    headings = [line for line in headings_of(page) if not any(_covers(one.box, line.box) for one in every)]
    placed = [replace(field, section=section_of(field.box, headings)) for field in every]
    return _in_order(placed, line_height(page))


def _covers(field: Box, line: Box) -> bool:
    return field.overlap_x(line) > 0.5 * line.width and field.overlap_y(line) > 0.5 * line.height


def _in_order(fields: list[_Field], height: float) -> list[_Field]:
    """The fields row by row, each row from left to right."""
    rows: list[list[_Field]] = []
    for field in sorted(fields, key=lambda field: field.box.centre_y):
        if rows and field.box.centre_y - rows[-1][0].box.centre_y < 0.7 * height:
            rows[-1].append(field)
        else:
            rows.append([field])
    return [field for row in rows for field in sorted(row, key=lambda field: field.left)]


def _written(label: str, value: str | None, box: Box, rule: str) -> _Field:
    if any(word in squeeze(label) for word in map(squeeze, _SIGNED)):
        signed = value is not None
        return _Field(
            label=label,
            value=None,
            kind="signature",
            checked=signed,
            group=None,
            box=box,
            left=box.left,
            rule=rule,
        )
    return _Field(
        label=label,
        value=value,
        kind=_kind(label, value),
        checked=None,
        group=None,
        box=box,
        left=box.left,
        rule=rule,
    )


def _kind(label: str, value: str | None) -> str:
    """What the field asks for: told by its value, else by what its label means."""
    said = squeeze(label)
    meant = {concept.kind for concept in lexicon().concepts.values() if said in concept.phrases}
    money = "money" in meant or bool(currencies([label]))
    if value is None:
        asked = [kind for kind in ("date", "email", "phone", "time") if kind in meant]
        return asked[0] if asked else "amount" if money else "text"
    return _kind_of_value(value.strip(), money=money)


def _kind_of_value(value: str, *, money: bool) -> str:
    forms = {
        "email": bool(codes.email(value)),
        "date": bool(dates_spans(value)) and len(value) < _DATE_CHARS,
        "time": bool(_TIME.fullmatch(value.lower()) and clock(value)),
        "amount": is_figures(value) and (money or bool(currencies([value]))),
        "phone": codes.phone(value) == value and value[0] in "+0(",
        "number": bool(re.fullmatch(r"[\d.,\s-]+", value)),
    }
    return next((kind for kind, fits in forms.items() if fits), "text")


def _item(node: Node, field: _Field, index: int) -> Item:
    line = Line(text=field.label, box=field.box)
    said: dict[str, JsonValue] = {
        "label": field.label,
        "value": field.value,
        "checked": field.checked,
        "group": field.group,
        "section": field.section.text.strip() if field.section else None,
    }
    values: dict[str, Found] = {}
    for child in node.fields:
        role = _role(child)
        value = _of_kind(child, field.kind) if role == "kind" else said.get(role)
        if value is not None:
            rule = {"kind": "kind of field", "section": "heading above"}.get(role, field.rule)
            place = field.section if role == "section" and field.section else line
            score = _SCORES[field.rule]
            values[child.name] = Found(value=value, score=score, line=place, page=index, rule=rule, row=0)
    return Item(page=index, values=values)


def _of_kind(node: Node, kind: str) -> JsonValue:
    """The kind in the schema's own words."""
    return choice(kind, node) if node.kind is Kind.CHOICE else kind


def form_number(document: Document, _wish: Wish) -> Found | None:
    """The number of the form itself, where a word for form stands before it in the head or at the foot."""
    for index, row in enumerate(document.rows):
        place = row.box.centre_y / document.pages[row.page].height
        for cell in row.cells if place < _HEAD or place > 1 - _HEAD else ():
            if found := _NUMBER.search(cell.text):
                line = cell.part(*found.span("number"))
                return Found(
                    value=line.text, score=0.7, line=line, page=row.page, rule="number of a form", row=index
                )
    return None
