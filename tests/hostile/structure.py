"""PDFs whose objects, trees and content claim, repeat, nest or swell."""

import io
import struct
import zlib
from pathlib import Path

from tests.pipeline.render.documents import raw_pdf

_CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"


def one_page(
    path: Path, content: bytes, *more: bytes, about: bytes = b"", media_box: bytes = b"0 0 600 800"
) -> Path:
    """A page of hand-written content; objects beside it are numbered from 5."""
    return raw_pdf(
        path,
        _CATALOG,
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[%b]/Contents 4 0 R%b>>" % (media_box, about),
        stream(content),
        *more,
    )


def stream(content: bytes, about: bytes = b"") -> bytes:
    return b"<<%b/Length %d>>stream\n%b\nendstream" % (about, len(content), content)


def packed(content: bytes, about: bytes = b"") -> bytes:
    return stream(zlib.compress(content), b"/Filter/FlateDecode" + about)


def claiming(path: Path, pages: int) -> Path:
    """One real page, and a page tree that says there are more."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R>>"
    kids = b"<</Type/Pages/Kids[3 0 R]/Count %d>>" % pages
    return raw_pdf(path, _CATALOG, kids, page, stream(b"0 0 50 50 re f"))


def looping_tree(path: Path) -> Path:
    """A page tree whose branches lead back to its root."""
    kids = b"<</Type/Pages/Kids[3 0 R 2 0 R 2 0 R]/Count 3/Parent 3 0 R>>"
    return raw_pdf(path, _CATALOG, kids, b"<</Type/Pages/Kids[2 0 R 3 0 R]/Count 2/Parent 2 0 R>>")


def deep_tree(path: Path, depth: int) -> Path:
    """A page under so many branches."""
    branches = [
        b"<</Type/Pages/Kids[%d 0 R]/Count 1/Parent %d 0 R>>" % (number + 1, max(2, number - 1))
        for number in range(2, 2 + depth)
    ]
    page = b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 99 99]>>" % (1 + depth)
    return raw_pdf(path, _CATALOG, *branches, page)


def deep_objects(path: Path, depth: int) -> Path:
    """Arrays in arrays where a page has its resources."""
    return one_page(path, b"0 0 50 50 re f", about=b"/Resources<</X %b%b>>" % (b"[" * depth, b"]" * depth))


def recursive_form(path: Path) -> Path:
    """A form that draws itself twice."""
    about = b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</XObject<</F 5 0 R>>>>"
    form = stream(b"0 0 9 9 re f /F Do /F Do", about)
    return one_page(path, b"/F Do", form, about=b"/Resources<</XObject<</F 5 0 R>>>>")


def laughs(path: Path, levels: int, times: int = 10) -> Path:
    """Forms that each draw the next one several times: times ** levels rectangles."""
    forms = []
    for number in range(5, 5 + levels):
        about = b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</XObject<</F %d 0 R>>>>" % (
            number + 1
        )
        forms.append(stream(b"/F Do " * times, about))
    forms.append(stream(b"0 0 9 9 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]"))
    return one_page(path, b"/F Do", *forms, about=b"/Resources<</XObject<</F 5 0 R>>>>")


def content_bomb(path: Path, size_bytes: int) -> Path:
    """Content that unpacks to so many bytes from a thousandth of them, packed twice."""
    blanks = zlib.compress(zlib.compress(b" " * size_bytes, 9), 9)
    return raw_pdf(
        path,
        _CATALOG,
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R>>",
        stream(blanks, b"/Filter[/FlateDecode/FlateDecode]"),
    )


def strokes(path: Path, count: int) -> Path:
    """Content that fills a page-wide star so many times."""
    star = b"0 0 m 600 800 l 0 800 l 600 0 l 9 9 c B*\n"
    return raw_pdf(
        path,
        _CATALOG,
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>",
        packed(star * count),
    )


def frames(path: Path, count: int) -> Path:
    """A TIFF of so many frames of one pixel, all of them the same byte of the file."""
    out = io.BytesIO()
    entries = (
        (256, 4, 1),
        (257, 4, 1),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (278, 4, 1),
        (279, 4, 1),
    )
    size = 2 + 12 * len(entries) + 4
    out.write(b"II*\0" + struct.pack("<I", 12) + b"\0\0\0\0")
    for number in range(count):
        out.write(struct.pack("<H", len(entries)))
        for tag, kind, value in entries:
            out.write(struct.pack("<HHII", tag, kind, 1, value))
        following = 12 + size * (number + 1)
        out.write(struct.pack("<I", following if number + 1 < count else 0))
    path.write_bytes(out.getvalue())
    return path


def looping_tiff(path: Path) -> Path:
    """A TIFF whose last frame is followed by its first."""
    raw = bytearray(frames(path, 2).read_bytes())
    raw[-4:] = struct.pack("<I", 12)
    path.write_bytes(raw)
    return path


def many_pages(path: Path, count: int, *, claimed: int = 0) -> Path:
    """So many pages, all of them the same object, and perhaps more that are claimed."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R>>"
    kids = b"<</Type/Pages/Kids[%b]/Count %d>>" % (b"3 0 R " * count, claimed or count)
    return raw_pdf(path, _CATALOG, kids, page, stream(b"0 0 50 50 re f"))


def broken_pages(path: Path, count: int) -> Path:
    """So many pages, each of which shows an image that cannot be decoded."""
    picture = (
        b"/Type/XObject/Subtype/Image/Width 9/Height 9/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/X"
    )
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>"
    kids = b"<</Type/Pages/Kids[%b]/Count %d>>" % (b"3 0 R " * count, count)
    return raw_pdf(path, _CATALOG, kids, page, stream(b"90 0 0 90 0 0 cm /I Do"), stream(b"?", picture))
