"""Batch jobs over HTTP: asked for, answered by the engine, seen phase by phase, continued, let go."""

import json
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from PIL import Image

from pipeline.local.control.job import ENDS
from pipeline.local.control.pace import Pace
from tests.pipeline.local.bodies import encoded, image_part
from tests.pipeline.local.control.twin import (
    DATASETS,
    HOME,
    Clock,
    complaint,
    create,
    fetch,
    filled,
    twin,
    urls_of,
)

JOBS = f"{HOME}/batchInferenceJobs"
MODEL = "accounts/fireworks/models/pagelake-ocr"
BLANK = encoded(Image.new("RGB", (64, 64), "white"))


class Gate:
    """Lets a server take its pauses one at a time."""

    def __init__(self) -> None:
        self._steps = threading.Semaphore(0)
        self.waiting = threading.Semaphore(0)
        self._gone_on = threading.Semaphore(0)

    async def __call__(self, _seconds: float) -> None:
        self.waiting.release()
        while not self._steps.acquire(blocking=False):  # noqa: ASYNC110 - steps come from another thread
            await anyio.sleep(0.001)
        self._gone_on.release()

    def step(self, count: int = 1) -> None:
        """Let it go on to its next pause, so many times."""
        for _ in range(count):
            assert self.waiting.acquire(timeout=20)
            self._steps.release()

    def pass_one(self) -> None:
        """Let it go on from one pause, and wait until it has."""
        self.step()
        assert self._gone_on.acquire(timeout=20)

    def arrive(self) -> None:
        """Wait until it stands at its next pause."""
        assert self.waiting.acquire(timeout=20)
        self.waiting.release()


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def gated(tmp_path: Path, clock: Clock, gate: Gate) -> Iterator[httpx.Client]:
    with twin(tmp_path / "state", Pace(phase_s=0, clock=clock, pause=gate)) as client:
        yield client


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with twin(tmp_path_factory.mktemp("running")) as client:
        yield client


def row(custom_id: str, **body: object) -> dict[str, object]:
    messages = [{"role": "user", "content": [image_part(BLANK)]}]
    return {"custom_id": custom_id, "body": {"messages": messages, **body}}


def asked(client: httpx.Client, job: str, source: str, **fields: object) -> httpx.Response:
    """The reply to a creation whose output is named after the job."""
    body = {
        "model": MODEL,
        "inputDatasetId": f"accounts/local/datasets/{source}",
        "outputDatasetId": f"accounts/local/datasets/{job}-out",
        **fields,
    }
    return client.post(JOBS, params={"batchInferenceJobId": job}, json=body)


def job_of(client: httpx.Client, name: str) -> dict[str, Any]:
    response = client.get(f"{JOBS}/{name}")
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def ended(client: httpx.Client, name: str) -> dict[str, Any]:
    """The job once it is over; it is asked for again and again, as callers do."""
    until = time.monotonic() + 60
    while (job := job_of(client, name))["state"].removeprefix("JOB_STATE_") not in ENDS:
        assert time.monotonic() < until, job["state"]
        time.sleep(0.02)
    return job


def output(client: httpx.Client, name: str, **query: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of each file that a job made."""
    urls = urls_of(client, f"{name}-out", **query)
    return {key: [json.loads(line) for line in fetch(url).text.splitlines()] for key, url in urls.items()}


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["custom_id"] for row in rows]


def test_rows_are_answered_by_the_engine(running: httpx.Client) -> None:
    names = [f"r{number}" for number in range(12)]
    filled(running, "in-1", [row(name, max_tokens=900000) for name in names])

    made = asked(running, "job-1", "in-1").json()
    job = ended(running, "job-1")

    assert made["state"] == "JOB_STATE_VALIDATING"
    assert (job["state"], job["status"]) == ("JOB_STATE_COMPLETED", {"code": "OK", "message": ""})
    files = output(running, "job-1")
    assert list(files) == ["dataset/job-1-out/BIJOutputSet.jsonl", "dataset/job-1-out/error-data"]
    answers, errors = files.values()
    assert errors == []
    assert sorted(ids(answers)) == sorted(names)
    assert ids(answers) != names  # the order is not kept
    assert answers[0].keys() == {"custom_id", "response"}
    assert answers[0]["response"]["object"] == "chat.completion"
    assert answers[0]["response"]["model"] == MODEL
    assert job["jobProgress"] == {
        "cachedInputTokenCount": 0,
        "epoch": 0,
        "failedRequests": 0,
        "inputTokens": sum(answer["response"]["usage"]["prompt_tokens"] for answer in answers),
        "outputRows": 12,
        "outputTokens": 0,
        "percent": 100,
        "successfullyProcessedRequests": 12,
        "totalInputRequests": 12,
        "totalProcessedRequests": 12,
    }
    made_set = running.get(f"{DATASETS}/job-1-out").json()
    assert (made_set["state"], made_set["sourceJobName"]) == ("READY", job["name"])
    assert "userUploaded" not in made_set


def test_a_row_that_cannot_be_answered_costs_that_row(running: httpx.Client) -> None:
    rows = [row("good"), row("odd", extra_body={}), row("streamed", stream=True)]
    rows += [{"custom_id": "none", "body": {}}, {"custom_id": "tokens", "body": {"prompt_token_ids": [1]}}]
    filled(running, "in-2", rows)

    asked(running, "job-2", "in-2")
    job = ended(running, "job-2")

    answers, errors = output(running, "job-2").values()
    assert ids(answers) == ["good"]
    assert {error["custom_id"]: error["error"]["code"] for error in errors} == dict.fromkeys(
        ["odd", "streamed", "none", "tokens"], "400"
    )
    by_id = {error["custom_id"]: error["error"]["message"] for error in errors}
    assert by_id["odd"] == "Extra inputs are not permitted, field: 'extra_body', value: {}"
    assert (job["state"], job["jobProgress"]["failedRequests"]) == ("JOB_STATE_COMPLETED", 4)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            b'{"custom_id":"a","body":{"messages":[{"role":"user"},{"role":"bananas"}]}}\n',
            "rows.jsonl:1: invalid role bananas in message 2, "
            "must be 'system', 'user', 'assistant' or 'tool'",
        ),
        (b'\n{"custom_id":"a","body":{}}\n{', "rows.jsonl:3: not a JSON object"),
        (b"[1]\n", "rows.jsonl:1: not a JSON object"),
        (b'{"body":{}}\n', "rows.jsonl:1: custom_id is missing"),
        (b'{"custom_id":"a"}\n', "rows.jsonl:1: body is missing"),
        (b'{"custom_id":"a","body":{"messages":3}}\n', "rows.jsonl:1: messages is not a list"),
        (b'{"custom_id":"a","body":{}}\n' * 2, "rows.jsonl:2: custom_id 'a' is there twice"),
        (b'{"custom_id":"\\ud800","body":{}}\n', "rows.jsonl:1: not a JSON object"),
    ],
)
def test_a_broken_row_fails_the_whole_job(client: httpx.Client, text: bytes, words: str) -> None:
    create(client, "in-1")
    client.post(f"{DATASETS}/in-1:upload", files={"file": ("rows.jsonl", text)})

    asked(client, "job-1", "in-1")
    job = ended(client, "job-1")

    assert job["state"] == "JOB_STATE_FAILED"
    assert job["status"] == {
        "code": "INVALID_ARGUMENT",
        "message": f"Dataset has a syntax error: chat dataset validation failed on {words}",
    }
    assert set(job["jobProgress"].values()) == {0}
    assert [name for name, time in job["lifecycle"].items() if time] == ["endTime"]
    assert job["outputDatasetId"] == "accounts/local/datasets/job-1-out"
    assert complaint(client.get(f"{DATASETS}/job-1-out"))[0] == 404


def test_each_phase_shows_what_the_service_shows(gated: httpx.Client, gate: Gate, clock: Clock) -> None:
    filled(gated, "in-1", [row("a"), row("b")])
    made = asked(gated, "job-1", "in-1", displayName="one", inferenceParameters={"maxTokens": 64}).json()
    seen = []
    for _ in range(6):
        gate.step()
        gate.arrive()
        clock.move(minutes=1)
        seen.append(job_of(gated, "job-1"))
    gate.step()
    done = ended(gated, "job-1")

    assert (made["state"], made["placement"]) == ("JOB_STATE_VALIDATING", None)
    assert (made["jobProgress"], made["lifecycle"]) == (None, None)
    assert made["inferenceParameters"] == {"extraBody": "{}", "maxTokens": 64}
    assert (made["displayName"], made["expireTime"]) == ("one", "2026-03-05T12:30:00.000000Z")
    states = ["PENDING", "CREATING", "RUNNING", "RUNNING", "RUNNING", "WRITING_RESULTS"]
    assert [job["state"] for job in seen] == [f"JOB_STATE_{state}" for state in states]
    assert [job["jobProgress"]["totalProcessedRequests"] for job in seen] == [0, 0, 0, 1, 2, 2]
    assert [job["jobProgress"]["totalInputRequests"] for job in seen] == [0, 0, 0, 2, 2, 2]
    assert [job["jobProgress"]["percent"] for job in [*seen, done]] == [0, 0, 0, 50, 99, 99, 100]
    validated, began = "2026-03-04T12:30:00.000000Z", "2026-03-04T12:32:00.000000Z"
    assert seen[2]["lifecycle"] == {"validatedTime": validated, "runStartTime": began, "endTime": None}
    assert done["lifecycle"]["endTime"] == "2026-03-04T12:36:00.000000Z"
    assert done["placement"]["regions"] == []


def test_an_input_has_to_be_ready_and_an_output_new(client: httpx.Client) -> None:
    filled(client, "in-1", [row("a")])
    create(client, "in-2")

    assert complaint(asked(client, "job-1", "in-2")) == (
        400,
        9,
        "accounts/local/datasets/in-2 is not in state READY",
    )
    assert complaint(asked(client, "job-1", "in-3"))[:2] == (404, 5)
    taken = asked(client, "job-1", "in-1", outputDatasetId="accounts/local/datasets/in-1")
    assert complaint(taken)[:2] == (409, 6)
    assert client.get(JOBS).json()["totalSize"] == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"model": ""},
        {"inputDatasetId": ""},
        {"inputDatasetId": "in-1"},
        {"inputDatasetId": "accounts/other/datasets/in-1"},
        {"outputDatasetId": "accounts/local/datasets/Out"},
        {"precision": "FP3"},
        {"inferenceParameters": {"maxTokens": -1}},
        {"inferenceParameters": {"temperature": 3}},
        {"inferenceParameters": {"extraBody": "[]"}},
        {"inferenceParameters": {"extraBody": {}}},
        {"inferenceParameters": {"seed": 1}},
        {"maxJobDuration": "1h"},
        {"maxJobDuration": "0s"},
        {"continuedFromJobName": "job-0"},
        {"endpoint": "/v1/chat/completions"},
    ],
)
def test_a_job_that_makes_no_sense_is_refused(shared: httpx.Client, fields: dict[str, object]) -> None:
    if shared.get(f"{DATASETS}/in-1").status_code == 404:
        filled(shared, "in-1", [row("a")])

    assert complaint(asked(shared, "job-1", "in-1", **fields))[:2] == (400, 3)


def test_an_unknown_model_and_an_unknown_job_are_not_found(shared: httpx.Client) -> None:
    if shared.get(f"{DATASETS}/in-1").status_code == 404:
        filled(shared, "in-1", [row("a")])

    assert complaint(asked(shared, "job-1", "in-1", model="accounts/fireworks/models/none"))[:2] == (404, 5)
    before = "accounts/local/batchInferenceJobs/none"
    assert complaint(asked(shared, "job-1", "in-1", continuedFromJobName=before))[:2] == (404, 5)
    assert complaint(shared.get(f"{JOBS}/none")) == (404, 5, "resource not found")
    assert complaint(shared.delete(f"{JOBS}/none")) == (404, 5, "resource not found")


def test_an_id_and_an_output_are_chosen_when_none_are_named(gated: httpx.Client) -> None:
    filled(gated, "in-1", [row("a")])
    body = {"model": MODEL, "inputDatasetId": "accounts/local/datasets/in-1"}

    made = gated.post(JOBS, json=body).json()

    assert made["name"].startswith("accounts/local/batchInferenceJobs/bij-")
    assert made["outputDatasetId"].startswith("accounts/local/datasets/bij-")
    taken = asked(gated, "job-2", "in-1", outputDatasetId=made["outputDatasetId"])
    assert complaint(taken)[:2] == (409, 6)
    again = asked(gated, made["name"].rpartition("/")[2], "in-1")
    assert complaint(again)[:2] == (409, 6)


def test_a_job_past_its_time_keeps_what_it_has_and_another_one_goes_on(
    tmp_path: Path, clock: Clock, gate: Gate
) -> None:
    with twin(tmp_path / "state", Pace(phase_s=0, clock=clock, pause=gate)) as client:
        filled(client, "in-1", [row("a"), row("b"), row("c", extra_body=1), row("d")])
        asked(client, "job-1", "in-1", maxJobDuration="60s")
        gate.step(5)  # three phases, two rows
        gate.arrive()
        clock.move(seconds=60)
        gate.step(3)  # the row at hand, the end of running, the writing
        first = ended(client, "job-1")
        partial, errors = output(client, "job-1").values()

        before = "accounts/local/batchInferenceJobs/job-1"
        asked(client, "job-2", "in-1", model=None, inputDatasetId=None, continuedFromJobName=before)
        gate.step(5 + 4 - len(partial))
        second = ended(client, "job-2")
        rest, still = output(client, "job-2").values()
        chain = output(client, "job-2", downloadLineage="true")

    assert first["state"] == "JOB_STATE_EXPIRED"
    assert first["expireTime"] == "2026-03-04T12:31:00.000000Z"
    assert len(partial) + len(errors) == 3
    assert second["state"] == "JOB_STATE_COMPLETED"
    assert second["continuedFromJobName"] == first["name"]
    assert sorted(ids(partial) + ids(rest)) == ["a", "b", "d"]
    assert ids(still) == ["c"]
    assert {key.split("/")[1] for key in chain} == {"job-1-out", "job-2-out"}


def test_a_job_goes_on_after_a_restart(tmp_path: Path, clock: Clock) -> None:
    first, second = Gate(), Gate()
    names = [f"r{number}" for number in range(5)]
    with twin(tmp_path / "state", Pace(phase_s=0, clock=clock, pause=first)) as client:
        filled(client, "in-1", [row(name) for name in names])
        asked(client, "job-1", "in-1")
        first.step(5)  # three phases, two rows
        first.arrive()
        before = job_of(client, "job-1")

    with twin(tmp_path / "state", Pace(phase_s=0, clock=clock, pause=second)) as client:
        second.arrive()
        after = job_of(client, "job-1")
        second.step(5)  # three rows, the end of running, the writing
        done = ended(client, "job-1")
        answers, _ = output(client, "job-1").values()

    assert before["jobProgress"]["outputRows"] == 2
    assert after == before
    assert done["state"] == "JOB_STATE_COMPLETED"
    assert sorted(ids(answers)) == names


def test_a_deleted_job_stops_and_is_gone_a_little_later(gated: httpx.Client, gate: Gate) -> None:
    filled(gated, "in-1", [row("a")])
    asked(gated, "job-1", "in-1")
    gate.step(3)
    gate.arrive()

    assert gated.delete(f"{JOBS}/job-1").json() == {}

    going = job_of(gated, "job-1")
    assert going["state"] == "JOB_STATE_DELETING_CLEANING_UP"
    assert (going["jobProgress"], going["lifecycle"]) == (None, None)
    assert going["placement"] is not None
    gate.step(2)  # the pause that it was stopped in, and the one before it is gone
    while gated.get(f"{JOBS}/job-1").status_code == 200:
        pass
    assert gated.get(JOBS).json()["totalSize"] == 0


def test_a_job_whose_folder_is_gone_costs_no_other_job(
    gated: httpx.Client, gate: Gate, tmp_path: Path
) -> None:
    filled(gated, "in-1", [row("a")])
    asked(gated, "job-1", "in-1")
    gate.arrive()
    shutil.rmtree(tmp_path / "state" / "jobs" / "job-1")
    gate.pass_one()  # or the other job might take the step

    assert asked(gated, "job-2", "in-1").status_code == 200
    gate.step(2)
    gate.arrive()
    assert job_of(gated, "job-2")["state"] == "JOB_STATE_CREATING"


def test_parameters_of_the_job_hold_where_a_row_says_nothing(running: httpx.Client) -> None:
    filled(running, "in-3", [row("own", n=1), row("other")])

    asked(
        running,
        "job-3",
        "in-3",
        systemPrompt="Read it.",
        inferenceParameters={"n": 2, "extraBody": '{"user": "me", "temperature": 0}'},
    )
    ended(running, "job-3")

    answers, errors = output(running, "job-3").values()
    assert errors == []
    assert {answer["custom_id"]: len(answer["response"]["choices"]) for answer in answers} == {
        "own": 1,
        "other": 2,
    }


def test_a_file_in_a_bucket_cannot_be_answered_here(client: httpx.Client) -> None:
    body = {"datasetId": "in-1", "dataset": {"externalUrl": "gs://bucket/a.jsonl"}}
    client.post(DATASETS, json=body)

    asked(client, "job-1", "in-1")

    assert ended(client, "job-1")["status"]["code"] == "NOT_FOUND"
