"""Columns are taken from the model alone, and what has no column is refused by name."""

from collections import deque
from contextlib import nullcontext
from datetime import datetime
from decimal import Decimal
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
import pytest
from pydantic import (
    AwareDatetime,
    BaseModel,
    Field,
    Json,
    PastDate,
    RootModel,
    computed_field,
    create_model,
    model_validator,
)

from pipeline.errors import ConfigError
from pipeline.store.columns import columns_of
from schemas.invoice import Invoice, InvoiceType
from tests.models import Colour, Level, Mixed, Node, Wide

JSON_IN_TEXT: Any = Json
COLOUR = pl.Enum(["red", "green", ""])
INNER = pl.Struct({"note": pl.String(), "price": pl.Decimal(12, 3), "colours": pl.List(COLOUR)})
OUTER = pl.Struct({"inner": INNER, "inners": pl.List(INNER)})


def test_every_kind_of_field_has_its_column() -> None:
    assert columns_of(Wide) == {
        "text": pl.String(),
        "short": pl.String(),
        "number": pl.Int64(),
        "ratio": pl.Float64(),
        "flag": pl.Boolean(),
        "day": pl.Date(),
        "moment": pl.Datetime("us"),
        "instant": pl.Datetime("us", "UTC"),
        "clock": pl.Time(),
        "span": pl.Duration("us"),
        "money": pl.Decimal(38, 10),
        "plain_decimal": pl.Decimal(38, 6),
        "key": pl.String(),
        "link": pl.String(),
        "colour": COLOUR,
        "level": pl.Int64(),
        "mixed": pl.String(),
        "size": pl.Enum(["s", "m", "l"]),
        "step": pl.Int64(),
        "aliased": pl.String(),
        "outer": OUTER,
        "outers": pl.List(OUTER),
        "names": pl.List(pl.String()),
        "grid": pl.List(pl.List(pl.Int64())),
        "tags": pl.List(pl.String()),
        "series": pl.List(pl.Date()),
        "pair": pl.String(),
        "pet": pl.String(),
        "pets": pl.List(pl.String()),
        "either": pl.String(),
        "scores": pl.String(),
        "tree": pl.Struct({"name": pl.String(), "children": pl.List(pl.String())}),
        "größe": pl.String(),
        "日付": pl.Date(),
    }


def test_columns_come_in_the_order_of_the_fields() -> None:
    assert list(columns_of(Invoice)) == list(Invoice.model_fields)


def test_amounts_of_invoices_are_decimals_and_kinds_are_enums() -> None:
    columns = columns_of(Invoice)

    assert columns["total"] == pl.Decimal(18, 4)
    assert columns["issue_date"] == pl.Date()
    assert columns["invoice_type"] == pl.Enum([kind.value for kind in InvoiceType])


def of(kind: Any) -> pl.DataType:
    return columns_of(
        type("Holder", (BaseModel,), {"__annotations__": {"field": kind}, "__module__": __name__})
    )["field"]


class Checked(BaseModel):
    a: int

    @model_validator(mode="before")
    @classmethod
    def _before(cls, given: Any) -> Any:
        return given

    @model_validator(mode="after")
    def _after(self) -> "Checked":
        return self


class CheckedNode(BaseModel):
    inner: "CheckedNode | None" = None

    @model_validator(mode="after")
    def _after(self) -> "CheckedNode":
        return self


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [
        (Decimal, pl.Decimal(38, 6)),
        (Annotated[Decimal, Field(max_digits=5, decimal_places=2)], pl.Decimal(5, 2)),
        (Annotated[Decimal | None, Field(max_digits=5, decimal_places=2)], pl.Decimal(5, 2)),
        (Annotated[Decimal, Field(max_digits=5)], pl.Decimal(11, 6)),
        (Annotated[Decimal, Field(max_digits=2, decimal_places=5)], pl.Decimal(5, 5)),
        (datetime, pl.Datetime("us")),
        (list[AwareDatetime], pl.List(pl.Datetime("us", "UTC"))),
        (PastDate, pl.Date()),
        (Annotated[int, Field(gt=0)], pl.Int64()),
        (IPv4Address, pl.String()),
        (Path, pl.String()),
        (deque[int], pl.List(pl.Int64())),
        (frozenset[Colour], pl.List(COLOUR)),
        (tuple[int, int], pl.List(pl.Int64())),
        (tuple[int, str], pl.String()),
        (Literal["a", None], pl.Enum(["a"])),
        (Literal["a", 1], pl.String()),
        (Literal[True], pl.Boolean()),
        (Literal[Colour.RED], pl.Enum(["red"])),
        (Level, pl.Int64()),
        (Mixed, pl.String()),
        (Any, pl.String()),
        (list, pl.List(pl.String())),
        (dict[str, Any], pl.String()),
        (float | str, pl.String()),
        (RootModel[list[int]], pl.List(pl.Int64())),
        (RootModel[list[int] | None], pl.String()),
        (Checked, pl.Struct({"a": pl.Int64()})),
        (CheckedNode, pl.Struct({"inner": pl.String()})),
    ],
)
def test_a_kind_of_value_has_its_column(kind: Any, dtype: pl.DataType) -> None:
    assert of(kind) == dtype


class Empty(BaseModel):
    pass


class Holding(BaseModel):
    empties: list[Empty]


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (Empty, "Holder.field: Empty has no fields"),
        (Holding, r"Holder.field.empties\[\]: Empty has no fields"),
        (bytes, "Holder.field: a value of kind bytes cannot be stored; declare"),
        (JSON_IN_TEXT, "Holder.field: JSON inside a text cannot be stored"),
        (list[complex], r"Holder.field\[\]: a value of kind complex cannot be stored"),
        (Decimal | str | None, "Holder.field: a decimal or a text is the same in JSON"),
        (Annotated[Decimal, Field(max_digits=40)], "a decimal of 40 digits cannot be stored, 38 can"),
    ],
)
def test_what_has_no_column_is_refused_by_name(kind: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        of(kind)


@pytest.mark.parametrize("model", [RootModel[list[int]], RootModel[Node]])
def test_a_record_without_named_fields_is_refused(model: type[BaseModel]) -> None:
    with pytest.raises(ConfigError, match="has no named fields"):
        columns_of(model)


@pytest.mark.parametrize("name", ["schema", "Schema", "SCHEMA"])
def test_a_column_that_readers_would_hide_is_refused(name: str) -> None:
    fields: dict[str, Any] = {name: (str, ...)}
    with pytest.warns(UserWarning, match="shadows") if name == "schema" else nullcontext():
        model = create_model("Holder", **fields)

    with pytest.raises(ConfigError, match=f"Holder.{name}: a column of this name is the lake's own"):
        columns_of(model)


def test_a_computed_field_is_no_column_of_the_lakes_own() -> None:
    class Holder(BaseModel):
        text: str

        @computed_field
        def _pages(self) -> int:
            return 1

    with pytest.raises(ConfigError, match=r"Holder\._pages: a column of this name"):
        columns_of(Holder)
