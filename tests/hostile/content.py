"""PDFs whose content, forms and annotations keep a renderer busy."""

from pathlib import Path

from tests.hostile.structure import one_page, packed, stream
from tests.pipeline.render.documents import raw_pdf

_INK = b"0 0 50 50 re f"


def tiny_tiles(path: Path) -> Path:
    """A pattern whose tiles lie a hundred thousandth of a point apart."""
    about = b"/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 9 9]/Resources<<>>"
    about += b"/XStep .00001/YStep .00001"
    content = b"/Pattern cs /P scn 0 0 600 800 re f"
    return one_page(path, content, stream(_INK, about), about=b"/Resources<</Pattern<</P 5 0 R>>>>")


def tiles_of_themselves(path: Path) -> Path:
    """A pattern that is painted with itself."""
    about = (
        b"/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 9 9]/XStep 9/YStep 9"
        b"/Resources<</Pattern<</P 5 0 R>>>>"
    )
    content = b"/Pattern cs /P scn 0 0 600 800 re f"
    return one_page(path, content, stream(content, about), about=b"/Resources<</Pattern<</P 5 0 R>>>>")


def mask_of_itself(path: Path) -> Path:
    """A soft mask that is masked by itself."""
    about = b"/Resources<</ExtGState<</G 6 0 R>>>>"
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Group<</S/Transparency>>" + about
    state = b"<</Type/ExtGState/SMask<</S/Luminosity/G 5 0 R>>>>"
    return one_page(path, b"/G gs " + _INK, stream(b"/G gs " + _INK, form), state, about=about)


def tiny_dashes(path: Path) -> Path:
    """A line of ten million points in dashes of a millionth of one."""
    return one_page(path, b"[.000001] 0 d 5 w 0 9 m 10000000 9 l S " * 50 + _INK)


def saved_states(path: Path, count: int) -> Path:
    """So many states saved and never taken back."""
    return one_page(path, b"", packed(b"q " * count + _INK), about=b"/Contents 5 0 R")


def function_of_itself(path: Path) -> Path:
    """Colours that run along a function made of itself."""
    function = b"<</FunctionType 3/Domain[0 1]/Functions[5 0 R 5 0 R]/Bounds[.5]/Encode[0 1 0 1]>>"
    shading = b"<</ShadingType 2/ColorSpace/DeviceGray/Coords[0 0 600 800]/Function 5 0 R/Extend[true true]>>"
    return one_page(path, b"/S sh " + _INK, function, shading, about=b"/Resources<</Shading<</S 6 0 R>>>>")


def samples(path: Path) -> Path:
    """Colours that run along a function of sixteen inputs with as many samples as there are atoms."""
    about = b"/FunctionType 0/Domain[%b]/Range[0 1]/Size[%b]/BitsPerSample 32" % (
        b"0 1 " * 16,
        b"99999 " * 16,
    )
    shading = b"<</ShadingType 1/ColorSpace/DeviceGray/Function 5 0 R>>"
    content = b"600 0 0 800 0 0 cm /S sh " + _INK
    return one_page(
        path, content, stream(b"\0" * 64, about), shading, about=b"/Resources<</Shading<</S 6 0 R>>>>"
    )


def annotations(path: Path, count: int) -> Path:
    """So many fields on one page, each of which is drawn in its own right."""
    look = stream(b"0 0 9 9 re f " * 20, b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")
    field = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(x)/Rect[9 9 99 99]/F 4/AP<</N 5 0 R>>/Parent 6 0 R>>"
    return _with_form(path, look, field, b"6 0 R " * count, b"/Fields[%b]" % (b"6 0 R " * count))


def fields_of_themselves(path: Path) -> Path:
    """Fields that are their own children and parents."""
    look = stream(_INK, b"/Type/XObject/Subtype/Form/BBox[0 0 99 99]")
    field = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(x)/V 6 0 R/Rect[9 9 99 99]/AP<</N 5 0 R>>"
    field += b"/Parent 6 0 R/Kids[6 0 R 6 0 R]>>"
    return _with_form(path, look, field, b"6 0 R", b"/Fields[6 0 R]")


def xml_form(path: Path) -> Path:
    """A form in XML whose entities swell a billionfold."""
    entities = b"".join(b'<!ENTITY l%d "%b">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    xml = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">' + entities + b"]><x>&l9;</x>"
    return _with_form(path, stream(xml), b"<<>>", b"", b"/Fields[]/NeedAppearances true/XFA 5 0 R")


def _with_form(path: Path, first: bytes, second: bytes, annotations: bytes, form: bytes) -> Path:
    """A page with a form; two more objects of it are numbered 5 and 6."""
    return raw_pdf(
        path,
        b"<</Type/Catalog/Pages 2 0 R/AcroForm<<%b>>>>" % form,
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Annots[%b]>>" % annotations,
        stream(_INK),
        first,
        second,
    )
