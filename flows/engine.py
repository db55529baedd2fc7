"""Who answers: the embedded engine, started for a run, or a service and the model to ask there."""

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from pipeline.cost import Prices
from pipeline.dialect import Dialect, answer_form, check_extra, dialect_of
from pipeline.errors import ConfigError
from pipeline.local.launch import LocalEngine
from pipeline.local.protocol import MODEL_ID
from pipeline.pricing import ModelPrices, priced
from pipeline.service.client import Client, Endpoint
from pipeline.service.control import ControlPlane
from pipeline.service.models import image_models, lone_pace
from pipeline.service.names import model_and_deployment
from pipeline.service.retry import Retries
from pipeline.service.trust import trusted
from pipeline.settings import Settings
from pipeline.tally import Tally

_CANDIDATES_SHOWN = 10
_REQUESTS_A_CORE = 2  # one being read, one waiting: more would only age in the engine's queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Where and whom to ask.

    Attributes:
        model: Id of the model.
        in_flight: Most requests at once.
        dialect: Which fields its requests may have.
    """

    endpoint: Endpoint
    model: str
    in_flight: int
    dialect: Dialect


def engine_of(settings: Settings) -> Literal["local", "service"]:
    """Who answers under these settings: on `auto` the service as soon as a key or a base URL is set."""
    if settings.engine != "auto":
        return settings.engine
    return "service" if settings.api_key or settings.base_url else "local"


def in_words(settings: Settings) -> str:
    """The engine, for the line that says how a run is run."""
    if engine_of(settings) == "local":
        return "embedded engine (OCR and rules on this machine)"
    return f"service at {urlsplit(settings.service_url).hostname}"


def dialect(settings: Settings) -> Dialect:
    """Which fields the engine takes; the embedded one knows those of Fireworks."""
    if engine_of(settings) == "local":
        return "fireworks"
    return dialect_of(settings.service_url) if settings.dialect == "auto" else settings.dialect


def check(settings: Settings) -> None:
    """Raise ConfigError if the engine cannot be asked what these settings say."""
    if engine_of(settings) == "local" and settings.model not in {None, MODEL_ID}:
        raise ConfigError(
            f"the embedded engine has one model, {MODEL_ID}: leave out --model, or add --engine service"
        )
    if settings.ca_file and engine_of(settings) == "service":
        trusted(settings.ca_file)
    if dialect(settings) == "fireworks" and settings.model:
        model_and_deployment(settings.model)
    answer_form(settings.response_format, dialect(settings))
    check_extra(settings.extra_body or {}, reasoning_effort=settings.reasoning_effort)
    if (settings.price_input is None) != (settings.price_output is None):
        raise ConfigError("set both PAGELAKE_PRICE_INPUT and PAGELAKE_PRICE_OUTPUT, or neither")
    if settings.model:
        check_limit(settings, settings.model)


def check_limit(settings: Settings, model: str) -> None:
    """Raise ConfigError if the cost of the run has a limit and that of the model's tokens is not known."""
    if settings.max_cost is None or engine_of(settings) == "local" or prices(settings, model):
        return
    raise ConfigError(
        f"a limit on the cost needs the prices of {model}, in US dollars for a million tokens: set "
        f'PAGELAKE_PRICE_INPUT and PAGELAKE_PRICE_OUTPUT, or [prices."{model}"] in pagelake.toml'
    )


def prices(settings: Settings, model: str) -> Prices | None:
    """What the tokens of a model cost; None for the embedded engine, and where no price is set."""
    if engine_of(settings) == "local":
        return None
    others = None
    if settings.price_input is not None and settings.price_output is not None:
        others = ModelPrices(
            input=settings.price_input, output=settings.price_output, cached=settings.price_cached
        )
    return priced(model, settings.prices, others=others, batch_discount=settings.batch_discount)


def free_of_charge(settings: Settings) -> list[str]:
    """A sentence on a limit that can never be reached; none when there is no such limit."""
    if settings.max_cost is None or engine_of(settings) == "service":
        return []
    return ["the embedded engine costs nothing: the limit on the cost has no effect"]


@asynccontextmanager
async def opened(
    settings: Settings, *, asking: bool = True, tally: Tally | None = None
) -> AsyncIterator[Engine]:
    """The engine, ready to be asked until the block ends.

    Args:
        settings: What is asked for.
        asking: Whether anything will be asked; if not, the embedded engine is not started.
        tally: Of who looks on; it says what is waited for.

    Raises:
        ConfigError: The embedded engine is not installed, no model is named and none can be chosen, or
            Fireworks would be asked without a key.
        ServiceError: The service does not list its models.
    """
    if engine_of(settings) == "service":
        if (asking or not settings.model) and not settings.api_key and not settings.base_url:
            raise ConfigError(
                "the service needs a key: set FIREWORKS_API_KEY, name another service with --base-url, or "
                "leave out --engine service"
            )
        yield await _service(settings, tally or Tally(started=time.monotonic()))
        return
    in_flight = min(settings.in_flight, _REQUESTS_A_CORE * (os.cpu_count() or 1))
    if not asking:
        yield Engine(
            endpoint=Endpoint(base_url="", api_key=None),
            model=MODEL_ID,
            in_flight=in_flight,
            dialect=dialect(settings),
        )
        return
    with LocalEngine(lexicon=settings.lexicon) as local:
        endpoint = Endpoint(base_url=local.base_url, api_key=SecretStr(local.api_key))
        yield Engine(endpoint=endpoint, model=MODEL_ID, in_flight=in_flight, dialect=dialect(settings))


def control_plane(settings: Settings) -> ControlPlane:
    """Where datasets, jobs and the account of the service are asked for; to be entered.

    Raises:
        ConfigError: Its URL, the key or the account cannot be used.
    """
    endpoint = Endpoint(
        base_url=settings.control_url or settings.service_url,
        api_key=settings.api_key,
        allow_plain_http=settings.allow_plain_http,
        ca_file=settings.ca_file,
    )
    return ControlPlane(endpoint, account_id=settings.account_id)


def control_of(settings: Settings, endpoint: Endpoint) -> ControlPlane:
    """The same for a run: of the embedded engine that was started for it, or of the service.

    Args:
        settings: What is asked for.
        endpoint: Where the run asks.
    """
    return ControlPlane(endpoint) if engine_of(settings) == "local" else control_plane(settings)


async def _service(settings: Settings, tally: Tally) -> Engine:
    endpoint = Endpoint(
        base_url=settings.service_url,
        api_key=settings.api_key,
        allow_plain_http=settings.allow_plain_http,
        ca_file=settings.ca_file,
    )
    retries = Retries(attempts=settings.attempts)
    model = settings.model or await _only_model(endpoint, retries, tally)
    return Engine(endpoint=endpoint, model=model, in_flight=settings.in_flight, dialect=dialect(settings))


async def _only_model(endpoint: Endpoint, retries: Retries, tally: Tally) -> str:
    pace = lone_pace()
    tally.waiting = lambda: pace.waiting or "asking the service for its models"
    try:
        async with Client(endpoint) as client:
            names = [card.name for card in await image_models(client, retries=retries, pace=pace)]
    finally:
        tally.waiting = str
    if len(names) == 1:
        return names[0]
    if not names:
        raise ConfigError("the service lists no model that reads images: name one with --model")
    more = f" and {len(names) - _CANDIDATES_SHOWN} more" if len(names) > _CANDIDATES_SHOWN else ""
    raise ConfigError(
        f"name a model with --model; the service has {', '.join(names[:_CANDIDATES_SHOWN])}{more}"
    )
