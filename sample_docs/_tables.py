"""A page of a yearbook with three tables: one that goes on, one without lines, one in a grid."""

from _sheet import GREY, Column, Face, Sheet, TableStyle
from _truth import Record

CARRIED = "Table 3 (continued): Berths by length of boat"
BERTHS = (
    ("Length", "Berths", "Let", "Waiting"),
    ("10 to 12 m", "84", "84", "31"),
    ("12 to 15 m", "46", "45", "12"),
    ("15 to 18 m", "18", "16", "3"),
    ("over 18 m", "6", "4", "0"),
    ("All berths", "412", "405", "97"),
)
LANDINGS_TITLE = "Table 4: Landings at the fish quay, tonnes"
LANDINGS = (
    ("Species", "2021", "2022", "2023"),
    ("Mackerel", "1,204.5", "1,118.0", "1,340.2"),
    ("Herring", "962.0", "1,011.4", "874.9"),
    ("Brown crab", "188.3", "176.8", "201.6"),
    ("Nephrops", "75.1", "", "68.4"),
    ("Other", "41.0", "39.5", "44.7"),
)
LANDINGS_NOTE = "Source: Merrin Harbour Office, weighbridge records"
WORKS_TITLE = "Table 5: Works on the quays"
WORKS = (
    ("Quay", "Work done", "Contractor", "Completed"),
    (
        "North Quay",
        "Fenders renewed between ladders 4 and 11, chains tested",
        "Skellmore Marine",
        "14 March 2023",
    ),
    ("South Quay", "Surface of the slipway roughened", "Own staff", "2 June 2023"),
    ("Fish quay", "Ice plant: second compressor", "Polar Works Ltd", "30 October 2023"),
)
PARAGRAPHS = (
    "Waiting lists are kept by length and by the date of the application. A berth that is given back is "
    "offered in writing, and the offer stands for fourteen days.",
    "The mackerel season was the best in nine years. No Nephrops were weighed in 2022, when the trawlers "
    "landed at Skellmore while the ice plant stood still.",
)
TEXT = Face("Times-Roman", 11)
CAPTION = Face("Helvetica-Bold", 10)


def yearbook() -> bytes:
    """Return page 15 of the yearbook."""
    sheet = Sheet(title="Merrin Harbour Yearbook 2023, page 15", author="Merrin Harbour Office")
    y = _table(sheet, 70, (CARRIED, *BERTHS), (60, 220, 300, 380, 460), TableStyle(padding=3.5))
    y = sheet.paragraph(60, y + 24, PARAGRAPHS[0], 475, TEXT)
    plain = TableStyle(rules="none", padding=3)
    y = _table(sheet, y + 22, (LANDINGS_TITLE, *LANDINGS), (60, 200, 290, 380, 470), plain)
    y = sheet.text(60, y + 14, LANDINGS_NOTE, Face("Helvetica", 8.5, GREY))
    y = sheet.paragraph(60, y + 22, PARAGRAPHS[1], 475, TEXT)
    grid = TableStyle(rules="grid", rule_colour="#555555", head_fill="#e8eef4")
    _table(sheet, y + 22, (WORKS_TITLE, *WORKS), (60, 140, 330, 440, 535), grid)
    sheet.text(298, 812, "15", Face("Times-Roman", 9, GREY), "centre")
    return sheet.pdf()


def record() -> Record:
    """Return its tables."""
    return {
        "tables": [
            _truth(CARRIED, BERTHS, continued=True),
            _truth(LANDINGS_TITLE, LANDINGS, notes=LANDINGS_NOTE),
            _truth(WORKS_TITLE, WORKS),
        ]
    }


def _table(
    sheet: Sheet,
    y: float,
    told: tuple[str | tuple[str, ...], ...],
    edges: tuple[float, ...],
    style: TableStyle,
) -> float:
    """Draw a title, headings and rows; figures stand at the right of their columns."""
    title, headings, *rows = told
    y = sheet.text(edges[0], y, str(title), CAPTION)
    columns = [
        Column(heading, left, right, "left" if left == edges[0] or style.head_fill else "right")
        for heading, left, right in zip(headings, edges, edges[1:], strict=False)
    ]
    return sheet.table(y - 4, columns, [tuple(row) for row in rows], style)


def _truth(
    title: str, rows: tuple[tuple[str, ...], ...], *, continued: bool = False, notes: str | None = None
) -> Record:
    return {
        "title": title,
        "columns": list(rows[0]),
        "header_rows": 1,
        "rows": [[cell or None for cell in row] for row in rows[1:]],
        "continued": continued,
        "notes": notes,
    }
