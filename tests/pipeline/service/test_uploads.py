import traceback
from pathlib import Path

import pytest

from pipeline.errors import ConfigError, PagelakeError, RequestRejected, ServiceBusy, StoreError
from pipeline.service.control import ControlPlane
from pipeline.service.datasets import create_dataset
from pipeline.service.polling import Polling
from pipeline.service.uploads import (
    UploadFile,
    put_dataset,
    upload,
    upload_files,
    upload_signed,
    upload_whole,
)
from tests.gateway import ACCOUNT, KEY, grpc, opened
from tests.pipeline.service.clocks import Clock
from tests.pipeline.service.test_datasets import Lost
from tests.servers import Heard, Reply, hang_up, html, json_reply, refusal

pytestmark = pytest.mark.anyio


def written(folder: Path, *names: str, lines: int = 1000) -> list[Path]:
    paths = [folder / name for name in names]
    for number, path in enumerate(paths):
        path.write_bytes(f'{{"custom_id": "{number}"}}\n'.encode() * lines)
    return paths


async def test_a_small_file_goes_in_one_request(tmp_path: Path) -> None:
    (path,) = written(tmp_path, "in.jsonl")
    counted: list[int] = []
    async with opened() as (gateway, server, storage, control):
        await create_dataset(control, "in-1", example_count=1000)
        await upload(control, "in-1", [path], progress=counted.append)

    sent = server.heard[-1]
    assert sent.path == f"/v1/accounts/{ACCOUNT}/datasets/in-1:upload"
    assert sent.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert int(sent.headers["content-length"]) == len(sent.raw)
    assert b'name="file"; filename="in.jsonl"' in sent.raw
    assert gateway.bucket.objects["dataset/in-1/in.jsonl"] == path.read_bytes()
    assert sum(counted) == path.stat().st_size
    assert storage.heard == []


async def test_a_dataset_that_is_put_twice_is_uploaded_once(tmp_path: Path) -> None:
    paths, quick = written(tmp_path, "in.jsonl"), Polling(first_s=0.001)
    async with opened() as (_, server, _, control):
        first = await put_dataset(control, "in-1", paths, example_count=1000, polling=quick)
        again = await put_dataset(control, "in-1", paths, example_count=1000, polling=quick)

    assert (first.is_ready, again) == (True, first)
    assert len([heard for heard in server.heard if heard.path.endswith(":upload")]) == 1


async def test_larger_ones_go_to_storage_which_never_sees_the_key(tmp_path: Path) -> None:
    paths = written(tmp_path, "one.jsonl", "two.jsonl")
    counted: list[int] = []
    async with opened() as (gateway, server, storage, control):
        await create_dataset(control, "in-1", example_count=2000)
        await upload(control, "in-1", paths, progress=counted.append)

    asked = [heard for heard in server.heard if heard.path.endswith(":getUploadEndpoint")]
    sizes = {path.name: str(path.stat().st_size) for path in paths}
    assert [heard.body for heard in asked] == [{"filenameToSize": sizes}]
    for heard, path in zip(storage.heard, paths, strict=True):
        size = sizes[path.name]
        assert heard.method == "PUT"
        assert heard.raw == path.read_bytes()
        assert heard.headers["content-length"] == size
        assert heard.headers["content-type"] == "application/octet-stream"
        assert heard.headers["x-goog-content-length-range"] == f"{size},{size}"
        assert "transfer-encoding" not in heard.headers
        assert KEY not in str(heard.headers)
        assert "X-Goog-Signature=sig-" in heard.path
    assert server.heard[-1].path.endswith("in-1:validateUpload")
    assert server.heard[-1].body == {}
    assert sum(counted) == sum(map(int, sizes.values()))
    assert set(gateway.bucket.objects) == {"dataset/in-1/one.jsonl", "dataset/in-1/two.jsonl"}


async def test_one_file_above_the_limit_goes_to_storage(tmp_path: Path) -> None:
    async with opened() as (_, _, storage, control):
        await create_dataset(control, "in-1", example_count=1)
        await upload(control, "in-1", written(tmp_path, "in.jsonl"), multipart_bytes=100)

    assert len(storage.heard) == 1


async def test_a_file_too_large_for_one_request_is_not_sent(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    async with opened() as (_, server, _, control):
        with pytest.raises(RequestRejected, match="149999999 bytes, more than the 150000000") as caught:
            await upload_whole(control, "in-1", UploadFile(path, "in.jsonl", 149_999_999))

    assert caught.value.status == 413
    assert server.heard == []


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], "no file"),
        (["a.json"], r"takes \.jsonl files"),
        (["gone.jsonl"], "is no file"),
        (["empty.jsonl"], "is empty"),
        (["a b.jsonl", "a+b.JSONL"], "same name"),
    ],
)
def test_what_cannot_be_uploaded_is_said_at_once(tmp_path: Path, names: list[str], words: str) -> None:
    for name in set(names) - {"gone.jsonl"}:
        (tmp_path / name).write_bytes(b"" if name.startswith("empty") else b"{}")

    with pytest.raises(ConfigError, match=words):
        upload_files([tmp_path / name for name in names])


def test_names_are_made_such_that_the_service_takes_them(tmp_path: Path) -> None:
    names = ["a.jsonl", "B_2.JSONL", 'über "x".jsonl', "ß.jsonl"]

    files = upload_files(written(tmp_path, *names))

    assert [file.name for file in files] == ["a.jsonl", "B_2.jsonl", "ber-x.jsonl", "data.jsonl"]


@pytest.mark.parametrize("fault", [hang_up(), html(503), refusal(500)])
async def test_an_upload_that_breaks_off_is_sent_again_whole(tmp_path: Path, fault: Reply) -> None:
    (path,) = written(tmp_path, "in.jsonl")
    counted: list[int] = []
    async with opened() as (gateway, _, storage, control):
        gateway.bucket.faults = [lambda _reply: fault]
        await create_dataset(control, "in-1", example_count=1)
        await upload_signed(control, "in-1", upload_files([path]), progress=counted.append)

    assert [heard.raw for heard in storage.heard] == [path.read_bytes()] * 2
    assert sum(counted) == path.stat().st_size


async def test_an_upload_whose_answer_was_lost_is_known_by_its_dataset(tmp_path: Path) -> None:
    async with opened() as (gateway, server, _, control):
        await create_dataset(control, "in-1", example_count=1)
        gateway.looks = 0
        gateway.after = Lost(":upload")

        def fault(heard: Heard) -> Reply | None:
            again = heard.path.endswith(":upload") and gateway.datasets["in-1"]["uploaded"]
            return grpc(400, 9, "the dataset takes no more files") if again else None

        gateway.fault = fault
        gateway.datasets["in-1"]["looks"] = 0
        await upload_whole(control, "in-1", *upload_files(written(tmp_path, "in.jsonl")))

    assert sum(heard.path.endswith(":upload") for heard in server.heard) == 2


async def test_a_url_that_has_expired_is_asked_for_anew_with_all_files(tmp_path: Path) -> None:
    paths = written(tmp_path, "one.jsonl", "two.jsonl")
    async with opened() as (gateway, server, storage, control):

        def expire_after_the_first(reply: Reply) -> Reply:
            gateway.bucket.good.clear()
            return reply

        gateway.bucket.faults = [expire_after_the_first]
        await create_dataset(control, "in-1", example_count=1)
        await upload(control, "in-1", paths)

    asked = [set(heard.body["filenameToSize"]) for heard in server.heard if "getUpload" in heard.path]
    assert asked == [{"one.jsonl", "two.jsonl"}] * 2
    assert [heard.raw for heard in storage.heard] == [path.read_bytes() for path in (*paths, paths[1])]


async def test_urls_are_renewed_before_their_hour_is_over(tmp_path: Path) -> None:
    clock = Clock()
    async with opened() as (gateway, server, _, control):

        def passes(reply: Reply) -> Reply:
            clock.now_s += 46 * 60
            return reply

        gateway.bucket.faults = [passes]
        await create_dataset(control, "in-1", example_count=1)
        files = upload_files(written(tmp_path, "one.jsonl", "two.jsonl"))
        await upload_signed(control, "in-1", files, clock=clock)

    assert sum("getUpload" in heard.path for heard in server.heard) == 2


async def refused(control: ControlPlane, path: Path) -> PagelakeError:
    await create_dataset(control, "in-1", example_count=1)
    with pytest.raises(PagelakeError) as caught:
        await upload_signed(control, "in-1", upload_files([path]))
    return caught.value


async def test_storage_that_takes_no_url_at_all_is_given_up(tmp_path: Path) -> None:
    async with opened() as (gateway, _, storage, control):
        gateway.bucket.good = _Nothing()
        error = await refused(control, *written(tmp_path, "in.jsonl"))

    assert isinstance(error, RequestRejected)
    assert "the storage at 127.0.0.1 refuses a file (400 ExpiredToken)" in str(error)
    assert len(storage.heard) == 4


class _Nothing(set[str]):
    def __contains__(self, _: object) -> bool:
        return False


async def test_neither_key_nor_signature_is_in_what_is_told_of_storage(tmp_path: Path) -> None:
    async with opened() as (gateway, _, _, control):
        gateway.bucket.good = _Nothing()
        error = await refused(control, *written(tmp_path, "in.jsonl"))

    shown = "".join(traceback.format_exception(error))
    assert "sig-" not in shown
    assert KEY not in shown


@pytest.mark.parametrize(
    ("urls", "words"),
    [
        ({"in.jsonl": "http://storage.example/x"}, "travel to storage.example in the clear"),
        ({"in.jsonl": "ftp://storage.example/secret"}, "not on the web"),
        ({"in.jsonl": "https://a:b@storage.example/secret"}, "not on the web"),
        ({"in.jsonl": "http://[::1/secret"}, "no URL"),
        ({"other.jsonl": "http://127.0.0.1:1/secret"}, "exactly the files"),
        ({}, "exactly the files"),
        (None, "no places"),
    ],
)
async def test_files_do_not_go_just_anywhere(tmp_path: Path, urls: object, words: str) -> None:
    async with opened() as (gateway, _, _, control):
        answer = json_reply({"filenameToSignedUrls": urls})
        gateway.fault = lambda heard: answer if "getUpload" in heard.path else None
        error = await refused(control, *written(tmp_path, "in.jsonl"))

    assert isinstance(error, RequestRejected | ServiceBusy)
    assert words in str(error)
    assert "secret" not in str(error)


async def test_a_dataset_under_keys_of_ones_own_is_left_alone(tmp_path: Path) -> None:
    async with opened() as (gateway, server, _, control):
        await create_dataset(control, "in-1", example_count=1)
        gateway.datasets["in-1"]["encryptionState"] = "ENCRYPTION_STATE_BYOK"
        with pytest.raises(ConfigError, match=r"encryption keys of your own \(byok\)"):
            await upload(control, "in-1", written(tmp_path, "in.jsonl"))

    assert not any(heard.path.endswith(":upload") for heard in server.heard)


async def test_a_file_that_shrinks_after_it_was_measured_is_not_sent_as_whole(tmp_path: Path) -> None:
    (path,) = written(tmp_path, "in.jsonl")
    (file,) = upload_files([path])
    path.write_bytes(b"short")
    async with opened() as (gateway, _, _, control):
        await create_dataset(control, "in-1", example_count=1)
        for way in (upload_whole(control, "in-1", file), upload_signed(control, "in-1", [file])):
            with pytest.raises(StoreError, match="changed"):
                await way

    assert gateway.bucket.objects == {}


async def test_a_refusal_in_the_middle_of_an_upload_is_heard(tmp_path: Path) -> None:
    async with opened() as (gateway, _, _, control):
        await create_dataset(control, "in-1", example_count=1)
        gateway.fault = lambda heard: html(413) if heard.path.endswith(":upload") else None
        with pytest.raises(RequestRejected, match="413"):
            await upload(control, "in-1", written(tmp_path, "in.jsonl"))
