"""Records that were written under another shape of their record type, brought into the new one."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from pipeline.errors import ConfigError
from pipeline.store.parquet import write_frame
from pipeline.store.parts import columns_in, read_parts


def evolve(parts: Sequence[Path], columns: pl.Schema) -> None:
    """Rewrite the parts that have other columns: new ones are empty, lost ones go, others are cast.

    All parts are read and cast before the first is written.

    Raises:
        ConfigError: A value does not fit the new type of its column.
    """
    others = [part for part in parts if columns_in(part) != columns]
    for part in others:
        _shaped(part, columns)
    for part in others:
        write_frame(part, _shaped(part, columns))


def widen(parts: Sequence[Path], columns: pl.Schema) -> None:
    """Give parts that an older version wrote the columns they lack, empty; all that is in them stays."""
    for part in parts:
        there = columns_in(part)
        if not columns.keys() <= there.keys():
            known = {name: there.get(name, kind) for name, kind in columns.items()}
            write_frame(part, _shaped(part, pl.Schema({**known, **there})))


def _shaped(part: Path, columns: pl.Schema) -> pl.DataFrame:
    frame = read_parts([part])
    try:
        return frame.select(
            _cast(frame[name], kind) if name in frame.columns else pl.lit(None, kind).alias(name)
            for name, kind in columns.items()
        )
    except (pl.exceptions.PolarsError, TypeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ConfigError(
            f"the records in {part} do not fit the new columns ({reason}); derive them from their answers "
            "with pagelake rebuild, or choose another --out"
        ) from error


def _cast(values: pl.Series, kind: pl.DataType) -> pl.Series:
    """The values in another type; through Python, which alone fits structs by the names of their fields."""
    if values.dtype == kind:
        return values
    if kind.is_nested() or values.dtype.is_nested():
        return pl.Series(values.name, values.to_list(), dtype=kind, strict=True)
    return values.cast(kind, strict=True)
