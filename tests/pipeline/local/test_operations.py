"""Every operation as the service describes it, and requests of every kind: never a fault of the server."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from PIL import Image

from pipeline.local.protocol import MODEL_ID
from tests.pipeline.local.bodies import chat, encoded, image_part
from tests.pipeline.local.fuzz import (
    DATASETS,
    JOBS,
    check,
    check_job,
    key_of,
    leftovers,
    misfits_of,
    of,
    target,
)
from tests.pipeline.local.operations import misfits, operations
from tests.pipeline.local.requests import Sent, nearly, rows, valid, wild

pytestmark = pytest.mark.xdist_group("operations")

HOME = "/v1/accounts/local"
DAYS = {"startTime": "2026-03-01T00:00:00Z", "endTime": "2026-03-08T00:00:00Z"}
ROW = b'{"custom_id": "a", "body": {"messages": [{"role": "user", "content": "hello"}]}}\n'
SIGNED = {
    "content-type": "application/octet-stream",
    "x-goog-content-length-range": f"{len(ROW)},{len(ROW)}",
}
bounded = settings(
    max_examples=100,
    derandomize=True,  # the same requests in every run; the command goes further
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def server() -> Iterator[httpx.Client]:
    with target() as client:
        yield client
        assert leftovers(client) == []


class Walk:
    """Asks with the right key, holds each answer to its description, and notes what was asked."""

    def __init__(self, client: httpx.Client) -> None:
        self._client, self._key, self.asked = client, key_of(client), set[str]()

    def ask(self, method: str, path: str, **more: Any) -> Any:
        response = self._client.request(method, path, headers=self._key, **more)
        operation = of(method, path)
        assert operation is not None, path
        assert response.status_code == 200, response.text
        assert [*misfits_of(operation, response)] == []
        self.asked.add(operation.route)
        return response.json()

    def inference(self) -> None:
        question = chat(image_part(encoded(Image.new("RGB", (64, 64), "white"))))
        for prefix in ("/v1", "/inference/v1"):
            self.ask("GET", f"{prefix}/models")
            self.ask("GET", f"{prefix}/models/{MODEL_ID}")
            self.ask("POST", f"{prefix}/chat/completions", json=question)

    def account(self) -> None:
        for path in ("/verifyApiKey", "/v1/accounts", HOME, f"{HOME}/quotas/monthly-spend-usd"):
            self.ask("GET", path)
        for path in ("quotas", "models", "models/pagelake-ocr", "auditLogs"):
            self.ask("GET", f"{HOME}/{path}")
        for path in ("deployments", "deployments/pagelake-ocr"):
            self.ask("GET", f"{HOME}/{path}")
        for path in ("billing/summary", "billingUsage"):
            self.ask("GET", f"{HOME}/{path}", params=DAYS)

    def dataset_by_form(self, name: str) -> None:
        one = f"{DATASETS}/{name}"
        self.ask("POST", DATASETS, json={"datasetId": name, "dataset": {"exampleCount": "1"}})
        self.ask("PATCH", one, json={"displayName": "a walk"})
        self.ask("POST", f"{one}:upload", files={"file": ("in.jsonl", ROW)})
        for path in (DATASETS, one):
            self.ask("GET", path)
        (piece,) = self.ask("POST", f"{one}:splitDataset", json={"chunkSize": 200})["chunkDatasetNames"]
        self.ask("DELETE", f"/v1/{piece}")

    def dataset_by_url(self, name: str) -> None:
        one = f"{DATASETS}/{name}"
        self.ask("POST", DATASETS, json={"datasetId": name, "dataset": {"exampleCount": "1"}})
        sizes = {"filenameToSize": {"in.jsonl": str(len(ROW))}}
        urls = self.ask("POST", f"{one}:getUploadEndpoint", json=sizes)["filenameToSignedUrls"]
        assert self._client.put(urls["in.jsonl"], content=ROW, headers=SIGNED).is_success
        self.ask("POST", f"{one}:validateUpload", json={})
        self.ask("GET", f"{one}:getDownloadEndpoint")
        self.ask("DELETE", one)

    def job(self, name: str, dataset: str) -> None:
        body = {"model": MODEL_ID, "inputDatasetId": f"accounts/local/datasets/{dataset}"}
        self.ask("POST", JOBS, params={"batchInferenceJobId": name}, json=body)
        for path in (JOBS, f"{JOBS}/{name}"):
            self.ask("GET", path)
        self.ask("DELETE", f"{JOBS}/{name}")


def test_every_operation_is_answered_as_described(server: httpx.Client) -> None:
    walk = Walk(server)

    walk.account()
    walk.inference()
    walk.dataset_by_form("walked")
    walk.dataset_by_url("signed")
    walk.job("walked", "walked")

    assert walk.asked == {operation.route for operation in operations()}


@pytest.mark.parametrize("prefix", ["/v1", "/inference/v1"])
@pytest.mark.parametrize("name", ["completions", "responses", "embeddings"])
def test_what_is_not_served_is_not_found_in_the_words_of_the_service(
    server: httpx.Client, prefix: str, name: str
) -> None:
    body = {"model": MODEL_ID, "prompt": "a", "input": "a"}

    response = server.post(f"{prefix}/{name}", json=body, headers=key_of(server))

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "NOT_FOUND"
    assert response.json()["request_id"] == response.headers["x-request-id"]


@pytest.mark.parametrize(
    ("changed", "misfit"),
    [
        ({"value": None}, "answer.value is missing"),
        ({"value": 5}, "answer.value is no count: 5"),
        ({"usage": "0"}, "answer.usage is no number: '0'"),
        ({"updateTime": "2026-03-04 12:00"}, "answer.updateTime is no time: '2026-03-04 12:00'"),
        ({"name": "quotas/x"}, "answer.name is no name: 'quotas/x'"),
        ({"more": 1}, "answer.more is not described"),
    ],
)
def test_an_answer_of_another_shape_does_not_fit(changed: dict[str, object], misfit: str) -> None:
    quota = {
        "name": "accounts/local/quotas/x",
        "value": "5",
        "maxValue": "5",
        "usage": 0.5,
        "updateTime": "2026-03-04T12:00:00Z",
    }

    assert [*misfits(quota, "quota")] == []
    assert [*misfits({**quota, **changed}, "quota")] == [misfit]


@bounded
@given(sent=valid())
def test_valid_requests(server: httpx.Client, sent: Sent) -> None:
    check(server, sent)


@bounded
@given(sent=nearly())
def test_requests_with_something_wrong(server: httpx.Client, sent: Sent) -> None:
    check(server, sent)


@bounded
@given(sent=wild())
def test_requests_of_any_kind(server: httpx.Client, sent: Sent) -> None:
    check(server, sent)


@settings(bounded, max_examples=12)
@given(lines=rows())
def test_rows_of_any_kind_end_a_job_in_order(server: httpx.Client, lines: bytes) -> None:
    check_job(server, lines)
