"""What services are asked in ways of their own, beyond the chat completions that all of them speak."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from pipeline.errors import ConfigError
from pipeline.grammar import grammar_of

Dialect = Literal["fireworks", "openai"]
Format = Literal["json_schema", "json_object", "grammar"]
AnswerForm = Literal["json_schema", "json_object", "json_object with schema", "grammar"]
"""What holds an answer to its schema; for `json_object` alone, nothing does but the words of the prompt."""
_HOME = "fireworks.ai"

_SET_ELSEWHERE = {
    "model": "PAGELAKE_MODEL",
    "response_format": "PAGELAKE_RESPONSE_FORMAT",
    "temperature": "PAGELAKE_TEMPERATURE",
    "max_tokens": "PAGELAKE_MAX_TOKENS",
    "max_completion_tokens": "PAGELAKE_MAX_TOKENS",
    "reasoning_effort": "PAGELAKE_REASONING_EFFORT",
    "prompt_cache_key": "PAGELAKE_PROMPT_CACHE_KEY",
    "user": "PAGELAKE_USER",
    "service_tier": "PAGELAKE_SERVICE_TIER",
    "perf_metrics_in_response": "PAGELAKE_PERF_METRICS",
    "messages": "the instructions of the record type",
}
# Each gives an answer in pieces, several, one without an end, cut short, about fewer pages, with what nobody
# reads; or no answer at all, but a call of a function.
_SPOILING = {
    "stream", "stream_options", "n", "ignore_eos", "stop", "prompt_truncate_len",
    "echo", "echo_last", "logprobs", "top_logprobs", "raw_output", "return_token_ids",
    "tools", "tool_choice", "parallel_tool_calls", "functions", "function_call",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a service is told beside the question. None of it can change an answer, so it is no part of an id.

    Attributes:
        fireworks: Whether the service takes fields that only Fireworks has; others may refuse them.
        prompt_cache_key: Sends requests that begin alike to where their beginning is cached. Empty makes one
            from the question, `none` sends none; for Fireworks only.
        user: Who asks, in the service's books; empty for nobody.
        service_tier: Such as `priority`; empty for the service's own choice.
        perf_metrics: Whether the answer is to say how it was made; for Fireworks only.
    """

    fireworks: bool = False
    prompt_cache_key: str = ""
    user: str = ""
    service_tier: str = ""
    perf_metrics: bool = False

    def fields(self, question: str) -> dict[str, Any]:
        """The fields of a request for the question of this digest."""
        fields: dict[str, Any] = {"user": self.user, "service_tier": self.service_tier}
        if self.fireworks:
            key = self.prompt_cache_key or question
            fields |= {
                "prompt_cache_key": "" if key == "none" else key,
                "perf_metrics_in_response": self.perf_metrics,
            }
        return {name: value for name, value in fields.items() if value}


PLAIN_DELIVERY = Delivery()


def dialect_of(base_url: str) -> Dialect:
    """The dialect of the service at a URL: Fireworks' at its own hosts, else the plain one."""
    host = (urlsplit(base_url).hostname or "").rstrip(".")
    return "fireworks" if host == _HOME or host.endswith(f".{_HOME}") else "openai"


def answer_form(asked: Format, dialect: Dialect) -> AnswerForm:
    """How a service of this dialect is asked for answers of a schema.

    Raises:
        ConfigError: It cannot be asked so.
    """
    if asked == "grammar" and dialect != "fireworks":
        raise ConfigError(
            "only Fireworks takes a grammar: set PAGELAKE_RESPONSE_FORMAT to json_schema or json_object, or "
            "PAGELAKE_DIALECT=fireworks for a server that speaks its dialect"
        )
    if asked == "json_object" and dialect == "fireworks":
        return "json_object with schema"
    return asked


def response_format(form: AnswerForm, name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The field of a request that asks for answers of a schema.

    Args:
        form: What holds an answer to it.
        name: Of the schema.
        schema: As `structured` makes them.
    """
    match form:
        case "json_schema":
            return {"type": form, "json_schema": {"name": name, "schema": schema}}
        case "json_object with schema":
            return {"type": "json_object", "schema": schema}
        case "grammar":
            return {"type": form, "grammar": grammar_of(dict(schema))}
        case "json_object":
            return {"type": form}


def check_extra(extra: Mapping[str, Any], *, reasoning_effort: str | None = None) -> None:
    """Raise ConfigError if fields of the user's own cannot be added to requests.

    Which fields a service knows is its own affair and changes; here it is only settled which ones would
    contradict what pagelake sends, or make of the answer something that is no record.

    Args:
        extra: The fields.
        reasoning_effort: What is sent anyway.
    """
    for key in extra:
        if key in _SET_ELSEWHERE:
            raise ConfigError(
                f"PAGELAKE_EXTRA_BODY cannot have {key!r}: that is set by {_SET_ELSEWHERE[key]}"
            )
        if key in _SPOILING:
            raise ConfigError(
                f"PAGELAKE_EXTRA_BODY cannot have {key!r}: the answer has to be one whole JSON object about "
                "all pages that were sent"
            )
    if "thinking" in extra and reasoning_effort is not None:
        raise ConfigError(
            "PAGELAKE_EXTRA_BODY cannot have 'thinking' while PAGELAKE_REASONING_EFFORT is set: leave out one"
        )
