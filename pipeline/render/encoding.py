"""Pixels as the image that is sent: grey where there is no colour, nothing where there is no ink."""

import io
from array import array
from collections.abc import Sequence
from statistics import median

from PIL import Image, ImageChops

from pipeline.records import PageImage
from pipeline.render.sizing import ImageOptions

_COLOUR_LEVELS = 12  # of 255: scanners and JPEG tint a grey page by less
_GRAIN_PX = 4  # one coloured dot still shows in the mean of so many pixels squared
_INK_LEVELS = 64  # of 255, between such means: neither noise nor the light on the paper
_FLAT_LEVELS = 3  # of 255: nobody reads what differs by less
_CLEAN_SHARE = 0.9  # of all pixels have one value: drawn, not scanned
_BLOCK_PX = 8  # about a letter of small print; its mean hides the noise of single pixels
_NOISE_DEVIATIONS = 6  # ten thousands of blocks of pure noise stay below 5
_NOISE_LEVELS = (0.5, 2.0)  # least and most that may pass for noise; rougher pages are kept
_MEDIAN_TO_DEVIATION = 1.4826  # of a normal distribution


def page_image(
    image: Image.Image, *, number: int, size_pt: tuple[float, float], has_text: bool, options: ImageOptions
) -> PageImage:
    """The page as it is sent.

    Args:
        image: Mode L, RGB or RGBX, already at its final size.
        number: Page number, from 1.
        size_pt: Width and height of the page in points.
        has_text: Whether the page carries a text layer.
        options: Format and quality.
    """
    grey = is_grey(image)
    plain = image.getchannel(image.getbands()[-1 if image.mode == "L" else 1]) if grey else image
    blank = is_blank(plain)
    return PageImage(
        number=number,
        data=b"" if blank else _encoded(plain, options),
        media_type=f"image/{options.image_format}",
        width_px=image.width,
        height_px=image.height,
        width_pt=size_pt[0],
        height_pt=size_pt[1],
        grey=grey,
        blank=blank,
        has_text=has_text,
    )


def is_grey(image: Image.Image) -> bool:
    """Whether no spot of an L, RGB or RGBX image has a colour that an eye would see."""
    if image.mode == "L":
        return True
    red, green, blue = image.reduce(_GRAIN_PX).split()[:3]
    return all(spread(ImageChops.difference(green, other))[1] <= _COLOUR_LEVELS for other in (red, blue))


def is_blank(image: Image.Image) -> bool:
    """Whether an L, RGB or RGBX image shows nothing to read; in doubt it is not blank.

    Drawn pages must be flat to a few levels. In scans, the mean of every small block must lie as near to its
    surroundings as the noise of the page itself explains, so that one faint page number keeps a page.
    """
    return all(_shows_nothing(band) for band in image.split()[:3])


def _shows_nothing(band: Image.Image) -> bool:
    darkest, lightest = spread(band.reduce(_GRAIN_PX))
    if lightest - darkest > _INK_LEVELS:
        return False
    counts = band.histogram()
    seen = [level for level, count in enumerate(counts) if count]
    if seen[-1] - seen[0] <= _FLAT_LEVELS:
        return True
    drawn = max(counts) > _CLEAN_SHARE * band.width * band.height
    return not drawn and _is_noise(band)


def _is_noise(band: Image.Image) -> bool:
    least, most = _NOISE_LEVELS
    rough = band.reduce(_BLOCK_PX)  # whole levels only, and fast: ends the matter for all pages with ink
    if spread(ImageChops.difference(rough, _smooth(rough)))[1] > most + 1:
        return False
    blocks = band.convert("F").reduce(_BLOCK_PX)
    apart = [abs(here - there) for here, there in zip(_levels(blocks), _levels(_smooth(blocks)), strict=True)]
    explained = _NOISE_DEVIATIONS * _MEDIAN_TO_DEVIATION * median(apart)
    return max(apart) <= min(max(explained, least), most)


def _smooth(blocks: Image.Image) -> Image.Image:
    """The light that lies on the paper."""
    coarse = (max(1, blocks.width // _BLOCK_PX), max(1, blocks.height // _BLOCK_PX))
    return blocks.resize(coarse, Image.Resampling.BOX).resize(blocks.size, Image.Resampling.BILINEAR)


def _levels(image: Image.Image) -> Sequence[float]:
    return array("f", image.tobytes())


def spread(band: Image.Image) -> tuple[float, float]:
    """Darkest and lightest level of an image of one band."""
    darkest, lightest = band.getextrema()
    if isinstance(darkest, tuple) or isinstance(lightest, tuple):
        raise TypeError(f"one band expected, not {band.mode}")
    return darkest, lightest


def _encoded(image: Image.Image, options: ImageOptions) -> bytes:
    out = io.BytesIO()
    if options.image_format == "png":
        (image if image.mode == "L" else image.convert("RGB")).save(out, "PNG")
    else:
        image.save(out, "JPEG", quality=options.quality, subsampling="4:2:0")
    return out.getvalue()
