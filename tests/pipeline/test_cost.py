"""Tokens and money."""

from decimal import Decimal

import pytest

from pipeline.cost import Prices, image_tokens
from pipeline.records import Usage


def test_cached_tokens_are_charged_apart() -> None:
    prices = Prices(input=Decimal("0.40"), cached=Decimal("0.08"), output=Decimal("1.60"))

    cost = prices.of(Usage(prompt_tokens=3000, cached_tokens=1000, completion_tokens=500))

    assert cost == Decimal("0.0016800000")


def test_without_a_cached_price_all_input_costs_the_same() -> None:
    prices = Prices(input=Decimal(1), output=Decimal(0))

    assert prices.of(Usage(prompt_tokens=10, cached_tokens=9)) == Decimal("0.00001")


def test_more_cached_tokens_than_tokens_make_nothing_cheaper_than_cached() -> None:
    prices = Prices(input=Decimal(1), cached=Decimal("0.5"), output=Decimal(0))

    assert prices.of(Usage(prompt_tokens=10, cached_tokens=99)) == Decimal("0.000005")


def test_a_batch_job_saves_its_share_of_every_price() -> None:
    prices = Prices(
        input=Decimal("0.40"),
        cached=Decimal("0.08"),
        output=Decimal("1.60"),
        batch_discount=Decimal("0.5"),
    )
    usage = Usage(prompt_tokens=3000, cached_tokens=1000, completion_tokens=500)

    assert prices.of(usage, "batch") == prices.of(usage, "online") / 2 == Decimal("0.00084")


@pytest.mark.parametrize(
    ("width", "height", "patches"),
    [(336, 336, 144), (672, 672, 576), (1024, 1024, 1369), (1280, 720, 1196), (2560, 1440, 4641)],
)
def test_image_tokens_follow_the_published_table(width: int, height: int, patches: int) -> None:
    assert image_tokens(width, height) == patches + 2


def test_the_smallest_image_has_a_patch() -> None:
    assert image_tokens(1, 1) == 3
