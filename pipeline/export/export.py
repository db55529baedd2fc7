"""The tables of a lake as files of other formats."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from polars import LazyFrame
from pydantic import BaseModel, ConfigDict

from pipeline.errors import ConfigError
from pipeline.export.places import WrittenFile, check_free, folder_beside, written
from pipeline.export.tables import ExportTable, Selection, tables_of
from pipeline.export.writers import Format, check_duckdb, write_duckdb, write_file, write_partitioned
from pipeline.store.children import children_of
from pipeline.store.parquet import beside
from pipeline.store.results import schemas_in


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """What is exported, and where to.

    Attributes:
        lake: Root folder of the lake.
        schema: Name of the record type; empty for the only one, or for all of them in a file of DuckDB.
        form: What tables are written as.
        out: The file; the folder, where there is a partition.
        selection: Which rows and columns.
        partition_by: Columns whose values name the folders of a partition; empty for one file.
        force: Whether what is there is replaced.
    """

    lake: Path
    out: Path
    form: Format
    schema: str = ""
    selection: Selection = field(default_factory=Selection)
    partition_by: tuple[str, ...] = ()
    force: bool = False


class TableSummary(BaseModel):
    """A table that was written, or would be.

    Attributes:
        name: As the lake calls it.
        rows: How many.
        columns: Their names and types.
        files: Empty where nothing was written.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    rows: int
    columns: dict[str, str]
    files: list[WrittenFile] = []


class ExportSummary(BaseModel):
    """What an export came to."""

    model_config = ConfigDict(frozen=True)

    lake: str
    format: Format
    out: str
    tables: list[TableSummary]


@dataclass(slots=True)
class ExportTally:
    """What an export is doing now, for whoever looks on.

    Attributes:
        doing: Name of the table being written.
        path: Where its bytes grow; None before the first.
        rows: Rows it will have.
        sent_bytes: How much has gone to the service of what goes there now.
        to_send_bytes: How much that is; 0 while files are written.
    """

    doing: str = ""
    path: Path | None = None
    rows: int = 0
    sent_bytes: int = 0
    to_send_bytes: int = 0

    def sent(self, more: int) -> None:
        """So many more bytes have gone out."""
        self.sent_bytes += more


def plan(options: ExportOptions) -> ExportSummary:
    """What an export would write; everything that can be wrong with it shows here.

    Raises:
        ConfigError: It is impossible, or would replace something.
        StoreError: The lake cannot be read.
    """
    return _summary(options, _planned(options))


def export(options: ExportOptions, tally: ExportTally) -> ExportSummary:
    """Write tables of a lake, each file whole or not at all; memory does not grow with the lake.

    Raises:
        ConfigError: It is impossible, or would replace something.
        StoreError: The lake cannot be read, or a file not be written.
    """
    tables = _planned(options)
    with contextlib.ExitStack() as files:
        if options.form is Format.DUCKDB:
            _write_database(tables, files.enter_context(beside(options.out)), tally)
        else:
            for table in tables:
                _write(table, options, files, tally)
    summary = _summary(options, tables)
    return summary.model_copy(
        update={
            "tables": [
                told.model_copy(update={"files": written(_path(table, options))})
                for told, table in zip(summary.tables, tables, strict=True)
            ]
        }
    )


def _planned(options: ExportOptions) -> list[ExportTable]:
    _check(options)
    tables = [table for schema in _schemas(options) for table in _tables(options, schema)]
    for table in tables:
        check_free(_path(table, options), force=options.force, folder=bool(options.partition_by))
    _check_keys(options.partition_by, tables[0])
    return tables


def _check(options: ExportOptions) -> None:
    if options.form is Format.DUCKDB:
        check_duckdb()
    if options.partition_by and options.form is Format.DUCKDB:
        raise ConfigError("a file of DuckDB has no partition; leave out --partition-by")
    if options.partition_by and options.selection.explode:
        raise ConfigError(
            "items do not have the columns of their records: export them without --partition-by"
        )


def _check_keys(keys: Sequence[str], records: ExportTable) -> None:
    there = records.frame.collect_schema()
    for key in keys:
        if key not in there:
            raise ConfigError(f"--partition-by {key}: no column of this name is exported")
        if there[key].is_nested():
            raise ConfigError(f"--partition-by {key}: a list or struct cannot name a folder")
    if keys and len(keys) == len(there):
        raise ConfigError("--partition-by names all columns: there would be nothing in the files")


def _schemas(options: ExportOptions) -> list[str]:
    if options.schema:
        return [options.schema]
    held = schemas_in(options.lake)
    if len(held) == 1 or (held and options.form is Format.DUCKDB and options.selection == Selection()):
        return held
    raise ConfigError(
        f"{options.lake} holds {', '.join(held) or 'nothing'}; say which to export with --schema"
    )


def _tables(options: ExportOptions, schema: str) -> list[ExportTable]:
    selection = options.selection
    if options.form is Format.DUCKDB:  # one file has place for what the lake has laid out
        lists = (*selection.explode, *children_of(options.lake, schema))
        selection = replace(selection, explode=tuple(dict.fromkeys(lists)))
    return tables_of(options.lake, schema, selection)


def _path(table: ExportTable, options: ExportOptions) -> Path:
    """Items lie beside their records: `a.csv`, `a.line_items.csv`."""
    if not table.items or options.form is Format.DUCKDB:
        return options.out
    return options.out.with_name(f"{options.out.stem}.{table.items}{options.out.suffix}")


def _write(
    table: ExportTable, options: ExportOptions, files: contextlib.ExitStack, tally: ExportTally
) -> None:
    path = _path(table, options)
    tally.doing, tally.rows = table.name, table.rows
    if options.partition_by:
        tally.path = files.enter_context(folder_beside(path))
        write_partitioned(table.frame, options.form, tally.path, options.partition_by)
    else:
        tally.path = files.enter_context(beside(path))
        write_file(table.frame, options.form, tally.path)


def _write_database(tables: Sequence[ExportTable], path: Path, tally: ExportTally) -> None:
    tally.doing, tally.rows, tally.path = "tables", sum(table.rows for table in tables), path
    frames = {_table_name(table): table.frame for table in tables}
    if len(frames) < len(tables):
        raise ConfigError("two tables would have the same name; export one record type with --schema")
    write_duckdb(frames, path)


def _table_name(table: ExportTable) -> str:
    return f"{table.schema}_{table.items}" if table.items else table.schema


def _summary(options: ExportOptions, tables: Sequence[ExportTable]) -> ExportSummary:
    return ExportSummary(
        lake=str(options.lake),
        format=options.form,
        out=str(options.out),
        tables=[
            TableSummary(name=table.name, rows=table.rows, columns=_columns(table.frame)) for table in tables
        ],
    )


def _columns(frame: LazyFrame) -> dict[str, str]:
    return {name: str(kind) for name, kind in frame.collect_schema().items()}
