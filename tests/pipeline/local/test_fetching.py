"""Images are fetched within the documented limits, from hosts that were named, and from nowhere else."""

import base64
import ssl
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.local.fetching import MAX_BYTES, Fetcher, Unfetchable
from tests.certificates import self_signed, server_tls
from tests.servers import FaultServer, Reply, hang_up, late, slow

pytestmark = pytest.mark.anyio
PICTURE = Reply(headers={"content-type": "image/png"}, body=b"pixels")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def host_of(server: FaultServer) -> str:
    return server.base_url.split("/")[2]


async def fetched(reply: Reply, *, seconds: float = 5) -> str:
    with FaultServer([reply], models=None) as server:
        fetcher = Fetcher([host_of(server)], seconds=seconds)
        return await fetcher.fetch(f"http://{host_of(server)}/a.png?signed=1")


async def test_an_image_comes_in_base64() -> None:
    assert base64.b64decode(await fetched(PICTURE)) == b"pixels"


async def test_an_image_comes_over_tls_from_who_is_trusted_only(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    trusting = ssl.create_default_context(cafile=certificate)
    with FaultServer([PICTURE], models=None, tls=server_tls(certificate)) as server:
        url, hosts = f"https://{host_of(server)}/a.png", [host_of(server)]

        assert base64.b64decode(await Fetcher(hosts, tls=trusting).fetch(url)) == b"pixels"
        with pytest.raises(Unfetchable, match="cannot be reached"):
            await Fetcher(hosts).fetch(url)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(status=404, headers=PICTURE.headers), "answers 404"),
        (Reply(status=302, headers={"location": "http://127.0.0.1:1/"}), "answers 302"),
        (Reply(headers={"content-type": "text/html"}, body=b"<html>"), "known format"),
        (Reply(headers={"content-type": "image/svg+xml"}, body=b"<svg>"), "known format"),
        (Reply(body=b"pixels"), "known format"),
        (Reply(headers=PICTURE.headers, body=b"x" * MAX_BYTES), "not smaller than 5,000,000 bytes"),
        (hang_up(), "cannot be reached"),
    ],
)
async def test_what_does_not_come_as_an_image_is_refused(reply: Reply, words: str) -> None:
    with pytest.raises(Unfetchable, match=words):
        await fetched(reply)


@pytest.mark.parametrize("reply", [late(PICTURE, 2), slow(Reply(headers=PICTURE.headers, body=b"x" * 64), 2)])
async def test_an_image_that_takes_too_long_is_refused(reply: Reply) -> None:
    with pytest.raises(Unfetchable, match=r"within 0\.1 s"):
        await fetched(reply, seconds=0.1)


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        ([], "https://example.org/a.png"),
        (["example.org"], "https://www.example.org/a.png"),
        (["example.org"], "https://example.org:8443/a.png"),
        (["example.org"], "https://example.org.evil.example/a.png"),
        (["example.org"], "https://example.org@127.0.0.1/a.png"),
        (["example.org"], "https://user:word@example.org/a.png"),
        (["example.org"], "http://example.org/a.png"),
        (["example.org"], "https://exam ple.org/a.png"),
        (["example.org:8443"], "https://example.org/a.png"),
        (["127.0.0.1:8080"], "http://127.0.0.1/a.png"),
        (["127.0.0.1:8080"], "http://127.1:8080/a.png"),
        (["127.0.0.1:8080"], "http://127.0.0.1:99999/a.png"),
        (["127.0.0.1:8080"], "file://127.0.0.1:8080/etc/passwd"),
        (["127.0.0.1:8080"], "http:///a.png"),
        (["127.0.0.1:8080"], "http://[::1/a.png"),
    ],
)
async def test_nothing_is_fetched_from_anywhere_else(allowed: list[str], url: str) -> None:
    with pytest.raises(Unfetchable, match=r"may not fetch|address"):
        await Fetcher(allowed).fetch(url)


@pytest.mark.parametrize(
    "host", ["", "https://example.org", "example.org/path", "a@b", "example.org:0", "a:b"]
)
async def test_what_names_no_host_is_refused_at_once(host: str) -> None:
    with pytest.raises(ConfigError, match="names no host"):
        Fetcher([host])
