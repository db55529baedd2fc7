"""The running figures, on a pipe and on a terminal."""

import asyncio
import io
from decimal import Decimal

import pytest
from rich.console import Console

from flows.progress import figures, pages_per_second, seconds_left, shown
from pipeline.tally import JobFigures, Tally


def tally(**changes: object) -> Tally:
    whole = {"started": 100.0, "planned": True, "pages_found": 40, "in_records": 16, "blank": 2, "failed": 2}
    return Tally(**whole | changes)  # type: ignore[arg-type] # each value has its field's type


def test_the_figures_say_all_that_is_asked_for() -> None:
    running = tally(in_flight=8, prompt_tokens=12_000, completion_tokens=300, cost=0.0123)

    assert figures(running, 110.0) == (
        "20 of 40 pages, 2 failed, 8 in flight, 2.0 pages/s, 12.3k tokens, $0.0123, 10 s left"
    )


def test_what_is_waited_for_is_said() -> None:
    running = tally(waiting=lambda: "the service has not answered for 7 s")

    assert figures(running, 110.0).endswith("10 s left, the service has not answered for 7 s")


def test_nothing_is_promised_before_all_sources_are_listed() -> None:
    assert figures(tally(planned=False), 110.0).startswith("20 of 40+ pages")
    assert seconds_left(tally(planned=False), 110.0) is None
    assert seconds_left(tally(in_records=0, blank=0, failed=0), 110.0) is None


def test_pages_the_lake_held_already_do_not_count_as_speed() -> None:
    assert pages_per_second(tally(pages_reused=10), 110.0) == 1.0


def told(running: Tally, console: Console) -> str:
    async def look_on() -> None:
        async with shown(running, console, every_s=0.01):
            await asyncio.sleep(0.05)

    asyncio.run(look_on())
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_pipe_gets_plain_lines_and_each_note_once() -> None:
    running = tally(notes=["the service is slow\x1b[31m"])

    text = told(running, Console(file=io.StringIO(), width=200))

    assert text.count("the service is slow") == 1
    assert "\x1b" not in text
    assert "20 of 40 pages, 2 failed" in text


def test_a_terminal_gets_a_live_view() -> None:
    text = told(tally(), Console(file=io.StringIO(), force_terminal=True, width=100))

    assert "20 of 40 pages" in text
    assert "\x1b[" in text


def test_what_goes_wrong_in_the_block_comes_out_as_it_was_raised() -> None:
    async def fail() -> None:
        async with shown(tally(), Console(file=io.StringIO())):
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        asyncio.run(fail())


def test_batch_jobs_are_told_with_their_requests_tokens_and_cost() -> None:
    tally = Tally(started=0, pages_found=30)
    tally.upload(2_400_000)
    tally.jobs["a"] = JobFigures(rows=10, done=4, tokens=6_000, cost=Decimal("0.5"))
    tally.jobs["b"] = JobFigures(rows=20, done=0, tokens=0, cost=Decimal(0))

    told = figures(tally, 10)

    assert "2.4 MB sent, 2 batch jobs: 4 of 30 requests, 6.0k tokens, $0.5000" in told
