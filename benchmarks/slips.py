"""What benchmarks ask for where the content does not matter: some lines, by the page or by the document."""

from typing import ClassVar

from pydantic import BaseModel


class Line(BaseModel):
    """One line."""

    text: str
    amount: float | None = None


class PageSlip(BaseModel):
    """The lines of one page."""

    unit: ClassVar[str] = "page"
    title: str | None = None
    lines: list[Line] = []


class DocumentSlip(BaseModel):
    """The lines of a whole document."""

    unit: ClassVar[str] = "document"
    title: str | None = None
    lines: list[Line] = []


ANSWER = {
    "title": "a slip of some lines",
    "lines": [
        {"text": f"line {number} of what stands on such a page", "amount": 12.5} for number in range(10)
    ],
}
"""An answer about either, of the size that pages often give."""
