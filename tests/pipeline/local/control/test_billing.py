"""Usage and bills over HTTP, from what was really answered."""

from pathlib import Path

import httpx
import pytest
from PIL import Image

from pipeline.local.control.ledger import Ledger
from pipeline.local.control.pace import Pace
from tests.pipeline.local.bodies import MODEL, chat, encoded, image_part
from tests.pipeline.local.control.twin import HOME, Clock, complaint, twin

SPAN = {"startTime": "2026-03-04T00:00:00Z", "endTime": "2026-03-05T00:00:00Z"}
BLANK = encoded(Image.new("RGB", (280, 280), "white"))


def usage(client: httpx.Client, **query: str) -> list[dict[str, object]]:
    response = client.get(f"{HOME}/billingUsage", params=SPAN | query)
    assert response.status_code == 200, response.text
    rows: list[dict[str, object]] = response.json()["serverlessCosts"]
    return rows


def test_an_answer_is_on_the_bill_and_in_the_quota(client: httpx.Client, clock: Clock) -> None:
    reply = client.post("/v1/chat/completions", json=chat(image_part(BLANK)))
    assert reply.status_code == 200, reply.text

    assert usage(client) == [
        {
            "promptTokens": "102",
            "completionTokens": "0",
            "startTime": "2026-03-04T00:00:00.000000Z",
            "endTime": "2026-03-05T00:00:00.000000Z",
            "usageType": "TEXT_COMPLETION_INFERENCE_USAGE",
            "group": {"model_name": MODEL},
        }
    ]
    (line,) = client.get(f"{HOME}/billing/summary", params=SPAN).json()["lineItems"]
    assert (line["groupingValue"], line["secondaryGroupingValue"], line["quantity"]) == (
        MODEL,
        "false",
        0.000102,
    )
    assert line["totalCost"] == {"currencyCode": "USD"}
    quota = f"{HOME}/quotas/serverless-inference-rpm"
    assert client.get(quota).json()["usage"] == 1.0
    clock.move(seconds=61)
    assert client.get(quota).json()["usage"] == 0.0


def test_the_count_outlives_the_server_and_knows_days_and_groups(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "state").mkdir()
    ledger = Ledger(tmp_path / "state" / "answered.json", Pace(clock=clock))
    ledger.note(MODEL, 10, 1, is_batch=False)
    ledger.note(MODEL, 20, 2, is_batch=True)
    clock.move(hours=12)
    ledger.note(MODEL, 40, 4, is_batch=True)

    with twin(tmp_path / "state", Pace(clock=clock)) as client:
        assert [row["promptTokens"] for row in usage(client)] == ["30"]
        assert [row["promptTokens"] for row in usage(client, endTime="2026-03-06T00:00:00Z")] == ["30", "40"]
        assert [
            row["promptTokens"]
            for row in usage(client, timezone="America/Los_Angeles", endTime="2026-03-05T08:00:00Z")
        ] == ["70"]
        assert usage(client, groupBy="api_key_id")[0]["group"] == {"api_key_id": "local"}
        assert usage(client, usageType="DEDICATED_DEPLOYMENT") == []
        lines = client.get(f"{HOME}/billing/summary", params=SPAN).json()["lineItems"]
        assert [(line["secondaryGroupingValue"], line["quantity"]) for line in lines] == [
            ("false", 0.000011),
            ("true", 0.000022),
        ]


@pytest.mark.parametrize(
    "query",
    [
        {"startTime": ""},
        {"endTime": "soon"},
        {"endTime": "0001-01-01T00:00:00Z"},
        {"endTime": SPAN["startTime"]},
        {"endTime": "2026-04-05T00:00:00Z"},
        {"timezone": "Mars/Phobos"},
        {"timezone": "../../etc"},
        {"groupBy": "colour"},
        {"usageType": "FREE"},
    ],
)
def test_a_question_that_makes_no_sense_is_refused(shared: httpx.Client, query: dict[str, str]) -> None:
    assert complaint(shared.get(f"{HOME}/billingUsage", params=SPAN | query))[:2] == (400, 3)
