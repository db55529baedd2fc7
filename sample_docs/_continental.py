"""Invoice layouts of German, French, Dutch, Spanish and Swiss businesses."""

from collections.abc import Sequence

from reportlab.lib.pagesizes import A4, landscape

from _figures import Invoice
from _layout import BODY, BOLD, SMALL, WHITE, Passwords, columns_of, edges_of, open_sheet, totals
from _sheet import BLACK, GREY, PALE, Column, Face, Sheet, TableStyle


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
    taxes = [(f"zzgl. {rate} % MwSt. auf {money(net)}", money(tax)) for rate, net, tax in invoice.taxes]
    y = totals(
        sheet,
        y + 20,
        538,
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
    titles = {
        "code": "Artikel", "description": "Bezeichnung", "quantity": "Menge", "unit": "Einheit",
        "unit_price": "Einzelpreis", "amount": "Gesamt EUR",
    }  # fmt: skip
    widths = {"code": 50.0, "quantity": 44.0, "unit": 44.0, "unit_price": 62.0, "amount": 68.0}
    columns = columns_of(invoice, titles, edges_of(invoice, widths, 81, 538))
    rows = [(str(number), *invoice.cells(item)) for number, item in enumerate(invoice.items, 1)]
    return sheet.table(y, [Column("Pos.", 57, 81), *columns], rows, TableStyle(head_fill="#eee6e6"))


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


def french(invoice: Invoice) -> bytes:
    """A French invoice with two VAT rates in a table of their own and legal notices at the foot."""
    sheet = open_sheet(invoice)
    seller = invoice.seller
    ink = "#5b2a66"
    sheet.text(56, 70, "Atelier Beaumont", Face("Times-BoldItalic", 26, ink))
    sheet.text(56, 86, "TRAITEUR · RÉCEPTIONS · LOCATION", Face("Times-Roman", 8.5, ink))
    sheet.lines(56, 108, [seller.name, *seller.address, "Tél. 01 99 00 41 72"], Face("Times-Roman", 9.5))
    sheet.text(540, 70, "FACTURE", Face("Times-Bold", 22), "right")
    sheet.text(540, 90, f"N° {invoice.number}", Face("Times-Roman", 12), "right")
    sheet.text(540, 106, f"du {invoice.day(invoice.issued)}", Face("Times-Roman", 12), "right")
    sheet.fill(310, 140, 230, 76, "#f5eef6")
    sheet.text(320, 156, "Facturé à", Face("Times-Italic", 9, GREY))
    sheet.lines(320, 172, [invoice.buyer.name, *invoice.buyer.address], Face("Times-Roman", 11))
    rows = [
        ("N° client", invoice.customer or ""),
        ("Bon de commande", invoice.order or ""),
        *invoice.extra,
        ("Date de la prestation", invoice.day(invoice.delivered)),
    ]
    sheet.pairs(56, 178, 100, rows, Face("Times-Roman", 9.5))
    titles = {
        "description": "Désignation", "quantity": "Qté", "unit_price": "P.U. HT", "rate": "TVA",
        "amount": "Montant HT",
    }  # fmt: skip
    edges = edges_of(invoice, {"quantity": 50, "unit_price": 64, "rate": 46, "amount": 80}, 56, 540)
    style = TableStyle(
        face=Face("Times-Roman", 10), head=Face("Times-Bold", 10, WHITE), head_fill=ink, rule_colour="#d9c9dd"
    )
    y = sheet.table(
        250, columns_of(invoice, titles, edges), [invoice.cells(item) for item in invoice.items], style
    )
    _french_totals(sheet, invoice, y + 24)
    _french_foot(sheet, invoice)
    return sheet.pdf()


def _french_totals(sheet: Sheet, invoice: Invoice, y: float) -> None:
    money = invoice.notation.money
    columns = [
        Column("Taux", 56, 110), Column("Base HT", 110, 190, "right"), Column("Montant TVA", 190, 280, "right")
    ]  # fmt: skip
    rows = [(f"{rate} %", money(net), money(tax)) for rate, net, tax in invoice.taxes]
    style = TableStyle(face=Face("Times-Roman", 9.5), head=Face("Times-Bold", 9.5), rules="grid")
    sheet.table(y, columns, rows, style)
    face = Face("Times-Roman", 10.5)
    for label, amount in (("Total HT", invoice.subtotal), ("Total TVA", invoice.tax)):
        sheet.text(360, y + 12, label, face)
        y = sheet.text(537, y + 12, money(amount), face, "right") - 8
    sheet.fill(350, y + 8, 190, 24, "#f5eef6")
    sheet.text(360, y + 24, "NET À PAYER TTC", Face("Times-Bold", 11))
    sheet.text(537, y + 24, money(invoice.total), Face("Times-Bold", 11), "right")


def _french_foot(sheet: Sheet, invoice: Invoice) -> None:
    face = Face("Times-Roman", 9)
    y = sheet.text(56, 652, f"Échéance : {invoice.day(invoice.due)}", Face("Times-Bold", 10))
    y = sheet.text(56, y, f"Conditions de règlement : {invoice.terms}", face)
    y = sheet.text(56, y, f"IBAN : {invoice.iban}    BIC : {invoice.bic}", face)
    sheet.paragraph(
        56,
        y + 10,
        "En cas de retard de paiement, une pénalité égale à trois fois le taux d'intérêt légal sera exigible, "
        "ainsi qu'une indemnité forfaitaire pour frais de recouvrement de 40 euros. Pas d'escompte pour paiement "
        "anticipé.",
        484,
        Face("Times-Italic", 8.5, GREY),
    )
    legal = f"SARL au capital de 8 000 € · RCS Saint-Aubry 999 281 644 · TVA intracommunautaire {invoice.seller.tax_id}"
    sheet.text(298, 800, legal, Face("Times-Roman", 8, GREY), "centre")


def studio(invoice: Invoice) -> bytes:
    """A designer's invoice: two columns, hardly a rule, the facts in a narrow column on the left."""
    sheet = open_sheet(invoice)
    money, faint = invoice.notation.money, Face("Vera", 7, "#8a8a8a")
    body, strong = Face("Vera", 8.5), Face("VeraBd", 8.5)
    sheet.text(48, 84, "studio lumen", Face("VeraBd", 19))
    y = 150.0
    for label, lines in _studio_facts(invoice):
        y = sheet.text(48, y, label, faint) + 3
        y = sheet.lines(48, y, lines, body) + 10
    sheet.text(210, 150, f"Invoice {invoice.number}", Face("VeraBd", 15))
    y = 186.0
    for item in invoice.items:
        description, quantity, unit, price, amount = invoice.cells(item)
        sheet.text(210, y, description, body)
        sheet.text(547, y, amount, body, "right")
        y = sheet.text(210, y + 13, f"{quantity} {unit} at {price}", faint) + 14
    sheet.rule(210, y - 6, 547, 0.4, PALE)
    rows = [
        ("Subtotal", money(invoice.subtotal)),
        ("Returning client", money(-invoice.discount)),
        ("VAT, reverse charge", money(invoice.tax)),
    ]
    for label, amount in rows:
        sheet.text(330, y + 14, label, body)
        y = sheet.text(547, y + 14, amount, body, "right") - 6 + 4
    sheet.text(330, y + 24, "Total", strong)
    sheet.text(547, y + 24, money(invoice.total), Face("VeraBd", 12), "right")
    sheet.paragraph(
        210,
        y + 80,
        "VAT due by the recipient under article 44 of Directive 2006/112/EC. Thank you for the lovely lobby.",
        330,
        faint,
    )
    return sheet.pdf()


def _studio_facts(invoice: Invoice) -> list[tuple[str, list[str]]]:
    seller, buyer = invoice.seller, invoice.buyer
    return [
        ("date", [invoice.day(invoice.issued)]),
        ("pay before", [invoice.day(invoice.due)]),
        ("for", [buyer.name, *buyer.address, f"VAT {buyer.tax_id}"]),
        *((label.lower(), [value]) for label, value in invoice.extra),
        ("from", [seller.name, *seller.address, f"VAT {seller.tax_id}"]),
        (
            "to account",
            (invoice.iban or "").rsplit(" ", 2)[:1] + [" ".join((invoice.iban or "").rsplit(" ", 2)[1:])],
        ),
        ("terms", [invoice.terms or ""]),
    ]


def freight(invoice: Invoice) -> bytes:
    """A Spanish haulier's invoice in landscape, with a wide table."""
    sheet = open_sheet(invoice, landscape(A4))
    money, seller = invoice.notation.money, invoice.seller
    sheet.fill(40, 36, 762, 46, "#c2571a")
    sheet.text(54, 66, seller.name, Face("Helvetica-Bold", 17, WHITE))
    sheet.text(788, 66, "FACTURA", Face("Helvetica-Bold", 20, WHITE), "right")
    sheet.lines(40, 102, [*seller.address, f"NIF {seller.tax_id}", "Tel. 900 000 417"], BODY)
    sheet.text(300, 102, "Cliente", SMALL)
    buyer = invoice.buyer
    sheet.lines(300, 116, [buyer.name, *buyer.address, f"NIF {buyer.tax_id}"], Face(size=10))
    rows = [
        ("Nº factura", invoice.number),
        ("Fecha de emisión", invoice.day(invoice.issued)),
        ("Vencimiento", invoice.day(invoice.due)),
        ("Cód. cliente", invoice.customer or ""),
        ("Su pedido", invoice.order or ""),
        ("Servicios prestados", f"01/10/2024 - {invoice.day(invoice.delivered)}"),
        *invoice.extra,
    ]
    sheet.pairs(560, 102, 108, rows, Face(size=9))
    titles = {
        "code": "Albarán", "description": "Concepto", "quantity": "Cantidad", "unit": "Unidad",
        "unit_price": "Precio", "amount": "Importe",
    }  # fmt: skip
    edges = edges_of(
        invoice, {"code": 80, "quantity": 80, "unit": 70, "unit_price": 90, "amount": 100}, 40, 802
    )
    style = TableStyle(head_fill="#f6e4d8", rules="rows", face=Face(size=10), head=Face("Helvetica-Bold", 10))
    y = sheet.table(
        218, columns_of(invoice, titles, edges), [invoice.cells(item) for item in invoice.items], style
    )
    taxes = [(f"IVA {rate} % sobre {money(net)}", money(tax)) for rate, net, tax in invoice.taxes]
    rows = [("Base imponible", money(invoice.subtotal)), *taxes, ("TOTAL FACTURA", money(invoice.total))]
    totals(sheet, y + 26, 802, rows, Face(size=10), 250)
    sheet.text(40, y + 40, f"Forma de pago: {invoice.terms}", BODY)
    sheet.text(40, y + 54, f"IBAN: {invoice.iban}", BODY)
    sheet.text(
        421,
        566,
        "Inscrita en el Registro Mercantil de Solana, tomo 417, folio 9, hoja SO-9941",
        SMALL,
        "centre",
    )
    return sheet.pdf()


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
    titles = {
        "description": "Artikel", "quantity": "Menge", "unit": "Einh.", "unit_price": "Preis", "rate": "MWST",
        "amount": "Betrag CHF",
    }  # fmt: skip
    edges = edges_of(
        invoice, {"quantity": 46, "unit": 46, "unit_price": 56, "rate": 48, "amount": 78}, 56, 540
    )
    style = TableStyle(
        face=Face("Vera", 8), head=Face("VeraBd", 8, WHITE), head_fill=green, stripe="#edf3ef", rules="none"
    )
    y = sheet.table(
        290, columns_of(invoice, titles, edges), [invoice.cells(item) for item in invoice.items], style
    )
    taxes = [(f"MWST {rate} % von {number(net)}", number(tax)) for rate, net, tax in invoice.taxes]
    rows = [("Total exkl. MWST", number(invoice.subtotal)), *taxes, ("Total CHF", number(invoice.total))]
    totals(sheet, y + 22, 540, rows, Face("Vera", 8), 220)
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
