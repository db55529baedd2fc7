"""Whole runs along the batch road whose jobs end in every way there is: nothing finished is asked again."""

import asyncio
import re
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from pipeline.batch.road import Remainder
from pipeline.batch_run import BatchRun
from pipeline.errors import StoreError
from pipeline.rebuild import rebuild
from pipeline.remedies import Budgets
from pipeline.summary import RunState, RunSummary
from pipeline.windows import WindowLimits
from tests.batches import BatchService, End, error, line, served
from tests.papers import write_pdf
from tests.pipeline.batch_runs import asked, call, to_the_end
from tests.pipeline.runs import records, run, slip_answer, slip_type, table
from tests.servers import FaultServer, Heard, Reply, chat_answer, html

Rows = Mapping[str, Any]
Ends = Callable[[str, Rows], End]


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    return write_pdf(tmp_path / "in" / "a.pdf", [f"page {number}" for number in range(1, 5)])


def good(rows: Rows) -> list[str]:
    return [line(one, rows[one]) for one in rows]


def half(rows: Rows) -> list[str]:
    return good(rows)[: len(rows) // 2]


def partly(**about: Any) -> Ends:
    """The first job answers half of its rows and ends as told; the others answer all of theirs."""
    first: list[str] = []

    def ends(job: str, rows: Rows) -> End:
        first.append(job)
        if job != first[0]:
            return End(rows=good(rows))
        return End(**{"rows": half(rows), **about})

    return ends


def with_errors(code: object) -> Ends:
    """The first job answers half of its rows and has an error for each of the others."""
    first: list[str] = []

    def ends(job: str, rows: Rows) -> End:
        first.append(job)
        if job != first[0]:
            return End(rows=good(rows))
        return End(rows=half(rows), errors=[error(one, code) for one in list(rows)[len(rows) // 2 :]])

    return ends


def online(server: FaultServer) -> int:
    return sum(heard.path.endswith("/chat/completions") for heard in server.heard)


def whole_lake(lake: Path, summary: RunSummary, *, in_records: int, failed: int = 0) -> None:
    """The balance is whole, and the tables say the same."""
    balance = summary.pages
    assert (balance.in_records, balance.failed, balance.missing) == (in_records, failed, 0)
    pages = table(lake, "pages").filter(pl.col("outcome").is_in(["record", "failed"]))
    assert pages.height == in_records + failed == pages.select("doc_id", "page").unique().height
    answers = table(lake, "answers")
    assert answers.is_empty() or answers["custom_id"].n_unique() == answers.height


FIRST_JOBS: dict[str, Callable[[], Ends]] = {
    "expired": lambda: partly(state="EXPIRED"),
    "cancelled": lambda: partly(state="CANCELLED"),
    "stopped early": lambda: partly(state="EARLY_STOPPED"),
    "failed": lambda: partly(state="FAILED"),
    "failed without an output": lambda: partly(state="FAILED", rows=[], has_output=False),
    "gone": lambda: partly(state="DELETED"),
    "gone without an output": lambda: partly(state="DELETED", rows=[], has_output=False),
    "complete but for some rows": partly,
    "complete without a file of errors": lambda: partly(errors=None),
    "complete with rows that may be asked again": lambda: with_errors("503"),
    "complete with rows that were limited": lambda: with_errors(429),
}


@pytest.mark.parametrize("ends", list(FIRST_JOBS.values()), ids=list(FIRST_JOBS))
def test_however_a_job_ends_the_next_answers_only_what_it_left(
    paper: Path, tmp_path: Path, ends: Callable[[], Ends]
) -> None:
    with served(slip_answer, ends=ends()) as (service, server):
        wanted = asked(server.base_url, tmp_path / "lake", paper, record=slip_type("page"))
        summary = to_the_end(wanted)

    assert summary.state is RunState.COMPLETE
    whole_lake(tmp_path / "lake", summary, in_records=4)
    assert len(service.paid) == 4
    assert set(service.paid.values()) == {1} == set(service.made.values())
    assert len([name for name in service.made if "Jobs" in name]) == 2
    assert online(server) == 0


@pytest.mark.parametrize("ends", [FIRST_JOBS["expired"], FIRST_JOBS["failed"], lambda: with_errors("503")])
@pytest.mark.parametrize("remainder", [Remainder.RESUBMIT, Remainder.ONLINE, Remainder.LEAVE])
def test_the_remainder_goes_the_way_that_was_chosen(
    paper: Path, tmp_path: Path, remainder: Remainder, ends: Callable[[], Ends]
) -> None:
    with served(slip_answer, ends=ends()) as (service, server):
        wanted = asked(server.base_url, tmp_path / "lake", paper, record=slip_type("page"))
        summary = to_the_end(wanted, remainder=remainder)
        rest = to_the_end(wanted) if remainder is Remainder.LEAVE else summary

    assert set(service.paid.values()) == {1}
    assert not [one for one in service.jobs.values() if one.get("continuedFromJobName")]
    if remainder is Remainder.LEAVE:
        assert (summary.state, summary.pages.in_records, summary.pages.failed) == (RunState.FAILURES, 2, 2)
        assert {one.category for one in summary.failures} == {"service_busy"}
    assert rest.state is RunState.COMPLETE
    whole_lake(tmp_path / "lake", rest, in_records=4)
    assert (len(service.paid), online(server)) == ((2, 2) if remainder is Remainder.ONLINE else (4, 0))
    roads = Counter(records(tmp_path / "lake")["_road"])
    assert roads == ({"batch": 2, "online": 2} if remainder is Remainder.ONLINE else {"batch": 4})


@pytest.mark.parametrize("remainder", list(Remainder))
def test_what_is_refused_for_good_is_a_failure_with_its_reason_and_not_asked_again(
    paper: Path, tmp_path: Path, remainder: Remainder
) -> None:
    with served(slip_answer, ends=with_errors(400)) as (service, server):
        wanted = asked(server.base_url, tmp_path / "lake", paper, record=slip_type("page"))
        summary = to_the_end(wanted, remainder=remainder)

    assert summary.state is RunState.FAILURES
    whole_lake(tmp_path / "lake", summary, in_records=2, failed=2)
    assert {one.category for one in summary.failures} == {"request_rejected"}
    assert {one.message for one in summary.failures} == {"the batch job could not answer (no)"}
    assert (len(service.jobs), online(server)) == (1, 0)


def test_the_next_run_asks_again_what_was_refused(paper: Path, tmp_path: Path) -> None:
    with served(slip_answer, ends=with_errors(400)) as (service, server):
        wanted = asked(server.base_url, tmp_path / "lake", paper, record=slip_type("page"))
        to_the_end(wanted)
        summary = to_the_end(wanted)

    assert summary.state is RunState.COMPLETE
    whole_lake(tmp_path / "lake", summary, in_records=4)
    assert set(service.paid.values()) == {1}


def test_what_no_job_ever_answers_is_given_up(paper: Path, tmp_path: Path) -> None:
    def never(_job: str, _rows: Rows) -> End:
        return End(state="FAILED", has_output=False)

    with served(slip_answer, ends=never) as (service, server):
        summary = to_the_end(asked(server.base_url, tmp_path / "lake", paper))

    assert summary.state is RunState.FAILURES
    whole_lake(tmp_path / "lake", summary, in_records=0, failed=4)
    assert summary.failures[0].message.endswith("ended as failed before this was answered")
    assert len(service.jobs) == 3
    assert set(service.made.values()) == {1}


def test_odd_rows_and_the_rows_of_others_make_no_difference(paper: Path, tmp_path: Path) -> None:
    def odd(_job: str, rows: Rows) -> End:
        wrapped = [line(one, {"status_code": 200, "body": rows[one]}) for one in rows]
        foreign = line("f" * 40, next(iter(rows.values())))
        return End(rows=["{", foreign, *wrapped, wrapped[0], '{"custom_id": "', "null"], errors=["[]", "{}"])

    with served(slip_answer, ends=odd) as (service, server):
        wanted = asked(server.base_url, tmp_path / "lake", paper, record=slip_type("page"))
        summary = to_the_end(wanted)

    assert summary.state is RunState.COMPLETE
    whole_lake(tmp_path / "lake", summary, in_records=4)
    assert len(service.jobs) == 1
    assert "f" * 40 not in set(table(tmp_path / "lake", "answers")["custom_id"])


def windows_of(number: int) -> WindowLimits:
    return WindowLimits(max_images=number)


@pytest.mark.parametrize("state", ["EXPIRED", "FAILED"])
def test_a_document_may_be_asked_in_windows_over_several_jobs(tmp_path: Path, state: str) -> None:
    """Its record is made when the last of them has an answer, and all are asked once."""
    for name, pages in {"a": 7, "b": 3}.items():
        write_pdf(tmp_path / "in" / f"{name}.pdf", [f"{name} {number}" for number in range(1, pages + 1)])
    with served(slip_answer, ends=partly(state=state), takes=2) as (service, server):
        wanted = asked(server.base_url, tmp_path / "lake", tmp_path / "in", windows=windows_of(2))
        sent = call(BatchRun.submit, wanted, rows=2)
        jobs = len(service.jobs)
        summary = to_the_end(wanted, rows=2)

    assert (sent.state, sent.requests, jobs) == (RunState.WAITING, 6, 3)
    assert summary.state is RunState.COMPLETE
    whole_lake(tmp_path / "lake", summary, in_records=10)
    kept = records(tmp_path / "lake").sort("_source")
    texts = [[entry["text"] for entry in entries] for entries in kept["entries"]]
    assert texts == [[f"entry of page {number}" for number in range(1, last + 1)] for last in (7, 3)]
    assert set(service.paid.values()) == {1} == set(service.made.values())


def cut_short(heard: Heard) -> Reply:
    """Cut unless as many tokens are allowed as make the second step."""
    if heard.body["max_tokens"] < 16_000:
        return chat_answer('{"title": "a", "entr', finish_reason="length")
    return slip_answer(heard)


def too_long(heard: Heard) -> Reply:
    """Cut however many tokens are allowed, unless it is about fewer pages."""
    return slip_answer(heard) if len(heard.images) < 4 else chat_answer('{"tit', finish_reason="length")


@pytest.mark.parametrize(
    ("answer", "remedy", "answers"), [(cut_short, "more tokens", 2), (too_long, "fewer pages", 5)]
)
def test_an_answer_that_was_cut_is_asked_anew_by_further_jobs(
    paper: Path, tmp_path: Path, answer: Callable[[Heard], Reply], remedy: str, answers: int
) -> None:
    with served(answer) as (service, server):
        summary = to_the_end(asked(server.base_url, tmp_path / "lake", paper))

    assert (summary.state, summary.records) == (RunState.COMPLETE, 1)
    whole_lake(tmp_path / "lake", summary, in_records=4)
    assert set(table(tmp_path / "lake", "pages")["remedy"]) == {remedy}
    assert (len(service.paid), set(service.paid.values())) == (answers, {1})
    assert online(server) == 0


def in_strips(heard: Heard) -> Reply:
    """Cut unless it is about half a page."""
    strip = heard.text.partition("This is strip ")[2][:1]
    if not strip:
        return chat_answer('{"title": "much", "entries": [{"te', finish_reason="length")
    return chat_answer({"title": "much", "entries": [{"text": f"strip {strip}", "_page": 1}]})


def test_strips_of_a_page_are_asked_by_jobs_as_online(tmp_path: Path) -> None:
    paper = tmp_path / "a.pdf"
    canvas = Canvas(str(paper), pagesize=A4, invariant=True)
    for height in (700, 100):
        canvas.drawString(72, height, "some text")
    canvas.save()
    with served(in_strips) as (service, server):
        about: dict[str, Any] = {"budgets": Budgets(ceiling_tokens=8192)}
        batch = to_the_end(asked(server.base_url, tmp_path / "batch", paper, **about))
        run(asked(server.base_url, tmp_path / "online", paper, **about))

    assert (batch.state, len(service.paid)) == (RunState.COMPLETE, 3)
    first, second = (table(tmp_path / road, "answers").sort("custom_id") for road in ("batch", "online"))
    assert_frame_equal(*(one.select("custom_id", "band", "content") for one in (first, second)))
    assert set(first["band"]) == {None, "1 of 2", "2 of 2"}
    before = records(tmp_path / "batch").drop("_run")
    asyncio.run(rebuild(tmp_path / "batch", slip_type()))
    assert_frame_equal(records(tmp_path / "batch").drop("_run"), before)


def test_what_is_too_large_for_a_row_is_asked_with_fewer_pages(paper: Path, tmp_path: Path) -> None:
    def too_large(_job: str, rows: Rows) -> End:
        large = [one for one in rows if len(service.asked[one]["messages"][1]["content"]) > 2 * 2]
        return End(
            rows=[line(one, rows[one]) for one in rows if one not in large],
            errors=[error(one, 413, "too large") for one in large],
        )

    with served(slip_answer, ends=too_large) as (service, server):
        summary = to_the_end(asked(server.base_url, tmp_path / "lake", paper))

    assert (summary.state, summary.records) == (RunState.COMPLETE, 1)
    whole_lake(tmp_path / "lake", summary, in_records=4)
    assert (len(service.paid), set(service.paid.values())) == (2, {1})


def test_a_model_that_never_answers_well_ends_in_a_failure(paper: Path, tmp_path: Path) -> None:
    with served(lambda _heard: chat_answer({"total": "much"})) as (service, server):
        summary = to_the_end(asked(server.base_url, tmp_path / "lake", paper))

    assert summary.state is RunState.FAILURES
    whole_lake(tmp_path / "lake", summary, in_records=0, failed=4)
    assert {one.category for one in summary.failures} == {"invalid_answer"}
    assert set(service.paid.values()) == {1}


def test_blank_pages_bad_files_and_duplicates_are_counted_as_on_the_online_road(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write_pdf(folder / "a.pdf", ["one", "", "three"])
    write_pdf(folder / "empty pages.pdf", ["", ""])
    (folder / "z copy of a.pdf").write_bytes((folder / "a.pdf").read_bytes())
    (folder / "torn.pdf").write_bytes((folder / "a.pdf").read_bytes()[:300])
    (folder / "nothing.pdf").write_bytes(b"")
    with served(slip_answer, takes=2) as (service, server):
        wanted = asked(server.base_url, tmp_path / "lake", folder)
        sent = call(BatchRun.submit, wanted)
        summary = to_the_end(wanted)
        again = call(BatchRun.advance, wanted)

    assert (sent.state, sent.pages.found, sent.pages.blank, sent.pages.missing) == (RunState.WAITING, 5, 3, 2)
    assert summary.state is RunState.FAILURES
    assert (summary.documents, summary.documents_failed, summary.duplicates) == (4, 2, 1)
    assert (summary.pages.in_records, summary.pages.blank, summary.pages.missing) == (2, 3, 0)
    assert (again.state, again.documents) == (RunState.COMPLETE, 0)
    assert (len(service.paid), len(records(tmp_path / "lake"))) == (1, 1)
    pages = table(tmp_path / "lake", "pages")
    assert pages.height == 5 == pages.select("doc_id", "page").unique().height
    states = Counter(table(tmp_path / "lake", "documents")["state"])
    assert states == {"done": 2, "failed": 2, "duplicate": 1}


def test_a_document_that_cannot_be_drawn_in_part_ends_as_it_began(tmp_path: Path) -> None:
    """Why a page cannot be drawn is kept while the others wait, whatever becomes of the file."""
    write_pdf(tmp_path / "in" / "a.pdf", ["one", "two"])
    whole = (tmp_path / "in" / "a.pdf").read_bytes()
    (tmp_path / "in" / "a.pdf").write_bytes(whole.replace(b"/Count 2", b"/Count 3"))
    with served(slip_answer, takes=2) as (service, server):
        wanted = asked(server.base_url, tmp_path / "lake", tmp_path / "in")
        sent = call(BatchRun.submit, wanted)
        (tmp_path / "in" / "a.pdf").unlink()
        summary = call(BatchRun.advance, wanted)

    assert (sent.pages.found, sent.pages.failed) == (3, 1)
    assert summary.state is RunState.FAILURES
    assert [one.message for one in summary.failures] == [one.message for one in sent.failures]
    whole_lake(tmp_path / "lake", summary, in_records=2, failed=1)
    assert len(service.jobs) == 1


def live(service: BatchService) -> list[str]:
    return [name for name, job in service.jobs.items() if job["state"] == "JOB_STATE_RUNNING"]


def test_one_document_does_not_wait_for_the_job_of_another(tmp_path: Path) -> None:
    for name in "abc":
        write_pdf(tmp_path / "in" / f"{name}.pdf", [f"page {name}"])
    with served(slip_answer, takes=10**6) as (service, server):
        wanted = asked(server.base_url, tmp_path / "lake", tmp_path / "in")
        call(BatchRun.submit, wanted, rows=1)
        first, *others = live(service)
        service.jobs[first]["looks"] = 10**6
        some = call(BatchRun.advance, wanted, rows=1)
        for job in others:
            service.jobs[job]["looks"] = 10**6
        rest = call(BatchRun.advance, wanted, rows=1)

    assert (some.state, some.records, some.pages.missing) == (RunState.WAITING, 1, 2)
    assert (rest.state, rest.records) == (RunState.COMPLETE, 2)
    assert len(records(tmp_path / "lake")) == 3


@pytest.mark.parametrize("path", ["/datasets$", ":upload$", "/batchInferenceJobs$", ":getDownloadEndpoint$"])
def test_a_service_that_is_away_for_a_while_costs_a_call_and_nothing_else(
    paper: Path, tmp_path: Path, path: str
) -> None:
    def away(heard: Heard) -> Reply | None:
        return html(503) if re.search(path, heard.path.partition("?")[0]) else None

    with served(slip_answer) as (service, server):
        service.fault = away
        wanted = asked(server.base_url, tmp_path / "lake", paper)
        stopped = [call(BatchRun.submit, wanted), call(BatchRun.advance, wanted)]
        service.fault = lambda _heard: None
        summary = to_the_end(wanted)

    assert RunState.STOPPED in {one.state for one in stopped}
    assert not any(one.records for one in stopped)
    assert summary.state is RunState.COMPLETE
    whole_lake(tmp_path / "lake", summary, in_records=4)
    assert set(service.made.values()) == {1} == set(service.paid.values())


def test_a_job_that_is_moved_out_of_the_lake_is_asked_again(paper: Path, tmp_path: Path) -> None:
    with served(slip_answer, takes=10**6) as (service, server):
        wanted = asked(server.base_url, tmp_path / "lake", paper)
        call(BatchRun.submit, wanted)
        (job,) = live(service)
        (tmp_path / "lake" / "_jobs" / job / "job.json").write_text("{")
        with pytest.raises(StoreError, match=r"job\.json cannot be read: put a copy in its place, or move"):
            call(BatchRun.advance, wanted)
        shutil.move(tmp_path / "lake" / "_jobs" / job, tmp_path / "out of it")
        service.takes = 1
        service.datasets.clear()
        service.jobs.clear()
        summary = to_the_end(wanted)

    assert summary.state is RunState.COMPLETE
    whole_lake(tmp_path / "lake", summary, in_records=4)


def test_another_lake_with_the_same_requests_takes_what_the_service_has(paper: Path, tmp_path: Path) -> None:
    with served(slip_answer) as (service, server):
        lakes = [tmp_path / "first", tmp_path / "second"]
        summaries = [to_the_end(asked(server.base_url, lake, paper)) for lake in lakes]

    assert [one.state for one in summaries] == [RunState.COMPLETE] * 2
    assert set(service.made.values()) == {1} == set(service.paid.values())
    first, second = (records(lake).drop("_run", "_extracted_at") for lake in lakes)
    assert_frame_equal(first, second)
