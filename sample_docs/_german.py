"""Invoice layouts of a German and a Swiss business."""

from collections.abc import Sequence

from _figures import Invoice
from _layout import SMALL, WHITE, ItemTable, open_sheet, tax_rows, totals
from _sheet import BLACK, GREY, Column, Face, Sheet, TableStyle


def german(invoice: Invoice, slogan: str, manager: str, attachment: Sequence[Sequence[str]] = ()) -> bytes:
    """A German business letter with window address, reference block and three-column foot."""
    sheet = open_sheet(invoice)
    money, seller = invoice.notation.money, invoice.seller
    sheet.fill(0, 0, 595, 14, "#7a1f1f")
    sheet.text(538, 58, seller.name, Face("Helvetica-Bold", 17, "#7a1f1f"), "right")
    sheet.text(538, 73, slogan, Face("Helvetica-Oblique", 9, GREY), "right")
    sheet.text(57, 128, f"{seller.name} · {' · '.join(seller.address)}", Face(size=6.5, colour=GREY))
    sheet.rule(57, 131, 240, 0.3, GREY)
    sheet.lines(57, 146, [invoice.buyer.name, *invoice.buyer.address], Face(size=10.5))
    rows = [
        ("Rechnungsnummer", invoice.number),
        ("Rechnungsdatum", invoice.day(invoice.issued)),
        ("Kundennummer", invoice.customer or ""),
        ("Ihre Bestellung", invoice.order or ""),
        *invoice.extra,
        ("Leistungsdatum", invoice.day(invoice.delivered)),
        ("Ihre USt-IdNr.", invoice.buyer.tax_id or ""),
    ]
    sheet.pairs(352, 140, 92, [(label, value) for label, value in rows if value], Face(size=9))
    sheet.text(57, 278, f"Rechnung {invoice.number}", Face("Helvetica-Bold", 14))
    sheet.text(57, 300, "Sehr geehrte Damen und Herren,", Face(size=10))
    sheet.text(57, 314, "für unsere Lieferungen und Leistungen berechnen wir Ihnen:", Face(size=10))
    y = _german_table(sheet, invoice, 330)
    taxes = tax_rows(invoice, "zzgl. {rate} % MwSt. auf {net}")
    y = totals(
        sheet,
        (538, y + 20),
        [("Nettobetrag", money(invoice.subtotal)), *taxes, ("Rechnungsbetrag", money(invoice.total))],
        width=230,
    )
    y = sheet.text(57, y + 14, f"Zahlungsbedingungen: {invoice.terms}", Face(size=10))
    sheet.text(57, y, f"Fällig am: {invoice.day(invoice.due)}", Face(size=10))
    _german_foot(sheet, invoice, manager)
    if attachment:
        sheet.next_page()
        _german_attachment(sheet, invoice, attachment)
    return sheet.pdf()


def _german_table(sheet: Sheet, invoice: Invoice, y: float) -> float:
    heads = {
        "position": ("Pos.", 24), "code": ("Artikel", 50), "description": ("Bezeichnung", 0),
        "quantity": ("Menge", 44), "unit": ("Einheit", 44), "unit_price": ("Einzelpreis", 62),
        "amount": ("Gesamt EUR", 68),
    }  # fmt: skip
    return ItemTable(heads, (57, 538), TableStyle(head_fill="#eee6e6")).draw(sheet, y, invoice)


def _german_foot(sheet: Sheet, invoice: Invoice, manager: str) -> None:
    sheet.rule(57, 762, 538, 0.4, GREY)
    place = invoice.seller.address[-1][6:]
    sheet.lines(57, 774, [invoice.seller.name, *invoice.seller.address], SMALL)
    bank = [f"Zephyr Bank {place}", f"IBAN {invoice.iban}", f"BIC {invoice.bic}"]
    sheet.lines(210, 774, bank, SMALL)
    sheet.lines(
        400,
        774,
        [f"USt-IdNr. {invoice.seller.tax_id}", f"Amtsgericht {place} HRB 99417", f"GF: {manager}"],
        SMALL,
    )


def _german_attachment(sheet: Sheet, invoice: Invoice, rows: Sequence[Sequence[str]]) -> None:
    sheet.text(57, 70, f"Anlage zur Rechnung {invoice.number}", Face("Helvetica-Bold", 13))
    sheet.text(57, 90, "Übersicht der untersuchten Proben (ohne Berechnung)", Face(size=10))
    columns = [
        Column("Probe", 57, 130), Column("Entnahmestelle", 130, 330),
        Column("Entnahme", 330, 430), Column("Befund", 430, 538),
    ]  # fmt: skip
    sheet.table(106, columns, rows, TableStyle(rules="grid", rule_colour=BLACK))
    sheet.text(538, 800, "Seite 2 von 2", SMALL, "right")


def brewery(invoice: Invoice) -> bytes:
    """A Swiss invoice in francs with two tax rates, striped table and payment part."""
    sheet = open_sheet(invoice)
    number, green = invoice.notation.number, "#27523b"
    seller, buyer = invoice.seller, invoice.buyer
    sheet.text(56, 66, "BERGQUELL", Face("VeraBd", 20, green))
    sheet.lines(56, 82, [f"{seller.name}, {', '.join(seller.address)}", seller.tax_id or ""], Face("Vera", 7))
    sheet.lines(350, 130, [buyer.name, *buyer.address], Face("Vera", 9.5))
    sheet.text(56, 212, f"Rechnung Nr. {invoice.number}", Face("VeraBd", 13))
    left = [("Datum", invoice.day(invoice.issued)), ("Zahlbar bis", invoice.day(invoice.due))]
    right = [("Kunden-Nr.", invoice.customer or ""), ("Lieferdatum", invoice.day(invoice.delivered))]
    sheet.pairs(56, 232, 80, [*left, ("Konditionen", invoice.terms or "")], Face("Vera", 8))
    sheet.pairs(310, 232, 90, [*right, *invoice.extra], Face("Vera", 8))
    heads = {
        "description": ("Artikel", 0), "quantity": ("Menge", 46), "unit": ("Einh.", 46),
        "unit_price": ("Preis", 56), "rate": ("MWST", 48), "amount": ("Betrag CHF", 78),
    }  # fmt: skip
    style = TableStyle(
        face=Face("Vera", 8), head=Face("VeraBd", 8, WHITE), head_fill=green, stripe="#edf3ef", rules="none"
    )
    y = ItemTable(heads, (56, 540), style).draw(sheet, 290, invoice)
    taxes = [(f"MWST {rate} % von {number(net)}", number(tax)) for rate, net, tax in invoice.taxes]
    rows = [
        ("Total exkl. MWST", number(invoice.subtotal)),
        *taxes,
        ("Total MWST", number(invoice.tax)),
        ("Total CHF", number(invoice.total)),
    ]
    totals(sheet, (540, y + 22), rows, Face("Vera", 8), 220)
    _payment_part(sheet, invoice)
    return sheet.pdf()


def _payment_part(sheet: Sheet, invoice: Invoice) -> None:
    sheet.canvas.setDash(2, 2)
    sheet.rule(0, 620, 595, 0.5, GREY)
    sheet.canvas.setDash()
    sheet.text(56, 644, "Zahlteil", Face("VeraBd", 11))
    faint, body = Face("VeraBd", 6.5), Face("Vera", 8)
    y = sheet.text(56, 664, "Konto / Zahlbar an", faint)
    y = sheet.lines(56, y, [invoice.iban or "", invoice.seller.name, *invoice.seller.address], body)
    y = sheet.text(56, y + 6, "Währung      Betrag", faint)
    sheet.text(56, y, f"CHF          {invoice.notation.number(invoice.total)}", body)
    y = sheet.text(320, 664, "Zahlbar durch", faint)
    sheet.lines(320, y, [invoice.buyer.name, *invoice.buyer.address], body)
