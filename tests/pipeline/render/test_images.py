"""Image files of every make become upright pages on white paper."""

import io
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pipeline.errors import Category, DocumentError
from pipeline.records import PageImage
from pipeline.render.images import Picture
from pipeline.render.sizing import ImageOptions
from tests.pipeline.render.documents import bilevel_png

PIXELS = 10_000_000
WHITE, BLACK, RED = (255, 255, 255), (0, 0, 0), (255, 0, 0)


def drawn(
    path: Path, number: int = 1, options: ImageOptions | None = None, pixels: int = PIXELS
) -> PageImage:
    picture = Picture(str(path), pixels=pixels)
    try:
        return picture.draw(number, options or ImageOptions(image_format="png"))
    finally:
        picture.close()


def counted(path: Path) -> int:
    picture = Picture(str(path), pixels=PIXELS)
    try:
        return picture.count()
    finally:
        picture.close()


def measured(path: Path, number: int = 1) -> tuple[float, float]:
    picture = Picture(str(path), pixels=PIXELS)
    try:
        (size,) = picture.sizes([number])
        assert size is not None
        return size
    finally:
        picture.close()


def pixels(page: PageImage) -> Image.Image:
    return Image.open(io.BytesIO(page.data)).convert("RGB")


def corner(
    mode: str = "RGB", size: tuple[int, int] = (120, 80), paper: Any = WHITE, ink: Any = BLACK
) -> Image.Image:
    """White paper with a black square in the upper left corner."""
    image = Image.new(mode, size, paper)
    image.paste(ink, (0, 0, 30, 30))
    return image


def refused(path: Path, limit: int = PIXELS) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        drawn(path, pixels=limit)
    return caught.value


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "tiff", "ppm", "webp"])
def test_every_format_is_drawn(tmp_path: Path, suffix: str) -> None:
    corner().save(tmp_path / f"a.{suffix}")

    page = drawn(tmp_path / f"a.{suffix}")

    assert (page.width_px, page.height_px) == (120, 80)
    assert max(pixels(page).getpixel((5, 5))) < 10  # type: ignore[arg-type]  # RGB
    assert min(pixels(page).getpixel((100, 60))) > 245  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mode", "paper", "ink"),
    [
        ("1", 1, 0),
        ("L", 255, 0),
        ("LA", (0, 0), (0, 255)),
        ("RGBA", (90, 0, 0, 0), (0, 0, 0, 255)),
        ("P", 255, 0),
        ("I;16", 65_535, 0),
    ],
)
@pytest.mark.parametrize("suffix", ["png", "tiff"])
def test_every_mode_comes_out_black_on_white(
    tmp_path: Path, suffix: str, mode: str, paper: Any, ink: Any
) -> None:
    image = corner("L" if mode == "P" else mode, paper=paper, ink=ink)
    (image.convert("P") if mode == "P" else image).save(tmp_path / f"a.{suffix}")

    page = drawn(tmp_path / f"a.{suffix}")

    assert page.grey
    assert pixels(page).getpixel((5, 5)) == BLACK
    assert pixels(page).getpixel((100, 60)) == WHITE


@pytest.mark.parametrize(("mode", "paper", "ink"), [("I", 3000, 7), ("F", 1.0, 0.0)])
def test_modes_without_a_range_are_stretched(tmp_path: Path, mode: str, paper: float, ink: float) -> None:
    image = Image.new(mode, (120, 80), paper)
    image.paste(ink, (0, 0, 30, 30))
    image.save(tmp_path / "a.tiff")

    page = drawn(tmp_path / "a.tiff")

    assert (pixels(page).getpixel((5, 5)), pixels(page).getpixel((100, 60))) == (BLACK, WHITE)


def test_sixteen_bits_keep_their_greys(tmp_path: Path) -> None:
    corner("I;16", paper=32_768, ink=0).save(tmp_path / "a.png")

    assert pixels(drawn(tmp_path / "a.png")).getpixel((100, 60)) == pytest.approx((128,) * 3, abs=1)


@pytest.mark.parametrize("suffix", ["jpg", "tiff"])
def test_inks_become_colours(tmp_path: Path, suffix: str) -> None:
    corner("CMYK", paper=(0, 0, 0, 0), ink=(0, 255, 255, 0)).save(tmp_path / f"a.{suffix}")

    page = drawn(tmp_path / f"a.{suffix}")

    assert not page.grey
    assert pixels(page).getpixel((5, 5)) == pytest.approx(RED, abs=8)
    assert pixels(page).getpixel((100, 60)) == pytest.approx(WHITE, abs=4)


def test_a_transparent_palette_lies_on_white(tmp_path: Path) -> None:
    image = corner("P", paper=3, ink=1)
    image.putpalette([9, 9, 9, 0, 0, 0, 0, 0, 0, 77, 0, 0])
    image.save(tmp_path / "a.gif", transparency=3)

    assert pixels(drawn(tmp_path / "a.gif")).getpixel((100, 60)) == WHITE


@pytest.mark.parametrize("suffix", ["jpg", "tiff", "png", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_obeyed(tmp_path: Path, suffix: str, orientation: int) -> None:
    upright = corner(size=(1200, 800))
    undone = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    stored = upright.transpose(Image.Transpose(undone[orientation])) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / f"a.{suffix}", exif=exif, dpi=(100, 100))

    page = drawn(tmp_path / f"a.{suffix}", options=ImageOptions(image_format="png", long_side_px=600))

    assert (page.width_px, page.height_px) == (600, 400)
    assert max(pixels(page).getpixel((5, 5))) < 10  # type: ignore[arg-type]
    assert page.width_pt > page.height_pt
    assert measured(tmp_path / f"a.{suffix}") == (page.width_pt, page.height_pt)


def test_a_broken_exif_block_does_not_cost_the_picture(tmp_path: Path) -> None:
    corner().save(tmp_path / "a.jpg", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + b"\x07" * 40)

    assert drawn(tmp_path / "a.jpg").width_px == 120


@pytest.mark.parametrize(
    ("dpi", "size_pt"),
    [
        ((300, 300), (288.0, 192.0)),
        ((1, 1), (1200.0, 800.0)),
        ((9999, 9999), (1200.0, 800.0)),
        (None, (1200.0, 800.0)),
    ],
)
def test_the_resolution_gives_the_size_in_points(
    tmp_path: Path, dpi: tuple[int, int] | None, size_pt: tuple[float, float]
) -> None:
    corner(size=(1200, 800)).save(tmp_path / "a.jpg", **({"dpi": dpi} if dpi else {}))  # type: ignore[arg-type]  # the stubs give every option one type

    assert measured(tmp_path / "a.jpg") == pytest.approx(size_pt)


def test_a_fax_is_drawn_with_square_pixels(tmp_path: Path) -> None:
    corner("1", size=(1728, 1078), paper=1, ink=0).save(tmp_path / "fax.tiff", dpi=(204, 98))

    page = drawn(tmp_path / "fax.tiff")

    assert page.height_px == 1536
    assert page.width_px / page.height_px == pytest.approx(page.width_pt / page.height_pt, abs=0.01)


def test_each_frame_of_a_tiff_is_a_page(tmp_path: Path) -> None:
    frames = [corner("L", (100 + 10 * n, 80), paper=255, ink=0) for n in range(4)]
    frames[0].save(tmp_path / "a.tiff", save_all=True, append_images=frames[1:])

    assert counted(tmp_path / "a.tiff") == 4
    assert [drawn(tmp_path / "a.tiff", number).width_px for number in (3, 1, 4)] == [120, 100, 130]
    with pytest.raises(DocumentError, match="cut short"):
        drawn(tmp_path / "a.tiff", 5)


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
def test_of_an_animation_the_first_frame_is_the_page(tmp_path: Path, suffix: str) -> None:
    frames = [corner(), Image.new("RGB", (120, 80), "green")]
    frames[0].save(tmp_path / f"a.{suffix}", save_all=True, append_images=frames[1:])

    assert counted(tmp_path / f"a.{suffix}") == 1
    assert drawn(tmp_path / f"a.{suffix}").grey


def test_large_images_are_shrunk_and_small_ones_kept(tmp_path: Path) -> None:
    corner(size=(3000, 1000)).save(tmp_path / "large.jpg")
    corner(size=(90, 40)).save(tmp_path / "small.jpg")

    assert drawn(tmp_path / "large.jpg").width_px == 1536
    assert drawn(tmp_path / "small.jpg").width_px == 90


def test_a_picture_without_ink_is_blank(tmp_path: Path) -> None:
    Image.new("RGB", (1200, 1600), WHITE).save(tmp_path / "a.jpg")

    assert drawn(tmp_path / "a.jpg").blank


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "tiff", "ppm", "webp"])
def test_a_file_cut_short_is_corrupt(tmp_path: Path, suffix: str) -> None:
    Image.effect_noise((300, 300), 90).convert("RGB").save(tmp_path / f"a.{suffix}")
    content = (tmp_path / f"a.{suffix}").read_bytes()
    (tmp_path / f"a.{suffix}").write_bytes(content[: len(content) // 3])

    assert refused(tmp_path / f"a.{suffix}").category is Category.CORRUPT


@pytest.mark.parametrize("seed", range(40))
def test_damaged_bytes_are_a_picture_or_a_refusal(tmp_path: Path, seed: int) -> None:
    """Anything else would be a bug that one document can provoke."""
    suffix = ("png", "gif", "bmp", "tiff", "ppm", "webp", "jpg")[seed % 7]
    corner().save(tmp_path / f"a.{suffix}")
    content = bytearray((tmp_path / f"a.{suffix}").read_bytes())
    for turn in range(12):
        content[zlib.crc32(bytes([seed, turn])) % min(len(content), 400)] ^= 1 << turn % 8
    (tmp_path / f"a.{suffix}").write_bytes(content)

    try:
        drawn(tmp_path / f"a.{suffix}")
    except DocumentError as error:
        assert error.category in {Category.CORRUPT, Category.TOO_LARGE}  # noqa: PT017 - either end is right


def test_more_pixels_than_allowed_are_refused_undecoded(tmp_path: Path) -> None:
    bilevel_png(tmp_path / "a.png", 20_000, 20_000)

    for limit in (1_000_000, 150_000_000, 399_999_999):
        refusal = refused(tmp_path / "a.png", limit)

        assert refusal.category is Category.TOO_LARGE
        assert "pixels" in str(refusal)


def test_the_limit_of_pixels_is_the_callers_and_not_pillows(tmp_path: Path) -> None:
    bilevel_png(tmp_path / "a.png", 10_000, 9_500)

    assert drawn(tmp_path / "a.png", pixels=100_000_000).width_px == 1536


def test_a_file_that_vanished_is_unreadable(tmp_path: Path) -> None:
    assert refused(tmp_path / "gone.png").category is Category.UNREADABLE
