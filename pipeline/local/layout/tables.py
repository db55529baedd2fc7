"""Tables: a header row gives the columns, the rows below it are the entries, over all pages they run."""

from dataclasses import dataclass, field, replace

from pipeline.local.layout.columns import Column, assign, column_of, columns_in, stacked
from pipeline.local.layout.document import OWN_COLUMN, Document
from pipeline.local.layout.layout import Row
from pipeline.local.seeing.page import Line
from pipeline.local.words import codes
from pipeline.local.words.lexicon import lexicon, squeeze
from pipeline.local.words.numbers import amounts
from pipeline.local.words.wording import closest, wording

_BODY = frozenset(
    [
        "description",
        "quantity",
        "unit_price",
        "line_total",
        "debit",
        "credit",
        "transaction_amount",
        "running_balance",
    ]
)
_SUMS = frozenset(
    ["total", "subtotal", "tax", "amount_due", "closing_balance", "total_credits", "total_debits"]
)
_HEADS = _SUMS | {"discount", "shipping", "tendered", "tip", "rounding"}
_OPENING = frozenset(["opening_balance"])
_SUMMARY = _SUMS | {"tax_rate"}
_ALIKE = 0.7
"""How alike a heading must be to what the schema calls a column."""
_HEAD = ("invoice_number", "invoice_date", "due_date", "delivery_date", "order_number", "customer_number")
_FEW = 2
"""Headings of the document itself that a table may have."""
_GAP = 5.0
"""Line heights without text after which a table has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row of a table.

    Attributes:
        row: Index in the document.
        cells: Text under each column that has any, by the column's index.
    """

    row: int
    cells: dict[int, Line]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as printed, before anyone asked for its content.

    Attributes:
        columns: From left to right.
        headers: Indexes of its header rows, one or more a page.
        entries: Rows below the headers, in order.
    """

    columns: tuple[Column, ...]
    headers: tuple[int, ...]
    entries: tuple[Entry, ...] = field(default=())

    @property
    def concepts(self) -> frozenset[str]:
        """Everything its headings may mean."""
        return frozenset(concept for column in self.columns for concept in column.concepts)

    @property
    def rows(self) -> frozenset[int]:
        """Indexes of all its rows in the document."""
        return frozenset(self.headers) | {entry.row for entry in self.entries}


def tables_of(document: Document) -> list[Table]:
    """The tables whose headings are known, in order; one that goes on over pages is one table."""
    tables: list[Table] = []
    index = 0
    while index < len(document.rows):
        found = _header(document, index)
        if found is None:
            index += 1
            continue
        columns, height = found
        entries, after = _body(document, index + height, columns)
        headers = tuple(range(index, index + height))
        if tables and _same_headings(tables[-1].columns, columns):
            before = tables.pop()
            headers, entries = before.headers + headers, [*before.entries, *entries]
        tables.append(Table(columns=columns, headers=headers, entries=tuple(entries)))
        index = max(after, index + height)
    return tables


def _same_headings(first: tuple[Column, ...], second: tuple[Column, ...]) -> bool:
    return [squeeze(column.text) for column in first] == [squeeze(column.text) for column in second]


def _header(document: Document, index: int) -> tuple[tuple[Column, ...], int] | None:
    """The columns that a row, or it and the next, are the headings of; and how many rows they take."""
    rows = document.rows
    single = columns_in(rows[index].cells)
    if index + 1 < len(rows) and rows[index + 1].page == rows[index].page:
        below = rows[index + 1]
        close = below.box.top - rows[index].box.bottom < 0.8 * rows[index].box.height
        if close and not _has_digits(below) and not _has_digits(rows[index]):
            double = columns_in(stacked(rows[index].cells, below.cells))
            under = len(double) == len(single) and len(below.cells) < len(rows[index].cells)
            if _known(double) >= _known(single) + (not under) and _is_header(double):
                return double, 2
    if _has_digits(rows[index]) or _is_boxes(document, index) or _heads_document(single):
        return None
    own = _own_columns(single, document)
    return (own, 1) if _is_header(single) or (_is_asked(own) and _has_entry(rows, index)) else None


def _is_boxes(document: Document, index: int) -> bool:
    """Whether the row only labels single sums and balances, whose boxes stand side by side."""
    single = {label.cell for label in document.labels.get(index, []) if label.concepts & (_SUMS | _OPENING)}
    opening = any(label.concepts & _OPENING for label in document.labels.get(index, []))
    return opening and len(single) == len(document.rows[index].cells)


def _heads_document(columns: tuple[Column, ...]) -> bool:
    """Whether the headings are those of the document itself: its number, its dates, its references."""
    known = frozenset(phrase for key in _HEAD for phrase in lexicon().concepts[key].phrases)
    return sum(squeeze(column.text) in known for column in columns) > _FEW


def _own_columns(columns: tuple[Column, ...], document: Document) -> tuple[Column, ...]:
    """The columns with what the schema calls them."""
    return tuple(
        replace(column, concepts=column.concepts | _asked(column.text, document)) for column in columns
    )


def _asked(heading: str, document: Document) -> frozenset[str]:
    """The columns of the schema's lists that a heading names best."""
    if not document.headings or heading.rstrip().endswith(":"):
        return frozenset()
    scores = dict(closest(wording(heading), document.headings))
    best = max(scores.values(), default=0.0)
    return frozenset(name for name, score in scores.items() if score == best >= _ALIKE)


def _is_asked(columns: tuple[Column, ...]) -> bool:
    """Whether most of the headings are known ones, and one at least is a column that the schema asks for."""
    named = any(one.startswith(OWN_COLUMN) for column in columns for one in column.concepts)
    return named and _known(columns) >= max(2, len(columns) / 2)


def _has_entry(rows: list[Row], index: int) -> bool:
    """Whether a row of several pieces follows."""
    following = rows[index + 1 : index + 2]
    return any(len(row.cells) > 1 and row.page == rows[index].page for row in following)


def _has_digits(row: Row) -> bool:
    return any(letter.isdigit() for letter in row.text)


def _known(columns: tuple[Column, ...]) -> int:
    return sum(bool(column.concepts) for column in columns)


def _is_header(columns: tuple[Column, ...]) -> bool:
    known = [column.concepts for column in columns if column.concepts]
    body = [concepts for concepts in known if concepts & _BODY]
    if len(known) < 2 or len(known) < len(columns) / 2:  # noqa: PLR2004
        return False
    return len(body) >= 2 and len(set(body)) >= 2  # noqa: PLR2004 - two boxes may both hold a balance


def _body(document: Document, start: int, columns: tuple[Column, ...]) -> tuple[list[Entry], int]:
    """The entries below a header, and the index of the first row after them."""
    entries: list[Entry] = []
    for index in range(start, len(document.rows)):
        row = document.rows[index]
        if not entries and _heads_on(document, index, start, columns):
            continue
        if _ends(document, index, start):
            return entries, index
        if row.page != document.rows[start - 1].page:
            return entries, index
        if index in document.furniture:
            continue
        entries.append(Entry(row=index, cells=assign(row.cells, columns, document)))
    return entries, len(document.rows)


def _heads_on(document: Document, index: int, start: int, columns: tuple[Column, ...]) -> bool:
    """Whether a row right below the header only ends headings of several lines, each below its own."""
    row, above = document.rows[index], document.rows[index - 1]
    near = row.page == above.page and abs(row.box.top - above.box.bottom) < 0.5 * above.box.height
    if index - start > 1 or not near or _has_digits(row) or len(row.cells) >= len(columns):
        return False
    homes = [columns[column_of(cell, columns)] for cell in row.cells]
    first = columns[0].box.left + row.box.height
    return all(
        cell.box.overlap_x(home.box) > 0 and cell.box.left > first
        for cell, home in zip(row.cells, homes, strict=True)
    ) and not any("description" in home.concepts for home in homes)


def _ends(document: Document, index: int, start: int) -> bool:
    """Whether the table is over before this row: a sum, another header, a wide gap, or the sidebar."""
    row, before = document.rows[index], document.rows[index - 1]
    if _header(document, index):
        return True
    if row.page == before.page and row.box.bottom < before.box.top:
        return True
    if row.page == before.page and row.box.top - before.box.bottom > _GAP * document.heights[row.page]:
        return index > start
    return is_sum(document, index) or _is_field(document, index)


def _is_field(document: Document, index: int) -> bool:
    """Whether the row begins with a label that the schema asks for, and a colon."""
    return any(
        label.cell == 0 and label.colon and any(one.startswith("own:") for one in label.concepts)
        for label in document.labels.get(index, [])
    )


def heads_sums(document: Document, index: int) -> bool:
    """Whether the row is headings of sums from end to end, their amounts below: `Net | VAT 20 % | Total`."""
    labels = document.labels.get(index, [])
    named = {label.cell for label in labels if label.concepts & _HEADS and not label.colon}
    cells, below = document.rows[index].cells, document.rows[index + 1 : index + 2]
    if len(cells) < 2 or len(named) < len(cells) or not below:  # noqa: PLR2004
        return False
    if any(amount.is_money for cell in cells for amount in amounts(cell.text, document.style)):
        return False
    return all(amounts(cell.text, document.style) for cell in below[0].cells)


def is_summary(document: Document, index: int) -> bool:
    """Whether the row heads a summary of taxes: `Rate | Net | VAT | Total`."""
    labels = document.labels.get(index, [])
    if _is_boxes(document, index):
        return False
    return sum(bool(label.concepts & _SUMMARY) and not label.colon for label in labels) > 2  # noqa: PLR2004


def is_sum(document: Document, index: int) -> bool:
    """Whether the row begins with the label of a sum and holds an amount, or nothing else."""
    row = document.rows[index]
    labels = document.labels.get(index, [])
    if is_summary(document, index) or heads_sums(document, index):
        return True
    if not labels or not labels[0].concepts & _SUMS:
        return False
    if any(letter.isalnum() for cell in row.cells[: labels[0].cell] for letter in cell.text):
        return False  # a booking's date or an item's number stands before its text
    if "vendor_tax_id" in labels[0].concepts and codes.tax_id(row.text):
        return False  # `BTW NL123456789B01` is no tax
    sure = labels[0].score == 1  # `Restaurant` is nearly `Restant dû`
    return (sure and len(row.cells) == 1) or bool(amounts(row.text, document.style))
