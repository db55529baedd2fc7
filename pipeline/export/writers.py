"""One table as files of a format."""

import contextlib
import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.errors import ConfigError, StoreError
from pipeline.export.shapes import duckdb_type, for_csv, for_duckdb, for_jsonl, identifier, literal

Target = Path | pl.PartitionBy


class Format(StrEnum):
    """What tables are written as; the value is the suffix of the file."""

    PARQUET = "parquet"
    JSONL = "jsonl"
    CSV = "csv"
    ARROW = "arrow"
    DUCKDB = "duckdb"


_MEMORY = {"memory_limit": "1GB"}
"""DuckDB would take four fifths of the machine."""

_KEEPS_KEYS = {Format.JSONL, Format.CSV}
"""Formats whose readers do not look for columns in the names of folders."""


def write_file(frame: pl.LazyFrame, form: Format, path: Path) -> None:
    """Write a table as one file, streaming; any format but DuckDB's.

    Raises:
        polars.exceptions.PolarsError: It cannot be written; OSError likewise.
    """
    _SINKS[form](frame, path)


def write_partitioned(frame: pl.LazyFrame, form: Format, folder: Path, keys: Sequence[str]) -> None:
    """Write a table as files in folders named `key=value`, streaming; raises as `write_file`.

    Where readers know such names, as of Parquet and Arrow, the keys are not in the files as well.
    """
    folder.mkdir(parents=True)
    _SINKS[form](frame, pl.PartitionBy(folder, key=list(keys), include_key=form in _KEEPS_KEYS))


def write_duckdb(tables: Mapping[str, pl.LazyFrame], path: Path) -> None:
    """Write tables, each under the name it gets, into a new file of DuckDB, streaming.

    Raises:
        StoreError: DuckDB cannot write it.
        polars.exceptions.PolarsError: The rows cannot be read.
    """
    duckdb = _duckdb()
    rows, log = (path.with_name(f"{path.name}.{kind}") for kind in ("rows", "wal"))
    try:
        with _passing(rows), _passing(log):
            path.unlink(missing_ok=True)
            with contextlib.closing(duckdb.connect(path, config=_MEMORY)) as database:
                for name, frame in tables.items():
                    for_duckdb(frame).sink_parquet(rows, compression="lz4")
                    database.execute(_create(name, frame.collect_schema(), rows))
    except duckdb.Error as error:
        raise StoreError(f"{path} could not be written: {str(error).splitlines()[0]}") from error


def check_duckdb() -> None:
    """Raise ConfigError unless DuckDB is installed."""
    _duckdb()


def _duckdb() -> Any:
    try:
        return importlib.import_module("duckdb")
    except ImportError:
        raise ConfigError(
            "files of DuckDB need the package duckdb: install pagelake with its extra, pagelake[duckdb]"
        ) from None


@contextlib.contextmanager
def _passing(path: Path) -> Iterator[None]:
    """Nothing is at the path before the block, nor after it."""
    path.unlink(missing_ok=True)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _create(name: str, columns: pl.Schema, file: Path) -> str:
    cells = (
        f"CAST({identifier(column)} AS {duckdb_type(kind)}) AS {identifier(column)}"
        for column, kind in columns.items()
    )
    rows = f"read_parquet({literal(str(file))}, hive_partitioning = false)"
    return f"CREATE TABLE {identifier(name)} AS SELECT {', '.join(cells)} FROM {rows}"  # noqa: S608 - quoted


def _parquet(frame: pl.LazyFrame, target: Target) -> None:
    frame.sink_parquet(target, compression="zstd")


def _jsonl(frame: pl.LazyFrame, target: Target) -> None:
    for_jsonl(frame).sink_ndjson(target)


def _csv(frame: pl.LazyFrame, target: Target) -> None:
    for_csv(frame).sink_csv(target)


def _arrow(frame: pl.LazyFrame, target: Target) -> None:
    # Not every reader of Arrow takes compressed files, or polars' newest kinds of text.
    frame.sink_ipc(target, compression="uncompressed", compat_level=pl.CompatLevel.oldest())


_SINKS: Mapping[Format, Callable[[pl.LazyFrame, Target], None]] = {
    Format.PARQUET: _parquet,
    Format.JSONL: _jsonl,
    Format.CSV: _csv,
    Format.ARROW: _arrow,
}
