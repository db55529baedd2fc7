"""Every operation: what it asks, and what each status makes of it."""

import traceback
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

import pytest

from pipeline.errors import (
    AlreadyExists,
    NotFound,
    RequestRejected,
    ServiceBusy,
    ServiceError,
    ServiceRefused,
)
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
from pipeline.service.client import Client
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
from pipeline.service.downloads import download_urls
from pipeline.service.job import Job
from pipeline.service.jobs import (
    JobSpec,
    continue_job,
    create_job,
    delete_job,
    get_job,
    jobs,
    wait_until_over,
)
from pipeline.service.models import get_model, image_models, library_models
from pipeline.service.polling import Polling
from pipeline.service.uploads import upload_files, upload_signed, upload_whole
from tests.gateway import KEY, QUICK
from tests.pipeline.service.connecting import endpoint, open_gate
from tests.servers import FaultServer, refusal

pytestmark = pytest.mark.anyio

ONCE = Polling(first_s=0.001, deadline_s=0)
DAYS = date(2026, 8, 1), date(2026, 8, 2)
JOB = Job(name="accounts/a/batchInferenceJobs/j", model="accounts/fireworks/models/m")

Operation = Callable[[ControlPlane, Path], Awaitable[object]]


def every(listing: Callable[[ControlPlane], object]) -> Operation:
    async def drained(control: ControlPlane, _: Path) -> object:
        return [one async for one in listing(control)]  # type: ignore[attr-defined]

    return drained


OPERATIONS: dict[str, Operation] = {
    "POST /v1/accounts/a/datasets": lambda c, _: create_dataset(c, "d", example_count=1),
    "GET /v1/accounts/a/datasets": every(datasets),
    "GET /v1/accounts/a/datasets/d": lambda c, _: get_dataset(c, "d"),
    "GET /v1/accounts/a/datasets/e": lambda c, _: wait_until_ready(c, "e", ONCE),
    "PATCH /v1/accounts/a/datasets/d": lambda c, _: update_dataset(c, "d", display_name="x"),
    "POST /v1/accounts/a/datasets/d:splitDataset": lambda c, _: split_dataset(c, "d", chunk_size=200),
    "DELETE /v1/accounts/a/datasets/d": lambda c, _: delete_dataset(c, "d"),
    "POST /v1/accounts/a/datasets/d:upload": lambda c, path: upload_whole(c, "d", *upload_files([path])),
    "POST /v1/accounts/a/datasets/d:getUploadEndpoint": lambda c, path: upload_signed(
        c, "d", upload_files([path])
    ),
    "GET /v1/accounts/a/datasets/d:getDownloadEndpoint": lambda c, _: download_urls(c, "d"),
    "POST /v1/accounts/a/batchInferenceJobs": lambda c, _: create_job(c, JobSpec(model="m")),
    "POST /v1/accounts/a/batchInferenceJobs?batchInferenceJobId=k": lambda c, _: continue_job(
        c, JOB, output_dataset="o", job_id="k"
    ),
    "GET /v1/accounts/a/batchInferenceJobs": every(jobs),
    "GET /v1/accounts/a/batchInferenceJobs/j": lambda c, _: get_job(c, "j"),
    "GET /v1/accounts/a/batchInferenceJobs/k": lambda c, _: wait_until_over(c, "k", ONCE),
    "DELETE /v1/accounts/a/batchInferenceJobs/j": lambda c, _: delete_job(c, "j"),
    "GET /v1/accounts": every(accounts),
    "GET /v1/accounts/a": lambda c, _: get_account(c),
    "GET /v1/accounts/a/quotas": every(quotas),
    "GET /v1/accounts/a/quotas/q": lambda c, _: get_quota(c, "q"),
    "GET /v1/accounts/a/billing/summary": lambda c, _: billed(c, *DAYS),
    "GET /v1/accounts/a/billingUsage?startTime": lambda c, _: serverless_usage(c, *DAYS),
    "GET /v1/accounts/a/billingUsage": lambda c, _: dedicated_usage(c, *DAYS),
    "GET /v1/accounts/fireworks/models": every(library_models),
    "GET /v1/accounts/fireworks/models/m": lambda c, _: get_model(c, "accounts/fireworks/models/m"),
}

STATUSES: dict[int, type[ServiceError]] = {
    **dict.fromkeys((400, 405, 413, 422), RequestRejected),
    **dict.fromkeys((401, 402, 403, 412), ServiceRefused),
    404: NotFound,
    409: AlreadyExists,
    **dict.fromkeys((408, 429, 500, 502, 503, 504, 520), ServiceBusy),
}


INFERENCE: dict[str, Callable[[Client], Awaitable[object]]] = {
    "POST /v1/chat/completions": lambda client: complete(client, b"{}", gate=open_gate(), retries=QUICK),
    "GET /v1/models": lambda client: image_models(client, retries=QUICK),
}
OF_MODELS: dict[int, type[ServiceError]] = {**STATUSES, 404: RequestRejected, 409: ServiceBusy}
OF_CHAT: dict[int, type[ServiceError]] = {**OF_MODELS, 404: ServiceRefused, 405: ServiceRefused}
"""Without a path for completions no document can be read: the run stops."""


@pytest.mark.parametrize("said", INFERENCE)
async def test_each_status_of_inference_is_its_error_and_never_shows_the_key(said: str) -> None:
    for status, kind in (OF_CHAT if "chat" in said else OF_MODELS).items():
        with FaultServer([refusal(status, f"no, {KEY}, Bearer {KEY}")], models=None) as server:
            async with Client(endpoint(server.base_url, key=KEY), proxies={}) as client:
                with pytest.raises(ServiceError) as caught:
                    await INFERENCE[said](client)

        assert f"{server.heard[0].method} {server.heard[0].path}" == said
        assert type(caught.value) is kind, status
        assert str(status) in str(caught.value)
        assert KEY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("said", OPERATIONS)
async def test_each_status_of_each_operation_is_its_error_and_never_shows_the_key(
    said: str, tmp_path: Path
) -> None:
    (tmp_path / "in.jsonl").write_bytes(b"{}\n")
    for status, kind in STATUSES.items():
        with FaultServer([refusal(status, f"no, {KEY}, Bearer {KEY}")], models=None) as server:
            at = endpoint(server.base_url, key=KEY)
            async with ControlPlane(at, account_id="a", retries=QUICK, proxies={}) as control:
                with pytest.raises(ServiceError) as caught:
                    await OPERATIONS[said](control, tmp_path / "in.jsonl")

        first = server.heard[0]
        assert f"{first.method} {first.path}".startswith(said)
        assert type(caught.value) is kind, status
        assert str(status) in str(caught.value)
        shown = "".join(traceback.format_exception(caught.value))
        assert KEY not in shown
