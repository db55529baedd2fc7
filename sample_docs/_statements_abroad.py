"""Bank statements from Germany, the Netherlands, France and Spain, each with its own way to write a debit."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from _account import Account, Booking
from _figures import DUTCH, FRENCH, GERMAN, SPANISH
from _sheet import GREY, Column, Face, Sheet, TableStyle
from reportlab.lib.pagesizes import A4, landscape

# Title, left and right edge, alignment, and what stands in it of a booking.
Cells = tuple[str, float, float, str, Callable[[Booking], str]]

STRONG = Face("Helvetica-Bold", 9.5)
BLUE, ORANGE, LEAF = "#00427a", "#e0552b", "#557a1f"
BLATT = 14  # bookings on the first page of the German statement


def german(account: Account) -> bytes:
    """A German statement over two pages: S and H behind the amounts, no balance beside the bookings."""
    sheet, body = Sheet(title="Kontoauszug", author=account.bank.name), Face("Courier", 9.5)
    style = TableStyle(face=Face("Courier", 9), head=Face("Helvetica-Bold", 9))
    columns: list[Cells] = [
        ("Buchung", 50, 100, "left", lambda booking: f"{booking.day:%d.%m.}"),
        ("Wert", 100, 146, "left", lambda booking: f"{booking.value_day:%d.%m.}"),
        ("Vorgang", 146, 400, "left", lambda booking: booking.text),
        ("Betrag EUR", 430, 545, "right", lambda booking: _marked(booking.amount)),
    ]
    _german_head(sheet, account, "Blatt 1 von 2")
    sheet.lines(50, 126, [account.holder.name, *account.holder.address], Face(size=10.5))
    facts = [
        ("Kontonummer", account.number or ""), ("IBAN", account.iban), ("BIC", account.bic or ""),
        ("Auszugsdatum", f"{account.issued:%d.%m.%Y}"),
        ("Zeitraum", f"{account.start:%d.%m.%Y} - {account.end:%d.%m.%Y}"),
    ]  # fmt: skip
    sheet.pairs(310, 126, 76, facts)
    sheet.text(146, 222, "Alter Kontostand vom 30.04.2025", body)
    sheet.text(542, 222, _marked(account.opening), body, "right")
    y = _booked(sheet, 236, account.bookings[:BLATT], columns, style)
    sheet.text(545, y + 20, "Fortsetzung nächstes Blatt", Face(size=8, colour=GREY), "right")
    sheet.next_page()
    _german_head(sheet, account, "Blatt 2 von 2")
    y = _booked(sheet, 110, account.bookings[BLATT:], columns, style)
    sheet.text(146, y + 22, f"Neuer Kontostand vom {account.end:%d.%m.%Y}", Face("Courier-Bold", 9.5))
    sheet.text(542, y + 22, _marked(account.closing), Face("Courier-Bold", 9.5), "right")
    return sheet.pdf()


def _german_head(sheet: Sheet, account: Account, page: str) -> None:
    sheet.text(50, 60, account.bank.name, Face("Helvetica-Bold", 15, BLUE))
    sheet.text(50, 74, ", ".join(account.bank.address), Face(size=8, colour=GREY))
    sheet.text(545, 60, f"Kontoauszug Nr. {account.statement}", Face("Helvetica-Bold", 12), "right")
    sheet.text(545, 74, page, Face(size=8.5), "right")
    sheet.rule(50, 84, 545, 1, BLUE)


def _marked(amount: Decimal) -> str:
    """Return the amount with S for Soll or H for Haben behind it."""
    return f"{GERMAN.number(abs(amount))} {'S' if amount < 0 else 'H'}"


def dutch(account: Account) -> bytes:
    """A Dutch statement: who it was in a column of its own, Af or Bij beside amounts without signs."""
    sheet, number, day = Sheet(title="Rekeningafschrift", author=account.bank.name), DUTCH.number, DUTCH.day
    sheet.fill(50, 44, 30, 30, ORANGE)
    sheet.text(88, 66, account.bank.name, Face("VeraBd", 15, ORANGE))
    sheet.text(545, 66, "Rekeningafschrift", Face("VeraBd", 13), "right")
    sheet.lines(50, 112, [account.holder.name, *account.holder.address], Face(size=10.5))
    facts = [
        ("IBAN", account.iban), ("BIC", account.bic or ""), ("Afschriftnummer", account.statement or ""),
        ("Datum afschrift", day(account.issued or account.end)),
        ("Periode", f"{day(account.start)} t/m {day(account.end)}"),
    ]  # fmt: skip
    sheet.pairs(320, 112, 84, facts)
    _dutch_sums(sheet, account)
    columns: list[Cells] = [
        ("Datum", 50, 106, "left", lambda booking: day(booking.day)),
        ("Naam tegenpartij", 106, 270, "left", lambda booking: booking.other or ""),
        ("Omschrijving", 270, 440, "left", lambda booking: booking.text),
        ("Af/Bij", 440, 480, "left", lambda booking: "Af" if booking.amount < 0 else "Bij"),
        ("Bedrag (EUR)", 480, 545, "right", lambda booking: number(abs(booking.amount))),
    ]
    style = TableStyle(face=Face(size=8.5), head=Face("Helvetica-Bold", 8.5), stripe="#faf0ec", rules="none")
    _booked(sheet, 254, account.bookings, columns, style)
    foot = f"{account.bank.name}, {', '.join(account.bank.address)} · Pagina 1 van 1"
    sheet.text(297, 810, foot, Face(size=7.5, colour=GREY), "centre")
    return sheet.pdf()


def _dutch_sums(sheet: Sheet, account: Account) -> None:
    sums = (
        ("Vorig saldo", account.opening), ("Totaal bij", account.total_in),
        ("Totaal af", account.total_out), ("Nieuw saldo", account.closing),
    )  # fmt: skip
    for place, (label, amount) in enumerate(sums):
        x = 50 + 124 * place
        sheet.frame(x, 190, 118, 40, ORANGE)
        sheet.text(x + 8, 205, label, Face(size=8, colour=GREY))
        sheet.text(x + 8, 221, DUTCH.money(amount), Face("Helvetica-Bold", 10.5))


def french(account: Account) -> bytes:
    """A French statement: days without a year, debits and credits in columns of their own."""
    sheet, number = Sheet(title="Relevé de compte", author=account.bank.name), FRENCH.number
    sheet.text(50, 62, account.bank.name, Face("Times-BoldItalic", 19, "#1b4d2b"))
    sheet.text(50, 78, ", ".join(account.bank.address), Face(size=8.5))
    sheet.text(545, 62, f"Relevé de compte n° {account.statement}", Face("Helvetica-Bold", 13), "right")
    sheet.text(545, 78, f"arrêté au {account.issued:%d/%m/%Y}", Face(size=9.5), "right")
    sheet.lines(320, 130, [account.holder.name, *account.holder.address], Face(size=11))
    facts = [
        ("Compte n°", account.number or ""), ("IBAN", account.iban), ("BIC", account.bic or ""),
        ("Période", f"du {account.start:%d/%m/%Y} au {account.end:%d/%m/%Y}"),
    ]  # fmt: skip
    sheet.pairs(50, 190, 62, facts, Face(size=9.5))
    columns: list[Cells] = [
        ("Date", 50, 92, "left", lambda booking: f"{booking.day:%d/%m}"),
        ("Valeur", 92, 138, "left", lambda booking: f"{booking.value_day:%d/%m}"),
        ("Opération", 138, 395, "left", lambda booking: booking.text),
        ("Débit", 395, 470, "right", lambda booking: _positive(-booking.amount)),
        ("Crédit", 470, 545, "right", lambda booking: _positive(booking.amount)),
    ]
    style = TableStyle(rules="grid", rule_colour="#777777", face=Face(size=9.5), head=STRONG)
    y = _booked(sheet, 280, account.bookings, columns, style)
    sheet.text(138, y + 18, "TOTAL DES MOUVEMENTS", STRONG)
    sheet.text(467, y + 18, number(account.total_out), STRONG, "right")
    sheet.text(542, y + 18, number(account.total_in), STRONG, "right")
    for base, day, amount in ((266, "31/03/2025", account.opening), (y + 38, "30/04/2025", account.closing)):
        sheet.text(138, base, f"SOLDE CRÉDITEUR AU {day}", STRONG)
        sheet.text(542, base, FRENCH.money(amount), STRONG, "right")
    return sheet.pdf()


def _positive(amount: Decimal) -> str:
    return FRENCH.number(amount) if amount > 0 else ""


def spanish(account: Account) -> bytes:
    """A Spanish statement in landscape: signs before the amounts, overdrawn at the start."""
    number, day = SPANISH.number, SPANISH.day
    sheet = Sheet(landscape(A4), title="Extracto de cuenta", author=account.bank.name)
    sheet.fill(0, 0, 842, 10, LEAF)
    sheet.text(50, 56, account.bank.name, Face("Helvetica-Bold", 17, LEAF))
    sheet.text(50, 70, ", ".join(account.bank.address), Face(size=8.5, colour=GREY))
    sheet.text(792, 56, "Extracto de cuenta corriente", Face("Helvetica-Bold", 13), "right")
    first, *others = account.holder.name, *account.holder.address
    sheet.pairs(50, 104, 60, [("Titular", first), *(("", line) for line in others)], Face(size=9.5))
    facts = [
        ("IBAN", account.iban), ("BIC", account.bic or ""), ("Divisa", "EUR"),
        ("Periodo", f"{day(account.start)} a {day(account.end)}"),
    ]  # fmt: skip
    sheet.pairs(330, 104, 60, facts, Face(size=9.5))
    facts = [("Saldo inicial", number(account.opening)), ("Saldo final", number(account.closing))]
    sheet.pairs(640, 104, 84, facts, STRONG)
    columns: list[Cells] = [
        ("Fecha oper.", 50, 120, "left", lambda booking: day(booking.day)),
        ("Fecha valor", 120, 190, "left", lambda booking: day(booking.value_day or booking.day)),
        ("Concepto", 190, 490, "left", lambda booking: booking.text),
        ("Referencia", 490, 590, "left", lambda booking: booking.reference or ""),
        ("Importe", 590, 690, "right", lambda booking: number(booking.amount)),
        ("Saldo", 690, 792, "right", lambda booking: number(booking.balance)),
    ]
    _booked(sheet, 172, account.bookings, columns, TableStyle(head_fill="#e3ead8"))
    sheet.text(421, 566, "Documento informativo sin valor de certificado · Hoja 1/1", Face(size=8), "centre")
    return sheet.pdf()


def _booked(
    sheet: Sheet, y: float, bookings: Sequence[Booking], columns: Sequence[Cells], style: TableStyle
) -> float:
    """Draw bookings from y downwards; return the lower edge."""
    heads = [Column(title, left, right, align) for title, left, right, align, _ in columns]
    return sheet.table(y, heads, [[cell(booking) for *_, cell in columns] for booking in bookings], style)
