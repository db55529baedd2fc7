import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pipeline.local.seeing.images import decode_base64, fit, open_image
from pipeline.local.seeing.page import BadImage
from tests.pipeline.local.bodies import encoded


def test_transparency_is_laid_on_white() -> None:
    image = open_image(encoded(Image.new("RGBA", (4, 4), (0, 0, 0, 0))))

    assert image.mode == "RGB"
    assert image.getpixel((0, 0)) == (255, 255, 255)


def test_cmyk_and_16_bit_grey_become_rgb() -> None:
    cyan = open_image(encoded(Image.new("CMYK", (4, 4), (255, 0, 0, 0)), "TIFF"))
    grey = open_image(encoded(Image.new("I;16", (4, 4), 65535), "PNG"))

    assert cyan.mode == grey.mode == "RGB"
    assert grey.getpixel((0, 0)) == (255, 255, 255)


def test_the_orientation_tag_is_obeyed() -> None:
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 10)).save(stream, "JPEG", exif=exif)

    assert open_image(stream.getvalue()).size == (10, 40)


def test_a_format_that_is_not_taken_is_refused() -> None:
    with pytest.raises(BadImage, match="damaged or not one of"):
        open_image(encoded(Image.new("RGB", (4, 4)), "ICO"))


@given(st.binary(max_size=400))
def test_no_bytes_give_anything_but_an_image_or_a_refusal(data: bytes) -> None:
    for head in (b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"II*\0", b"P6 9 9 255 ", b"\xff\xd8\xff"):
        with suppress(BadImage):
            assert open_image(head + data).mode == "RGB"


def test_base64_has_to_be_whole() -> None:
    assert decode_base64("aGk=") == b"hi"
    with pytest.raises(BadImage):
        decode_base64("aGk")


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_a_fitted_image_is_never_larger_and_never_empty(width: int, height: int) -> None:
    fitted = fit(Image.new("1", (width, height)), 100)

    assert max(fitted.size) <= max(100, 1)
    assert min(fitted.size) >= 1
    assert fitted.width <= width
    assert fitted.height <= height
