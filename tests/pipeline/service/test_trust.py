"""Certificates that are believed, by real TLS servers on loopback with an authority of our own."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from flows.engine import check
from pipeline.errors import ConfigError, ServiceRefused
from pipeline.service.client import Client
from pipeline.service.control import ControlPlane
from pipeline.service.files import PartFile
from pipeline.service.trust import trusted
from pipeline.settings import Settings
from tests.certificates import Authority, server_tls
from tests.pipeline.service.connecting import endpoint
from tests.servers import FaultServer, Reply, json_reply

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def https(authority: Authority) -> Iterator[FaultServer]:
    with FaultServer([json_reply({"ok": True})], tls=server_tls(authority.server())) as server:
        yield server


async def test_an_authority_of_ones_own_is_trusted_by_chat_control_plane_and_storage(
    https: FaultServer, authority: Authority, tmp_path: Path
) -> None:
    at = replace(endpoint(https.base_url), ca_file=authority.ca_file)
    async with Client(at, proxies={}) as client, ControlPlane(at, account_id="a", proxies={}) as control:
        await client.post("chat/completions", b"{}")
        await control.call("GET", "v1/accounts/a")
        with PartFile(tmp_path / "got.json") as part:
            await control.storage.get(f"{https.base_url}/signed?x=1", part)

    assert [heard.path for heard in https.heard] == [
        "/v1/chat/completions",
        "/v1/accounts/a",
        "/v1/signed?x=1",
    ]
    assert (tmp_path / "got.json").read_bytes() == b'{"ok": true}'


async def test_another_authority_vouches_for_nobody(https: FaultServer, tmp_path: Path) -> None:
    async with Client(endpoint(https.base_url), proxies={}) as client:
        with pytest.raises(ServiceRefused, match=r"not trusted.*PAGELAKE_CA_FILE"):
            await client.post("chat/completions", b"{}")
    async with ControlPlane(endpoint("http://127.0.0.1:1"), account_id="a", proxies={}) as control:
        with PartFile(tmp_path / "got") as part, pytest.raises(ServiceRefused, match="not trusted"):
            await control.storage.get(f"{https.base_url}/signed", part)

    assert https.heard == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", "https://model.example/v1"])
@pytest.mark.parametrize(
    ("content", "words"), [(None, "No such file"), (b"", "no certificate"), (b"\x00\xff", "no certificate")]
)
def test_a_file_without_certificates_is_one_sentence(
    url: str, content: bytes | None, words: str, tmp_path: Path
) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(ConfigError, match=rf"ca\.pem.*{words}.*PAGELAKE_CA_FILE"):
        check(Settings(base_url=url, model="m", ca_file=file))


def test_a_usual_place_without_certificates_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))

    with pytest.raises(ConfigError, match="SSL_CERT_FILE"):
        trusted()


def test_the_file_adds_to_the_usual_authorities(authority: Authority) -> None:
    usual = len(trusted().get_ca_certs())

    assert usual > 10
    assert len(trusted(authority.ca_file).get_ca_certs()) == usual + 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_control_plane_and_storage_follow_no_redirect(status: int, tmp_path: Path) -> None:
    with FaultServer([json_reply({})]) as elsewhere:
        moved = Reply(status=status, headers={"location": elsewhere.base_url})
        with FaultServer([moved], models=None) as server:
            async with ControlPlane(endpoint(server.base_url), account_id="a", proxies={}) as control:
                with pytest.raises(ServiceRefused):
                    await control.call("POST", "v1/accounts/a/datasets", body={"secret": 1})
                with PartFile(tmp_path / "got") as part, pytest.raises(Exception, match="refuses a file"):
                    await control.storage.get(f"{server.base_url}/signed", part)

    assert elsewhere.heard == []
