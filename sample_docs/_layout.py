"""What the invoice layouts share: faces, the table of items, the block of totals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from _figures import Invoice, Item
from _sheet import GREY, Column, Face, Sheet, TableStyle
from reportlab.lib.pagesizes import A4

SMALL = Face(size=7.5, colour=GREY)
BODY = Face()
BOLD = Face("Helvetica-Bold")
WHITE = "#ffffff"

_NUMBERS = {"quantity", "unit_price", "rate", "amount"}

Passwords = tuple[str, str] | None


def open_sheet(invoice: Invoice, size: tuple[float, float] = A4, passwords: Passwords = None) -> Sheet:
    """Return an empty document that is named after the invoice."""
    return Sheet(size, title=f"Invoice {invoice.number}", author=invoice.seller.name, passwords=passwords)


@dataclass(frozen=True, slots=True)
class ItemTable:
    """How a layout draws the items of an invoice.

    Attributes:
        heads: Title and width of each column; the description takes what the others leave.
        span: Left and right edge.
        style: Of the table.
    """

    heads: Mapping[str, tuple[str, float]]
    span: tuple[float, float]
    style: TableStyle

    def draw(self, sheet: Sheet, y: float, invoice: Invoice, shown: Sequence[Item] | None = None) -> float:
        """Draw the items, or those that are shown on this page, from y downwards; return the lower edge."""
        rows = [invoice.cells(item) for item in (invoice.items if shown is None else shown)]
        return sheet.table(y, self.columns(invoice), rows, self.style)

    def columns(self, invoice: Invoice) -> list[Column]:
        """Return the columns that the invoice shows, in its order."""
        left, right = self.span
        rest = right - left - sum(self.heads[name][1] for name in invoice.columns if name != "description")
        columns = []
        for name in invoice.columns:
            title, width = self.heads[name]
            edge = left + (rest if name == "description" else width)
            columns.append(Column(title, left, edge, "right" if name in _NUMBERS else "left"))
            left = edge
        return columns


def tax_rows(invoice: Invoice, label: str) -> list[tuple[str, str]]:
    """Return a label and an amount for each tax; `{rate}` and `{net}` in the label are filled in."""
    money, plain = invoice.notation.money, invoice.notation.quantity
    return [(label.format(rate=plain(rate), net=money(net)), money(tax)) for rate, net, tax in invoice.taxes]


def totals(
    sheet: Sheet,
    corner: tuple[float, float],
    rows: Sequence[tuple[str, str]],
    face: Face = BODY,
    width: float = 190,
) -> float:
    """Draw labels and amounts down from the top right corner, the last of them in bold between two rules."""
    right, y = corner
    for label, amount in rows[:-1]:
        sheet.text(right - width, y, label, face)
        y = sheet.text(right - 3, y, amount, face, "right") + 2
    label, amount = rows[-1]
    strong = Face(f"{face.font}-Bold" if face.font == "Helvetica" else "VeraBd", face.size + 1.5, face.colour)
    sheet.rule(right - width, y - face.size, right, 0.8)
    sheet.text(right - width, y + 4, label, strong)
    sheet.text(right - 3, y + 4, amount, strong, "right")
    sheet.rule(right - width, y + 10, right, 0.8)
    return y + 24
