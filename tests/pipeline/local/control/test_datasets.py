"""Datasets over HTTP: made, filled by form and by signed URL, listed, fetched, deleted."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from pipeline.local.control.pace import Pace
from tests.pipeline.local.control.twin import (
    DATASETS,
    KEY,
    TYPE,
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

UNREADY = (400, 9, "dataset is not in state READY")


def state(client: httpx.Client, name: str) -> str:
    found: str = client.get(f"{DATASETS}/{name}").json()["state"]
    return found


def test_a_new_dataset_waits_for_its_upload(client: httpx.Client) -> None:
    made = create(client, "in-1", 3, displayName="first").json()

    assert made == client.get(f"{DATASETS}/in-1").json()
    assert made == {
        "averageTurnCount": 0,
        "createTime": "2026-03-04T12:30:00.000000Z",
        "createdBy": "local@localhost",
        "displayName": "first",
        "encryptionState": "ENCRYPTION_STATE_PLAINTEXT",
        "estimatedTokenCount": "0",
        "exampleCount": "3",
        "externalUrl": "",
        "format": "FORMAT_UNSPECIFIED",
        "name": "accounts/local/datasets/in-1",
        "sourceJobName": "",
        "state": "UPLOADING",
        "status": {"code": "OK", "message": ""},
        "updateTime": "2026-03-04T12:30:00.000000Z",
        "userUploaded": {},
    }


def test_an_upload_says_how_many_rows_it_has(client: httpx.Client) -> None:
    body = {"datasetId": "in-1", "dataset": {"userUploaded": {}}}

    assert complaint(client.post(DATASETS, json=body)) == (
        400,
        3,
        "error validating dataset: example_count is required for uploaded datasets",
    )


def test_an_id_is_given_once(client: httpx.Client) -> None:
    create(client, "in-1")

    assert complaint(create(client, "in-1"))[:2] == (409, 6)


@pytest.mark.parametrize("name", ["", "1a", "a-", "-a", "A", "a_b", "a" * 64, "a/b", "ä", "a\n"])
def test_an_id_obeys_the_rule(shared: httpx.Client, name: str) -> None:
    assert complaint(create(shared, name))[:2] == (400, 3)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"datasetId":"a","dataset":{"exampleCount":"x"}}', b'{"data":1}', b"\xff"],
)
def test_a_body_of_another_shape_is_refused(shared: httpx.Client, body: bytes) -> None:
    assert complaint(shared.post(DATASETS, content=body))[:2] == (400, 3)


def test_keys_in_snake_case_are_taken_too(client: httpx.Client) -> None:
    body = {"dataset_id": "in-1", "dataset": {"user_uploaded": {}, "example_count": 2}}

    assert client.post(DATASETS, json=body).json()["exampleCount"] == "2"


def test_a_form_fills_it_and_it_is_ready_a_little_later(tmp_path: Path, clock: Clock) -> None:
    with twin(tmp_path / "state", Pace(phase_s=1, clock=clock)) as client:
        create(client, "in-1")

        response = upload(client, "in-1", b'{"a": 1}\n')

        assert response.json() == {
            "id": "accounts/local/datasets/in-1",
            "object": "file",
            "bytes": 9,
            "created_at": int(clock.now.timestamp()),
            "filename": "rows.jsonl",
            "purpose": "dataset",
        }
        assert state(client, "in-1") == "UPLOADING"
        clock.move(seconds=1)
        assert state(client, "in-1") == "READY"
        assert client.get(f"{DATASETS}/in-1").json()["estimatedTokenCount"] == "2"


def test_what_was_uploaded_comes_back_byte_for_byte(client: httpx.Client) -> None:
    data = b"--x\r\n--" + bytes(range(256)) * 5000 + b"\r\n--"
    create(client, "in-1")
    upload(client, "in-1", data)

    urls = urls_of(client, "in-1")

    assert list(urls) == ["dataset/in-1/rows.jsonl"]
    assert fetch(urls["dataset/in-1/rows.jsonl"]).content == data


def test_a_ready_dataset_never_changes(client: httpx.Client) -> None:
    filled(client, "in-1", [{}])

    assert complaint(upload(client, "in-1", b"{}\n"))[:2] == (400, 9)
    asked = {"filenameToSize": {"a.jsonl": "3"}}
    assert complaint(client.post(f"{DATASETS}/in-1:getUploadEndpoint", json=asked))[:2] == (400, 9)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"", "multipart/form-data; boundary=b"),
        (b"--b\r\n", "multipart/form-data; boundary=b"),
        (b"--b--\r\n", "multipart/form-data; boundary=b"),
        (b"--b\r\n\r\n\r\n\r\n--b--", "multipart/form-data; boundary=b"),
        (b"{}", "application/json"),
        (b"{}", "multipart/form-data"),
        (
            b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n{}\r\n--b--',
            "multipart/form-data; boundary=b",
        ),
        (
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="\xff.jsonl"\r\n\r\n{}\r\n--b--',
            "multipart/form-data; boundary=b",
        ),
        (
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n\r\n--b--',
            "multipart/form-data; boundary=b",
        ),
        (b"--b\r\n" + b"x" * 20_000, "multipart/form-data; boundary=b"),
        (b"", "multipart/form-data; boundary*=nothing''%ff"),
    ],
)
def test_a_form_without_a_good_file_leaves_it_waiting(
    client: httpx.Client, tmp_path: Path, content: bytes, content_type: str
) -> None:
    create(client, "in-1")

    response = client.post(f"{DATASETS}/in-1:upload", content=content, headers={"Content-Type": content_type})

    assert complaint(response)[:2] == (400, 3)
    assert state(client, "in-1") == "UPLOADING"
    assert [path.name for path in tmp_path.rglob("*") if "files" in path.parts and path.is_file()] == []


@pytest.mark.parametrize(
    "filename", ["../../x.jsonl", "a.txt", ".jsonl", "a/b.jsonl", "a\\b.jsonl", "x" * 300 + ".jsonl"]
)
def test_a_file_has_a_plain_name(client: httpx.Client, filename: str) -> None:
    create(client, "in-1")

    assert complaint(upload(client, "in-1", b"{}\n", filename))[:2] == (400, 3)


def test_a_form_over_150_megabytes_is_refused_before_it_is_sent(client: httpx.Client) -> None:
    create(client, "in-1")
    host = urlsplit(str(client.base_url))

    with socket.create_connection((str(host.hostname), int(host.port or 0)), timeout=10) as connection:
        head = f"POST {DATASETS}/in-1:upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n"
        connection.sendall(f"{head}Content-Length: 150000001\r\n\r\n".encode())
        reply = connection.recv(1000)

    assert reply.startswith(b"HTTP/1.1 413 ")


def test_signed_urls_fill_it_with_several_files(client: httpx.Client) -> None:
    create(client, "in-1", 2)
    files = {"a.jsonl": b"{}\n", "b 2.jsonl": b"[]\n[]\n"}

    urls = put_url(client, "in-1", {name: len(data) for name, data in files.items()})
    assert urls.keys() == files.keys()
    assert complaint(client.post(f"{DATASETS}/in-1:validateUpload", json={}))[:2] == (400, 9)
    assert {put(urls[name], data).status_code for name, data in files.items()} == {200}
    assert client.post(f"{DATASETS}/in-1:validateUpload", json={}).json() == {}

    assert state(client, "in-1") == "READY"
    fetched = {key.rpartition("/")[2]: fetch(url).content for key, url in urls_of(client, "in-1").items()}
    assert fetched == files


def test_a_signed_upload_takes_the_signed_headers_only(client: httpx.Client) -> None:
    create(client, "in-1")
    url = put_url(client, "in-1", {"a.jsonl": 3})["a.jsonl"]

    def refused(response: httpx.Response) -> tuple[int, str]:
        return response.status_code, response.text.partition("<Code>")[2].partition("<")[0]

    unsigned = (403, "SignatureDoesNotMatch")
    assert refused(put(url, b"{}\n", Content_Type="text/plain")) == unsigned
    assert refused(put(url, b"{}\n{}")) == unsigned
    assert refused(put(url, b"{}\n", x_goog_content_length_range="0,3")) == unsigned
    assert refused(put(url.replace("a.jsonl", "b.jsonl"), b"{}\n")) == unsigned
    assert refused(put(url, b"{}", x_goog_content_length_range="3,3")) == (400, "EntityTooSmall")
    assert refused(put(url, b"{}\n{}", x_goog_content_length_range="3,3")) == (400, "EntityTooLarge")
    assert refused(put(url, b"{}\n", Authorization=f"Bearer {KEY}")) == (400, "InvalidArgument")
    assert put(url, b"{}\n").status_code == 200


def test_a_later_set_of_files_replaces_the_earlier_one(client: httpx.Client) -> None:
    create(client, "in-1")
    before = put_url(client, "in-1", {"a.jsonl": 3})["a.jsonl"]

    after = put_url(client, "in-1", {"b.jsonl": 3})["b.jsonl"]

    assert put(before, b"{}\n").status_code == 404
    assert put(after, b"{}\n").status_code == 200


def test_a_file_of_an_earlier_set_does_not_count_for_a_later_one(client: httpx.Client) -> None:
    create(client, "in-1")
    put(put_url(client, "in-1", {"a.jsonl": 3})["a.jsonl"], b"{}\n")

    put_url(client, "in-1", {"a.jsonl": 4})

    assert complaint(client.post(f"{DATASETS}/in-1:validateUpload", json={}))[:2] == (400, 9)


def test_a_file_that_breaks_off_is_not_kept(client: httpx.Client, tmp_path: Path) -> None:
    create(client, "in-1")
    host = urlsplit(url := put_url(client, "in-1", {"a.jsonl": 9})["a.jsonl"])

    with socket.create_connection((str(host.hostname), int(host.port or 0)), timeout=10) as connection:
        head = (
            f"PUT {url.removeprefix(f'http://{host.netloc}')} HTTP/1.1\r\nHost: x\r\nContent-Type: {TYPE}\r\n"
        )
        size = "x-goog-content-length-range: 9,9\r\nContent-Length: 9\r\n\r\n"
        connection.sendall(f"{head}{size}{{}}".encode())
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1000)

    assert complaint(client.post(f"{DATASETS}/in-1:validateUpload", json={}))[:2] == (400, 9)
    assert [path for path in tmp_path.rglob("*") if "files" in path.parts and path.is_file()] == []


def test_signed_urls_expire(client: httpx.Client, clock: Clock) -> None:
    create(client, "in-1")
    filled(client, "in-2", [{}])
    upload_url, (download_url,) = (
        put_url(client, "in-1", {"a.jsonl": 3})["a.jsonl"],
        urls_of(client, "in-2").values(),
    )

    clock.move(seconds=599)
    assert fetch(download_url).status_code == 200
    clock.move(seconds=1)
    assert "ExpiredToken" in fetch(download_url).text
    clock.move(minutes=49)
    assert put(upload_url, b"{}\n").status_code == 200
    clock.move(minutes=1)
    assert put(upload_url, b"{}\n").status_code == 400


@pytest.mark.parametrize("query", ["", "?X-Goog-Expires=&X-Goog-Signature=", "?X-Goog-Expires=soon"])
def test_a_url_without_time_or_signature_opens_nothing(client: httpx.Client, query: str) -> None:
    filled(client, "in-1", [{}])

    assert fetch(f"{client.base_url}/storage/in-1/rows.jsonl{query}").status_code == 403


def test_a_signed_download_gives_ranges_and_takes_no_key(client: httpx.Client) -> None:
    filled(client, "in-1", [{"a": "0123456789"}])
    (url,) = urls_of(client, "in-1").values()

    part = fetch(url, headers={"Range": "bytes=7-10"})

    assert (part.status_code, part.text) == (206, "0123")
    assert fetch(url, headers={"Range": "bytes=900-"}).status_code == 416
    assert fetch(url, headers={"Authorization": f"Bearer {KEY}"}).status_code == 400
    assert fetch(url.replace("X-Goog-Signature=", "X-Goog-Signature=0")).status_code == 403
    assert client.delete(f"{DATASETS}/in-1").json() == {}
    assert fetch(url).status_code == 404


def test_the_way_to_the_files_is_asked_for_without_a_body(client: httpx.Client) -> None:
    filled(client, "in-1", [{}])
    create(client, "in-2")
    endpoint = f"{DATASETS}/in-1:getDownloadEndpoint"

    assert client.post(endpoint).status_code == 405
    assert complaint(client.request("GET", endpoint, json={}))[:2] == (400, 3)
    assert complaint(client.get(f"{DATASETS}/in-2:getDownloadEndpoint")) == UNREADY
    assert complaint(client.get(f"{DATASETS}/in-3:getDownloadEndpoint")) == (404, 5, "resource not found")
    assert client.get(endpoint.replace(":get", "%3Aget")).status_code == 200


def test_a_deleted_dataset_is_gone_with_its_files(client: httpx.Client, tmp_path: Path) -> None:
    filled(client, "in-1", [{}])

    assert client.delete(f"{DATASETS}/in-1").json() == {}

    assert complaint(client.get(f"{DATASETS}/in-1")) == (404, 5, "resource not found")
    assert complaint(client.delete(f"{DATASETS}/in-1")) == (404, 5, "resource not found")
    assert list((tmp_path / "state" / "datasets").iterdir()) == []
    assert create(client, "in-1").status_code == 200


def test_only_the_display_name_can_be_changed(client: httpx.Client) -> None:
    before = create(client, "in-1").json()

    after = client.patch(f"{DATASETS}/in-1", json={"displayName": "new", "state": "READY"}).json()

    assert after == {**before, "displayName": "new"}


def test_a_file_in_a_bucket_is_noted_and_not_fetched(client: httpx.Client) -> None:
    body = {"datasetId": "in-1", "dataset": {"externalUrl": "gs://bucket/a.jsonl"}}

    made = client.post(DATASETS, json=body).json()

    assert (made["state"], made["externalUrl"]) == ("READY", "gs://bucket/a.jsonl")
    assert "userUploaded" not in made
    body = {"datasetId": "in-2", "dataset": {"externalUrl": "file:///etc/passwd"}}
    assert complaint(client.post(DATASETS, json=body))[:2] == (400, 3)


def test_datasets_outlive_the_server(tmp_path: Path, clock: Clock) -> None:
    with twin(tmp_path / "state", Pace(phase_s=0, clock=clock)) as client:
        filled(client, "in-1", [{"a": 1}])
        create(client, "in-2")
        before = client.get(DATASETS).json()

    with twin(tmp_path / "state", Pace(phase_s=0, clock=clock)) as client:
        after = client.get(DATASETS).json()
        (url,) = urls_of(client, "in-1").values()

        assert after == before
        assert fetch(url).text == '{"a": 1}\n'
        assert upload(client, "in-2", b"{}\n").status_code == 200
