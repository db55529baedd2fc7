"""The client of the service and the embedded server, each built from the API alone, with one another."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pydantic import SecretStr

from pipeline.errors import AlreadyExists, NotFound, RequestRejected
from pipeline.local.launch import LocalEngine
from pipeline.service.account import get_account, quotas, serverless_usage
from pipeline.service.client import Endpoint
from pipeline.service.control import ControlPlane
from pipeline.service.datasets import (
    create_dataset,
    datasets,
    delete_dataset,
    get_dataset,
    split_dataset,
    update_dataset,
    wait_until_ready,
)
from pipeline.service.downloads import download
from pipeline.service.job import Job, Phase
from pipeline.service.jobs import JobSpec, continue_job, create_job, delete_job, wait_until_over
from pipeline.service.models import library_models
from pipeline.service.polling import Polling
from pipeline.service.uploads import upload
from tests.pipeline.local.bodies import encoded, image_part
from tests.pipeline.local.control.twin import KEY, twin

pytestmark = pytest.mark.anyio
MODEL = "accounts/fireworks/models/pagelake-ocr"
OFTEN = Polling(first_s=0.01, longest_s=0.05, deadline_s=60)
FAULTS = 'seed = 1\n[[fault]]\nkind = "expire"\nshare = 1\n'


@asynccontextmanager
async def controlling(engine: LocalEngine) -> AsyncIterator[ControlPlane]:
    endpoint = Endpoint(base_url=engine.base_url, api_key=SecretStr(engine.api_key))
    async with ControlPlane(endpoint, proxies={}) as control:
        yield control


def write_rows(path: Path, ids: list[str]) -> Path:
    part = image_part(encoded(Image.new("RGB", (64, 64), "white")))
    body = {"messages": [{"role": "user", "content": [part]}], "max_tokens": 10}
    path.write_text("".join(json.dumps({"custom_id": name, "body": body}) + "\n" for name in ids))
    return path


async def worked(control: ControlPlane, source: str, output: str) -> Job:
    spec = JobSpec(model=MODEL, input_dataset=source, output_dataset=output)
    made = await create_job(control, spec, job_id=f"job-{output}")
    return await wait_until_over(control, made.name, OFTEN)


def answered(path: Path) -> set[str]:
    rows: list[dict[str, Any]] = [json.loads(line) for line in path.read_text().splitlines()]
    return {row["custom_id"] for row in rows}


@pytest.mark.slow
async def test_the_whole_batch_road_and_a_restart_in_its_middle(tmp_path: Path) -> None:
    files = [write_rows(tmp_path / "a.jsonl", ["a", "b"]), write_rows(tmp_path / "b.jsonl", ["c"])]
    state, now = tmp_path / "state", datetime.now(UTC).date()
    with LocalEngine(workers=1, state=state, phase_s=0.01) as engine:
        async with controlling(engine) as control:
            account = await get_account(control)
            models = [model.name async for model in library_models(control)]
            await create_dataset(control, "in-1", example_count=3)
            with pytest.raises(AlreadyExists):
                await create_dataset(control, "in-1", example_count=3)
            with pytest.raises(RequestRejected):
                await worked(control, "in-1", "too-early")
            await upload(control, "in-1", files)
            await create_dataset(control, "in-2", example_count=2)
            await upload(control, "in-2", files[:1])
            await wait_until_ready(control, "in-2", OFTEN)

    with LocalEngine(workers=1, state=state, phase_s=0.01) as engine:
        async with controlling(engine) as control:
            assert (await get_dataset(control, "in-1")).is_ready
            job = await worked(control, "in-1", "out-1")
            got = await download(control, "out-1", tmp_path / "out")
            names = {dataset.id async for dataset in datasets(control)}
            await delete_job(control, job.name)
            await delete_dataset(control, "in-1")
            with pytest.raises(NotFound):
                await get_dataset(control, "in-1")
            limits = {quota.id async for quota in quotas(control)}
            used = await serverless_usage(control, now, now + timedelta(days=2))

    assert account.id == "local"
    assert models == [MODEL]
    assert (job.phase, job.job_progress.successfully_processed_requests) == (Phase.COMPLETED, 3)
    assert answered(got["BIJOutputSet.jsonl"]) == {"a", "b", "c"}
    assert got["error-data"].read_bytes() == b""
    assert names == {"in-1", "in-2", "out-1"}
    assert "serverless-inference-rpm" in limits
    assert sum(day.prompt_tokens for day in used) == job.job_progress.input_tokens


async def test_a_dataset_is_renamed_recounted_and_split(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("".join(f"{number}\n" for number in range(401)))
    with twin(tmp_path / "state") as server:
        endpoint = Endpoint(base_url=str(server.base_url), api_key=SecretStr(KEY))
        async with ControlPlane(endpoint, proxies={}) as control:
            await create_dataset(control, "in-1", example_count=400)
            await upload(control, "in-1", [tmp_path / "a.jsonl"])
            await wait_until_ready(control, "in-1", OFTEN)
            changed = await update_dataset(control, "in-1", display_name="evening", example_count=401)
            split = await split_dataset(control, "in-1", chunk_size=200)
            pieces = [await get_dataset(control, name) for name in split.chunk_dataset_names]
            got = [await download(control, piece.name, tmp_path / piece.id) for piece in pieces]
            with pytest.raises(AlreadyExists, match=r"^in-1 cannot be split .* \(409: .*in-1-chunk-1"):
                await split_dataset(control, "in-1", chunk_size=200)

    assert (changed.display_name, changed.example_count, changed.is_ready) == ("evening", 401, True)
    assert (split.chunks_created, split.total_examples) == (3, 401)
    assert [(one.example_count, one.origin, one.is_ready) for one in pieces] == [
        (200, "splitted", True),
        (200, "splitted", True),
        (1, "splitted", True),
    ]
    whole = b"".join(path.read_bytes() for files in got for path in files.values())
    assert whole == (tmp_path / "a.jsonl").read_bytes()


@pytest.mark.slow
async def test_jobs_that_expire_on_purpose_are_continued_to_their_end(tmp_path: Path) -> None:
    rows = write_rows(tmp_path / "a.jsonl", ["a", "b", "c"])
    (tmp_path / "faults.toml").write_text(FAULTS)
    with LocalEngine(workers=1, faults=tmp_path / "faults.toml", phase_s=0.01) as engine:
        async with controlling(engine) as control:
            await create_dataset(control, "in-1", example_count=3)
            await upload(control, "in-1", [rows])
            await wait_until_ready(control, "in-1", OFTEN)
            first = await worked(control, "in-1", "out-1")
            made = await continue_job(control, first, output_dataset="out-2")
            second = await wait_until_over(control, made.name, OFTEN)
            got = await download(control, "out-2", tmp_path / "out", lineage=True)

    assert [job.phase for job in (first, second)] == [Phase.PARTIAL, Phase.COMPLETED]
    assert [job.job_progress.output_rows for job in (first, second)] == [2, 1]
    kept = [answered(path) for name, path in got.items() if name.endswith("BIJOutputSet.jsonl")]
    assert sum(len(ids) for ids in kept) == len(set.union(*kept)) == 3
