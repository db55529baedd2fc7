"""Whether two page images show the same page, scanned or saved another time."""

import io

from PIL import Image

_CELLS = 16
_STEP_LEVELS = 4  # of 255: paper is not quite even, and what is compared are neighbouring cells
ALIKE_BITS = 28
"""Bits of 512 that prints of one page differ by at most: saved anew, half as large, half a degree askew."""


def print_of(data: bytes) -> int:
    """A perceptual hash of an encoded page image, 512 bits: where in a coarse grid it gets darker.

    Source: the difference hash (dHash) of N. Krawetz, both to the right and down, with a threshold for the
    grain of paper.
    """
    side = _CELLS + 1
    with Image.open(io.BytesIO(data)) as image:
        image.draft("L", (2 * side, 2 * side))
        grid = image.convert("L").resize((side, side), Image.Resampling.BOX).tobytes()
    bits = 0
    for row in range(_CELLS):
        for place in range(row * side, row * side + _CELLS):
            for further in (place + 1, place + side):
                bits = bits << 1 | (grid[place] > grid[further] + _STEP_LEVELS)
    return bits


def are_alike(one: int, other: int) -> bool:
    """Whether two prints may be of the same page."""
    return (one ^ other).bit_count() <= ALIKE_BITS
