"""Prices as settings say them: of single models, and of any other."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from pipeline.cost import Prices

Price = Annotated[Decimal, Field(ge=0)]
TABLE = "a table of models, each with input and output, if need be with cached and batch_discount"
"""What prices of single models must be."""
Share = Annotated[Decimal, Field(ge=0, le=1)]


class ModelPrices(BaseModel):
    """Prices of one model, in US dollars for a million tokens.

    Attributes:
        input: Prompt tokens.
        cached: Prompt tokens from the cache; None for the same as the others.
        output: Completion tokens.
        batch_discount: Share that batch jobs save; None for what holds for any model.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    input: Price
    output: Price
    cached: Price | None = None
    batch_discount: Share | None = None


def _from_json(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise ValueError('JSON such as {"MODEL": {"input": …, "output": …}}') from None


PriceTable = Annotated[Mapping[str, ModelPrices], BeforeValidator(_from_json)]
"""Prices by the id of the model, or the JSON text of that."""


def priced(
    model: str, table: Mapping[str, ModelPrices], *, others: ModelPrices | None, batch_discount: Decimal
) -> Prices | None:
    """What the tokens of a model cost; None when neither it nor any other model has a price.

    Args:
        model: Its id, as it is asked for.
        table: Models that have prices of their own.
        others: Prices of any other model.
        batch_discount: Of prices that do not name theirs.
    """
    found = table.get(model, others)
    if found is None:
        return None
    return Prices(
        input=found.input,
        output=found.output,
        cached=found.cached,
        batch_discount=batch_discount if found.batch_discount is None else found.batch_discount,
    )
