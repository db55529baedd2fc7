"""An export as it is asked for, in plain values, and what it comes to."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from flows.work import record_type
from pipeline.errors import ConfigError
from pipeline.export.export import ExportOptions
from pipeline.export.tables import Selection
from pipeline.export.writers import Format
from pipeline.store.results import schemas_in


class ExportJob(BaseModel):
    """Everything an export is asked, in plain values.

    Attributes:
        lake: Folder of the lake.
        schema_name: Record type; empty for the only one of the lake.
        format: What to write; None for what the name of `out` says, or Parquet.
        out: File, or folder of a partition; empty for a name made from the record type.
        columns: Names of columns; empty for all.
        provenance: Whether the columns that pagelake adds come along; None for where no columns are named.
        where: Condition in SQL that records meet.
        explode: Lists to lay out as tables of their own.
        partition_by: Columns whose values name the folders of a partition.
        force: Whether what is there is replaced.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    lake: str
    schema_name: str = ""
    format: Format | None = None
    out: str = ""
    columns: list[str] = []
    provenance: bool | None = None
    where: str = ""
    explode: list[str] = []
    partition_by: list[str] = []
    force: bool = False


def options_of(job: ExportJob) -> ExportOptions:
    """What a job comes to.

    Raises:
        ConfigError: The record type or the format is not to be found.
    """
    lake, schema, form = Path(job.lake), schema_of(job), format_of(job)
    name = schema or lake.resolve().name
    return ExportOptions(
        lake=lake,
        schema=schema,
        form=form,
        out=Path(job.out or (name if job.partition_by else f"{name}.{form.value}")),
        selection=Selection(
            columns=tuple(job.columns),
            provenance=job.provenance,
            where=job.where,
            explode=tuple(job.explode),
        ),
        partition_by=tuple(job.partition_by),
        force=job.force,
    )


def schema_of(job: ExportJob) -> str:
    """The name that a lake knows a record type by, which may be asked for by its class as well.

    Empty where none is asked for and the lake has several.
    """
    held = schemas_in(Path(job.lake))
    if not job.schema_name:
        return held[0] if len(held) == 1 else ""
    return job.schema_name if job.schema_name in held else record_type(job.schema_name).name


def format_of(job: ExportJob) -> Format:
    """What is asked for, else what the suffix of the file says, else Parquet."""
    suffix = Path(job.out).suffix.removeprefix(".")
    if job.format is not None:
        return job.format
    if not suffix:
        return Format.PARQUET
    if suffix in list(Format):
        return Format(suffix)
    raise ConfigError(f"{job.out} has the suffix of no format; say --format {' or '.join(Format)}")
