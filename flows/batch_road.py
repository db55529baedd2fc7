"""A job along the batch road: the control plane opened, the errand run, what is needed to go on kept."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from flows.engine import control_of, control_plane, engine_of
from flows.environment import loaded_settings
from flows.job import Errand, Job, ProcessOptions, Watch
from pipeline.batch.job import JOBS, BatchJob, Step, make_jobs_folder
from pipeline.batch.moves import Deadlines, Mover, as_seen
from pipeline.batch.reserve import Reserve
from pipeline.batch.road import Remainder
from pipeline.batch.spool import DatasetLimits
from pipeline.batch_run import BatchRun, is_pending
from pipeline.config import RunConfig
from pipeline.dispatch import BatchOptions
from pipeline.errors import ConfigError, NotFound, StoreError
from pipeline.records import Usage, printable
from pipeline.service.control import ControlPlane
from pipeline.service.jobs import get_job
from pipeline.service.polling import Polling
from pipeline.settings import Settings
from pipeline.settled import Settled
from pipeline.store.disk import remove
from pipeline.store.following import address_of
from pipeline.store.parquet import write_text
from pipeline.summary import RunSummary
from pipeline.walk import Wrap

_ASKED = ".asked"

OF_THE_QUESTION = frozenset(
    {
        *("engine", "base_url", "control_url", "account_id", "dialect", "model"),
        *("max_tokens", "temperature", "reasoning_effort", "response_format", "extra_body"),
        *("long_side", "quality", "image_format", "max_images", "max_encoded_bytes"),
    }
)
"""Settings that decide who is asked, and what: when answers are collected they are those of the asking."""


_STEPS = {
    Errand.PROCESS: BatchRun.process,
    Errand.SUBMIT: BatchRun.submit,
    Errand.COLLECT: BatchRun.advance,
    Errand.FOLLOW: BatchRun.follow,
    Errand.CANCEL: BatchRun.cancel,
}


class Asked(BaseModel):
    """What a lake's batch jobs were made for, so that another process can go on.

    Attributes:
        question_id: What each document is asked.
        job: As it was begun, with the settings of then; no key is among them.
    """

    model_config = ConfigDict(frozen=True)

    question_id: str
    job: Job


def asked_in(lake: Path) -> list[Asked]:
    """What batch jobs of a lake were made for and is not over.

    Raises:
        ConfigError: It is no lake.
        StoreError: That cannot be read.
    """
    if not (lake / "documents").is_dir():
        raise ConfigError(f"{lake} is not a lake; name the folder that was given to --out")
    found = []
    for file in sorted((lake / JOBS / _ASKED).glob("[!.]*.json")):
        try:
            found.append(Asked.model_validate_json(file.read_bytes()))
        except (OSError, ValueError) as error:
            raise StoreError(
                f"{file} cannot be read: move it out of the lake and submit the same documents again"
            ) from error
    return found


async def along_batch(
    job: Job, config: RunConfig, settings: Settings, *, watch: Watch, wrap: Wrap
) -> RunSummary:
    """What came of a job's errand.

    Raises:
        ConfigError: The service has no batch jobs, or what is asked for is impossible.
        PagelakeError: As for any run.
    """
    _check(job, config, settings)
    if job.errand in {Errand.PROCESS, Errand.SUBMIT}:
        _keep(job, config, settings)
    async with control_of(settings, config.endpoint) as control:
        await _check_service(control)
        options = _options(job, config, settings, control, watch)
        run = BatchRun(config, options, Settled(watch.tally), wrap=wrap, stop=watch.stop)
        summary = await _STEPS[job.errand](run)
    _forget(config)
    return summary


def going_on(asked: Asked, errand: Errand, *, lake: str = "", **changes: object) -> Job:
    """The job that goes on with what was begun.

    Args:
        asked: What was begun.
        errand: COLLECT, FOLLOW or CANCEL.
        lake: Where the lake is now; empty for where it was.
        changes: Options other than those it was begun with; None leaves one as it is.
    """
    given = {name: value for name, value in changes.items() if value is not None}
    file = asked.job.options.password_file
    if file and not Path(file).exists():
        given = {"password_file": None} | given  # answers that came need no password
    options = asked.job.options.model_copy(update=given)
    return asked.job.model_copy(
        update={
            "errand": errand,
            "lake": lake or asked.job.lake,
            "options": options,
            "question_id": asked.question_id,
        }
    )


async def seen_now(jobs: Sequence[BatchJob], asked: Sequence[Asked]) -> list[BatchJob]:
    """The same jobs as the service sees them now; those it does not have under way, as they were.

    Args:
        jobs: Of a lake.
        asked: What they were made for.

    Raises:
        ConfigError: A setting cannot be used.
        ServiceError: The service does not answer.
    """
    made_for = {one.question_id: loaded_settings(one.job.settings).settings for one in asked}
    return [
        await _seen(job, made_for[job.question_id])
        if job.step is Step.RUNNING and job.question_id in made_for
        else job
        for job in jobs
    ]


async def _seen(job: BatchJob, settings: Settings) -> BatchJob:
    async with control_plane(settings) as control:
        try:
            return as_seen(job, await get_job(control, job.job_id))
        except NotFound:
            return job.model_copy(update={"state": "DELETED"})


def _check(job: Job, config: RunConfig, settings: Settings) -> None:
    """Raise ConfigError when these settings and options do not go together."""
    options, model = job.options, config.model
    if job.question_id not in {"", config.question_id()}:
        raise ConfigError(
            f"the record type {job.schema_name} has changed since its batch jobs were made: put it back as "
            "it was until they are collected"
        )
    check_deadline(options)
    if engine_of(settings) == "local" and job.errand is not Errand.PROCESS:
        raise ConfigError(
            "the embedded engine ends with this command, and its batch jobs with it: start it with pagelake "
            "local serve --state FOLDER and name it with --base-url, or use pagelake process --road batch"
        )
    if "#" in model:
        raise ConfigError(
            f"batch jobs are worked by models, not by deployments such as {model}: name the model alone, or "
            "use --road online"
        )


async def _check_service(control: ControlPlane) -> None:
    try:
        await control.account()
    except NotFound as error:
        raise ConfigError(
            "the service has no batch jobs at its base URL: use --road online, or set PAGELAKE_CONTROL_URL"
        ) from error


def _options(
    job: Job, config: RunConfig, settings: Settings, control: ControlPlane, watch: Watch
) -> BatchOptions:
    def price(usage: Usage) -> Decimal | None:
        return config.prices.of(usage, "batch") if config.prices else None

    mover = Mover(
        control=control,
        multipart_bytes=settings.batch_multipart_mb * 1_000_000,
        deadlines=Deadlines(start=timedelta(seconds=settings.batch_start_patience_s)),
        polling=Polling(deadline_s=settings.batch_ready_patience_s),
        uploaded=watch.tally.upload,
    )
    return BatchOptions(
        mover=mover,
        datasets=DatasetLimits(
            max_bytes=settings.batch_shard_mb * 1_000_000, max_rows=settings.batch_shard_rows
        ),
        remainder=Remainder(job.options.remainder),
        cleanup=job.options.cleanup,
        ready_by=moment(job.options.ready_by, datetime.now().astimezone()) if job.options.ready_by else None,
        reserve=Reserve(config.max_cost, price) if config.prices else None,
        poll_s=settings.batch_poll_s,
    )


def check_deadline(options: ProcessOptions) -> None:
    """Raises ConfigError unless a time when all is to be ready is given where one is needed, and is one."""
    if (options.road == "auto") != (options.ready_by is not None):
        raise ConfigError("--road auto goes with the time when all is to be ready, such as --ready-by 06:00")
    if options.ready_by:
        moment(options.ready_by, datetime.now().astimezone())


def moment(text: str, now: datetime) -> datetime:
    """The next time that `HH:MM` comes, in the zone of `now`; or the point that a date with a time names.

    Raises:
        ConfigError: It is neither, or has passed.
    """
    try:
        if len(text) <= len("HH:MM:SS"):
            today = datetime.combine(now.date(), time.fromisoformat(text), now.tzinfo)
            return today if today > now else today + timedelta(days=1)
        named = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(
            f"--ready-by is {text!r}; it must be a time such as 06:00, or a date with a time such as "
            "2026-03-01T06:00"
        ) from error
    return named if named.tzinfo else named.replace(tzinfo=now.tzinfo)


def _keep(job: Job, config: RunConfig, settings: Settings) -> None:
    """Write down what another process needs to go on, before anything is asked."""
    of_the_question = settings.model_dump(mode="json", include=set(OF_THE_QUESTION), exclude_none=True)
    ready_by = job.options.ready_by and moment(job.options.ready_by, datetime.now().astimezone()).isoformat()
    password_file = job.options.password_file and str(Path(job.options.password_file).absolute())
    kept = job.model_copy(
        update={
            "schema_name": _from_anywhere(job.schema_name),
            "lake": address_of(config.lake.absolute()),
            "sources": [printable(source) for source in job.sources],
            "options": job.options.model_copy(update={"ready_by": ready_by, "password_file": password_file}),
            "settings": {**of_the_question, "model": config.model},
        }
    )
    question_id = config.question_id()
    asked = Asked(question_id=question_id, job=kept)
    make_jobs_folder(config.lake)
    write_text(_file(config.lake, question_id), asked.model_dump_json(indent=2))


def _forget(config: RunConfig) -> None:
    """Nothing is left to go on with."""
    if not is_pending(config.lake, config.question_id()):
        remove([_file(config.lake, config.question_id())])


def _file(lake: Path, question_id: str) -> Path:
    return lake / JOBS / _ASKED / f"{question_id}.json"


def _from_anywhere(reference: str) -> str:
    """A reference to a record type that holds in any working directory."""
    place, colon, name = reference.partition(":")
    return f"{Path(place).resolve()}{colon}{name}" if place.endswith((".py", ".json")) else reference
