"""From an export in plain values to its files: checked, settings read, record type found."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from flows.engine import control_plane, engine_of
from flows.environment import loaded_settings
from flows.export_job import ExportJob
from flows.job import Job, ProcessOptions
from flows.work import image_options, passwords_of, record_type, render_limits, unasked, window_limits
from pipeline.batch.spool import DatasetLimits
from pipeline.errors import ConfigError
from pipeline.export.asking import AskingOptions, RequestsManifest, export_requests
from pipeline.export.export import ExportOptions, ExportSummary, ExportTally, export, plan
from pipeline.export.manifest import Manifest
from pipeline.export.retraining import rebuild_training
from pipeline.export.sending import Sent, parcels, send
from pipeline.export.splits import Splits
from pipeline.export.tables import Selection
from pipeline.export.training import TrainingOptions, TrainingPlan, export_training, plan_training
from pipeline.export.writers import Format
from pipeline.settings import Settings
from pipeline.store.results import schemas_in
from pipeline.store.working_copy import lake_at

_OF_TABLES = ("columns", "provenance", "explode", "partition_by", "removed")
_OF_RECORDS = ("where", "split", *_OF_TABLES)
_OF_REQUESTS = ("model", "pages", "limit")


def planned(job: ExportJob) -> ExportSummary | TrainingPlan:
    """What an export would write.

    Raises:
        PagelakeError: It is impossible.
    """
    _check(job)
    if job.manifest:
        raise ConfigError("a manifest says what is in its dataset; leave out --dry-run")
    if job.format == "batch":
        raise ConfigError("pagelake process --dry-run counts what would be asked; leave out --dry-run here")
    with _lake_here(job) as here:
        return plan_training(training_options(here)) if job.format == "sft" else plan(table_options(here))


@contextmanager
def _lake_here(job: ExportJob) -> Iterator[ExportJob]:
    """The job with its lake in a folder of this machine."""
    with lake_at(job.sources[0]) as lake:
        yield job.model_copy(update={"sources": [str(lake)]})


def has_tables(job: ExportJob) -> bool:
    """Whether tables are written, and no dataset."""
    return not job.manifest and job.format not in {"sft", "batch"}


def exported_tables(job: ExportJob, tally: ExportTally) -> ExportSummary:
    """What an export of tables has written; raises as `exported`, and stops at once when interrupted."""
    _check(job)
    with _lake_here(job) as here:
        return export(table_options(here), tally)


async def exported(
    job: ExportJob, tally: ExportTally, *, api_key: SecretStr | None = None
) -> tuple[ExportSummary | Manifest | RequestsManifest, list[Sent]]:
    """What an export has written, and what of it is at the service now.

    Args:
        job: What is asked.
        tally: Told how far it is.
        api_key: A key that goes before the settings' own.

    Raises:
        PagelakeError: It is impossible, or the files cannot be written or sent.
    """
    if has_tables(job):
        return await asyncio.to_thread(exported_tables, job, tally), []
    _check(job)
    settings = loaded_settings({"api_key": api_key}).settings
    if job.upload and engine_of(settings) == "local":
        raise ConfigError("name a service to upload to: set PAGELAKE_API_KEY, or PAGELAKE_BASE_URL")
    summary, folder = await _written(job, settings, tally)
    if not job.upload:
        return summary, []
    multipart_bytes = settings.batch_multipart_mb * 1_000_000
    async with control_plane(settings) as control:
        sent = await send(control, parcels(summary, folder), tally, multipart_bytes=multipart_bytes)
    return summary, sent


async def _written(
    job: ExportJob, settings: Settings, tally: ExportTally
) -> tuple[Manifest | RequestsManifest, Path]:
    """The dataset that was written, and where."""
    if job.manifest:
        out, limits, passwords = Path(job.out or "dataset"), render_limits(settings), passwords_of(settings)
        manifest = await rebuild_training(
            Path(job.manifest), out, limits, tally, passwords=passwords, force=job.force
        )
        return manifest, out
    if job.format == "sft":
        with _lake_here(job) as here:
            training = training_options(here)
            return await export_training(training, tally), training.out
    return await _requests(job, settings, tally)


async def _requests(job: ExportJob, settings: Settings, tally: ExportTally) -> tuple[RequestsManifest, Path]:
    options = ProcessOptions(engine="service", model=job.model or None, pages=job.pages, limit=job.limit)
    asked = Job(sources=job.sources, schema_name=job.schema_name, lake="", options=options)
    async with unasked(asked) as config:
        requests = AskingOptions(
            config=config,
            out=Path(job.out or f"{config.record.name}.batch"),
            datasets=DatasetLimits(
                max_bytes=settings.batch_shard_mb * 1_000_000, max_rows=settings.batch_shard_rows
            ),
            force=job.force,
        )
        return await export_requests(requests, tally), requests.out


def table_options(job: ExportJob) -> ExportOptions:
    """What a job about tables comes to; raises ConfigError where the record type or format is not found."""
    lake, schema, form = Path(job.sources[0]), _schema(job), _format(job)
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
            removed=job.removed,
        ),
        partition_by=tuple(job.partition_by),
        force=job.force,
    )


def training_options(job: ExportJob) -> TrainingOptions:
    """What a job about a dataset comes to; raises ConfigError where the record type is not found."""
    held = schemas_in(Path(job.sources[0]))
    if not job.schema_name and len(held) != 1:
        raise ConfigError(f"{job.sources[0]} holds {', '.join(held) or 'nothing'}; say which with --schema")
    record, settings = record_type(job.schema_name or held[0]), loaded_settings().settings
    return TrainingOptions(
        lake=Path(job.sources[0]),
        record=record,
        out=Path(job.out or f"{record.name}.sft"),
        splits=Splits.parse(job.split or "train=1"),
        where=job.where,
        images=image_options(settings),
        limits=render_limits(settings),
        passwords=passwords_of(settings),
        windows=window_limits(settings),
        force=job.force,
    )


def _check(job: ExportJob) -> None:
    """Raise ConfigError where options do not go together."""
    if job.manifest:
        _refuse(job, ("sources", "schema_name", *_OF_RECORDS, *_OF_REQUESTS), "--from-manifest")
        return
    if job.format == "batch":
        if not (job.sources and job.schema_name):
            raise ConfigError("name documents to ask about, and what to ask with --schema")
        _refuse(job, _OF_RECORDS, "--format batch")
        return
    if len(job.sources) != 1:
        raise ConfigError("name the lake to export, one")
    others = ("split",) if job.format != "sft" else _OF_TABLES
    if job.upload and job.format != "sft":
        raise ConfigError("--upload does not go with tables; it sends what sft and batch have written")
    _refuse(job, (*others, *_OF_REQUESTS), "--format sft" if job.format == "sft" else "tables")


def _refuse(job: ExportJob, names: tuple[str, ...], beside: str) -> None:
    for name in names:
        if getattr(job, name) not in ("", [], None, False):
            told = "LAKE" if name == "sources" else f"--{name.removesuffix('_name').replace('_', '-')}"
            raise ConfigError(f"{told} does not go with {beside}; leave one out")


def _schema(job: ExportJob) -> str:
    """The name that a lake knows a record type by, which may be asked for by its class as well.

    Empty where none is asked for and the lake has several.
    """
    held = schemas_in(Path(job.sources[0]))
    if not job.schema_name:
        return held[0] if len(held) == 1 else ""
    return job.schema_name if job.schema_name in held else record_type(job.schema_name).name


def _format(job: ExportJob) -> Format:
    """What is asked for, else what the suffix of the file says, else Parquet."""
    suffix = Path(job.out).suffix.removeprefix(".")
    if job.format is not None:
        return Format(job.format)
    if not suffix:
        return Format.PARQUET
    if suffix in list(Format):
        return Format(suffix)
    raise ConfigError(f"{job.out} has the suffix of no format; say --format {' or '.join(Format)}")
