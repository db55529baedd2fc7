"""Entries of lists that no table holds: what sentences, sections and blocks say, in the schema's fields."""

from collections.abc import Mapping
from decimal import Decimal

from pydantic import JsonValue

from pipeline.local.layout.document import Document
from pipeline.local.rules.casting import as_number, choice
from pipeline.local.rules.fields import Found
from pipeline.local.rules.items import Item
from pipeline.local.rules.schema import Kind, Node
from pipeline.local.rules.wishes import spaced
from pipeline.local.seeing.page import Line
from pipeline.local.words.lexicon import lexicon, squeeze

Said = Mapping[str, str | int | bool | Decimal | None]
_SCORE = 0.75
_NUMBERS = (Kind.NUMBER, Kind.INTEGER, Kind.DECIMAL_TEXT)


def section_of(node: Node) -> str:
    """The kind of section that a list of the schema is about, as the lexicon calls it; empty when unknown."""
    key = lexicon().field_names.get(squeeze(spaced(node.name)), "")
    return key if key and lexicon().concepts[key].kind == "section" else ""


def entry(node: Node, said: Said, place: tuple[Line, int], document: Document, rule: str) -> Item | None:
    """One entry of a list with the parts of it that the schema asks for; None when it asks for none of them.

    Args:
        node: The list.
        said: What was read, by the name the lexicon has for the part.
        place: The text it was read from, and its row.
        document: The document.
        rule: How it was found.
    """
    line, row = place
    page = document.rows[row].page
    values = {}
    for field in node.element.fields if node.element else ():
        value = _fitted(said.get(lexicon().parts.get(squeeze(spaced(field.name)), "")), field)
        if value is not None:
            values[field.name] = Found(value=value, score=_SCORE, line=line, page=page, rule=rule, row=row)
    return Item(page=page, values=values) if values else None


def _fitted(value: str | int | bool | Decimal | None, field: Node) -> JsonValue:
    """The value in the type of a field; None when it does not fit."""
    if value is None or value == "":
        return None
    if field.kind is Kind.CHOICE:
        return choice(str(value), field)
    if field.kind in _NUMBERS and not isinstance(value, str | bool):
        return as_number(Decimal(value), field)
    if field.kind is Kind.TEXT:
        return str(value)
    fitted = None if isinstance(value, Decimal) else value
    return fitted if field.accepts(fitted) else None
