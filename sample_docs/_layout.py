"""What the invoice layouts share: faces, column edges, the block of totals."""

from collections.abc import Sequence

from _figures import Invoice
from _sheet import GREY, Column, Face, Sheet
from reportlab.lib.pagesizes import A4

SMALL = Face(size=7.5, colour=GREY)
BODY = Face()
BOLD = Face("Helvetica-Bold")
WHITE = "#ffffff"

Passwords = tuple[str, str] | None


def open_sheet(invoice: Invoice, size: tuple[float, float] = A4, passwords: Passwords = None) -> Sheet:
    """Return an empty document that is named after the invoice."""
    return Sheet(size, title=f"Invoice {invoice.number}", author=invoice.seller.name, passwords=passwords)


def columns_of(invoice: Invoice, titles: dict[str, str], edges: Sequence[float]) -> list[Column]:
    """Return the columns that the invoice shows; `edges` has one more entry than there are columns."""
    numbers = {"quantity", "unit_price", "rate", "amount"}
    return [
        Column(titles[name], left, right, "right" if name in numbers else "left")
        for name, left, right in zip(invoice.columns, edges, edges[1:], strict=False)
    ]


def edges_of(invoice: Invoice, widths: dict[str, float], left: float, right: float) -> list[float]:
    """Return the column edges; the description takes what the widths leave."""
    rest = right - left - sum(widths[name] for name in invoice.columns if name != "description")
    edges = [left]
    for name in invoice.columns:
        edges.append(edges[-1] + (rest if name == "description" else widths[name]))
    return edges


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
