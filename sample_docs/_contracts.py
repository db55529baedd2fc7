"""Two contracts: an English agreement of two pages, and a German maintenance contract on one."""

from collections.abc import Sequence
from dataclasses import dataclass

from _sheet import GREY, Face, Sheet
from _truth import Record

BODY = Face("Times-Roman", 11)
HEAD = Face("Times-Bold", 11)


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause: its number and heading as printed, what it is about, and its text."""

    number: str
    heading: str
    about: str
    text: str

    @property
    def record(self) -> Record:
        """What truth says of it; a summary can be worded in many ways, so that it is left out."""
        return {"number": self.number, "heading": self.heading, "clause_type": self.about}


MOORINGS = (
    Clause(
        "1", "Services", "scope",
        "The Contractor shall inspect the moorings listed in Schedule A twice in each year of the Term and "
        "shall send "
        "the Authority a written report within 14 days of each inspection.",
    ),
    Clause(
        "2", "Term and renewal", "term",
        "This Agreement shall commence on 1 April 2024 and shall continue until 31 March 2027. It shall "
        "then renew "
        "automatically for successive periods of one year unless either party gives not less than three "
        "months' "
        "written notice before the end of the then current period.",
    ),
    Clause(
        "3", "Fees", "payment",
        "The Authority shall pay the Contractor an annual fee of £18,400.00 plus VAT in four equal "
        "instalments. Each "
        "invoice shall be paid within 30 days of receipt. Interest on late payments accrues at 4% a year "
        "above the "
        "base rate of 5 January 2024.",
    ),
    Clause(
        "4", "Insurance", "insurance",
        "The Contractor shall maintain public liability insurance of not less than £5,000,000.00 for any "
        "one event and "
        "shall produce the certificate on request.",
    ),
    Clause(
        "5", "Limitation of liability", "liability",
        "Except for death or personal injury, the total liability of either party under this Agreement "
        "shall not exceed "
        "£250,000.00.",
    ),
    Clause(
        "6", "Confidentiality", "confidentiality",
        "Each party shall keep the other's confidential information secret during the Term and for two "
        "years after it.",
    ),
    Clause(
        "7", "Termination", "termination",
        "Either party may terminate this Agreement at once by written notice if the other commits a "
        "material breach and "
        "does not remedy it within 30 days of being asked to.",
    ),
    Clause(
        "8", "Assignment", "assignment",
        "Neither party may assign or subcontract any of its rights or duties without the other's written "
        "consent.",
    ),
    Clause(
        "9", "Governing law and jurisdiction", "governing_law",
        "This Agreement shall be governed by and construed in accordance with the laws of England and "
        "Wales. The courts "
        "of England and Wales shall have exclusive jurisdiction over any dispute arising out of it.",
    ),
)  # fmt: skip

LIFTS = (
    Clause(
        "§ 1", "Gegenstand", "scope",
        "Der Auftragnehmer wartet die drei Aufzüge im Gebäude Kanalstraße 40 vierteljährlich nach den "
        "Vorgaben des "
        "Herstellers. Über jede Wartung übergibt er binnen fünf Werktagen ein Protokoll.",
    ),
    Clause(
        "§ 2", "Laufzeit und Kündigung", "term",
        "Der Vertrag beginnt am 1. Juli 2023 und wird auf unbestimmte Zeit geschlossen. Er kann mit einer "
        "Frist von "
        "drei Monaten zum Ende eines Kalenderjahres gekündigt werden, erstmals zum 31. Dezember 2025.",
    ),
    Clause(
        "§ 3", "Vergütung", "payment",
        "Die Vergütung beträgt jährlich 6.480,00 € zuzüglich der gesetzlichen Umsatzsteuer. Rechnungen "
        "sind binnen 14 "
        "Tagen ohne Abzug zu zahlen.",
    ),
    Clause(
        "§ 4", "Haftung", "liability",
        "Der Auftragnehmer haftet bei leichter Fahrlässigkeit nur bis zu einem Betrag von 500.000,00 € je "
        "Schadensfall.",
    ),
    Clause(
        "§ 5", "Schlussbestimmungen", "general",
        "Änderungen bedürfen der Textform. Es gilt deutsches Recht. Gerichtsstand ist Leinefurt.",
    ),
)  # fmt: skip


def agreement() -> bytes:
    """Return an English agreement: parties in the first paragraph, numbered clauses, signatures overleaf."""
    sheet = Sheet(title="Mooring Inspection Services Agreement", author="Merrin Harbour Authority")
    sheet.text(298, 84, "MOORING INSPECTION SERVICES AGREEMENT", Face("Times-Bold", 15), "centre")
    sheet.text(545, 48, "Contract no. MHA/2024/031", Face("Times-Roman", 9, GREY), "right")
    y = sheet.paragraph(
        60, 122,
        "This Agreement is made on 14 March 2024 between Merrin Harbour Authority, a statutory body whose "
        "principal "
        'office is at Harbour House, 2 North Quay, Port Merrin ZZ9 1AB (the "Authority"), and Skellmore '
        'Divers '
        "Limited, a company registered in England under number 00417733 whose registered office is at The "
        "Old Chandlery, "
        'Slip Lane, Skellmore ZZ9 7DE (the "Contractor").',
        475, BODY,
    )  # fmt: skip
    y = sheet.paragraph(60, y + 10, "The parties agree as follows:", 475, BODY)
    y = _clauses(sheet, y + 8, MOORINGS[:6])
    sheet.text(298, 806, "Page 1 of 2", Face("Times-Roman", 9, GREY), "centre")
    sheet.next_page()
    y = _clauses(sheet, 84, MOORINGS[6:])
    y = sheet.paragraph(
        60, y + 10, "Signed by the parties or their duly authorised representatives.", 475, BODY
    )
    people = (
        ("Merrin Harbour Authority", "Oona Trevanion", "Harbour Master", "12 March 2024"),
        ("Skellmore Divers Limited", "Piers Lanyon", "Director", "14 March 2024"),
    )
    for left, (party, name, position, day) in zip((60, 310), people, strict=True):
        sheet.text(left, y + 24, f"For {party}", HEAD)
        sheet.text(left, y + 62, name, Face("Times-Italic", 17, "#1d3a7a"))
        sheet.rule(left, y + 68, left + 200)
        rows = [("Name:", name), ("Title:", position), ("Date:", day)]
        sheet.pairs(left, y + 84, 46, rows, BODY)
    sheet.text(298, 806, "Page 2 of 2", Face("Times-Roman", 9, GREY), "centre")
    return sheet.pdf()


def _clauses(sheet: Sheet, y: float, clauses: Sequence[Clause]) -> float:
    for clause in clauses:
        sheet.text(60, y + 6, f"{clause.number}.", HEAD)
        y = sheet.text(84, y + 6, clause.heading, HEAD)
        y = sheet.paragraph(84, y + 1, clause.text, 451, BODY) + 6
    return y


def agreement_record() -> Record:
    """Return what the English agreement says."""
    return {
        "title": "Mooring Inspection Services Agreement",
        "contract_type": "services",
        "contract_number": "MHA/2024/031",
        "parent_contract": None,
        "language": "en",
        "parties": [
            {
                "name": "Merrin Harbour Authority",
                "role": "Authority",
                "address": "Harbour House, 2 North Quay, Port Merrin ZZ9 1AB",
                "registration_number": None,
                "representative": "Oona Trevanion",
            },
            {
                "name": "Skellmore Divers Limited",
                "role": "Contractor",
                "address": "The Old Chandlery, Slip Lane, Skellmore ZZ9 7DE",
                "registration_number": "00417733",
                "representative": "Piers Lanyon",
            },
        ],
        "agreement_date": "2024-03-14",
        "effective_date": "2024-04-01",
        "expiration_date": "2027-03-31",
        "term": None,
        "renews_automatically": True,
        "renewal_term": "successive periods of one year",
        "notice_period": "three months",
        "contract_value": "18400.00",
        "currency": "GBP",
        "payment_terms": "within 30 days of receipt",
        "liability_cap": "250000.00",
        "governing_law": "the laws of England and Wales",
        "jurisdiction": "The courts of England and Wales",
        "clauses": [clause.record for clause in MOORINGS],
        "obligations": [
            {"obligor": "Contractor", "clause": "1", "deadline": "twice in each year of the Term"},
            {"obligor": "Contractor", "clause": "1", "deadline": "within 14 days of each inspection"},
            {"obligor": "Authority", "clause": "3", "amount": "18400.00"},
            {"obligor": "Contractor", "clause": "4", "amount": None},
        ],
        "signatures": [
            {
                "name": "Oona Trevanion",
                "position": "Harbour Master",
                "party": "Merrin Harbour Authority",
                "signed_date": "2024-03-12",
                "is_signed": True,
            },
            {
                "name": "Piers Lanyon",
                "position": "Director",
                "party": "Skellmore Divers Limited",
                "signed_date": "2024-03-14",
                "is_signed": True,
            },
        ],
    }


def maintenance() -> bytes:
    """Return a German contract: parties one below the other, paragraphs with the sign of the section."""
    face, strong = Face("Vera", 9), Face("VeraBd", 9)
    sheet = Sheet(title="Wartungsvertrag", author="Hubwerk Aufzugtechnik GmbH")
    sheet.text(60, 80, "Wartungsvertrag", Face("VeraBd", 17))
    sheet.text(60, 98, "Vertragsnummer: WV-2023-0184", Face("Vera", 9, GREY))
    y = sheet.text(60, 130, "zwischen", face)
    y = sheet.text(60, y + 6, "Leinewerk Maschinenbau AG", strong)
    y = sheet.text(60, y, "Am Hochofen 12, 99417 Leinefurt", face)
    y = sheet.text(60, y, "- nachfolgend „Auftraggeber“ genannt -", face)
    y = sheet.text(60, y + 6, "und", face)
    y = sheet.text(60, y + 6, "Hubwerk Aufzugtechnik GmbH", strong)
    y = sheet.text(60, y, "Mühlgraben 7, 99881 Waldau", face)
    y = sheet.text(60, y, "- nachfolgend „Auftragnehmer“ genannt -", face) + 14
    for clause in LIFTS:
        y = sheet.text(60, y + 8, f"{clause.number} {clause.heading}", strong)
        y = sheet.paragraph(60, y + 3, clause.text, 475, face) + 4
    y += 22
    sheet.text(60, y, "Leinefurt, den 19.06.2023", face)
    sheet.text(320, y, "Waldau, den 21.06.2023", face)
    for left, role, name in ((60, "Auftraggeber", "Dr. A. Brandt"), (320, "Auftragnehmer", "M. Sölle")):
        sheet.rule(left, y + 62, left + 190)
        sheet.text(left, y + 74, f"{role} ({name})", face)
    return sheet.pdf()


def maintenance_record() -> Record:
    """Return what the German contract says; nobody has signed it yet."""
    return {
        "title": "Wartungsvertrag",
        "contract_type": "services",
        "contract_number": "WV-2023-0184",
        "parent_contract": None,
        "language": "de",
        "parties": [
            {
                "name": "Leinewerk Maschinenbau AG",
                "role": "Auftraggeber",
                "address": "Am Hochofen 12, 99417 Leinefurt",
                "registration_number": None,
                "representative": "Dr. A. Brandt",
            },
            {
                "name": "Hubwerk Aufzugtechnik GmbH",
                "role": "Auftragnehmer",
                "address": "Mühlgraben 7, 99881 Waldau",
                "registration_number": None,
                "representative": "M. Sölle",
            },
        ],
        "agreement_date": "2023-06-21",
        "effective_date": "2023-07-01",
        "expiration_date": None,
        "term": "auf unbestimmte Zeit",
        "renews_automatically": None,
        "renewal_term": None,
        "notice_period": "drei Monaten zum Ende eines Kalenderjahres",
        "contract_value": "6480.00",
        "currency": "EUR",
        "payment_terms": "binnen 14 Tagen ohne Abzug",
        "liability_cap": "500000.00",
        "governing_law": "deutsches Recht",
        "jurisdiction": "Gerichtsstand ist Leinefurt",
        "clauses": [clause.record for clause in LIFTS],
        "obligations": [
            {"obligor": "Auftragnehmer", "clause": "§ 1", "deadline": "vierteljährlich"},
            {"obligor": "Auftragnehmer", "clause": "§ 1", "deadline": "binnen fünf Werktagen"},
            {"obligor": "Auftraggeber", "clause": "§ 3", "amount": "6480.00"},
        ],
        "signatures": [
            {
                "name": "Dr. A. Brandt",
                "position": None,
                "party": "Auftraggeber",
                "signed_date": "2023-06-19",
                "is_signed": False,
            },
            {
                "name": "M. Sölle",
                "position": None,
                "party": "Auftragnehmer",
                "signed_date": "2023-06-21",
                "is_signed": False,
            },
        ],
    }
