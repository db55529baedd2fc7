"""An export as it is asked for, in plain values."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["parquet", "jsonl", "csv", "duckdb", "arrow", "sft", "batch"]


class ExportJob(BaseModel):
    """Everything an export is asked, in plain values.

    Attributes:
        sources: Folder of the lake, one; for batch datasets folders, files, patterns, or `@list.txt`; none
            with a manifest.
        schema_name: Record type; empty for the only one of the lake.
        format: What to write; None for what the name of `out` says, or Parquet.
        out: File, or folder of a partition or dataset; empty for a name made from the record type.
        where: Condition in SQL that records meet.
        columns: Names of columns; empty for all.
        provenance: Whether the columns that pagelake adds come along; None for where no columns are named.
        explode: Lists to lay out as tables of their own.
        partition_by: Columns whose values name the folders of a partition.
        split: Shares of documents of a dataset, such as `train=0.9,test=0.1`; empty for one split, train.
        manifest: A dataset to make again.
        model: Id of the model that batch datasets are for; empty for that of the settings.
        pages: Pages of each document that batch datasets ask about, such as `1-3,7,10-`.
        limit: Most documents that batch datasets ask about.
        removed: Whether records of documents that no file holds any more come along.
        force: Whether what is there is replaced.
        upload: Whether datasets are made at the service of what was written.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: list[str] = []
    schema_name: str = ""
    format: Kind | None = None
    out: str = ""
    where: str = ""
    columns: list[str] = []
    provenance: bool | None = None
    explode: list[str] = []
    partition_by: list[str] = []
    split: str = ""
    manifest: str = ""
    model: str = ""
    pages: str | None = None
    limit: int | None = None
    removed: bool = False
    force: bool = False
    upload: bool = False
