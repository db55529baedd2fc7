"""A PDF page measured from its top left corner, which is how one reads and writes a layout."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

BLACK = "#000000"
GREY = "#5a5a5a"
PALE = "#c8c8c8"

rl_config.useA85 = 0  # images stand in the file as they are, not as text a quarter longer

for name in ("Vera", "VeraBd", "VeraIt"):
    registerFont(TTFont(name, f"{name}.ttf"))


@dataclass(frozen=True, slots=True)
class Face:
    """How text looks: font, size in points, colour."""

    font: str = "Helvetica"
    size: float = 9
    colour: str = BLACK

    @property
    def leading(self) -> float:
        """Points from one line to the next."""
        return self.size * 1.32

    def width(self, text: str) -> float:
        """Return how wide a text is, in points."""
        width: float = stringWidth(text, self.font, self.size)
        return width


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        title: Its heading.
        left: Left edge in points.
        right: Right edge in points.
        align: `left`, `right` or `centre`.
    """

    title: str
    left: float
    right: float
    align: str = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableStyle:
    """How a table looks.

    Attributes:
        face: Of the cells.
        head: Of the headings.
        head_fill: Colour behind the headings, or None.
        stripe: Colour behind every second row, or None.
        rules: `none`, `rows` or `grid`.
        rule_colour: Of the rules.
        padding: Points above and below the text of a row.
    """

    face: Face = Face()
    head: Face = Face("Helvetica-Bold")
    head_fill: str | None = None
    stripe: str | None = None
    rules: str = "rows"
    rule_colour: str = PALE
    padding: float = 4


class Sheet:
    """A document being drawn; coordinates are points from the top left corner of the page."""

    def __init__(
        self,
        size: tuple[float, float] = A4,
        *,
        title: str,
        author: str,
        passwords: tuple[str, str] | None = None,
    ) -> None:
        self.width, self.height = size
        self._bytes = BytesIO()
        # Neither time stamps nor deflate: the same bytes on every machine, whatever zlib it has.
        self.canvas = Canvas(
            self._bytes, pagesize=size, invariant=1, pageCompression=0, encrypt=_encryption(passwords)
        )
        self.canvas.setTitle(title)
        self.canvas.setAuthor(author)
        self.canvas.setCreator("Sample documents")

    def next_page(self) -> None:
        """Finish this page and start another."""
        self.canvas.showPage()

    def pdf(self) -> bytes:
        """Finish the document and return it."""
        self.canvas.save()
        return self._bytes.getvalue()

    def text(self, x: float, y: float, text: str, face: Face = Face(), align: str = "left") -> float:
        """Draw one line with its base line at y; return the base line of the next."""
        self.canvas.setFont(face.font, face.size)
        self.canvas.setFillColor(HexColor(face.colour))
        draw = {
            "left": self.canvas.drawString,
            "right": self.canvas.drawRightString,
            "centre": self.canvas.drawCentredString,
        }[align]
        draw(x, self.height - y, text)
        return y + face.leading

    def lines(
        self, x: float, y: float, lines: Sequence[str], face: Face = Face(), align: str = "left"
    ) -> float:
        """Draw lines under each other; return the base line after the last."""
        for line in lines:
            y = self.text(x, y, line, face, align)
        return y

    def paragraph(self, x: float, y: float, text: str, width: float, face: Face = Face()) -> float:
        """Draw text broken into lines of at most this width; return the base line after the last."""
        return self.lines(x, y, simpleSplit(text, face.font, face.size, width), face)

    def pairs(
        self, x: float, y: float, gap: float, rows: Sequence[tuple[str, str]], face: Face = Face()
    ) -> float:
        """Draw labels with their values `gap` points to the right; return the base line after the last."""
        for label, value in rows:
            self.text(x, y, label, Face(face.font, face.size, GREY))
            y = self.text(x + gap, y, value, face)
        return y

    def rule(self, x: float, y: float, to: float, width: float = 0.5, colour: str = BLACK) -> None:
        """Draw a horizontal line."""
        self.canvas.setStrokeColor(HexColor(colour))
        self.canvas.setLineWidth(width)
        self.canvas.line(x, self.height - y, to, self.height - y)

    def post(self, x: float, y: float, to: float, width: float = 0.5, colour: str = BLACK) -> None:
        """Draw a vertical line."""
        self.canvas.setStrokeColor(HexColor(colour))
        self.canvas.setLineWidth(width)
        self.canvas.line(x, self.height - y, x, self.height - to)

    def fill(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Fill a rectangle whose top left corner is at x, y."""
        self.canvas.setFillColor(HexColor(colour))
        self.canvas.rect(x, self.height - y - height, width, height, stroke=0, fill=1)

    def frame(self, x: float, y: float, width: float, height: float, colour: str = BLACK) -> None:
        """Draw the outline of a rectangle whose top left corner is at x, y."""
        self.canvas.setStrokeColor(HexColor(colour))
        self.canvas.setLineWidth(0.6)
        self.canvas.rect(x, self.height - y - height, width, height, stroke=1, fill=0)

    def table(
        self,
        y: float,
        columns: Sequence[Column],
        rows: Sequence[Sequence[str]],
        style: TableStyle = TableStyle(),
    ) -> float:
        """Draw headings and rows from y downwards; return the lower edge."""
        top = y
        y = self._heading(y, columns, style)
        for number, row in enumerate(rows):
            y = self._row(y, columns, row, style, striped=number % 2 == 1)
        if style.rules == "grid":
            for x in (columns[0].left, *(column.right for column in columns)):
                self.post(x, top, y, colour=style.rule_colour)
        return y

    def _heading(self, y: float, columns: Sequence[Column], style: TableStyle) -> float:
        height = style.head.leading + 2 * style.padding
        left, right = columns[0].left, columns[-1].right
        if style.head_fill:
            self.fill(left, y, right - left, height, style.head_fill)
        if style.rules == "grid":
            self.rule(left, y, right, colour=style.rule_colour)
        for column in columns:
            self._cell(column, y + style.padding + style.head.size, column.title, style.head)
        self.rule(left, y + height, right, 0.8, style.rule_colour if style.rules == "grid" else BLACK)
        return y + height

    def _row(
        self, y: float, columns: Sequence[Column], row: Sequence[str], style: TableStyle, *, striped: bool
    ) -> float:
        cells = [self._broken(cell, column, style.face) for cell, column in zip(row, columns, strict=True)]
        height = max(len(cell) for cell in cells) * style.face.leading + 2 * style.padding
        left, right = columns[0].left, columns[-1].right
        if striped and style.stripe:
            self.fill(left, y, right - left, height, style.stripe)
        for column, lines in zip(columns, cells, strict=True):
            baseline = y + style.padding + style.face.size
            for line in lines:
                self._cell(column, baseline, line, style.face)
                baseline += style.face.leading
        if style.rules != "none":
            self.rule(left, y + height, right, 0.4, style.rule_colour)
        return y + height

    def _broken(self, cell: str, column: Column, face: Face) -> list[str]:
        if column.align != "left":
            return [cell]
        return simpleSplit(cell, face.font, face.size, column.right - column.left - 6) or [""]

    def _cell(self, column: Column, y: float, text: str, face: Face) -> None:
        x = {
            "left": column.left + 3,
            "right": column.right - 3,
            "centre": (column.left + column.right) / 2,
        }[column.align]
        self.text(x, y, text, face, column.align)


def _encryption(passwords: tuple[str, str] | None) -> StandardEncryption | None:
    """Return 128 bit protection for (user password, owner password)."""
    if passwords is None:
        return None
    user, owner = passwords
    return StandardEncryption(user, owner, canPrint=1, canModify=0, canCopy=0, canAnnotate=0, strength=128)
