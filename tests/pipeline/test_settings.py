"""What settings there are."""

import pytest
from pydantic import ValidationError

from pipeline.settings import FIREWORKS_BASE_URL, Settings, allowed, normal_base_url


def test_every_setting_says_what_it_is() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description
        assert field.description.endswith(".")
        assert allowed(name)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Settings().in_flight = 3  # type: ignore[misc]  # that it cannot is what is tested


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://api.fireworks.ai", FIREWORKS_BASE_URL),
        ("https://api.fireworks.ai/", FIREWORKS_BASE_URL),
        ("https://api.fireworks.ai/inference", FIREWORKS_BASE_URL),
        ("https://api.fireworks.ai/inference/v1/", FIREWORKS_BASE_URL),
        ("https://api.fireworks.ai/inference/v1/chat/completions", FIREWORKS_BASE_URL),
        ("https://us.api.fireworks.ai", "https://us.api.fireworks.ai/inference/v1"),
        ("http://127.0.0.1:8000/v1/", "http://127.0.0.1:8000/v1"),
        (" https://model.example/openai/v1/chat/completions/ ", "https://model.example/openai/v1"),
        ("https://model.example", "https://model.example"),
    ],
)
def test_a_base_url_in_any_spelling(url: str, normal: str) -> None:
    assert normal_base_url(url) == normal
    assert normal_base_url(normal) == normal


@pytest.mark.parametrize(
    "url", ["", "x", "ftp://x", "https://", "https://[::1", "https://x:port", "https://u:p@x"]
)
def test_what_is_no_base_url(url: str) -> None:
    with pytest.raises(ValueError, match="begins with https://"):
        normal_base_url(url)


def test_what_a_setting_of_fields_may_be_is_told() -> None:
    assert allowed("extra_body").startswith("a JSON object")
