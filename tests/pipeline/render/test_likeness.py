import io

import pytest
from PIL import Image, ImageDraw

from pipeline.render.likeness import are_alike, print_of


def page(rows: int, indent: int = 100, quality: int = 90, scale: float = 1.0, turned: float = 0.0) -> bytes:
    """A page with lines of text, as boxes."""
    image = Image.new("L", (1086, 1536), 252)
    draw = ImageDraw.Draw(image)
    for row in range(rows):
        draw.rectangle((indent, 120 + 60 * row, 500 + 37 * (row * 7 % 12), 145 + 60 * row), fill=60)
    image = image.rotate(turned, fillcolor=252, resample=Image.Resampling.BICUBIC)
    image = image.resize((round(1086 * scale), round(1536 * scale)))
    image.save(file := io.BytesIO(), "JPEG", quality=quality)
    return file.getvalue()


@pytest.mark.parametrize("other", [page(20, quality=30), page(20, scale=0.5), page(20, turned=0.5)])
def test_a_page_saved_anew_is_alike(other: bytes) -> None:
    assert are_alike(print_of(page(20)), print_of(other))


@pytest.mark.parametrize("other", [page(12), page(20, indent=400), page(0)])
def test_another_page_is_not(other: bytes) -> None:
    assert not are_alike(print_of(page(20)), print_of(other))
