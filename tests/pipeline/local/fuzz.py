"""Requests sent to the embedded server as a process, and what has to hold for each answer.

`python -m tests.pipeline.local.fuzz --seconds 300` goes on for longer than the tests do.
"""

import argparse
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

import httpx
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from pipeline.local.launch import LocalEngine
from pipeline.local.protocol import MODEL_ID
from tests.pipeline.local.operations import Operation, misfits, operations
from tests.pipeline.local.requests import KEPT, Sent, nearly, on_the_wire, rows, valid, wild

T = TypeVar("T")

UNIMPLEMENTED = 501
DATASETS = "/v1/accounts/local/datasets"
JOBS = "/v1/accounts/local/batchInferenceJobs"
_OF_FORM = re.compile("Extra inputs are not permitted|unknown field|is not valid JSON")
"""What a request is refused with that the description would not allow."""
_HTTP = {3: 400, 5: 404, 6: 409, 7: 403, 8: 429, 9: 400, 12: 501}
"""Numbers of gRPC's codes with their HTTP statuses."""
_ENDS = ("JOB_STATE_COMPLETED", "JOB_STATE_EXPIRED", "JOB_STATE_FAILED")


@contextmanager
def target() -> Iterator[httpx.Client]:
    """A client, without a key of its own, of a server that has a ready dataset and a job that is over."""
    with LocalEngine(workers=1, phase_s=0) as engine:
        host = engine.base_url.removesuffix("/v1")
        with httpx.Client(base_url=host, timeout=60, params={}) as client:
            client.headers["x-right"] = engine.api_key  # the server passes over it
            _prepare(client)
            yield client


def key_of(client: httpx.Client) -> dict[str, str]:
    """Headers of a request with the right key."""
    return {"authorization": f"Bearer {client.headers['x-right']}"}


def _prepare(client: httpx.Client) -> None:
    key = key_of(client)
    row = {"custom_id": "x", "body": {"messages": [{"role": "user", "content": "nothing to see"}]}}
    made = {"datasetId": KEPT, "dataset": {"exampleCount": "1"}}
    job = {"model": MODEL_ID, "inputDatasetId": f"accounts/local/datasets/{KEPT}"}
    file = {"file": ("in.jsonl", json.dumps(row).encode())}
    assert client.post(DATASETS, json=made, headers=key).is_success
    assert client.post(f"{DATASETS}/{KEPT}:upload", files=file, headers=key).is_success
    begun = client.post(JOBS, params={"batchInferenceJobId": KEPT}, json=job, headers=key)
    assert begun.is_success, begun.text
    _over(client, begun.json()["name"])


def send(client: httpx.Client, sent: Sent) -> httpx.Response:
    """The answer; a connection that is dropped is an error of httpx."""
    keys = {"right": client.headers["x-right"], "wrong": "another", "none": ""}
    headers = dict(sent.headers)
    if keys[sent.key]:
        headers["authorization"] = f"Bearer {keys[sent.key]}"
    body = iter([sent.body]) if sent.is_chunked and sent.body else sent.body
    return client.request(
        sent.method, sent.path, params=sent.query or None, headers=on_the_wire(headers), content=body
    )


def check(client: httpx.Client, sent: Sent) -> None:
    """Send it and say what is wrong with the answer, if anything is."""
    if sent.method == "DELETE" and KEPT in sent.path:
        return
    response = send(client, sent)
    assert not [*_faults(sent, response)], (
        sent,
        response.status_code,
        response.text,
        [*_faults(sent, response)],
    )


def _faults(sent: Sent, response: httpx.Response) -> Iterator[str]:
    if response.status_code >= 500 and response.status_code != UNIMPLEMENTED:
        yield "a fault of the server"
    if "OCR process" in response.text or "took longer" in response.text:
        yield "a worker that died or hung"
    if not response.headers.get("x-request-id"):
        yield "no request id"
    # What comes in: a client walks up a path at its dots, a server reads %2F as a slash.
    operation = of(sent.method, response.request.url.path)
    if operation and sent.key != "right" and response.status_code != (401 if operation.is_data else 403):
        yield "let in without the key"
    if response.is_success and operation:
        yield from misfits_of(operation, response)
    elif not response.is_success and sent.method != "HEAD":
        yield from _misfits_of_error(sent, response)


def of(method: str, path: str) -> Operation | None:
    """The operation that answers a request; None for no one."""
    for operation in operations():
        pattern = re.sub(r"\\{([a-z]+)\\}", _segment, re.escape(operation.path))
        prefix = "(/inference)?" if operation.is_data else ""
        if operation.method == method and re.fullmatch(prefix + pattern, path):
            return operation
    return None


def _segment(named: re.Match[str]) -> str:
    """What may stand for a parameter: ids of cards have slashes in them."""
    return ".+" if named[1] == "card" else "[^/:]+"


def misfits_of(operation: Operation, response: httpx.Response) -> Iterator[str]:
    """What in a good answer is not as the operation's description says."""
    if "text/event-stream" in response.headers["content-type"]:
        yield from _misfits_of_stream(response.text)
        return
    asked = response.request
    masked = "readMask" in asked.url.params
    yield from misfits(response.json(), operation.answer, masked=masked)


def _misfits_of_stream(text: str) -> Iterator[str]:
    events = [line.removeprefix("data: ") for line in text.splitlines() if line]
    if events[-1] != "[DONE]":
        yield "the stream has no end"
    chunks = [json.loads(event) for event in events[:-1]]
    if any(chunk["object"] != "chat.completion.chunk" for chunk in chunks):
        yield "what is streamed are no chunks"
    yield from misfits(chunks[-1]["usage"], "usage", "usage")


def _misfits_of_error(sent: Sent, response: httpx.Response) -> Iterator[str]:
    if response.headers.get("content-type") != "application/json":
        yield "the error is no JSON"
        return
    body = response.json()
    error = body.get("error", {})
    if sent.is_valid and _OF_FORM.search(error.get("message", "") + body.get("message", "")):
        yield "refused though it is as described"
    is_control = sent.path.startswith(("/v1/accounts", "/verifyApiKey"))
    if set(body) == {"code", "message", "details"} and is_control:
        if response.status_code not in {_HTTP.get(body["code"]), 405 if body["code"] == 12 else None}:
            yield "the number does not belong to the status"
    elif set(error) == {"message", "param", "code", "type"}:
        if body.get("request_id") != response.headers["x-request-id"]:
            yield "the request id is another one"
    elif set(error) != {"object", "type", "code", "message"}:
        yield "the error has no shape that is documented"


def check_job(client: httpx.Client, lines: bytes) -> None:
    """Let a batch job work on the lines and say what is wrong with its end or its results, if anything is."""
    headers, name = key_of(client), "of-lines"
    client.post(DATASETS, json={"datasetId": name, "dataset": {"exampleCount": "1"}}, headers=headers)
    client.post(f"{DATASETS}/{name}:upload", files={"file": ("in.jsonl", lines)}, headers=headers)
    made = {"model": MODEL_ID, "inputDatasetId": f"accounts/local/datasets/{name}"}
    begun = client.post(JOBS, json=made, headers=headers)
    assert begun.is_success, begun.text
    job = _over(client, begun.json()["name"])
    assert job["status"]["code"] in {"OK", "INVALID_ARGUMENT"}, (lines, job)
    if job["state"] == "JOB_STATE_COMPLETED":
        results = list(_results(client, job["outputDatasetId"]))
        assert len(results) == job["jobProgress"]["totalProcessedRequests"]
        wrong = [*misfits(results, "[result]")]
        assert not wrong, (lines, wrong)
        client.delete(f"/v1/{job['outputDatasetId']}", headers=headers)
    client.delete(f"{DATASETS}/{name}", headers=headers)
    client.delete(f"/v1/{job['name']}", headers=headers)


def _results(client: httpx.Client, dataset: str) -> Iterator[object]:
    urls = client.get(f"/v1/{dataset}:getDownloadEndpoint", headers=key_of(client)).json()
    for url in urls["filenameToSignedUrls"].values():
        for line in client.get(url).text.splitlines():
            yield json.loads(line)


def _over(client: httpx.Client, name: str) -> dict[str, Any]:
    """The job once it is over."""
    while True:
        job: dict[str, Any] = client.get(f"/v1/{name}", headers=key_of(client)).json()
        if job["state"] in _ENDS:
            return job
        time.sleep(0.005)


def leftovers(client: httpx.Client) -> list[str]:
    """Names of jobs that ended by a fault of the server."""
    params = {"filter": "status.code=INTERNAL", "pageSize": "200"}
    listed = client.get(JOBS, params=params, headers=key_of(client)).json()
    return [job["name"] for job in listed["batchInferenceJobs"]]


def _law(drawn: st.SearchStrategy[T], examples: int, number: int, checked: Callable[[T], None]) -> None:
    @seed(number)
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(drawn)
    def law(sent: T) -> None:
        checked(sent)

    law()


def main() -> None:
    """Go on until the time is over or something is found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    until_s, number = time.monotonic() + arguments.seconds, arguments.seed
    with target() as client:
        while time.monotonic() < until_s:
            for drawn in (valid(), nearly(), wild()):
                _law(drawn, 300, number, partial(check, client))
            _law(rows(), 50, number, partial(check_job, client))
            assert not leftovers(client), leftovers(client)
            number += 1
            print(f"seed {number - 1}: nothing found", flush=True)  # noqa: T201 - a command


if __name__ == "__main__":
    main()
