"""The tables of a page as data."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field


class Table(BaseModel):
    """One table as printed."""

    model_config = ConfigDict(frozen=True)

    title: str | None = Field(
        None,
        description="Title or caption above or below the table, as printed, with its number.",
        examples=["Table 2: Rainfall by month, mm"],
    )
    columns: list[str | None] = Field(
        default_factory=list,
        description="Heading of each column from left to right, null for one without. Where headings stand "
        "above each other, the upper one is put before each that it spans: 2024 Revenue, 2024 Profit. "
        "Empty when the table has no headings.",
        examples=[["Month", "2024 Revenue", "2024 Profit"]],
    )
    header_rows: int | None = Field(
        None, description="How many printed rows the headings take; 0 when there are none.", examples=[1, 2]
    )
    rows: list[list[str | None]] = Field(
        default_factory=list,
        description="The rows below the headings, from top to bottom: the text of each cell from left to "
        "right, as many as there are columns, null for an empty cell.",
        examples=[[["January", "1,204", "(18)"], ["February", "998", None]]],
    )
    continued: bool | None = Field(
        None,
        description="Whether the table goes on from the page before; null when that cannot be told.",
        examples=[False],
    )
    notes: str | None = Field(
        None,
        description="Notes and sources right below the table, as printed.",
        examples=["* estimated"],
    )


class Tables(BaseModel):
    """The tables of one page, cell by cell."""

    model_config = ConfigDict(frozen=True)

    unit: ClassVar[Literal["page", "document"]] = "page"
    instructions: ClassVar[str] = """\
Write down every table of this page, from top to bottom, whether or not it has ruled lines.
Cells are text as it stands: no sign, unit or separator is changed or left out, nothing is worked out. A text
that runs over several lines of a cell is joined with blanks. A cell that spans several columns or rows is
given in the first of them, the others are null; a heading that spans columns stands before each of theirs.
Every row has as many cells as the table has columns. Rows with subtotals and totals belong to it, and
headings that stand between its rows: in the first cell, the others null.
Lists, running text in columns, letterheads and the fields of a form are not tables. Where the page has
none, the list is empty.
"""

    tables: list[Table] = Field(
        default_factory=list, description="Every table of the page, in reading order."
    )
