"""Documents that the rendering tests read, made with other libraries than the ones that read them."""

import io
import os
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, StreamObject
from reportlab.pdfgen.canvas import Canvas

from pipeline.records import Document, Source
from pipeline.sources import identify

A4 = (595.28, 841.89)


def document(path: Path) -> Document:
    return identify(Source(str(path), 0))


def pdf(path: Path, *pages: Callable[[Canvas], object], size: tuple[float, float] = A4) -> Path:
    canvas = Canvas(str(path), pagesize=size)
    for draw in pages:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return path


def text(words: str) -> Callable[[Canvas], object]:
    return lambda canvas: canvas.drawString(100, 500, words)


def nothing(canvas: Canvas) -> None:
    canvas.setFont("Helvetica", 12)


def form(canvas: Canvas) -> None:
    canvas.drawString(100, 700, "Total")
    canvas.acroForm.textfield(
        name="total", value="1,234.56", x=100, y=500, width=200, height=30, borderWidth=0
    )


def encrypted(plain: Path, path: Path, *, user: str, owner: str, algorithm: str = "AES-256") -> Path:
    writer = PdfWriter(clone_from=PdfReader(plain))
    writer.encrypt(user_password=user, owner_password=owner, algorithm=algorithm)
    writer.write(path)
    return path


def slow_form(path: Path) -> Path:
    """A page that is drawn at once, with a form field whose appearance takes minutes."""
    plain = pdf(path.with_name("plain.pdf"), form)
    writer = PdfWriter(clone_from=PdfReader(plain))
    field = cast("DictionaryObject", writer.pages[0].annotations[0].get_object())  # type: ignore[index]  # has one
    old = cast("StreamObject", cast("DictionaryObject", field["/AP"])["/N"].get_object())
    appearance = DecodedStreamObject()
    appearance.update({name: old[name] for name in old if name != "/Filter"})
    appearance.set_data(b"0 0 m 200 30 l 0 30 200 0 9 9 c B*\n" * 2_000_000)
    cast("DictionaryObject", field["/AP"])[NameObject("/N")] = writer._add_object(appearance.flate_encode())
    writer.write(path)
    return path


def raw_pdf(path: Path, *objects: bytes) -> Path:
    """A PDF of hand-written objects, the first one its catalogue."""
    out = io.BytesIO(b"%PDF-1.7\n")
    out.seek(0, os.SEEK_END)
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table))
    path.write_bytes(out.getvalue())
    return path


def page_with_image(path: Path, image: bytes, *, media_box: bytes = b"0 0 600 800") -> Path:
    """A page that shows nothing but one image object."""
    content = b"q 500 0 0 500 50 50 cm /I Do Q"
    return raw_pdf(
        path,
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[%b]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>"
        % media_box,
        b"<</Length %d>>stream\n%b\nendstream" % (len(content), content),
        image,
    )


def grey_pixels(width: int, height: int) -> bytes:
    """An image object of black pixels, however many it claims."""
    packed = zlib.compress(bytes(1_000_000))
    return (
        b"<</Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace/DeviceGray"
        b"/Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (width, height, len(packed), packed)
    )


def bilevel_png(path: Path, width: int, height: int) -> Path:
    """A PNG of few bytes and many pixels."""
    rows = zlib.compress(b"\0" * ((width // 8 + 1) * height), 1)
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x01\0\0\0\0"
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks))
    return path


def _chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")


def announce_and_hang(pipe: str) -> None:
    """Runs in a worker: say who it is, then never end."""
    Path(pipe).write_text(str(os.getpid()), encoding="ascii")
    time.sleep(600)


def open_files() -> set[str]:
    """Runs in a worker: names of the documents it has open."""
    targets = [link.readlink() for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return {target.name for target in targets if target.suffix in {".pdf", ".tiff", ".png"}}


def hold(amounts: Sequence[int]) -> None:
    """Runs in a worker: ask for so many bytes."""
    _ = [bytearray(amount) for amount in amounts]


def compute(seconds: float) -> None:
    """Runs in a worker: use up so much processor time."""
    until_s = time.process_time() + seconds
    while time.process_time() < until_s:
        pass
