"""The flows of the batch road, run against a real Prefect server."""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from prefect.client.schemas.objects import State

from flows.batch import collect_batch, submit_batch
from flows.job import ProcessOptions
from tests.batches import served
from tests.flows.command import page_answer
from tests.gateway import KEY
from tests.papers import write_pdf

pytestmark = [
    pytest.mark.usefixtures("prefect_api"),
    pytest.mark.filterwarnings(
        "ignore::ResourceWarning"
    ),  # Prefect leaves connections to the garbage collector
    pytest.mark.xdist_group("prefect"),
]


@pytest.fixture(autouse=True)
def swept() -> Iterator[None]:
    """What Prefect leaves to the garbage collector goes here, not in the middle of another test."""
    yield
    gc.collect()


def test_submit_ends_as_waiting_and_collect_moves_on_each_time_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pdf(tmp_path / "in" / "a.pdf", ["one", "two"])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PAGELAKE_API_KEY", KEY)
    states: list[State[Any]] = []

    async def run(base_url: str) -> None:
        options = ProcessOptions(base_url=base_url, model="test-model", road="batch")
        states.append(await submit_batch(["in"], "page_text", "lake", options, return_state=True))
        states.extend([await collect_batch("lake", return_state=True) for _ in range(3)])

    with served(page_answer, takes=3) as (service, server):
        anyio.run(run, server.base_url)

    assert [(state.type, state.name) for state in states] == [
        ("COMPLETED", "Waiting"),
        ("COMPLETED", "Waiting"),
        ("COMPLETED", "Completed"),
        ("COMPLETED", "Completed"),
    ]
    assert states[-1].message == "no batch job is under way"
    assert set(service.paid.values()) == {1}
