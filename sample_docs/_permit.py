"""An application for a mooring permit: boxes, boxes to tick, lines to write on, a signature."""

from _sheet import GREY, Face, Sheet
from _truth import Record

TITLE = "Application for a mooring permit"
NUMBER = "HM-7"
LABEL = Face(size=9, colour=GREY)
WRITTEN = Face("Courier", 11, "#1a2a6c")
HEADING = Face("Helvetica-Bold", 13, "#23435c")
PLAIN = Face(size=10)

PERSON = "1. About you"
BOAT = "2. About your boat"
DECLARATION = "3. Declaration"
BOXES = {
    PERSON: (
        ("Full name", "Rosalind Achterberg", "text"),
        ("Date of birth", "14.03.1985", "date"),
        ("Address", "17 Tanner's Row, Wexcombe ZZ4 7QT", "text"),
        ("Telephone", "01632 960417", "phone"),
        ("E-mail", "r.achterberg@post.example", "email"),
        ("Permit number of last year", None, "text"),
    ),
    BOAT: (
        ("Name of the boat", "Heron", "text"),
        ("Length in metres", "8.40", "number"),
    ),
}
QUESTIONS = (
    ("Kind of boat:", (("Sailing", True), ("Motor", False), ("Rowing", False))),
    ("Wanted from:", (("April", False), ("May", True), ("June", False))),
)
STATEMENTS = (
    ("I have insurance against third party claims", True),
    ("I want a key to the slipway", False),
    ("I agree to be written to by e-mail", True),
)
LINES = (("Place:", "Wexcombe"), ("Date:", "2 April 2024"))


def application() -> bytes:
    """Return the form, filled in."""
    sheet = Sheet(title=TITLE, author="Merrin Harbour Office")
    sheet.text(50, 64, TITLE, Face("Helvetica-Bold", 19))
    sheet.text(545, 64, f"Form {NUMBER}", Face(size=10, colour=GREY), "right")
    sheet.text(50, 84, "Please write in capitals or print. Leave empty what does not apply.", LABEL)
    y = _boxes(sheet, 122, PERSON)
    y = _boxes(sheet, y + 14, BOAT)
    for question, options in QUESTIONS:
        _question(sheet, y + 8, question, options)
        y += 24
    y = sheet.text(50, y + 26, DECLARATION, HEADING) + 6
    for text, ticked in STATEMENTS:
        _tick(sheet, 52, y, text, ticked=ticked)
        y += 22
    _signed(sheet, y + 34)
    return sheet.pdf()


def record() -> Record:
    """Return its fields."""
    fields = [
        _field(label, value, kind, section)
        for section in (PERSON, BOAT)
        for label, value, kind in BOXES[section]
    ]
    fields += [
        _box(label, question.rstrip(":"), BOAT, ticked=ticked)
        for question, options in QUESTIONS
        for label, ticked in options
    ]
    fields += [_box(label, None, DECLARATION, ticked=ticked) for label, ticked in STATEMENTS]
    fields += [
        _field("Place", "Wexcombe", "text", DECLARATION),
        _field("Date", "2 April 2024", "date", DECLARATION),
        {**_field("Signature of the applicant", None, "signature", DECLARATION), "checked": True},
    ]
    return {"title": TITLE, "form_number": NUMBER, "fields": fields}


def _field(label: str, value: str | None, kind: str, section: str) -> Record:
    return {"label": label, "value": value, "kind": kind, "checked": None, "group": None, "section": section}


def _box(label: str, group: str | None, section: str, *, ticked: bool) -> Record:
    return {**_field(label, None, "checkbox", section), "checked": ticked, "group": group}


def _boxes(sheet: Sheet, y: float, section: str) -> float:
    """Draw the fields of a section two by two; return where the next may begin."""
    y = sheet.text(50, y, section, HEADING) + 6
    for place, (label, value, _) in enumerate(BOXES[section]):
        left = 50 + 255 * (place % 2)
        sheet.text(left, y, label, LABEL)
        sheet.frame(left, y + 4, 240, 21)
        sheet.text(left + 6, y + 18.5, value or "", WRITTEN)
        y += 44 * (place % 2)
    return y


def _question(sheet: Sheet, y: float, question: str, options: tuple[tuple[str, bool], ...]) -> None:
    sheet.text(50, y, question, PLAIN)
    for place, (text, ticked) in enumerate(options):
        _tick(sheet, 150 + 110 * place, y, text, ticked=ticked)


def _tick(sheet: Sheet, x: float, y: float, text: str, *, ticked: bool) -> None:
    """Draw a box with its words, and a cross in it where it is ticked."""
    sheet.frame(x, y - 9.5, 11, 11)
    if ticked:
        sheet.canvas.setLineWidth(1.3)
        for top, bottom in ((-8, 0), (0, -8)):
            sheet.canvas.line(x + 1.5, sheet.height - y - top, x + 9.5, sheet.height - y - bottom)
    sheet.text(x + 18, y, text, PLAIN)


def _signed(sheet: Sheet, y: float) -> None:
    for place, (label, value) in enumerate(LINES):
        left = 50 + 150 * place
        sheet.text(left, y, label, PLAIN)
        sheet.rule(left + 36, y + 3, left + 135)
        sheet.text(left + 40, y, value, WRITTEN)
    sheet.text(385, y, "R. Achterberg", Face("Times-Italic", 17, "#1a2a6c"))
    sheet.rule(370, y + 5, 545)
    sheet.text(370, y + 16, "Signature of the applicant", LABEL)
    sheet.text(50, 800, "The harbour office keeps this form for six years.", LABEL)
