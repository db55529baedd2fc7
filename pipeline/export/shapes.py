"""How the values of a column are spelt where a format does not have their type."""

from collections.abc import Mapping

import polars as pl
from polars.datatypes import DataTypeClass

_JSON_HEAD, _JSON_TAIL = '{"v":', "}"
_DUCKDB: Mapping[type[pl.DataType], str] = {
    pl.String: "VARCHAR",
    pl.Enum: "VARCHAR",  # one without values, which DuckDB does not have
    pl.Boolean: "BOOLEAN",
    pl.Int32: "INTEGER",
    pl.Int64: "BIGINT",
    pl.Float64: "DOUBLE",
    pl.Date: "DATE",
    pl.Time: "TIME",
    pl.Duration: "INTERVAL",
}


def for_csv(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Lists and structs as JSON text; dates, times and durations as ISO 8601 has them."""
    return frame.select(_as_text(name, kind) for name, kind in frame.collect_schema().items())


def for_jsonl(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Numbers that JSON does not have, infinite ones and those that are none, as null.

    polars spells the rest: decimals as text with all their digits, which no reader rounds; dates, times and
    durations as ISO 8601 has them; lists and structs as arrays and objects.
    """
    floats = [name for name, kind in frame.collect_schema().items() if kind.is_float()]
    return frame.with_columns(pl.when(pl.col(name).is_finite()).then(name).alias(name) for name in floats)


def for_duckdb(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Durations as text that DuckDB casts to an interval; Parquet has no type for them."""
    return frame.select(
        _spelt(pl.col(name), kind).alias(name) for name, kind in frame.collect_schema().items()
    )


def duckdb_type(kind: pl.DataType) -> str:
    """The type of a column in DuckDB."""
    match kind:
        case pl.Decimal():
            return f"DECIMAL({kind.precision},{kind.scale})"
        case pl.Datetime():
            return "TIMESTAMPTZ" if kind.time_zone else "TIMESTAMP"
        case pl.Enum() if len(kind.categories):
            return f"ENUM({', '.join(map(literal, kind.categories))})"
        case pl.List():
            return f"{duckdb_type(_instance(kind.inner))}[]"
        case pl.Struct():
            parts = (f"{identifier(one.name)} {duckdb_type(_instance(one.dtype))}" for one in kind.fields)
            return f"STRUCT({', '.join(parts)})"
    return _DUCKDB[type(kind)]


def identifier(name: str) -> str:
    """A name as SQL takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL takes it, whatever is in it."""
    return "'" + text.replace("'", "''") + "'"


def _as_text(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if kind.is_temporal():
        return column.dt.to_string("iso:strict")
    if not kind.is_nested():
        return column
    # polars writes structs as JSON, and nothing else: so the value is put into one, and taken out as text
    text = pl.struct(v=column).struct.json_encode().str.strip_prefix(_JSON_HEAD).str.strip_suffix(_JSON_TAIL)
    return pl.when(column.is_not_null()).then(text).alias(name)


def _spelt(value: pl.Expr, kind: pl.DataType) -> pl.Expr:
    match kind:
        case pl.Duration():
            return pl.format("{} microseconds", value.dt.total_microseconds())
        case pl.List():
            return value.list.eval(_spelt(pl.element(), _instance(kind.inner)))
        case pl.Struct():
            parts = [
                _spelt(value.struct.field(one.name), _instance(one.dtype)).alias(one.name)
                for one in kind.fields
            ]
            return pl.when(value.is_not_null()).then(pl.struct(parts))
    return value


def _instance(kind: DataTypeClass | pl.DataType) -> pl.DataType:
    return kind if isinstance(kind, pl.DataType) else kind()
