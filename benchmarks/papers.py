"""Documents made up by the thousand: pages that cost little to draw and differ from one another."""

from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

_PAGE = (
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 280] "
    b"/Contents %d 0 R /Resources << /Font << /F 3 0 R >> >> >>"
)
_TEXT = b"BT /F 24 Tf 20 140 Td (%s, page %d) Tj ET"
_FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def write_papers(folder: Path, *, documents: int, pages: int) -> None:
    """Write so many PDF files of so many pages each, a hundred to a folder."""
    for number in range(documents):
        path = folder / f"{number // 100:04}" / f"{number:06}.pdf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pdf(str(number), pages))


def pdf(title: str, pages: int) -> bytes:
    """A PDF file whose pages say their title and number."""
    head, bodies = b"%PDF-1.4\n", list(_objects(title.encode("ascii"), pages))
    objects = [b"%d 0 obj\n%s\nendobj\n" % (number, body) for number, body in enumerate(bodies, start=1)]
    *places, end = accumulate(map(len, objects), initial=len(head))
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return b"".join(
        [
            head,
            *objects,
            b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1),
            table,
            b"trailer\n<< /Root 1 0 R /Size %d >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, end),
        ]
    )


def _objects(title: bytes, pages: int) -> Iterator[bytes]:
    numbers = range(4, 4 + 2 * pages, 2)
    yield b"<< /Type /Catalog /Pages 2 0 R >>"
    kids = b" ".join(b"%d 0 R" % number for number in numbers)
    yield b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages)
    yield _FONT
    for page, number in enumerate(numbers, start=1):
        text = _TEXT % (title, page)
        yield _PAGE % (number + 1)
        yield b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text)
