"""What a person reads at the end, on a terminal and in Prefect."""

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from flows.console import dollars, duration, summary_view, thousands
from flows.report import ROWS_SHOWN, markdown, sentence
from pipeline.doubts import Doubt
from pipeline.summary import FailedDocument, FileChanges, PageBalance, RunState, RunSummary, SlowDocument


def failure(path: str) -> FailedDocument:
    return FailedDocument(
        path=path,
        pages=[2],
        stage="answer",
        category="invalid_answer",
        message="no total",
        remedy="try another",
    )


def summary(**changes: Any) -> RunSummary:
    whole: dict[str, Any] = {
        "run": "1",
        "state": RunState.FAILURES,
        "schema_name": "invoice",
        "model": "m",
        "engine": "service",
        "lake": "lake",
        "sources": ["in"],
        "started_at": datetime(2026, 1, 1, tzinfo=UTC),
        "seconds": 65.0,
        "documents": 300,
        "documents_reused": 3,
        "documents_failed": 250,
        "duplicates": 0,
        "skipped": [],
        "pages": PageBalance(found=300, in_records=50, failed=250),
        "records": 50,
        "requests": 300,
        "answers_reused": 0,
        "in_doubt": [],
        "prompt_tokens": 1_500_000,
        "completion_tokens": 900,
        "cached_tokens": 0,
        "cost": 0.5,
        "failures": [failure(f"{number}.pdf") for number in range(100)],
        "failures_total": 250,
    }
    return RunSummary.model_validate(whole | changes)


def read(run: RunSummary) -> str:
    console = Console(file=io.StringIO(), width=120)
    console.print(summary_view(run), soft_wrap=True)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_sentence_is_the_page_balance() -> None:
    assert sentence(summary()) == "300 pages: 50 in records, 250 failed; 250 documents failed"


def test_ten_failures_are_named_and_the_rest_is_where_it_says() -> None:
    text = read(summary())

    assert text.count("no total") == 10
    assert "and 240 more: see lake/failures" in text
    assert "try another" in text


def test_what_was_paid_is_told() -> None:
    assert "300 requests, 1.5M prompt tokens, 900 completion tokens, $0.5000" in read(summary())


def doubt(name: str, cost: float | None = 0.0123) -> Doubt:
    return Doubt(custom_id=name, doc_id="d" * 64, pages=(1, 2), possible_cost=cost)


def test_requests_in_doubt_are_named_with_what_they_can_have_cost() -> None:
    text = read(summary(in_doubt=[doubt("a"), doubt("b")]))

    assert "2 requests of an earlier run" in text
    assert "in no sum: $0.0246 at most" in text
    assert "  b, pages 1, 2 of document dddddddddddd: $0.0123 at most" in text
    assert "| b | pages 1, 2 of document dddddddddddd | $0.0123 at most |" in markdown(
        summary(in_doubt=[doubt("a"), doubt("b")])
    )


def test_a_doubt_without_a_price_leaves_the_sum_open() -> None:
    text = read(summary(in_doubt=[doubt("a"), doubt("b", cost=None)]))

    assert "in no sum: its price is not known" in text
    assert "  a, pages 1, 2 of document dddddddddddd: $0.0123 at most" in text


def test_answers_that_were_lost_on_their_way_are_named() -> None:
    text = read(summary(lost=[doubt("a", cost=0.00001)] * 12))

    assert "12 answers did not come home whole and may have been charged for" in text
    assert text.count("  a, pages 1, 2") == 10
    assert "$0.000010 at most" in text
    assert "and 2 more, which the manifest names" in text


def test_a_manifest_of_an_older_version_names_requests_by_their_id_alone() -> None:
    older = summary().model_dump(mode="json") | {"in_doubt": ["a"]}

    assert RunSummary.model_validate(older).in_doubt == [Doubt(custom_id="a")]


def test_a_stopped_run_says_why_and_what_was_not_reached() -> None:
    text = read(summary(state=RunState.STOPPED, reason="the key is not valid", pages=PageBalance(found=9)))

    assert "stopped by the service: the key is not valid" in text
    assert "not reached" in text


def test_the_page_in_prefect_has_a_row_for_each_failure_up_to_its_limit() -> None:
    failures = [failure(f"{number}.pdf") for number in range(ROWS_SHOWN + 50)]

    page = markdown(summary(failures=failures, failures_total=250))

    assert page.count("| no total (answer, invalid") == ROWS_SHOWN
    assert "and 50 more" in page


def test_what_became_of_files_and_what_was_slow_is_told() -> None:
    files = FileChanges(new=3, changed=1, removed=2, unchanged=290, doubted=4, pruned=2)
    slow = SlowDocument(path="in/a|b.pdf", pages=12, seconds=125)
    run = summary(files=files, slowest=[slow])

    page = markdown(run, "http://127.0.0.1:4200/artifacts/artifact/1")

    assert "| 3 | 1 | 0 | 0 | 2 | 290 | 4 | 2 |" in page
    assert r"| in/a\|b.pdf | 12 | 2 min 05 s |" in page
    assert "(http://127.0.0.1:4200/artifacts/artifact/1)" in page
    told = "files: 3 new, 1 changed, 2 removed, 290 unchanged, 4 gone, which is not believed"
    assert f"{told}; rows of 2 documents dropped" in read(run)


@pytest.mark.parametrize(
    "name", ["a|b.pdf", "<img src=x>.pdf", "[x](http://y).pdf", "`code`.pdf", "a\nb.pdf"]
)
def test_names_of_files_are_not_markup_in_prefect(name: str) -> None:
    page = markdown(summary(failures=[failure(name)], failures_total=1))

    assert name not in page
    assert "<img" not in page
    (row,) = [line for line in page.splitlines() if "no total" in line]
    assert row.replace(r"\|", "").count("|") == 5


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (thousands(999), "999"),
        (thousands(12_345), "12.3k"),
        (thousands(4_500_000), "4.5M"),
        (dollars(0.0123), "$0.0123"),
        (dollars(12.3), "$12.30"),
        (duration(8.4), "8 s"),
        (duration(125), "2 min 05 s"),
        (duration(3840), "1 h 04 min"),
    ],
)
def test_figures_are_said_as_people_say_them(said: str, expected: str) -> None:
    assert said == expected
