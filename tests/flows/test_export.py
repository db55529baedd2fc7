"""The flow of exports, run against a real Prefect server."""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import polars as pl
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from prefect.client.schemas.objects import State

from flows.export import export_files
from flows.export_job import ExportJob
from tests.papers import write_pdf
from tests.pipeline.runs import config, run, slip_answer
from tests.servers import FaultServer

pytestmark = [
    pytest.mark.usefixtures("prefect_api"),
    pytest.mark.filterwarnings(
        "ignore::ResourceWarning"
    ),  # Prefect leaves connections to the garbage collector
    pytest.mark.xdist_group("prefect"),
]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a lake of two slips."""
    for name in "ab":
        write_pdf(tmp_path / "in" / f"{name}.pdf", [name])
    with FaultServer(slip_answer) as server:
        run(config(server.base_url, tmp_path / "lake", tmp_path / "in"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def swept() -> Iterator[None]:
    """What Prefect leaves to the garbage collector goes here, not in the middle of another test."""
    yield
    gc.collect()


def flow(**asked: Any) -> State[Any]:
    """The state the flow ends in, its parameters given as JSON."""

    async def ended() -> State[Any]:
        job: Any = ExportJob(**asked).model_dump(mode="json")
        return await export_files(job, return_state=True)

    return anyio.run(ended)


def test_an_export_can_be_scheduled(place: Path) -> None:
    states = [flow(sources=["lake"], out="night.csv", where="total > 1", force=True) for _ in range(2)]

    assert [(state.type, state.message) for state in states] == [
        ("COMPLETED", f"slip: 2 rows, {3 + 19} columns")
    ] * 2
    assert pl.read_csv(place / "night.csv").height == 2
    (shown,) = artifacts(states[0])
    assert "night.csv: " in shown
    assert "sha256" in shown


def artifacts(state: State[Any]) -> list[str]:
    async def read() -> list[str]:
        run_id = state.state_details.flow_run_id
        assert run_id is not None
        chosen = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run_id]))
        async with get_client() as client:
            return [str(one.data) for one in await client.read_artifacts(artifact_filter=chosen)]

    return anyio.run(read)


def test_an_export_that_is_impossible_fails_with_its_sentence() -> None:
    state = flow(sources=["lake"], out="night.csv", columns=["nope"])

    assert state.type == "FAILED"
    assert state.message is not None
    assert "no column nope" in state.message
