"""Records that stand for a printed table: told by a list of lists of cells among their properties."""

from collections.abc import Callable

from pydantic import JsonValue

from pipeline.local.layout.document import Document
from pipeline.local.layout.printed import Printed, printed_tables
from pipeline.local.rules.fields import Found
from pipeline.local.rules.items import Item
from pipeline.local.rules.schema import Kind, Node
from pipeline.local.rules.wishes import spaced
from pipeline.local.seeing.page import Line, Page

_SCORE = {"ruled table": 0.85, "aligned columns": 0.7}


def is_table(node: Node) -> bool:
    """Whether an object has the shape of a printed table: among its properties are rows of cells."""
    return node.kind is Kind.RECORD and any(_is_rows(child) for child in node.fields)


def _is_rows(node: Node) -> bool:
    """Whether a property holds rows of cells: a list of lists of text."""
    element = node.element if node.kind is Kind.LISTING else None
    cell = element.element if element and element.kind is Kind.LISTING else None
    return cell is not None and cell.kind is Kind.TEXT


def tables(node: Node, document: Document) -> list[Item]:
    """Every table of the pages in the shape of the node."""
    return [
        _item(node, table, page, index)
        for index, page in enumerate(document.pages)
        for table in printed_tables(page)
    ]


def largest_table(node: Node, document: Document) -> dict[str, Found]:
    """The values of the one table asked for: that with the most cells."""
    found = tables(node, document)
    return max((item.values for item in found), key=_cells, default={})


def _cells(values: dict[str, Found]) -> int:
    return max((len(str(found.value)) for found in values.values()), default=0)


def _item(node: Node, table: Printed, page: Page, index: int) -> Item:
    line = Line(text=table.caption or "", box=table.box)
    values = {
        child.name: Found(
            value=value, score=_SCORE[table.rule], line=line, page=index, rule=table.rule, row=0
        )
        for child in node.fields
        if (value := _value(child, table, page)) is not None
    }
    return Item(page=index, values=values)


def _value(node: Node, table: Printed, page: Page) -> JsonValue:
    if _is_rows(node) and node.element and node.element.element:
        empty = None if node.element.element.nullable else ""
        return [[empty if cell is None else cell for cell in row] for row in table.rows]
    role = next((role for role, names in _NAMES.items() if spaced(node.name).lower() in names), "")
    if role == "columns" and node.kind is Kind.LISTING:
        empty = None if node.element and node.element.nullable else ""
        return [empty if heading is None else heading for heading in table.columns]
    value = _SAID[role](table, page) if role in _SAID else None
    return value if node.accepts(value) else None


_NAMES = {
    "columns": {"columns", "headers", "header", "headings", "head", "column names", "column headings"}
    | {"column headers", "header row"},
    "caption": {"title", "caption", "name", "heading", "table title", "table name", "label"},
    "notes": {"notes", "note", "footnotes", "footnote", "source"},
    "header_rows": {"header rows", "heading rows", "header row count", "header count"},
    "continued": {
        "continued",
        "is continued",
        "continuation",
        "is continuation",
        "continued from previous page",
    }
    | {"continues"},
    "row_count": {"row count", "rows count", "number of rows", "num rows", "n rows"},
    "column_count": {"column count", "columns count", "number of columns", "num columns", "n columns"},
    "page": {"page", "page number"},
}
_SAID: dict[str, Callable[[Printed, Page], JsonValue]] = {
    "caption": lambda table, _: table.caption,
    "notes": lambda table, _: table.notes,
    "header_rows": lambda table, _: table.header_rows,
    "continued": lambda table, _: table.continued,
    "row_count": lambda table, _: len(table.rows),
    "column_count": lambda table, _: len(table.rows[0]) if table.rows else None,
    "page": lambda _, page: page.number,
}
