import pytest

from pipeline.dialect import Dialect, Format, answer_form, check_extra, dialect_of, response_format
from pipeline.errors import ConfigError
from pipeline.grammar import grammar_of
from pipeline.local.protocol import ChatRequest


@pytest.mark.parametrize(
    ("base_url", "dialect"),
    [
        ("https://api.fireworks.ai/inference/v1", "fireworks"),
        ("https://US.api.Fireworks.ai:443/inference/v1", "fireworks"),
        ("https://fireworks.ai./v1", "fireworks"),
        ("https://notfireworks.ai/v1", "openai"),
        ("https://fireworks.ai.example/v1", "openai"),
        ("https://proxy.example/api.fireworks.ai/v1", "openai"),
        ("http://127.0.0.1:8000/v1", "openai"),
        ("", "openai"),
    ],
)
def test_only_hosts_of_fireworks_are_told_what_only_fireworks_knows(base_url: str, dialect: str) -> None:
    assert dialect_of(base_url) == dialect


SCHEMA = {"type": "object", "properties": {"a": {"type": "boolean"}}, "required": ["a"]}


@pytest.mark.parametrize(
    ("asked", "dialect", "field"),
    [
        ("json_schema", "openai", {"type": "json_schema", "json_schema": {"name": "s", "schema": SCHEMA}}),
        ("json_schema", "fireworks", {"type": "json_schema", "json_schema": {"name": "s", "schema": SCHEMA}}),
        ("json_object", "openai", {"type": "json_object"}),
        ("json_object", "fireworks", {"type": "json_object", "schema": SCHEMA}),
        ("grammar", "fireworks", {"type": "grammar", "grammar": grammar_of(SCHEMA)}),
    ],
)
def test_each_service_is_asked_in_the_way_it_knows(
    asked: Format, dialect: Dialect, field: dict[str, object]
) -> None:
    assert response_format(answer_form(asked, dialect), "s", SCHEMA) == field


def test_a_grammar_is_for_fireworks_only() -> None:
    with pytest.raises(ConfigError, match=r"only Fireworks takes a grammar.*PAGELAKE_DIALECT=fireworks"):
        answer_form("grammar", "openai")


def test_fields_that_services_have_of_their_own_may_be_added() -> None:
    check_extra({"top_p": 0.9, "top_k": 5, "seed": 1, "metadata": {"team": "a"}, "chat_template_kwargs": {}})
    check_extra({"thinking": {"type": "disabled"}})
    check_extra({}, reasoning_effort="low")


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ({"top_p": 1, "model": "other"}, "PAGELAKE_MODEL"),
        ({"max_completion_tokens": 5}, "PAGELAKE_MAX_TOKENS"),
        ({"messages": []}, "the instructions of the record type"),
        ({"response_format": {}}, "PAGELAKE_RESPONSE_FORMAT"),
        ({"stream": True}, "one whole JSON object"),
        ({"tools": []}, "one whole JSON object"),
        ({"n": 2}, "one whole JSON object"),
        ({"thinking": {"type": "enabled"}}, "PAGELAKE_REASONING_EFFORT"),
    ],
)
def test_fields_that_would_contradict_or_spoil_the_answer_are_refused(
    extra: dict[str, object], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        check_extra(extra, reasoning_effort="low")


SETTABLE = {
    "messages", "model", "response_format", "temperature", "max_tokens", "max_completion_tokens",
    "reasoning_effort", "prompt_cache_key", "user", "service_tier", "perf_metrics_in_response",
}  # fmt: skip
OF_USE = {
    "top_p", "top_k", "min_p", "typical_p", "frequency_penalty", "presence_penalty", "repetition_penalty",
    "mirostat_target", "mirostat_lr", "seed", "logit_bias", "context_length_exceeded_behavior",
    "reasoning_history", "thinking", "prompt_cache_isolation_key", "metadata", "speculation",
    "prediction", "safe_tokenization",
}  # fmt: skip


@pytest.mark.parametrize("field", ChatRequest.model_fields)
def test_every_field_of_the_service_is_set_may_be_added_or_is_left_out_with_a_reason(field: str) -> None:
    if field in OF_USE:
        check_extra({field: None})
    else:
        reason = "that is set by" if field in SETTABLE else "one whole JSON object about all pages"
        with pytest.raises(ConfigError, match=reason):
            check_extra({field: None})
