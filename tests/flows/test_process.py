"""The flow, run against a real Prefect server."""

import asyncio
import gc
import json
import os
import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import anyio
import pytest
import yaml  # type: ignore[import-untyped]  # it comes without types
from prefect.blocks.system import Secret
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowRunFilter,
    FlowRunFilterId,
)
from prefect.client.schemas.objects import FlowRun, State
from prefect.events import Event
from prefect.events.clients import get_events_subscriber
from prefect.events.filters import EventFilter, EventNameFilter, EventOccurredFilter, EventRelatedFilter
from prefect.server.events.schemas.automations import AutomationCore, EventTrigger
from prefect.server.events.schemas.events import ReceivedEvent
from prefect.settings import get_current_settings

from flows.job import ProcessOptions, Watch
from flows.process import process_folder, watching
from pipeline.errors import ConfigError
from pipeline.summary import RunState, RunSummary
from tests.canary import CANARY, files_with_it
from tests.flows.command import KEY, page_answer
from tests.papers import write_pdf
from tests.pipeline.render.documents import encrypted
from tests.servers import FaultServer, Heard, Reply, refusal

pytestmark = [
    pytest.mark.usefixtures("prefect_api"),
    pytest.mark.filterwarnings(
        "ignore::ResourceWarning"
    ),  # Prefect leaves connections to the garbage collector
    pytest.mark.xdist_group("prefect"),
]
T = TypeVar("T")
PASSWORD = "open sesame 0123456789"  # noqa: S105 - of a test


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for number in range(4):
        write_pdf(tmp_path / "in" / f"{number}.pdf", [f"front {number}", f"back {number}"])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PAGELAKE_API_KEY", KEY)
    monkeypatch.setenv("PAGELAKE_SHARD_PAGES", "4")
    return tmp_path


@pytest.fixture(autouse=True)
def swept() -> Iterator[None]:
    """What Prefect leaves to the garbage collector goes here, not in the middle of another test."""
    yield
    gc.collect()


def flow(server: FaultServer, **changes: Any) -> State[Any]:
    """The state the flow ends in."""

    async def run() -> State[Any]:
        options = ProcessOptions(base_url=server.base_url)
        asked = {"sources": ["in"], "record_type": "page_text", "lake": "lake", "options": options} | changes
        return await process_folder(**asked, return_state=True)

    return anyio.run(run)


def database() -> Path:
    """What the Prefect server of these tests keeps everything in."""
    url = get_current_settings().server.database.connection_url
    assert url is not None
    return Path(url.get_secret_value().partition(":///")[2])


def ask(question: Callable[[PrefectClient], Awaitable[T]]) -> T:
    """What the Prefect server says."""

    async def run() -> T:
        async with get_client() as client:
            return await question(client)

    return anyio.run(run)


def flow_run(state: State[Any]) -> FlowRun:
    run_id = state.state_details.flow_run_id
    assert run_id is not None
    return ask(lambda client: client.read_flow_run(run_id))


def artifacts(state: State[Any]) -> dict[str, Any]:
    run_id = state.state_details.flow_run_id
    assert run_id is not None
    chosen = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run_id]))
    return {
        each.key or "": each for each in ask(lambda client: client.read_artifacts(artifact_filter=chosen))
    }


def test_a_run_without_failures_is_completed_with_a_task_a_shard(place: Path) -> None:
    with FaultServer(page_answer) as server:
        state = flow(server)

    summary = anyio.run(state.aresult)
    run = flow_run(state)
    chosen = FlowRunFilter(id=FlowRunFilterId(any_=[run.id]))
    tasks = ask(lambda client: client.read_task_runs(flow_run_filter=chosen))
    assert (state.type, state.name) == ("COMPLETED", "Completed")
    assert state.message == "8 pages: 8 in records"
    assert summary.state == RunState.COMPLETE
    assert run.name == "page_text: in to lake"
    assert sorted(task.name for task in tasks) == [
        "shard 1: 2 documents, 4 pages",
        "shard 2: 2 documents, 4 pages",
    ]
    assert (place / "lake/records/schema=page_text").is_dir()


def test_failed_documents_show_in_the_state_and_in_the_summary_and_do_not_fail_the_flow(place: Path) -> None:
    (place / "in" / "a|b<i>.pdf").write_bytes(b"nothing")

    with FaultServer(page_answer) as server:
        state = flow(server)

    summary = artifacts(state)["pagelake-summary"].data
    assert (state.type, state.name) == ("COMPLETED", "With failures")
    assert state.message is not None
    assert "1 document failed" in state.message
    assert r"a\|b&lt;i&gt;.pdf" in summary
    assert "| 8 | 8 | 0 | 0 | 0 | 0 |" in summary


def test_the_summary_leads_to_the_failures_and_names_what_was_slow(place: Path) -> None:
    (place / "in" / "[bad](http:x).pdf").write_bytes(b"nothing")

    with FaultServer(page_answer) as server:
        state = flow(server)

    left = artifacts(state)
    failures, summary = left["pagelake-failures"], left["pagelake-summary"].data
    (row,) = json.loads(failures.data)
    assert f"/artifacts/artifact/{failures.id})" in summary
    assert (row["document"], row["pages"]) == ("in/[bad](http:x).pdf", "all")
    assert "## Slowest documents" in summary
    assert "| in/3.pdf | 2 |" in summary
    assert r"in/\[bad\](http:x).pdf" in summary


def shown_trigger(lake: str) -> EventTrigger:
    """The trigger of the automation in the readme, for a lake."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    text = re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)[0].replace("pagelake.lake./data/lake", lake)
    automation = AutomationCore.model_validate(yaml.safe_load(text))
    assert isinstance(automation.trigger, EventTrigger)
    return automation.trigger


def received(event: Event) -> ReceivedEvent:
    """An event as the server has it."""
    return ReceivedEvent.model_validate(event.model_dump(mode="json"))


def test_automations_hear_how_a_run_ended(place: Path) -> None:
    def told(event: Event) -> tuple[str, str, str, Any]:
        lake = next(one for one in event.related if one.role == "lake")
        return event.event, lake.id, event.resource["pagelake.schema"], event.payload["state"]

    async def run() -> list[Event]:
        until = EventOccurredFilter(until=datetime.now(UTC) + timedelta(days=1))
        wanted = EventFilter(
            event=EventNameFilter(prefix=["pagelake."]),
            related=EventRelatedFilter(id=[lake]),
            occurred=until,
        )
        with FaultServer(page_answer) as server:
            options = ProcessOptions(base_url=server.base_url)
            async with get_events_subscriber(filter=wanted) as heard:
                await process_folder(["in"], "page_text", "lake", options, return_state=True)
                for file in (place / "in").iterdir():
                    file.unlink()
                await process_folder(["in"], "page_text", "lake", options, return_state=True)
                await process_folder(["nowhere"], "page_text", "lake", options, return_state=True)
                with anyio.fail_after(30):
                    return [await anext(heard) for _ in range(4)]

    lake = f"pagelake.lake.{place}/lake"
    events = anyio.run(run)

    assert [told(event) for event in events] == [
        ("pagelake.run.finished", lake, "page_text", "complete"),
        ("pagelake.run.finished", lake, "page_text", "complete"),
        ("pagelake.run.held", lake, "page_text", "complete"),
        ("pagelake.run.failed", lake, "page_text", "failed"),
    ]
    assert events[0].payload["pages"]["in_records"] == 8
    assert events[2].payload["files"]["doubted"] == 4
    assert "nowhere" in events[3].payload["reason"]
    assert {one.role for one in events[0].related} >= {"lake", "flow-run"}
    assert [shown_trigger(lake).covers(received(event)) for event in events] == [True, True, False, False]
    assert not shown_trigger("pagelake.lake./else").covers(received(events[0]))


def test_progress_is_an_artifact_that_ends_at_100() -> None:
    with FaultServer(page_answer) as server:
        state = flow(server)

    progress = artifacts(state)["pagelake-pages"]
    assert progress.type == "progress"
    assert progress.data == 100.0
    assert progress.description.startswith("8 of 8 pages")


def test_a_refusal_fails_the_flow_with_its_reason() -> None:
    with FaultServer(lambda _: refusal(401, "no such key", code="UNAUTHORIZED")) as server:
        state = flow(server, options=ProcessOptions(base_url=server.base_url, model="m"))

    assert state.type == "FAILED"
    assert state.message is not None
    assert "key" in state.message


def test_what_is_impossible_fails_the_flow_in_one_sentence() -> None:
    with FaultServer(page_answer) as server:
        state = flow(server, sources=["nowhere"])

    assert state.type == "FAILED"
    assert state.message is not None
    assert "nowhere" in state.message
    assert isinstance(anyio.run(lambda: state.aresult(raise_on_failure=False)), ConfigError)


def test_a_stopped_run_is_cancelled_and_the_next_one_goes_on() -> None:
    loops: list[asyncio.AbstractEventLoop] = []
    watch = Watch()

    def stopping(heard: Heard) -> Reply:
        loops[0].call_soon_threadsafe(watch.stop.set)
        return page_answer(heard)

    async def run() -> State[Any]:
        loops.append(asyncio.get_running_loop())
        watching.set(watch)
        options = ProcessOptions(base_url=first.base_url, in_flight=1)
        return await process_folder(["in"], "page_text", "lake", options, return_state=True)

    with FaultServer(stopping) as first, FaultServer(page_answer) as second:
        state = anyio.run(run)
        again = flow(second)

    assert state.type == "CANCELLED"
    assert 1 <= len(first.asked) < 8
    assert again.type == "COMPLETED"
    assert len(first.asked) + len(second.asked) == 8
    assert watch.summary is not None
    assert watch.flow_run == f"page_text: in to lake ({state.state_details.flow_run_id})"


def test_the_key_comes_from_a_block_and_is_nowhere_else(
    place: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "pipeline")
    monkeypatch.delenv("PAGELAKE_API_KEY")

    def loose_tongued(heard: Heard) -> Reply:
        return refusal(401, f"no, not with {heard.headers['authorization']}")

    async def save() -> None:
        await Secret(value=CANARY).save("service-key", overwrite=True)

    anyio.run(save)
    with FaultServer(page_answer) as server, FaultServer(loose_tongued) as refusing:
        good = flow(server, api_key_block="service-key")
        refused = flow(refusing, api_key_block="service-key", lake="other")

    assert {heard.headers["authorization"] for heard in server.asked} == {f"Bearer {CANARY}"}
    assert (good.type, refused.type) == ("COMPLETED", "FAILED")
    for state in (good, refused):
        told = [state.model_dump_json(), flow_run(state).model_dump_json()]
        told += [artifact.model_dump_json() for artifact in artifacts(state).values()]
        assert not [text for text in told if CANARY in text]
    assert CANARY not in caplog.text
    assert files_with_it(place, Path(os.environ["PREFECT_HOME"]), database().parent) == []
    assert database().is_file()
    assert flow_run(good).parameters["api_key_block"] == "service-key"


def test_a_password_comes_from_a_block_and_is_nowhere_else(place: Path) -> None:
    encrypted(place / "in" / "0.pdf", place / "in" / "locked.pdf", user=PASSWORD, owner="own")

    async def save() -> None:
        await Secret(value=PASSWORD).save("document-password", overwrite=True)

    anyio.run(save)
    with FaultServer(page_answer) as server:
        state = flow(server, sources=["in/locked.pdf"], password_block="document-password")  # noqa: S106

    assert state.message == "2 pages: 2 in records"
    told = [flow_run(state).model_dump_json(), *(one.model_dump_json() for one in artifacts(state).values())]
    assert not [text for text in told if PASSWORD in text]


def test_a_run_goes_on_without_prefect_and_its_decorators() -> None:
    with FaultServer(page_answer) as server:
        state: State[RunSummary] = anyio.run(
            lambda: process_folder.fn(["in"], "page_text", "lake", ProcessOptions(base_url=server.base_url))
        )

    assert state.type == "COMPLETED"
