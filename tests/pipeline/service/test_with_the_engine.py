"""The client against the embedded engine's own server: two readings of one protocol."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PIL import Image
from pydantic import SecretStr

from pipeline.errors import AlreadyExists, NotFound, RequestRejected, ServiceRefused
from pipeline.local.launch import LocalEngine
from pipeline.local.protocol import MODEL_ID, MODEL_NAMES
from pipeline.service.account import (
    accounts,
    billed,
    dedicated_usage,
    get_account,
    get_quota,
    quotas,
    serverless_usage,
)
from pipeline.service.chat import complete
from pipeline.service.client import Client, Endpoint
from pipeline.service.control import ControlPlane
from pipeline.service.datasets import (
    create_dataset,
    datasets,
    delete_dataset,
    get_dataset,
    wait_until_ready,
)
from pipeline.service.downloads import download
from pipeline.service.jobs import JobSpec, create_job, delete_job, get_job, jobs, wait_until_over
from pipeline.service.models import get_model, image_models, library_models
from pipeline.service.polling import Polling
from pipeline.service.retry import Retries
from pipeline.service.uploads import put_dataset, upload
from tests.pipeline.local.bodies import chat, encoded, image_part
from tests.pipeline.service.connecting import open_gate

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("client and engine")]

POLLING = Polling(first_s=0.05, deadline_s=20)
LINE = b'{"custom_id": "a", "body": {"messages": [{"role": "user", "content": "hello"}]}}\n'


@pytest.fixture(scope="module")
def engine() -> Iterator[LocalEngine]:
    with LocalEngine(workers=1, phase_s=0.01) as engine:
        yield engine


def control_of(engine: LocalEngine, key: str = "") -> ControlPlane:
    secret = SecretStr(key or engine.api_key)
    return ControlPlane(Endpoint(base_url=engine.base_url, api_key=secret), proxies={})


@pytest.mark.parametrize("multipart_bytes", [10_000, 10])
async def test_what_goes_up_comes_down(engine: LocalEngine, tmp_path: Path, multipart_bytes: int) -> None:
    path, name = tmp_path / "in.jsonl", f"in-{multipart_bytes}"
    path.write_bytes(LINE * 5)
    async with control_of(engine) as control:
        await create_dataset(control, name, example_count=5)
        await upload(control, name, [path], multipart_bytes=multipart_bytes)
        ready = await wait_until_ready(control, name, POLLING)
        paths = await download(control, name, tmp_path / "down")

    assert (ready.example_count, ready.origin) == (5, "userUploaded")
    assert [one.read_bytes() for one in paths.values()] == [LINE * 5]


async def test_datasets_are_listed_and_removed_and_their_ids_are_unique(engine: LocalEngine) -> None:
    async with control_of(engine) as control:
        names = [f"list-{number}" for number in range(3)]
        for name in names:
            await create_dataset(control, name, example_count=1)
        with pytest.raises(AlreadyExists):
            await create_dataset(control, names[0], example_count=1)
        assert {one.id async for one in datasets(control)} >= set(names)

        for name in names:
            await delete_dataset(control, name)
        with pytest.raises(NotFound):
            await get_dataset(control, names[0])


async def test_lists_of_many_pages_have_each_entry_once(engine: LocalEngine) -> None:
    async with control_of(engine) as control:
        for number in range(5):
            await create_dataset(control, f"page-{number}", example_count=1)
        path = f"v1/accounts/{await control.account()}/datasets"
        entries = control.entries(path, "datasets", {"pageSize": "2", "orderBy": "name"})
        names = [entry["name"] async for entry in entries]

    assert len(names) == len(set(names)) >= 5


async def test_the_account_its_quotas_its_models_and_its_bill(engine: LocalEngine) -> None:
    async with control_of(engine) as control:
        account = await get_account(control)
        limits = [one.id async for one in quotas(control)]
        readers = [one async for one in library_models(control) if one.reads_pages]
        same = await get_model(control, readers[0].name)
        bill = await billed(control, date(2026, 1, 1), date(2026, 3, 1))
        used = await serverless_usage(control, date(2026, 1, 1), date(2026, 3, 1))

    assert account.id == await control.account()
    assert account.suspension is None
    assert "serverless-inference-rpm" in limits
    assert same == readers[0]
    assert (bill, used) == ([], [])


async def test_the_account_of_the_key_one_quota_and_no_deployments(engine: LocalEngine) -> None:
    async with control_of(engine) as control:
        every = [one.id async for one in accounts(control)]
        limit = await get_quota(control, "serverless-inference-rpm")
        used = await dedicated_usage(control, date(2026, 1, 1), date(2026, 3, 1))

    assert every == [await control.account()]
    assert (limit.value, used) == (6000, [])


async def test_a_job_is_looked_at_and_listed(engine: LocalEngine, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(LINE)
    async with control_of(engine) as control:
        await put_dataset(control, "of-a-job", [path], example_count=1, polling=POLLING)
        made = await create_job(control, JobSpec(model=MODEL_NAMES[1], input_dataset="of-a-job"))
        same = await get_job(control, made.id)
        listed = [one.name async for one in jobs(control)]
        over = await wait_until_over(control, made.id, POLLING)
        await delete_job(control, made.id)

    assert (same.name, same.model) == (made.name, MODEL_NAMES[1])
    assert made.name in listed
    assert over.job_progress.failed_requests == 1  # a row without an image


async def test_the_models_that_read_pages_and_a_page_read(engine: LocalEngine) -> None:
    at = Endpoint(base_url=engine.base_url, api_key=SecretStr(engine.api_key))
    body = json.dumps(chat(image_part(encoded(Image.new("RGB", (64, 64), "white")))))
    async with Client(at, proxies={}) as client:
        (card,) = await image_models(client)
        answer = await complete(client, body.encode(), gate=open_gate(), retries=Retries())

    assert (card.name, answer.model) == (MODEL_ID, MODEL_ID)
    assert (answer.content, answer.finish_reason, answer.attempts) == ("", "stop", 1)


async def test_a_filter_that_means_nothing_is_refused(engine: LocalEngine) -> None:
    async with control_of(engine) as control:
        with pytest.raises(RequestRejected) as caught:
            _ = [one async for one in datasets(control, matching="((")]

    assert caught.value.code == "invalid_argument"


async def test_a_key_of_another_is_refused(engine: LocalEngine) -> None:
    async with control_of(engine, "fw_other0123456789abcdef") as control:
        with pytest.raises(ServiceRefused, match="check the API key"):
            await control.account()
