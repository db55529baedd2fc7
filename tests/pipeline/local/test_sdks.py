"""The official Python clients against the embedded server, as they are."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fireworks
import httpx
import openai
import pytest

from pipeline.grammar import grammar_of
from pipeline.local.launch import LocalEngine
from pipeline.local.protocol import DEPLOYMENT, MODEL_ID
from tests.pipeline.local.bodies import image_part, text_part
from tests.servers import FaultServer

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "invoice_number": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "total": {"anyOf": [{"type": "number"}, {"type": "null"}]},
    },
    "required": ["invoice_number", "total"],
}
FORMAT: Any = {"type": "json_schema", "json_schema": {"name": "invoice", "schema": SCHEMA}}
TRUE = {"invoice_number": "W-2024-311", "total": 368.9}


@pytest.fixture(scope="module")
def plain(engine: LocalEngine) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=engine.base_url, api_key=engine.api_key, max_retries=0) as client:
        yield client


@pytest.fixture(scope="module")
def whole(engine: LocalEngine) -> Iterator[fireworks.Fireworks]:
    at = engine.base_url.removesuffix("/v1")  # it adds the path itself
    with fireworks.Fireworks(
        base_url=at, api_key=engine.api_key, account_id="local", max_retries=0
    ) as client:
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


def test_openai_tells_a_missing_model_and_a_wrong_key(
    engine: LocalEngine, plain: openai.OpenAI, messages: Any
) -> None:
    with pytest.raises(openai.NotFoundError, match="Model not found"):
        plain.chat.completions.create(model="another", messages=messages)
    with (
        openai.OpenAI(base_url=engine.base_url, api_key="wrong", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError),
    ):
        stranger.models.list()


def test_fireworks_reads_a_page(whole: fireworks.Fireworks, messages: Any) -> None:
    reply: Any = whole.chat.completions.create(model=MODEL_ID, messages=messages, response_format=FORMAT)

    assert json.loads(reply.choices[0].message.content) == TRUE


def test_fireworks_knows_account_and_models(whole: fireworks.Fireworks) -> None:
    assert [account.name for account in whole.accounts.list()] == ["accounts/local"]
    assert [model.supports_image_input for model in whole.models.list()] == [True]


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
