import pytest

from pipeline.service.dialect import dialect_of


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
