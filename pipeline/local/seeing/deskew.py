"""The angle at which a page's lines run."""

import numpy as np
import numpy.typing as npt
from PIL import Image

RANGE_DEG = 6.0
LEVEL_DEG = 0.25
"""Below this a page counts as level: OCR and rows cope."""
_PROBE_SIDE = 700
_MOST_POINTS = 60_000


def skew_of(image: Image.Image) -> float:
    """Degrees to turn the image counter-clockwise to level its lines; 0 when they are level or none show."""
    points = _ink(image)
    if len(points) < 200:  # noqa: PLR2004 - too little ink for a direction
        return 0.0
    coarse = max(np.arange(-RANGE_DEG, RANGE_DEG + 0.01, 0.5), key=lambda deg: _sharpness(points, deg))
    fine = max(np.arange(coarse - 0.5, coarse + 0.51, 0.1), key=lambda deg: _sharpness(points, deg))
    gain = _sharpness(points, fine) / _sharpness(points, 0.0)
    return 0.0 if abs(fine) < LEVEL_DEG or gain < 1.05 else float(fine)  # noqa: PLR2004


def _ink(image: Image.Image) -> npt.NDArray[np.float64]:
    """Positions (x, y) of dark pixels that stand on a lighter one: the upper edges of strokes."""
    small = image.convert("L")
    small.thumbnail((_PROBE_SIDE, _PROBE_SIDE), Image.Resampling.BOX)
    grey = np.asarray(small, dtype=np.int16)
    edge = np.zeros(grey.shape, dtype=bool)
    edge[1:] = (grey[:-1] - grey[1:]) > 40  # noqa: PLR2004 - grey levels of 255, above scanner noise
    rows, columns = np.nonzero(edge)
    step = max(1, len(rows) // _MOST_POINTS)
    return np.column_stack([columns[::step], rows[::step]]).astype(np.float64)


def _sharpness(points: npt.NDArray[np.float64], degrees: float) -> float:
    """How unevenly ink falls on rows when the page is turned; greatest when lines are level."""
    angle = np.deg2rad(degrees)
    heights = points[:, 1] * np.cos(angle) - points[:, 0] * np.sin(angle)
    counts = np.bincount((heights - heights.min()).astype(np.int64))
    # Less than the square, so that one long rule or a sheet's edge does not outvote the lines of text.
    return float(np.power(counts.astype(np.float64), 1.5).sum())
