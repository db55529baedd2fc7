"""`pagelake export`: what a lake holds, for other tools."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows import options as opt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType
    from rich.text import Text

    from flows.export_job import ExportJob
    from pipeline.export.export import ExportSummary, ExportTally


class To(StrEnum):
    """What can be written; as `pipeline.export.writers.Format`."""

    PARQUET = "parquet"
    JSONL = "jsonl"
    CSV = "csv"
    DUCKDB = "duckdb"
    ARROW = "arrow"


Lake = Annotated[Path, typer.Argument(metavar="LAKE", help="Folder of the lake.", show_default=False)]
Schema = Annotated[
    str,
    typer.Option(
        "--schema",
        "-s",
        metavar="NAME",
        help="Record type. Left out: the only one of the lake, or all of them in a file of DuckDB.",
        show_default=False,
    ),
]
As = Annotated[
    To | None,
    typer.Option("--format", "-f", help="What to write. Left out: what --out ends in, or parquet."),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="PATH",
        help="File to write, or folder with --partition-by. Left out: the record type with the format.",
    ),
]
Columns = Annotated[str, typer.Option(metavar="A,B,…", help="Only these columns, in this order.")]
Provenance = Annotated[
    bool | None,
    typer.Option(
        "--provenance/--no-provenance",
        help="Whether the columns that begin with _ come along. Left out: unless --columns are named.",
    ),
]
Where = Annotated[
    str, typer.Option(metavar="SQL", help="Only records that meet a condition, such as 'total > 100'.")
]
Explode = Annotated[
    list[str] | None,
    typer.Option(metavar="LIST", help="Write the items of a list as a table of their own; may be repeated."),
]
Partition = Annotated[
    str,
    typer.Option("--partition-by", metavar="A,B,…", help="Write folders named by the values of columns."),
]
Force = Annotated[bool, typer.Option("--force", help="Replace what is at PATH.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Write nothing: show tables, rows and columns.")]


def export(  # noqa: PLR0913 - each is an option of the command
    lake: Lake,
    *,
    schema: Schema = "",
    to: As = None,
    out: Out = None,
    columns: Columns = "",
    provenance: Provenance = None,
    where: Where = "",
    explode: Explode = None,
    partition_by: Partition = "",
    force: Force = False,
    dry_run: DryRun = False,
    as_json: opt.AsJson = False,
) -> None:
    """Write the records of a lake as files for other tools.

    Only committed rows are written, of a document that was worked twice the newer ones.

    Examples: pagelake export lake -s invoice -f csv, pagelake export lake -s invoice -o a.parquet
    --where "total > 100 AND issue_date >= '2024-01-01'" --explode line_items
    """
    from flows.export_job import ExportJob

    job = ExportJob(
        lake=str(lake),
        schema_name=schema,
        format=to.value if to else None,
        out=str(out or ""),
        columns=_names(columns),
        provenance=provenance,
        where=where,
        explode=explode or [],
        partition_by=_names(partition_by),
        force=force,
    )
    _tables(job, dry_run=dry_run, as_json=as_json)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _tables(job: "ExportJob", *, dry_run: bool, as_json: bool) -> None:
    from flows.console import consoles, print_json
    from flows.export_job import options_of
    from pipeline.export.export import ExportTally, plan
    from pipeline.export.export import export as exported

    options, tally = options_of(job), ExportTally()
    if dry_run:
        summary = plan(options)
    else:
        with consoles()[1].status(_Watching(tally)):
            summary = exported(options, tally)
    if as_json:
        print_json(summary.model_dump(mode="json"))
    else:
        consoles()[0].print(_told(summary), soft_wrap=True)


class _Watching:
    """What an export has written so far, looked up whenever it is shown."""

    def __init__(self, tally: "ExportTally") -> None:
        self._tally = tally

    def __rich__(self) -> "Text":
        """One line."""
        from rich.text import Text

        from pipeline.export.places import size_of

        if self._tally.path is None:
            return Text("counting rows")
        size = size_of(self._tally.path) / 1e6
        return Text(f"writing {self._tally.rows} rows of {self._tally.doing}: {size:.1f} MB")


def _told(summary: "ExportSummary") -> "RenderableType":
    from rich.text import Text

    return Text("\n".join(_lines(summary)))


def _lines(summary: "ExportSummary") -> "Iterator[str]":
    from flows.console import counted
    from pipeline.records import printable

    for table in summary.tables:
        yield f"{table.name}: {counted(table.rows, 'row')}, {counted(len(table.columns), 'column')}"
        if not table.files:
            yield from (f"  {name}: {kind}" for name, kind in table.columns.items())
    files = {file.path: file for table in summary.tables for file in table.files}
    if len(files) > len(summary.tables):
        size = sum(file.bytes for file in files.values())
        yield f"{printable(summary.out)}: {counted(len(files), 'file')}, {size / 1e6:.1f} MB"
    else:
        for path, file in files.items():
            yield f"{printable(path)}: {file.bytes / 1e6:.1f} MB, sha256 {file.sha256}"
