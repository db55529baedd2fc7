"""Grey is told from colour, and empty from faint."""

import io

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont

from pipeline.render.encoding import is_blank, is_grey, page_image
from pipeline.render.sizing import ImageOptions

SIZE = (1086, 1536)
INK, PAPER = (0, 0, 0), (255, 255, 255)


def scan(noise: float, paper: int = 240) -> Image.Image:
    """An empty sheet as a scanner sees it."""
    return Image.effect_noise(SIZE, noise).point(lambda level: level - 128 + paper)


def written(image: Image.Image, words: str, ink: int | tuple[int, int, int]) -> Image.Image:
    ImageDraw.Draw(image).text((540, 1490), words, fill=ink, font=ImageFont.load_default(11))
    return image


def encode(image: Image.Image, options: ImageOptions | None = None) -> Image.Image:
    page = page_image(
        image, number=1, size_pt=(595.0, 842.0), has_text=False, options=options or ImageOptions()
    )
    return Image.open(io.BytesIO(page.data))


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBX"])
@pytest.mark.parametrize("paper", ["white", "black", "grey"])
def test_a_flat_page_is_blank_in_any_mode(mode: str, paper: str) -> None:
    assert is_blank(Image.new(mode, SIZE, paper))


def test_a_flat_coloured_page_is_blank() -> None:
    assert is_blank(Image.new("RGB", SIZE, "navy"))


@pytest.mark.parametrize("noise", [0.8, 1.5, 2.5])
def test_an_empty_scan_is_blank(noise: float) -> None:
    assert is_blank(scan(noise))


def test_an_empty_scan_in_uneven_light_is_blank() -> None:
    light = Image.linear_gradient("L").resize(SIZE).point(lambda level: 215 + level // 8)

    assert is_blank(ImageChops.add(light, scan(1.5, 128), 1, -128))


@pytest.mark.parametrize("ink", [0, 180, 250])
def test_one_small_page_number_keeps_a_drawn_page(ink: int) -> None:
    assert not is_blank(written(Image.new("L", SIZE, 255), "3", ink))


@pytest.mark.parametrize(("noise", "ink"), [(1.5, 200), (3, 180), (6, 150), (12, 150), (30, 0)])
def test_one_small_page_number_keeps_a_scan(noise: float, ink: int) -> None:
    assert not is_blank(written(scan(noise), "3", ink))


@pytest.mark.parametrize("noise", [0.8, 1.5, 2.5])
def test_a_faint_line_keeps_a_scan(noise: float) -> None:
    assert not is_blank(written(scan(noise), "faint but there to be read", 225))


def test_a_full_stop_keeps_a_page() -> None:
    assert not is_blank(written(Image.new("L", SIZE, 255), ".", 0))


def test_a_page_full_of_text_is_not_noise() -> None:
    image = Image.new("L", SIZE, 255)
    for top in range(0, SIZE[1], 11):
        ImageDraw.Draw(image).text((0, top), "lorem ipsum dolor " * 20, fill=0)

    assert not is_blank(image)


def test_yellow_on_white_is_not_blank() -> None:
    assert not is_blank(written(Image.new("RGB", SIZE, PAPER), "3", (255, 255, 0)))


@pytest.mark.parametrize("size", [(1, 1), (1, 1536), (5, 3)])
def test_the_smallest_images_are_judged_too(size: tuple[int, int]) -> None:
    assert is_blank(Image.new("RGB", size, PAPER))
    assert is_grey(Image.new("RGB", size, PAPER))
    assert is_blank(Image.new("L", size, 7))


def test_a_blank_page_carries_no_bytes() -> None:
    page = page_image(
        Image.new("RGB", SIZE, PAPER), number=4, size_pt=(1.0, 2.0), has_text=False, options=ImageOptions()
    )

    assert (page.blank, page.data, page.number) == (True, b"", 4)
    assert (page.width_px, page.height_px, page.width_pt, page.height_pt) == (*SIZE, 1.0, 2.0)


@pytest.mark.parametrize("mode", ["RGB", "RGBX"])
def test_a_page_in_black_and_white_is_sent_grey(mode: str) -> None:
    assert encode(written(Image.new(mode, SIZE, PAPER), "black", INK)).mode == "L"


def test_the_tint_of_a_scanner_is_no_colour() -> None:
    assert is_grey(Image.new("RGB", SIZE, (250, 247, 243)))


@pytest.mark.parametrize("ink", [(200, 0, 0), (0, 0, 120), (255, 255, 0)])
def test_one_coloured_word_keeps_the_colours(ink: tuple[int, int, int]) -> None:
    sent = encode(written(Image.new("RGBX", SIZE, PAPER), "paid", ink))

    assert sent.mode == "RGB"
    assert not is_grey(sent.convert("RGB"))


def test_jpeg_halves_the_colours_and_png_loses_nothing() -> None:
    image = written(Image.new("RGB", SIZE, PAPER), "paid", (200, 0, 0))

    jpeg, png = encode(image), encode(image, ImageOptions(image_format="png"))

    assert (jpeg.format, png.format) == ("JPEG", "PNG")
    assert jpeg.layer[0][1:3] == (2, 2)  # type: ignore[attr-defined]  # sampling of luminance against colour
    assert ImageChops.difference(png.convert("RGB"), image).getbbox() is None


def test_lower_quality_means_fewer_bytes() -> None:
    image = scan(8)

    sizes = [
        len(
            page_image(
                image, number=1, size_pt=(1, 1), has_text=False, options=ImageOptions(quality=quality)
            ).data
        )
        for quality in (30, 75, 95)
    ]

    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1] / 2
