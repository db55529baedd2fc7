"""Who is who on a page: the block below `Bill to`, the letterhead, the names with a legal form."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from pipeline.local import codes
from pipeline.local.dates import dates_spans
from pipeline.local.document import Document
from pipeline.local.labels import Label
from pipeline.local.lexicon import lexicon, squeeze
from pipeline.local.numbers import amounts
from pipeline.local.page import Line

LEGAL_FORM = re.compile(
    r"(?<![\w])(?:GmbH(?:\s?&\s?Co\.?\s?KG)?|mbH|AG|KG|OHG|e\.\s?K\.?|UG|GbR|KGaA|SE|e\.V\.|Ltd\.?|Limited|LLC|L\.L\.C\.|LLP|Inc\.?"
    r"|Corp\.?|Corporation|PLC|Plc|plc|S\.?A\.?R\.?L\.?|S\.?A\.?S\.?U?|SARL|EURL|SNC|S\.?A\.?|S\.\s?L\.?(?:\s?U\.?)?|SL|SLU|S\.L\.U\.?"
    r"|B\.?V\.?|N\.?V\.?|V\.?O\.?F\.?|S\.?r\.?l\.?|S\.?p\.?A\.?|Lda\.?|Pty|AB|Oy|ApS|A/S|Sàrl|S\.?C\.?)(?![\w])"
)
_TITLE_KINDS = (
    "invoice",
    "credit_note",
    "receipt",
    "bank_statement",
    "proforma",
    "prepayment",
    "correction",
    "quote",
)
_MOST_LINES = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A name and what stands below it.

    Attributes:
        name: Line of the name.
        address: Lines of the postal address.
        lines: All lines of its block, for numbers that stand in it.
        page: Index of the page.
        row: Index of the name's row.
        score: Confidence, 0 to 1.
        rule: How it was found.
    """

    name: Line
    address: tuple[Line, ...]
    lines: tuple[Line, ...]
    page: int
    row: int
    score: float
    rule: str


def labelled(document: Document, concept: str, skipped: frozenset[int]) -> Party | None:
    """The party below, after or right of the first label that means the concept."""
    for row, labels in document.labels.items():
        for label in labels:
            if concept in label.concepts and row not in skipped and (found := _block(document, label, row)):
                return found
    return None


def _block(document: Document, label: Label, row: int) -> Party | None:
    first = _first_line(document, label, row)
    if first is None:
        return None
    line, at, rule = first
    lines = [line, *_lines_below(document, line, at)]
    if not _is_name(line.text):
        return None
    return _party(document, lines, at, 0.9 * label.score, rule)


def _first_line(document: Document, label: Label, row: int) -> tuple[Line, int, str] | None:
    if label.rest is not None:
        return (label.rest, row, "label after") if _is_name(label.rest.text) else None
    below = next(iter(_column_below(document, label.line, row)), None)
    if below and _is_name(below[0].text):
        return (*below, "label below")
    cells = document.rows[row].cells
    right = cells[label.cell + 1] if label.cell + 1 < len(cells) else None
    taken = {other.cell for other in document.labels[row]}
    if right and label.cell + 1 not in taken and _is_name(right.text):
        return right, row, "label right"
    return None


def _lines_below(document: Document, first: Line, row: int) -> list[Line]:
    lines: list[Line] = []
    above = first
    for line, _ in _column_below(document, first, row):
        if (
            line.box.top - above.box.bottom > 0.9 * max(above.box.height, line.box.height)
            or len(lines) >= _MOST_LINES
        ):
            break
        lines.append(line)
        above = line
    return lines


def _column_below(document: Document, first: Line, row: int) -> Iterator[tuple[Line, int]]:
    """Cells below a line that start where it starts, with the index of their rows, up to the next label."""
    page, above = document.rows[row].page, first
    for index in range(row + 1, len(document.rows)):
        if (
            document.rows[index].page != page
            or document.rows[index].box.top - above.box.bottom > 2 * document.heights[page]
        ):
            return
        labels = {label.cell for label in document.labels.get(index, []) if not _is_contact(label)}
        for place, cell in enumerate(document.rows[index].cells):
            if abs(cell.box.left - first.box.left) < 1.2 * document.heights[page]:
                if place in labels:
                    return
                yield cell, index
                above = cell
                break


def _is_contact(label: Label) -> bool:
    return bool(
        label.concepts
        & {"email", "phone", "website", "vendor_tax_id", "customer_tax_id", "registration_number"}
    )


def _party(document: Document, lines: list[Line], row: int, score: float, rule: str) -> Party:
    return Party(
        name=lines[0],
        address=tuple(_address(lines[1:])),
        lines=tuple(lines),
        page=document.rows[row].page,
        row=row,
        score=score * lines[0].score ** 0.5,
        rule=rule,
    )


def _address(lines: list[Line]) -> list[Line]:
    """The postal lines among those below a name: from the first with a digit or before it, to a line of another sort."""
    address: list[Line] = []
    for line in lines:
        if is_contact_line(line.text):
            break
        if address and line.box.top - address[-1].box.bottom > 0.9 * line.box.height:
            break
        address.append(line)
    while address and not _may_be_postal(address[0].text):
        address.pop(0)
    return address if any(letter.isdigit() for line in address for letter in line.text) else []


def _may_be_postal(text: str) -> bool:
    """Whether it is no slogan: those shout, name a year, or run on."""
    digits = any(letter.isdigit() for letter in text)
    if _SINCE.search(text) or (not digits and (text.isupper() or "·" in text or "&" in text)):
        return False
    return digits or len(text.split()) <= 5  # noqa: PLR2004 - words of a building's or a street's name


_SINCE = re.compile(
    r"\b(?:since|seit|depuis|desde|sinds|est\.?|dal|anno)\s+(?:1[5-9]|20)\d\d\b", re.IGNORECASE
)


def is_contact_line(text: str) -> bool:
    """Whether the line tells how to reach or register somebody rather than where the post goes."""
    if codes.email(text) or codes.url(text) or codes.iban(text) or dates_spans(text):
        return True
    if re.match(r"\s*(?:\+|\(\d|CHE-)", text):
        return True
    tag = re.match(r"\s*([^\W\d_][\w.\s-]{0,24}?)\s?[:.]?\s*\+?\(?[\dA-Z]*\d", text)
    return bool(tag and squeeze(tag.group(1)) in _contact_words())


def _contact_words() -> frozenset[str]:
    known = lexicon().concepts
    keys = (
        "phone",
        "email",
        "website",
        "vendor_tax_id",
        "customer_tax_id",
        "registration_number",
        "iban",
        "bic",
        "account_number",
    )
    return frozenset(phrase for key in keys for phrase in known[key].phrases)


def _is_name(text: str) -> bool:
    letters = sum(letter.isalpha() for letter in text)
    if letters < 2 or letters < 0.5 * len(text.replace(" ", "")) or len(text.split()) > 9:  # noqa: PLR2004
        return False
    return not (codes.email(text) or codes.url(text) or dates_spans(text))


def letterhead(document: Document, taken: frozenset[Line], skipped: frozenset[int]) -> Party | None:
    """Who sends the document: the best name at the top of its first page, or with a legal form at its foot.

    Args:
        document: The document.
        taken: Lines that belong to another party.
        skipped: Rows that belong to tables.
    """
    free = [(row, line) for row, line in _free_cells(document, skipped) if line not in taken]
    scored = [(_sender_score(document, line), row, line) for row, line in free]
    score, row, line = max(scored, key=lambda entry: entry[0], default=(0.0, 0, None))
    if line is None or score < 1:
        return None
    named = [(row, line)] + [(at, other) for at, other in free if _names(other.text, _segment(line).text)]
    fullest = max(named, key=lambda entry: _fullness(_segment(entry[1]).text))
    blocks = [_sender_block(document, at, other, taken) for at, other in [fullest, *named]]
    address = next((block for block in blocks if block), ())
    name = _segment(fullest[1])
    return Party(
        name=name,
        address=tuple(address),
        lines=(name, *address),
        page=document.rows[fullest[0]].page,
        row=fullest[0],
        score=min(0.9, 0.55 + 0.1 * score),
        rule="letterhead",
    )


def _names(text: str, name: str) -> bool:
    """Whether a line begins with the name: the sender's full name in a footer, or above the window."""
    return squeeze(text).startswith(squeeze(name)) and len(squeeze(name)) > 3  # noqa: PLR2004 - more than initials


def _shares(text: str, name: str) -> bool:
    """Whether one of two texts is the beginning of the other: the sender's logo, or its line above the window."""
    one, two = squeeze(text), squeeze(name)
    return one.startswith(two) or two.startswith(one)


def _fullness(name: str) -> tuple[bool, int]:
    """Of two spellings of a name the one with its legal form is fuller, then the one in mixed case."""
    return bool(LEGAL_FORM.search(name)) and len(name.split()) <= 8, 0  # noqa: PLR2004 - no sentence


def _sender_block(document: Document, row: int, line: Line, taken: frozenset[Line]) -> list[Line]:
    """The postal lines after the name in its own line, or below it."""
    parts = _segments(line)
    if len(parts) > 1 and (inline := _address(parts[1:])):
        return inline
    return _address(_letter_lines(document, line, row, taken))


def recipient(document: Document, sender: Party | None, skipped: frozenset[int]) -> Party | None:
    """The party in the address window: lines below each other, a town with its code among them, no label."""
    taken = frozenset(sender.lines) if sender else frozenset()
    for row, line in _free_cells(document, skipped):
        if document.rows[row].box.top > 0.45 * document.pages[0].height:
            return None
        if (
            line in taken
            or not _is_name(line.text)
            or _is_title(line.text)
            or (sender and _shares(line.text, sender.name.text))
        ):
            continue
        lines = [line, *_lines_below(document, line, row)]
        address = _address(lines[1:])
        town = [index for index, part in enumerate(address) if _TOWN.search(part.text)]
        if town and len(lines) >= 3 and not any(part in taken for part in lines):  # noqa: PLR2004
            return _party(document, lines, row, 0.75, "address window")
    return None


_TOWN = re.compile(
    r"(?:^|[\s,])(?:[A-Z]{1,2}-)?\d{4,5}\s?(?:[A-Z]{2}\s)?\s*[A-ZÀ-Ý][^\W\d]+|[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}\b|\b[A-Z]{2}\s\d{5}\b"
)


def _letter_lines(document: Document, name: Line, row: int, taken: frozenset[Line]) -> list[Line]:
    """Lines below the name, aligned with its left, its right or its middle."""
    lines: list[Line] = []
    above = name
    for index in range(row + 1, min(len(document.rows), row + 1 + 2 * _MOST_LINES)):
        if document.rows[index].page != document.rows[row].page:
            break
        reach = 1.5 * document.heights[document.rows[index].page]
        if document.rows[index].box.top - above.box.bottom > reach or len(lines) >= _MOST_LINES:
            break
        under = [cell for cell in document.rows[index].cells if _aligned(name, cell) and cell not in taken]
        if under:
            lines.append(under[0])
            above = under[0]
    return lines


def _aligned(name: Line, cell: Line) -> bool:
    near = min(name.box.height, 1.5 * cell.box.height)
    edges = (
        name.box.left - cell.box.left,
        name.box.right - cell.box.right,
        name.box.centre_x - cell.box.centre_x,
    )
    return min(map(abs, edges)) < near


def _free_cells(document: Document, skipped: frozenset[int]) -> Iterator[tuple[int, Line]]:
    """Cells of the first page that are no labels, with the index of their rows."""
    for index, row in enumerate(document.rows):
        if row.page == 0 and index not in skipped:
            labels = {label.cell for label in document.labels.get(index, []) if not _is_contact(label)}
            yield from ((index, cell) for place, cell in enumerate(row.cells) if place not in labels)


def _sender_score(document: Document, line: Line) -> float:
    text = _segment(line).text
    legal = 1.5 if LEGAL_FORM.search(text) else 0.0
    if not _is_name(text) or _is_title(text) or sum(letter.isalpha() for letter in text) < 3:  # noqa: PLR2004
        return 0.0
    if not legal and amounts(text, document.style):
        return 0.0
    heights = [cell.box.height for row in document.rows if row.page == 0 for cell in row.cells]
    boxes = [row.box for row in document.rows if row.page == 0]
    top, bottom = min(box.top for box in boxes), max(box.bottom for box in boxes)
    depth = (line.box.centre_y - top) / max(1.0, bottom - top)
    large = min(1.5, max(0.0, line.box.height / median(heights) - 1) * 3)
    if depth > _HEAD:  # below the head of a letter only a legal form at the foot tells
        return legal if depth > _FOOT else 0.0
    return legal + large + 1.2 * (_HEAD - depth) / _HEAD


_HEAD = 0.3
_FOOT = 0.85


def _is_title(text: str) -> bool:
    said = squeeze(text)
    if any(said in lexicon().values[key] for key in _TITLE_KINDS):
        return True
    titles = lexicon().concepts["document_title"].phrases
    return any(said.startswith(phrase) and len(phrase) > 5 for phrase in titles)  # noqa: PLR2004


_BETWEEN = re.compile(r"\s*[·•|∙]\s*|\s+[-–—.]\s+|,\s+")


def _segments(line: Line) -> list[Line]:
    starts = [0, *(found.end() for found in _BETWEEN.finditer(line.text))]
    ends = [*(found.start() for found in _BETWEEN.finditer(line.text)), len(line.text)]
    return [line.part(start, end) for start, end in zip(starts, ends, strict=True)]


def _segment(line: Line) -> Line:
    """The name in a line that goes on with an address: `Muster GmbH · Hauptstr. 1 · 10115 Berlin`."""
    parts = _segments(line)
    return (
        parts[0]
        if len(parts) > 1 and any(letter.isdigit() for letter in line.text) and parts[0].text
        else line
    )
