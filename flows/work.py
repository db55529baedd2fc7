"""From a job in plain values to its run: settings read, record type found, engine opened, pages worked."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from flows.batch_road import along_batch
from flows.engine import (
    Engine,
    check,
    check_limit,
    engine_of,
    free_of_charge,
    in_words,
    opened,
    prices,
)
from flows.environment import loaded_settings
from flows.job import NO_SECRETS, NO_SETTINGS, Errand, Job, Secrets, Watch
from flows.stopping import stop_on_signals
from flows.telemetry import telemetry
from pipeline import estimate, run
from pipeline.config import RunConfig
from pipeline.dialect import Delivery, answer_form
from pipeline.errors import ConfigError
from pipeline.remedies import Budgets
from pipeline.render.passwords import Passwords
from pipeline.render.sizing import ImageOptions
from pipeline.render.workers import RenderLimits
from pipeline.requests import Sampling
from pipeline.run import Wrap
from pipeline.selection import PageSelection
from pipeline.service.allowance import Caps
from pipeline.service.client import Timeouts
from pipeline.service.retry import Retries
from pipeline.settings import Settings
from pipeline.store.columns import columns_of
from pipeline.store.working_copy import lake_at
from pipeline.structured import compile_schema
from pipeline.summary import Plan, RunSummary
from pipeline.windows import WindowLimits
from schemas import registry
from schemas.errors import SchemaError
from schemas.registry import RecordType


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A job, with all that can be known of it before anything is opened.

    Attributes:
        passwords: What to try on documents that ask for a password.
        engine_words: Who will answer, for a person.
        notices: Sentences about the settings that a person should see.
    """

    job: Job
    settings: Settings
    record: RecordType
    pages: PageSelection | None
    passwords: Passwords
    engine_words: str
    notices: tuple[str, ...]


def prepare(job: Job, secrets: Secrets = NO_SECRETS) -> Prepared:
    """What a job comes to under the settings of this machine.

    Args:
        job: What is asked.
        secrets: Go before the settings' own.

    Raises:
        ConfigError: A setting, the schema, the page selection or the file of passwords cannot be used.
    """
    options = job.options.model_dump(exclude=set(NO_SETTINGS), exclude_none=True)
    hidden = {"api_key": secrets.api_key, "password": secrets.password}
    loaded = loaded_settings({**job.settings, **options, **hidden})
    check(loaded.settings)
    passwords = passwords_of(loaded.settings)
    return Prepared(
        job=job,
        settings=loaded.settings,
        record=record_type(job.schema_name),
        pages=PageSelection.parse(job.options.pages) if job.options.pages is not None else None,
        engine_words=in_words(loaded.settings),
        passwords=passwords,
        notices=(*loaded.notices, *passwords.notices, *free_of_charge(loaded.settings)),
    )


def record_type(reference: str) -> RecordType:
    """The record type behind a reference, all of which can be asked for and stored.

    Raises:
        ConfigError: There is none, and the message says what was looked for; or a field of it cannot be used.
    """
    try:
        record = registry.load(reference)
    except SchemaError as error:
        raise ConfigError(str(error)) from error
    columns_of(record.model)
    compile_schema(record.model, name=record.name, page_of_items=record.unit == "document")
    return record


async def work(job: Job, *, watch: Watch, wrap: Wrap = run.plainly) -> RunSummary:
    """Work a job; the watch sees it happen, its first signal stops it cleanly.

    Args:
        job: What is asked.
        watch: Who looks on; learns the summary as well.
        wrap: Called around each shard.

    Raises:
        PagelakeError: What is asked for is impossible, or the lake cannot be written.
    """
    prepared = prepare(job, watch.secrets)
    watch.tally.notes.extend(prepared.notices)
    with stop_on_signals(watch), telemetry(os.environ, watch.tally), lake_at(job.lake) as lake:
        async with opened(prepared.settings, tally=watch.tally) as engine:
            config = config_of(prepared, engine, lake)
            if job.options.road == "online" and job.errand is Errand.PROCESS:
                summary = await run.process(config, tally=watch.tally, wrap=wrap, stop=watch.stop)
            else:
                summary = await along_batch(job, config, prepared.settings, watch=watch, wrap=wrap)
    watch.summary = summary
    return summary


async def plan(job: Job, secrets: Secrets = NO_SECRETS) -> Plan:
    """What working a job would take; nothing is asked but, where no model is named, the list of models.

    Raises:
        PagelakeError: What is asked for is impossible.
    """
    async with unasked(job, secrets) as config:
        return await estimate.plan(config)


@asynccontextmanager
async def unasked(job: Job, secrets: Secrets = NO_SECRETS) -> AsyncIterator[RunConfig]:
    """Everything a run of the job needs to know, where it is going to ask nobody; raises as `plan`."""
    prepared = prepare(job, secrets)
    with lake_at(job.lake) as lake:
        async with opened(prepared.settings, asking=False) as engine:
            yield config_of(prepared, engine, lake)


def config_of(prepared: Prepared, engine: Engine, lake: Path) -> RunConfig:
    """Everything the run needs to know, from the settings, the job, the engine and the folder of the lake.

    Raises:
        ConfigError: The cost has a limit, and what the engine's model costs is not known.
    """
    settings, options = prepared.settings, prepared.job.options
    check_limit(settings, engine.model)
    return RunConfig(
        sources=tuple(prepared.job.sources),
        record=prepared.record,
        lake=lake,
        endpoint=engine.endpoint,
        engine=engine_of(settings),
        model=engine.model,
        images=image_options(settings),
        limits=render_limits(settings),
        passwords=prepared.passwords,
        windows=window_limits(settings),
        sampling=Sampling(
            max_tokens=settings.max_tokens,
            temperature=settings.temperature,
            reasoning_effort=settings.reasoning_effort,
        ),
        form=answer_form(settings.response_format, engine.dialect),
        extra=settings.extra_body or {},
        delivery=Delivery(
            fireworks=engine.dialect == "fireworks",
            prompt_cache_key=settings.prompt_cache_key or "",
            user=settings.user or "",
            service_tier=settings.service_tier or "",
            perf_metrics=settings.perf_metrics,
        ),
        budgets=_budgets(settings),
        max_cost=settings.max_cost,
        prices=prices(settings, engine.model),
        retries=_retries(settings),
        timeouts=Timeouts(read_s=settings.request_timeout_s, total_s=settings.request_timeout_s),
        pages=prepared.pages,
        limit=options.limit,
        explode=tuple(options.explode),
        evolve=options.evolve,
        in_flight=engine.in_flight,
        caps=Caps(
            requests_per_minute=settings.requests_per_minute, tokens_per_minute=settings.tokens_per_minute
        ),
        shard_pages=settings.shard_pages,
        max_file_bytes=settings.max_file_mb << 20,
        prune=options.prune,
        accept_removed=options.accept_removed,
        rehash=settings.rehash,
    )


def _budgets(settings: Settings) -> Budgets:
    if engine_of(settings) == "local":  # it has no dice: asked anew, it answers the same
        return Budgets(ceiling_tokens=settings.max_tokens_ceiling, repairs=0, decodings=0)
    return Budgets(ceiling_tokens=settings.max_tokens_ceiling, repairs=settings.repairs)


def _retries(settings: Settings) -> Retries:
    return Retries(
        attempts=settings.attempts,
        rate_limit_patience_s=settings.rate_limit_patience_s,
        outage_patience_s=settings.outage_patience_s,
    )


def image_options(settings: Settings) -> ImageOptions:
    """How pages are drawn."""
    return ImageOptions(
        long_side_px=settings.long_side, quality=settings.quality, image_format=settings.image_format
    )


def window_limits(settings: Settings) -> WindowLimits:
    """How much one request may carry."""
    return WindowLimits(max_images=settings.max_images, max_encoded_bytes=settings.max_encoded_bytes)


def render_limits(settings: Settings) -> RenderLimits:
    """What drawing may cost."""
    workers = settings.workers or os.cpu_count() or 1
    return RenderLimits(
        workers=workers,
        timeout_s=settings.render_timeout_s,
        memory_bytes=settings.render_memory_mb << 20,
        pixels=settings.max_megapixels * 1_000_000,
    )


def passwords_of(settings: Settings) -> Passwords:
    """What to try on documents that ask for a password; raises ConfigError where the file cannot be used."""
    secret = settings.password
    return Passwords.read(settings.password_file, secret.get_secret_value() if secret else None)
