from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from pipeline.errors import NotFound, ServiceRefused
from pipeline.service.account import (
    Account,
    accounts,
    billed,
    dedicated_usage,
    get_account,
    get_quota,
    quotas,
    serverless_usage,
)
from pipeline.service.control import ControlPlane
from pipeline.service.wire import read
from tests.gateway import ACCOUNT, opened
from tests.servers import FaultServer, Reply, json_reply

pytestmark = pytest.mark.anyio

BILL = {
    "lineItems": [
        {
            "category": "Serverless",
            "groupingKey": "model",
            "groupingValue": "vlm",
            "secondaryGroupingKey": "is_batch",
            "secondaryGroupingValue": "true",
            "quantity": 1.5,
            "unitAmount": {"currencyCode": "USD", "nanos": 150000000},
            "totalCost": {"currencyCode": "USD", "units": "1", "nanos": 750000000},
        },
        {"category": "Other"},
    ]
}


def asked(server: FaultServer) -> list[tuple[str, dict[str, str]]]:
    parts = [urlsplit(heard.path) for heard in server.heard]
    return [(part.path, {k: v[0] for k, v in parse_qs(part.query).items()}) for part in parts]


@asynccontextmanager
async def at(*replies: Reply) -> AsyncIterator[tuple[FaultServer, ControlPlane]]:
    """A connection to a service that gives these replies, the last one again and again."""
    left = list(replies)
    async with opened() as (gateway, server, _, control):
        gateway.fault = lambda _: left.pop(0) if len(left) > 1 else left[0]
        yield server, control


async def test_the_key_says_its_account() -> None:
    async with opened(account_id=None) as (_, _, _, control):
        assert await control.account_of_key() == ACCOUNT


async def test_a_bad_key_is_refused() -> None:
    async with opened(key="fw_other0123456789abcdef") as (_, _, _, control):
        with pytest.raises(ServiceRefused, match="check the API key"):
            await control.account_of_key()


async def test_accounts_are_listed_over_pages() -> None:
    pages = [
        json_reply({"accounts": [{"name": "accounts/a"}], "nextPageToken": "t"}),
        json_reply({"accounts": [{"name": "accounts/b", "email": "b@example.com"}]}),
    ]
    async with at(*pages) as (server, control):
        found = [account async for account in accounts(control)]

    assert [(one.id, one.email) for one in found] == [("a", ""), ("b", "b@example.com")]
    assert [query.get("pageToken") for _, query in asked(server)] == [None, "t"]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("FAILED_PAYMENTS", "account a is suspended, a payment failed: correct how it pays"),
        ("credit_depleted", "its credit is used up"),
        ("MONTHLY_SPEND_LIMIT_EXCEEDED", "limit for the month"),
        ("BLOCKED_BY_ABUSE_RULE", "ask its support"),
        ("SOMETHING_NEW", "account a is suspended, something new"),
    ],
)
def test_a_suspended_account_says_what_to_do(state: str, words: str) -> None:
    assert words in (read(Account, {"name": "accounts/a", "suspendState": state}).suspension or "")


@pytest.mark.parametrize("given", [{}, {"suspendState": "UNSUSPENDED"}, {"suspendState": ""}])
def test_any_other_account_says_nothing(given: dict[str, str]) -> None:
    assert read(Account, {"name": "accounts/a", **given}).suspension is None


async def test_an_account_is_found_by_id_and_by_default_it_is_ones_own() -> None:
    async with at(json_reply({"name": "accounts/x"})) as (server, control):
        await get_account(control)
        await get_account(control, "accounts/other")

    assert [path for path, _ in asked(server)] == [f"/v1/accounts/{ACCOUNT}", "/v1/accounts/other"]


async def test_quotas_are_numbers() -> None:
    name = f"accounts/{ACCOUNT}/quotas/serverless-inference-rpm"
    quota = {"name": name, "value": "6000", "maxValue": "9000", "usage": 12.5}
    async with at(json_reply({"quotas": [quota]})) as (_, control):
        (found,) = [one async for one in quotas(control)]
    async with at(json_reply(quota)) as (server, control):
        same = await get_quota(control, "serverless-inference-rpm")

    assert found == same
    assert (found.id, found.value, found.max_value, found.usage) == (
        "serverless-inference-rpm",
        6000,
        9000,
        12.5,
    )
    assert asked(server)[0][0] == f"/v1/{name}"


async def test_a_bill_is_money_to_the_last_nano() -> None:
    async with at(json_reply(BILL)) as (server, control):
        first, second = await billed(control, date(2026, 8, 1), date(2026, 9, 1))

    assert (first.total_cost.amount, first.unit_amount.amount) == (Decimal("1.75"), Decimal("0.15"))
    assert first.is_batch
    assert second.total_cost.amount == 0
    assert not second.is_batch
    assert asked(server) == [
        (
            f"/v1/accounts/{ACCOUNT}/billing/summary",
            {"startTime": "2026-08-01T00:00:00Z", "endTime": "2026-09-01T00:00:00Z"},
        )
    ]


async def test_usage_over_many_days_is_asked_for_in_pieces() -> None:
    cost = {
        "promptTokens": "12345678901",
        "completionTokens": "7",
        "startTime": "2026-08-01T00:00:00Z",
        "group": {"model_name": "vlm"},
    }
    async with at(json_reply({"serverlessCosts": [cost]}), json_reply({})) as (server, control):
        (found,) = await serverless_usage(control, date(2026, 8, 1), date(2026, 9, 2))

    assert (found.prompt_tokens, found.completion_tokens) == (12345678901, 7)
    assert found.group == {"model_name": "vlm"}
    spans = [(query["startTime"][:10], query["endTime"][:10]) for _, query in asked(server)]
    assert spans == [("2026-08-01", "2026-09-01"), ("2026-09-01", "2026-09-02")]
    assert {query["usageType"] for _, query in asked(server)} == {"SERVERLESS"}


async def test_no_days_are_no_question() -> None:
    async with at(json_reply({})) as (server, control):
        assert await serverless_usage(control, date(2026, 8, 1), date(2026, 8, 1)) == []

    assert server.heard == []


async def test_deployments_are_counted_in_seconds() -> None:
    cost = {"deploymentId": "d", "acceleratorSeconds": "3600", "acceleratorType": "NVIDIA_H100_80GB"}
    async with at(json_reply({"dedicatedCosts": [cost]})) as (server, control):
        (found,) = await dedicated_usage(control, date(2026, 8, 1), date(2026, 8, 2))

    assert (found.deployment_id, found.accelerator_seconds) == ("d", 3600)
    assert asked(server)[0][1]["groupBy"] == "deployment_name"


async def test_a_quota_that_is_none_is_not_found() -> None:
    async with opened() as (_, _, _, control):
        with pytest.raises(NotFound):
            await get_quota(control, "none")
