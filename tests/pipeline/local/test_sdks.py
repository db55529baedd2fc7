"""The official Python clients, as they are, against `pagelake local serve` as a process."""

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import fireworks
import httpx
import openai
import pytest

from pipeline.grammar import grammar_of
from pipeline.local.protocol import DEPLOYMENT, MODEL_ID
from tests.flows.command import started
from tests.pipeline.local.bodies import image_part, text_part
from tests.servers import FaultServer

pytestmark = pytest.mark.xdist_group("sdks")

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "invoice_number": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "total": {"anyOf": [{"type": "number"}, {"type": "null"}]},
    },
    "required": ["invoice_number", "total"],
}
FORMAT: Any = {"type": "json_schema", "json_schema": {"name": "invoice", "schema": SCHEMA}}
FAULTS = '[[fault]]\nkind = "rate_limit"\nshare = 1.0\nretry_after_s = 3\n'
TRUE = {"invoice_number": "W-2024-311", "total": 368.9}


class Served(NamedTuple):
    """What `pagelake local serve` says of itself."""

    base_url: str
    api_key: str


@contextmanager
def served(folder: Path, *arguments: str) -> Iterator[Served]:
    """`pagelake local serve` as users start it, until the block ends."""
    process = started(["local", "serve", "--workers", "1", *arguments], folder, os.environ)
    assert process.stdout is not None
    with process:
        try:
            lines = [process.stdout.readline() for _ in range(5)]
            told = dict(re.findall(r"^(base URL|key|model): +(.+)$", "".join(lines), re.MULTILINE))
            assert told["model"] == MODEL_ID
            yield Served(told["base URL"], told["key"])
        finally:
            process.terminate()
            process.communicate(timeout=30)


def openai_at(server: Served, key: str = "") -> openai.OpenAI:
    return openai.OpenAI(base_url=server.base_url, api_key=key or server.api_key, max_retries=0)


def fireworks_at(server: Served, key: str = "") -> fireworks.Fireworks:
    at = server.base_url.removesuffix("/v1")  # it adds the path itself
    return fireworks.Fireworks(base_url=at, api_key=key or server.api_key, account_id="local", max_retries=0)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, gallery: FaultServer) -> Iterator[Served]:
    host = gallery.base_url.removeprefix("http://").removesuffix("/v1")
    with served(tmp_path_factory.mktemp("served"), "--fetch-images", host) as server:
        yield server


@pytest.fixture(scope="module")
def plain(server: Served) -> Iterator[openai.OpenAI]:
    with openai_at(server) as client:
        yield client


@pytest.fixture(scope="module")
def whole(server: Served) -> Iterator[fireworks.Fireworks]:
    with fireworks_at(server) as client:
        yield client


@pytest.fixture(scope="module")
def messages(invoice_png: bytes) -> Any:
    return [{"role": "user", "content": [text_part("Read the invoice."), image_part(invoice_png)]}]


def test_openai_lists_models(plain: openai.OpenAI) -> None:
    assert [model.id for model in plain.models.list()] == [MODEL_ID]


def test_openai_reads_a_page(plain: openai.OpenAI, messages: Any) -> None:
    reply = plain.chat.completions.create(model=MODEL_ID, messages=messages, response_format=FORMAT)

    assert json.loads(reply.choices[0].message.content or "") == TRUE
    assert reply.usage is not None
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens


@pytest.mark.parametrize("model", [MODEL_ID, f"{MODEL_ID}#{DEPLOYMENT}"])
@pytest.mark.parametrize(
    "wanted", [{"type": "json_object"}, {"type": "grammar", "grammar": grammar_of(SCHEMA)}], ids=str
)
def test_both_read_a_linked_page_into_any_format(
    plain: openai.OpenAI, whole: fireworks.Fireworks, gallery: FaultServer, model: str, wanted: Any
) -> None:
    url = gallery.base_url.removesuffix("/v1") + "/invoice.png"
    page = {"type": "image_url", "image_url": {"url": url}}
    asked: Any = [
        {"role": "system", "content": f"Answer by this schema: {json.dumps(SCHEMA)}"},
        {"role": "user", "content": [page]},
    ]

    for client in (plain, whole):
        completions: Any = client.chat.completions
        reply = completions.create(model=model, messages=asked, response_format=wanted)
        assert json.loads(reply.choices[0].message.content) == TRUE


def test_openai_reads_a_page_as_a_stream(plain: openai.OpenAI, messages: Any) -> None:
    pieces = plain.chat.completions.create(
        model=MODEL_ID, messages=messages, response_format=FORMAT, stream=True
    )
    text = "".join(choice.delta.content or "" for piece in pieces for choice in piece.choices)

    assert json.loads(text) == TRUE


def test_openai_sees_the_headers(plain: openai.OpenAI, messages: Any) -> None:
    raw = plain.chat.completions.with_raw_response.create(
        model=MODEL_ID, messages=messages, extra_body={"perf_metrics_in_response": True}
    )
    reply = raw.parse()

    assert raw.headers["x-request-id"] == reply.id
    assert raw.headers["x-ratelimit-over-limit"] == "no"
    assert reply.model_extra is not None
    assert str(reply.model_extra["perf_metrics"]["prompt-tokens"]) == raw.headers["fireworks-prompt-tokens"]


def test_openai_knows_its_errors(server: Served, plain: openai.OpenAI, messages: Any) -> None:
    ask = plain.chat.completions.create

    with pytest.raises(openai.NotFoundError, match="Model not found") as missing:
        ask(model="another", messages=messages)
    with pytest.raises(openai.BadRequestError, match="Extra inputs are not permitted, field: 'store'"):
        ask(model=MODEL_ID, messages=messages, store=True)
    with pytest.raises(openai.NotFoundError):
        plain.models.retrieve("another")
    with openai_at(server, "wrong") as stranger, pytest.raises(openai.AuthenticationError):
        stranger.models.list()
    assert (missing.value.code, missing.value.param) == ("NOT_FOUND", "model")
    assert missing.value.request_id


def test_both_know_a_rate_limit_when_they_meet_one(tmp_path: Path, messages: Any) -> None:
    (tmp_path / "faults.toml").write_text(FAULTS)
    with served(tmp_path, "--faults", "faults.toml") as busy:
        with openai_at(busy) as plain, pytest.raises(openai.RateLimitError) as caught:
            plain.chat.completions.create(model=MODEL_ID, messages=messages)
        with fireworks_at(busy) as whole, pytest.raises(fireworks.RateLimitError):
            whole.chat.completions.create(model=MODEL_ID, messages=messages)

    assert caught.value.response.headers["retry-after"] == "3"


def test_fireworks_reads_a_page(whole: fireworks.Fireworks, messages: Any) -> None:
    reply: Any = whole.chat.completions.create(model=MODEL_ID, messages=messages, response_format=FORMAT)

    assert json.loads(reply.choices[0].message.content) == TRUE


def test_fireworks_reads_a_page_as_a_stream(whole: fireworks.Fireworks, messages: Any) -> None:
    pieces: Any = whole.chat.completions.create(
        model=MODEL_ID, messages=messages, response_format=FORMAT, stream=True
    )
    text = "".join(choice.delta.content or "" for piece in pieces for choice in piece.choices)

    assert json.loads(text) == TRUE


def test_fireworks_knows_account_models_and_deployments(whole: fireworks.Fireworks) -> None:
    (account,) = whole.accounts.list()
    (model,) = whole.models.list()
    (deployment,) = whole.deployments.list()

    assert (account.name, model.supports_image_input) == ("accounts/local", True)
    assert whole.models.get(model_id=(model.name or "").rpartition("/")[2]).name == model.name
    assert deployment.base_model == model.name


def test_fireworks_walks_a_list_to_its_end(whole: fireworks.Fireworks) -> None:
    names = [f"walk-{number}" for number in range(3)]
    for name in names:
        whole.datasets.create(dataset_id=name, dataset={"user_uploaded": {}, "example_count": "1"})

    walked = [dataset.name for dataset in whole.datasets.list(page_size=1, order_by="name")]
    found = list(whole.datasets.list(filter='name:"walk-1"'))
    changed = whole.datasets.update(dataset_id=names[0], display_name="a walk")
    for name in names:
        whole.datasets.delete(dataset_id=name)

    assert [name for name in walked if "walk-" in (name or "")] == [
        f"accounts/local/datasets/{name}" for name in names
    ]
    assert [dataset.name for dataset in found] == ["accounts/local/datasets/walk-1"]
    assert changed.display_name == "a walk"


def test_fireworks_uploads_by_signed_url(whole: fireworks.Fireworks) -> None:
    data = b'{"custom_id": "a", "body": {"messages": []}}\n'
    size = str(len(data))
    whole.datasets.create(dataset_id="by-url", dataset={"user_uploaded": {}, "example_count": "1"})
    urls = whole.datasets.get_upload_endpoint(dataset_id="by-url", filename_to_size={"in.jsonl": size})
    assert urls.filename_to_signed_urls is not None
    header = {"content-type": "application/octet-stream", "x-goog-content-length-range": f"{size},{size}"}
    assert httpx.put(urls.filename_to_signed_urls["in.jsonl"], content=data, headers=header).is_success
    whole.datasets.validate_upload(dataset_id="by-url", body={})

    assert whole.datasets.get(dataset_id="by-url").state == "READY"
    whole.datasets.delete(dataset_id="by-url")


def test_fireworks_knows_its_errors(server: Served, whole: fireworks.Fireworks) -> None:
    made: Any = {"dataset_id": "twice", "dataset": {"user_uploaded": {}, "example_count": "1"}}
    whole.datasets.create(**made)

    with pytest.raises(fireworks.ConflictError):
        whole.datasets.create(**made)
    with pytest.raises(fireworks.NotFoundError, match="resource not found"):
        whole.batch_inference_jobs.get(batch_inference_job_id="another")
    with pytest.raises(fireworks.BadRequestError, match="is not in state READY"):
        whole.batch_inference_jobs.create(model=MODEL_ID, input_dataset_id="accounts/local/datasets/twice")
    with fireworks_at(server, "wrong") as stranger, pytest.raises(fireworks.PermissionDeniedError):
        stranger.datasets.list()
    whole.datasets.delete(dataset_id="twice")


def test_fireworks_works_a_batch_job(whole: fireworks.Fireworks, messages: Any, tmp_path: Path) -> None:
    rows = [
        {"custom_id": f"page-{number}", "body": {"messages": messages, "response_format": FORMAT}}
        for number in range(2)
    ]
    file = tmp_path / "requests.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    whole.datasets.create(dataset_id="sdk-in", dataset={"user_uploaded": {}, "example_count": "2"})
    whole.datasets.upload(dataset_id="sdk-in", file=file)
    _until(lambda: whole.datasets.get(dataset_id="sdk-in").state == "READY")
    whole.batch_inference_jobs.create(
        batch_inference_job_id="sdk-job",
        model=MODEL_ID,
        input_dataset_id="accounts/local/datasets/sdk-in",
        output_dataset_id="accounts/local/datasets/sdk-out",
    )
    _until(lambda: _job(whole).state == "JOB_STATE_COMPLETED")
    urls: Any = whole.datasets.get_download_endpoint(dataset_id="sdk-out").filename_to_signed_urls
    (answers,) = (url for name, url in urls.items() if name.endswith("BIJOutputSet.jsonl"))
    lines = [json.loads(line) for line in httpx.get(answers).text.splitlines()]

    assert "sdk-job" in [(job.name or "").rpartition("/")[2] for job in whole.batch_inference_jobs.list()]
    assert _job(whole).job_progress.successfully_processed_requests == 2
    assert sorted(line["custom_id"] for line in lines) == ["page-0", "page-1"]
    for line in lines:
        assert json.loads(line["response"]["choices"][0]["message"]["content"]) == TRUE
    whole.batch_inference_jobs.delete(batch_inference_job_id="sdk-job")
    for name in ("sdk-in", "sdk-out"):
        whole.datasets.delete(dataset_id=name)


def _job(client: fireworks.Fireworks) -> Any:
    return client.batch_inference_jobs.get(batch_inference_job_id="sdk-job")


def _until(done: Any) -> None:
    until_s = time.monotonic() + 60
    while not done():
        assert time.monotonic() < until_s
        time.sleep(0.1)
