"""A run as it is asked for, in plain values, and whoever looks on while it goes on."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from pipeline.summary import RunSummary
from pipeline.tally import Tally

NO_SETTINGS = frozenset(
    {
        *("pages", "limit", "explode", "evolve", "prune", "accept_removed"),
        *("road", "remainder", "ready_by", "cleanup"),
    }
)
"""The options that belong to one run; every other one has a setting of the same name."""

_BOUNDS = ("minimum", "exclusiveMinimum", "maximum")


def _bounded(schema: dict[str, Any]) -> None:
    """Numbers may be what the settings of the same names may be: forms show it, and servers refuse others."""
    from pipeline.settings import Settings

    settings = Settings.model_json_schema()["properties"]
    for name, shown in schema["properties"].items():
        declared = settings.get(name, {})
        bounded = {**declared, **declared.get("anyOf", [{}])[0]}
        shown.update({word: bounded[word] for word in _BOUNDS if word in bounded})


class ProcessOptions(BaseModel):
    """What a run may be asked beyond sources, schema and lake. What is empty is left to the settings."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, json_schema_extra=_bounded
    )

    engine: Literal["auto", "local", "service"] | None = None
    """`local`, `service`, or `auto` for the service when a key or a base URL is configured."""
    model: str | None = None
    """Id of the model that answers."""
    base_url: str | None = None
    """Any OpenAI-compatible API, up to and with `/v1`."""
    pages: str | None = None
    """Pages of each document to work, such as `1-3,7,10-`."""
    limit: int | None = Field(None, ge=1)
    """Most documents to work."""
    explode: list[str] = []
    """Lists to lay out as tables of their own."""
    evolve: bool = False
    """Whether records with other columns are brought into the new ones."""
    prune: bool = False
    """Whether rows of documents that no file holds any more are dropped."""
    accept_removed: bool = False
    """Whether files are taken to be removed even where most of a source is gone."""
    max_cost: float | None = None
    """US dollars that the answers may cost."""
    in_flight: int | None = None
    """Most requests at the service at once."""
    max_tokens: int | None = None
    """Most tokens of one answer."""
    reasoning_effort: str | None = None
    """For models that take it: `none`, `low`, `medium`, `high`, `max`, or most tokens."""
    response_format: Literal["json_schema", "json_object", "grammar"] | None = None
    """What holds answers to the schema."""
    max_images: int | None = None
    """Most page images in one request."""
    long_side: int | None = None
    """Long side of a page image in pixels."""
    quality: int | None = None
    """JPEG quality, 1 to 95."""
    image_format: Literal["jpeg", "png"] | None = None
    """How page images are encoded."""
    road: Literal["online", "batch", "auto"] = "online"
    """`online`, `batch` for jobs at half the price, or `auto` for jobs until time runs short."""
    remainder: Literal["continue", "resubmit", "online", "leave"] = "continue"
    """What becomes of requests that a batch job leaves without an answer."""
    ready_by: str | None = None
    """When all is to be answered, as `HH:MM` or a date with a time; with the road `auto`."""
    cleanup: bool = False
    """Whether datasets of batch jobs are deleted at the service when they are done with."""
    password_file: str | None = None
    """TOML file of passwords, each with the pattern of its documents."""


class Errand(StrEnum):
    """What is to be done for a job: all of it, or one of the steps of the batch road."""

    PROCESS = "process"
    SUBMIT = "submit"
    COLLECT = "collect"
    FOLLOW = "follow"
    CANCEL = "cancel"


class Job(BaseModel):
    """Everything a run is asked, in plain values.

    Attributes:
        errand: What is to be done.
        settings: Values that go before the settings of this machine: those that the job was begun with.
        question_id: What its batch jobs were made for, when they are gone on with.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: list[str]
    schema_name: str
    lake: str
    options: ProcessOptions = ProcessOptions()
    errand: Errand = Errand.PROCESS
    settings: dict[str, Any] = {}
    question_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What a run is told that neither a job nor a flow's parameters may hold; None leaves it to the settings.

    Attributes:
        api_key: Key of the service.
        password: Tried on documents that ask for one.
    """

    api_key: SecretStr | None = None
    password: SecretStr | None = None


NO_SECRETS = Secrets()


def secrets_of(password: str | None) -> Secrets:
    """The secrets among the options of a command."""
    return Secrets(password=SecretStr(password) if password else None)


def silent(_sentence: str) -> None:
    """Say nothing."""


@dataclass(kw_only=True)
class Watch:
    """Whoever looks on while a run goes on, and learns what came of it.

    Attributes:
        tally: Changed by the run as it goes on.
        stop: When set, the run ends after what is in flight.
        signal: Number of the signal that set it; 0 for none.
        say: Told sentences for a person.
        secrets: What the run is told by whoever started it.
        summary: What came of the run, once it has ended.
        flow_run: Name of the Prefect flow run, when there is one.
    """

    tally: Tally = field(default_factory=lambda: Tally(started=time.monotonic()))
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    signal: int = 0
    say: Callable[[str], None] = silent
    secrets: Secrets = NO_SECRETS
    summary: RunSummary | None = None
    flow_run: str = ""
