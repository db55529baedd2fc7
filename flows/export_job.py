"""An export as it is asked for, in plain values."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["parquet", "jsonl", "csv", "duckdb", "arrow", "sft", "batch"]


class ExportJob(BaseModel):
    """Everything an export is asked, in plain values."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    sources: list[str] = []
    """Folder of the lake, one; for batch datasets folders, files, patterns, or `@list.txt`; none with a
    manifest."""
    schema_name: str = ""
    """Record type; empty for the only one of the lake."""
    format: Kind | None = None
    """What to write; empty for what the name of `out` says, or Parquet."""
    out: str = ""
    """File, or folder of a partition or dataset; empty for a name made from the record type."""
    where: str = ""
    """Condition in SQL that records meet."""
    columns: list[str] = []
    """Names of columns; empty for all."""
    provenance: bool | None = None
    """Whether the columns that pagelake adds come along; empty for where no columns are named."""
    explode: list[str] = []
    """Lists to lay out as tables of their own."""
    partition_by: list[str] = []
    """Columns whose values name the folders of a partition."""
    split: str = ""
    """Shares of documents of a dataset, such as `train=0.9,test=0.1`; empty for one split, train."""
    manifest: str = ""
    """A dataset to make again."""
    model: str = ""
    """Id of the model that batch datasets are for; empty for that of the settings."""
    pages: str | None = None
    """Pages of each document that batch datasets ask about, such as `1-3,7,10-`."""
    limit: int | None = Field(None, ge=1)
    """Most documents that batch datasets ask about."""
    removed: bool = False
    """Whether records of documents that no file holds any more come along."""
    force: bool = False
    """Whether what is there is replaced."""
    upload: bool = False
    """Whether datasets are made at the service of what was written."""
