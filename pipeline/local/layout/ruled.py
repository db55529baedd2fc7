"""Tables whose cells are drawn: a grid of rules, its cells filled with the text that stands in them."""

from collections.abc import Sequence

from pipeline.local.layout.cells import Cells, Texts, joined_text, laid_out
from pipeline.local.layout.grids import Grid, inside, parted
from pipeline.local.layout.layout import line_height, rows_of
from pipeline.local.seeing.page import Box, Line, Page

_SLIVER = 0.6
"""Line heights that the sides of a cell have at least: less is the space between two of them."""
_FILLED = 0.25
"""Share of the cells of a table that hold text at least: an empty grid is a drawing or a form."""


def ruled_tables(page: Page, grids: Sequence[Grid]) -> list[Cells]:
    """The tables that stand in grids of rules, at least two rows and two columns each."""
    height = line_height(page)
    tables = [_table(grid, page, height) for grid in grids if len(grid.cells) > 2]  # noqa: PLR2004
    return [table for table in tables if table is not None]


def _table(grid: Grid, page: Page, height: float) -> Cells | None:
    """The grid with its text; None when it is no table."""
    xs, ys = _distinct(grid.xs, _SLIVER * height), _distinct(grid.ys, _SLIVER * height)
    lines = [line for line in page.lines if inside(line, grid.box)]
    if len(xs) < 3 or len(ys) < 2 or not lines:  # noqa: PLR2004 - two columns
        return None
    rows: Texts = []
    spans: list[tuple[int, ...]] = []
    loose = 0
    for top in ys[:-1]:
        band = [cell for cell in grid.cells if _row_of(cell, ys) == top]
        texts, reach = _band(band, lines, xs, height) if band else ([], [])
        loose += len(texts) if len(texts) > 1 else 0
        rows += texts
        spans += reach
    if loose > 0.5 * len(rows):  # only its columns are ruled, perhaps not all of them
        return None
    kept = [at for at, row in enumerate(rows) if any(row)]
    filled = sum(cell is not None for at in kept for cell in rows[at])
    if len(kept) < 2 or filled < _FILLED * len(kept) * (len(xs) - 1):  # noqa: PLR2004
        return None
    return Cells(
        rows=[rows[at] for at in kept],
        spans=tuple(spans[at] for at in kept),
        underlined=0,
        box=grid.box,
        rule="ruled table",
    )


def _distinct(edges: Sequence[float], least: float) -> list[float]:
    kept: list[float] = []
    for edge in edges:
        if not kept or edge - kept[-1] >= least:
            kept.append(edge)
    return kept


def _row_of(cell: Box, ys: Sequence[float]) -> float:
    """The upper edge of the row in which a cell begins."""
    return min(ys, key=lambda y: abs(y - cell.top))


def _band(
    band: Sequence[Box], lines: Sequence[Line], xs: Sequence[float], height: float
) -> tuple[Texts, list[tuple[int, ...]]]:
    """The rows of a table between two rules: one, or as many as stand there without rules between them."""
    edges = xs[1:-1]
    low, high = min(cell.top for cell in band), min(cell.bottom for cell in band)
    within = tuple(line for line in lines if low <= line.box.centre_y < high)
    rows = rows_of(Page(number=1, width=1, height=1, lines=within), 0)
    full = [row for row in rows if _columns_filled(row.cells, edges) >= max(2, 0.6 * (len(edges) + 1))]
    if len(full) > 2 and len(full) >= 0.6 * len(rows):  # noqa: PLR2004 - two lines may be cells that run on
        return laid_out(rows, edges, height)
    texts: list[str | None] = [None] * (len(edges) + 1)
    spans = [1] * (len(edges) + 1)
    walls = [edge for other in band for edge in (other.left, other.right)]
    for cell in band:
        first = min(range(len(xs) - 1), key=lambda at: abs(xs[at] - cell.left))
        last = min(range(1, len(xs)), key=lambda at: abs(xs[at] - cell.right))
        texts[first] = joined_text(
            [piece for line in lines for piece in parted(line, walls) if inside(piece, cell)]
        )
        spans[first] = max(1, last - first)
    return [texts], [tuple(spans)]


def _columns_filled(cells: Sequence[Line], edges: Sequence[float]) -> int:
    pieces = [piece for cell in cells for piece in parted(cell, edges)]
    return len({sum(edge < piece.box.centre_x for edge in edges) for piece in pieces})
