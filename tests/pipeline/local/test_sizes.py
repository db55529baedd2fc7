"""Pages of unusual sizes: the right answer, or a clear refusal."""

import json

import httpx
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.pipeline.local.bodies import chat, encoded, image_part, wanting
from tests.pipeline.local.sheets import nullable, record

SCHEMA = record(total=nullable("number"), merchant=nullable("string"))


def answer(client: httpx.Client, image: Image.Image) -> dict[str, object]:
    body = chat(image_part(encoded(image)), response_format=wanting(SCHEMA))
    response = client.post("/chat/completions", json=body)
    assert response.status_code == 200, response.text
    found: dict[str, object] = json.loads(response.json()["choices"][0]["message"]["content"])
    return found


@pytest.mark.parametrize("size", [(1, 1), (40, 40), (3, 2000), (900, 1200)])
def test_a_page_without_words_gives_nulls_whatever_its_size(
    client: httpx.Client, size: tuple[int, int]
) -> None:
    assert answer(client, Image.new("RGB", size, "white")) == {"total": None, "merchant": None}


def test_the_total_of_a_roll_eight_times_as_long_as_wide_is_read(client: httpx.Client) -> None:
    roll = Image.new("L", (420, 3360), 255)
    pen, font = ImageDraw.Draw(roll), ImageFont.load_default(26)
    for row in range(90):
        name, price = ("TOTAL", "271.80") if row == 89 else (f"Oat biscuits {row}", "3.02")
        pen.text((20, 40 + 36 * row), name, font=font, fill=0)
        pen.text((310, 40 + 36 * row), price, font=font, fill=0)

    assert answer(client, roll)["total"] == 271.8


def test_a_page_of_fifty_megapixels_is_read(client: httpx.Client) -> None:
    sheet = Image.new("1", (6000, 8400), 1)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(160)
    pen.text((600, 900), "Total", font=font, fill=0)
    pen.text((3600, 900), "1,204.50", font=font, fill=0)

    assert answer(client, sheet)["total"] == 1204.5
