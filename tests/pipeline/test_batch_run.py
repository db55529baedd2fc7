"""Whole runs along the batch road, against a service on loopback that counts."""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipeline.batch.job import JobFolder
from pipeline.batch.reserve import Reserve
from pipeline.batch_run import BatchRun, jobs_of
from pipeline.cost import Prices
from pipeline.errors import ConfigError
from pipeline.remedies import Budgets
from pipeline.store.tables import PROVENANCE
from pipeline.summary import RunState
from tests.batches import End, error, line, served, whole
from tests.papers import write_pdf
from tests.pipeline.batch_runs import asked, call, to_the_end
from tests.pipeline.runs import records, run, slip_answer, slip_type, table
from tests.servers import Heard, Reply, chat_answer


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    for name, pages in {"a": 3, "b": 1, "c": 7}.items():
        write_pdf(tmp_path / "in" / f"{name}.pdf", [f"{name} {number}" for number in range(1, pages + 1)])
    return tmp_path / "in"


@pytest.mark.parametrize("unit", ["document", "page"])
def test_online_and_batch_give_the_same_records(papers: Path, tmp_path: Path, unit: str) -> None:
    with served(slip_answer) as (service, server):
        batch = asked(server.base_url, tmp_path / "batch", papers, record=slip_type(unit))
        summary = to_the_end(batch, rows=2)
        assert not [one for one in server.heard if one.path.endswith("/chat/completions")]
        run(asked(server.base_url, tmp_path / "online", papers, record=slip_type(unit)))

    assert (summary.state, summary.pages.found, summary.pages.in_records) == (RunState.COMPLETE, 11, 11)
    assert set(service.made.values()) == {1}
    assert set(service.paid.values()) == {1}
    own = [name for name in records(tmp_path / "batch").columns if name not in PROVENANCE]
    same = [*own, "_doc_id", "_source", "_pages", "_origins", "_custom_ids", "_model", "_prompt_tokens"]
    first, second = (
        records(tmp_path / lake).select(same).sort("_source", "_pages") for lake in ("batch", "online")
    )
    assert_frame_equal(first, second)
    assert set(records(tmp_path / "batch")["_road"]) == {"batch"}


def test_what_was_sent_can_be_collected_by_another_process_without_the_sources(
    papers: Path, tmp_path: Path
) -> None:
    with served(slip_answer) as (_, server):
        wanted = asked(server.base_url, tmp_path / "lake", papers)
        sent = call(BatchRun.submit, wanted)
        for paper in papers.iterdir():
            paper.unlink()
        collected = call(BatchRun.advance, wanted)

    assert (sent.state, sent.pages.found, sent.pages.missing) == (RunState.WAITING, 11, 11)
    assert (collected.state, collected.pages.in_records) == (RunState.COMPLETE, 11)
    assert len(records(tmp_path / "lake")) == 3
    assert list((tmp_path / "lake" / "_jobs" / ".waiting").iterdir()) == []


def test_rows_of_replaced_bytes_stay_until_the_jobs_of_the_new_ones_are_collected(
    papers: Path, tmp_path: Path
) -> None:
    def current() -> list[tuple[str, int]]:
        rows = records(tmp_path / "lake").filter(pl.col("_removed_at").is_null()).sort("_source")
        return [(Path(source).name, len(pages)) for source, pages in rows.select("_source", "_pages").rows()]

    with served(slip_answer) as (_, server):
        wanted = asked(server.base_url, tmp_path / "lake", papers)
        to_the_end(wanted)
        write_pdf(papers / "a.pdf", ["another"])
        (papers / "b.pdf").unlink()
        sent = call(BatchRun.submit, wanted)
        waiting = current()
        collected = call(BatchRun.advance, wanted)

    assert (sent.files.changed, sent.files.removed, sent.files.unchanged) == (1, 1, 1)
    assert waiting == [("a.pdf", 3), ("c.pdf", 7)]
    assert collected.state == RunState.COMPLETE
    assert current() == [("a.pdf", 1), ("c.pdf", 7)]
    assert records(tmp_path / "lake").height == 4


def test_submitting_again_sends_nothing_again(papers: Path, tmp_path: Path) -> None:
    with served(slip_answer, takes=100) as (service, server):
        wanted = asked(server.base_url, tmp_path / "lake", papers)
        call(BatchRun.submit, wanted)
        write_pdf(papers / "d.pdf", ["d 1"])
        again = call(BatchRun.submit, wanted)

    assert (again.state, again.requests) == (RunState.WAITING, 1)
    assert (again.documents, again.pages.found, again.pages.missing) == (4, 12, 12)
    assert sorted(service.made.values()) == [1, 1, 1, 1]


def test_a_mere_look_at_jobs_is_no_run_to_remember(papers: Path, tmp_path: Path) -> None:
    with served(slip_answer, takes=5) as (_, server):
        wanted = asked(server.base_url, tmp_path / "lake", papers)
        counts = []
        for work in (BatchRun.submit, *[BatchRun.advance] * 4):
            call(work, wanted)
            counts.append(len(list((tmp_path / "lake" / "_runs").iterdir())))

    assert counts == [1, 1, 1, 1, 2]


def test_what_is_not_over_yet_is_said_to_wait_by_whoever_looks(papers: Path, tmp_path: Path) -> None:
    with served(slip_answer, takes=3) as (_, server):
        wanted = asked(server.base_url, tmp_path / "lake", papers)
        works = (BatchRun.submit, BatchRun.advance, BatchRun.submit, BatchRun.advance, BatchRun.advance)
        states = [call(work, wanted) for work in works]

    assert [one.state for one in states[:3]] == [RunState.WAITING] * 3
    assert {(one.documents, one.pages.found) for one in states[:4]} == {(3, 11)}
    assert (states[3].state, states[3].records) == (RunState.COMPLETE, 3)
    assert (states[4].state, states[4].documents) == (RunState.COMPLETE, 0)


def test_another_key_is_told_whose_job_it_is(papers: Path, tmp_path: Path) -> None:
    with served(slip_answer, takes=3) as (service, server):
        wanted = asked(server.base_url, tmp_path / "lake", papers)
        call(BatchRun.submit, wanted)
        (job,) = jobs_of(tmp_path / "lake")
        folder = JobFolder(tmp_path / "lake" / "_jobs" / job.id)
        folder.save(job.model_copy(update={"account": "somebody-else"}))
        with pytest.raises(ConfigError, match="belongs to the account somebody-else, and the key to my-acct"):
            call(BatchRun.advance, wanted)

    assert len(service.jobs) == 1


def test_a_file_may_have_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    paper = tmp_path / os.fsdecode(b"caf\xe9.pdf")
    write_pdf(paper, ["a 1"])
    with served(slip_answer) as (_, server):
        summary = to_the_end(asked(server.base_url, tmp_path / "lake", paper))

    assert (summary.state, summary.records) == (RunState.COMPLETE, 1)


def flawed_once(heard: Heard) -> Reply:
    """An answer that needs a repair, unless it is one."""
    repaired = any(message["role"] == "assistant" for message in heard.body["messages"])
    return slip_answer(heard) if repaired else chat_answer({"total": "a lot"})


def test_an_answer_that_needs_a_remedy_goes_into_a_further_job(
    papers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the command is given in another folder than the one before it."""
    monkeypatch.chdir(papers)
    with served(flawed_once) as (service, server):
        wanted = asked(server.base_url, tmp_path / "lake", "a.pdf")
        call(BatchRun.submit, wanted)
        monkeypatch.chdir(tmp_path)
        again = call(BatchRun.advance, wanted)
        summary = call(BatchRun.advance, wanted)

    assert (again.state, again.requests) == (RunState.WAITING, 1)
    assert (summary.state, summary.records) == (RunState.COMPLETE, 1)
    assert len(service.jobs) == 2
    assert set(service.paid.values()) == {1}
    assert set(table(tmp_path / "lake", "pages")["remedy"]) == {"repair"}


def test_refused_images_and_pages_in_strips_go_into_further_jobs(papers: Path, tmp_path: Path) -> None:
    def cut(heard: Heard) -> Reply:
        if "strip" in heard.text:
            return slip_answer(heard)
        return chat_answer('{"title": "b', finish_reason="length")

    def refuse_at_first(job: str, rows: Mapping[str, Any]) -> End:
        seen.append(job)
        if job == seen[0]:
            return End(errors=[error(one, 400, "Failed to decode image") for one in rows])
        return whole(rows)

    seen: list[str] = []
    with served(cut, ends=refuse_at_first) as (service, server):
        wanted = asked(server.base_url, tmp_path / "lake", papers / "b.pdf")
        summary = to_the_end(replace(wanted, budgets=Budgets(ceiling_tokens=8192)))

    assert (summary.state, summary.records, len(service.jobs)) == (RunState.COMPLETE, 1, 3)
    assert set(service.paid.values()) == {1}
    assert table(tmp_path / "lake", "pages")["remedy"].to_list() == ["other format, bands"]


def test_pages_of_a_file_that_has_changed_meanwhile_are_not_sent(papers: Path, tmp_path: Path) -> None:
    with served(flawed_once) as (service, server):
        wanted = asked(server.base_url, tmp_path / "lake", papers / "a.pdf")
        call(BatchRun.submit, wanted)
        write_pdf(papers / "a.pdf", ["another", "text", "now"])
        summary = call(BatchRun.advance, wanted)

    assert (summary.state, summary.pages.failed) == (RunState.FAILURES, 3)
    assert summary.failures[0].message == "the file has changed since its pages were sent"
    assert len(service.jobs) == 1


def test_what_jobs_have_refused_may_be_asked_online_by_the_next_run(papers: Path, tmp_path: Path) -> None:
    def refuse(_job: str, rows: Mapping[str, Any]) -> End:
        return End(errors=[error(one, 400) for one in rows])

    with served(slip_answer, ends=refuse) as (_, server):
        wanted = asked(server.base_url, tmp_path / "lake", papers / "b.pdf")
        assert to_the_end(wanted).state is RunState.FAILURES
        summary = run(wanted)

    assert (summary.state, summary.records) == (RunState.COMPLETE, 1)


def test_an_online_run_leaves_to_the_jobs_what_they_have(papers: Path, tmp_path: Path) -> None:
    with served(slip_answer, takes=3) as (service, server):
        wanted = asked(server.base_url, tmp_path / "lake", papers)
        call(BatchRun.submit, wanted)
        write_pdf(papers / "d.pdf", ["d 1"])
        online = run(wanted)
        summary = call(BatchRun.advance, wanted)
        while summary.state is RunState.WAITING:
            summary = call(BatchRun.advance, wanted)

    assert (online.state, online.requests, online.pages.missing) == (RunState.WAITING, 1, 11)
    assert len(records(tmp_path / "lake")) == 4
    assert set(service.paid.values()) == {1}
    assert table(tmp_path / "lake", "documents").filter(pl.col("state") != "done").is_empty()


def test_cancelled_jobs_give_what_they_finished_and_the_rest_fails_with_the_reason(
    papers: Path, tmp_path: Path
) -> None:
    def half(_job: str, rows: Mapping[str, Any]) -> End:
        return End(rows=[line(one, rows[one]) for one in list(rows)[:6]])

    with served(slip_answer, takes=100, ends=half) as (service, server):
        wanted = asked(server.base_url, tmp_path / "lake", papers, record=slip_type("page"))
        call(BatchRun.submit, wanted)
        summary = call(BatchRun.cancel, wanted)
        assert not service.jobs
        again = to_the_end(wanted)

    assert (summary.state, summary.pages.in_records, summary.pages.failed) == (RunState.FAILURES, 6, 5)
    assert "was deleted before this was answered" in summary.failures[0].message
    assert (again.state, again.pages.in_records) == (RunState.COMPLETE, 11)
    assert set(service.paid.values()) == {1}


def test_what_is_not_ready_when_the_hour_is_near_goes_online(papers: Path, tmp_path: Path) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=5)
    with served(slip_answer, takes=100, ends=lambda _job, _rows: End()) as (service, server):
        wanted = asked(server.base_url, tmp_path / "lake", papers)
        summary = to_the_end(wanted, ready_by=soon)
        assert len([one for one in server.heard if one.path.endswith("/chat/completions")]) == 3

    assert (summary.state, summary.pages.in_records) == (RunState.COMPLETE, 11)
    assert set(records(tmp_path / "lake")["_road"]) == {"online"}
    assert not service.paid


def test_a_limit_on_the_cost_sends_what_it_allows_and_goes_on_from_there(
    papers: Path, tmp_path: Path
) -> None:
    prices = Prices(input=Decimal(1), output=Decimal(1), batch_discount=Decimal("0.5"))
    with served(slip_answer) as (service, server):
        wanted = asked(server.base_url, tmp_path / "lake", papers, record=slip_type("page"), prices=prices)
        limit = Reserve(Decimal("0.007"), lambda usage: prices.of(usage, "batch"))
        first = to_the_end(wanted, reserve=limit)
        second = to_the_end(wanted)

    assert first.state is RunState.STOPPED
    assert "--max-cost" in first.reason
    assert first.pages.in_records == 4  # each at $0.00051, when the next one may cost $0.0054
    assert (second.state, second.pages.in_records) == (RunState.COMPLETE, 11)
    assert set(service.paid.values()) == {1}
    costs = table(tmp_path / "lake", "answers")["cost"]
    assert costs.to_list() == [Decimal("0.0005100000")] * 11
