"""Who answers, and which model is asked."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from flows.beside import beside
from flows.engine import (
    Engine,
    check,
    check_limit,
    control_plane,
    engine_of,
    free_of_charge,
    in_words,
    opened,
    prices,
)
from pipeline.cost import Prices
from pipeline.errors import ConfigError, ServiceRefused
from pipeline.settings import Settings
from pipeline.tally import Tally
from tests.flows.command import page_answer
from tests.servers import FaultServer, json_reply, late, refusal


def settings(**values: Any) -> Settings:
    return Settings.model_validate(values)


def ask(asked: Settings, *, asking: bool = True) -> Engine:
    async def run() -> Engine:
        async with opened(asked, asking=asking) as engine:
            return engine

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, "local"),
        ({"api_key": "k"}, "service"),
        ({"base_url": "http://127.0.0.1:1/v1"}, "service"),
        ({"api_key": "k", "engine": "local"}, "local"),
        ({"engine": "service"}, "service"),
    ],
)
def test_auto_is_the_service_as_soon_as_a_key_or_a_url_is_set(values: dict[str, Any], expected: str) -> None:
    assert engine_of(settings(**values)) == expected


def test_the_words_name_the_host_of_the_service() -> None:
    assert in_words(settings(base_url="https://example.org/team/v1")) == "service at example.org"


def test_the_only_model_of_a_service_is_taken() -> None:
    with FaultServer(page_answer, models=["mine"]) as server:
        engine = ask(settings(base_url=server.base_url, api_key="k"))

    assert engine.model == "mine"
    assert engine.endpoint.api_key == SecretStr("k")


def test_what_the_list_of_models_waits_for_is_told() -> None:
    tally, told = Tally(started=0.0), set[str]()

    async def look() -> None:
        while True:
            told.add(tally.waiting())
            await asyncio.sleep(0.01)

    async def run(asked: Settings) -> None:
        async with beside(look()), opened(asked, tally=tally):
            pass

    models = json_reply({"data": [{"id": "mine"}]})
    with FaultServer([late(refusal(503, retry_after="0.2"), 0.1), models], models=None) as server:
        asyncio.run(run(settings(base_url=server.base_url, api_key="k")))

    assert {"asking the service for its models", "waiting 1 s, as the service asks"} <= told
    assert tally.waiting() == ""


def test_a_named_model_is_not_looked_up() -> None:
    with FaultServer([refusal(500)], models=None) as server:
        assert ask(settings(base_url=server.base_url, model="mine")).model == "mine"
        assert not server.heard


def test_a_service_without_models_asks_for_a_name() -> None:
    with FaultServer(page_answer, models=[]) as server, pytest.raises(ConfigError, match="--model"):
        ask(settings(base_url=server.base_url))


def test_a_wrong_key_shows_before_anything_is_drawn() -> None:
    with FaultServer([refusal(401)], models=None) as server, pytest.raises(ServiceRefused):
        ask(settings(base_url=server.base_url, api_key="wrong"))


def test_nothing_is_started_for_a_plan() -> None:
    engine = ask(settings(), asking=False)

    assert engine.model == "local/pagelake-ocr"
    assert engine.endpoint.base_url == ""


def test_the_embedded_engine_is_free_and_a_service_costs_what_is_set() -> None:
    priced = {"price_input": "0.5", "price_output": "2"}

    local, service = prices(settings(**priced), "m"), prices(settings(**priced, engine="service"), "m")

    assert local is None
    assert service is not None
    assert service.output == Decimal(2)


def test_a_model_costs_its_own_price_and_any_other_the_plain_one() -> None:
    asked = settings(
        engine="service",
        price_input="1",
        price_output="2",
        batch_discount="0.25",
        prices={"dear": {"input": 8, "output": 9, "batch_discount": 0}},
    )

    assert prices(asked, "dear") == Prices(input=Decimal(8), output=Decimal(9))
    assert prices(asked, "m") == Prices(input=Decimal(1), output=Decimal(2), batch_discount=Decimal("0.25"))


def test_a_limit_needs_the_price_of_the_model_that_is_asked() -> None:
    asked = settings(engine="service", max_cost="1", prices={"dear": {"input": 8, "output": 9}})

    check_limit(asked, "dear")
    with pytest.raises(ConfigError, match=r'prices of m,.* or \[prices\."m"\] in pagelake\.toml'):
        check_limit(asked, "m")
    with pytest.raises(ConfigError, match="prices of m,"):
        check(asked.model_copy(update={"model": "m"}))


def test_a_limit_on_what_costs_nothing_is_said_to_have_no_effect() -> None:
    assert free_of_charge(settings(max_cost="1")) == [
        "the embedded engine costs nothing: the limit on the cost has no effect"
    ]
    assert free_of_charge(settings()) == []
    assert free_of_charge(settings(max_cost="1", engine="service")) == []


def test_half_a_price_is_refused() -> None:
    with pytest.raises(ConfigError, match="PAGELAKE_PRICE_OUTPUT"):
        check(settings(price_input="1"))


@pytest.mark.parametrize(
    ("values", "dialect"),
    [
        ({"base_url": "https://us.api.fireworks.ai", "model": "m"}, "fireworks"),
        ({"api_key": "k", "model": "m"}, "fireworks"),
        ({"base_url": "http://127.0.0.1:1/v1", "model": "m"}, "openai"),
        ({"base_url": "http://127.0.0.1:1/v1", "model": "m", "dialect": "fireworks"}, "fireworks"),
        ({"api_key": "k", "model": "m", "dialect": "openai"}, "openai"),
    ],
)
def test_a_service_is_told_what_it_understands(values: dict[str, Any], dialect: str) -> None:
    assert ask(settings(**values)).dialect == dialect


def test_the_embedded_engine_understands_all_that_fireworks_does() -> None:
    assert ask(settings(), asking=False).dialect == "fireworks"


@pytest.mark.parametrize("override", [True, False])
def test_the_control_plane_is_beside_the_chat_completions_or_where_it_is_said_to_be(
    *, override: bool
) -> None:
    async def account(asked: Settings) -> str | None:
        async with control_plane(asked) as control:
            return await control.account_of_key()

    with (
        FaultServer([json_reply({}, x_fireworks_account_id="mine")], models=None) as server,
        FaultServer([refusal(500)], models=None) as other,
    ):
        values = {"base_url": other.base_url, "control_url": server.base_url} if override else {}
        asked = settings(**{"base_url": server.base_url, "api_key": "k", **values})
        assert asyncio.run(account(asked)) == "mine"

    assert [heard.path for heard in server.heard] == ["/verifyApiKey"]
    assert other.heard == []


def test_the_account_that_is_set_is_the_one_worked_with() -> None:
    async def account() -> str:
        async with control_plane(settings(api_key="k", account_id="accounts/mine")) as control:
            return await control.account()

    assert asyncio.run(account()) == "mine"


def test_fireworks_is_never_asked_without_a_key() -> None:
    with pytest.raises(ConfigError, match="the service needs a key: set FIREWORKS_API_KEY"):
        ask(settings(engine="service", model="m"))


def test_a_plan_for_a_named_model_needs_no_key() -> None:
    assert ask(settings(engine="service", model="m"), asking=False).model == "m"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"response_format": "grammar"}, "only Fireworks takes a grammar"),
        (
            {"response_format": "grammar", "base_url": "https://api.fireworks.ai", "dialect": "openai"},
            "only Fireworks",
        ),
        ({"extra_body": {"stream": True}}, "cannot have 'stream'"),
        ({"extra_body": {"thinking": {}}, "reasoning_effort": "low"}, "leave out one"),
        ({"model": "m#", "dialect": "fireworks"}, "'m#' names no deployment"),
        ({"model": "#accounts/me/deployments/d", "dialect": "fireworks"}, "names no deployment"),
        ({"model": "m#a b", "dialect": "fireworks"}, "names no deployment"),
    ],
)
def test_what_the_service_could_not_be_asked_is_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        check(settings(**{"base_url": "http://127.0.0.1:1/v1", "api_key": "k"} | values))


@pytest.mark.parametrize(
    "values",
    [
        {"response_format": "grammar"},
        {"response_format": "grammar", "base_url": "https://api.fireworks.ai"},
        {"response_format": "json_object", "base_url": "http://127.0.0.1:1/v1"},
        {"model": "m#accounts/me/deployments/d", "base_url": "http://127.0.0.1:1/v1", "dialect": "fireworks"},
        {"model": "m#", "base_url": "http://127.0.0.1:1/v1"},
    ],
)
def test_what_the_one_who_answers_takes_is_let_pass(values: dict[str, Any]) -> None:
    check(settings(**values))
