"""Two résumés: an English one with headed sections, and a German one with a table of dates."""

from dataclasses import dataclass

from _sheet import GREY, Face, Sheet
from _truth import Record

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SERIF = Face("Times-Roman", 11)


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A post or a course; start and end are (year, month), no end when it goes on, no month when unsaid."""

    what: str
    where: str
    place: str | None
    start: tuple[int, int | None]
    end: tuple[int, int | None] | None
    text: str | None = None
    grade: str | None = None
    subject: str | None = None

    @property
    def period(self) -> Record:
        """The fields of its period."""
        end = self.end or (None, None)
        return {
            "start_year": self.start[0],
            "start_month": self.start[1],
            "end_year": end[0],
            "end_month": end[1],
        }

    def work(self) -> Record:
        """The record of a post."""
        said = {
            "position": self.what,
            "employer": self.where,
            "location": self.place,
            "description": self.text,
        }
        return said | self.period | {"is_current": self.end is None}

    def study(self) -> Record:
        """The record of a course."""
        said = {"degree": self.what, "institution": self.where, "location": self.place, "grade": self.grade}
        return said | self.period | {"field_of_study": self.subject}


ENGLISH_WORK = (
    Station(
        what="Process engineer", where="Harbour Paper Supplies Ltd", place="Bristol", start=(2019, 3),
        end=None,
        text="Runs two tissue machines with a crew of nine. Cut the steam use of the dryers by a fifth.",
    ),
    Station(
        what="Production engineer", where="Calder Board Mills", place="Dunmere", start=(2015, 9),
        end=(2019, 2),
        text="Commissioned a coating line for carton board. Trained operators on the new control room.",
    ),
    Station(
        what="Graduate trainee", where="Calder Board Mills", place="Dunmere", start=(2013, 10), end=(2015, 8),
        text="Rotated through stock preparation, quality and maintenance.",
    ),
)  # fmt: skip
ENGLISH_STUDY = (
    Station(
        what="MEng", where="University of Leeds", place="Leeds", start=(2009, None), end=(2013, None),
        grade="2:1", subject="Chemical engineering",
    ),
    Station(what="A levels", where="Port Merrin College", place=None, start=(2007, None), end=(2009, None)),
)  # fmt: skip
SKILLS = ("Aspen Plus", "Six Sigma", "Python", "AutoCAD", "HAZOP studies")
GERMAN_WORK = (
    Station(
        what="Leiterin Einkauf", where="Leinewerk Maschinenbau AG", place="Leinefurt", start=(2018, 4),
        end=None,
        text="Verantwortung für ein Team von sechs Personen und ein Volumen von 40 Mio. Euro.",
    ),
    Station(
        what="Strategische Einkäuferin", where="Hubwerk Aufzugtechnik GmbH", place="Waldau", start=(2012, 1),
        end=(2018, 3), text="Aufbau der Warengruppe Antriebe.",
    ),
)  # fmt: skip
GERMAN_STUDY = (
    Station(
        what="Diplom-Kauffrau (FH)", where="Fachhochschule Waldau", place=None, start=(2007, 10),
        end=(2011, 9),
        grade="1,7",
    ),
    Station(what="Abitur", where="Gymnasium am Wall", place="Leinefurt", start=(1998, 8), end=(2007, 6)),
)  # fmt: skip


def english() -> bytes:
    """Return a résumé with a heading over each section and the dates at the right."""
    sheet = Sheet(title="Curriculum vitae", author="Tamsin Arkwright")
    sheet.text(60, 78, "Tamsin Arkwright", Face("Times-Bold", 24, "#2b3a55"))
    sheet.text(60, 98, "Process engineer, pulp and paper", Face("Times-Italic", 13))
    contact = "4 Mill Lane, Port Merrin ZZ9 2QT  |  01632 960 733  |  tamsin.arkwright@post.example"
    sheet.text(60, 118, contact, Face("Times-Roman", 10, GREY))
    sheet.text(60, 131, "www.arkwright.example/tamsin", Face("Times-Roman", 10, GREY))
    y = _heading(sheet, 160, "Profile")
    y = sheet.paragraph(60, y, PROFILE, 475, SERIF)
    y = _heading(sheet, y + 14, "Work experience")
    for post in ENGLISH_WORK:
        sheet.text(535, y, _english_period(post), SERIF, "right")
        sheet.text(60, y, post.what, Face("Times-Bold", 11.5))
        y = sheet.text(60, y + 14, f"{post.where}, {post.place}", Face("Times-Italic", 11))
        y = sheet.paragraph(60, y, post.text or "", 475, SERIF) + 6
    y = _heading(sheet, y + 10, "Education")
    for course in ENGLISH_STUDY:
        sheet.text(535, y, f"{course.start[0]} - {course.end[0] if course.end else ''}", SERIF, "right")
        degree = f"{course.what} {course.subject}, {course.grade}" if course.subject else course.what
        sheet.text(60, y, degree, Face("Times-Bold", 11.5))
        y = sheet.text(60, y + 14, ", ".join(filter(None, (course.where, course.place))), SERIF) + 6
    y = _heading(sheet, y + 8, "Languages")
    y = sheet.text(60, y, "English: native, German: B2, Norwegian: A2", SERIF)
    y = _heading(sheet, y + 10, "Skills")
    y = sheet.text(60, y, ", ".join(SKILLS), SERIF)
    y = _heading(sheet, y + 10, "Certifications")
    sheet.text(60, y, "Chartered Engineer, Institution of Chemical Engineers, 2018", SERIF)
    sheet.text(60, y + 15, "NEBOSH General Certificate, 2016", SERIF)
    return sheet.pdf()


PROFILE = (
    "Engineer with ten years in paper and board mills, at home on the machine floor and in the figures. "
    "Looking for "
    "responsibility for a whole site."
)


def _heading(sheet: Sheet, y: float, text: str) -> float:
    sheet.text(60, y, text.upper(), Face("Times-Bold", 12, "#2b3a55"))
    sheet.rule(60, y + 4, 535, 0.6, "#2b3a55")
    return y + 20


def _english_period(post: Station) -> str:
    def said(when: tuple[int, int | None] | None) -> str:
        return f"{MONTHS[(when[1] or 1) - 1]} {when[0]}" if when else "present"

    return f"{said(post.start)} - {said(post.end)}"


def english_record() -> Record:
    """Return what the English résumé says."""
    return {
        "name": "Tamsin Arkwright",
        "headline": "Process engineer, pulp and paper",
        "email": "tamsin.arkwright@post.example",
        "phone": "01632 960 733",
        "address": "4 Mill Lane, Port Merrin ZZ9 2QT",
        "links": ["www.arkwright.example/tamsin"],
        "date_of_birth": None,
        "place_of_birth": None,
        "nationality": None,
        "summary": PROFILE,
        "work_experience": [post.work() for post in ENGLISH_WORK],
        "education": [course.study() for course in ENGLISH_STUDY],
        "languages": [
            {"language": "English", "level": "native", "cefr_level": None},
            {"language": "German", "level": "B2", "cefr_level": "B2"},
            {"language": "Norwegian", "level": "A2", "cefr_level": "A2"},
        ],
        "skills": list(SKILLS),
        "certifications": [
            {
                "name": "Chartered Engineer",
                "issuer": "Institution of Chemical Engineers",
                "year": 2018,
                "expiry_year": None,
            },
            {"name": "NEBOSH General Certificate", "issuer": None, "year": 2016, "expiry_year": None},
        ],
    }


def german() -> bytes:
    """Return a résumé as a table: what it is at the left, what there is to say at the right."""
    face, strong = Face("Vera", 9.5), Face("VeraBd", 9.5)
    sheet = Sheet(title="Lebenslauf", author="Katrin Seidel")
    sheet.text(60, 80, "Lebenslauf", Face("VeraBd", 20))
    y = sheet.text(60, 116, "Persönliche Daten", Face("VeraBd", 12, "#7a4b17")) + 4
    personal = [
        ("Name", "Katrin Seidel"), ("Geburtsdatum", "23.05.1988"), ("Geburtsort", "Waldau"),
        ("Staatsangehörigkeit", "deutsch"), ("Anschrift", "Kanalstraße 17, 99418 Leinefurt"),
        ("Telefon", "05599 417-633"), ("E-Mail", "k.seidel@post.example"),
    ]  # fmt: skip
    y = sheet.pairs(60, y, 130, personal, face)
    y = sheet.text(60, y + 18, "Berufserfahrung", Face("VeraBd", 12, "#7a4b17")) + 4
    for post in GERMAN_WORK:
        sheet.text(60, y, _german_period(post), face)
        y = sheet.text(190, y, post.what, strong)
        y = sheet.text(190, y, f"{post.where}, {post.place}", face)
        y = sheet.paragraph(190, y, post.text or "", 345, face) + 6
    y = sheet.text(60, y + 12, "Ausbildung", Face("VeraBd", 12, "#7a4b17")) + 4
    for course in GERMAN_STUDY:
        sheet.text(60, y, _german_period(course), face)
        y = sheet.text(190, y, course.what, strong)
        y = sheet.text(190, y, ", ".join(filter(None, (course.where, course.place))), face)
        if course.grade:
            y = sheet.text(190, y, f"Note: {course.grade}", face)
        y += 6
    y = sheet.text(60, y + 12, "Sprachen", Face("VeraBd", 12, "#7a4b17")) + 4
    sheet.pairs(60, y, 130, [("Deutsch", "Muttersprache"), ("Englisch", "C1"), ("Französisch", "B1")], face)
    y = sheet.text(60, y + 56, "Kenntnisse", Face("VeraBd", 12, "#7a4b17")) + 4
    sheet.text(60, y, "SAP MM, Verhandlungsführung, MS Excel", face)
    sheet.text(60, 780, "Leinefurt, 02.09.2024", face)
    return sheet.pdf()


def _german_period(station: Station) -> str:
    def said(when: tuple[int, int | None] | None) -> str:
        return f"{when[1]:02d}/{when[0]}" if when else "heute"

    return f"{said(station.start)} - {said(station.end)}"


def german_record() -> Record:
    """Return what the German résumé says."""
    return {
        "name": "Katrin Seidel",
        "headline": None,
        "email": "k.seidel@post.example",
        "phone": "05599 417-633",
        "address": "Kanalstraße 17, 99418 Leinefurt",
        "links": [],
        "date_of_birth": "1988-05-23",
        "place_of_birth": "Waldau",
        "nationality": "deutsch",
        "summary": None,
        "work_experience": [post.work() for post in GERMAN_WORK],
        "education": [course.study() for course in GERMAN_STUDY],
        "languages": [
            {"language": "Deutsch", "level": "Muttersprache", "cefr_level": None},
            {"language": "Englisch", "level": "C1", "cefr_level": "C1"},
            {"language": "Französisch", "level": "B1", "cefr_level": "B1"},
        ],
        "skills": ["SAP MM", "Verhandlungsführung", "MS Excel"],
        "certifications": [],
    }
