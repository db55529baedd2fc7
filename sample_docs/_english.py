"""Invoice layouts of British and Irish businesses."""

from collections.abc import Sequence
from decimal import Decimal

from _figures import Invoice, Item
from _layout import BODY, BOLD, SMALL, WHITE, ItemTable, Passwords, open_sheet, tax_rows, totals
from _sheet import BLACK, GREY, Face, Sheet, TableStyle


def classic(invoice: Invoice, passwords: Passwords = None) -> bytes:
    """An English letterhead: name across the top, ruled table, particulars in a box."""
    sheet = open_sheet(invoice, passwords=passwords)
    money, seller = invoice.notation.money, invoice.seller
    sheet.text(297, 62, seller.name, Face("Times-Bold", 22, "#203a5c"), "centre")
    sheet.text(297, 80, "  ·  ".join(seller.address), Face("Times-Roman", 10, GREY), "centre")
    sheet.text(
        297, 94, "Tel. 01632 960 417  ·  accounts@office.example", Face("Times-Roman", 10, GREY), "centre"
    )
    sheet.rule(50, 104, 545, 1.2, "#203a5c")
    sheet.text(50, 142, "INVOICE", Face("Times-Bold", 18))
    y = sheet.text(50, 172, "Invoice to:", Face("Times-Italic", 10, GREY))
    sheet.lines(50, y + 2, [invoice.buyer.name, *invoice.buyer.address], Face("Times-Roman", 11))
    sheet.frame(330, 128, 215, 118)
    sheet.pairs(340, 145, 98, _particulars(invoice), Face("Times-Roman", 10))
    heads = {
        "code": ("Code", 62), "description": ("Description", 0), "quantity": ("Qty", 48),
        "unit": ("Unit", 38), "unit_price": ("Unit price", 64), "amount": ("Amount", 72),
    }  # fmt: skip
    style = TableStyle(
        face=Face("Times-Roman", 10), head=Face("Times-Bold", 10), rules="grid", rule_colour=BLACK
    )
    y = ItemTable(heads, (50, 545), style).draw(sheet, 276, invoice)
    taxes = tax_rows(invoice, "VAT @ {rate}% on {net}")
    totals(
        sheet,
        (545, y + 22),
        [("Goods total", money(invoice.subtotal)), *taxes, ("TOTAL DUE", money(invoice.total))],
    )
    _classic_foot(sheet, invoice)
    return sheet.pdf()


def _particulars(invoice: Invoice) -> list[tuple[str, str]]:
    rows = [
        ("Invoice no.", invoice.number),
        ("Date / tax point", invoice.day(invoice.issued)),
        ("Your order", invoice.order or ""),
        ("Customer account", invoice.customer or ""),
        ("Delivery date", invoice.day(invoice.delivered)),
        *invoice.extra[:1],
        ("Payment due", invoice.day(invoice.due)),
    ]
    return [(label, value) for label, value in rows if value]


def _classic_foot(sheet: Sheet, invoice: Invoice) -> None:
    face = Face("Times-Roman", 9)
    y = sheet.text(50, 690, f"Terms: {invoice.terms}", Face("Times-Bold", 10))
    y = sheet.paragraph(
        50,
        y + 4,
        "Goods remain the property of the seller until paid for in full. Claims for shortage or damage must "
        "reach us within three working days of delivery. We charge interest on overdue accounts at 8% above "
        "base rate.",
        495,
        face,
    )
    bank = f"Bank: Zephyr Bank, Wexcombe   IBAN {invoice.iban}"
    sheet.text(50, y + 8, bank + (f"   BIC {invoice.bic}" if invoice.bic else ""), face)
    sheet.rule(50, 780, 545, 0.6, "#203a5c")
    company = "  ·  ".join(f"{label} {value}" for label, value in invoice.extra[1:])
    sheet.text(
        297,
        794,
        f"VAT registration no. {invoice.seller.tax_id}   {company}",
        Face("Times-Roman", 8.5, GREY),
        "centre",
    )


def chandler(invoice: Invoice) -> bytes:
    """A wholesaler's invoice whose table runs over two pages, with the sum carried forward."""
    sheet = open_sheet(invoice)
    money = invoice.notation.money
    first, second = invoice.items[:24], invoice.items[24:]
    carried = sum((item.amount for item in first), Decimal(0))
    _chandler_head(sheet, invoice, "Page 1 of 2")
    sheet.pairs(380, 150, 74, _chandler_facts(invoice), Face(size=8.5))
    y = sheet.text(50, 150, "Bill to", SMALL)
    sheet.lines(50, y + 2, [invoice.buyer.name, *invoice.buyer.address], Face(size=10))
    sheet.text(220, 150, "Deliver to", SMALL)
    sheet.lines(220, 164, ["Slipway store", "South Quay, Skellmore", "(gate code from office)"], Face(size=9))
    y = _chandler_table(sheet, invoice, 250, first)
    sheet.text(440, y + 18, "Carried forward", BOLD, "right")
    sheet.text(542, y + 18, money(carried), BOLD, "right")
    sheet.text(297, 806, "Continued overleaf", SMALL, "centre")
    sheet.next_page()
    _chandler_head(sheet, invoice, "Page 2 of 2")
    sheet.text(50, 140, f"Invoice {invoice.number} of {invoice.day(invoice.issued)}, continued", BODY)
    sheet.text(440, 160, "Brought forward", BOLD, "right")
    sheet.text(542, 160, money(carried), BOLD, "right")
    y = _chandler_table(sheet, invoice, 172, second)
    taxes = tax_rows(invoice, "VAT {rate}% on {net}")
    totals(
        sheet,
        (545, y + 24),
        [("Net total", money(invoice.subtotal)), *taxes, ("Invoice total", money(invoice.total))],
    )
    _chandler_foot(sheet, invoice)
    return sheet.pdf()


def _chandler_head(sheet: Sheet, invoice: Invoice, page: str) -> None:
    sheet.fill(50, 40, 44, 44, "#0d4f6c")
    sheet.text(72, 71, "HM", Face("Helvetica-Bold", 22, WHITE), "centre")
    sheet.text(106, 58, invoice.seller.name, Face("Helvetica-Bold", 14, "#0d4f6c"))
    sheet.text(106, 72, ", ".join(invoice.seller.address), Face(size=9))
    sheet.text(106, 84, f"VAT no. {invoice.seller.tax_id}  ·  Tel. 020 917 0417", SMALL)
    sheet.text(545, 58, "INVOICE", Face("Helvetica-Bold", 16), "right")
    sheet.text(545, 74, page, BODY, "right")
    sheet.rule(50, 100, 545, 1, "#0d4f6c")


def _chandler_facts(invoice: Invoice) -> list[tuple[str, str]]:
    return [
        ("Invoice no.", invoice.number),
        ("Invoice date", invoice.day(invoice.issued)),
        ("Account no.", invoice.customer or ""),
        ("Your ref.", invoice.order or ""),
        *invoice.extra,
    ]


def _chandler_table(sheet: Sheet, invoice: Invoice, y: float, shown: Sequence[Item]) -> float:
    heads = {
        "code": ("Part", 52), "description": ("Description", 0), "quantity": ("Qty", 46), "unit": ("UoM", 36),
        "unit_price": ("Price", 62), "amount": ("Net EUR", 74),
    }  # fmt: skip
    style = TableStyle(face=Face(size=8.5), head=Face("Helvetica-Bold", 8.5), stripe="#eef4f7", rules="none")
    return ItemTable(heads, (50, 545), style).draw(sheet, y, invoice, shown)


def _chandler_foot(sheet: Sheet, invoice: Invoice) -> None:
    y = sheet.text(50, 640, f"Payment terms: {invoice.terms}", BOLD)
    y = sheet.text(50, y, f"Please pay by {invoice.day(invoice.due)}", BODY)
    y = sheet.text(50, y, f"IBAN {invoice.iban}    BIC {invoice.bic}", BODY)
    sheet.paragraph(
        50,
        y + 10,
        "Flares and rockets are dangerous goods and cannot be returned. Other goods may be returned unused "
        "within 21 days; a handling charge of 15% applies. E. & O. E.",
        495,
        SMALL,
    )


def gardens(invoice: Invoice) -> bytes:
    """A small trader's invoice printed on both sides: the back of the first sheet stayed empty."""
    sheet = open_sheet(invoice)
    money = invoice.notation.money
    sheet.canvas.setFillColorRGB(0.36, 0.55, 0.27)
    sheet.canvas.circle(80, sheet.height - 66, 24, stroke=0, fill=1)
    sheet.text(80, 72, "VG", Face("Times-Bold", 18, WHITE), "centre")
    sheet.text(116, 64, invoice.seller.name, Face("Times-Bold", 20, "#2f5d1f"))
    sheet.text(116, 80, ", ".join(invoice.seller.address), Face("Times-Roman", 10))
    sheet.lines(56, 140, [invoice.buyer.name, *invoice.buyer.address], Face("Times-Roman", 11.5))
    rows = [
        ("Invoice number", invoice.number),
        ("Invoice date", invoice.day(invoice.issued)),
        *invoice.extra,
        ("Work completed", invoice.day(invoice.delivered)),
        ("VAT number", invoice.seller.tax_id or ""),
    ]
    sheet.pairs(330, 140, 96, rows, Face("Times-Roman", 10.5))
    sheet.text(56, 236, "Invoice for grounds maintenance, summer 2024", Face("Times-Bold", 13))
    _gardens_table(sheet, invoice, 256, invoice.items[:4])
    sheet.text(540, 790, "please turn over", Face("Times-Italic", 9), "right")
    sheet.next_page()
    sheet.next_page()
    y = _gardens_table(sheet, invoice, 80, invoice.items[4:])
    taxes = tax_rows(invoice, "VAT at {rate}% on {net}")
    rows = [("Net", money(invoice.subtotal)), *taxes, ("Invoice total", money(invoice.total))]
    y = totals(sheet, (540, y + 22), rows)
    rows = [("Less deposit of 3 July 2024", money(invoice.paid)), ("Balance due", money(invoice.remaining))]
    y = totals(sheet, (540, y + 8), rows)
    y = sheet.text(
        56, y + 20, f"Payment: {invoice.terms}, by {invoice.day(invoice.due)}.", Face("Times-Roman", 11)
    )
    sheet.text(56, y, f"Account: Verdant Garden Services, IBAN {invoice.iban}", Face("Times-Roman", 11))
    return sheet.pdf()


def _gardens_table(sheet: Sheet, invoice: Invoice, y: float, shown: Sequence[Item]) -> float:
    heads = {
        "description": ("Work done", 0), "quantity": ("Number", 60), "unit_price": ("Each", 70),
        "amount": ("Amount", 80),
    }  # fmt: skip
    style = TableStyle(face=Face("Times-Roman", 11), head=Face("Times-Bold", 11), padding=7)
    return ItemTable(heads, (56, 540), style).draw(sheet, y, invoice, shown)


def typewriter(invoice: Invoice) -> bytes:
    """A builder's invoice in typewriter face on plain paper; it is only ever seen scanned."""
    sheet = open_sheet(invoice)
    money = invoice.notation.money
    body, strong = Face("Courier", 10.5), Face("Courier-Bold", 10.5)
    sheet.text(70, 80, invoice.seller.name.upper(), Face("Courier-Bold", 15))
    sheet.lines(70, 98, [*invoice.seller.address, f"VAT Reg. No. {invoice.seller.tax_id}"], body)
    sheet.rule(70, 146, 530, 1.2)
    y = sheet.text(70, 172, "INVOICE TO", strong)
    sheet.lines(70, y, [invoice.buyer.name, *invoice.buyer.address], body)
    rows = [
        ("Invoice No:", invoice.number),
        ("Date:", invoice.day(invoice.issued)),
        ("Order ref:", invoice.order or ""),
        ("Completed:", invoice.day(invoice.delivered)),
    ]
    for row, (label, value) in enumerate(rows):
        sheet.text(330, 172 + 15 * row, label, body)
        sheet.text(412, 172 + 15 * row, value, body)
    sheet.text(
        70, 250, "Re: " + ", ".join(f"{label.lower()} {value}" for label, value in invoice.extra), body
    )
    heads = {
        "description": ("DESCRIPTION", 0), "quantity": ("QTY", 46), "unit_price": ("RATE", 76),
        "amount": ("AMOUNT", 80),
    }  # fmt: skip
    style = TableStyle(face=body, head=strong, rules="none", padding=5)
    y = ItemTable(heads, (67, 533), style).draw(sheet, 270, invoice)
    rows = [
        ("Sub-total", money(invoice.subtotal)),
        *tax_rows(invoice, "VAT @ {rate}% on {net}"),
        ("TOTAL", money(invoice.total)),
    ]
    y += 16
    sheet.rule(300, y - 10, 533)
    for label, amount in rows:
        sheet.text(300, y + 6, label, strong if label == "TOTAL" else body)
        y = sheet.text(530, y + 6, amount, strong if label == "TOTAL" else body, "right") + 4
    sheet.text(70, 640, f"TERMS: {invoice.terms}. Cheques to {invoice.seller.name}.", body)
    sheet.text(70, 700, "With thanks  -  R. Kestrel", Face("Times-Italic", 15))
    return sheet.pdf()
