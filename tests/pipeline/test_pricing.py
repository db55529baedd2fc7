"""Which price holds for which model."""

from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from pipeline.cost import Prices
from pipeline.pricing import ModelPrices, PriceTable, priced

OTHERS = ModelPrices(input=Decimal(1), output=Decimal(2), cached=Decimal("0.5"))
TABLE = {
    "dear": ModelPrices(input=Decimal(8), output=Decimal(9), batch_discount=Decimal("0.2")),
    "plain": ModelPrices(input=Decimal(3), output=Decimal(4)),
}
HALF = Decimal("0.5")


def test_a_model_has_its_own_prices_whole_and_takes_none_of_the_others() -> None:
    assert priced("dear", TABLE, others=OTHERS, batch_discount=HALF) == Prices(
        input=Decimal(8), output=Decimal(9), cached=None, batch_discount=Decimal("0.2")
    )


def test_a_discount_that_is_not_named_is_that_of_all() -> None:
    found = priced("plain", TABLE, others=None, batch_discount=HALF)

    assert found is not None
    assert found.batch_discount == HALF


def test_a_model_without_prices_of_its_own_costs_what_the_others_do() -> None:
    assert priced("m", TABLE, others=OTHERS, batch_discount=HALF) == Prices(
        input=Decimal(1), output=Decimal(2), cached=Decimal("0.5"), batch_discount=HALF
    )
    assert priced("m", TABLE, others=None, batch_discount=HALF) is None


def test_a_table_is_read_from_json_to_the_last_digit() -> None:
    read = TypeAdapter(PriceTable).validate_python('{"a/b#c": {"input": 0.1234567890123456789, "output": 1}}')

    assert read["a/b#c"].input == Decimal("0.1234567890123456789")


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 10_000, '{"m": {"input": NaN, "output": 1}}'])
def test_what_is_no_table_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(PriceTable).validate_python(text)
