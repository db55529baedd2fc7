"""Datasets changed and split over HTTP."""

from pathlib import Path

import httpx
import pytest

from pipeline.local.control.pace import Pace
from tests.pipeline.local.control.twin import (
    DATASETS,
    Clock,
    complaint,
    create,
    fetch,
    filled,
    put,
    put_url,
    twin,
    upload,
    urls_of,
)


def split(client: httpx.Client, name: str, **body: object) -> httpx.Response:
    return client.post(f"{DATASETS}/{name}:splitDataset", json=body)


def content(client: httpx.Client, name: str) -> bytes:
    (url,) = urls_of(client, name).values()
    return fetch(url).content


def test_what_a_caller_said_may_change_and_the_rest_stays(client: httpx.Client, clock: Clock) -> None:
    before = create(client, "in-1", 3, displayName="first").json()
    clock.move(minutes=1)

    fields = {"displayName": "second", "exampleCount": "4", "format": "CHAT", "state": "READY"}
    after = client.patch(f"{DATASETS}/in-1", json=fields).json()

    assert after == client.get(f"{DATASETS}/in-1").json()
    changed = {"displayName": "second", "exampleCount": "4", "format": "CHAT"}
    assert after == before | changed | {"updateTime": "2026-03-04T12:31:00.000000Z"}


@pytest.mark.parametrize(
    "fields",
    [{"exampleCount": "0"}, {"exampleCount": "-1"}, {"externalUrl": "gs://other/in.jsonl"}, {"format": "X"}],
)
def test_a_change_that_makes_no_sense_is_refused(client: httpx.Client, fields: dict[str, str]) -> None:
    before = create(client, "in-1", 3).json()

    assert complaint(client.patch(f"{DATASETS}/in-1", json=fields))[:2] == (400, 3)
    assert client.get(f"{DATASETS}/in-1").json() == before


def test_the_pieces_hold_the_lines_in_their_order_and_know_their_origin(client: httpx.Client) -> None:
    filled(client, "in-1", list(range(450)))

    told = split(client, "in-1", chunkSize=200).json()

    names = [f"in-1-chunk-{number}" for number in (1, 2, 3)]
    assert told == {
        "chunkDatasetNames": [f"accounts/local/datasets/{name}" for name in names],
        "chunksCreated": 3,
        "totalExamples": "450",
    }
    shown = [client.get(f"{DATASETS}/{name}").json() for name in names]
    assert [(one["state"], one["exampleCount"]) for one in shown] == [
        ("READY", "200"),
        ("READY", "200"),
        ("READY", "50"),
    ]
    assert shown[0]["splitted"] == {"sourceDatasetId": "in-1"}
    assert "userUploaded" not in shown[0]
    assert b"".join(content(client, name) for name in names) == content(client, "in-1")


def test_pieces_are_ready_after_a_restart_and_outlive_what_they_were_split_from(tmp_path: Path) -> None:
    with twin(tmp_path) as client:
        filled(client, "in-1", list(range(201)))
        split(client, "in-1", chunkSize=200)
        client.delete(f"{DATASETS}/in-1")

    with twin(tmp_path) as client:
        assert content(client, "in-1-chunk-2") == b"200\n"
    assert not (tmp_path / "splitting").exists()


def test_files_follow_one_another_and_blank_lines_do_not_count(client: httpx.Client) -> None:
    create(client, "in-1", 202)
    files = {"b.jsonl": b"8\n\n9\n", "a.jsonl": b"1\n" * 198 + b"\n 2"}
    urls = put_url(client, "in-1", {name: len(data) for name, data in files.items()})
    for name, data in files.items():
        assert put(urls[name], data).status_code == 200
    client.post(f"{DATASETS}/in-1:validateUpload", json={})

    told = split(client, "in-1", chunkSize=200).json()

    assert told["totalExamples"] == "201"
    assert content(client, "in-1-chunk-1") == b"1\n" * 198 + b" 2\n8\n"
    assert content(client, "in-1-chunk-2") == b"9\n"


def test_what_cannot_be_split_is_said_and_leaves_nothing(client: httpx.Client) -> None:
    create(client, "empty")
    create(client, "far", externalUrl="gs://mine/in.jsonl")
    create(client, "blank")
    upload(client, "blank", b"\n")
    filled(client, "in-1", [{}] * 1001)
    create(client, "in-1-chunk-2")

    refused = {
        (name, size): complaint(split(client, name, chunkSize=size))[:2]
        for name, size in (
            ("nowhere", 200), ("empty", 200), ("far", 200), ("blank", 200), ("in-1", 199), ("in-1", 200),
        )
    }  # fmt: skip

    assert refused == {
        ("nowhere", 200): (404, 5),
        ("empty", 200): (400, 9),
        ("far", 200): (501, 12),
        ("blank", 200): (400, 9),
        ("in-1", 199): (400, 3),
        ("in-1", 200): (409, 6),
    }
    assert complaint(split(client, "in-1"))[:2] == (400, 3)
    names = [one["name"].rpartition("/")[2] for one in client.get(DATASETS).json()["datasets"]]
    assert sorted(names) == ["blank", "empty", "far", "in-1", "in-1-chunk-2"]


def test_more_pieces_than_a_server_keeps_are_refused(tmp_path: Path) -> None:
    with twin(tmp_path, Pace(phase_s=0)) as client:
        create(client, "in-1", 200_001)
        upload(client, "in-1", b"1\n" * 200_001)

        assert complaint(split(client, "in-1", chunkSize=200))[:2] == (400, 3)
        assert [one["name"] for one in client.get(DATASETS).json()["datasets"]] == [
            "accounts/local/datasets/in-1"
        ]
