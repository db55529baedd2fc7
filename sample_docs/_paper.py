"""A scientific paper in two columns: authors with numbers for their institutions, abstract, references."""

from _sheet import GREY, Face, Sheet
from _truth import Record
from reportlab.lib.utils import simpleSplit

TITLE = ("A Hundred Years of Tide Gauges in the Merrin Estuary:", "Trends, Gaps and Repairs")
JOURNAL = "Journal of Invented Coastal Records"
DOI = "10.5555/jicr.2024.0117"
AUTHORS = (("Marguerite Osei", "1,2"), ("Thomas Lockwood", "2"), ("Edith van Pellow", "3"))
PLACES = (
    "Institute of Hydrology, University of Port Merrin",
    "Merrin Harbour Office, Research Department",
    "Faculty of Engineering, Skellmore College",
)
ABSTRACT = (
    "We assemble the records of three tide gauges that have stood in the Merrin estuary since "
    "1923. After gaps were "
    "closed by comparison with each other, mean high water is found to have risen by 1.9 mm a "
    "year, twice as fast in "
    "the second half of the century as in the first. The dredging of 1961 explains a third of "
    "the rise at the inner gauge."
)
KEYWORDS = ("tide gauge", "mean high water", "sea level", "dredging")
SECTIONS = (
    ("1", "Introduction", "Long records of the sea are rare, and most of them are short of "
     "years of war. The gauges of "
     "the Merrin estuary were read through two of them by the same family [1]. We ask what they say."),
    ("2", "Data and methods", ""),
    ("2.1", "The gauges", "The outer gauge stands on rock, the inner two on timber that was "
     "renewed in 1958. Heights "
     "were levelled anew each spring, and the books survive [2, 3]."),
    ("2.2", "Closing of gaps", "Where one gauge failed, its high waters were taken from the "
     "other two by regression "
     "over the ten years around the gap. No gap is longer than seven months."),
    ("3", "Results", "Mean high water rose at all three gauges. The rise at the inner gauge "
     "steps up by 41 mm in 1961, "
     "the year in which the channel was dredged to six metres [4]."),
    ("4", "Conclusions", "The estuary has become a better pipe. What the sea adds, and what we "
     "added, can be told apart."),
)  # fmt: skip
REFERENCES = (
    ("1", "E. van Pellow. The Gauge Keepers of Merrin. Skellmore Press, 1988.", 1988, None),
    ("2", "M. Osei and T. Lockwood. Levelling books of the harbour office. J. Inv. Coast. Rec. "
     "9 (2021) 12-29. "
     "doi:10.5555/jicr.2021.0012", 2021, "10.5555/jicr.2021.0012"),
    ("3", "R. Achterberg. Timber in sea water. Proc. Harbour Eng. 44 (1959) 201-218.", 1959, None),
    ("4", "Merrin Harbour Office. Report on the Dredging of the Inner Channel. Port Merrin, "
     "1962.", 1962, None),
)  # fmt: skip
BODY = Face("Times-Roman", 10.5)
SMALL = Face("Times-Roman", 9.5)
HEAD = Face("Times-Bold", 12)
COLUMN, GAP, LEFT, BOTTOM = 235.0, 25.0, 50.0, 590.0


def article() -> bytes:
    """Return the paper."""
    sheet = Sheet(title=" ".join(TITLE), author=AUTHORS[0][0])
    sheet.text(LEFT, 46, f"{JOURNAL} 12 (2024) 117-118", Face("Times-Italic", 9, GREY))
    sheet.text(545, 46, f"https://doi.org/{DOI}", Face(size=8, colour=GREY), "right")
    y = sheet.lines(298, 88, TITLE, Face("Times-Bold", 18), "centre")
    y = _names(sheet, y + 6) + 6
    for number, place in enumerate(PLACES, 1):
        sheet.text(150, y - 3, str(number), Face("Times-Roman", 7))
        y = sheet.text(156, y, place, Face("Times-Italic", 10))
    y = sheet.text(90, y + 14, "Abstract", HEAD)
    y = sheet.paragraph(90, y + 2, ABSTRACT, 415, BODY)
    y = sheet.text(90, y + 6, f"Keywords: {'; '.join(KEYWORDS)}", BODY)
    place = (LEFT, y + 22)
    top = place[1]
    for number, heading, text in SECTIONS:
        place = _flow(sheet, place, [f"{number} {heading}"], HEAD, top)
        place = _flow(sheet, place, simpleSplit(text, BODY.font, BODY.size, COLUMN), BODY, top)
        place = (place[0], place[1] + 6)
    place = _flow(sheet, place, ["References"], HEAD, top)
    for label, text, _, _ in REFERENCES:
        place = _flow(
            sheet, place, simpleSplit(f"[{label}] {text}", SMALL.font, SMALL.size, COLUMN), SMALL, top
        )
        place = (place[0], place[1] + 2)
    sheet.text(298, 812, "117", Face("Times-Roman", 9, GREY), "centre")
    return sheet.pdf()


def record() -> Record:
    """Return what it says of itself."""
    return {
        "title": " ".join(TITLE),
        "authors": [
            {
                "name": name,
                "affiliations": [PLACES[int(mark) - 1] for mark in marks.split(",")],
                "email": None,
                "orcid": None,
            }
            for name, marks in AUTHORS
        ],
        "abstract": ABSTRACT,
        "keywords": list(KEYWORDS),
        "doi": DOI,
        "arxiv_id": None,
        "journal": JOURNAL,
        "volume": "12",
        "issue": None,
        "pages": "117-118",
        "year": 2024,
        "sections": [
            {"number": None, "heading": "Abstract"},
            *({"number": number, "heading": heading} for number, heading, _ in SECTIONS),
            {"number": None, "heading": "References"},
        ],
        "references": [
            {"label": label, "text": text, "year": year, "doi": doi} for label, text, year, doi in REFERENCES
        ],
    }


def _names(sheet: Sheet, y: float) -> float:
    x = 130.0
    for place, (name, marks) in enumerate(AUTHORS):
        for text, face, lift in ((name, Face("Times-Roman", 12), 0), (marks, Face("Times-Roman", 8), 4)):
            sheet.text(x, y - lift, text, face)
            x += sheet.canvas.stringWidth(text, face.font, face.size)
        sheet.text(x, y, "," if place < len(AUTHORS) - 1 else "", Face("Times-Roman", 12))
        x += 10
    return y + 18


def _flow(
    sheet: Sheet, place: tuple[float, float], lines: list[str], face: Face, top: float
) -> tuple[float, float]:
    """Draw lines, going on in the next column where this one ends; return what follows."""
    x, y = place
    for line in lines:
        if y > BOTTOM:
            x, y = x + COLUMN + GAP, top
        y = sheet.text(x, y, line, face)
    return x, y
