"""A PDF page as pixels. PDFium is entered here only, and only in worker processes: it is not thread-safe."""

import os
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from pipeline.errors import Category, DocumentError
from pipeline.records import PageImage
from pipeline.render.encoding import page_image
from pipeline.render.sizing import ImageOptions, fit_page, is_drawable
from pipeline.render.strips import strip
from pipeline.views import Band

_WHITE = (255, 255, 255, 255)
_NESTING = 4  # forms inside forms to look through for images


class Pdf:
    """An open PDF. Page numbers count from 1."""

    def __init__(self, path: str, *, passwords: Sequence[str] = (), forms: bool = True) -> None:
        """Open a file.

        Args:
            path: As the file system spells it.
            passwords: Tried in turn when the file asks for one.
            forms: Whether form fields are drawn.

        Raises:
            DocumentError: CORRUPT, ENCRYPTED, WRONG_PASSWORD, UNSUPPORTED or UNREADABLE.
        """
        self._file = pdfium.PdfDocument(_opened(path, passwords))
        if forms:
            self._file.init_forms()  # before the first page, else its fields are not drawn

    def close(self) -> None:
        """Give back its memory and its file."""
        self._file.close()

    @property
    def reusable(self) -> bool:
        """Whether keeping it open saves work: always."""
        return True

    @property
    def has_forms(self) -> bool:
        """Whether there are form fields to draw."""
        return bool(self._file.get_formtype() != pdfium_c.FORMTYPE_NONE)

    def count(self) -> int:
        """Number of pages the file claims to have."""
        return len(self._file)

    def sizes(self, numbers: Sequence[int]) -> list[tuple[float, float]]:
        """Width and height in points of the pages asked for, without loading them.

        Raises:
            DocumentError: CORRUPT, when a page is missing.
        """
        return [self._size(number) for number in numbers]

    def draw(self, number: int, options: ImageOptions, band: Band | None = None) -> PageImage:
        """One page with its annotations and form fields, encoded, or a strip of it.

        Raises:
            DocumentError: CORRUPT or UNSUPPORTED.
        """
        try:
            page = self._file.get_page(number - 1)
        except pdfium.PdfiumError as error:
            raise DocumentError(Category.CORRUPT, "the page cannot be loaded") from error
        with closing(page):
            return self._drawn(page, number, options, band)

    def _size(self, number: int) -> tuple[float, float]:
        try:
            width_pt, height_pt = self._file.get_page_size(number - 1)
        except pdfium.PdfiumError as error:
            raise DocumentError(Category.CORRUPT, f"page {number} cannot be found") from error
        return float(width_pt), float(height_pt)

    def _drawn(
        self, page: pdfium.PdfPage, number: int, options: ImageOptions, band: Band | None
    ) -> PageImage:
        width_pt, height_pt = page.get_size()
        if not is_drawable(width_pt, height_pt):
            raise DocumentError(Category.UNSUPPORTED, f"the page measures {width_pt} x {height_pt} points")
        with closing(_bitmap(page, *fit_page(width_pt, height_pt, options))) as bitmap:
            drawn = page_image(
                strip(bitmap.to_pil(), band),
                number=number,
                size_pt=(width_pt, height_pt),
                has_text=_has_text(page),
                options=options,
            )
        if band is None and drawn.blank and _hides_an_image(page):
            raise DocumentError(Category.CORRUPT, "the image on the page cannot be decoded")
        return drawn


def _opened(path: str, passwords: Sequence[str]) -> Any:
    """A document of PDFium; first without a password, since a wrong one shuts what needs none."""
    for password in (None, *passwords):
        secret = None if password is None else password.encode("utf-8", "surrogateescape") + b"\0"
        if raw := pdfium_c.FPDF_LoadDocument(os.fsencode(path) + b"\0", secret):
            return raw
        if (code := pdfium_c.FPDF_GetLastError()) != pdfium_c.FPDF_ERR_PASSWORD:
            raise _refusal(code)
    if passwords:
        facts = "the password does" if len(passwords) == 1 else f"the {len(passwords)} passwords for it do"
        raise DocumentError(Category.WRONG_PASSWORD, f"{facts} not open the file")
    raise DocumentError(Category.ENCRYPTED, "the file asks for a password")


def _bitmap(page: pdfium.PdfPage, width_px: int, height_px: int) -> pdfium.PdfBitmap:
    """The page on white. Four bytes a pixel in Pillow's order, so that the image needs no copy."""
    bitmap = pdfium.PdfBitmap.new_native(width_px, height_px, pdfium_c.FPDFBitmap_BGRx, rev_byteorder=True)
    bitmap.fill_rect(_WHITE, 0, 0, width_px, height_px)
    flags = pdfium_c.FPDF_ANNOT | pdfium_c.FPDF_REVERSE_BYTE_ORDER
    area = (0, 0, width_px, height_px, 0, flags)
    pdfium_c.FPDF_RenderPageBitmap(bitmap, page, *area)
    if page.formenv:
        pdfium_c.FPDF_FFLDraw(page.formenv, bitmap, page, *area)
    return bitmap


def _has_text(page: pdfium.PdfPage) -> bool:
    try:
        with closing(page.get_textpage()) as text:
            return bool(text.count_chars() > 0)
    except pdfium.PdfiumError:
        return False


def _hides_an_image(page: pdfium.PdfPage) -> bool:
    """Whether the page holds an image that PDFium leaves out because it cannot decode it."""
    for image in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=_NESTING):
        try:
            image.get_bitmap().close()
        except pdfium.PdfiumError:
            return True
    return False


def _refusal(code: int) -> DocumentError:
    """What PDFium's reason for not opening a file means: `fpdfview.h`, FPDF_ERR_*."""
    if code == pdfium_c.FPDF_ERR_SECURITY:
        return DocumentError(Category.UNSUPPORTED, "the file is encrypted in a way that cannot be opened")
    if code == pdfium_c.FPDF_ERR_FILE:
        return DocumentError(Category.UNREADABLE, "the file cannot be opened")
    return DocumentError(Category.CORRUPT, "the file is damaged: no PDF structure can be made out")
