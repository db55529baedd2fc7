"""What is kept of a job so that another process can go on with it."""

import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import certifi
import pytest

from flows.batch_road import OF_THE_QUESTION, moment
from flows.engine import Engine
from flows.job import Job, ProcessOptions
from flows.work import config_of, prepare
from pipeline.errors import ConfigError
from pipeline.service.client import Endpoint
from pipeline.settings import Settings

OTHER: dict[str, Any] = {
    "dialect": "openai",
    "model": "another",
    "response_format": "json_object",
    "image_format": "png",
    "engine": "service",
    "service_tier": "flex",
    "log_format": "json",
    "reasoning_effort": "low",
    "extra_body": {"seed": 7},
    "prices": {"m": {"input": 1, "output": 1}},
    "lexicon": "words.toml",
    "password_file": os.devnull,
    "ca_file": certifi.where(),
    "base_url": "http://127.0.0.1:9/v1",
    "control_url": "http://127.0.0.1:9/v1",
    "api_key": "sk-another-key-of-nobody",
    "quality": 50,
    "batch_discount": 1,
    "batch_multipart_mb": 7,
    **dict.fromkeys(("price_cached", "price_input", "price_output", "max_cost", "workers"), 1),
    **dict.fromkeys(("tokens_per_minute", "requests_per_minute"), 1),
}
"""A value other than the default, where that is neither its double nor its opposite nor a text."""


def question_id(name: str, value: object, place: Path) -> str:
    """What is asked when a setting has this value."""
    known = {"base_url": "http://127.0.0.1:8/v1", "price_input": "1", "price_output": "1"}
    settings = {**known, name: value}
    job = Job(sources=[str(place)], schema_name="invoice", lake=str(place / "lake"), settings=settings)
    prepared = prepare(job)
    engine = Engine(
        endpoint=Endpoint(base_url="http://127.0.0.1:8/v1", api_key=None),
        model=prepared.settings.model or "a-model",
        in_flight=1,
        dialect="openai" if prepared.settings.dialect == "openai" else "fireworks",
    )
    return config_of(prepared, engine, place / "lake").question_id()


def opposite(value: object) -> object:
    """Another value of the same kind."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value * 2 or 0.5
        case _:
            return "other"


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_whatever_changes_the_question_is_kept(name: str, tmp_path: Path) -> None:
    other = OTHER.get(name, opposite(Settings.model_fields[name].default))

    changes = question_id(name, other, tmp_path) != question_id("attempts", 6, tmp_path)

    assert not changes or name in OF_THE_QUESTION


NOW = datetime(2026, 3, 1, 22, 0, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize(
    ("text", "hours"),
    [("06:00", 8), ("23:30", 1.5), ("22:00", 24), ("2026-03-02T06:00", 8), ("2026-03-02T06:00+00:00", 9)],
)
def test_a_time_is_the_next_one_of_its_kind(text: str, hours: float) -> None:
    assert moment(text, NOW) == NOW + timedelta(hours=hours)
    assert moment(text, NOW).tzinfo is not None


@pytest.mark.parametrize("text", ["noon", "25:00", "6", "2026-13-01T06:00", ""])
def test_what_is_no_time_is_told_so(text: str) -> None:
    with pytest.raises(ConfigError, match="it must be a time such as 06:00"):
        moment(text, NOW)


def test_a_point_in_time_survives_being_written_down() -> None:
    named = moment("06:00", NOW)

    assert moment(named.isoformat(), datetime.now(UTC)) == named
    assert ProcessOptions(ready_by=named.isoformat(), road="auto").ready_by == named.isoformat()
