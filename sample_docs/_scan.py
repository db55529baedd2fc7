"""What scanners, fax machines and phones do to a page; every noise comes from a seed."""

import ctypes
import math
from collections.abc import Sequence
from io import BytesIO
from random import Random

import pypdfium2
import pypdfium2.raw as pdfium_c
from _sheet import Sheet
from PIL import Image, ImageChops, ImageDraw, ImageFilter
from reportlab.lib.utils import ImageReader

ORIENTATION = 0x0112  # EXIF tag; 6: turn a quarter clockwise to see it upright
CAMERA = {0x010F: "Sample", 0x0110: "Pocket 3", 0x0132: "2024:05:18 13:07:41"}

Corners = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]


def _forget_system_fonts() -> None:
    """Start PDFium anew without the fonts of this machine, so that pages look the same on every machine."""
    no_folders = (ctypes.POINTER(ctypes.c_char) * 1)()
    pdfium_c.FPDF_DestroyLibrary()
    pdfium_c.FPDF_InitLibraryWithConfig(pdfium_c.FPDF_LIBRARY_CONFIG(version=2, m_pUserFontPaths=no_folders))


_forget_system_fonts()


def pages(pdf: bytes, dpi: int) -> list[Image.Image]:
    """Return the pages of a document in grey."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        drawn = [page.render(scale=dpi / 72, grayscale=True).to_pil() for page in document]
    finally:
        document.close()
    return drawn


def grain(image: Image.Image, seed: int, strength: float, *, coarse: float = 0.7) -> Image.Image:
    """Return the image with noise of about `strength` grey levels, blurred by `coarse` pixels."""
    noise = Image.frombytes("L", image.size, Random(seed).randbytes(image.width * image.height))
    noise = noise.filter(ImageFilter.GaussianBlur(coarse)).point(
        lambda level: max(0, min(255, round(128 + (level - 127.5) / 64 * strength)))
    )
    layer = noise if image.mode == "L" else Image.merge("RGB", [noise] * 3)
    return ImageChops.add(image, layer, offset=-128)


def scanned(page: Image.Image, seed: int, *, degrees: float) -> Image.Image:
    """Return a grey page as an office scanner sees it: askew, a little soft, dusty, paper not quite white."""
    paper = page.point(lambda level: round(38 + level * (232 - 38) / 255))
    turned = paper.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=229).filter(
        ImageFilter.GaussianBlur(0.6)
    )
    draw, random = ImageDraw.Draw(turned), Random(seed)
    for _ in range(90):
        x, y, radius = (
            random.randrange(page.width),
            random.randrange(page.height),
            random.choice((0, 0, 1, 1, 2)),
        )
        draw.ellipse((x, y, x + radius, y + radius), fill=random.randrange(90, 190))
    # The shadow of the spine along the left edge.
    edge = (
        Image.linear_gradient("L")
        .rotate(90)
        .resize((36, page.height))
        .point(lambda level: 150 + level * 105 // 255)
    )
    turned.paste(ImageChops.multiply(turned.crop((0, 0, 36, page.height)), edge), (0, 0))
    return grain(turned, seed, 14)


def copied(page: Image.Image) -> Image.Image:
    """Return a grey page as a good scanner sees it: straight and without noise, the ink not quite black."""
    return page.filter(ImageFilter.GaussianBlur(0.8)).point(lambda level: 24 + level * (252 - 24) // 255)


def faxed(page: Image.Image, seed: int) -> Image.Image:
    """Return a grey page in black and white only, with specks and a streak."""
    draw, random = ImageDraw.Draw(page), Random(seed)
    for _ in range(160):
        x, y = random.randrange(page.width), random.randrange(page.height)
        draw.point([(x, y), (x + random.randrange(2), y + 1)], fill=0)
    draw.line((page.width - 30, 0, page.width - 24, page.height), fill=0)
    return page.point(lambda level: 255 if level > 150 else 0).convert("1", dither=Image.Dither.NONE)


def thermal(page: Image.Image) -> Image.Image:
    """Return a grey page as a worn thermal printer leaves it: grey ink, faded in the middle, one dead dot."""
    fade = Image.radial_gradient("L").resize(page.size).point(lambda level: 96 - level * 64 // 255)
    printed = ImageChops.add(page.filter(ImageFilter.GaussianBlur(0.5)), fade)
    ImageDraw.Draw(printed).line((412, 0, 412, page.height), fill=255)
    return printed.point(lambda level: min(244, level // 8 * 8))


def jpeg(image: Image.Image, quality: int, exif: Image.Exif | None = None, dpi: int = 200) -> bytes:
    """Return the image as JPEG."""
    target = BytesIO()
    image.save(target, "JPEG", quality=quality, dpi=(dpi, dpi), exif=exif or Image.Exif())
    return target.getvalue()


def png(image: Image.Image, dpi: int = 203) -> bytes:
    """Return the image as PNG."""
    target = BytesIO()
    image.save(target, "PNG", optimize=True, dpi=(dpi, dpi))
    return target.getvalue()


def tiff(images: Sequence[Image.Image], dpi: int = 200) -> bytes:
    """Return black and white pages as one TIFF with the compression of fax machines."""
    target = BytesIO()
    first, *others = images
    first.save(target, "TIFF", compression="group4", dpi=(dpi, dpi), save_all=True, append_images=others)
    return target.getvalue()


def image_pdf(images: Sequence[bytes], size: tuple[float, float], title: str) -> bytes:
    """Return JPEG images as the pages of a PDF without any text."""
    sheet = Sheet(size, title=title, author="Office scanner")
    for data in images:
        sheet.canvas.drawImage(ImageReader(BytesIO(data)), 0, 0, *size)
        sheet.next_page()
    return sheet.pdf()


def photographed(receipt: Image.Image, size: tuple[int, int], corners: Corners, seed: int) -> bytes:
    """Return a photo of a grey receipt on a table, stored on its side with EXIF orientation 6.

    Args:
        receipt: The paper.
        size: Pixels of the photo when upright.
        corners: Where the corners of the paper are in it: top left, top right, bottom right, bottom left.
        seed: Of the noise.
    """
    table = _wood(size, seed)
    paper = Image.merge(
        "RGB", [receipt.point(lambda level, tint=tint: 30 + level * tint // 255) for tint in (214, 209, 196)]
    )
    warp = _projection(corners, receipt.size)
    laid = paper.transform(size, Image.Transform.PERSPECTIVE, warp, Image.Resampling.BICUBIC)
    mask = Image.new("L", receipt.size, 255).transform(size, Image.Transform.PERSPECTIVE, warp)
    _drop_shadow(table, mask)
    table.paste(laid, mask=mask)
    lit = ImageChops.multiply(table, _light(size)).filter(ImageFilter.GaussianBlur(0.8))
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    for tag, value in CAMERA.items():
        exif[tag] = value
    return jpeg(grain(lit, seed, 7).transpose(Image.Transpose.ROTATE_90), 80, exif, 72)


def _wood(size: tuple[int, int], seed: int) -> Image.Image:
    """Return a brown table top with its grain running across."""
    random = Random(seed)
    streaks = (
        Image.frombytes("L", (3, size[1]), random.randbytes(3 * size[1]))
        .resize(size)
        .filter(ImageFilter.GaussianBlur(3))
    )
    channels = [streaks.point(lambda level, base=base: base + (level - 128) // 4) for base in (112, 78, 52)]
    return Image.merge("RGB", channels)


def _drop_shadow(table: Image.Image, mask: Image.Image) -> None:
    soft = (
        ImageChops.offset(mask, 14, 18)
        .filter(ImageFilter.GaussianBlur(12))
        .point(lambda level: level * 3 // 5)
    )
    table.paste((18, 12, 8), mask=soft)


def _light(size: tuple[int, int]) -> Image.Image:
    """Return light that falls from the upper left, and the blurred shadow of a hand at the lower right."""
    slope = (
        Image.linear_gradient("L")
        .rotate(-35, Image.Resampling.BICUBIC, fillcolor=128)
        .crop((40, 40, 216, 216))
    )
    light = slope.resize(size, Image.Resampling.BICUBIC).point(lambda level: 255 - level * 62 // 255)
    width, height = size
    hand = Image.new("L", (width // 8, height // 8), 255)
    ImageDraw.Draw(hand).ellipse((width // 14, height // 11, width // 6, height // 6), fill=176)
    shadow = hand.filter(ImageFilter.GaussianBlur(14)).resize(size, Image.Resampling.BICUBIC)
    return Image.merge("RGB", [ImageChops.multiply(light, shadow)] * 3)


def _projection(corners: Corners, size: tuple[int, int]) -> tuple[float, ...]:
    """Return the eight coefficients that carry a point of the photo to a point of the paper.

    The unit square is mapped to the four corners in closed form, then turned round (Heckbert, 1989).
    """
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    dx1, dx2, sx = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
    dy1, dy2, sy = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
    scale = dx1 * dy2 - dx2 * dy1
    g, h = (sx * dy2 - dx2 * sy) / scale, (dx1 * sy - sx * dy1) / scale
    a, b, c = x1 - x0 + g * x1, x3 - x0 + h * x3, x0
    d, e, f = y1 - y0 + g * y1, y3 - y0 + h * y3, y0
    adjoint = (
        (e - f * h, c * h - b, b * f - c * e),
        (f * g - d, a - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    last = adjoint[2][2]
    width, height = size
    rows = zip(adjoint, (width, height, 1), strict=True)
    return tuple(math.fsum((value * factor / last,)) for row, factor in rows for value in row)[:8]
