"""A till roll: paper as wide as it is, and as long as what is printed on it."""

from dataclasses import dataclass, field

from _sheet import Face, Sheet

NAME = Face("Courier-Bold", 15)
LINE = Face("Courier", 9.6)
BOLD = Face("Courier-Bold", 9.6)
SUM = Face("Courier-Bold", 13)
_EDGE, _TOP = 14.0, 18.0


@dataclass(slots=True)
class Roll:
    """Lines that are printed one after the other.

    Attributes:
        width: Of the paper, in points.
    """

    width: float = 226.0  # 80 mm
    _lines: list[tuple[str, str, Face, str]] = field(default_factory=list)

    def centre(self, *texts: str, face: Face = LINE) -> None:
        """Print each text in the middle of a line of its own."""
        self._lines += [(text, "", face, "centre") for text in texts]

    def left(self, *texts: str, face: Face = LINE) -> None:
        """Print each text at the left of a line of its own."""
        self._lines += [(text, "", face, "left") for text in texts]

    def ends(self, *pairs: tuple[str, str], face: Face = LINE) -> None:
        """Print lines with a text at either end."""
        self._lines += [(left, right, face, "left") for left, right in pairs]

    def gap(self) -> None:
        """Feed the paper by half a line."""
        self._lines.append(("", "", Face(size=5), "left"))

    def rule(self) -> None:
        """Print a line of dashes."""
        self.centre("-" * int((self.width - 2 * _EDGE) / LINE.width("-")))

    def pdf(self, title: str, author: str) -> bytes:
        """Cut the paper and return it."""
        height = 2 * _TOP + sum(face.leading for _, _, face, _ in self._lines)
        sheet, y = Sheet((self.width, height), title=title, author=author), _TOP
        for text, right, face, align in self._lines:
            y += face.leading
            sheet.text(self.width / 2 if align == "centre" else _EDGE, y, text, face, align)
            sheet.text(self.width - _EDGE, y, right, face, "right")
        return sheet.pdf()
