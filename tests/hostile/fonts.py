"""PDFs whose fonts never end: programs that call themselves, glyphs of glyphs, maps of everything."""

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

from tests.hostile.structure import one_page, packed, stream

_SHOWN = b"BT /F 99 Tf 50 500 Td (AAAA) Tj ET"
_ABOUT = b"/Resources<</Font<</F 5 0 R>>>>"
_DESCRIPTOR = (
    b"<</Type/FontDescriptor/FontName/X/Flags 4/FontBBox[0 0 999 999]/ItalicAngle 0/Ascent 900/Descent 0"
    b"/CapHeight 900/StemV 80/%b 7 0 R>>"
)
_DRAWN = (
    b"<</Type/Font/Subtype/Type3/FontBBox[0 0 999 999]/FontMatrix[.001 0 0 .001 0 0]/FirstChar 65"
    b"/LastChar 65/Widths[600]/CharProcs<</A 6 0 R>>/Encoding<</Differences[65/A]>>/Resources<<%b>>>>"
)
_SIMPLE = b"<</Type/Font/Subtype/%b/BaseFont/X/FirstChar 65/LastChar 65/Widths[600]/FontDescriptor 6 0 R>>"

_EEXEC_KEY, _CHARSTRING_KEY = 55665, 4330  # Adobe Type 1 Font Format, 7.1
_RETURN, _END, _CALL, _HSBW = b"\x0b", b"\x0e", b"\x0a", b"\x0d"


def self_drawn(path: Path) -> Path:
    """A Type 3 glyph whose drawing shows the glyph again, and again."""
    glyph = stream(b"600 0 d0 0 0 300 300 re f BT /F 9 Tf (AA) Tj ET")
    return one_page(path, _SHOWN, _DRAWN % b"/Font<</F 5 0 R>>", glyph, about=_ABOUT)


def endless_glyph(path: Path, strokes: int) -> Path:
    """A Type 3 glyph of so many strokes."""
    glyph = packed(b"600 0 d0 " + b"0 0 m 900 900 l 0 900 l 900 0 l 9 9 c B*\n" * strokes)
    return one_page(path, _SHOWN, _DRAWN % b"", glyph, about=_ABOUT)


def composite_of_itself(path: Path) -> Path:
    """A TrueType glyph that is made of itself, twice."""
    return _truetype(path, [_composite(1, 1)])


def composites_of_composites(path: Path, depth: int) -> Path:
    """TrueType glyphs each made of the next one, twice: 2 ** depth squares."""
    glyphs = [_composite(number + 2, number + 2) for number in range(depth)]
    return _truetype(path, [*glyphs, _square()])


def looping_hints(path: Path) -> Path:
    """TrueType programs for font, size and glyph that jump back for ever."""
    for_ever = b"\xb8\xff\xfd\x1c"  # PUSHW[1] -3, JMPR: back to the push
    return _truetype(path, [_square(for_ever)], programs={b"fpgm": for_ever, b"prep": for_ever})


def huge_font(path: Path, size_bytes: int) -> Path:
    """A TrueType program that unpacks to so many bytes, packed twice."""
    program = zlib.compress(zlib.compress(_sfnt([_square()]) + bytes(size_bytes), 9), 9)
    about = b"/Filter[/FlateDecode/FlateDecode]"
    font = _SIMPLE % b"TrueType", _DESCRIPTOR % b"FontFile2", stream(program, about)
    return one_page(path, _SHOWN, *font, about=_ABOUT)


def self_calling_type1(path: Path) -> Path:
    """A Type 1 subroutine that calls itself."""
    return _type1(path, [_number(0) + _CALL + _RETURN])


def laughing_type1(path: Path, levels: int, times: int) -> Path:
    """Type 1 subroutines that each call the next one several times."""
    calls = [(_number(number + 1) + _CALL) * times + _RETURN for number in range(levels)]
    return _type1(path, [*calls, _RETURN])


def laughing_cff(path: Path, levels: int, times: int) -> Path:
    """The same in a compact font, whose subroutines are counted from -107."""
    calls = [(_number(number + 1 - 107) + _CALL) * times + _RETURN for number in range(levels)]
    program = _cff([*calls, _RETURN], _number(-107) + _CALL + _END)
    font = (_SIMPLE % b"Type1", _DESCRIPTOR % b"FontFile3", stream(program, b"/Subtype/Type1C"))
    return one_page(path, _SHOWN, *font, about=_ABOUT)


def self_calling_cff(path: Path) -> Path:
    """A compact font whose subroutine calls itself."""
    program = _cff([_number(-107) + _CALL], _number(-107) + _CALL + _END)
    font = (_SIMPLE % b"Type1", _DESCRIPTOR % b"FontFile3", stream(program, b"/Subtype/Type1C"))
    return one_page(path, _SHOWN, *font, about=_ABOUT)


def map_of_everything(path: Path, ranges: int) -> Path:
    """Codes of four bytes, all of them mapped, so many times over: to glyphs, and to text."""
    everything = b"<00000000> <ffffffff> 0\n" * 100
    codes = b"begincmap 1 begincodespacerange <00000000> <ffffffff> endcodespacerange\n"
    blocks = (b"100 begincidrange\n" + everything + b"endcidrange\n") * (ranges // 100)
    to_text = (b"100 beginbfrange\n" + everything.replace(b" 0\n", b" <0041>\n") + b"endbfrange\n") * (
        ranges // 100
    )
    return _composite_font(
        path,
        packed(codes + blocks + b"endcmap", b"/Type/CMap/CMapName/X"),
        packed(codes + to_text + b"endcmap"),
    )


def map_of_itself(path: Path) -> Path:
    """A map of codes that is built upon itself."""
    about = b"/Type/CMap/CMapName/X/UseCMap 7 0 R"
    return _composite_font(
        path, stream(b"/X usecmap begincmap endcmap", about), stream(b"/X usecmap begincmap endcmap", about)
    )


def _composite_font(path: Path, codes: bytes, to_text: bytes) -> Path:
    """A page in a font of many characters: its maps are objects 7 and 8."""
    font = b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding 7 0 R/DescendantFonts[6 0 R]/ToUnicode 8 0 R>>"
    widths = b"/W[0 4294967295 600 " + b"0 2147483647 1 " * 10_000 + b"]"
    below = b"<</Type/Font/Subtype/CIDFontType2/BaseFont/X%b/CIDSystemInfo<<%b>>>>"
    system = b"/Registry(A)/Ordering(B)/Supplement 0"
    return one_page(
        path, _SHOWN + b" 0 0 90 90 re f", font, below % (widths, system), codes, to_text, about=_ABOUT
    )


def _truetype(path: Path, glyphs: Sequence[bytes], programs: dict[bytes, bytes] | None = None) -> Path:
    font = (
        _SIMPLE % b"TrueType",
        _DESCRIPTOR % b"FontFile2",
        packed(_sfnt(glyphs, programs or {})),
    )
    return one_page(path, _SHOWN, *font, about=_ABOUT)


def _sfnt(glyphs: Sequence[bytes], programs: dict[bytes, bytes] | None = None) -> bytes:
    """A TrueType font that shows its glyph 1 for every letter; glyph 0 is empty."""
    count = len(glyphs) + 1
    places = [0, 0]
    for glyph in glyphs:
        places.append(places[-1] + len(glyph))
    tables = {
        b"cmap": struct.pack(">HHHHIHHH", 0, 1, 1, 0, 12, 0, 262, 0) + b"\x01" * 256,
        b"glyf": b"".join(glyphs),
        b"head": struct.pack(
            ">IIIIHHqqhhhhHHhhh", 0x10000, 0, 0, 0x5F0F3CF5, 0, 1000, 0, 0, 0, 0, 999, 999, 0, 3, 2, 1, 0
        ),
        b"hhea": struct.pack(">IhhhHhhhhhhhhhhhH", 0x10000, 900, 0, 0, 600, *[0] * 11, count),
        b"hmtx": struct.pack(">Hh", 600, 0) * count,
        b"loca": struct.pack(f">{count + 1}I", *places),
        b"maxp": struct.pack(">IH13H", 0x10000, count, *[0xFFFF] * 13),
        **(programs or {}),
    }
    head, body = struct.pack(">IHHHH", 0x10000, len(tables), 0, 0, 0), b""
    for name, table in sorted(tables.items()):
        head += struct.pack(">4sIII", name, 0, 12 + 16 * len(tables) + len(body), len(table))
        body += table + bytes(-len(table) % 4)
    return head + body


def _square(program: bytes = b"") -> bytes:
    """A glyph of four points, with a program for its hints."""
    about = struct.pack(">hhhhhHH", 1, 0, 0, 500, 500, 3, len(program)) + program
    points = b"\x01\x01\x01\x01" + struct.pack(">8h", 0, 500, 0, -500, 0, 0, 500, 0)
    return about + points + bytes(-(len(about) + len(points)) % 4)


def _composite(*parts: int) -> bytes:
    """A glyph made of others, put where they are."""
    more = [0x0022] * (len(parts) - 1) + [0x0002]  # MORE_COMPONENTS, ARGS_ARE_XY_VALUES
    head = struct.pack(">hhhhh", -1, 0, 0, 999, 999)
    return head + b"".join(
        struct.pack(">HHbb", flags, part, 0, 0) for flags, part in zip(more, parts, strict=True)
    )


def _type1(path: Path, subroutines: Sequence[bytes]) -> Path:
    glyph = _number(0) + _number(600) + _HSBW + _number(0) + _CALL + _END
    private = b"dup /Private 9 dict dup begin /RD{string currentfile exch readstring pop}executeonly def\n"
    private += b"/ND{def}def /NP{put}def /lenIV 4 def /password 5839 def\n/Subrs %d array\n" % len(
        subroutines
    )
    for number, body in enumerate(subroutines):
        hidden = _hidden(body, _CHARSTRING_KEY)
        private += b"dup %d %d RD %b NP\n" % (number, len(hidden), hidden)
    hidden = _hidden(glyph, _CHARSTRING_KEY)
    private += b"ND\n2 index /CharStrings 2 dict dup begin\n"
    private += b"".join(b"/%b %d RD %b ND\n" % (name, len(hidden), hidden) for name in (b".notdef", b"A"))
    private += b"end end readonly put put dup/FontName get exch definefont pop mark currentfile closefile\n"
    clear = (
        b"%!PS-AdobeFont-1.0: X\n9 dict begin /FontName /X def /PaintType 0 def /FontType 1 def "
        b"/FontMatrix [0.001 0 0 0.001 0 0] def /Encoding StandardEncoding def /FontBBox {0 0 999 999} def "
        b"currentdict end currentfile eexec\n"
    )
    program = clear + _hidden(private, _EEXEC_KEY) + b"\n" + b"0" * 512 + b"\ncleartomark\n"
    lengths = b"/Length1 %d/Length2 %d/Length3 525" % (len(clear), len(program) - len(clear) - 525)
    font = (_SIMPLE % b"Type1", _DESCRIPTOR % b"FontFile", packed(program, lengths))
    return one_page(path, _SHOWN, *font, about=_ABOUT)


def _hidden(plain: bytes, key: int) -> bytes:
    """As a Type 1 font keeps its programs, four bytes of nothing before them."""
    out = bytearray()
    for byte in b"\0\0\0\0" + plain:
        out.append(byte ^ key >> 8)
        key = ((out[-1] + key) * 52845 + 22719) & 0xFFFF
    return bytes(out)


def _number(value: int) -> bytes:
    """A number of a charstring."""
    if -107 <= value <= 107:
        return bytes([value + 139])
    head, rest = divmod(abs(value) - 108, 256)
    return bytes([(247 if value > 0 else 251) + head, rest])


def _cff(subroutines: Sequence[bytes], glyph: bytes) -> bytes:
    """A compact font with the letter A alone; its subroutines are its own, not shared ones."""
    head = b"\x01\0\x04\x01" + _index([b"X"])
    strings, shared = _index([]), _index([])
    glyphs, charset = _index([_END, glyph]), b"\0" + struct.pack(">H", 34)  # 34: the letter A
    top_size = 4 * 5 + 3
    start = len(head) + (2 + 1 + 2 + top_size) + len(strings) + len(shared)
    private_at = start + len(charset) + len(glyphs)
    private = _wide(6) + b"\x13"  # Subrs, from here on
    top = _wide(start) + b"\x0f" + _wide(start + len(charset)) + b"\x11"
    top += _wide(len(private)) + _wide(private_at) + b"\x12"
    return head + _index([top]) + strings + shared + charset + glyphs + private + _index(subroutines)


def _wide(value: int) -> bytes:
    """A number of a dictionary, five bytes wide."""
    return b"\x1d" + struct.pack(">i", value)


def _index(entries: Sequence[bytes]) -> bytes:
    if not entries:
        return b"\0\0"
    wide = 1 if sum(map(len, entries)) < 255 else 4
    places = [1]
    for entry in entries:
        places.append(places[-1] + len(entry))
    return (
        struct.pack(">HB", len(entries), wide)
        + b"".join(place.to_bytes(wide, "big") for place in places)
        + b"".join(entries)
    )
