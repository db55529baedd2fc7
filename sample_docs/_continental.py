"""Invoice layouts of French, Dutch and Spanish businesses."""

from _figures import Invoice
from _layout import BODY, SMALL, WHITE, ItemTable, open_sheet, tax_rows, totals
from _sheet import GREY, PALE, Column, Face, Sheet, TableStyle
from reportlab.lib.pagesizes import A4, landscape


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
    heads = {
        "description": ("Désignation", 0), "quantity": ("Qté", 50), "unit_price": ("P.U. HT", 64),
        "rate": ("TVA", 46), "amount": ("Montant HT", 80),
    }  # fmt: skip
    style = TableStyle(
        face=Face("Times-Roman", 10), head=Face("Times-Bold", 10, WHITE), head_fill=ink, rule_colour="#d9c9dd"
    )
    y = ItemTable(heads, (56, 540), style).draw(sheet, 250, invoice)
    _french_totals(sheet, invoice, y + 24)
    _french_foot(sheet, invoice)
    return sheet.pdf()


def _french_totals(sheet: Sheet, invoice: Invoice, y: float) -> None:
    money = invoice.notation.money
    columns = [
        Column("Taux", 56, 110),
        Column("Base HT", 110, 190, "right"),
        Column("Montant TVA", 190, 280, "right"),
    ]
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
        "En cas de retard de paiement, une pénalité égale à trois fois le taux d'intérêt légal sera "
        "exigible, ainsi qu'une indemnité forfaitaire pour frais de recouvrement de 40 "
        "euros. Pas d'escompte "
        "pour paiement anticipé.",
        484,
        Face("Times-Italic", 8.5, GREY),
    )
    company = "SARL au capital de 8 000 € · RCS Saint-Aubry 999 281 644"
    legal = f"{company} · TVA intracommunautaire {invoice.seller.tax_id}"
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
    account = (invoice.iban or "").split()
    return [
        ("date", [invoice.day(invoice.issued)]),
        ("pay before", [invoice.day(invoice.due)]),
        ("for", [buyer.name, *buyer.address, f"VAT {buyer.tax_id}"]),
        *((label.lower(), [value]) for label, value in invoice.extra),
        ("from", [seller.name, *seller.address, f"VAT {seller.tax_id}"]),
        (
            "to account",
            [" ".join(account[:3]), " ".join(account[3:])],
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
    heads = {
        "code": ("Albarán", 80), "description": ("Concepto", 0), "quantity": ("Cantidad", 80),
        "unit": ("Unidad", 70), "unit_price": ("Precio", 90), "amount": ("Importe", 100),
    }  # fmt: skip
    style = TableStyle(head_fill="#f6e4d8", rules="rows", face=Face(size=10), head=Face("Helvetica-Bold", 10))
    y = ItemTable(heads, (40, 802), style).draw(sheet, 218, invoice)
    taxes = tax_rows(invoice, "IVA {rate} % sobre {net}")
    rows = [("Base imponible", money(invoice.subtotal)), *taxes, ("TOTAL FACTURA", money(invoice.total))]
    totals(sheet, (802, y + 26), rows, Face(size=10), 250)
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
