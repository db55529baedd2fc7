"""Pages of running text: an article in two columns and a letter."""

from _sheet import GREY, Face, Sheet
from _truth import Record
from reportlab.lib.utils import simpleSplit


def _blocks(text: str) -> tuple[str, ...]:
    """Return the paragraphs of a text, each on one line."""
    return tuple(block.replace("\n", " ").strip() for block in text.split("\n\n"))


TITLE = "Reading the Tide Tables"
# A heading starts with "## "; the rest are paragraphs.
ARTICLE = _blocks(
    """\
Every spring the harbour office receives the same telephone call. Somebody has looked up high water, has
tied the boat to the quay with a short line, and has come back in the evening to find it hanging. The
table was right. It had only been read as if it were a railway timetable.

## What the figures mean

A tide table gives two things for each high and each low water: the time and the height. The height is
measured from chart datum, a level so low that the sea seldom falls below it. A chart that shows two
metres of water and a table that promises three and a half therefore add up to five and a half metres
under the keel.

The times are printed in standard time. From the last Sunday of March to the last Sunday of October one
hour has to be added, and this is the hour that is most often forgotten.

## Springs and neaps

Twice a month, soon after full and new moon, the range is largest. These are spring tides; the name has
nothing to do with the season. A week later come the neaps, when the water hardly seems to move. At Port
Merrin the range is 5.8 metres at springs and 2.4 metres at neaps.

## The rule of twelfths

Between low and high water the sea does not rise evenly. In the first hour it rises by one twelfth of the
range, in the second by two, in the third and fourth by three each, then by two and by one again. Half of
the water arrives in the two hours in the middle.

The rule is rough, and in narrow estuaries it fails altogether, but it explains why a dinghy that lay
well up the beach at eleven may be afloat by noon.

## Weather has the last word

Tables are worked out from the moon and the sun. They know nothing of the wind. A strong westerly holds
the water in the bay, and a fall of the barometer by ten millibars lifts the sea by ten centimetres. On
the night of 14 January the office measured 0.7 metres more than was printed.

So read the table, add the hour in summer, allow for the weather, and leave the line long.
"""
)

LETTER = _blocks(
    """\
Dear Mr Lockwood,

Thank you for your letter of 3 September about the lime trees in Station Approach. I have since walked
the road with our tree officer, and I can now tell you what we intend to do.

Four of the eleven trees have roots that lift the pavement near numbers 12 to 20. We do not want to fell
them. The contractor will raise the kerb by 60 mm, relay the slabs on sand and cut back only those roots
that are thinner than a wrist. The work begins on Monday 14 October and should take nine days.

During that time parking will be suspended on the east side. Residents with a permit may use the car park
behind the library without charge. Please show the permit behind the windscreen as usual.

You also asked who pays for the damaged drain. The inspection found that the crack is older than the
roots, so the repair falls to the water company. I have sent them the photographs and asked for an answer
within 28 days.

If anything remains unclear, please telephone the highways desk on 01632 960 318.

Yours sincerely,

Marguerite Osei, Head of Highways and Trees
"""
)
SENDER = ("Merrin District Council", "Town Hall, Guildhall Square", "Port Merrin ZZ9 1AA")
ADDRESSEE = ("Mr T. Lockwood", "16 Station Approach", "Port Merrin ZZ9 3LL")
SUBJECT = "Lime trees and pavement in Station Approach"

BODY = Face("Times-Roman", 13)
HEAD = Face("Helvetica-Bold", 12.5, "#23435c")
COLUMN, GAP = 236.0, 24.0
TOP, BOTTOM = 158.0, 700.0


def article() -> bytes:
    """Return the article as a page of two columns."""
    sheet = Sheet(title=TITLE, author="The Merrin Harbour Journal")
    sheet.text(50, 52, "THE MERRIN HARBOUR JOURNAL", Face(size=8.5, colour=GREY))
    sheet.text(546, 52, "Summer 2024", Face(size=8.5, colour=GREY), "right")
    sheet.rule(50, 60, 546, 0.6, GREY)
    sheet.text(50, 104, TITLE, Face("Times-Bold", 26))
    sheet.text(50, 126, "By Edith Pellow, assistant harbour master", Face("Times-Italic", 12))
    x, y = 50.0, TOP
    for block in ARTICLE:
        x, y = _flow(sheet, (x, y), block)
    sheet.text(298, 812, "- 11 -", Face("Times-Roman", 9, GREY), "centre")
    return sheet.pdf()


def article_record() -> Record:
    """Return the text of the article's page."""
    text = "\n\n".join((f"# {TITLE}", "By Edith Pellow, assistant harbour master", *ARTICLE))
    return {"title": TITLE, "language": "en", "text": text}


def letter() -> bytes:
    """Return the letter as a page."""
    sheet = Sheet(title=SUBJECT, author=SENDER[0])
    face = Face("Times-Roman", 11.5)
    sheet.text(60, 70, SENDER[0], Face("Times-Bold", 17, "#23435c"))
    sheet.lines(60, 86, SENDER[1:], face)
    sheet.lines(60, 146, ADDRESSEE, face)
    sheet.text(535, 146, "23 September 2024", face, "right")
    sheet.text(60, 220, SUBJECT, Face("Times-Bold", 12.5))
    y = 246.0
    for block in LETTER:
        y = sheet.paragraph(60, y, block, 475, face) + 9
    return sheet.pdf()


def letter_record() -> Record:
    """Return the text of the letter."""
    blocks = ("\n".join(SENDER), "\n".join(ADDRESSEE), "23 September 2024", f"# {SUBJECT}", *LETTER)
    return {"title": SUBJECT, "language": "en", "text": "\n\n".join(blocks)}


def _flow(sheet: Sheet, place: tuple[float, float], block: str) -> tuple[float, float]:
    """Draw a heading or a paragraph, going on in the next column where this one ends; return what follows."""
    heading = block.startswith("## ")
    face = HEAD if heading else BODY
    x, y = place
    y += 8 if heading and y > TOP else 0
    for line in simpleSplit(block.removeprefix("## "), face.font, face.size, COLUMN):
        if y > BOTTOM - (40 if heading else 0):
            x, y = x + COLUMN + GAP, TOP
        y = sheet.text(x, y, line, face)
    return x, y + (2 if heading else 7)
