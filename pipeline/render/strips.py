"""A horizontal strip of a page image, without the halves of lines at its edges."""

from array import array
from collections.abc import Sequence

from PIL import Image, ImageChops

from pipeline.views import Band

_SEARCHED = 0.02
"""Share of the page's height beside a cut that may be hidden: a line of print fits, and overlap is left."""
_SHARP_LEVELS = 40  # of 255, from pixel to pixel: the edge of a stroke, not the grain of paper
_CALM = 0.002  # of a row's pixels: less is no letter
_RULES = 0.03  # of a row's pixels: more than the rules of a table


def strip(page: Image.Image, band: Band | None) -> Image.Image:
    """The strip from `band.top` to `band.bottom` of a page of mode L, RGB or RGBX; all of it without a band.

    What a cut leaves of a line is painted over with white, up to the first row of pixels that no letter
    crosses: the neighbouring strip shows that line whole.
    """
    if band is None:
        return page
    cut = page.crop((0, round(band.top * page.height), page.width, round(band.bottom * page.height)))
    sharp = _sharpness(cut)
    reach = round(_SEARCHED * page.height)
    if band.top > 0:
        _hide(cut, 0, _remnant(sharp[:reach]))
    if band.bottom < 1:
        hidden = _remnant(sharp[::-1][:reach])
        _hide(cut, cut.height - hidden, hidden)
    return cut


def _sharpness(image: Image.Image) -> Sequence[float]:
    """For each row of pixels, the share of them that differ sharply from the pixel before."""
    grey = image.convert("L")
    apart = ImageChops.difference(grey, ImageChops.offset(grey, 1, 0))
    sharp = apart.point(lambda level: level > _SHARP_LEVELS).convert("F")
    return array("f", sharp.resize((1, grey.height), Image.Resampling.BOX).tobytes())


def _remnant(rows: Sequence[float]) -> int:
    """Rows from a cut to the first calm one; 0 where the cut meets no line, or no row is calm."""
    calmest = min(rows, default=1.0)
    if calmest > _RULES:
        return 0
    return next(place for place, share in enumerate(rows) if share <= calmest + _CALM)


def _hide(image: Image.Image, top: int, height: int) -> None:
    if height:
        image.paste(Image.new(image.mode, (image.width, height), (255,) * len(image.getbands())), (0, top))
