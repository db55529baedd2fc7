"""Small real documents for tests."""

from collections.abc import Sequence
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas


def write_pdf(path: Path, pages: Sequence[str]) -> Path:
    """Write a PDF with one line of text a page; an empty text leaves its page blank."""
    path.parent.mkdir(parents=True, exist_ok=True)
    canvas = Canvas(str(path), pagesize=A4, invariant=True)
    for text in pages:
        if text:
            canvas.setFont("Helvetica", 24)
            canvas.drawString(72, 700, text)
        canvas.showPage()
    canvas.save()
    return path
