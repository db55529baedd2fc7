"""Odd requests to storage, odd forms and odd rows: refused in order, never with a fault of the server."""

from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.pipeline.local.bodies import encoded, image_part
from tests.pipeline.local.control.twin import DATASETS, HOME, filled, twin, upload, urls_of
from tests.pipeline.local.requests import HEADERS, odd_header, odd_text, on_the_wire

UNIMPLEMENTED = 501
JOBS = f"{HOME}/batchInferenceJobs"
queries = st.dictionaries(st.sampled_from(["X-Goog-Expires", "X-Goog-Signature", "more"]), odd_text)
headers = st.dictionaries(st.sampled_from(HEADERS), odd_header)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with twin(tmp_path_factory.mktemp("hostile")) as client:
        image = encoded(Image.new("RGB", (64, 64), "white"))
        filled(
            client,
            "in-1",
            [{"custom_id": "a", "body": {"messages": [{"role": "user", "content": [image_part(image)]}]}}],
        )
        client.post(DATASETS, json={"datasetId": "open", "dataset": {"exampleCount": "1"}})
        yield client


def is_in_order(response: httpx.Response) -> bool:
    return response.status_code < 500 or response.status_code == UNIMPLEMENTED


@settings(max_examples=40)
@given(header=headers, query=queries)
def test_odd_requests_with_a_good_signature(
    hostile: httpx.Client, header: dict[str, str], query: dict[str, str]
) -> None:
    (url,) = urls_of(hostile, "in-1").values()
    at = httpx.URL(url).copy_merge_params(query)
    request = hostile.build_request("GET", at, headers=on_the_wire(header))
    del request.headers["authorization"]

    assert is_in_order(hostile.send(request))


@settings(max_examples=40)
@given(
    content=st.one_of(
        st.binary(max_size=200),
        st.binary(max_size=60).map(lambda raw: b"--b\r\n" + raw + b"\r\n--b--"),
        st.binary(max_size=60).map(
            lambda raw: (
                b"--b\r\nContent-Disposition: form-data; name=file; filename" + raw + b"\r\n\r\n\r\n--b--"
            )
        ),
    ),
    boundary=st.sampled_from(["b", "", '"b"', "b; charset*=x''%ff", "=?utf-8?q?b?="]),
)
def test_odd_forms(hostile: httpx.Client, content: bytes, boundary: str) -> None:
    header = {"Content-Type": f"multipart/form-data; boundary={boundary}"}

    assert is_in_order(hostile.post(f"{DATASETS}/open:upload", content=content, headers=header))


@pytest.mark.parametrize(
    "line",
    [
        b'{"custom_id":"a","body":{"messages":[{"role":"user","content":"x"}],"temperature":NaN}}',
        b'{"custom_id":"a","body":{"messages":[{"role":"user","content":5}]}}',
        b'{"custom_id":"a","body":{"messages":[],"response_format":{"type":"json_schema","json_schema":"'
        + b"[" * 2000
        + b'"}}}',
        b'{"custom_id":"a","body":{"messages":[{"role":{"a":1}}]}}',
        b"[" * 5000,
    ],
)
def test_an_odd_row_ends_a_job_in_order(client: httpx.Client, line: bytes) -> None:
    client.post(DATASETS, json={"datasetId": "odd", "dataset": {"exampleCount": "1"}})
    upload(client, "odd", line)

    name = client.post(
        JOBS, json={"model": "local/pagelake-ocr", "inputDatasetId": "accounts/local/datasets/odd"}
    ).json()["name"]
    while (job := client.get(f"/v1/{name}").json())["lifecycle"] is None or not job["lifecycle"]["endTime"]:
        pass

    assert job["status"]["code"] in {"OK", "INVALID_ARGUMENT"}
