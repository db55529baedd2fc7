"""Who sends a document that does not say so: its letterhead, and the names with a legal form at its foot."""

from dataclasses import replace
from statistics import median

from pipeline.local.layout.blocks import free_cells, letter_lines
from pipeline.local.layout.document import Document
from pipeline.local.layout.layout import around
from pipeline.local.layout.names import (
    LEGAL_FORM,
    TOWN,
    is_contact_line,
    is_name,
    is_title,
    name_part,
    postal_lines,
    segments,
    whole_name,
)
from pipeline.local.rules.parties import Party, shares
from pipeline.local.seeing.page import Line
from pipeline.local.words.lexicon import squeeze
from pipeline.local.words.numbers import amounts, is_figure

HEAD = 0.3
"""Share of the first page in which a letterhead stands."""
_FOOT = 0.85
_NAME_WORDS = 8
_SIGN_LINES = 3
"""Lines that tell a name over two lines: those, and the one below, which is set otherwise."""


def letterhead(document: Document, taken: frozenset[Line], skipped: frozenset[int]) -> Party | None:
    """Who sends the document: the best name at the top of its first page, or with a legal form at its foot.

    Args:
        document: The document.
        taken: Lines that belong to another party.
        skipped: Rows that belong to tables.
    """
    free, tails = _whole_names(document, skipped, taken)
    taken |= tails
    scored = [(_sender_score(document, row, line), row, line) for row, line in free]
    score, row, line = max(scored, key=lambda entry: entry[0], default=(0.0, 0, None))
    if line is None or score < 1:
        return None
    row, line = _with_form(free, row, line)
    named = [(row, line)] + [(at, other) for at, other in free if _names(other.text, name_part(line).text)]
    fullest = max(named, key=lambda entry: _fullness(entry[1]))
    blocks = [_sender_block(document, at, other, taken) for at, other in [fullest, *named]]
    corner = _corner_block(document, free)
    address = next((block for block in [*blocks, corner] if _has_town(block)), blocks[0] or corner)
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


def _whole_names(
    document: Document, skipped: frozenset[int], taken: frozenset[Line]
) -> tuple[list[tuple[int, Line]], frozenset[Line]]:
    """The free cells, a name over two lines as one, with the index of their rows; and the second lines."""
    cells: list[tuple[int, Line]] = []
    tails: set[Line] = set()
    for row, line in free_cells(document, skipped):
        if line in taken or line in tails:
            continue
        below = letter_lines(document, line, row, taken) if is_name(line.text) else []
        name, rest = whole_name([line, *below])
        if name is line and _is_sign(document, row, [line, *below]):
            name, rest = _joined(line, below[0]), below[1:]
        joined = name.text.startswith(line.text)
        tails.update(set(below) - set(rest) if joined else ())
        cells.append((row, name if joined else line))
    return cells, frozenset(tails)


def _is_sign(document: Document, row: int, lines: list[Line]) -> bool:
    """Whether the first two lines of the page are one name: set in the same way, and unlike the third."""
    if row or len(lines) < _SIGN_LINES or document.rows[row].cells != (lines[0],):
        return False
    one, two, three = lines[:_SIGN_LINES]
    if any(
        LEGAL_FORM.search(each.text) or not is_name(each.text) or is_title(each.text) for each in (one, two)
    ):
        return False
    low, high = sorted((one.box.height, two.box.height))
    near = two.box.top - one.box.bottom < low
    shouted = one.text.isupper() and two.text.isupper() and not three.text.isupper()
    larger = low > 1.2 * three.box.height
    return near and high < 1.2 * low and (shouted or larger)


def _joined(one: Line, two: Line) -> Line:
    text, score = f"{one.text} {two.text}", min(one.score, two.score)
    return Line(text=text, box=around([one, two]), score=score)


def _with_form(free: list[tuple[int, Line]], row: int, line: Line) -> tuple[int, Line]:
    """The name with a legal form right beside or below a lone large word such as `TAXI`; else that word."""
    if len(line.text.split()) > 1 or LEGAL_FORM.search(line.text):
        return row, line
    near = [
        (at, other)
        for at, other in free
        if is_name(name_part(other).text)
        and LEGAL_FORM.search(name_part(other).text)
        and other.box.height < line.box.height
        and -line.box.height < other.box.top - line.box.bottom < line.box.height
    ]
    return near[0] if near else (row, line)


def completed(party: Party, head: Party) -> Party:
    """The party with the letterhead's address where both are the same: `Remit to` may name a post box."""
    same = shares(party.name.text, head.name.text)
    return replace(party, address=head.address) if same and head.address else party


def _first_price(document: Document) -> float:
    """The height at which the first amount of money has a cell: what follows is goods and sums."""
    cells = (cell for row in document.rows if row.page == 0 for cell in row.cells)
    priced = (
        cell.box.top
        for cell in cells
        if is_figure(cell.text) and any(amount.is_money for amount in amounts(cell.text, document.style))
    )
    return min(priced, default=float("inf"))


def _names(text: str, name: str) -> bool:
    """Whether a line begins with the name: the sender's full name in a footer, or above the window."""
    return squeeze(text).startswith(squeeze(name)) and len(squeeze(name)) > 3  # noqa: PLR2004 - more than initials


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
    return postal_lines(letter_lines(document, line, row, taken))


def _has_town(block: list[Line]) -> bool:
    return any(TOWN.search(line.text) for line in block)


def _corner_block(document: Document, free: list[tuple[int, Line]]) -> list[Line]:
    """Postal lines in the letterhead that stand apart from the name, flush right as in a corner."""
    head = [line for _, line in free if line.box.centre_y < HEAD * document.pages[0].height]
    for line in head:
        if is_contact_line(line.text) or is_title(line.text):
            continue
        block = [line]
        for other in head:
            if _goes_on_flush(block[-1], other):
                block.append(other)
        ragged = max(one.box.left for one in block) - min(one.box.left for one in block) > line.box.height
        if ragged and _has_town(address := postal_lines(block)):
            return address
    return []


def _goes_on_flush(above: Line, line: Line) -> bool:
    """Whether a line stands right below another and ends where that one does."""
    height = above.box.height
    flush = abs(line.box.right - above.box.right) < height
    return flush and line.box.top > above.box.top and abs(line.box.top - above.box.bottom) < height


def _sender_score(document: Document, row: int, line: Line) -> float:
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
    if any(amount.is_money for amount in amounts(document.rows[row].text, document.style)):
        return 0.0  # what was bought, not who sold it
    heights = [cell.box.height for row in document.rows if row.page == 0 for cell in row.cells]
    boxes = [row.box for row in document.rows if row.page == 0]
    top, bottom = min(box.top for box in boxes), max(box.bottom for box in boxes)
    depth = (line.box.centre_y - top) / max(1.0, bottom - top)
    large = min(1.5, max(0.0, line.box.height / median(heights) - 1) * 3)
    if line.box.centre_y > _first_price(document) and depth <= _FOOT:
        return 0.0
    if depth > HEAD:  # below the head of a letter only a legal form at the foot tells
        return legal if depth > _FOOT else 0.0
    return legal + large + 1.2 * (HEAD - depth) / HEAD
