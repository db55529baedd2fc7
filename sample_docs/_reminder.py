"""A German reminder: looks like a letter, belongs to those who pay invoices."""

from _sheet import GREY, Face, Sheet
from _truth import Record

TITLE = "2. Mahnung"
BODY = Face("Helvetica", 10.5)
LINES = (
    "Sehr geehrte Frau Öztürk,",
    "leider konnten wir auch auf unsere Zahlungserinnerung vom 2. April 2024 keinen Eingang "
    "feststellen. Offen ist "
    "weiterhin unsere Rechnung 2024-0188 vom 1. März 2024 über 684,25 EUR. Hinzu kommt eine "
    "Mahngebühr von 5,00 EUR.",
    "Bitte überweisen Sie den Betrag von 689,25 EUR bis zum 30. April 2024. Hat sich Ihre Zahlung mit diesem "
    "Schreiben gekreuzt, so betrachten Sie es als gegenstandslos.",
    "Mit freundlichen Grüßen",
    "Buchhaltung, Jens Harmsen",
)


def letter() -> bytes:
    """Return the reminder."""
    sheet = Sheet(title=TITLE, author="Leinewerk Kranservice GmbH")
    sheet.text(60, 70, "Leinewerk Kranservice GmbH", Face("Helvetica-Bold", 15, "#7a2d12"))
    sheet.text(60, 84, "Gießereiweg 9 · 99881 Waldau · Telefon 05599 417-880", Face(size=8.5, colour=GREY))
    sheet.lines(60, 150, ("Kronberg Maschinen AG", "Industriering 48", "99990 Bad Lindenau"), BODY)
    sheet.text(535, 210, "Waldau, 16.04.2024", BODY, "right")
    sheet.text(60, 250, TITLE, Face("Helvetica-Bold", 14))
    y = 282.0
    for paragraph in LINES:
        y = sheet.paragraph(60, y, paragraph, 475, BODY) + 10
    return sheet.pdf()


def record() -> Record:
    """Return what kind of document it is."""
    return {
        "kind": "reminder",
        "title": TITLE,
        "language": "de",
        "document_date": "2024-04-16",
        "page_count": 1,
    }
