"""What `pagelake doctor` finds out about a service that has accounts, line by line."""

import asyncio
from typing import Any

import pytest

from flows.findings import Finding
from flows.service_checkup import service
from pipeline.records import PageImage
from pipeline.settings import Settings
from tests.flows.command import KEY
from tests.servers import FaultServer, Heard, Reply, json_reply, refusal

PAGE = PageImage(
    number=1,
    data=b"no probe, no bytes",
    media_type="image/jpeg",
    width_px=1086,
    height_px=1536,
    width_pt=595,
    height_pt=842,
    grey=False,
    blank=False,
    has_text=True,
)


def found(
    *,
    status: int = 200,
    key_of: str = "a",
    usage: float = 1.0,
    state: str = "UNSUSPENDED",
    model: str = "m",
    **card: object,
) -> dict[str, Finding]:
    """Findings about a service that has one account, one quota and one model."""
    told = {"name": "accounts/fireworks/models/m", "state": "READY", "contextLength": 131072}
    told |= {"supportsImageInput": True, "supportsServerless": True, **card}
    quota = {"name": "accounts/a/quotas/monthly-spend-usd", "value": "50", "usage": usage}
    answers = {
        "/verifyApiKey": json_reply({}, x_fireworks_account_id=key_of),
        "/v1/accounts/fireworks/models/m": json_reply(told),
        "/v1/accounts/a/quotas": json_reply({"quotas": [quota]}),
        "/v1/accounts/a": json_reply({"name": "accounts/a", "suspendState": state}),
    }

    def answer(heard: Heard) -> Reply:
        if status != 200:
            return refusal(status, f"no: {KEY}", code="UNAUTHORIZED")
        missing = json_reply({"code": 5, "message": "resource not found"}, status=404)
        return answers.get(heard.path.partition("?")[0], missing)

    async def collected(settings: Settings) -> dict[str, Finding]:
        return {finding.about: finding async for finding in service(settings, PAGE, asking=False)}

    with FaultServer(answer, models=None) as server:
        asked = {
            "base_url": server.base_url,
            "api_key": KEY,
            "account_id": "a",
            "dialect": "fireworks",
            "model": f"accounts/fireworks/models/{model}",
        }
        return asyncio.run(collected(Settings.model_validate(asked)))


def test_key_account_quotas_model_and_limits_have_a_line_each() -> None:
    lines = found()

    assert list(lines) == ["key", "account", "quotas", "model", "limits"]
    assert {finding.health for finding in lines.values()} == {"ok"}
    assert lines["key"].said == "it belongs to account a"
    assert "monthly-spend-usd 1 of 50" in lines["quotas"].said


@pytest.mark.parametrize(
    ("told", "about", "health", "said"),
    [
        ({"status": 403}, "key", "broken", "check the API key"),
        ({"status": 401}, "model", "broken", "check the API key"),
        ({"status": 400}, "key", "doubtful", "could not be checked"),
        ({"key_of": "b"}, "key", "doubtful", "it belongs to account b, and a is set"),
        ({"state": "MONTHLY_SPEND_LIMIT_EXCEEDED"}, "account", "broken", "suspended"),
        ({"usage": 49.0}, "quotas", "doubtful", "monthly-spend-usd 49 of 50"),
        ({"model": "n"}, "model", "doubtful", "the service has no model accounts/fireworks/models/n"),
        ({"supportsImageInput": False}, "model", "doubtful", "reads no images"),
        ({"supportsServerless": False}, "model", "doubtful", "not served to all"),
        ({"deprecationDate": {"year": 2099, "month": 5}}, "model", "doubtful", "is served until 2099-05-01"),
        ({"deprecationDate": {"year": 2020, "month": 5}}, "model", "doubtful", "was served until 2020-05-01"),
        ({"contextLength": 8192}, "limits", "broken", "no page fits into the 8192"),
        ({"contextLength": 32768}, "limits", "doubtful", "more than the 32768 tokens"),
    ],
)
def test_what_is_wrong_is_said_in_its_line_with_what_to_do(
    told: dict[str, Any], about: str, health: str, said: str
) -> None:
    finding = found(**told)[about]

    assert (finding.health, said in finding.said) == (health, True), finding
    assert finding.advice or "check the API key" in finding.said
    assert KEY not in f"{finding.said} {finding.advice}"
