import pytest

from pipeline.errors import ServiceBusy, ServiceRefused
from pipeline.service.client import Client
from pipeline.service.models import ModelCard, image_models
from pipeline.service.retry import Retries
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
