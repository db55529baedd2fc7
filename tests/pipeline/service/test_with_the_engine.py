"""The client against the embedded engine's own server: two readings of one protocol."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pydantic import SecretStr

from pipeline.errors import AlreadyExists, NotFound, RequestRejected, ServiceRefused
from pipeline.local.launch import LocalEngine
from pipeline.service.account import billed, get_account, quotas, serverless_usage
from pipeline.service.client import Endpoint
from pipeline.service.control import ControlPlane
from pipeline.service.datasets import (
    create_dataset,
    datasets,
    delete_dataset,
    get_dataset,
    wait_until_ready,
)
from pipeline.service.downloads import download
from pipeline.service.models import get_model, library_models
from pipeline.service.polling import Polling
from pipeline.service.uploads import upload

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("client and engine")]

POLLING = Polling(first_s=0.05, deadline_s=20)
LINE = b'{"custom_id": "a", "body": {"messages": [{"role": "user", "content": "hello"}]}}\n'


@pytest.fixture(scope="module")
def engine() -> Iterator[LocalEngine]:
    with LocalEngine(workers=1) as engine:
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


async def test_a_filter_that_means_nothing_is_refused(engine: LocalEngine) -> None:
    async with control_of(engine) as control:
        with pytest.raises(RequestRejected) as caught:
            _ = [one async for one in datasets(control, matching="((")]

    assert caught.value.code == "invalid_argument"


async def test_a_key_of_another_is_refused(engine: LocalEngine) -> None:
    async with control_of(engine, "fw_other0123456789abcdef") as control:
        with pytest.raises(ServiceRefused, match="check the API key"):
            await control.account()
