"""Whole runs against a service that limits, goes away, or is not there."""

import asyncio
import socket
import threading
import time
from pathlib import Path

import pytest

from pipeline.service.retry import Retries
from pipeline.summary import RunState
from tests.charts import Draw
from tests.papers import write_pdf
from tests.pipeline.runs import config, records, run, slip_answer, slip_type
from tests.servers import FaultServer, Heard, Reply, refusal, too_many

PAGES = 40


def pages_of(folder: Path, count: int = PAGES) -> Path:
    write_pdf(folder / "a.pdf", [f"page {number}" for number in range(1, count + 1)])
    return folder


@pytest.mark.charted
def test_an_outage_in_mid_run_costs_no_page(tmp_path: Path, chart: Draw) -> None:
    away = threading.Event()

    def answer(heard: Heard) -> Reply:
        if heard.number == 10:
            away.set()
            threading.Timer(1.5, away.clear).start()
        return refusal(503) if away.is_set() else slip_answer(heard)

    with FaultServer(answer) as server:
        asked = config(
            server.base_url,
            tmp_path / "lake",
            pages_of(tmp_path),
            record=slip_type("page"),
            retries=Retries(attempts=3, backoff_s=0.2),
        )
        summary = run(asked)

    assert (summary.state, summary.pages.in_records) == (RunState.COMPLETE, PAGES)
    assert {"outage", "recovery"} <= {change.reason for change in summary.limits}
    assert len(records(tmp_path / "lake")) == PAGES
    chart(
        "faults", "outage in mid-run", f"{PAGES} in_records", len(summary.lost), summary.exit_code, "complete"
    )


@pytest.mark.charted
def test_a_service_that_is_not_there_stops_the_run_and_fails_no_page(tmp_path: Path, chart: Draw) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        asked = config(
            base_url,
            tmp_path / "lake",
            pages_of(tmp_path, 4),
            record=slip_type("page"),
            retries=Retries(attempts=100, backoff_s=0.01, backoff_max_s=0.02, unanswered_patience_s=1),
        )
        summary = run(asked)

    assert summary.state is RunState.STOPPED
    assert summary.exit_code == 3
    assert "check the base URL" in summary.reason
    assert summary.pages.failed == 0
    chart("faults", "service never there", "left for later", 0, summary.exit_code, summary.reason)


def test_a_stop_does_not_wait_for_retry_after(tmp_path: Path) -> None:
    asked_once = threading.Event()

    def answer(_heard: Heard) -> Reply:
        asked_once.set()
        return too_many(250)

    def stop() -> asyncio.Event:
        event, loop = asyncio.Event(), asyncio.get_running_loop()
        threading.Thread(
            target=lambda: asked_once.wait(30) and loop.call_soon_threadsafe(event.set), daemon=True
        ).start()
        return event

    with FaultServer(answer) as server:
        asked = config(
            server.base_url,
            tmp_path / "lake",
            pages_of(tmp_path, 3),
            record=slip_type("page"),
            retries=Retries(),
        )
        begun = time.monotonic()
        summary = run(asked, stop=stop)

    assert summary.state is RunState.INTERRUPTED
    assert time.monotonic() - begun < 60
