"""Commands as processes of their own, against a service that limits the rate."""

import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.flows.command import environment, page_answer, pagelake, started
from tests.papers import write_pdf
from tests.servers import FaultServer, Heard, Reply, held, late, too_many

PAGES = 40
STORM_S = 30
RETRY_AFTER_S = 3
SHARED_PAGES, PER_SECOND, LATENCY_S = 80, 20, 0.3
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


@dataclass
class Quota:
    """A service that takes so many requests a second from whoever asks; the others are to wait for the next.

    It answers nobody before both are there.

    Attributes:
        answered: When it answered, for each key.
        refused: How often it did not, for each key.
    """

    answered: dict[str, list[float]] = field(default_factory=lambda: {"one": [], "two": []})
    refused: Counter[str] = field(default_factory=Counter)
    taken: Counter[int] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)
    both: threading.Event = field(default_factory=threading.Event)

    def __call__(self, heard: Heard) -> Reply:
        who = heard.headers["authorization"].rpartition("-")[2]
        with self.lock:
            self.taken[int(heard.at_s)] += 1
            if self.taken[int(heard.at_s)] > PER_SECOND:
                self.refused[who] += 1
                return too_many(1)
            self.answered[who].append(heard.at_s)
            if all(self.answered.values()):
                self.both.set()
        return held(late(page_answer(heard), LATENCY_S), self.both)


@pytest.mark.waits
@pytest.mark.slow
@pytest.mark.torture
def test_two_processes_on_one_quota_both_end_and_share_it(tmp_path: Path) -> None:
    """Neither knows of the other, nor of the quota."""
    write_pdf(tmp_path / "in" / "a.pdf", [f"page {number}" for number in range(1, SHARED_PAGES + 1)])
    command = ("process", "in", "--schema", "page_text", "--no-prefect", "--long-side", "128")
    quota = Quota()

    with FaultServer(quota) as server:
        environs = {who: environment(server.base_url, PAGELAKE_API_KEY=f"sk-{who}") for who in ("one", "two")}
        running = [started((*command, "--out", who), tmp_path, environ) for who, environ in environs.items()]
        ended = [(process.communicate(timeout=120), process.returncode) for process in running]

    times = quota.answered.values()
    begin, end = max(each[0] for each in times), min(each[-1] for each in times)
    shares = [sum(begin <= at <= end for at in each) for each in times]
    assert [code for _, code in ended] == [0, 0], ended
    assert [len(each) for each in times] == [SHARED_PAGES] * 2
    assert min(shares) >= sum(shares) / 6
    assert quota.refused.total() <= 1.5 * SHARED_PAGES  # while both find their share, not for each page
