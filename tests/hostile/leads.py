"""Documents that lead elsewhere: to addresses, files beside them, programs, and what is packed in them."""

import io
import zlib
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.hostile.structure import stream
from tests.pipeline.render.documents import raw_pdf

Lead = Callable[[Path, str, Path], object]
"""Makes a document at a path that leads to an address and to a file."""

_TEXT = b"0 0 9 9 re f BT /F 40 Tf 50 500 Td (Read me) Tj ET"
_FONT = b"/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"

_ACTIONS = {
    "address": b"/S/URI/URI(@URL)",
    "program": b"/S/Launch/F(@FILE)/Win<</F(@FILE)/O(open)/P(x)>>/Unix<</F(@FILE)>>/Mac<</F(@FILE)>>",
    "other document": b"/S/GoToR/F(@FILE)/D[0/Fit]/NewWindow true",
    "packed document": b"/S/GoToE/F(@FILE)/T<</R/C/N(inner)>>/D[0/Fit]",
    "data to import": b"/S/ImportData/F(@FILE)",
    "form to submit": b"/S/SubmitForm/F<</FS/URL/F(@URL)>>/Flags 4",
    "script": b"/S/JavaScript/JS(app.launchURL\\('@URL'\\);this.submitForm\\('@URL'\\);)",
    "film": b"/S/Rendition/OP 0/R<</S/MR/C<</S/MCD/D<</FS/URL/F(@URL)>>/CT(video/mp4)>>>>",
    "sound": b"/S/Sound/Sound<</R 8000/Length 0/F(@FILE)>>",
    "thread": b"/S/Thread/F(@FILE)/D 0",
}

_XML = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file://@FILE"><!ENTITY b SYSTEM "@URL">'
    '<!ENTITY % c SYSTEM "@URL"> %c;]><x:xmpmeta xmlns:x="adobe:ns:meta/" href="@URL">&a;&b;</x:xmpmeta>'
)


def leads() -> dict[str, Lead]:
    """Every document by its name."""
    acting = {f"{name}.pdf": _acting(action) for name, action in _ACTIONS.items()}
    packed = {f"{name}.pdf": _holding(*objects) for name, objects in _held().items()}
    return acting | packed | {"words about it.png": _png, "words about it.jpg": _jpeg}


def _acting(action: bytes) -> Lead:
    """An action that waits for whatever can happen to a document, its page, its links and its fields."""
    one = b"<<" + action + b"/Next<<" + action + b">>>>"
    events = b"".join(b"/" + name + one for name in (b"O", b"C", b"E", b"X", b"D", b"U", b"Fo", b"Bl", b"PO"))
    typed = b"".join(b"/" + name + one for name in (b"K", b"F", b"V", b"C", b"PV", b"PI", b"PC"))
    named = b"/Names<</JavaScript<</Names[(a)" + one + b"]>>>>"
    catalog = b"/OpenAction" + one + b"/AA<</WC" + one + b"/WS" + one + b"/DP" + one + b">>" + named
    form = b"/AcroForm<</Fields[6 0 R]/CO[6 0 R]/NeedAppearances true>>"
    link = b"<</Type/Annot/Subtype/Link/Rect[0 0 600 800]/A" + one + b">>"
    field = (
        b"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(1)/Rect[9 9 99 99]/A" + one + b"/AA<<" + events + typed
    )
    page = b"/AA<<" + events + b">>/Annots[5 0 R 6 0 R]"
    return _document(catalog + form, page, stream(_TEXT), link, field + b">>>>")


def _holding(page: bytes, content: bytes, *objects: bytes) -> Lead:
    return _document(
        b"/Metadata 5 0 R/Names<</EmbeddedFiles<</Names[(inner)6 0 R]>>>>", page, content, *objects
    )


def _held() -> dict[str, tuple[bytes, ...]]:
    """What a page, its content and the objects from 5 on are where content comes from elsewhere."""
    there, away = b"/F(@FILE)/FFilter/FlateDecode", b"/F<</FS/URL/F(@URL)>>"
    image = b"/Type/XObject/Subtype/Image/Width 9/Height 9/BitsPerComponent 8/ColorSpace/DeviceGray"
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]"
    shown = b"/Resources<<" + _FONT + b"/XObject<</I 5 0 R>>>>"
    show = stream(_TEXT + b" q 90 0 0 90 9 9 cm /I Do Q")
    versions = b"/OPI<</2.0<</Type/OPI/Version 2.0/F(@FILE)>>/1.3<</Version 1.3/F(@FILE)/Size[9 9]>>>>"
    found: dict[str, tuple[bytes, ...]] = {}
    for name, where in (("file", there), ("address", away)):
        found |= {
            f"content in a {name}": (b"", stream(b"", where)),
            f"image in a {name}": (shown, show, stream(b"", image + where)),
            f"form in a {name}": (shown, show, stream(b"", form + where)),
            f"form for one in a {name}": (
                shown,
                show,
                stream(b"0 0 9 9 re f", form + b"/Ref<<" + where + b"/Page 0>>"),
            ),
            f"profile in a {name}": (
                shown,
                show,
                stream(bytes(243), image.replace(b"/DeviceGray", b"[/ICCBased 6 0 R]")),
                stream(b"", b"/N 3" + where),
            ),
            f"font in a {name}": (b"/Resources<</Font<</F 5 0 R>>>>", stream(_TEXT), *_font(where)),
            f"codes in a {name}": (b"/Resources<</Font<</F 5 0 R>>>>", stream(_TEXT), *_coded(where)),
            f"media in a {name}": (b"/Annots[5 0 R 6 0 R 7 0 R]", stream(_TEXT), *_media(where)),
        }
    packed = b"/Type/EmbeddedFile/Subtype/application#2Fpdf/Filter/FlateDecode"
    inner = stream(zlib.compress(b"%PDF-1.7 see @URL"), packed)
    found["proxy of an image"] = (shown, show, stream(bytes(81), image + versions))
    found["words about it"] = (b"", stream(_TEXT), stream(_XML.encode(), b"/Type/Metadata/Subtype/XML"))
    found["file within"] = (
        b"",
        stream(_TEXT),
        stream(b""),
        b"<</Type/Filespec/F(inner.pdf)/EF<</F 7 0 R>>>>",
        inner,
    )
    return found


def _font(where: bytes) -> tuple[bytes, ...]:
    font = b"<</Type/Font/Subtype/TrueType/BaseFont/X/FirstChar 65/LastChar 65/Widths[600]"
    font += b"/FontDescriptor 6 0 R>>"
    about = b"<</Type/FontDescriptor/FontName/X/Flags 4/FontBBox[0 0 999 999]/FontFile2 7 0 R>>"
    return font, about, stream(b"", where)


def _coded(where: bytes) -> tuple[bytes, ...]:
    font = b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding 7 0 R/ToUnicode 7 0 R/DescendantFonts[6 0 R]>>"
    system = b"/CIDSystemInfo<</Registry(A)/Ordering(B)/Supplement 0>>"
    below = b"<</Type/Font/Subtype/CIDFontType2/BaseFont/X" + system + b">>"
    return font, below, stream(b"", b"/Type/CMap/CMapName/X/UseCMap 7 0 R" + where)


def _media(where: bytes) -> tuple[bytes, ...]:
    annotation = b"<</Type/Annot/Rect[9 9 99 99]/F 4"
    asset = b"<</Type/Filespec" + where.replace(b"/FFilter/FlateDecode", b"") + b">>"
    rich = b"/Subtype/RichMedia/RichMediaSettings<</Activation<</Condition/PO>>>>"
    rich += b"/RichMediaContent<</Assets<</Names[(a)"
    return (
        annotation + rich + asset + b"]>>>>>>",
        annotation + b"/Subtype/FileAttachment/FS" + asset + b">>",
        annotation + b"/Subtype/Movie/A<</ShowControls true>>/Movie<</F" + asset + b"/Poster true>>>>",
    )


def _document(catalog: bytes, page: bytes, content: bytes, *objects: bytes) -> Lead:
    resources = b"" if b"/Resources" in page else b"/Resources<<" + _FONT + b">>"

    def make(path: Path, url: str, file: Path) -> Path:
        bodies = (
            b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R" + resources + page + b">>",
            content,
            *objects,
        )
        return raw_pdf(path, *(_leading(body, url, file) for body in bodies))

    return make


def _leading(body: bytes, url: str, file: Path) -> bytes:
    return body.replace(b"@URL", url.encode()).replace(b"@FILE", bytes(file))


def _words(url: str, file: Path) -> str:
    return _XML.replace("@URL", url).replace("@FILE", str(file))


def _png(path: Path, url: str, file: Path) -> None:
    words = PngInfo()
    words.add_itxt("XML:com.adobe.xmp", _words(url, file))
    _picture().save(path, "PNG", pnginfo=words)


def _jpeg(path: Path, url: str, file: Path) -> None:
    out = io.BytesIO()
    _picture().save(out, "JPEG", xmp=_words(url, file).encode())
    path.write_bytes(out.getvalue())


def _picture() -> Image.Image:
    return Image.linear_gradient("L")
