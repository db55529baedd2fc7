"""Record types that change between runs."""

from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import BaseModel

from pipeline.errors import ConfigError
from pipeline.store.evolve import evolve
from pipeline.store.parquet import write_frame
from tests.papers import write_pdf
from tests.pipeline.runs import config, records, run, slip_answer, slip_type
from tests.servers import FaultServer

NAME = "part-20240101T000000000000-00001-000.parquet"


class Item(BaseModel):
    text: str
    unit: str | None = None


class Kind(StrEnum):
    A = "a"


class NewSlip(BaseModel):
    title: str | None = None
    entries: list[Item] = []
    kind: Kind | None = None


def test_a_changed_record_type_goes_on_in_the_same_lake(tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf", ["one"])
    write_pdf(tmp_path / "b.pdf", ["two"])
    changed = replace(slip_type(), model=NewSlip)
    with FaultServer(slip_answer) as server:
        run(config(server.base_url, tmp_path / "lake", tmp_path / "a.pdf"))
        with pytest.raises(ConfigError, match=r"kind added; total removed.*--evolve"):
            run(config(server.base_url, tmp_path / "lake", tmp_path / "b.pdf", record=changed))
        run(config(server.base_url, tmp_path / "lake", tmp_path / "b.pdf", record=changed, evolve=True))
        run(config(server.base_url, tmp_path / "lake", tmp_path / "b.pdf", record=changed))

    rows = records(tmp_path / "lake").sort("_source")
    assert "total" not in rows.columns
    assert rows["title"].to_list() == ["from page 1", "from page 1"]
    assert [entry["unit"] for entry in rows["entries"][0]] == [None]
    assert rows.schema["kind"] == pl.Enum(["a"])


@pytest.mark.parametrize(
    ("old", "kind", "new"),
    [
        (pl.Series("x", [1, None]), pl.String(), ["1", None]),
        (pl.Series("x", [1], dtype=pl.Int64), pl.Float64(), [1.0]),
        (pl.Series("x", [Decimal("1.5")], dtype=pl.Decimal(10, 2)), pl.Decimal(20, 4), [Decimal("1.5")]),
        (pl.Series("x", ["a"], dtype=pl.Enum(["a"])), pl.Enum(["b", "a"]), ["a"]),
        (pl.Series("x", [{"a": 1}]), pl.Struct({"b": pl.String(), "a": pl.Int64()}), [{"b": None, "a": 1}]),
    ],
)
def test_values_move_into_the_new_type(
    old: pl.Series, kind: pl.DataType, new: list[Any], tmp_path: Path
) -> None:
    write_frame(tmp_path / NAME, old.to_frame())

    evolve([tmp_path / NAME], pl.Schema({"x": kind, "y": pl.String()}))

    read = pl.read_parquet(tmp_path / NAME)
    assert read["x"].to_list() == new
    assert read["y"].null_count() == len(new)


def test_a_value_that_does_not_fit_changes_nothing(tmp_path: Path) -> None:
    write_frame(tmp_path / NAME, pl.DataFrame({"x": ["12", "twelve"]}))
    before = (tmp_path / NAME).read_bytes()

    with pytest.raises(ConfigError, match="pagelake rebuild"):
        evolve([tmp_path / NAME], pl.Schema({"x": pl.Int64()}))

    assert (tmp_path / NAME).read_bytes() == before
