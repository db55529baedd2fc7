from datetime import date

import pytest

from pipeline.errors import ServiceBusy, ServiceRefused
from pipeline.service.client import Client
from pipeline.service.control import ControlPlane
from pipeline.service.models import LibraryModel, ModelCard, get_model, image_models, library_models
from pipeline.service.retry import Retries
from pipeline.service.wire import read
from tests.pipeline.service.connecting import KEY, endpoint
from tests.servers import FaultServer, Reply, html, json_reply, refusal

pytestmark = pytest.mark.anyio


async def listed(*replies: Reply) -> list[ModelCard]:
    with FaultServer(replies, models=None) as server:
        async with Client(endpoint(server.base_url), proxies={}) as client:
            return await image_models(client, retries=Retries(attempts=2, backoff_s=0.001))


async def test_models_that_cannot_see_are_left_out() -> None:
    cards = await listed(
        json_reply(
            {
                "object": "list",
                "data": [
                    {"id": "sees", "supports_image_input": True, "context_length": 131072, "owned_by": "x"},
                    {"id": "blind", "supports_image_input": False},
                ],
            }
        )
    )

    assert cards == [ModelCard(name="sees", takes_images=True, context_tokens=131072)]


async def test_a_service_that_does_not_say_gets_the_benefit_of_the_doubt() -> None:
    cards = await listed(
        json_reply(
            {"data": [{"id": "plain", "object": "model"}, {"id": "odd", "context_length": "8k"}, {}, 3]}
        )
    )

    assert cards == [
        ModelCard(name="plain", takes_images=None, context_tokens=None),
        ModelCard(name="odd", takes_images=None, context_tokens=None),
    ]


async def test_the_list_is_asked_for_again() -> None:
    assert await listed(html(502), json_reply({"data": []})) == []


@pytest.mark.parametrize("reply", [html(200), json_reply({"data": None}), json_reply([])])
async def test_what_is_no_list_is_a_busy_service(reply: Reply) -> None:
    with pytest.raises(ServiceBusy, match="list of models"):
        await listed(reply)


async def test_a_bad_key_shows_here_first() -> None:
    with pytest.raises(ServiceRefused, match="API key") as caught:
        await listed(refusal(401, f"invalid: {KEY}"))

    assert KEY not in str(caught.value)


MODEL = {
    "name": "accounts/fireworks/models/vlm",
    "displayName": "A model",
    "state": "READY",
    "kind": "HF_BASE_MODEL",
    "contextLength": 131072,
    "supportsImageInput": True,
    "supportsServerless": True,
    "deprecationDate": {"year": 2027, "month": 1, "day": 15},
    "defaultSamplingParams": {"temperature": 0.6},
}


async def test_the_library_says_what_a_model_can() -> None:
    with FaultServer(
        [json_reply({"models": [MODEL, {"name": "accounts/x/models/y"}]})], models=None
    ) as server:
        async with ControlPlane(endpoint(server.base_url), account_id="me", proxies={}) as control:
            first, second = [model async for model in library_models(control, matching="kind=HF_BASE_MODEL")]

    assert (first.name, first.context_length, first.reads_pages) == (MODEL["name"], 131072, True)
    assert first.deprecation_date == date(2027, 1, 15)
    assert (second.context_length, second.reads_pages, second.deprecation_date) == (0, False, None)
    assert server.heard[0].path.startswith("/v1/accounts/fireworks/models?")
    assert "filter=kind%3DHF_BASE_MODEL" in server.heard[0].path


async def test_a_model_is_found_by_its_name_or_among_ones_own() -> None:
    with FaultServer([json_reply(MODEL)], models=None) as server:
        async with ControlPlane(endpoint(server.base_url), account_id="me", proxies={}) as control:
            await get_model(control, "accounts/fireworks/models/vlm")
            await get_model(control, "mine#accounts/me/deployments/d")
            assert [model async for model in library_models(control, None)] == []

    assert [heard.path.partition("?")[0] for heard in server.heard] == [
        "/v1/accounts/fireworks/models/vlm",
        "/v1/accounts/me/models/mine",
        "/v1/accounts/me/models",
    ]


@pytest.mark.parametrize(
    ("given", "day"),
    [
        ({"year": 2027, "month": 0, "day": 0}, date(2027, 1, 1)),
        ({"year": 2027, "month": 6}, date(2027, 6, 1)),
        ({"year": 0}, None),
        ({}, None),
        ({"year": 2027, "month": 13}, None),
        ({"year": "soon"}, None),
        ("2027-01-01", None),
    ],
)
def test_a_date_in_part_is_the_earliest_that_it_can_be(given: object, day: date | None) -> None:
    assert read(LibraryModel, {**MODEL, "deprecationDate": given}).deprecation_date == day


@pytest.mark.parametrize(
    "lack", [{"state": "UPLOADING"}, {"supportsImageInput": False}, {"supportsServerless": None}]
)
def test_a_model_that_cannot_be_asked_about_pages(lack: dict[str, object]) -> None:
    assert not read(LibraryModel, {**MODEL, **lack}).reads_pages
