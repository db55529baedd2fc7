"""Image files as pages: upright, on white, in plain colours."""

import struct
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PIL import Image, ImageFile

from pipeline.errors import Category, DocumentError
from pipeline.records import PageImage
from pipeline.render.encoding import page_image, spread
from pipeline.render.sizing import POINTS_PER_INCH, ImageOptions, fit_image
from pipeline.render.strips import strip
from pipeline.views import Band

_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "PPM", "WEBP")
_ORIENTATION = 0x0112  # EXIF 2.3, tag 274
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ON_ITS_SIDE = {5, 6, 7, 8}
_KEPT_PIXELS = 30_000_000  # a page of A4 at 600 dpi fits; an open file holds on to its last frame
_SANE_DPI = (30.0, 2400.0)  # outside, the tag is a leftover: cameras write 1, screens 0
# What Pillow's decoders raise on damaged bytes, besides their own errors, which are OSErrors.
_DAMAGED: tuple[type[Exception], ...] = (OSError, SyntaxError, ValueError, EOFError, LookupError)
_DAMAGED += (TypeError, ArithmeticError, struct.error, zlib.error)


class Picture:
    """An open image file. Each frame of a TIFF is a page; of an animation only the first frame is."""

    def __init__(self, path: str, *, pixels: int) -> None:
        """Open a file and read its header.

        Args:
            path: As the file system spells it.
            pixels: Most pixels a frame may have.

        Raises:
            DocumentError: CORRUPT, TOO_LARGE or UNREADABLE.
        """
        self._pixels = pixels
        Image.MAX_IMAGE_PIXELS = pixels  # a second net: Pillow itself refuses twice as many, on any way in
        with _translated():
            self._file: ImageFile.ImageFile = Image.open(path, formats=_FORMATS)

    def close(self) -> None:
        """Give back its memory and its file."""
        self._file.close()

    @property
    def reusable(self) -> bool:
        """Whether keeping it open saves work: finding a late frame means reading all before it."""
        return self.count() > 1 and self._file.width * self._file.height < _KEPT_PIXELS

    @property
    def has_forms(self) -> bool:
        """Whether there are form fields to draw: never."""
        return False

    def count(self) -> int:
        """Number of pages."""
        with _translated():
            return getattr(self._file, "n_frames", 1) if self._file.format == "TIFF" else 1

    def sizes(self, numbers: Sequence[int]) -> list[tuple[float, float] | None]:
        """Width and height in points of the pages asked for, upright, without decoding them."""
        return [self._size_pt(number) for number in numbers]

    def draw(self, number: int, options: ImageOptions, band: Band | None = None) -> PageImage:
        """One page, encoded, or a strip of it.

        Raises:
            DocumentError: CORRUPT or TOO_LARGE.
        """
        size_pt = self._size_pt(number)
        with _translated():
            turn = _UPRIGHT.get(_orientation(self._file))
            width_px, height_px = fit_image(*_square(self._file), options)
            self._file.draft(None, (width_px, height_px))  # JPEG decodes straight to about this size
            image = _plain(self._file)
            if image.size != (width_px, height_px):
                image = image.resize((width_px, height_px), Image.Resampling.LANCZOS, reducing_gap=3.0)
            image = _on_white(image)
            image = image if turn is None else image.transpose(turn)
        shown = strip(image, band)
        return page_image(shown, number=number, size_pt=size_pt, has_text=False, options=options)

    def _size_pt(self, number: int) -> tuple[float, float]:
        with _translated():
            self._file.seek(number - 1)
            size_px = self._file.size
            dpi = _resolution(self._file)
            turned = _orientation(self._file) in _ON_ITS_SIDE
        if size_px[0] * size_px[1] > self._pixels:
            facts = f"the image has {size_px[0]} x {size_px[1]} pixels, limit {self._pixels}"
            raise DocumentError(Category.TOO_LARGE, facts)
        width_pt, height_pt = (side * POINTS_PER_INCH / per for side, per in zip(size_px, dpi, strict=True))
        return (height_pt, width_pt) if turned else (width_pt, height_pt)


@contextmanager
def _translated() -> Iterator[None]:
    """Turns what Pillow says about a file into our errors."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Image.DecompressionBombError as error:
        limit = Image.MAX_IMAGE_PIXELS
        raise DocumentError(Category.TOO_LARGE, f"the image has over {limit} pixels, the limit") from error
    except _DAMAGED as error:
        if isinstance(error, OSError) and error.errno:
            raise DocumentError(Category.UNREADABLE, f"the file cannot be read: {error.strerror}") from error
        raise DocumentError(Category.CORRUPT, "the image is damaged or was cut short") from error


def _orientation(image: Image.Image) -> int:
    """EXIF orientation still to be obeyed; a broken EXIF block is no reason to lose the picture."""
    if image.format == "TIFF":  # Pillow turns these while it decodes them
        return 1
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except _DAMAGED:
        return 1


def _resolution(image: Image.Image) -> tuple[float, float]:
    """Pixels per inch in both directions; 72 when the file does not say or says something absurd."""
    least, most = _SANE_DPI
    try:
        across, down = (float(per) for per in image.info.get("dpi", ()))
    except _DAMAGED:
        return POINTS_PER_INCH, POINTS_PER_INCH
    sane = least <= across <= most and least <= down <= most
    return (across, down) if sane else (POINTS_PER_INCH, POINTS_PER_INCH)


def _square(image: Image.Image) -> tuple[int, int]:
    """Size in square pixels: a fax has twice as many across as down."""
    across, down = _resolution(image)
    finer = max(across, down)
    return round(image.width * finer / across), round(image.height * finer / down)


def _plain(image: Image.Image) -> Image.Image:
    """The same picture in a mode that can be resized without false colours: L, RGB, RGBA or CMYK."""
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode.startswith("I;16"):
        return _levels(image, darkest=0, lightest=65_535)
    if image.mode in {"I", "F"}:  # no range of their own: what is there is stretched
        darkest, lightest = spread(image.convert("F"))
        return _levels(image, darkest=darkest, lightest=lightest)
    return image.convert({"1": "L", "L": "L", "CMYK": "CMYK"}.get(image.mode, "RGB"))


def _levels(image: Image.Image, *, darkest: float, lightest: float) -> Image.Image:
    step = 255.0 / ((lightest - darkest) or 1.0)
    return image.convert("F").point(lambda level: level * step - darkest * step).convert("L")


def _on_white(image: Image.Image) -> Image.Image:
    """Mode L or RGB, without transparency."""
    if image.mode == "RGBA":
        paper = Image.new("RGB", image.size, "white")
        paper.paste(image, mask=image.getchannel("A"))
        return paper
    return image.convert("RGB") if image.mode == "CMYK" else image
