"""Commands as processes of their own, against a service that limits the rate."""

import json
import time
from pathlib import Path

import pytest

from tests.flows.command import page_answer, pagelake
from tests.papers import write_pdf
from tests.servers import FaultServer, Heard, Reply, too_many

PAGES = 40
STORM_S = 30
RETRY_AFTER_S = 3
UNDER_WAY_S = 1.0
"""What is under way when the others are told cannot know; on a busy machine it takes so long to arrive."""


@pytest.mark.waits
@pytest.mark.slow
def test_half_a_minute_of_429_loses_no_page_and_breaks_no_retry_after(tmp_path: Path) -> None:
    """From the first request on everybody is told to come again in three seconds."""
    write_pdf(tmp_path / "in" / "a.pdf", [f"page {number}" for number in range(1, PAGES + 1)])
    told_at: list[float] = []

    def answer(heard: Heard) -> Reply:
        if heard.at_s - server.asked[0].at_s >= STORM_S:
            return page_answer(heard)
        told_at.append(time.monotonic())
        return too_many(RETRY_AFTER_S)

    with FaultServer(answer) as server:
        ended = pagelake(
            tmp_path, "process", "in", "--schema", "page_text", "--no-prefect", "--json", server=server
        )

    heard_at = [heard.at_s for heard in server.asked]
    broken = [
        at - told for told in told_at for at in heard_at if told + UNDER_WAY_S < at < told + RETRY_AFTER_S
    ]
    summary = json.loads(ended.out)
    assert ended.code == 0, ended.err
    assert summary["pages"] == {"found": PAGES, "in_records": PAGES, "blank": 0, "failed": 0, "skipped": 0}
    assert broken == []
    assert len(heard_at) - len(told_at) <= 1.05 * PAGES
    # Some before the first 429 is in, then little more than one each time that the three seconds are over.
    assert len(told_at) <= PAGES / 2 + STORM_S / RETRY_AFTER_S
    assert "s, as the service asks" in ended.err
    assert [change["reason"] for change in summary["limits"]].count(
        "rate limit"
    ) >= STORM_S / RETRY_AFTER_S - 2
