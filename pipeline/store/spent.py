"""What the answers of a lake cost."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import polars as pl

from pipeline.errors import ConfigError
from pipeline.store.parts import parts_of, read_parts
from pipeline.store.tables import ANSWERS, DOCUMENTS

GROUPS = ("run", "model", "schema", "road", "day")
"""What the sum can be broken down by; the day is the one in UTC on which an answer came."""

_COUNTED = ["prompt_tokens", "completion_tokens", "cached_tokens"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What some answers used and cost.

    Attributes:
        of: What they have in common: the values of the groups that were asked for, in that order.
        answers: How many they are.
        cost: US dollars of those that have a price.
        unpriced: Answers that came while no prices were set.
    """

    of: tuple[str, ...]
    answers: int
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cost: Decimal
    unpriced: int


def spent_in(lake: Path, groups: tuple[str, ...]) -> list[Spent]:
    """What the answers of a lake cost, summed by the columns in `groups`, sorted by them.

    An answer that stands in the table twice, as after a kill, was paid for once and counts once.

    Raises:
        ConfigError: It is not a lake.
        StoreError: It cannot be read.
    """
    if not (lake / DOCUMENTS.folder).is_dir():
        raise ConfigError(f"{lake} is not a lake; name the folder that was given to --out")
    parts = parts_of(lake / ANSWERS.folder)
    read = [*(name for name in GROUPS if name != "day"), "received_at", "custom_id", *_COUNTED, "cost"]
    rows = read_parts(parts, columns=read)
    if not rows.width:
        return []
    rows = rows.unique("custom_id", keep="first", maintain_order=True)
    rows = rows.with_columns(pl.col("received_at").dt.date().alias("day"))
    sums = [
        pl.len().alias("answers"),
        *(pl.col(name).sum() for name in _COUNTED),
        pl.col("cost").sum(),
        pl.col("cost").is_null().sum().alias("unpriced"),
    ]
    summed = rows.group_by(groups).agg(sums).sort(groups) if groups else rows.select(sums)
    return [
        Spent(
            of=tuple(str(row.pop(name)) for name in groups),
            **row | {"cost": row["cost"] or Decimal(0)},
        )
        for row in summed.iter_rows(named=True)
    ]


def usual_latency_s(lake: Path, model: str) -> float | None:
    """Mean seconds of a model's answers that came online; None when there are none.

    Raises:
        StoreError: The lake cannot be read.
    """
    online = (pl.col("model") == model, pl.col("road") == "online", pl.col("latency_s") > 0)
    rows = read_parts(parts_of(lake / ANSWERS.folder), *online, columns=["latency_s"])
    mean = rows.to_series().mean() if rows.height else None
    return float(mean) if isinstance(mean, float) else None
