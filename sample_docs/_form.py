"""A paper form that was filled in on the screen: what was typed stands in form fields only."""

from _figures import Invoice
from _sheet import BLACK, GREY, Face, Sheet

ROWS = 5
LABEL = Face(size=8, colour=GREY)


def claim_form(invoice: Invoice) -> bytes:
    """Return a council's invoice form for people without an invoice of their own."""
    sheet = Sheet(title="Supplier invoice form FIN-12", author=invoice.buyer.name)
    sheet.fill(50, 40, 495, 40, "#e4e9f2")
    sheet.text(60, 66, invoice.buyer.name, Face("Helvetica-Bold", 15))
    sheet.text(535, 66, "Form FIN-12   Invoice", Face("Helvetica", 11), "right")
    sheet.text(50, 98, "Bill to: " + ", ".join((invoice.buyer.name, *invoice.buyer.address)), Face(size=9))
    for (label, value, name), place in zip(_facts(invoice), range(8), strict=True):
        left, top = 50 + 250 * (place % 2), 122 + 38 * (place // 2)
        sheet.text(left, top, label, LABEL)
        _field(sheet, (left, top + 4, 235), value, name)
    y = 292.0
    columns = (
        ("Description of service", 50, 268),
        ("Quantity", 324, 64),
        ("Rate", 394, 64),
        ("Amount", 464, 71),
    )
    for title, x, _ in columns:
        sheet.text(x, y, title, Face("Helvetica-Bold", 9))
    for row in range(ROWS):
        cells = invoice.cells(invoice.items[row]) if row < len(invoice.items) else ("",) * len(columns)
        for (title, x, width), value in zip(columns, cells, strict=True):
            _field(sheet, (x, y + 8 + 24 * row, width), value, f"{title.lower()} {row + 1}")
    y += 24 * ROWS + 16
    sheet.text(394, y + 12, "Total GBP", Face("Helvetica-Bold", 10))
    _field(sheet, (464, y, 71), invoice.notation.number(invoice.total), "total")
    _declaration(sheet, y + 60)
    return sheet.pdf()


def _facts(invoice: Invoice) -> list[tuple[str, str, str]]:
    address = ", ".join(invoice.seller.address)
    return [
        ("Your name or business", invoice.seller.name, "supplier"),
        ("Your address", address, "address"),
        ("Invoice number", invoice.number, "number"),
        ("Invoice date", invoice.day(invoice.issued), "date"),
        ("Council order number", invoice.order or "", "order"),
        ("VAT number (if registered)", "", "vat"),
        ("Payment due", invoice.day(invoice.due), "due"),
        ("IBAN for payment", invoice.iban or "", "iban"),
    ]


def _field(sheet: Sheet, place: tuple[float, float, float], value: str, name: str) -> None:
    x, y, width = place
    sheet.canvas.acroForm.textfield(
        name=name,
        value=value,
        x=x,
        y=sheet.height - y - 18,
        width=width,
        height=18,
        fontName="Helvetica",
        fontSize=10,
        borderWidth=0.5,
        fieldFlags="",
        forceBorder=True,
    )


def _declaration(sheet: Sheet, y: float) -> None:
    y = sheet.paragraph(
        50,
        y,
        "I declare that the services above were provided as ordered and have not been invoiced before. "
        "Forms that reach the finance office after the 20th of a month are worked in the month that follows.",
        485,
        Face(size=8.5),
    )
    sheet.text(50, y + 30, "Signed electronically", Face("Helvetica-Oblique", 9, BLACK))
    sheet.rule(50, y + 34, 250)
    sheet.text(50, 800, "FIN-12 revision 7. For office use: cost centre ____  authorised ____", LABEL)
