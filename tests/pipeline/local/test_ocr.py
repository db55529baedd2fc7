import pytest
from PIL import Image

from pipeline.local.deskew import skew_of
from pipeline.local.ocr import FasterPaddle, OcrBackend, RapidOcr, recognise
from pipeline.local.page import Page


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


def test_a_page_on_its_side_is_turned(backend: OcrBackend, invoice_image: Image.Image) -> None:
    page = recognise(invoice_image.transpose(Image.Transpose.ROTATE_90), backend)

    assert page.height > page.width
    assert "Winterfeld Optik GmbH" in words(page)


def test_a_level_page_stays_as_it_is(invoice_image: Image.Image) -> None:
    assert skew_of(invoice_image) == 0
