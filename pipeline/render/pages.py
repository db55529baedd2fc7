"""A PDF page as pixels. PDFium is entered here only, and only in worker processes: it is not thread-safe."""

import os
from bisect import bisect_left
from collections.abc import Callable, Sequence
from contextlib import closing
from ctypes import c_uint
from functools import cached_property
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from pipeline.errors import Category, DocumentError
from pipeline.records import PageImage
from pipeline.render.encoding import page_image
from pipeline.render.sizing import ImageOptions, fit_page, is_drawable
from pipeline.render.strips import strip
from pipeline.views import Band

MISSING = 200
"""So many pages in a row, the last ones of a file, may be lost; where more are, they never were."""

_GAP = 10
_OPAQUE = 255
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
        """Number of pages, as the file claims; where the claim is false, one more than there are.

        That one more stands for all that cannot be found, so that a lie costs one page and not a million.
        """
        claimed = len(self._file)
        return min(claimed, last_found(claimed, self._is_there) + 1) if self._is_lie else claimed

    def sizes(self, numbers: Sequence[int]) -> list[tuple[float, float] | None]:
        """Width and height in points of the pages asked for, without loading them; None for a missing one."""
        return [self._size(number) for number in numbers]

    def draw(self, number: int, options: ImageOptions, band: Band | None = None) -> PageImage:
        """One page with its annotations and form fields, encoded, or a strip of it.

        Raises:
            DocumentError: CORRUPT or UNSUPPORTED.
        """
        try:
            page = self._file.get_page(number - 1)
        except pdfium.PdfiumError as error:
            raise DocumentError(Category.CORRUPT, self._why_missing(number)) from error
        with closing(page):
            return self._drawn(page, number, options, band)

    def _size(self, number: int) -> tuple[float, float] | None:
        try:
            width_pt, height_pt = self._file.get_page_size(number - 1)
        except pdfium.PdfiumError:
            return None
        return float(width_pt), float(height_pt)

    def _is_there(self, number: int) -> bool:
        return self._size(number) is not None

    @cached_property
    def _is_lie(self) -> bool:
        """Whether the file claims more pages than there are, and by more than what damage explains."""
        claimed = len(self._file)
        tail = range(claimed, claimed - MISSING, -1)
        return claimed > MISSING and not any(map(self._is_there, tail))

    def _why_missing(self, number: int) -> str:
        if self._is_lie and number == self.count():
            return (
                f"the file says that it has {len(self._file)} pages, and none can be found from this one on"
            )
        return "the page cannot be loaded"

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
        if band is None and drawn.blank and _hides_all_text(page):
            raise DocumentError(Category.CORRUPT, "the letters on the page cannot be drawn")
        return drawn


def last_found(claimed: int, is_there: Callable[[int], bool]) -> int:
    """The last page that can be found, 0 for none, in few looks: ten in a row that are missing are the end.

    Args:
        claimed: Pages the file says it has.
        is_there: Whether a page, counted from 1, can be found.
    """

    def is_over(page: int) -> bool:
        return not any(map(is_there, range(page + 1, min(page + _GAP, claimed) + 1)))

    return bisect_left(range(claimed), True, key=is_over)


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


def _hides_all_text(page: pdfium.PdfPage) -> bool:
    """Whether the page holds dark letters and nothing else: PDFium leaves out those of a broken font."""
    try:
        with closing(page.get_textpage()) as text:
            drawn = [
                one
                for one in page.get_objects(max_depth=_NESTING, textpage=text)
                if one.type != pdfium_c.FPDF_PAGEOBJ_FORM
            ]
            if any(one.type != pdfium_c.FPDF_PAGEOBJ_TEXT for one in drawn):
                return False  # what lies over letters may hide them, rightly
            return any(_is_dark(one, page) and one.extract().strip() for one in drawn)
    except pdfium.PdfiumError:
        return False


def _is_dark(letters: pdfium.PdfObject, page: pdfium.PdfPage) -> bool:
    """Whether letters are filled, on the page, and in no light colour."""
    levels = [c_uint() for _ in range(4)]
    is_filled = pdfium_c.FPDFTextObj_GetTextRenderMode(letters) == pdfium_c.FPDF_TEXTRENDERMODE_FILL
    if not (is_filled and pdfium_c.FPDFPageObj_GetFillColor(letters, *levels)):
        return False
    left, bottom, right, top = letters.get_bounds()
    width, height = page.get_size()
    seen = right > 0 and left < width and top > 0 and bottom < height
    *colour, opacity = (level.value for level in levels)
    return seen and opacity == _OPAQUE and max(colour) < _OPAQUE // 2


def _refusal(code: int) -> DocumentError:
    """What PDFium's reason for not opening a file means: `fpdfview.h`, FPDF_ERR_*."""
    if code == pdfium_c.FPDF_ERR_SECURITY:
        return DocumentError(Category.UNSUPPORTED, "the file is encrypted in a way that cannot be opened")
    if code == pdfium_c.FPDF_ERR_FILE:
        return DocumentError(Category.UNREADABLE, "the file cannot be opened")
    return DocumentError(Category.CORRUPT, "the file is damaged: no PDF structure can be made out")
