"""What Prefect is told of a served run, on a real server."""

import gc
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import anyio
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.exceptions import PrefectHTTPStatusError
from prefect.runner import Runner

from flows.job import Job, ProcessOptions
from flows.schedule import Schedule
from flows.serving import Served, register

pytestmark = [
    pytest.mark.usefixtures("prefect_api"),
    pytest.mark.filterwarnings(
        "ignore::ResourceWarning"
    ),  # Prefect leaves connections to the garbage collector
    pytest.mark.xdist_group("prefect"),
]
JOB = Job(sources=["in"], schema_name="invoice", lake="lake", options=ProcessOptions(prune=True))
NIGHTLY = Schedule(cron="0 2 * * *", timezone="Europe/Berlin")


@pytest.fixture(autouse=True)
def swept() -> Iterator[None]:
    """What Prefect leaves to the garbage collector goes here, not in the middle of another test."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def nightly(prefect_api: None) -> DeploymentResponse:  # noqa: ARG001 - the server has to be there
    return registered(served())


def served(**changes: Any) -> Served:
    return Served(**{"name": "nightly", "job": JOB, "schedule": NIGHTLY, **changes})


def registered(*each: Served) -> DeploymentResponse:
    """The deployment after one registration after the other."""

    async def made() -> DeploymentResponse:
        for one in each:
            await register(one, Runner(name=one.name))
        async with get_client() as client:
            return await client.read_deployment_by_name(each[-1].deployment)

    return anyio.run(made)


def test_a_served_run_is_a_deployment_with_its_schedule_and_one_run_at_a_time(
    nightly: DeploymentResponse,
) -> None:
    (schedule,) = nightly.schedules
    assert isinstance(schedule.schedule, CronSchedule)
    assert (schedule.schedule.cron, schedule.schedule.timezone) == ("0 2 * * *", "Europe/Berlin")
    assert nightly.parameters["options"] == {"prune": True}
    assert nightly.entrypoint == "flows.process.process_folder"
    assert nightly.global_concurrency_limit is not None
    assert nightly.global_concurrency_limit.limit == 1


@pytest.mark.parametrize(("overlap", "strategy"), [("wait", "ENQUEUE"), ("skip", "CANCEL_NEW")])
def test_runs_that_overlap_wait_or_are_skipped_by_setting(overlap: str, strategy: str) -> None:
    deployment = registered(served(name=overlap, overlap=overlap))

    assert deployment.concurrency_options is not None
    assert deployment.concurrency_options.collision_strategy == strategy


def test_the_same_command_with_another_schedule_takes_the_place_of_the_first() -> None:
    often = Schedule(every=timedelta(hours=6))
    deployment = registered(served(name="again"), served(name="again", schedule=often))

    (schedule,) = deployment.schedules
    assert isinstance(schedule.schedule, IntervalSchedule)
    assert schedule.schedule.interval == timedelta(hours=6)


@pytest.mark.parametrize(
    "wrong",
    [
        {"options": {"quality": 500}},
        {"options": {"limit": 0}},
        {"options": {"road": "rail"}},
        {"options": {"qualty": 80}},
        {"options": {"max_cost": "much"}},
        {"sources": "in"},
    ],
    ids=str,
)
def test_the_server_refuses_parameters_that_cannot_be_before_a_run_is_made(
    wrong: dict[str, Any], nightly: DeploymentResponse
) -> None:
    async def run() -> None:
        async with get_client() as client:
            await client.create_flow_run_from_deployment(nightly.id, parameters=wrong)

    with pytest.raises(PrefectHTTPStatusError, match=r"409|422"):
        anyio.run(run)


def test_the_form_of_a_run_describes_every_parameter_and_offers_choices(
    nightly: DeploymentResponse,
) -> None:
    schema: Any = nightly.parameter_openapi_schema
    options = schema["definitions"]["ProcessOptions"]["properties"]

    parameters = {**schema["properties"], **options}
    assert [name for name, shown in parameters.items() if not shown.get("description")] == []
    assert [name for name, shown in parameters.items() if "title" not in shown and "$ref" not in shown] == []
    assert schema["required"] == ["sources", "record_type", "lake"]
    assert options["road"]["enum"] == ["online", "batch", "auto"]
    assert options["road"]["default"] == "online"
    assert (options["quality"]["minimum"], options["quality"]["maximum"]) == (1, 95)
