"""Encoded bytes to an upright RGB image of a size worth reading; hostile input stops here."""

import base64
import binascii
import io
import warnings

from PIL import Image, ImageOps

from pipeline.local.seeing.page import BadImage

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "PPM", "WEBP")
MAX_PIXELS = 120_000_000
"""About an A0 page at 200 dpi; more is refused before it is decoded."""
LONG_SIDE = 1500
"""Pixels OCR works at: fewer lose accuracy, more buy none."""


def decode_base64(text: str) -> bytes:
    """Decode the payload of a data URL.

    Raises:
        BadImage: It is not base64, or empty.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadImage("the data is not valid base64") from error
    if not data:
        raise BadImage("the data is empty")
    return data


def open_image(data: bytes) -> Image.Image:
    """First frame as upright RGB on white, at the size it was sent.

    Raises:
        BadImage: Unknown format, damaged, or more than `MAX_PIXELS`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own limit follows; odd metadata is no reason to refuse
            return _opened(data)
    except Image.DecompressionBombError as error:
        raise BadImage(f"it has more than {MAX_PIXELS:,} pixels") from error
    except (OSError, SyntaxError, ValueError, EOFError, KeyError, TypeError) as error:
        # What Pillow's decoders raise for damaged files; its text may quote the file, so it is not passed on.
        raise BadImage("it is damaged or not one of png, jpg, jpeg, gif, bmp, tiff, ppm, webp") from error


def _opened(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        if image.width * image.height > MAX_PIXELS:
            raise BadImage(f"{image.width} x {image.height} pixels are more than {MAX_PIXELS:,}")
        return _on_white(ImageOps.exif_transpose(image))


def _on_white(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    if image.mode.startswith(("I", "F")):
        image = image.point(lambda level: level / 257).convert("L")
    return image.convert("RGB")


def fit(image: Image.Image, long_side: int = LONG_SIDE) -> Image.Image:
    """The image with its long side at most `long_side` pixels; never larger than given."""
    factor = long_side / max(image.size)
    if factor >= 1:
        return image
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
