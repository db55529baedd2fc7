import traceback
from pathlib import Path

import pytest

from pipeline.errors import NotFound, RequestRejected, ServiceBusy
from pipeline.service.control import ControlPlane
from pipeline.service.datasets import create_dataset
from pipeline.service.downloads import ERRORS, RESULTS, download, download_urls
from tests.gateway import KEY, Gateway, opened
from tests.servers import Reply, hang_up, html, json_reply, reset, truncated

pytestmark = pytest.mark.anyio

LINES = b'{"custom_id": "a"}\n' * 20_000


async def filled(gateway: Gateway, control: ControlPlane) -> None:
    await create_dataset(control, "out-1", example_count=1)
    gateway.bucket.objects |= {f"dataset/out-1/{RESULTS}": LINES, f"dataset/out-1/{ERRORS}": b""}


def found(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


async def test_files_are_called_by_the_end_of_their_path(tmp_path: Path) -> None:
    counted: list[int] = []
    async with opened() as (gateway, server, storage, control):
        await filled(gateway, control)
        paths = await download(control, "out-1", tmp_path / "new", progress=counted.append)

    assert paths == {RESULTS: tmp_path / "new" / RESULTS, ERRORS: tmp_path / "new" / ERRORS}
    assert sum(counted) == len(LINES)
    assert found(tmp_path / "new") == {RESULTS: LINES, ERRORS: b""}
    assert server.heard[-1].raw == b""
    assert all("authorization" not in heard.headers for heard in storage.heard)


async def test_a_download_that_breaks_off_goes_on_where_it_was(tmp_path: Path) -> None:
    counted: list[int] = []
    async with opened() as (gateway, _, storage, control):
        await filled(gateway, control)
        gateway.bucket.faults = [lambda reply: reset(reply, after=100_000), lambda _: html(503)]
        paths = await download(control, "out-1", tmp_path, progress=counted.append)

    asked = [heard.headers.get("range") for heard in storage.heard]
    assert paths[RESULTS].read_bytes() == LINES
    assert sum(counted) == len(LINES)
    assert asked[0] is None
    assert asked[1]
    assert asked[1] == asked[2]
    assert all(heard.headers["if-range"] == f'"{len(LINES)}"' for heard in storage.heard[1:3])


async def test_storage_that_cannot_resume_sends_all_again(tmp_path: Path) -> None:
    async with opened() as (gateway, _, _, control):
        await filled(gateway, control)
        whole = Reply(headers={"etag": '"new"'}, body=LINES[::-1])
        gateway.bucket.faults = [lambda reply: reset(reply, after=100_000), lambda _: whole]
        paths = await download(control, "out-1", tmp_path)

    assert paths[RESULTS].read_bytes() == LINES[::-1]


@pytest.mark.parametrize(
    "odd", [Reply(status=416), Reply(status=206, headers={"content-range": "bytes 0-4/5"}, body=b"wrong")]
)
async def test_a_part_that_is_not_the_missing_one_is_not_taken(tmp_path: Path, odd: Reply) -> None:
    async with opened() as (gateway, _, storage, control):
        await filled(gateway, control)
        gateway.bucket.faults = [lambda reply: reset(reply, after=100_000), lambda _: odd]
        paths = await download(control, "out-1", tmp_path)

    assert paths[RESULTS].read_bytes() == LINES
    assert storage.heard[2].headers.get("range") is None


async def test_a_url_that_has_expired_is_asked_for_anew(tmp_path: Path) -> None:
    async with opened() as (gateway, server, storage, control):
        await filled(gateway, control)

        def break_off_for_long(reply: Reply) -> Reply:
            gateway.bucket.good.clear()
            return reset(reply, after=100_000)

        gateway.bucket.faults = [break_off_for_long]
        paths = await download(control, "out-1", tmp_path)

    assert paths[RESULTS].read_bytes() == LINES
    assert sum("getDownloadEndpoint" in heard.path for heard in server.heard) == 2
    assert [bool(heard.headers.get("range")) for heard in storage.heard[:3]] == [False, True, True]


async def test_storage_that_gives_nothing_is_given_up_without_its_secrets(tmp_path: Path) -> None:
    async with opened() as (gateway, _, _, control):
        await filled(gateway, control)
        gateway.bucket.faults = [
            lambda _: Reply(status=403, body=b"<Error><Code>Nope</Code>sig-1</Error>")
        ] * 99
        with pytest.raises(
            RequestRejected, match=r"storage at 127\.0\.0\.1 refuses a file \(403 Nope\)"
        ) as caught:
            await download(control, "out-1", tmp_path)

    shown = "".join(traceback.format_exception(caught.value))
    assert "sig-" not in shown
    assert KEY not in shown
    assert found(tmp_path) == {}


async def test_a_file_that_never_comes_whole_is_not_there(tmp_path: Path) -> None:
    async with opened() as (gateway, _, _, control):
        await filled(gateway, control)
        (tmp_path / RESULTS).write_bytes(b"old")
        gateway.bucket.faults = [lambda reply: reset(reply, after=10)] * 99
        with pytest.raises(ServiceBusy):
            await download(control, "out-1", tmp_path)

    assert found(tmp_path) == {RESULTS: b"old"}


async def test_a_body_that_is_shorter_than_it_says_is_not_taken_for_whole(tmp_path: Path) -> None:
    def short(reply: Reply) -> Reply:
        head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(reply.body)}\r\n\r\n".encode()
        return Reply(raw=head + truncated(reply).body)

    async with opened() as (gateway, _, _, control):
        await filled(gateway, control)
        gateway.bucket.faults = [short, lambda _: hang_up()]
        paths = await download(control, "out-1", tmp_path)

    assert paths[RESULTS].read_bytes() == LINES


async def test_the_files_of_a_lineage_keep_apart_by_their_dataset(tmp_path: Path) -> None:
    async with opened() as (gateway, server, storage, control):
        await filled(gateway, control)
        gateway.bucket.objects["dataset/out-0/" + RESULTS] = b"{}"
        names = [f"dataset/{one}/{RESULTS}" for one in ("out-0", "out-1")]
        signed = {name: gateway.bucket.sign(storage.base_url, name) for name in names}
        gateway.fault = lambda _: json_reply({"filenameToSignedUrls": signed})
        paths = await download(control, "out-1", tmp_path, lineage=True)

    assert server.heard[-1].path.endswith("?downloadLineage=true")
    assert set(paths) == {f"out-0/{RESULTS}", f"out-1/{RESULTS}"}
    assert paths[f"out-0/{RESULTS}"].read_bytes() == b"{}"


@pytest.mark.parametrize("key", ["", "/", "dataset/x/..", "dataset/x/a\\b", "dataset/x/.hidden", "a b"])
async def test_a_name_that_leads_elsewhere_is_refused(key: str) -> None:
    async with opened() as (gateway, _, _, control):
        await filled(gateway, control)
        gateway.fault = lambda _: json_reply({"filenameToSignedUrls": {key: "https://x"}})
        with pytest.raises(ServiceBusy, match="no file's name"):
            await download_urls(control, "out-1")


async def test_a_dataset_that_was_never_made_has_no_files(tmp_path: Path) -> None:
    async with opened() as (_, _, _, control):
        with pytest.raises(NotFound):
            await download(control, "out-1", tmp_path)


async def test_a_file_that_goes_away_meanwhile_is_named(tmp_path: Path) -> None:
    async with opened() as (gateway, _, _, control):
        await filled(gateway, control)

        def remove(_: Reply) -> Reply:
            del gateway.bucket.objects[f"dataset/out-1/{RESULTS}"]
            return Reply(status=403)

        gateway.bucket.faults = [remove]
        with pytest.raises(NotFound, match=f"{RESULTS} has gone from dataset out-1"):
            await download(control, "out-1", tmp_path)
