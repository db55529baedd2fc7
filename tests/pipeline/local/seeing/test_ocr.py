import pytest
from PIL import Image

from pipeline.local.seeing.deskew import skew_of
from pipeline.local.seeing.ocr import FasterPaddle, OcrBackend, RapidOcr, recognise
from pipeline.local.seeing.page import Page


@pytest.fixture(scope="module")
def backend() -> OcrBackend:
    return FasterPaddle()


def words(page: Page) -> str:
    return " ".join(line.text for line in page.lines)


@pytest.mark.parametrize("engine", [FasterPaddle, RapidOcr])
def test_both_engines_read_the_same_page(engine: type[OcrBackend], invoice_image: Image.Image) -> None:
    page = recognise(invoice_image, engine(), number=2)

    assert page.number == 2
    for text in ("Winterfeld Optik GmbH", "W-2024-311", "07.05.2024", "368,90", "Brillenfassung Titan"):
        assert text in words(page)
    assert all(line.box.width > line.box.height for line in page.lines if len(line.text) > 4)


@pytest.mark.parametrize("size", [(1, 1), (3, 400), (64, 64)])
def test_tiny_and_empty_images_have_no_lines(backend: OcrBackend, size: tuple[int, int]) -> None:
    assert recognise(Image.new("RGB", size, "white"), backend).lines == ()


def test_a_tilted_page_is_levelled(backend: OcrBackend, invoice_image: Image.Image) -> None:
    tilted = invoice_image.rotate(-2, Image.Resampling.BICUBIC, fillcolor="white")

    page = recognise(tilted, backend)

    assert page.skew == pytest.approx(2, abs=0.3)
    assert "368,90" in words(page)


@pytest.mark.parametrize(
    "turn", [Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270]
)
def test_a_page_on_its_side_or_head_is_turned(
    backend: OcrBackend, invoice_image: Image.Image, turn: Image.Transpose
) -> None:
    page = recognise(invoice_image.transpose(turn), backend)

    assert page.height > page.width
    assert "Winterfeld Optik GmbH" in words(page)


@pytest.mark.parametrize(
    "turn", [Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270]
)
def test_boxes_of_a_turned_page_stand_where_its_ink_is(
    backend: OcrBackend, invoice_image: Image.Image, turn: Image.Transpose
) -> None:
    sent = invoice_image.transpose(turn)
    page = recognise(sent, backend)

    for line in page.lines:
        box = page.as_sent(line.box)
        assert 0 <= box.left < box.right <= sent.width + 1
        assert 0 <= box.top < box.bottom <= sent.height + 1
        dark = sent.convert("L").crop((round(box.left), round(box.top), round(box.right), round(box.bottom)))
        assert min(dark.tobytes()) < 128


def test_a_level_page_stays_as_it_is(invoice_image: Image.Image) -> None:
    assert skew_of(invoice_image) == 0
