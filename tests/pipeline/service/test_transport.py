import asyncio
import ssl
import sys
import threading

import httpx
import pytest

from pipeline.errors import ConfigError
from pipeline.service.transport import OneTimeBody, Slots, is_loopback, proxy_for
from pipeline.service.transport import Reply as Received
from tests.pipeline.service.connecting import connected
from tests.servers import Heard, Reply, chat_answer, held, late

PROXIES = {"http": "http://proxy:3128", "https": "proxy:3129"}


@pytest.mark.parametrize(
    ("url", "no", "proxy"),
    [
        ("http://model.example/v1", "", "http://proxy:3128"),
        ("https://model.example/v1", "", "http://proxy:3129"),
        ("https://model.example/v1", "other.example", "http://proxy:3129"),
        ("https://notmodel.example/v1", "model.example", "http://proxy:3129"),
        ("https://model.example/v1", "model.example", None),
        ("https://model.example/v1", "other, MODEL.example ", None),
        ("https://model.example/v1", ".example", None),
        ("https://model.example/v1", "*.example", None),
        ("https://model.example/v1", "*", None),
        ("https://model.example/v1", "model.example:443", None),
        ("https://model.example/v1", "model.example:8443", "http://proxy:3129"),
        ("https://10.1.2.3/v1", "10.0.0.0/8", None),
        ("https://10.1.2.3/v1", "10.1.2.3", None),
        ("https://11.1.2.3/v1", "10.0.0.0/8", "http://proxy:3129"),
        ("http://127.0.0.1:8000/v1", "", None),
        ("http://localhost:8000/v1", "", None),
        ("http://[::1]:8000/v1", "", None),
    ],
)
def test_the_proxy_of_the_environment_is_used_except_where_it_says_no(
    url: str, no: str, proxy: str | None
) -> None:
    assert proxy_for(httpx.URL(url), {**PROXIES, "no": no}) == proxy


def test_the_proxy_for_all_stands_in_for_a_missing_one() -> None:
    assert proxy_for(httpx.URL("https://model.example"), {"all": "http://any:1"}) == "http://any:1"
    assert proxy_for(httpx.URL("https://model.example"), {}) is None


@pytest.mark.parametrize("proxy", ["ftp://proxy:1", "http://[::1", "socks5://127.0.0.1:1080"])
def test_a_proxy_that_cannot_be_used_is_named_at_once(proxy: str) -> None:
    with pytest.raises(ConfigError, match="proxy"):
        Slots(tls=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), proxy=proxy, limit_bytes=1)


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("a.localhost", False),
        ("10.0.0.1", False),
        ("localhost.example", False),
    ],
)
def test_loopback_is_this_machine_alone(host: str, *, here: bool) -> None:
    assert is_loopback(host) is here


@pytest.mark.anyio
async def test_fifty_in_flight_open_at_most_fifty_connections() -> None:
    async with connected([chat_answer({})]) as (server, client):
        gate = asyncio.Semaphore(50)

        async def ask() -> None:
            async with gate:
                await client.post("chat/completions", b"{}")

        async with asyncio.TaskGroup() as group:
            for _ in range(200):
                group.create_task(ask())

    assert len(server.heard) == 200
    assert server.connections <= 50


@pytest.mark.anyio
async def test_one_at_a_time_opens_one_connection() -> None:
    async with connected([chat_answer({})]) as (server, client):
        for _ in range(20):
            await client.post("chat/completions", b"{}")

    assert server.connections == 1


@pytest.mark.anyio
async def test_a_cancelled_request_gives_its_slot_back() -> None:
    arrived = asyncio.Event()
    loop = asyncio.get_running_loop()
    open_at_last = threading.Event()

    def answer(heard: Heard) -> Reply:
        loop.call_soon_threadsafe(arrived.set)
        return held(chat_answer({}), open_at_last) if heard.number == 0 else chat_answer({})

    async with connected(answer) as (server, client):
        async with asyncio.TaskGroup() as group:
            asking = group.create_task(client.post("chat/completions", b"{}"))
            await arrived.wait()
            asking.cancel()
        open_at_last.set()
        for _ in range(3):
            await client.post("chat/completions", b"{}")

    assert len(server.heard) == 4
    assert server.connections == 2


@pytest.mark.anyio
async def test_the_body_is_let_go_while_the_answer_is_awaited() -> None:
    body = bytes(1_000_000)
    mine = sys.getrefcount(body)
    loop, arrived, answer_now = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def answer(_: Heard) -> Reply:
        loop.call_soon_threadsafe(arrived.set)
        return held(chat_answer({}), answer_now)

    async with connected(answer) as (_, client), asyncio.timeout(20), asyncio.TaskGroup() as group:
        group.create_task(client.post("chat/completions", lambda: body))
        await arrived.wait()
        while sys.getrefcount(body) > mine:  # noqa: ASYNC110 - nothing tells when a reference goes
            await asyncio.sleep(0)
        answer_now.set()


@pytest.mark.anyio
async def test_a_body_is_sent_once() -> None:
    body = OneTimeBody(b"abc")

    assert [piece async for piece in body] == [b"abc"]
    with pytest.raises(httpx.StreamConsumed):
        [piece async for piece in body]


@pytest.mark.anyio
async def test_the_time_an_answer_took_is_known() -> None:
    async with connected([late(chat_answer({}), 0.05)]) as (_, client):
        reply = await client.post("chat/completions", b"{}")

    assert 0.05 <= reply.elapsed_s < 10


def test_neither_headers_nor_body_are_in_a_replys_repr() -> None:
    assert (
        repr(Received(status=200, headers={"a": "b"}, body=b"text", elapsed_s=1))
        == "Reply(status=200, elapsed_s=1)"
    )
