"""Whatever is sent, the server refuses it in order: never with a fault of its own."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.pipeline.local.bodies import encoded, image_part
from tests.pipeline.local.control.twin import DATASETS, HOME, filled, twin, upload, urls_of

UNIMPLEMENTED = 501
JOBS = f"{HOME}/batchInferenceJobs"
SOURCE = "accounts/local/datasets/in-1"
SHAPES: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", DATASETS, {"datasetId": "made", "dataset": {"exampleCount": "1"}}),
    ("PATCH", f"{DATASETS}/in-1", {"displayName": "x"}),
    ("POST", f"{DATASETS}/open:getUploadEndpoint", {"filenameToSize": {"a.jsonl": "3"}}),
    ("POST", f"{DATASETS}/open:validateUpload", {}),
    ("POST", f"{DATASETS}/open:upload", {}),
    ("POST", f"{DATASETS}/in-1:splitDataset", {"chunkSize": 200}),
    ("GET", f"{DATASETS}/in-1:getDownloadEndpoint", {}),
    (
        "POST",
        JOBS,
        {"model": "local/pagelake-ocr", "inputDatasetId": SOURCE, "inferenceParameters": {"n": 1}},
    ),
    ("POST", "/v1/chat/completions", {"model": "local/pagelake-ocr", "messages": [{"role": "user"}]}),
]
FIELDS = [
    "dataset",
    "datasetId",
    "exampleCount",
    "displayName",
    "externalUrl",
    "filenameToSize",
    "chunkSize",
    "readMask",
    "model",
    "inputDatasetId",
    "outputDatasetId",
    "inferenceParameters",
    "extraBody",
    "precision",
    "systemPrompt",
    "continuedFromJobName",
    "maxJobDuration",
    "name",
    "messages",
    "response_format",
    "max_tokens",
    "n",
    "stop",
]
PATHS = [
    "/",
    "/verifyApiKey",
    "/v1/accounts",
    HOME,
    f"{HOME}/quotas",
    f"{HOME}/models",
    f"{HOME}/models/pagelake-ocr",
    f"{HOME}/billingUsage",
    f"{HOME}/billing/summary",
    f"{HOME}/auditLogs",
    DATASETS,
    f"{DATASETS}/in-1",
    JOBS,
    f"{JOBS}/job-1",
    "/storage/in-1/rows.jsonl",
    "/storage/open/x/a.jsonl",
    "/v1/models",
    "/inference/v1/models/x",
]
QUERIES = [
    "pageSize",
    "pageToken",
    "filter",
    "orderBy",
    "readMask",
    "startTime",
    "endTime",
    "timezone",
    "groupBy",
    "usageType",
    "batchInferenceJobId",
    "downloadLineage",
    "X-Goog-Expires",
    "X-Goog-Signature",
]
HEADERS = [
    b"range",
    b"if-range",
    b"content-type",
    b"x-goog-content-length-range",
    b"accept",
    b"host",
    b"cookie",
    b"expect",
]
odd_text = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "",
            "\ud800",
            "\0",
            "../..",
            "1e999",
            "9" * 5000,
            "{",
            "[" * 3000,
            SOURCE,
            "2026-01-01T00:00:00Z",
            "0001-01-01",
        ]
    ),
)
odd = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), odd_text, st.sampled_from([2**63, -1, 0])
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(odd_text, inner, max_size=3)),
    max_leaves=6,
)
bodies = st.one_of(
    st.builds(lambda value: json.dumps(value).encode(), odd),
    st.binary(max_size=60),
    st.sampled_from([b"", b"{}", b"[" * 100_000, b'{"a":' * 20_000, b"\xff\xfe{", b"NaN", b"--b\r\n"]),
)
queries = st.dictionaries(
    st.sampled_from(QUERIES), odd_text.filter(lambda text: "\ud800" not in text), max_size=3
)
headers = st.dictionaries(
    st.sampled_from(HEADERS),
    st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\x7f")).map(
        lambda text: text.encode("latin-1")
    ),
)
paths = st.builds(
    str.__add__,
    st.one_of(
        st.sampled_from(PATHS),
        st.binary(max_size=12).map(lambda raw: "/" + "".join(f"%{byte:02x}" for byte in raw)),
    ),
    st.sampled_from(["", "/", ":upload", ":getUploadEndpoint", "/x/y", "%00", "%2e%2e%2f", ":nothing"]),
)


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


@settings(max_examples=100)
@given(
    shape=st.sampled_from(SHAPES),
    fields=st.dictionaries(st.sampled_from(FIELDS), odd, max_size=2),
    inner=st.booleans(),
)
def test_fields_with_odd_values(
    hostile: httpx.Client,
    shape: tuple[str, str, dict[str, Any]],
    fields: dict[str, Any],
    inner: bool,
) -> None:
    method, path, template = shape
    body = {**template, **fields}
    if inner and template:
        first = next(iter(template))
        body = {**template, first: fields}

    response = hostile.request(method, path, content=json.dumps(body))

    assert is_in_order(response), (method, path, body, response.text)


@settings(max_examples=100)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "BREW"]),
    path=paths,
    query=queries,
    header=headers,
)
def test_odd_requests(
    hostile: httpx.Client, method: str, path: str, query: dict[str, str], header: dict[bytes, bytes]
) -> None:
    if method != "DELETE" or not path.startswith(f"{DATASETS}/in-1"):
        response = hostile.request(method, path, params=query, headers=list(header.items()))

        assert is_in_order(response), response.text


@settings(max_examples=100)
@given(path=st.one_of(paths, st.sampled_from([path for _, path, _ in SHAPES])), header=headers, body=bodies)
def test_odd_bodies(hostile: httpx.Client, path: str, header: dict[bytes, bytes], body: bytes) -> None:
    response = hostile.post(path, headers=list(header.items()), content=body)

    assert is_in_order(response), response.text


@settings(max_examples=40)
@given(header=headers, query=queries)
def test_odd_requests_with_a_good_signature(
    hostile: httpx.Client, header: dict[bytes, bytes], query: dict[str, str]
) -> None:
    (url,) = urls_of(hostile, "in-1").values()
    request = hostile.build_request(
        "GET", httpx.URL(url).copy_merge_params(query), headers=list(header.items())
    )
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
