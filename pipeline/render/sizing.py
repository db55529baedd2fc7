"""How large an image may be."""

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from pipeline.errors import ConfigError
from pipeline.views import View

POINTS_PER_INCH = 72.0
_SIDE_LIMITS_PX = (64, 16_384)
_QUALITY_LIMITS = (1, 95)  # above 95 libjpeg stops dividing: much larger files, no visible gain
_DPI_LIMITS = (18, 2_400)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageOptions:
    """How pages are turned into images. The defaults read as well as larger ones and cost fewer bytes.

    Attributes:
        long_side_px: Longest side of an image, 64 to 16384 pixels.
        quality: JPEG quality, 1 to 95; PNG has none.
        image_format: What is sent.
        max_dpi: Most pixels per inch of a PDF page, 18 to 2400; image files are never enlarged.
    """

    long_side_px: int = 1536
    quality: int = 75
    image_format: Literal["jpeg", "png"] = "jpeg"
    max_dpi: int = 300

    def __post_init__(self) -> None:
        _demand("long side", self.long_side_px, _SIDE_LIMITS_PX)
        _demand("JPEG quality", self.quality, _QUALITY_LIMITS)
        _demand("dpi limit", self.max_dpi, _DPI_LIMITS)
        if self.image_format not in {"jpeg", "png"}:
            raise ConfigError(f"the image format is {self.image_format!r}; use jpeg or png.")


def fit_page(width_pt: float, height_pt: float, options: ImageOptions) -> tuple[int, int]:
    """Pixels of a PDF page, whatever its size in points, which must be above 0.

    Returns:
        (width, height) in pixels, as near to the page's proportions as whole pixels are.
    """
    return _fit(width_pt, height_pt, options.long_side_px, most=options.max_dpi / POINTS_PER_INCH)


def fit_image(width_px: int, height_px: int, options: ImageOptions) -> tuple[int, int]:
    """Pixels of an image file that has so many: never more than it has.

    Returns:
        (width, height) in pixels, as near to the image's proportions as whole pixels are.
    """
    return _fit(width_px, height_px, options.long_side_px, most=1.0)


def viewed(options: ImageOptions, view: View, *, longest_px: int) -> ImageOptions:
    """The options for another view of a page whose plain image has sides of up to `longest_px` pixels."""
    image_format = options.image_format
    if view.other_format:
        image_format = "png" if image_format == "jpeg" else "jpeg"
    return replace(
        options,
        long_side_px=max(_SIDE_LIMITS_PX[0], min(longest_px, options.long_side_px) >> view.halvings),
        image_format=image_format,
    )


def is_drawable(width_pt: float, height_pt: float) -> bool:
    """Whether a page has an area at all: damaged files claim sides of 0, less, or no number."""
    return math.isfinite(width_pt) and math.isfinite(height_pt) and min(width_pt, height_pt) > 0


def _fit(width: float, height: float, longest: int, *, most: float) -> tuple[int, int]:
    scale = min(longest / max(width, height), most)
    return _whole(width * scale, longest), _whole(height * scale, longest)


def _whole(side: float, longest: int) -> int:
    return max(1, min(longest, round(side)))


def _demand(name: str, value: int, limits: tuple[int, int]) -> None:
    least, most = limits
    if not least <= value <= most:
        raise ConfigError(f"the {name} is {value}; it must lie between {least} and {most}.")


_BYTES_PER_PIXEL = 0.12
"""Of JPEG at quality 75: 204 KB for a page of 1536 px, the mean over scans and typeset pages."""
_BY_QUALITY = ((1, 0.2), (50, 0.75), (75, 1.0), (85, 1.22), (95, 2.0))
_PNG = 1.75


def estimated_bytes(width_px: int, height_px: int, options: ImageOptions) -> int:
    """About how many bytes a page image has once it is encoded; a busy page has twice that."""
    if options.image_format == "png":
        return int(width_px * height_px * _BYTES_PER_PIXEL * _PNG)
    (low, less), (high, more) = next(
        pair for pair in pairwise(_BY_QUALITY) if pair[0][0] <= options.quality <= pair[1][0]
    )
    share = less + (more - less) * (options.quality - low) / (high - low)
    return int(width_px * height_px * _BYTES_PER_PIXEL * share)
