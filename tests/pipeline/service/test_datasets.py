from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.errors import AlreadyExists, ConfigError, NotFound, RequestRejected, ServiceBusy
from pipeline.service.datasets import (
    Dataset,
    create_dataset,
    datasets,
    delete_dataset,
    get_dataset,
    split_dataset,
    update_dataset,
    wait_until_ready,
)
from pipeline.service.polling import Polling
from pipeline.service.uploads import upload
from pipeline.service.wire import read
from tests.gateway import ACCOUNT, grpc, opened
from tests.servers import Heard, Reply, hang_up

pytestmark = pytest.mark.anyio

QUICK = Polling(first_s=0.001, longest_s=0.001, deadline_s=0.5)


class Lost:
    """Loses the first answer to a request, after it did its work."""

    def __init__(self, ending: str) -> None:
        self.ending, self.times = ending, 1

    def __call__(self, heard: Heard, reply: Reply) -> Reply:
        if heard.path.partition("?")[0].endswith(self.ending) and self.times:
            self.times -= 1
            return hang_up()
        return reply


def test_an_answer_of_the_service_is_read() -> None:
    dataset = read(
        Dataset,
        {
            "averageTurnCount": 0,
            "createTime": "2026-08-30T03:48:42.645723285Z",
            "encryptionState": "ENCRYPTION_STATE_PLAINTEXT",
            "estimatedTokenCount": "0",
            "exampleCount": "3",
            "externalUrl": "",
            "format": "FORMAT_UNSPECIFIED",
            "name": "accounts/A/datasets/in-1",
            "state": "READY",
            "status": {"code": "OK", "message": ""},
            "userUploaded": {},
        },
    )

    assert (dataset.id, dataset.example_count, dataset.origin) == ("in-1", 3, "userUploaded")
    assert dataset.create_time == datetime(2026, 8, 30, 3, 48, 42, 645723, tzinfo=UTC)
    assert dataset.is_ready
    assert dataset.is_plain


async def test_a_dataset_says_how_many_lines_it_will_have() -> None:
    async with opened() as (_, server, _, control):
        made = await create_dataset(control, "in-1", example_count=3, display_name="shard 1")

    assert server.heard[0].body == {
        "datasetId": "in-1",
        "dataset": {"userUploaded": {}, "exampleCount": "3", "displayName": "shard 1"},
    }
    assert (made.name, made.state) == (f"accounts/{ACCOUNT}/datasets/in-1", "UPLOADING")


async def test_a_file_in_a_bucket_of_ones_own_is_not_uploaded() -> None:
    async with opened() as (_, server, _, control):
        made = await create_dataset(control, "in-1", example_count=3, external_url="gs://mine/in.jsonl")

    assert "userUploaded" not in server.heard[0].body["dataset"]
    assert (made.external_url, made.origin) == ("gs://mine/in.jsonl", "")


@pytest.mark.parametrize(("name", "url"), [("In-1", ""), ("in-1", "https://mine/in.jsonl")])
async def test_what_the_service_would_refuse_is_not_sent(name: str, url: str) -> None:
    async with opened() as (_, server, _, control):
        with pytest.raises(ConfigError):
            await create_dataset(control, name, example_count=3, external_url=url)

    assert server.heard == []


async def test_an_id_that_is_taken_can_be_told_from_other_trouble() -> None:
    async with opened() as (_, _, _, control):
        await create_dataset(control, "in-1", example_count=3)
        with pytest.raises(AlreadyExists, match=r"409: dataset in-1 already exists"):
            await create_dataset(control, "in-1", example_count=3)


async def test_a_dataset_whose_making_was_not_heard_of_is_found_again() -> None:
    async with opened() as (gateway, _, _, control):
        gateway.after = Lost("/datasets")
        made = await create_dataset(control, "in-1", example_count=3)

    assert made.id == "in-1"


async def test_but_not_one_that_someone_else_has_made() -> None:
    async with opened() as (gateway, _, _, control):
        await create_dataset(control, "in-1", example_count=4)
        gateway.after = Lost("/datasets")
        with pytest.raises(AlreadyExists):
            await create_dataset(control, "in-1", example_count=3)


async def test_every_dataset_is_listed_newest_first() -> None:
    async with opened() as (_, server, _, control):
        for number in range(5):
            await create_dataset(control, f"in-{number}", example_count=1)
        found = [dataset.id async for dataset in datasets(control, matching="state=READY")]

    assert found == [f"in-{number}" for number in range(5)]
    assert "orderBy=createTime+desc" in server.heard[-1].path
    assert "filter=state%3DREADY" in server.heard[-1].path


async def test_a_dataset_that_is_removed_is_gone() -> None:
    async with opened() as (_, _, _, control):
        await create_dataset(control, "in-1", example_count=1)
        await delete_dataset(control, "in-1")

        for again in (get_dataset, delete_dataset):
            with pytest.raises(NotFound, match="datasets/in-1"):
                await again(control, "in-1")


async def test_only_what_changes_is_sent() -> None:
    async with opened() as (_, server, _, control):
        await create_dataset(control, "in-1", example_count=1, display_name="first")
        changed = await update_dataset(control, "in-1", display_name="")
        counted = await update_dataset(control, f"accounts/{ACCOUNT}/datasets/in-1", example_count=7)

    assert [heard.body for heard in server.heard[1:]] == [{"displayName": ""}, {"exampleCount": "7"}]
    assert (changed.display_name, changed.example_count) == ("", 1)
    assert (counted.display_name, counted.example_count) == ("", 7)


async def test_a_dataset_is_split_into_pieces_that_are_named() -> None:
    async with opened() as (_, server, _, control):
        made = await create_dataset(control, "in-1", example_count=401)
        split = await split_dataset(control, "in-1", chunk_size=200)

    assert server.heard[-1].body == {"chunkSize": 200}
    assert split.chunk_dataset_names == tuple(f"{made.name}-{number}" for number in range(3))
    assert (split.chunks_created, split.total_examples) == (3, 401)


async def test_pieces_that_the_service_would_not_make_are_not_asked_for() -> None:
    async with opened() as (_, server, _, control):
        with pytest.raises(ConfigError, match="pieces of 200 lines or more"):
            await split_dataset(control, "in-1", chunk_size=199)

    assert server.heard == []


async def test_a_removal_that_was_not_heard_of_is_one() -> None:
    async with opened() as (gateway, _, _, control):
        await create_dataset(control, "in-1", example_count=1)
        gateway.after = Lost("/in-1")
        await delete_dataset(control, "in-1")

        assert gateway.datasets == {}


async def test_a_dataset_is_waited_for_until_it_is_ready(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"{}\n")
    async with opened() as (gateway, _, _, control):
        gateway.looks = 5
        await create_dataset(control, "in-1", example_count=1)
        await upload(control, "in-1", [tmp_path / "a.jsonl"])
        ready = await wait_until_ready(control, "in-1", QUICK)

    assert ready.is_ready


async def test_a_dataset_that_is_never_ready_is_given_up() -> None:
    async with opened() as (_, _, _, control):
        await create_dataset(control, "in-1", example_count=1)
        with pytest.raises(ServiceBusy, match=r"dataset in-1 is not ready: still not done after 0\.5 s"):
            await wait_until_ready(control, "in-1", QUICK)


async def test_a_dataset_that_is_not_taken_says_why() -> None:
    async with opened() as (gateway, _, _, control):
        await create_dataset(control, "in-1", example_count=1)
        gateway.datasets["in-1"]["status"] = {"code": "INVALID_ARGUMENT", "message": "line 3 is no JSON"}
        with pytest.raises(RequestRejected, match=r"in-1 \(invalid_argument: line 3 is no JSON") as caught:
            await wait_until_ready(control, "in-1", QUICK)

    assert caught.value.code == "invalid_argument"


async def test_the_count_is_asked_for_by_the_service() -> None:
    async with opened() as (_, _, _, control):
        with pytest.raises(RequestRejected, match="example_count is required"):
            await control.call(
                "POST",
                f"v1/accounts/{ACCOUNT}/datasets",
                body={"datasetId": "in-1", "dataset": {"userUploaded": {}}},
            )


async def test_a_list_that_is_refused_is_an_error_and_not_an_empty_list() -> None:
    async with opened() as (gateway, _, _, control):
        gateway.fault = lambda _heard: grpc(400, 3, "invalid filter")
        with pytest.raises(RequestRejected, match="invalid filter"):
            async for _ in datasets(control, matching="("):
                pass
