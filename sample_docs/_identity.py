"""Identity documents of Utopia, the state that ICAO's own specimens are of: a passport, a card, a licence."""

from datetime import date

from _sheet import GREY, PALE, Face, Sheet
from _truth import Record

LABEL = Face(size=5.5, colour=GREY)
VALUE = Face("Helvetica-Bold", 9)
ZONE = Face("Courier-Bold", 12.4)
WEIGHTS = (7, 3, 1)

PASSPORT: Record = {
    "document_type": "passport",
    "document_number": "X41709926",
    "issuing_country": "UTO",
    "issuing_authority": "Passport Office Zenith",
    "surname": "HALVORSEN MARCH",
    "given_names": "INGRID SOLVEIG",
    "birth_name": None,
    "date_of_birth": "1988-06-04",
    "place_of_birth": "ZENITH",
    "sex": "F",
    "nationality": "UTO",
    "date_of_issue": "2021-02-19",
    "date_of_expiry": "2031-02-18",
    "personal_number": "880604417",
    "address": None,
    "vehicle_categories": [],
}
CARD: Record = {
    "document_type": "identity_card",
    "document_number": "C01X41709",
    "issuing_country": "UTO",
    "issuing_authority": "Stadt Leinefurt",
    "surname": "OSTERMANN",
    "given_names": "JORIS KAREL",
    "birth_name": None,
    "date_of_birth": "1979-11-27",
    "place_of_birth": "Waldau",
    "sex": "M",
    "nationality": "UTO",
    "date_of_issue": "2022-07-11",
    "date_of_expiry": "2032-07-10",
    "personal_number": None,
    "address": "Gießereiweg 3, 99881 Waldau",
    "vehicle_categories": [],
}
LICENCE: Record = {
    "document_type": "driving_licence",
    "document_number": "WHI41790288MJ",
    "issuing_country": "UTO",
    "issuing_authority": "Licensing Agency Zenith",
    "surname": "WHITLOCK",
    "given_names": "MIRIAM JUNE",
    "birth_name": None,
    "date_of_birth": "1995-01-30",
    "place_of_birth": "Port Merrin",
    "sex": None,
    "nationality": None,
    "date_of_issue": "2019-05-14",
    "date_of_expiry": "2029-05-13",
    "personal_number": None,
    "address": "9 Forge Lane, Dunmere ZZ21 8RS",
    "vehicle_categories": [
        {"category": name, "valid_from": start, "valid_until": "2029-05-13", "restrictions": codes}
        for name, start, codes in (
            ("AM", "2013-02-02", None),
            ("B", "2014-03-21", "01"),
            ("BE", "2019-05-14", "01"),
        )
    ],
    "mrz_lines": [],
}


def _digit(text: str) -> str:
    values = [0 if char == "<" else int(char, 36) for char in text]
    return str(sum(value * WEIGHTS[place % 3] for place, value in enumerate(values)) % 10)


def _checked(text: str) -> str:
    return text + _digit(text)


def _six(day: str) -> str:
    return f"{date.fromisoformat(day):%y%m%d}"


def _names(record: Record, width: int) -> str:
    names = f"{record['surname']}<<{record['given_names']}".replace(" ", "<")
    return names.ljust(width, "<")


def passport_record() -> Record:
    """Return the passport with its zone of two lines."""
    number = _checked(PASSPORT["document_number"].ljust(9, "<"))
    dates = (_checked(_six(PASSPORT["date_of_birth"])), _checked(_six(PASSPORT["date_of_expiry"])))
    personal = _checked(PASSPORT["personal_number"].ljust(14, "<"))
    second = f"{number}UTO{dates[0]}F{dates[1]}{personal}"
    second += _digit(number + dates[0] + dates[1] + personal)
    return PASSPORT | {"mrz_lines": [f"P<UTO{_names(PASSPORT, 39)}", second]}


def card_record() -> Record:
    """Return the identity card with its zone of three lines."""
    first = f"I<UTO{_checked(CARD['document_number'])}".ljust(30, "<")
    dates = (_checked(_six(CARD["date_of_birth"])), _checked(_six(CARD["date_of_expiry"])))
    optional = "<" * 11
    second = f"{dates[0]}M{dates[1]}UTO{optional}"
    second += _digit(first[5:] + dates[0] + dates[1] + optional)
    return CARD | {"mrz_lines": [first, second, _names(CARD, 30)]}


def _portrait(sheet: Sheet, x: float, y: float, width: float, height: float) -> None:
    """Draw the place of the photograph: the outline of nobody."""
    sheet.fill(x, y, width, height, "#e6e6e6")
    canvas, middle = sheet.canvas, x + width / 2
    canvas.setFillColorRGB(0.72, 0.72, 0.72)
    canvas.circle(middle, sheet.height - y - 0.38 * height, 0.2 * width, stroke=0, fill=1)
    canvas.ellipse(
        x + 0.18 * width, sheet.height - y - height, x + 0.82 * width, sheet.height - y - 0.62 * height, 0, 1
    )


def _label_above(sheet: Sheet, x: float, y: float, label: str, value: str) -> None:
    sheet.text(x, y, label, LABEL)
    sheet.text(x, y + 11, value, VALUE)


def passport() -> bytes:
    """The data page of a passport, 125 by 88 mm: labels in two languages above the values."""
    size = (354.3, 249.4)
    record = passport_record()
    sheet = Sheet(size, title="Specimen passport", author="Utopia")
    sheet.fill(0, 0, *size, "#f4f1e6")
    sheet.text(16, 22, "UTOPIA", Face("Helvetica-Bold", 11))
    sheet.text(338, 22, "SPECIMEN", Face("Helvetica-Bold", 9, PALE), "right")
    _portrait(sheet, 16, 42, 92, 118)
    places = (
        (16, 30, "", ""),
        (122, 42, "Type / Type", "P"), (190, 42, "State / Etat", "UTO"),
        (262, 42, "Passport No. / No. du passeport", record["document_number"]),
        (122, 66, "Surname / Nom", record["surname"]),
        (122, 90, "Given names / Prénoms", record["given_names"]),
        (122, 114, "Nationality / Nationalité", "UTOPIAN"),
        (226, 114, "Personal No. / No. personnel", record["personal_number"]),
        (122, 138, "Date of birth / Date de naissance", _short(record["date_of_birth"])),
        (226, 138, "Sex / Sexe", "F"),
        (262, 138, "Place of birth / Lieu de naissance", record["place_of_birth"]),
        (122, 162, "Date of issue / Date de délivrance", _short(record["date_of_issue"])),
        (226, 162, "Authority / Autorité", record["issuing_authority"]),
        (122, 186, "Date of expiry / Date d'expiration", _short(record["date_of_expiry"])),
    )  # fmt: skip
    for x, y, label, value in places:
        _label_above(sheet, x, y, label, value)
    sheet.fill(0, 206, size[0], 44, "#ffffff")
    sheet.lines(13, 222, record["mrz_lines"], ZONE)
    return sheet.pdf()


def _short(day: str) -> str:
    return f"{date.fromisoformat(day):%d %b %Y}".upper()


def card() -> bytes:
    """Both sides of an identity card of credit-card size, as a copier puts them on one page."""
    record = card_record()
    sheet = Sheet((300, 400), title="Specimen identity card", author="Utopia")
    for top in (20, 205):
        sheet.frame(28, top, 244, 154)
    sheet.text(40, 38, "UTOPIA  PERSONALAUSWEIS / IDENTITY CARD", Face("Helvetica-Bold", 7))
    sheet.text(264, 166, "MUSTER", Face("Helvetica-Bold", 8, PALE), "right")
    _portrait(sheet, 40, 50, 66, 88)
    front = (
        (118, 54, "Dokumentennummer / Document no.", record["document_number"]),
        (118, 76, "Name / Surname", record["surname"]),
        (118, 98, "Vornamen / Given names", record["given_names"]),
        (118, 120, "Geburtstag / Date of birth", _dotted(record["date_of_birth"])),
        (200, 120, "Geburtsort / Place of birth", record["place_of_birth"]),
        (118, 142, "Gültig bis / Date of expiry", _dotted(record["date_of_expiry"])),
        (200, 142, "Geschlecht / Sex", "M"),
    )
    back = (
        (40, 220, "Anschrift / Address", "Gießereiweg 3"),
        (158, 220, "Staatsangehörigkeit / Nationality", "UTO"),
        (40, 258, "Behörde / Authority", record["issuing_authority"]),
        (158, 258, "Datum / Date of issue", _dotted(record["date_of_issue"])),
    )
    for x, y, label, value in (*front, *back):
        _label_above(sheet, x, y, label, value)
    sheet.text(40, 242, "99881 Waldau", VALUE)
    sheet.lines(37, 318, record["mrz_lines"], ZONE)
    return sheet.pdf()


def _dotted(day: str) -> str:
    return f"{date.fromisoformat(day):%d.%m.%Y}"


def licence() -> bytes:
    """A driving licence whose fields have numbers for names, and its table of categories below."""
    sheet = Sheet((320, 420), title="Specimen driving licence", author="Utopia")
    sheet.fill(20, 20, 280, 180, "#fbeef2")
    sheet.text(34, 42, "DRIVING LICENCE", Face("Helvetica-Bold", 12, "#7a2848"))
    sheet.text(286, 42, "UTOPIA  (UTO)", Face("Helvetica-Bold", 10, "#7a2848"), "right")
    _portrait(sheet, 34, 56, 72, 92)
    lines = (
        ("1.", LICENCE["surname"]), ("2.", LICENCE["given_names"]),
        ("3.", f"{_dotted(LICENCE['date_of_birth'])}  {LICENCE['place_of_birth']}"),
        ("4a.", _dotted(LICENCE["date_of_issue"])), ("4b.", _dotted(LICENCE["date_of_expiry"])),
        ("4c.", LICENCE["issuing_authority"]), ("5.", LICENCE["document_number"]),
        ("8.", LICENCE["address"]), ("9.", "AM/B/BE"),
    )  # fmt: skip
    for row, (number, value) in enumerate(lines):
        sheet.text(118, 66 + 14 * row, number, Face(size=7))
        sheet.text(136, 66 + 14 * row, value, Face("Helvetica-Bold", 8.5))
    for x, title in ((34, "9."), (90, "10."), (160, "11."), (240, "12.")):
        sheet.text(x, 236, title, Face("Helvetica-Bold", 8))
    for row, entry in enumerate(LICENCE["vehicle_categories"]):
        y = 254 + 16 * row
        sheet.text(34, y, entry["category"], VALUE)
        sheet.text(90, y, _dotted(entry["valid_from"]), VALUE)
        sheet.text(160, y, _dotted(entry["valid_until"]), VALUE)
        sheet.text(240, y, entry["restrictions"] or "", VALUE)
    sheet.text(34, 330, "SPECIMEN", Face("Helvetica-Bold", 16, PALE))
    return sheet.pdf()
