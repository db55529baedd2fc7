"""Who is who on a page: the block below `Bill to`, the letterhead, the names with a legal form."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import median

from pipeline.local.document import Document
from pipeline.local.labels import Label
from pipeline.local.lexicon import squeeze
from pipeline.local.names import LEGAL_FORM, TOWN, is_name, is_title, name_part, postal_lines, segments
from pipeline.local.numbers import amounts
from pipeline.local.page import Line

_MOST_LINES = 7
_NAME_WORDS = 8


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
    if not is_name(line.text):
        return None
    return _party(document, lines, at, 0.9 * label.score, rule)


def _first_line(document: Document, label: Label, row: int) -> tuple[Line, int, str] | None:
    if label.rest is not None:
        return (label.rest, row, "label after") if is_name(label.rest.text) else None
    below = next(iter(_column_below(document, label.line, row)), None)
    if below and is_name(below[0].text):
        return (*below, "label below")
    cells = document.rows[row].cells
    right = cells[label.cell + 1] if label.cell + 1 < len(cells) else None
    taken = {other.cell for other in document.labels[row]}
    if right and label.cell + 1 not in taken and is_name(right.text):
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
        address=tuple(postal_lines(lines[1:])),
        lines=tuple(lines),
        page=document.rows[row].page,
        row=row,
        score=score * lines[0].score ** 0.5,
        rule=rule,
    )


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
    named = [(row, line)] + [(at, other) for at, other in free if _names(other.text, name_part(line).text)]
    fullest = max(named, key=lambda entry: _fullness(entry[1]))
    blocks = [_sender_block(document, at, other, taken) for at, other in [fullest, *named]]
    address = next((block for block in blocks if block), ())
    name = name_part(fullest[1])
    return Party(
        name=name,
        address=tuple(address),
        lines=(name, *address),
        page=document.rows[fullest[0]].page,
        row=fullest[0],
        score=min(0.9, 0.55 + 0.1 * score),
        rule="letterhead",
    )


def completed(party: Party, head: Party) -> Party:
    """The party with the letterhead's address where it has none of its own and both are the same."""
    same = _shares(party.name.text, head.name.text)
    return replace(party, address=head.address) if same and not party.address else party


def only_name(document: Document, head: Party, skipped: frozenset[int]) -> Party | None:
    """The one line at the head of the first page that looks like a name, besides the sender's."""
    top = _HEAD * document.pages[0].height
    names = [
        (row, line)
        for row, line in _free_cells(document, skipped)
        if line.box.centre_y < top and _looks_like_name(line.text) and not _shares(line.text, head.name.text)
    ]
    if len(names) != 1 or names[0][1] in head.lines:
        return None
    return _party(document, [names[0][1]], names[0][0], 0.6, "only name")


def _looks_like_name(text: str) -> bool:
    """Whether every word begins with a capital, and there are two to five of them and no digit."""
    words = text.split()
    written = all(word[0].isupper() for word in words) and not any(map(str.isdigit, text))
    return 2 <= len(words) <= 5 and written and is_name(text) and not is_title(text)  # noqa: PLR2004


def _names(text: str, name: str) -> bool:
    """Whether a line begins with the name: the sender's full name in a footer, or above the window."""
    return squeeze(text).startswith(squeeze(name)) and len(squeeze(name)) > 3  # noqa: PLR2004 - more than initials


def _shares(text: str, name: str) -> bool:
    """Whether one text is the beginning of the other: the sender's logo, or its line above the window."""
    one, two = squeeze(text), squeeze(name)
    return one.startswith(two) or two.startswith(one)


def _fullness(line: Line) -> int:
    """How much a spelling of a name tells: its legal form most, then that its address follows."""
    name = name_part(line).text
    if len(name.split()) > _NAME_WORDS:
        return 0
    addressed = name != line.text and bool(TOWN.search(line.text))
    return 2 * bool(LEGAL_FORM.search(name)) + addressed


def _sender_block(document: Document, row: int, line: Line, taken: frozenset[Line]) -> list[Line]:
    """The postal lines after the name in its own line, or below it."""
    parts = segments(line)
    if len(parts) > 1 and (inline := postal_lines(parts[1:])):
        return inline
    return postal_lines(_letter_lines(document, line, row, taken))


def below_return_line(document: Document, skipped: frozenset[int]) -> Party | None:
    """The party below the small line with name, street and town that shows in a window envelope."""
    for row, line in _free_cells(document, skipped):
        parts = segments(line)
        small = line.box.height < document.heights[0]
        if len(parts) < 3 or not small or not any(TOWN.search(part.text) for part in parts[1:]):  # noqa: PLR2004
            continue
        first = next(iter(_column_below(document, line, row)), None)
        if first and is_name(first[0].text) and not is_title(first[0].text):
            lines = [first[0], *_lines_below(document, *first)]
            if postal_lines(lines[1:]):
                return _party(document, lines, first[1], 0.85, "below return line")
    return None


def recipient(document: Document, sender: Party | None, skipped: frozenset[int]) -> Party | None:
    """The party in the address window: lines below each other, a town with its code among them, no label."""
    taken = frozenset(sender.lines) if sender else frozenset()
    for row, line in _free_cells(document, skipped):
        if document.rows[row].box.top > 0.45 * document.pages[0].height:
            return None
        if (
            line in taken
            or not is_name(line.text)
            or is_title(line.text)
            or (sender and _shares(line.text, sender.name.text))
        ):
            continue
        lines = [line, *_lines_below(document, line, row)]
        address = postal_lines(lines[1:])
        town = [index for index, part in enumerate(address) if TOWN.search(part.text)]
        if town and len(lines) >= 3 and not any(part in taken for part in lines):  # noqa: PLR2004
            return _party(document, lines, row, 0.75, "address window")
    return None


def _letter_lines(document: Document, name: Line, row: int, taken: frozenset[Line]) -> list[Line]:
    """Lines below the name, aligned with its left, its right or its middle."""
    lines: list[Line] = []
    above = name
    for index in range(row + 1, min(len(document.rows), row + 1 + 2 * _MOST_LINES)):
        if document.rows[index].page != document.rows[row].page:
            break
        reach = (1.5 if lines else 2.2) * document.heights[document.rows[index].page]
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
    text = name_part(line).text
    legal = 1.5 if LEGAL_FORM.search(text) else 0.0
    if (
        not is_name(text)
        or TOWN.match(text)
        or is_title(text)
        or sum(letter.isalpha() for letter in text) < 3  # noqa: PLR2004
    ):
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
