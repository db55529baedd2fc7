"""The tables printed on a page, whatever they are about: cells as text, headings, caption, notes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.local.layout.aligned import aligned_tables
from pipeline.local.layout.cells import Cells, Texts, is_figures, joined_text
from pipeline.local.layout.grids import cells_of, grids_of, is_side_of, lone_cells
from pipeline.local.layout.layout import around, line_height
from pipeline.local.layout.ruled import ruled_tables
from pipeline.local.seeing.page import Box, Line, Page

_CAPTION = re.compile(
    r"^\s*(?:table|tab\.|tabelle|tableau|tabel|tabla|cuadro|tabella|tabela|exhibit|schedule)\s*"
    r"(?:[A-Z]?\d+[a-z]?(?:[.-]\d+)*|[IVX]+\b)",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"^\s*(?:[*\u2020\u2021\u00a7\u00b9\u00b2\u00b3]|[a-z\d]\)\s"
    r"|\(?(?:notes?|sources?|anmerkung(?:en)?|hinweis|quellen?|remarques?|bron(?:nen)?|fuentes?|notas?)\b\s*:)",
    re.IGNORECASE,
)
_CONTINUED = re.compile(
    r"(?<!\w)(?:continued|cont['\u2019]?d|cont\.|brought forward|fortsetzung|forts\."
    r"|\u00fcbertrag|vortrag|\(suite\)|report de la page|vervolg|continuaci\u00f3n|viene de|suma anterior"
    r"|seguito|continua\u00e7\u00e3o)(?!\w)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"^(?:[^\W\d_]{1,3}\d?\s?)?(?:19|20)\d\d(?:\s?[/-]\s?\d{2,4})?$")
_TITLE_WORDS = 12
_NEAR = 2.0
"""Line heights within which a caption or a note belongs to a table."""
_MOST_HEADERS = 3
_HEAD = 0.08
"""Share of the page's height at its top where running heads stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A table as printed.

    Attributes:
        columns: One heading a column, None for one without; empty when there are no headings.
        header_rows: Rows that the headings take.
        rows: The rows below them, as many cells each as there are columns, None for an empty one.
        box: Around its cells, caption and notes.
        rule: How it was found.
        caption: What names it above or below, or None.
        notes: What explains it below, or None.
        continued: Whether it goes on from the page before; None when that cannot be told.
    """

    columns: list[str | None]
    header_rows: int
    rows: Texts
    box: Box
    rule: str
    caption: str | None
    notes: str | None
    continued: bool | None


def printed_tables(page: Page) -> list[Printed]:
    """The tables of a page from top to bottom, ruled ones and those that are only aligned."""
    grids = grids_of(cells_of(page.drawn))
    ruled = ruled_tables(page, grids)
    rest = _without(page, [table.box for table in ruled], lone_cells(grids))
    found = sorted([*ruled, *aligned_tables(rest)], key=lambda table: (table.box.top, table.box.left))
    free = [line for line in page.lines if not _in_any(line, [table.box for table in found])]
    return [_described(table, page, free) for table in found]


def _without(page: Page, taken: Sequence[Box], lone: Sequence[Box]) -> Page:
    """The page without lines that stand in tables, and without the rules of boxes to be filled in."""
    lines = tuple(line for line in page.lines if not _in_any(line, taken))
    rules = (rule for rule in page.drawn.horizontal if not any(is_side_of(rule, cell) for cell in lone))
    return replace(page, lines=lines, drawn=replace(page.drawn, horizontal=tuple(rules)))


def _in_any(line: Line, boxes: Sequence[Box]) -> bool:
    return any(
        line.box.overlap_x(box) > 0 and line.box.overlap_y(box) > 0.5 * line.box.height for box in boxes
    )


def _described(table: Cells, page: Page, free: Sequence[Line]) -> Printed:
    height = line_height(page)
    title, table = _own_title(table)
    above, below = _block_above(table.box, free, height), _block_below(table.box, free, height)
    caption = _caption(above, below) if title is None else []
    said = title or joined_text(caption)
    notes = [line for line in below if line not in caption]
    notes = notes if notes and _NOTE.match(notes[0].text) else []
    count = _headers(table)
    table = _under_one_heading(table, count)
    return Printed(
        columns=_headings(table, count),
        header_rows=count,
        rows=table.rows[count:],
        box=around([Line(text="", box=table.box), *caption, *notes]),
        rule=table.rule,
        caption=said,
        notes=joined_text(notes),
        continued=_is_continued(said, table, page, [line for line in free if line not in caption]),
    )


def _under_one_heading(table: Cells, count: int) -> Cells:
    """The table with columns put together that share a heading: `1 | Mar` under `Date`."""
    if not count or table.rule != "aligned columns":
        return table
    heads, reach = table.rows[count - 1], table.spans[count - 1]
    starts = [
        at
        for at in range(len(heads))
        if not any(at < start + reach[start] and heads[start] for start in range(at))
    ]
    ends = [*starts[1:], len(heads)]
    groups = list(zip(starts, ends, strict=True))
    rows = [[" ".join(filter(None, row[one:two])) or None for one, two in groups] for row in table.rows]
    spans = [
        tuple(max(reach[one:two]) if two - one == 1 else 1 for one, two in groups) for reach in table.spans
    ]
    return replace(table, rows=rows, spans=tuple(spans))


def _own_title(table: Cells) -> tuple[str | None, Cells]:
    """The text of a first row that reaches over all columns, and the table without it."""
    first, reach = table.rows[0], table.spans[0]
    if first[0] and not any(first[1:]) and reach[0] == len(first) and len(table.rows) > 2:  # noqa: PLR2004
        return first[0], replace(table, rows=table.rows[1:], spans=table.spans[1:])
    return None, table


def _block_above(box: Box, free: Sequence[Line], height: float) -> list[Line]:
    """The lines right above a table, from top to bottom: up to the first gap, at most three."""
    block: list[Line] = []
    top = box.top
    for line in sorted(free, key=lambda line: -line.box.bottom):
        if line.box.overlap_x(box) <= 0 or line.box.bottom > top + 0.4 * height:
            continue
        if top - line.box.bottom > (_NEAR if not block else 0.7) * height or len(block) > 2:  # noqa: PLR2004
            break
        block.insert(0, line)
        top = line.box.top
    return block


def _block_below(box: Box, free: Sequence[Line], height: float) -> list[Line]:
    block: list[Line] = []
    bottom = box.bottom
    for line in sorted(free, key=lambda line: line.box.top):
        if line.box.overlap_x(box) <= 0 or line.box.top < bottom - 0.4 * height:
            continue
        if line.box.top - bottom > (_NEAR if not block else 0.7) * height:
            break
        block.append(line)
        bottom = line.box.bottom
    return block


def _caption(above: list[Line], below: list[Line]) -> list[Line]:
    """The lines that name a table: by its number, else a short line right above that is no sentence."""
    for at, line in enumerate(above):
        if _CAPTION.match(line.text):
            return above[at:]
    if below and _CAPTION.match(below[0].text):
        return [line for line in below if not _NOTE.match(line.text)]
    if len(above) == 1 and _is_title(above[0].text):
        return above
    return []


def _is_title(text: str) -> bool:
    """Whether a line may be a title: few words that begin as one does and end without a point."""
    words = text.split()
    begins = text[:1].isupper() or text[:1].isdigit()
    return (
        begins
        and len(words) <= _TITLE_WORDS
        and text.rstrip()[-1:].isalnum() | text.rstrip().endswith(")")
        and ": " not in text
    )


def _headers(table: Cells) -> int:
    """How many rows at the top are headings."""
    leading = 0
    for row in table.rows[: min(_MOST_HEADERS, len(table.rows) - 1)]:
        if not all(cell is None or not is_figures(cell) or _YEAR.match(cell) for cell in row):
            break
        if leading and not any(row[1:]):
            break  # the title of a group of rows
        leading += 1
    if 0 < table.underlined <= leading:
        return table.underlined
    body = table.rows[leading:]
    figures = [_is_numeric([row[at] for row in body]) for at in range(len(table.rows[0]))]
    if any(figures[1:]):
        return leading
    labelled = any(cell and cell.rstrip().endswith(":") for cell in table.rows[0])
    return 1 if leading and sum(map(bool, table.rows[0])) > 1 and not labelled else 0


def _is_numeric(cells: Sequence[str | None]) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and sum(map(is_figures, filled)) >= 0.6 * len(filled)


def _headings(table: Cells, count: int) -> list[str | None]:
    """One heading a column: what stands above it in all heading rows, those that span it first."""
    stacks: list[list[str]] = [[] for _ in table.rows[0]]
    for row, reach in zip(table.rows[:count], table.spans, strict=False):
        for at, cell in enumerate(row):
            for stack in stacks[at : at + reach[at]] if cell else ():
                stack.append(cell or "")
    named = [" ".join(dict.fromkeys(stack)) or None for stack in stacks]
    return named if any(named) else []


def _is_continued(title: str | None, table: Cells, page: Page, free: Sequence[Line]) -> bool | None:
    """Whether words say so; not so when text stands above the table, or on the first page."""
    first = " ".join(filter(None, table.rows[0]))
    if _CONTINUED.search(title or "") or _CONTINUED.search(first):
        return True
    above = any(_HEAD * page.height < line.box.centre_y < table.box.top for line in free)
    return False if above or page.number == 1 else None
