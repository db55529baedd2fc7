"""Receipts of a French restaurant, a Dutch baker, a Spanish filling station and a German taxi and market."""

from datetime import date, time
from decimal import Decimal

from _figures import DUTCH, FRENCH, GERMAN, SPANISH, Party
from _roll import BOLD, NAME, SUM, Roll
from _sale import Sale
from _sheet import GREY, Face, Sheet
from _truth import Record, tax_line

BISTRO = Sale(
    Party("LE TILLEUL BLEU", ("14, rue des Halles", "99310 Port-Aubin"), "FR 99 999 018 552"),
    "20418",
    date(2025, 6, 7),
    time(13, 42),
    FRENCH,
    (
        ("Menu du jour", "2", "18.90", "10"),
        ("Entrecôte grillée", "1", "24.50", "10"),
        ("Carafe rosé 50 cl", "1", "11.00", "20"),
        ("Café expresso", "3", "2.20", "10"),
    ),
)
BAKER = Sale(
    Party("BAKKERIJ DE KORENAAR", ("Kerkplein 3", "9994 XB Zuiderloo"), "NL999872031B01"),
    "31-00872",
    date(2025, 3, 14),
    time(9, 27),
    DUTCH,
    (
        ("Volkoren gesneden", "2", "2.95", "9"),
        ("Appelflap", "4", "1.85", "9"),
        ("Korting 4 halen 3 betalen", "1", "-1.85", "9"),
        ("Slagroomtaart 8 p.", "1", "18.50", "9"),
    ),
)
FUEL = Sale(
    Party("ESTACION DE SERVICIO LA ENCINA", ("Ctra. N-999, km 41,7", "99715 Olivares del Río"), "B99908817"),
    "T-0088172",
    date(2024, 11, 29),
    time(18, 5),
    SPANISH,
    (("GASOLEO A", "41.27", "1.459", "21"), ("LIMPIACRISTALES 5L", "1", "6.95", "21")),
)
MARKET = Sale(
    Party("LINDNER MARKT", ("Bahnhofstr. 8", "99990 Bad Lindenau"), "DE999507761"),
    "7719",
    date(2024, 11, 2),
    time(17, 43),
    GERMAN,
    (
        ("VOLLMILCH 3,5% 1L", "1", "1.19", "7"),
        ("ROGGENBROT 750G", "1", "2.49", "7"),
        ("BANANEN KG", "1.284", "1.79", "7"),
        ("KÄSE JUNG 400G", "2", "3.29", "7"),
        ("APFELSAFT 1L", "3", "1.45", "19"),
        ("SPÜLMITTEL 500ML", "1", "1.95", "19"),
        ("KÜCHENROLLE 4ER", "1", "2.75", "19"),
    ),
)
LETTERS = {"19": "A", "7": "B"}
CASH = Decimal("30.00")
TAXI = Sale(
    Party("Taxi-Zentrale Neuental eG", ("Bahnhofsplatz 2", "99999 Neuental"), "DE999417555"),
    "0417-338",
    date(2025, 3, 5),
    time(22, 14),
    GERMAN,
    (("Fahrt Hauptbahnhof - Klinik West", "1", "23.40", "7"),),
)


def bistro() -> bytes:
    """Return the bill of a French restaurant."""
    sale, number = BISTRO, BISTRO.notation.number
    roll = Roll()
    roll.centre(sale.merchant.name, face=NAME)
    roll.centre("Brasserie - Terrasse", *sale.merchant.address, "Tél. 01 99 00 55 18")
    roll.gap()
    roll.ends(
        (f"Ticket n° {sale.number}", "Table 12"), (f"{sale.day:%d/%m/%Y}  {sale.clock:%H:%M}", "Couverts 3")
    )
    roll.rule()
    for (name, quantity, _, _), amount in zip(sale.lines, sale.amounts, strict=True):
        roll.ends((f"{quantity} {name}", number(amount)))
    roll.rule()
    roll.ends(("TOTAL TTC", f"{number(sale.net)} €"), face=SUM)
    roll.gap()
    roll.left("TVA        HT      TVA      TTC", face=BOLD)
    for rate, net, tax in sale.taxes():
        roll.left(f"{rate},00%{number(net):>9}{number(tax):>9}{number(net + tax):>9}")
    roll.ends(("Total HT", number(sum((net for _, net, _ in sale.taxes()), Decimal(0)))))
    roll.ends(("Total TVA", number(sum((tax for _, _, tax in sale.taxes()), Decimal(0)))))
    roll.gap()
    roll.ends(("CB ************4471", number(sale.net)))
    roll.gap()
    roll.centre("Service compris", f"TVA {sale.merchant.tax_id}", "Merci de votre visite !")
    return roll.pdf("Addition", sale.merchant.name)


def bistro_record() -> Record:
    """Return what the bill says."""
    taxes = BISTRO.taxes()
    return BISTRO.record(
        line_items=BISTRO.counted(),
        tax_lines=[tax_line(*tax) for tax in taxes],
        subtotal=str(sum(net for _, net, _ in taxes)),
        tax_total=str(sum(tax for _, _, tax in taxes)),
        payment_method="card",
        card_last_digits="4471",
        amount_paid=str(BISTRO.net),
    )


def baker() -> bytes:
    """Return a Dutch baker's receipt."""
    sale, number = BAKER, BAKER.notation.number
    roll = Roll()
    roll.centre(sale.merchant.name, face=Face("Courier-Bold", 14))
    roll.centre(*sale.merchant.address)
    roll.gap()
    roll.ends((f"Bon {sale.number}", f"{sale.day:%d-%m-%Y} {sale.clock:%H:%M}"))
    roll.rule()
    for (name, quantity, price, _), amount in zip(sale.lines, sale.amounts, strict=True):
        roll.ends((name, number(amount)))
        if quantity != "1":
            roll.left(f"   {quantity} x {number(Decimal(price))}")
    roll.rule()
    roll.ends(("TOTAAL", f"€ {number(sale.net)}"), face=SUM)
    roll.gap()
    roll.ends(("PIN", number(sale.net)), ("Pas ************7719", "contactloos"))
    roll.gap()
    ((rate, net, tax),) = sale.taxes()
    roll.ends((f"Btw {rate}% over {number(net)}", number(tax)))
    roll.gap()
    roll.centre(f"Btw-nr. {sale.merchant.tax_id}", "U bent geholpen door Marijke", "Bedankt en tot ziens!")
    return roll.pdf("Kassabon", sale.merchant.name)


def baker_record() -> Record:
    """Return what the baker's receipt says."""
    return BAKER.record(
        line_items=BAKER.priced(),
        tax_lines=[tax_line(*tax) for tax in BAKER.taxes()],
        tax_total=str(BAKER.taxes()[0][2]),
        payment_method="card",
        card_last_digits="7719",
        amount_paid=str(BAKER.net),
    )


def fuel() -> bytes:
    """Return the ticket of a Spanish filling station."""
    sale, written = FUEL, FUEL.notation
    roll = Roll()
    roll.centre("ESTACION DE SERVICIO", "LA ENCINA", face=Face("Courier-Bold", 13))
    roll.centre(*sale.merchant.address, f"NIF {sale.merchant.tax_id}")
    roll.gap()
    roll.left("FACTURA SIMPLIFICADA", face=BOLD)
    roll.ends(("Núm.", sale.number), (f"Fecha {sale.day:%d/%m/%Y}", f"Hora {sale.clock:%H:%M}"))
    roll.ends(("Surtidor 4", "Operador 12"))
    roll.gap()
    for (name, quantity, price, _), amount in zip(sale.lines, sale.amounts, strict=True):
        roll.ends((name, written.number(amount)))
        roll.left(f" {written.quantity(Decimal(quantity))} x {written.quantity(Decimal(price))} €")
    roll.gap()
    roll.ends(("TOTAL EUR", written.number(sale.net)), face=SUM)
    roll.ends(("EFECTIVO", "70,00"), ("CAMBIO", written.number(Decimal(70) - sale.net)))
    roll.gap()
    ((rate, net, tax),) = sale.taxes()
    roll.left("IVA %      BASE     CUOTA", face=BOLD)
    roll.left(f"{rate},00{written.number(net):>10}{written.number(tax):>10}")
    roll.gap()
    roll.centre("IVA incluido", "GRACIAS POR SU VISITA")
    return roll.pdf("Ticket", sale.merchant.name)


def fuel_record() -> Record:
    """Return what the ticket says."""
    return FUEL.record(
        line_items=FUEL.priced(single=True),
        tax_lines=[tax_line(*tax) for tax in FUEL.taxes()],
        tax_total=str(FUEL.taxes()[0][2]),
        payment_method="cash",
        amount_paid="70.00",
        change=str(Decimal(70) - FUEL.net),
    )


def taxi() -> bytes:
    """Return the receipt of a German taxi: a small form with labels and dotted lines."""
    sale, number = TAXI, TAXI.notation.number
    ((rate, _, tax),) = sale.taxes()
    sheet = Sheet((298, 420), title="Quittung", author=sale.merchant.name)
    sheet.fill(20, 20, 258, 40, "#f4c400")
    sheet.text(30, 46, "TAXI", Face("Helvetica-Bold", 22))
    sheet.text(268, 38, sale.merchant.name, Face("Helvetica-Bold", 9), "right")
    sheet.text(268, 51, ", ".join(sale.merchant.address), Face(size=7.5), "right")
    sheet.text(30, 86, "Quittung", Face("Helvetica-Bold", 15))
    rows = [
        ("Nr.", sale.number),
        ("Datum", f"{sale.day:%d.%m.%Y}"),
        ("Uhrzeit", f"{sale.clock:%H:%M} Uhr"),
        ("Leistung", sale.lines[0][0]),
        ("Betrag", f"{number(sale.net)} EUR"),
        (f"darin {rate} % MwSt.", f"{number(tax)} EUR"),
        ("Zahlungsart", "bar"),
        ("Ordnungs-Nr.", "118"),
    ]
    for place, (label, value) in enumerate(rows):
        y = 116 + 26 * place
        sheet.text(30, y, label, Face(size=9, colour=GREY))
        sheet.text(118, y, value, Face("Helvetica-Bold" if label == "Betrag" else "Helvetica", 10))
        sheet.rule(112, y + 4, 268, 0.4, GREY)
    sheet.text(30, 340, "Fahrpreis dankend erhalten", Face("Helvetica-Oblique", 9))
    sheet.text(149, 396, f"USt-IdNr. {sale.merchant.tax_id}", Face(size=7.5, colour=GREY), "centre")
    return sheet.pdf()


def taxi_record() -> Record:
    """Return what the receipt of the taxi says."""
    ((rate, _, tax),) = TAXI.taxes()
    taxes = [{"rate": rate, "taxable_amount": None, "tax_amount": str(tax)}]
    return TAXI.record(tax_lines=taxes, tax_total=str(tax), payment_method="cash")


def supermarket() -> bytes:
    """Return the receipt of a German supermarket: a letter for the tax behind each amount."""
    sale, number = MARKET, MARKET.notation.number
    roll = Roll()
    roll.centre(sale.merchant.name, face=NAME)
    roll.centre(*sale.merchant.address, f"UID Nr. {sale.merchant.tax_id}")
    roll.gap()
    roll.ends(("", "EUR"), face=BOLD)
    for (name, quantity, price, rate), amount in zip(sale.lines, sale.amounts, strict=True):
        roll.ends((name, f"{number(amount)} {LETTERS[rate]}"))
        if quantity != "1":
            unit = "kg" if "." in quantity else "Stk"
            roll.left(f"   {quantity} {unit} x {price}".replace(".", ","))
    roll.ends(("SUMME EUR", number(sale.net)), face=SUM)
    roll.gap()
    roll.ends(("Geg. BAR", number(CASH)), ("Rückgeld BAR", number(CASH - sale.net)))
    roll.gap()
    roll.left("Steuer %   Netto   Steuer   Brutto", face=BOLD)
    for rate, net, tax in reversed(sale.taxes()):
        cells = f"{number(net):>7} {number(tax):>8} {number(net + tax):>8}"
        roll.left(f"{LETTERS[rate]}= {rate:>2},0% {cells}")
    roll.gap()
    roll.left(
        f"{sale.day:%d.%m.%Y}  {sale.clock:%H:%M}   Bon-Nr. {sale.number}", "Markt 0417  Kasse 3  Bed. 22"
    )
    roll.gap()
    roll.centre("Vielen Dank für Ihren Einkauf")
    return roll.pdf("Kassenbon", sale.merchant.name)


def supermarket_record() -> Record:
    """Return what the receipt of the supermarket says."""
    items = [item | {"tax_rate": line[3]} for item, line in zip(MARKET.priced(), MARKET.lines, strict=True)]
    return MARKET.record(
        line_items=items,
        tax_lines=[tax_line(*tax) for tax in reversed(MARKET.taxes())],
        payment_method="cash",
        amount_paid=str(CASH),
        change=str(CASH - MARKET.net),
    )
