"""The invoice layout of a business in the United States."""

from _figures import Invoice
from _layout import BODY, BOLD, SMALL, ItemTable, open_sheet, tax_rows, totals
from _sheet import BLACK, Column, Face, Sheet, TableStyle
from reportlab.lib.pagesizes import LETTER


def american(invoice: Invoice) -> bytes:
    """A US invoice on letter paper: bill to and ship to side by side, sales tax, remittance slip."""
    sheet = open_sheet(invoice, LETTER)
    seller, buyer = invoice.seller, invoice.buyer
    sheet.text(50, 66, seller.name.upper(), Face("Helvetica-Bold", 18, "#1d5c2e"))
    sheet.lines(50, 82, [*seller.address, "(555) 555-0147   billing@supply.example"], BODY)
    sheet.text(562, 70, "Invoice", Face("Helvetica", 28, "#9aa59c"), "right")
    columns = [
        Column("Date", 380, 478, "centre"), Column("Invoice #", 478, 562, "centre"),
    ]  # fmt: skip
    grid = TableStyle(rules="grid", head_fill="#e7efe8", rule_colour=BLACK)
    sheet.table(84, columns, [(invoice.day(invoice.issued), invoice.number)], grid)
    for x, label in ((50, "Bill To"), (312, "Ship To")):
        sheet.frame(x, 150, 250, 72)
        sheet.fill(x, 150, 250, 16, "#e7efe8")
        sheet.text(x + 6, 162, label, BOLD)
    sheet.lines(56, 180, [buyer.name, *buyer.address], BODY)
    sheet.lines(
        318, 180, [f"{buyer.name} - Receiving", "617 Juniper Ave (rear dock)", buyer.address[-1]], BODY
    )
    facts = {
        "P.O. Number": invoice.order or "", "Terms": invoice.terms or "",
        "Due Date": invoice.day(invoice.due), "Customer ID": invoice.customer or "", **dict(invoice.extra),
    }  # fmt: skip
    step = 512 / len(facts)
    strip = [
        Column(label, 50 + step * place, 50 + step * (place + 1), "centre")
        for place, label in enumerate(facts)
    ]
    small = TableStyle(
        face=Face(size=7.5),
        head=Face("Helvetica-Bold", 7.5),
        rules="grid",
        head_fill="#e7efe8",
        rule_colour=BLACK,
    )
    sheet.table(236, strip, [tuple(facts.values())], small)
    _american_body(sheet, invoice, grid)
    return sheet.pdf()


def _american_body(sheet: Sheet, invoice: Invoice, grid: TableStyle) -> None:
    money = invoice.notation.money
    heads = {
        "code": ("Item", 70), "description": ("Description", 0), "quantity": ("Qty", 46),
        "unit_price": ("Rate", 66), "amount": ("Amount", 78),
    }  # fmt: skip
    y = ItemTable(heads, (50, 562), grid).draw(sheet, 288, invoice)
    rows = [
        ("Subtotal", money(invoice.subtotal)),
        *tax_rows(invoice, "Sales Tax ({rate}% of {net})"),
        ("Shipping & Handling", money(invoice.shipping)),
        ("Total", money(invoice.total)),
    ]
    totals(sheet, (562, y + 22), rows, width=230)
    sheet.text(50, 600, f"Federal EIN {invoice.seller.tax_id}", SMALL)
    sheet.text(
        50,
        614,
        "Past due balances accrue a finance charge of 1.5% per month. Thank you for your business!",
        SMALL,
    )
    sheet.canvas.setDash(3, 3)
    sheet.rule(50, 640, 562)
    sheet.canvas.setDash()
    sheet.text(50, 658, "Please detach and return with your check.", SMALL)
    sheet.pairs(
        340, 674, 110, [("Invoice #", invoice.number), ("Amount enclosed", "$ ____________")], Face(size=10)
    )
    sheet.lines(
        50, 680, [f"Remit to: {invoice.seller.name}", "P.O. Box 417", "Cottonwood Bend, KS 00418"], BODY
    )
