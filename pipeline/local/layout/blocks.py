"""Text that stands below each other: the column under a line, the free cells of the first page."""

from collections.abc import Iterator

from pipeline.local.layout.document import Document
from pipeline.local.layout.labels import Label
from pipeline.local.seeing.page import Line

MOST_LINES = 7
"""Lines a party's block has at most."""


def lines_below(document: Document, first: Line, row: int) -> list[Line]:
    """The lines right below the first, up to a gap or a label."""
    lines: list[Line] = []
    above = first
    for line, _ in column_below(document, first, row):
        if (
            line.box.top - above.box.bottom > 0.9 * max(above.box.height, line.box.height)
            or len(lines) >= MOST_LINES
        ):
            break
        lines.append(line)
        above = line
    return lines


def column_below(document: Document, first: Line, row: int, reach: float = 2.0) -> Iterator[tuple[Line, int]]:
    """Cells below a line that start where it starts, with the index of their rows, up to the next label.

    Args:
        document: The document.
        first: The line above the column.
        row: Index of its row.
        reach: Line heights that may part two cells.
    """
    page, above = document.rows[row].page, first
    for index in range(row + 1, len(document.rows)):
        if (
            document.rows[index].page != page
            or document.rows[index].box.top - above.box.bottom > reach * document.heights[page]
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


def letter_lines(document: Document, name: Line, row: int, taken: frozenset[Line]) -> list[Line]:
    """Lines below the name, aligned with its left, its right or its middle."""
    lines: list[Line] = []
    above = name
    for index in range(row + 1, min(len(document.rows), row + 1 + 2 * MOST_LINES)):
        if document.rows[index].page != document.rows[row].page:
            break
        reach = (1.5 if lines else 2.2) * document.heights[document.rows[index].page]
        if document.rows[index].box.top - above.box.bottom > reach or len(lines) >= MOST_LINES:
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


def free_cells(document: Document, skipped: frozenset[int]) -> Iterator[tuple[int, Line]]:
    """Cells of the first page that are no labels, with the index of their rows."""
    for index, row in enumerate(document.rows):
        if row.page == 0 and index not in skipped:
            labels = {label.cell for label in document.labels.get(index, []) if not _is_contact(label)}
            yield from ((index, cell) for place, cell in enumerate(row.cells) if place not in labels)


def _is_contact(label: Label) -> bool:
    return bool(
        label.concepts
        & {"email", "phone", "website", "vendor_tax_id", "customer_tax_id", "registration_number"}
    )
