"""Every setting: what it means and what it may be."""

import contextlib
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from pipeline.pricing import TABLE, Price, PriceTable, Share

FIREWORKS_BASE_URL = "https://api.fireworks.ai/inference/v1"
PREFIX = "PAGELAKE_"


def normal_base_url(url: str) -> str:
    """The URL below which `chat/completions` lies; the bare address of Fireworks stands for its API.

    Raises:
        ValueError: It is no http or https URL of a host; the message completes `it must be …`.
    """
    url = url.strip().rstrip("/").removesuffix("/chat/completions").rstrip("/")
    parts = _split(url)
    if not parts or parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise ValueError("a URL that begins with https:// and names a host, without user and password")
    if parts.hostname.endswith("api.fireworks.ai") and parts.path in {"", "/inference", "/v1"}:
        return f"{parts.scheme}://{parts.netloc}/inference/v1"
    return url


def _split(url: str) -> SplitResult | None:
    with contextlib.suppress(ValueError):  # a port that is no number, a bracket that is not closed
        parts = urlsplit(url)
        return parts if parts.port != 0 else None
    return None


_OBJECT = 'a JSON object, such as {"top_p": 0.9}'


def _fields(value: object) -> object:
    """An object of JSON, given as one or as its text; written in another order it is the same."""
    try:
        read = json.loads(value, parse_constant=_refused) if isinstance(value, str) else value
        if isinstance(read, dict | None):
            return json.loads(json.dumps(read, sort_keys=True, allow_nan=False))
    except (ValueError, TypeError, RecursionError):
        pass
    raise ValueError(_OBJECT)


def _refused(constant: str) -> None:
    raise ValueError(constant)


def _as_given(password: object) -> object:
    """Blanks around it belong to a password."""
    return SecretStr(password) if isinstance(password, str) else password


_Name = Annotated[str | None, Field(min_length=1)]


class Settings(BaseSettings):
    """The settings of a run. Each is a command line option, `PAGELAKE_<NAME>`, or a line of pagelake.toml."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True
    )

    api_key: SecretStr | None = Field(None, min_length=1, description="Key of the service.")
    account_id: _Name = Field(None, description="Account at the service, where it asks for one.")
    base_url: Annotated[str | None, AfterValidator(lambda url: url and normal_base_url(url))] = Field(
        None, description="Any OpenAI-compatible API, up to and with /v1; Fireworks when left out."
    )
    control_url: Annotated[str | None, AfterValidator(lambda url: url and normal_base_url(url))] = Field(
        None, description="Where datasets, batch jobs and the account are, when not beside the base URL."
    )
    dialect: Literal["auto", "fireworks", "openai"] = Field(
        "auto", description="Which fields the service takes; auto is openai but for hosts of fireworks.ai."
    )
    model: _Name = Field(None, description="Model that answers.")
    engine: Literal["auto", "local", "service"] = Field(
        "auto", description="Who answers; auto is the service when a key or a base URL is set, else local."
    )
    in_flight: int = Field(64, ge=1, le=2000, description="Most requests at the service at once.")
    repairs: int = Field(
        1,
        ge=0,
        le=10,
        description="How often an answer that breaks the schema is asked anew, with its errors.",
    )
    max_tokens_ceiling: int = Field(
        32_768, ge=1, description="Longest answer that is asked for when a shorter one was cut, in tokens."
    )
    requests_per_minute: float | None = Field(
        None, gt=0, description="Most requests a minute; what the service bears when left out."
    )
    tokens_per_minute: float | None = Field(
        None, gt=0, description="Most tokens a minute, of prompts and answers together."
    )
    long_side: int = Field(1536, ge=64, le=8192, description="Long side of a page image, in pixels.")
    quality: int = Field(75, ge=1, le=95, description="JPEG quality of page images.")
    image_format: Literal["jpeg", "png"] = Field("jpeg", description="How page images are encoded.")
    # 30 images and 10 MB of them, encoded: the limits that Fireworks documents for one request
    max_images: int = Field(30, ge=1, le=1000, description="Most page images in one request.")
    max_encoded_bytes: int = Field(
        10_000_000, ge=10_000, description="Most characters of base64 images in one request."
    )
    max_tokens: int = Field(8192, ge=1, description="Most tokens of one answer.")
    temperature: float = Field(0.0, ge=0, le=2, description="Sampling temperature; 0 is the most repeatable.")
    response_format: Literal["json_schema", "json_object", "grammar"] = Field(
        "json_schema",
        description="What holds answers to the schema, for models that do not take json_schema.",
    )
    reasoning_effort: _Name = Field(
        None, description="For models that take it: none, low, medium, high, max, or most tokens to think."
    )
    extra_body: Annotated[dict[str, JsonValue] | None, BeforeValidator(_fields)] = Field(
        None,
        description="JSON object of more fields for each request, such as top_p, top_k or seed.",
        json_schema_extra={"allowed": _OBJECT},
    )
    prompt_cache_key: _Name = Field(
        None, description="What requests that begin alike share; made from the question, none for no key."
    )
    user: _Name = Field(None, description="Who asks, in the service's books.")
    service_tier: Literal["auto", "default", "flex", "priority"] | None = Field(
        None, description="How urgent requests are, where the service has tiers."
    )
    perf_metrics: bool = Field(False, description="Whether answers say how they were made; -vv shows it.")
    lexicon: Path | None = Field(
        None, description="File with more words for the labels that the embedded engine knows."
    )
    workers: int | None = Field(
        None, ge=1, le=256, description="Processes that draw pages; one for each core when left out."
    )
    render_timeout_s: float = Field(60, gt=0, description="Longest time to draw one page, in seconds.")
    render_memory_mb: int = Field(2048, ge=256, description="Most memory of one drawing process, in MB.")
    request_timeout_s: float = Field(300, gt=0, description="Longest time for one request, in seconds.")
    attempts: int = Field(6, ge=1, le=100, description="Tries of one request; rate limits do not count.")
    rate_limit_patience_s: float = Field(
        900, ge=0, description="How long one request bears nothing but rate limits, in seconds."
    )
    outage_patience_s: float = Field(
        900, ge=0, description="How long a service that has stopped answering is waited for, in seconds."
    )
    # 140 MB fit into the 150 MB of one upload request; larger datasets go to storage by signed URLs
    batch_shard_mb: int = Field(140, ge=1, le=80_000, description="Largest dataset of a batch job, in MB.")
    batch_shard_rows: int = Field(10_000, ge=1, description="Most requests of a batch job.")
    batch_multipart_mb: int = Field(
        140, ge=0, le=149, description="Largest dataset that is uploaded in one request, in MB."
    )
    batch_poll_s: float = Field(
        30, gt=0, description="Longest time between two looks at batch jobs, in seconds."
    )
    batch_ready_patience_s: float = Field(
        600, gt=0, description="How long a dataset may take to be ready, in seconds."
    )
    batch_start_patience_s: float = Field(
        21_600, gt=0, description="How long a batch job may take to begin before it is given up, in seconds."
    )
    shard_pages: int = Field(64, ge=1, description="Pages that are worked and written together.")
    price_input: Price | None = Field(None, description="US dollars for a million input tokens.")
    price_cached: Price | None = Field(
        None, description="US dollars for a million input tokens from the cache."
    )
    price_output: Price | None = Field(None, description="US dollars for a million output tokens.")
    # half of the price online: what Fireworks documents for batch jobs
    batch_discount: Share = Field(Decimal("0.5"), description="Share of the price that batch jobs save.")
    prices: PriceTable = Field(
        {},
        description="Models with prices of their own, as a table or JSON; those above are for the others.",
        json_schema_extra={"allowed": TABLE},
    )
    max_cost: Price | None = Field(
        None, description="US dollars that the answers of one run may cost; needs the prices."
    )
    ca_file: Path | None = Field(
        None, description="File of certificates (PEM) to trust beside the usual authorities."
    )
    allow_plain_http: bool = Field(
        False, description="Whether pages and the key may go over http to another machine."
    )
    password: Annotated[SecretStr | None, BeforeValidator(_as_given)] = Field(
        None, description="Password that is tried on documents that ask for one."
    )
    password_file: Path | None = Field(
        None, description="TOML file of passwords: patterns of paths or names, each with its own."
    )
    max_file_mb: int = Field(2048, ge=1, description="Largest file that is opened, in MiB.")
    max_megapixels: int = Field(
        200, ge=1, description="Most pixels of one frame of an image file, in millions."
    )
    rehash: bool = Field(
        False, description="Whether files are read again that look as they did when they were last read."
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="How log lines are written: text for people, json for machines."
    )

    @property
    def service_url(self) -> str:
        """The base URL, Fireworks' own when none is set."""
        return self.base_url or FIREWORKS_BASE_URL

    @classmethod
    def settings_customise_sources(  # type: ignore[override]  # all sources are passed by name
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings passes it by name
        init_settings: PydanticBaseSettingsSource,
        **_others: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `pipeline.loading` found: it knows each value's origin, and what environment is meant."""
        return (init_settings,)


def allowed(name: str) -> str:
    """What a setting may be, in words that complete `it must be …`."""
    schema = Settings.model_json_schema()["properties"][name]
    schema = {**schema, **next((kind for kind in schema.get("anyOf", []) if kind["type"] != "null"), {})}
    if "allowed" in schema:
        return str(schema["allowed"])
    if "enum" in schema:
        return "one of " + ", ".join(schema["enum"])
    kinds = {
        "integer": "a whole number",
        "number": "a number",
        "boolean": "true or false",
        "string": "a text",
    }
    return kinds[schema["type"]] + _bounds(schema)


def _bounds(schema: Mapping[str, Any]) -> str:
    if "exclusiveMinimum" in schema:
        return f" above {schema['exclusiveMinimum']:g}"
    if "minimum" not in schema:
        return ""
    least, most = schema["minimum"], schema.get("maximum")
    return f" of at least {least:g}" if most is None else f" from {least:g} to {most:g}"
