from dataclasses import replace

from PIL import Image, ImageDraw

from pipeline.local.seeing.boxes import parted, without_boxes
from pipeline.local.seeing.marks import OPEN, TICKED
from pipeline.local.seeing.page import Box
from tests.pipeline.local.sheets import line


def sheet() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (400, 200), "white")
    return image, ImageDraw.Draw(image)


def test_squares_are_found_with_what_is_in_them_and_taken_off() -> None:
    image, pen = sheet()
    for left in (40, 120, 200):
        pen.rectangle((left, 50, left + 15, 65), outline="black")
    pen.line((123, 53, 132, 62), fill="black", width=2)
    pen.line((123, 62, 132, 53), fill="black", width=2)
    pen.line((203, 58, 206, 62, 213, 52), fill="black", width=2)

    bare, boxes = without_boxes(image)

    assert [(round(one.box.left), one.text) for one in boxes] == [(40, OPEN), (120, TICKED), (200, TICKED)]
    assert bare.getcolors() == [(400 * 200, (255, 255, 255))]


def test_words_on_both_sides_of_a_square_are_parted() -> None:
    words = line("Full time Part time", 100, 40)
    square = replace(line(OPEN, 190, 40), box=Box(left=190, top=42, right=206, bottom=58))

    assert [one.text for one in parted([words], [square])] == ["Full time", "Part time"]
    assert parted([words], []) == [words]


def test_letters_rules_and_table_cells_are_no_squares(invoice_image: Image.Image) -> None:
    image, pen = sheet()
    pen.rectangle((20, 20, 380, 60), outline="black")
    pen.ellipse((40, 90, 56, 106), outline="black")
    pen.rectangle((100, 90, 140, 106), outline="black")

    assert without_boxes(image)[1] == []
    assert without_boxes(invoice_image)[1] == []
