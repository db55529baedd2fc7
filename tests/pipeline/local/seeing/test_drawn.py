"""Rules and boxes to tick are found in pixels, on clean pages and on noisy ones."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline.local.seeing.drawn import drawn_on
from pipeline.local.seeing.page import Box, Line

PAPER = (1000, 700)


def sheet(noise: int = 0) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    levels = np.full(PAPER, 245, dtype=np.int16)
    levels += np.random.default_rng(7).integers(-noise, noise + 1, PAPER, dtype=np.int16)
    image = Image.fromarray(levels.clip(0, 255).astype(np.uint8)).convert("RGB")
    return image, ImageDraw.Draw(image)


def box(draw: ImageDraw.ImageDraw, left: int, top: int, side: int = 20) -> None:
    draw.rectangle((left, top, left + side, top + side), outline="#303030", width=2)


def cross(draw: ImageDraw.ImageDraw, left: int, top: int, side: int = 20) -> None:
    draw.line((left + 4, top + 4, left + side - 4, top + side - 4), fill="black", width=2)
    draw.line((left + 4, top + side - 4, left + side - 4, top + 4), fill="black", width=2)


@pytest.mark.parametrize("noise", [0, 9])
def test_boxes_are_told_from_boxes_with_a_mark(noise: int) -> None:
    image, draw = sheet(noise)
    for left in (100, 200, 300, 400):
        box(draw, left, 300)
    cross(draw, 200, 300)
    draw.line((304, 310, 309, 316, 326, 296), fill="black", width=3)  # a tick that leaves its box
    draw.rectangle((404, 304, 416, 316), fill="black")

    ticks = sorted(drawn_on(image, ()).ticks, key=lambda tick: tick.box.left)

    assert [tick.checked for tick in ticks] == [False, True, True, True]
    assert [round(tick.box.left, -1) for tick in ticks] == [100, 200, 300, 400]


def test_cells_of_a_grid_and_places_of_letters_are_no_boxes_to_tick() -> None:
    image, draw = sheet()
    for left in range(100, 300, 20):
        box(draw, left, 300)
    for edge in range(100, 200, 24):
        draw.line((edge, 500, edge, 596), fill="black", width=2)
        draw.line((100, edge + 400, 196, edge + 400), fill="black", width=2)

    assert drawn_on(image, ()).ticks == ()


def test_bullets_that_are_all_filled_are_no_boxes_to_tick() -> None:
    image, draw = sheet()
    for top in (100, 200, 300):
        draw.rectangle((80, top, 92, top + 12), fill="black")

    assert drawn_on(image, ()).ticks == ()


def test_pale_rules_are_found_and_strokes_of_letters_are_not() -> None:
    image, draw = sheet()
    draw.line((60, 200, 640, 200), fill="#cccccc")
    draw.line((60, 150, 60, 400), fill="#cccccc", width=2)
    draw.line((110, 310, 160, 310), fill="black", width=2)
    text = Line(text="mmmmmmmmmm", box=Box(left=100, top=300, right=300, bottom=320))

    drawn = drawn_on(image, (text,))

    assert [(round(rule.left, -1), round(rule.right, -1)) for rule in drawn.horizontal] == [(60, 640)]
    assert len(drawn.vertical) == 1


def test_a_photograph_has_no_rules() -> None:
    levels = np.random.default_rng(3).integers(0, 255, (1400, 1000), dtype=np.uint8)
    noise = Image.fromarray(levels).resize((1000, 1400)).convert("RGB")

    drawn = drawn_on(noise, ())

    assert (drawn.horizontal, drawn.vertical, drawn.ticks) == ((), (), ())
