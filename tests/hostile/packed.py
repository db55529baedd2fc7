"""PDFs whose streams unpack to far more than they are, or whose tables of objects lead nowhere."""

import struct
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.hostile.structure import one_page, packed, stream

_INK = b"0 0 50 50 re f"
_SHOWN = b"q 500 0 0 500 50 50 cm /I Do Q"
_IMAGE = b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent %d/ColorSpace/DeviceGray"
_IMAGE_ABOUT = b"/Resources<</XObject<</I 5 0 R>>>>"
_NONE = struct.pack(">BIH", 0, 0, 65535)
_PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
_PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R>>"
_CATALOG = b"<</Type/Catalog/Pages 2 0 R%b>>"


def chained(path: Path, names: Sequence[bytes], content: bytes) -> Path:
    """Content behind a chain of filters."""
    filters = b"/Filter[%b]" % b"".join(b"/" + name for name in names)
    return one_page(path, b"", stream(content, filters), about=b"/Contents 5 0 R")


def flate_chain(path: Path, depth: int) -> Path:
    """Content packed so often; unpacking it grows at each step."""
    content = b" " * 1_000_000 + _INK
    for _ in range(depth):
        content = zlib.compress(content)
    return chained(path, [b"FlateDecode"] * depth, content)


def hex_chain(path: Path, depth: int) -> Path:
    """A thousand filters, each of which halves what there is."""
    return chained(path, [b"ASCIIHexDecode"] * depth, b"20" * 100_000 + b">")


def run_lengths(path: Path, size_bytes: int) -> Path:
    """Blanks, 128 from two bytes, those packed a thousandfold."""
    content = zlib.compress(b"\x81 " * (size_bytes // 128) + b"\x80", 9)
    return chained(path, [b"FlateDecode", b"RunLengthDecode"], content)


def lzw(path: Path, size_bytes: int) -> Path:
    """Blanks, a thousand from each byte."""
    codes = [256, 32, *range(258, 4094)]  # each code is one blank longer than the one before
    text, bits = 0, 0
    for place, code in enumerate(codes):
        width = 9 if place + 257 <= 510 else 10 if place + 257 <= 1022 else 11 if place + 257 <= 2046 else 12
        text, bits = text << width | code, bits + width
    once = (text << -bits % 8).to_bytes((bits + 7) // 8, "big")
    times = size_bytes // (3836 * 3837 // 2)
    return chained(path, [b"FlateDecode", b"LZWDecode"], zlib.compress(once * times + b"\x80\x40"))


def image(path: Path, name: bytes, body: bytes, *, side: int, bits: int = 8) -> Path:
    """A page that shows a square image of some filter."""
    about = _IMAGE % (side, side, bits) + b"/Filter/" + name
    return one_page(path, _SHOWN, stream(body, about), about=_IMAGE_ABOUT)


def fax_bomb(path: Path) -> Path:
    """JBIG2 that says its page measures 2 ** 31 pixels either way."""
    page = struct.pack(">IBBBIIIIIBH", 0, 0x30, 0, 1, 19, 2**31, 2**31, 0, 0, 0, 0)
    region = struct.pack(">IBBBI", 1, 0x26, 0, 1, 18) + struct.pack(">IIIIBB", 2**31, 2**31, 0, 0, 0, 1)
    return image(path, b"JBIG2Decode", page + region, side=60_000, bits=1)


def wavelet_bomb(path: Path) -> Path:
    """JPEG 2000 that says it measures 2 ** 31 pixels either way, in tiles of one pixel."""
    sizes = struct.pack(">HHIIIIIIIIH", 41, 0, 2**31, 2**31, 0, 0, 1, 1, 0, 0, 1) + b"\x07\x01\x01"
    codestream = b"\xff\x4f\xff\x51" + sizes + b"\xff\x52\0\x0c\0\0\0\x01\0\x05\x04\x04\0\x01\xff\xd9"
    return image(path, b"JPXDecode", codestream, side=60_000)


def photo_bomb(path: Path) -> Path:
    """JPEG that says it measures 65,500 pixels either way."""
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, 65_500, 65_500, 1) + b"\x01\x11\0"
    body = b"\xff\xd8" + frame + b"\xff\xda\0\x08\x01\x01\0\0\x3f\0" + b"\0" * 99 + b"\xff\xd9"
    return image(path, b"DCTDecode", body, side=65_500)


def tiny_images(path: Path, count: int) -> Path:
    """One pixel, shown so many times."""
    pixel = stream(b"\0", _IMAGE % (1, 1, 8))
    shown = packed(b"q 9 0 0 9 50 50 cm /I Do Q\n" * count)
    return one_page(path, b"", pixel, shown, about=_IMAGE_ABOUT + b"/Contents 6 0 R")


def inline_images(path: Path, count: int) -> Path:
    """Images in the content itself, each of which claims to be larger than all of it."""
    shown = packed(b"BI /W 60000 /H 60000 /BPC 8 /CS /G ID \0 EI\n" * count)
    return one_page(path, b"", shown, about=b"/Contents 5 0 R")


def colour_profile(path: Path, size_bytes: int) -> Path:
    """An image whose profile of colours unpacks to so many bytes."""
    profile = zlib.compress(zlib.compress(b"\0\0\0\x10ADBE" * (size_bytes // 8), 9), 9)
    colours = b"<</N 3/Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n%b\nendstream"
    about = b"/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace[/ICCBased 6 0 R]"
    return one_page(
        path,
        _SHOWN,
        stream(b"\0\0\0", about),
        colours % (len(profile), profile),
        about=_IMAGE_ABOUT,
    )


def table_of_itself(path: Path) -> Path:
    """A table of objects that says the one before it is itself."""
    one_page(path, _INK)
    raw = path.read_bytes()
    start = raw.rindex(b"xref\n0 ")
    path.write_bytes(raw.replace(b"/Root", b"/Prev %d/Root" % start))
    return path


def huge_table(path: Path) -> Path:
    """A stream of objects' places that claims two thousand million of them, and unpacks to 300 MB."""
    bodies = [_CATALOG % b"", _PAGES, _PAGE, stream(_INK)]
    about = b"/Size 2147483647/Index[0 2147483647]"
    return _with_stream_of_places(path, bodies, about, trailing=bytes(300_000_000))


def places_of_themselves(path: Path) -> Path:
    """Streams of objects' places that each lead to the other."""
    return _with_stream_of_places(path, [_CATALOG % b"", _PAGES, _PAGE, stream(_INK)], b"/Size 6/Prev 9", ())


def object_stream_in_itself(path: Path) -> Path:
    """An object stream that is said to stand in itself, and holds the page."""
    inside = b"5 0 3 %d " % (len(_PAGE) + 1) + _PAGE + b" " + _PAGE
    held = stream(inside, b"/Type/ObjStm/N 2/First 8")
    return _with_stream_of_places(
        path, [_CATALOG % b"", _PAGES, b"", stream(_INK), held], b"/Size 7", {3: (5, 1), 5: (5, 0)}
    )


def object_stream_bomb(path: Path, size_bytes: int) -> Path:
    """An object stream of so many bytes that says it holds two thousand million objects, the page too."""
    inside = b"3 0 " + _PAGE + b" " * size_bytes
    about = b"/Type/ObjStm/N 2147483647/First 4/Filter[/FlateDecode/FlateDecode]"
    held = stream(zlib.compress(zlib.compress(inside, 9), 9), about)
    return _with_stream_of_places(
        path, [_CATALOG % b"", _PAGES, b"", stream(_INK), held], b"/Size 7", {3: (5, 0)}
    )


def linearized_lie(path: Path) -> Path:
    """A file that says it was laid out for the web, a million pages long, and where they are."""
    one_page(path, _INK)
    about = b"/Linearized 1/L 99999999999/H[99 4294967295]/O 3/E 4294967295/N 1000000/T 4294967295"
    lie = b"9 0 obj\n<<%b>>\nendobj\n" % about
    path.write_bytes(path.read_bytes().replace(b"%PDF-1.7\n", b"%PDF-1.7\n" + lie))
    return path


def locked_by(path: Path, about: bytes) -> Path:
    """A page behind a lock of senseless measures."""
    one_page(path, _INK)
    lock = b"<</Filter/Standard%b/P -1/O<%b>/U<%b>>>" % (about, b"41" * 48, b"42" * 48)
    path.write_bytes(path.read_bytes().replace(b"/Root", b"/ID[<00><00>]/Encrypt %b/Root" % lock))
    return path


def _with_stream_of_places(
    path: Path,
    bodies: Sequence[bytes],
    about: bytes,
    within: dict[int, tuple[int, int]] | Iterable[int] = (),
    *,
    trailing: bytes = b"",
) -> Path:
    """A PDF whose objects are found by a stream, as since version 1.5.

    Args:
        path: Where it is written.
        bodies: Objects, numbered from 1; an empty one stands in an object stream.
        about: More of the stream's dictionary.
        within: Of objects in object streams, the number of that stream and their place in it.
        trailing: More bytes of the table.
    """
    inside = dict(within) if isinstance(within, dict) else {}
    out, places = b"%PDF-1.7\n", _NONE
    for number, body in enumerate(bodies, start=1):
        if number in inside:
            places += struct.pack(">BIH", 2, *inside[number])
        else:
            places += struct.pack(">BIH", 1, len(out), 0)
        if body:
            out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start, number = len(out), len(bodies) + 1
    places += struct.pack(">BIH", 1, start, 0)
    table = packed(places + trailing, b"/Type/XRef/W[1 4 2]/Root 1 0 R" + about)
    path.write_bytes(out + b"%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (number, table, start))
    return path
