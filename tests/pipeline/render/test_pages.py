"""PDF pages are drawn with all they show, at the size that is sent; what cannot be drawn says why."""

import io
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Highlight
from pypdf.generic import ArrayObject, FloatObject
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from pipeline.errors import Category, DocumentError
from pipeline.records import PageImage
from pipeline.render.pages import Pdf, last_found
from pipeline.render.sizing import ImageOptions
from tests.hostile import fonts, structure
from tests.pipeline.render.documents import (
    encrypted,
    form,
    grey_pixels,
    nothing,
    page_with_image,
    pdf,
    raw_pdf,
    text,
)

OPTIONS = ImageOptions(image_format="png")


def drawn(path: Path, number: int = 1, *, forms: bool = True, options: ImageOptions = OPTIONS) -> PageImage:
    with closing(Pdf(str(path), forms=forms)) as opened:
        return opened.draw(number, options)


def pixels(page: PageImage) -> Image.Image:
    return Image.open(io.BytesIO(page.data)).convert("RGB")


def refused(path: Path, *, passwords: Sequence[str] = ()) -> DocumentError:
    with pytest.raises(DocumentError) as caught, closing(Pdf(str(path), passwords=passwords)) as opened:
        opened.draw(1, OPTIONS)
    return caught.value


@pytest.mark.parametrize("long_side_px", [64, 333, 1024, 1536])
@pytest.mark.parametrize(
    "size", [(595.28, 841.89), (841.89, 595.28), (612.3, 792.7), (20.0, 2000.0), (3.0, 9000.0)]
)
def test_the_image_has_the_size_that_is_sent(
    tmp_path: Path, size: tuple[float, float], long_side_px: int
) -> None:
    path = pdf(tmp_path / "a.pdf", lambda canvas: canvas.rect(0, 0, 1, 9, fill=1), size=size)

    page = drawn(path, options=ImageOptions(image_format="png", long_side_px=long_side_px))

    assert max(page.width_px, page.height_px) <= long_side_px
    assert (page.width_pt, page.height_pt) == pytest.approx(size, rel=1e-4)
    assert pixels(page).size == (page.width_px, page.height_px)


def test_pages_are_counted_and_measured_without_drawing(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", text("one"), text("two"), text("three"))

    with closing(Pdf(str(path))) as opened:
        assert opened.count() == 3
        assert [pytest.approx(size, rel=1e-4) for size in opened.sizes([3, 1])] == [(595.28, 841.89)] * 2
        assert opened.sizes([9]) == [None]


def test_a_text_layer_is_noticed(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", text("words"), lambda canvas: canvas.rect(9, 9, 99, 99, fill=1))

    assert drawn(path, 1).has_text
    assert not drawn(path, 2).has_text


def test_grey_and_colour_pages_are_told_apart(tmp_path: Path) -> None:
    def stamp(canvas: Canvas) -> None:
        canvas.setFillColorRGB(0.8, 0, 0)
        canvas.drawString(100, 500, "PAID")

    path = pdf(tmp_path / "a.pdf", text("plain"), stamp)

    assert drawn(path, 1).grey
    page = drawn(path, 2)
    red, green, blue = zip(*pixels(page).crop((150, 500, 500, 800)).get_flattened_data(), strict=True)
    assert not page.grey
    assert min(red) > min(green) == min(blue)


def test_blank_pages_are_found_and_pages_with_one_number_are_not_blank(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", nothing, lambda canvas: canvas.drawCentredString(297, 30, "3"))

    assert drawn(path, 1).blank
    assert not drawn(path, 2).blank


def test_the_values_of_a_form_are_drawn(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", form)

    with_form, without = pixels(drawn(path)), pixels(drawn(path, forms=False))

    assert ImageChops.difference(with_form, without).getbbox() is not None
    with closing(Pdf(str(path))) as opened:
        assert opened.has_forms


def test_annotations_are_drawn(tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=PdfReader(pdf(tmp_path / "plain.pdf", nothing)))
    corners = ArrayObject([FloatObject(at) for at in (50, 550, 250, 550, 50, 500, 250, 500)])
    writer.add_annotation(0, Highlight(rect=(50, 500, 250, 550), quad_points=corners))
    writer.write(tmp_path / "a.pdf")

    page = drawn(tmp_path / "a.pdf")

    assert not page.blank
    assert not page.grey


def test_a_scanned_page_keeps_its_pixels(tmp_path: Path) -> None:
    def scanned(canvas: Canvas) -> None:
        image = Image.new("RGB", (600, 800), "white")
        image.paste((0, 0, 0), (0, 0, 300, 400))
        canvas.drawImage(ImageReader(image), 0, 0, 595.28, 841.89)

    page = drawn(pdf(tmp_path / "a.pdf", scanned))

    assert not page.has_text
    assert pixels(page).getpixel((100, 100)) == (0, 0, 0)
    assert pixels(page).getpixel((1000, 1400)) == (255, 255, 255)


def test_an_image_that_pdfium_leaves_out_does_not_make_a_page_blank(tmp_path: Path) -> None:
    path = page_with_image(tmp_path / "a.pdf", grey_pixels(70_000, 70_000))

    refusal = refused(path)

    assert refusal.category is Category.CORRUPT
    assert "image" in str(refusal)


def test_a_white_image_on_a_page_is_blank(tmp_path: Path) -> None:
    def white(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(Image.new("RGB", (60, 80), "white")), 0, 0, 595, 842)

    assert drawn(pdf(tmp_path / "a.pdf", white)).blank


def test_a_page_of_absurd_size_is_drawn_at_the_size_that_is_sent(tmp_path: Path) -> None:
    path = page_with_image(tmp_path / "a.pdf", grey_pixels(10, 10), media_box=b"0 0 1000000000 10")

    page = drawn(path)

    assert (page.width_px, page.height_px) == (1536, 1)


@pytest.mark.parametrize("box", [b"0 0 0 0", b"5 5 5 5", b"0 0 nan 1", b"9 9 1 1"])
def test_a_page_without_a_sane_box_is_drawn_or_refused(tmp_path: Path, box: bytes) -> None:
    path = page_with_image(tmp_path / "a.pdf", grey_pixels(10, 10), media_box=box)

    try:
        page = drawn(path)
    except DocumentError as error:
        assert error.category is Category.UNSUPPORTED  # noqa: PT017 - either end is right
    else:
        assert min(page.width_px, page.height_px) >= 1


def test_a_missing_password_and_a_wrong_one_are_told_apart(tmp_path: Path) -> None:
    path = encrypted(
        pdf(tmp_path / "plain.pdf", text("secret")), tmp_path / "a.pdf", user="öpen", owner="own"
    )

    assert refused(path).category is Category.ENCRYPTED
    assert refused(path, passwords=["nope"]).category is Category.WRONG_PASSWORD
    with closing(Pdf(str(path), passwords=["no", "öpen"])) as opened:
        assert not opened.draw(1, OPTIONS).blank


@pytest.mark.parametrize("algorithm", ["RC4-40", "RC4-128", "AES-128", "AES-256-R5", "AES-256"])
def test_owner_protection_is_no_obstacle_and_neither_is_a_password_that_is_not_asked_for(
    tmp_path: Path, algorithm: str
) -> None:
    plain = pdf(tmp_path / "plain.pdf", text("free"))
    path = encrypted(plain, tmp_path / "a.pdf", user="", owner="own", algorithm=algorithm)

    assert drawn(path).has_text
    for passwords in (["meant for others"], ["own"]):
        with closing(Pdf(str(path), passwords=passwords)) as opened:
            assert opened.draw(1, OPTIONS).has_text


def test_a_file_cut_short_is_corrupt(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", text("x" * 500))
    path.write_bytes(path.read_bytes()[:300])

    assert refused(path).category is Category.CORRUPT


def test_a_file_without_pages_is_opened_and_counted(tmp_path: Path) -> None:
    path = raw_pdf(tmp_path / "a.pdf", b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>")

    with closing(Pdf(str(path))) as opened:
        assert opened.count() == 0


def test_a_page_that_is_claimed_but_missing_is_corrupt_and_the_others_are_drawn(tmp_path: Path) -> None:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>"
    path = raw_pdf(
        tmp_path / "a.pdf",
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R 9 0 R]/Count 1000>>",
        page,
    )

    assert drawn(path, 1).blank
    with closing(Pdf(str(path))) as opened, pytest.raises(DocumentError) as caught:
        opened.draw(2, OPTIONS)
    assert caught.value.category is Category.CORRUPT


@pytest.mark.parametrize(("claimed", "counted"), [(5, 5), (202, 202), (203, 4), (900_000, 4)])
def test_a_claim_of_more_pages_than_damage_explains_is_not_believed(
    tmp_path: Path, claimed: int, counted: int
) -> None:
    path = structure.many_pages(tmp_path / "a.pdf", 3, claimed=claimed)

    with closing(Pdf(str(path))) as opened:
        assert opened.count() == counted
        with pytest.raises(DocumentError, match=f"{claimed} pages, and none" if counted == 4 else "loaded"):
            opened.draw(4, OPTIONS)


@given(there=st.integers(0, 5000), more=st.integers(0, 2000), gaps=st.sets(st.integers(1, 5000), max_size=3))
def test_the_last_page_is_found_in_few_looks_and_past_gaps(there: int, more: int, gaps: set[int]) -> None:
    looked: list[int] = []

    def is_there(number: int) -> bool:
        looked.append(number)
        return number <= there and (number in {1, there} or number not in gaps)

    assert last_found(there + more, is_there) == there
    assert len(looked) <= 13 * 10 + 20


def test_letters_that_pdfium_leaves_out_do_not_make_a_page_blank(tmp_path: Path) -> None:
    path = fonts.self_calling_type1(tmp_path / "a.pdf")

    refusal = refused(path)

    assert refusal.category is Category.CORRUPT
    assert "letters" in str(refusal)


def write_in(mode: int, grey: float, place: int = 500, words: str = "words") -> Callable[[Canvas], object]:
    def draw(canvas: Canvas) -> None:
        canvas.setFillGray(grey)
        canvas.drawString(100, place, words, mode=mode)

    return draw


@pytest.mark.parametrize(
    "draw", [write_in(3, 0), write_in(0, 1), write_in(0, 0, place=5000), write_in(0, 0, words="   ")]
)
def test_letters_that_nobody_is_to_see_leave_a_page_blank(
    tmp_path: Path, draw: Callable[[Canvas], object]
) -> None:
    assert drawn(pdf(tmp_path / "a.pdf", draw)).blank


def test_a_page_tree_that_bites_its_tail_ends(tmp_path: Path) -> None:
    path = raw_pdf(
        tmp_path / "a.pdf", b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"
    )

    with pytest.raises(DocumentError):
        drawn(path)


def test_names_that_are_not_utf8_are_opened(tmp_path: Path) -> None:
    path = tmp_path / "caf\udce9.pdf"
    pdf(tmp_path / "plain.pdf", text("x")).rename(path)

    assert drawn(path).has_text
