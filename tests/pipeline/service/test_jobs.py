import json
import re

import pytest

from pipeline.errors import AlreadyExists, ConfigError, NotFound, RequestRejected, ServiceBusy
from pipeline.service.job import Job, Phase
from pipeline.service.jobs import (
    JobSpec,
    Parameters,
    continue_job,
    create_job,
    delete_job,
    get_job,
    jobs,
    wait_until_over,
)
from pipeline.service.polling import Polling
from tests.gateway import ACCOUNT, grpc, opened
from tests.pipeline.service.test_datasets import Lost
from tests.servers import Heard, Reply, html

pytestmark = pytest.mark.anyio

MODEL = "accounts/fireworks/models/vlm"
SPEC = JobSpec(model=MODEL, input_dataset="in-1", output_dataset="out-1")
QUICK = Polling(first_s=0.001, longest_s=0.001, deadline_s=0.3)


async def test_every_parameter_is_sent_under_its_name() -> None:
    spec = JobSpec(
        model=MODEL,
        input_dataset="in-1",
        output_dataset=f"accounts/{ACCOUNT}/datasets/out-1",
        display_name="shard 1",
        parameters=Parameters(
            max_tokens=4096,
            temperature=0,
            top_p=1.0,
            top_k=40,
            n=1,
            extra={"reasoning_effort": "none", "user": "ä"},
        ),
        precision="FP8",
        continued_from="job-0",
    )
    async with opened() as (_, server, _, control):
        job = await create_job(control, spec, job_id="job-1")

    sent = server.heard[0]
    body = sent.body
    assert sent.path == f"/v1/accounts/{ACCOUNT}/batchInferenceJobs?batchInferenceJobId=job-1"
    assert json.loads(body["inferenceParameters"].pop("extraBody")) == {
        "reasoning_effort": "none",
        "user": "ä",
    }
    assert body == {
        "displayName": "shard 1",
        "model": MODEL,
        "inputDatasetId": f"accounts/{ACCOUNT}/datasets/in-1",
        "outputDatasetId": f"accounts/{ACCOUNT}/datasets/out-1",
        "inferenceParameters": {"maxTokens": 4096, "temperature": 0, "topP": 1.0, "topK": 40, "n": 1},
        "precision": "FP8",
        "continuedFromJobName": f"accounts/{ACCOUNT}/batchInferenceJobs/job-0",
    }
    assert (job.id, job.state) == ("job-1", "VALIDATING")


async def test_what_is_not_said_is_not_sent() -> None:
    async with opened() as (_, server, _, control):
        job = await create_job(control, JobSpec(model=MODEL, input_dataset="in-1"))

    assert set(server.heard[0].body) == {"model", "inputDatasetId"}
    assert re.search(r"\?batchInferenceJobId=job-[0-9a-f]{16}$", server.heard[0].path)
    assert job.output_dataset_id.endswith("datasets/bij-x")


async def test_a_name_that_is_none_is_not_sent() -> None:
    async with opened() as (_, server, _, control):
        for spec in (
            JobSpec(model=MODEL, input_dataset="a/b"),
            JobSpec(model=MODEL, input_dataset=f"accounts/{ACCOUNT}/models/x"),
        ):
            with pytest.raises(ConfigError, match="datasets"):
                await create_job(control, spec)
        with pytest.raises(ConfigError, match="job id"):
            await create_job(control, SPEC, job_id="Job_1")

    assert server.heard == []


async def test_an_input_that_is_not_ready_can_be_told_from_other_trouble() -> None:
    async with opened() as (gateway, _, _, control):
        gateway.fault = lambda _: grpc(400, 9, "dataset in-1 is not in READY state")
        with pytest.raises(RequestRejected, match="READY") as caught:
            await create_job(control, SPEC)

    assert caught.value.code == "failed_precondition"


async def test_a_job_whose_making_was_not_heard_of_is_found_again() -> None:
    async with opened() as (gateway, _, _, control):
        gateway.after = Lost("/batchInferenceJobs")
        job = await create_job(control, SPEC, job_id="job-1")

    assert job.id == "job-1"
    assert len(gateway.jobs) == 1


async def test_no_job_is_made_twice_though_its_id_is_made_up() -> None:
    async with opened() as (gateway, _, _, control):
        gateway.after = Lost("/batchInferenceJobs")
        job = await create_job(control, SPEC)

    assert list(gateway.jobs) == [job.id]


async def test_an_output_that_exists_is_no_job_that_was_made_before() -> None:
    taken = grpc(409, 6, "dataset out-1 already exists")
    async with opened() as (gateway, _, _, control):
        answers = [html(503), taken]
        gateway.fault = lambda heard: answers.pop(0) if heard.method == "POST" else None
        with pytest.raises(AlreadyExists, match="dataset out-1"):
            await create_job(control, SPEC)


async def test_but_not_one_that_does_something_else() -> None:
    async with opened() as (gateway, _, _, control):
        await create_job(control, JobSpec(model=MODEL, input_dataset="in-2"), job_id="job-1")
        gateway.after = Lost("/batchInferenceJobs")
        with pytest.raises(AlreadyExists):
            await create_job(control, SPEC, job_id="job-1")


async def test_a_job_id_that_is_taken_is_said() -> None:
    async with opened() as (_, _, _, control):
        await create_job(control, SPEC, job_id="job-1")
        with pytest.raises(AlreadyExists, match="job-1 already exists"):
            await create_job(control, SPEC, job_id="job-1")


async def test_jobs_are_listed_by_filter_and_order() -> None:
    async with opened() as (_, server, _, control):
        for number in range(3):
            await create_job(control, SPEC, job_id=f"job-{number}")
        found = [job.id async for job in jobs(control, matching='displayName="x"', order_by="name")]

    assert found == ["job-0", "job-1", "job-2"]
    assert "filter=displayName%3D%22x%22" in server.heard[-1].path
    assert "orderBy=name" in server.heard[-1].path


async def test_a_job_goes_on_in_a_new_one_with_its_model_and_a_new_output() -> None:
    async with opened() as (_, server, _, control):
        first = await create_job(control, SPEC, job_id="job-1")
        second = await continue_job(control, first, output_dataset="out-2", job_id="job-2")

    assert server.heard[-1].body == {
        "model": MODEL,
        "outputDatasetId": f"accounts/{ACCOUNT}/datasets/out-2",
        "continuedFromJobName": first.name,
    }
    assert second.continued_from_job_name == first.name


async def test_a_job_that_is_removed_is_gone() -> None:
    async with opened() as (gateway, _, _, control):
        await create_job(control, SPEC, job_id="job-1")
        gateway.after = Lost("/job-1")
        await delete_job(control, "job-1")

        for again in (get_job, delete_job):
            with pytest.raises(NotFound, match="batchInferenceJobs/job-1"):
                await again(control, "job-1")


async def test_a_job_is_waited_for_through_states_that_are_not_known_and_an_outage() -> None:
    states = ["JOB_STATE_VALIDATING", "", "JOB_STATE_BRAND_NEW", "JOB_STATE_RUNNING", "JOB_STATE_EXPIRED"]
    seen: list[Job] = []
    async with opened() as (gateway, _, _, control):
        await create_job(control, SPEC, job_id="job-1")

        def fault(heard: Heard) -> Reply | None:
            if heard.method != "GET":
                return None
            gateway.jobs["job-1"]["state"] = states.pop(0)
            return None if gateway.jobs["job-1"]["state"] else html(503)

        gateway.fault = fault
        job = await wait_until_over(control, "job-1", QUICK, on_look=seen.append)

    assert job.phase is Phase.PARTIAL
    assert [one.state for one in seen] == ["VALIDATING", "BRAND_NEW", "RUNNING", "EXPIRED"]


async def test_a_job_that_is_never_over_is_given_up() -> None:
    async with opened() as (_, _, _, control):
        await create_job(control, SPEC, job_id="job-1")
        with pytest.raises(ServiceBusy, match=r"job job-1 is not over: still not done after 0\.3 s"):
            await wait_until_over(control, "job-1", QUICK)
