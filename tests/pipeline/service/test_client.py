import asyncio
import errno
import ssl
import traceback
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest

from pipeline.errors import ConfigError, PagelakeError, RequestRejected, ServiceBusy, ServiceRefused
from pipeline.service.client import FOREIGN, Client, Timeouts, translated
from tests.certificates import self_signed, server_tls
from tests.pipeline.service.connecting import KEY, connected, endpoint
from tests.servers import (
    FaultServer,
    Reply,
    chat_answer,
    garbage,
    hang_up,
    html,
    json_reply,
    late,
    refusal,
    reset,
    slow,
    too_many,
)

pytestmark = pytest.mark.anyio


def every(kind: type[Exception]) -> list[type[Exception]]:
    return [kind, *(below for child in kind.__subclasses__() for below in every(child))]


def httpx_errors() -> list[type[Exception]]:
    named = (getattr(httpx, name) for name in httpx.__all__)
    return [kind for kind in named if isinstance(kind, type) and issubclass(kind, Exception)]


@pytest.mark.parametrize("kind", httpx_errors(), ids=lambda kind: kind.__name__)
def test_every_error_of_httpx_becomes_one_of_ours(kind: type[Exception]) -> None:
    error = kind.__new__(kind)
    error.args = (f"something with {KEY}",)

    ours = translated(error, "model.example")

    assert isinstance(error, FOREIGN)
    assert isinstance(ours, ServiceBusy | ConfigError)
    assert "model.example" in str(ours)
    assert KEY not in str(ours)


def test_httpx_has_no_errors_that_it_does_not_name() -> None:
    below = {kind for top in (httpx.HTTPError, httpx.StreamError) for kind in every(top)}
    its_own = {kind for kind in below if kind.__module__.startswith("httpx")}

    assert its_own <= set(httpx_errors())


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.UnsupportedProtocol("no"), ConfigError),
        (httpx.InvalidURL("no"), ConfigError),
        (httpx.ProxyError("407 Proxy Authentication Required"), ServiceRefused),
        (httpx.ProxyError("403 Forbidden"), ServiceRefused),
        (httpx.ProxyError("502 Bad Gateway"), ServiceBusy),
        (httpx.PoolTimeout("no"), ServiceBusy),
        (ssl.SSLError(1, "decryption failed"), ServiceBusy),
        (OSError(113, "no route"), ServiceBusy),
        (UnicodeError("label too long"), ConfigError),
    ],
    ids=str,
)
def test_an_error_is_lasting_where_asking_again_is_no_use(
    error: Exception, kind: type[PagelakeError]
) -> None:
    assert type(translated(error, "model.example")) is kind


@pytest.mark.parametrize(
    ("fault", "words", "in_doubt"),
    [
        (hang_up(), "closed early", True),
        (garbage(), "not HTTP", True),
        (reset(chat_answer("x" * 100)), "reset|closed early", True),
        (html(502), r"502 oh dear", False),
        (too_many(), "429: rate limit exceeded", False),
    ],
)
async def test_a_fault_on_the_way_is_a_busy_service(fault: Reply, words: str, *, in_doubt: bool) -> None:
    """What broke off after the request was sent may have been worked, and charged for."""
    async with connected([fault]) as (_, client):
        with pytest.raises(ServiceBusy, match=words) as caught:
            await client.get("anything")

    assert caught.value.in_doubt is in_doubt


async def test_a_refused_connection_is_a_busy_service() -> None:
    with FaultServer([chat_answer({})]) as server:
        closed = server.base_url

    async with Client(endpoint(closed), proxies={}) as client:
        with pytest.raises(ServiceBusy, match="Connection refused") as caught:
            await client.get("models")

    assert not caught.value.in_doubt


async def test_a_service_that_thinks_too_long_is_given_up() -> None:
    async with connected([late(chat_answer({}), 30)], Timeouts(read_s=0.05)) as (_, client):
        with pytest.raises(ServiceBusy, match="took too long to answer") as caught:
            await client.post("chat/completions", b"{}")

    assert caught.value.in_doubt


async def test_the_whole_exchange_has_a_limit_that_dripping_does_not_stretch() -> None:
    async with connected([slow(chat_answer("x" * 1000), 30)], Timeouts(total_s=0.1)) as (_, client):
        with pytest.raises(ServiceBusy, match=r"no answer in 0\.1 s") as caught:
            await client.post("chat/completions", b"{}")

    assert caught.value.in_doubt


async def test_an_endless_answer_is_not_read_to_the_end() -> None:
    with FaultServer([chat_answer("x" * 2000), chat_answer("y")]) as server:
        async with Client(endpoint(server.base_url), proxies={}, limit_bytes=1000) as client:
            with pytest.raises(RequestRejected, match="longer than 1000 bytes") as refused:
                await client.post("chat/completions", b"{}")
            reply = await client.post("chat/completions", b"{}")

    assert reply.status == 200
    assert refused.value.in_doubt  # it was made, and charged for


async def test_what_is_sent() -> None:
    async with connected([chat_answer({})]) as (server, client):
        await client.post("chat/completions", b'{"a": 1}')

    (heard,) = server.heard
    assert (heard.method, heard.path, heard.body) == ("POST", "/v1/chat/completions", {"a": 1})
    assert heard.headers["authorization"] == f"Bearer {KEY}"
    assert heard.headers["user-agent"] == f"pagelake/{version('pagelake')}"
    assert heard.headers["content-type"] == "application/json"
    assert heard.headers["content-length"] == "8"
    assert heard.headers["host"] in server.base_url


async def test_without_a_key_none_is_sent() -> None:
    with FaultServer([chat_answer({})]) as server:
        async with Client(endpoint(server.base_url, key=None), proxies={}) as client:
            await client.get("other")

    assert "authorization" not in server.heard[0].headers


async def test_a_base_url_keeps_its_query() -> None:
    with FaultServer([chat_answer({})]) as server:
        async with Client(endpoint(f"{server.base_url}/?api-version=2"), proxies={}) as client:
            await client.post("chat/completions", b"{}")

    assert server.heard[0].path == "/v1/chat/completions?api-version=2"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    with FaultServer([json_reply({})]) as elsewhere:
        moved = Reply(status=status, headers={"location": f"{elsewhere.base_url}/chat/completions"})
        async with connected([moved]) as (server, client):
            with pytest.raises(ServiceRefused, match="base URL"):
                await client.post("chat/completions", b"{}")

    assert len(server.heard) == 1
    assert elsewhere.heard == []


async def test_a_request_id_is_kept() -> None:
    async with connected([json_reply({}, x_request_id="req-77")]) as (_, client):
        reply = await client.get("other")

    assert reply.request_id == "req-77"


@pytest.mark.parametrize(
    "fault",
    [
        refusal(401, f"bad key {KEY}!"),
        refusal(400, f"Extra inputs: Authorization: Bearer {KEY}"),
        html(503),
        hang_up(),
        garbage(),
        reset(chat_answer("x" * 100)),
        late(chat_answer(""), 30),
    ],
)
async def test_the_key_is_in_no_message_repr_or_traceback_with_its_variables(fault: Reply) -> None:
    async with connected([fault], Timeouts(read_s=0.05)) as (_, client):
        with pytest.raises(PagelakeError) as caught:
            await client.post("chat/completions", b"{}")
        shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
        ours = [frame for frame in shown.format() if "fault = " not in frame]

    assert KEY not in str(caught.value)
    assert KEY not in repr(client)
    assert KEY not in "".join(ours)


@pytest.mark.parametrize(
    ("base_url", "words"),
    [
        ("", "https://"),
        ("model.example/v1", "https://"),
        ("ftp://model.example/v1", "https://"),
        ("https:///v1", "https://"),
        ("http://[::1/v1", "not a URL"),
        ("https://me:secret@model.example/v1", "password"),
        ("http://model.example/v1", "in the clear"),
    ],
)
def test_a_url_that_cannot_be_asked_is_refused_at_once(base_url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        Client(endpoint(base_url), proxies={})

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel", "\u00a0"])
def test_a_key_that_cannot_be_a_key_is_refused_unseen(key: str) -> None:
    with pytest.raises(ConfigError, match="API key") as caught:
        Client(endpoint("https://model.example/v1", key=key), proxies={})

    assert key not in str(caught.value)


async def test_plain_http_is_for_this_machine_or_by_permission() -> None:
    for allowed in (
        endpoint("http://localhost:1/v1"),
        endpoint("http://127.0.0.1:1/v1", key=None),
        endpoint("http://model.example/v1", allow_plain_http=True),
    ):
        async with Client(allowed, proxies={}) as client:
            assert isinstance(client, Client)


def test_pages_go_nowhere_in_the_clear_even_without_a_key() -> None:
    with pytest.raises(ConfigError, match=r"^pages would travel to model\.example in the clear"):
        Client(endpoint("http://model.example/v1", key=None), proxies={})


async def test_a_certificate_that_no_one_vouches_for_stops_the_run(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    with FaultServer([chat_answer({})], tls=server_tls(certificate)) as server:
        async with Client(endpoint(server.base_url), proxies={}) as client:
            with pytest.raises(
                ServiceRefused, match=r"certificate of 127\.0\.0\.1 is not trusted.*PAGELAKE_CA_FILE"
            ):
                await client.get("other")

    assert server.heard == []


async def test_a_certificate_of_ones_own_can_be_trusted(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    trusting = ssl.create_default_context(cafile=certificate)
    with FaultServer([chat_answer({})], tls=server_tls(certificate)) as server:
        async with (
            Client(endpoint(server.base_url), proxies={}, tls=trusting) as client,
            asyncio.TaskGroup() as group,
        ):
            for _ in range(5):
                group.create_task(client.post("chat/completions", b"{}"))

    assert len(server.heard) == 5
    assert 1 <= server.connections <= 5


async def test_https_asked_of_plain_http_is_named() -> None:
    with FaultServer([chat_answer({})]) as server:
        async with Client(endpoint(server.base_url.replace("http:", "https:")), proxies={}) as client:
            with pytest.raises(ServiceRefused, match="does not speak https"):
                await client.get("models")


async def test_a_proxy_is_asked_for_what_is_elsewhere() -> None:
    with FaultServer([chat_answer({"total": 1})]) as proxy:
        address = proxy.base_url.removesuffix("/v1")
        async with Client(
            endpoint("http://model.example/v1", allow_plain_http=True), proxies={"http": address}
        ) as client:
            reply = await client.post("chat/completions", b"{}")

    assert reply.status == 200
    assert proxy.heard[0].path == "http://model.example/v1/chat/completions"


async def test_a_proxy_is_asked_for_a_tunnel_and_may_refuse_it() -> None:
    with FaultServer([Reply(status=407)]) as proxy:
        async with Client(
            endpoint("https://model.example/v1"), proxies={"https": proxy.base_url.removesuffix("/v1")}
        ) as client:
            with pytest.raises(ServiceRefused, match="proxy"):
                await client.get("models")

    (heard,) = proxy.heard
    assert (heard.method, heard.path) == ("CONNECT", "model.example:443")
    assert "authorization" not in heard.headers


async def test_the_proxies_of_the_environment_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer([chat_answer({})]) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.base_url.removesuffix("/v1"))
        monkeypatch.delenv("http_proxy", raising=False)
        monkeypatch.setenv("NO_PROXY", "")
        monkeypatch.delenv("no_proxy", raising=False)
        async with Client(endpoint("http://model.example/v1", allow_plain_http=True)) as client:
            await client.get("other")

    assert len(proxy.heard) == 1


def test_no_files_left_is_said_and_not_tried_again() -> None:
    """Whoever opens no connection for that cannot retry it away."""
    error = httpx.ConnectError("all attempts failed")
    error.__cause__ = OSError(errno.EMFILE, "Too many open files")

    told = translated(error, "example.org")

    assert isinstance(told, ServiceRefused)
    assert "ulimit -n" in str(told)
