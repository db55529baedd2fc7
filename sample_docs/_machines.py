"""What machines make of a drawn document: each takes a PDF and returns the file that comes out of it."""

import _scan
from _scan import Corners
from PIL import Image
from reportlab.lib.pagesizes import A4

# How the pages of a job lay on the glass: turned a quarter to either side, or upside down.
QUARTER_LEFT = Image.Transpose.ROTATE_90
UPSIDE_DOWN = Image.Transpose.ROTATE_180


def good_scanner(pdf: bytes, title: str) -> bytes:
    """Return what a good scanner makes: 300 dpi, straight, hardly any noise."""
    pages = [_scan.copied(page) for page in _scan.pages(pdf, 300)]
    return _scan.image_pdf([_scan.jpeg(page, 50, dpi=300) for page in pages], A4, title)


def office_scanner(pdf: bytes, title: str, seed: int, *, degrees: float, noise: float = 0) -> bytes:
    """Return what an old scanner makes: 150 dpi, askew by so many degrees, with dust and noise."""
    pages = [_scan.scanned(page, seed, degrees=degrees) for page in _scan.pages(pdf, 150)]
    if noise:
        pages = [_scan.grain(page, seed + 1, noise) for page in pages]
    return _scan.image_pdf([_scan.jpeg(page, 60, dpi=150) for page in pages], A4, title)


def turned_scanner(pdf: bytes, title: str, seed: int, turn: Image.Transpose) -> bytes:
    """Return what a scanner makes of pages that were laid in the wrong way round."""
    pages = [_scan.scanned(page, seed, degrees=0.3).transpose(turn) for page in _scan.pages(pdf, 150)]
    size = A4[::-1] if pages[0].width > pages[0].height else A4
    return _scan.image_pdf([_scan.jpeg(page, 60, dpi=150) for page in pages], size, title)


def fax(pdf: bytes, seed: int = 0) -> bytes:
    """Return what a fax machine makes: 200 dpi, black and white, specks and a streak."""
    return _scan.tiff([_scan.faxed(page, number) for number, page in enumerate(_scan.pages(pdf, 200), seed)])


def flatbed(pdf: bytes, seed: int, *, degrees: float) -> bytes:
    """Return what a flatbed scanner makes of a slip of paper: a JPEG of 200 dpi."""
    return _scan.jpeg(_scan.scanned(_scan.pages(pdf, 200)[0], seed, degrees=degrees), 70)


def thermal_printer(pdf: bytes) -> bytes:
    """Return what a worn thermal printer leaves, as a PNG."""
    return _scan.png(_scan.thermal(_scan.pages(pdf, 203)[0]))


def phone(pdf: bytes, size: tuple[int, int], corners: Corners, seed: int) -> bytes:
    """Return a photo of the paper on a table; size and corners in pixels."""
    return _scan.photographed(_scan.pages(pdf, 220)[0], size, corners, seed)
