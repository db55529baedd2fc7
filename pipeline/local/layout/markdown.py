"""A page as Markdown: headings by size, lists by their marks, tables by their columns, paragraphs joined."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from pipeline.local.layout.layout import Row, around, rows_of
from pipeline.local.layout.text import blocks_of
from pipeline.local.seeing.page import Box, Line, Page
from pipeline.local.words.lexicon import lexicon, squeeze

_HEADING = 1.1
"""Times the usual height and the usual width of a letter from which a short line is a heading."""
_HIGHER = 1.2
"""Times the height of a heading from which another is a level above it."""
_HEADING_WORDS = 12
_FULL = 0.85
"""Share of its paragraph's width that a line must fill to run on into the next."""
_TABLE_GAP = 2.5
"""Line heights that may part two rows of a table."""
_MARGIN = 0.07
"""Share of the page's height at its top and foot where page numbers stand."""
_PAGE_NUMBER = re.compile(
    r"^\W*(?P<word>[^\W\d]*)\W*\d{1,3}\W*(?:(?:of|von|de|sur|van|di)?\W*\d{1,3})?\W*$", re.IGNORECASE
)
_BULLET = re.compile(r"^[•·●○▪■◦‣∙*\u2013-]\s*(?=[^\W_])")
_NUMBERED = re.compile(r"^(\d{1,2})[.)]\s*(?=[^\W\d])")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """A row of the page and the block it belongs to."""

    row: Row
    block: int


def page_markdown(page: Page) -> str:
    """The page's text in reading order as Markdown; empty when there is none."""
    numbers = {row.cells[0] for row in rows_of(page, 0) if _is_page_number(row, page)}
    lines = [line for line in page.lines if line.text.strip() and line not in numbers]
    placed = [
        _Placed(row=row, block=number)
        for number, block in enumerate(blocks_of(lines))
        for row in rows_of(Page(number=1, width=page.width, height=page.height, lines=tuple(block)), 0)
    ]
    usual = _usual_size(lines)
    return "\n\n".join(_parts(placed, usual, _levels(placed, usual)))


def _is_page_number(row: Row, page: Page) -> bool:
    place = row.box.centre_y / page.height
    if _MARGIN < place < 1 - _MARGIN or len(row.cells) > 1:
        return False
    found = _PAGE_NUMBER.match(row.text)
    return found is not None and squeeze(found["word"]) in lexicon().concepts["page_number"].phrases | {""}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Size:
    """Height of a line and width of a letter in pixels."""

    height: float
    letter: float


def _size(line: Line) -> _Size:
    return _Size(height=line.box.height, letter=line.box.width / max(1, len(line.text)))


def _usual_size(lines: Sequence[Line]) -> _Size:
    """The size that most of the letters have."""
    sizes = [_size(line) for line in lines for _ in range(max(1, len(line.text) // 10))]
    if not sizes:
        return _Size(height=1.0, letter=1.0)
    return _Size(height=median(size.height for size in sizes), letter=median(size.letter for size in sizes))


def _levels(placed: Iterable[_Placed], usual: _Size) -> list[float]:
    """Smallest heights of headings of the first, second … level."""
    heights = sorted((one.row.box.height for one in placed if _is_heading(one.row, usual)), reverse=True)
    levels: list[float] = []
    for height in heights:
        if not levels or height * _HIGHER < levels[-1]:
            levels.append(height)
    return [level / _HIGHER for level in levels]


def _is_heading(row: Row, usual: _Size) -> bool:
    words = row.text.split()
    if len(row.cells) > 1 or len(words) > _HEADING_WORDS or not any(map(str.isalpha, row.text)):
        return False
    if row.text.rstrip().endswith((".", ",", ";")) or _mark(row):
        return False
    size = _size(row.cells[0])
    return min(size.height / usual.height, size.letter / usual.letter) >= _HEADING


def _parts(placed: list[_Placed], usual: _Size, levels: list[float]) -> Iterator[str]:
    """Headings, lists, tables and paragraphs in order."""
    at = 0
    while at < len(placed):
        row = placed[at].row
        if _is_heading(row, usual):
            level = next((n for n, least in enumerate(levels) if row.box.height >= least), len(levels) - 1)
            yield f"{'#' * min(6, level + 1)} {row.text}"
            at += 1
        elif count := _table_rows(placed[at:], usual):
            yield _table([one.row for one in placed[at : at + count]])
            at += count
        elif _mark(row):
            count = _list_rows(placed[at:], usual)
            yield "\n".join(_list([one.row for one in placed[at : at + count]]))
            at += count
        else:
            count = _paragraph_rows(placed[at:], usual)
            yield _paragraph([one.row for one in placed[at : at + count]])
            at += count


def _table_rows(placed: list[_Placed], usual: _Size) -> int:
    """How many rows from here on are a table; 0 when there is none."""
    rows: list[Row] = []
    for one in placed:
        if len(one.row.cells) < 2 or (rows and _gap(rows[-1], one.row) > _TABLE_GAP * usual.height):  # noqa: PLR2004
            break
        if not _columns([*rows, one.row]):
            break
        rows.append(one.row)
    columns = len(_columns(rows))
    enough = (columns >= 3 and len(rows) >= 2) or (columns == 2 and len(rows) >= 3)  # noqa: PLR2004
    return len(rows) if enough else 0


def _gap(above: Row, below: Row) -> float:
    gap = below.box.top - above.box.bottom
    return gap if gap > -above.box.height else float("inf")  # the next column begins at its top


def _columns(rows: list[Row]) -> list[tuple[float, float]]:
    """Where the columns begin and end that no cell runs across; empty when a row has two cells in one."""
    spans: list[tuple[float, float]] = []
    for cell in sorted((cell for row in rows for cell in row.cells), key=lambda cell: cell.box.left):
        if spans and cell.box.left < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], cell.box.right))
        else:
            spans.append((cell.box.left, cell.box.right))
    clear = all(len({_column(cell.box, spans) for cell in row.cells}) == len(row.cells) for row in rows)
    return spans if clear and len(spans) > 1 else []


def _column(box: Box, spans: list[tuple[float, float]]) -> int:
    return next(index for index, (start, end) in enumerate(spans) if start <= box.centre_x <= end)


def _table(rows: list[Row]) -> str:
    spans = _columns(rows)
    written = [_table_row([_cell_text(row, index, spans) for index in range(len(spans))]) for row in rows]
    return "\n".join([written[0], _table_row(["---"] * len(spans)), *written[1:]])


def _cell_text(row: Row, column: int, spans: list[tuple[float, float]]) -> str:
    found = [cell.text for cell in row.cells if _column(cell.box, spans) == column]
    return " ".join(found).replace("|", "\\|")


def _table_row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _mark(row: Row) -> str:
    """The mark of a list item as Markdown writes it, or empty."""
    if numbered := _NUMBERED.match(row.text):
        return f"{numbered.group(1)}. "
    return "- " if _BULLET.match(row.text) else ""


def _list_rows(placed: list[_Placed], usual: _Size) -> int:
    """Rows of the list: those with a mark, and those set further in that carry an item on."""
    first = placed[0].row.box.left
    for at in range(1, len(placed)):
        row, before = placed[at].row, placed[at - 1].row
        inset = row.box.left > first + 0.5 * usual.height and _gap(before, row) < usual.height
        if not (_mark(row) or inset) or _gap(before, row) > _TABLE_GAP * usual.height or len(row.cells) > 1:
            return at
    return len(placed)


def _list(rows: list[Row]) -> Iterator[str]:
    item = ""
    for row in rows:
        mark = _mark(row)
        if mark and item:
            yield item
            item = ""
        text = _NUMBERED.sub("", _BULLET.sub("", row.text)) if mark else row.text
        item = mark + text if mark else _joined(item, text)
    yield item


def _paragraph_rows(placed: list[_Placed], usual: _Size) -> int:
    for at in range(1, len(placed)):
        row = placed[at].row
        other = placed[at].block != placed[0].block or _is_heading(row, usual) or _mark(row)
        if other or _table_rows(placed[at:], usual):
            return at
    return len(placed)


def _paragraph(rows: list[Row]) -> str:
    """The rows joined with blanks where a line is full, else each on a line of its own."""
    width = around(cell for row in rows for cell in row.cells)
    text = rows[0].text
    for above, row in pairwise(rows):
        full = above.box.right - width.left >= _FULL * width.width and len(above.cells) == 1
        text = _joined(text, row.text) if full else f"{text}\n{row.text}"
    return text


def _joined(before: str, text: str) -> str:
    """Two pieces of one text, a word that was divided at the end of the line put together again."""
    if re.search(r"[^\W\d_]-$", before) and text[:1].islower():
        return before[:-1] + text
    return f"{before} {text}"
