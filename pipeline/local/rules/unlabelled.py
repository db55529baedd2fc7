"""What can be told without a label: by its form, by its sentence, by its place, or from the whole text."""

from itertools import islice

from pydantic import JsonValue

from pipeline.local.layout.blocks import column_below
from pipeline.local.layout.document import Document
from pipeline.local.layout.layout import around
from pipeline.local.layout.markdown import page_markdown
from pipeline.local.layout.text import page_text, title_of
from pipeline.local.rules import sentences
from pipeline.local.rules.casting import cast, choice
from pipeline.local.rules.fields import Found
from pipeline.local.rules.form_records import form_number
from pipeline.local.rules.kinds import is_sorting, sorted_kind
from pipeline.local.rules.naming import LANGUAGE_NAMES, TEXT_NAMES, TITLE_NAMES, Wish
from pipeline.local.rules.paying import amount_paid, card_digits, payment_method
from pipeline.local.rules.schema import Kind
from pipeline.local.seeing.marks import has_marks, options
from pipeline.local.seeing.page import Line
from pipeline.local.words.numbers import currencies


def unlabelled(document: Document, wish: Wish, key: str) -> Found | None:
    """The value of a wish that no label names, where there is a rule for its concept or its name."""
    if wish.node.kind is Kind.CHOICE and (found := ticked(document, wish)):
        return found
    rule = _UNLABELLED.get(key) or _BY_NAME.get(wish.node.name.lower())
    return rule(document, wish) if rule else None


def ticked(document: Document, wish: Wish) -> Found | None:
    """The ticked square of a row that lists several of the choices."""
    for index, row in enumerate(document.rows):
        said = (
            [(choice(words, wish.node), ticked) for words, ticked in options(row.text)]
            if has_marks(row.text)
            else []
        )
        known = [value for value, _ in said if value is not None]
        chosen = [value for value, ticked in said if ticked and value is not None]
        if len(known) > 1 and len(chosen) == 1:
            line = Line(text=row.text, box=row.box)
            return Found(value=chosen[0], score=0.8, line=line, page=row.page, rule="ticked", row=index)
    return None


def day_of_letter(document: Document, wish: Wish) -> Found | None:
    """The date beside the place in a letter's head, or the one date of the first page."""
    if found := sentences.place_and_date(document):
        return _on_day(document, wish, found, rule="place and date")
    every = [one for one in sentences.dated(document) if not _is_of_other(document, wish, one.row)]
    alone = len({one.day for one in every}) == 1
    return _on_day(document, wish, every[0], rule="only date") if alone else None


def _is_of_other(document: Document, wish: Wish, row: int) -> bool:
    """Whether a label in the row says that its date is another one, such as that of a birth."""
    own = {wish.concept.key, *wish.concept.also} if wish.concept else set()
    said = {concept for label in document.labels.get(row, []) for concept in label.concepts}
    return any(document.kinds.get(concept) == "date" for concept in said - own)


def deadline(document: Document, wish: Wish) -> Found | None:
    """The day by which a sentence asks to pay."""
    found = sentences.deadline(document)
    return _on_day(document, wish, found, rule="sentence") if found else None


def _on_day(document: Document, wish: Wish, found: sentences.Dated, *, rule: str) -> Found:
    value = cast(found.day.isoformat(), wish.node, "date", document.style)
    page = document.rows[found.row].page
    score = _DAY_SCORES[rule]
    return Found(value=value, score=score, line=found.line, page=page, rule=rule, row=found.row)


def only_one(document: Document, wish: Wish) -> Found | None:
    """The first text of a form that nothing else has, such as an IBAN or a time of day."""
    for index, row in enumerate(document.rows):
        for cell in row.cells:
            if value := cast(cell.text, wish.node, wish.kind, document.style):
                return Found(value=value, score=0.7, line=cell, page=row.page, rule="form", row=index)
    return None


def only_iban(document: Document, wish: Wish) -> Found | None:
    """The first IBAN, be it in one line or over up to three that stand below each other."""
    for index, row in enumerate(document.rows):
        for cell in row.cells:
            below = [line for line, _ in islice(column_below(document, cell, index), 2)]
            for count in range(len(below) + 1):
                lines = [cell, *below[:count]]
                if value := _joined_iban([line.text for line in lines], wish, document):
                    whole = Line(text=" ".join(line.text for line in lines), box=around(lines))
                    return Found(value=value, score=0.7, line=whole, page=row.page, rule="form", row=index)
    return None


def _joined_iban(texts: list[str], wish: Wish, document: Document) -> JsonValue:
    """The IBAN in lines put together with blanks, else without."""
    return cast(" ".join(texts), wish.node, wish.kind, document.style) or cast(
        "".join(texts), wish.node, wish.kind, document.style
    )


def currency(document: Document, wish: Wish) -> Found | None:
    """The currency written most often."""
    if not (code := document.currency):
        return None
    value = choice(code, wish.node) if wish.node.kind is Kind.CHOICE else code
    cells = ((index, row.page, cell) for index, row in enumerate(document.rows) for cell in row.cells)
    first = next(
        ((index, page, cell) for index, page, cell in cells if code in currencies([cell.text])), None
    )
    if not value or first is None:
        return None
    row, page, cell = first
    return Found(value=value, score=0.8, line=cell, page=page, rule="currency sign", row=row)


def kind_of_document(document: Document, wish: Wish) -> Found | None:
    """What the document calls itself, among the listed kinds; of many kinds, that which most speaks for."""
    if is_sorting(wish.node):
        return sorted_kind(document, wish)
    if wish.node.kind is not Kind.CHOICE:
        return None
    for index, row in enumerate(document.rows[:25]):
        for cell in row.cells:
            for words in (cell.text, *_beginnings(cell.text)):
                if value := choice(words, wish.node):
                    return Found(value=value, score=0.8, line=cell, page=row.page, rule="title", row=index)
    return None


def whole_text(document: Document, wish: Wish) -> Found | None:
    """All text of the pages, as Markdown where the schema speaks of it."""
    wanted = f"{wish.node.name} {wish.node.title} {wish.node.description}".lower()
    write = page_markdown if "markdown" in wanted else page_text
    text = "\n\n".join(filter(None, map(write, document.pages)))
    rows = document.rows
    if not rows:
        return None
    line = Line(text=text, box=around(line for line in document.pages[rows[0].page].lines))
    return Found(value=text, score=0.9, line=line, page=rows[0].page, rule="page text", row=0)


def title(document: Document, _wish: Wish) -> Found | None:
    """The heading of the first page."""
    line = title_of(document.pages[0])
    return Found(value=line.text, score=0.7, line=line, page=0, rule="largest line", row=0) if line else None


def language(document: Document, _wish: Wish) -> Found | None:
    """The language of the text."""
    code, rows = document.language, document.rows
    if not code or not rows:
        return None
    line = Line(text=code, box=around(line for line in document.pages[rows[0].page].lines))
    return Found(value=code, score=0.8, line=line, page=rows[0].page, rule="language", row=0)


def page_count(document: Document, wish: Wish) -> Found | None:
    """How many pages the document has, as the request says, else as many as it sent."""
    rows = document.rows
    if wish.node.kind is not Kind.INTEGER or not rows:
        return None
    line = rows[0].cells[0]
    return Found(value=document.page_count, score=0.95, line=line, page=rows[0].page, rule="pages", row=0)


def _beginnings(text: str) -> list[str]:
    words = text.split()
    return [" ".join(words[:count]) for count in (3, 2, 1) if len(words) > count]


_DAY_SCORES = {"place and date": 0.75, "sentence": 0.7, "only date": 0.6}
_UNLABELLED = {
    "invoice_date": day_of_letter,
    "placed_date": day_of_letter,
    "statement_date": day_of_letter,
    "due_date": deadline,
    "card_digits": card_digits,
    "iban": only_iban,
    "time": only_one,
    "email": only_one,
    "website": only_one,
    "currency": currency,
    "document_kind": kind_of_document,
    "payment_method": payment_method,
    "tendered": amount_paid,
}
_BY_NAME = {
    **dict.fromkeys(TEXT_NAMES, whole_text),
    **dict.fromkeys(TITLE_NAMES, title),
    **dict.fromkeys(LANGUAGE_NAMES, language),
    **dict.fromkeys(["page_count", "pages_count", "number_of_pages", "num_pages", "n_pages"], page_count),
    **dict.fromkeys(["form_number", "form_no", "form_code", "form_id"], form_number),
}
