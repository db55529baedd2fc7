"""The options of `pagelake export`, as the command line shows them."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

_TABLES, _TRAINING, _ASKING = "Tables", "Datasets to train with", "Datasets for batch jobs"


class To(StrEnum):
    """What can be written: the formats of `pipeline.export.writers.Format`, and datasets."""

    PARQUET = "parquet"
    JSONL = "jsonl"
    CSV = "csv"
    DUCKDB = "duckdb"
    ARROW = "arrow"
    SFT = "sft"
    BATCH = "batch"


Sources = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="LAKE|SOURCE...",
        help="Folder of a lake; for batch datasets documents, as for pagelake process. None with "
        "--from-manifest.",
        show_default=False,
    ),
]
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
    typer.Option(
        "--format",
        "-f",
        help="What to write; sft is for fine-tuning. Left out: what --out ends in, or parquet.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="PATH",
        help="File to write; folder with --partition-by and for datasets. Left out: the record type with the "
        "format.",
    ),
]
Columns = Annotated[
    str, typer.Option(metavar="A,B,…", rich_help_panel=_TABLES, help="Only these columns, in this order.")
]
Provenance = Annotated[
    bool | None,
    typer.Option(
        "--provenance/--no-provenance",
        rich_help_panel=_TABLES,
        help="Whether the columns that begin with _ come along. Left out: unless --columns are named.",
    ),
]
Where = Annotated[
    str, typer.Option(metavar="SQL", help="Only records that meet a condition, such as 'total > 100'.")
]
Explode = Annotated[
    list[str] | None,
    typer.Option(
        metavar="LIST",
        rich_help_panel=_TABLES,
        help="Write the items of a list as a table of their own; may be repeated.",
    ),
]
Partition = Annotated[
    str,
    typer.Option(
        "--partition-by",
        metavar="A,B,…",
        rich_help_panel=_TABLES,
        help="Write folders named by the values of columns.",
    ),
]
Removed = Annotated[
    bool,
    typer.Option(
        "--removed",
        rich_help_panel=_TABLES,
        help="Write records of documents that no file holds any more as well.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace what is at PATH.")]
Upload = Annotated[
    bool, typer.Option("--upload", help="Make datasets at the service of what was written (sft and batch).")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Write nothing: show tables, rows and columns.")]
Split = Annotated[
    str,
    typer.Option(
        metavar="NAME=SHARE,…",
        rich_help_panel=_TRAINING,
        help="Shares of the documents, such as train=0.9,test=0.1. Left out: all of them in train.",
        show_default=False,
    ),
]
FromManifest = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=_TRAINING,
        help="Make the dataset of this manifest again, from the sources alone.",
    ),
]
Model = Annotated[
    str,
    typer.Option(
        metavar="ID",
        rich_help_panel=_ASKING,
        help="Model that is going to be asked. Left out: that of the settings.",
        show_default=False,
    ),
]
Pages = Annotated[
    str | None,
    typer.Option(
        metavar="RANGES", rich_help_panel=_ASKING, help="Ask only about these pages, such as 1-3,7,10-."
    ),
]
Limit = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", rich_help_panel=_ASKING, help="Ask about at most N documents."),
]
