"""Whole runs: real PDFs, real workers, a real server, real Parquet."""

import asyncio
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from pipeline.cost import Prices
from pipeline.errors import ConfigError
from pipeline.run import process
from pipeline.selection import PageSelection
from pipeline.service.client import Endpoint
from pipeline.shard import ShardResult
from pipeline.summary import RunState
from pipeline.tally import Tally
from pipeline.windows import WindowLimits
from schemas.registry import load
from tests.papers import write_pdf
from tests.pipeline.runs import KEY, config, records, run, slip_answer, slip_type, table
from tests.servers import FaultServer, Heard, Reply, chat_answer, refusal, too_many


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_pdf(tmp_path / "in" / "a.pdf", ["first", "", "third"])
    write_pdf(tmp_path / "in" / "b.pdf", ["only"])
    (tmp_path / "in" / "copy").mkdir()
    (tmp_path / "in" / "copy" / "b.pdf").write_bytes((tmp_path / "in" / "b.pdf").read_bytes())
    (tmp_path / "in" / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing follows")
    (tmp_path / "in" / "notes.txt").write_text("not a document")
    return tmp_path / "in"


def test_a_folder_becomes_one_typed_row_a_document(folder: Path, tmp_path: Path) -> None:
    with FaultServer(slip_answer) as server:
        summary = run(config(server.base_url, tmp_path / "lake", folder))

    rows = records(tmp_path / "lake").sort("_source")
    assert summary.state == RunState.FAILURES
    assert rows["_pages"].to_list() == [[1, 3], [1]]
    assert rows["title"].to_list() == ["from page 1", "from page 1"]
    assert rows["total"].to_list() == [Decimal("12.5"), Decimal("12.5")]
    assert rows.schema["total"] == pl.Decimal(38, 6)
    assert [entry["text"] for entry in rows["entries"][0]] == ["entry of page 1", "entry of page 3"]


def test_every_page_is_accounted_for(folder: Path, tmp_path: Path) -> None:
    with FaultServer(slip_answer) as server:
        summary = run(config(server.base_url, tmp_path / "lake", folder))

    pages = table(tmp_path / "lake", "pages")
    assert summary.pages.model_dump() == {"found": 4, "in_records": 3, "blank": 1, "failed": 0, "skipped": 0}
    assert sorted(pages["outcome"].to_list()) == ["blank", "record", "record", "record"]
    assert summary.documents == 3
    assert summary.duplicates == 1
    assert [path for path, _ in summary.skipped] == [str(folder / "notes.txt")]
    assert [(failure.path, failure.category) for failure in summary.failures] == [
        (str(folder / "broken.pdf"), "corrupt")
    ]


def test_the_manifest_is_the_summary(folder: Path, tmp_path: Path) -> None:
    with FaultServer(slip_answer) as server:
        summary = run(config(server.base_url, tmp_path / "lake", folder))

    manifest = tmp_path / "lake" / "_runs" / f"{summary.run}.json"
    assert json.loads(manifest.read_text()) == summary.model_dump(mode="json")


def test_a_clean_stop_leaves_no_journal(folder: Path, tmp_path: Path) -> None:
    with FaultServer(slip_answer) as server:
        run(config(server.base_url, tmp_path / "lake", folder))

    assert list((tmp_path / "lake" / "_journal").glob("*.jsonl")) == []


def test_a_second_run_asks_nothing_and_changes_no_row(folder: Path, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    with FaultServer(slip_answer) as server:
        first = run(config(server.base_url, lake, folder))
        before = {name: table(lake, name).height for name in ("documents", "pages", "answers", "failures")}
        second = run(config(server.base_url, lake, folder))
        after = {name: table(lake, name).height for name in before}
        asked = len(server.asked)

    assert asked == first.requests == 2
    assert (second.requests, second.documents_reused, second.records) == (0, 2, 2)
    assert second.pages == first.pages
    assert after == before


def test_documents_that_are_done_make_no_work_for_an_orchestrator(folder: Path, tmp_path: Path) -> None:
    labels: list[str] = []

    async def wrap(label: str, call: Callable[[], Awaitable[ShardResult]]) -> ShardResult:
        labels.append(label)
        return await call()

    with FaultServer(slip_answer) as server:
        run(config(server.base_url, tmp_path / "lake", folder), wrap=wrap)
        run(config(server.base_url, tmp_path / "lake", folder), wrap=wrap)

    assert labels == ["shard 1: 2 documents, 4 pages"]


def test_the_tally_ends_as_the_summary_says(folder: Path, tmp_path: Path) -> None:
    """Also when a part of the work was done before."""
    with FaultServer(slip_answer) as server:
        run(config(server.base_url, tmp_path / "lake", folder / "a.pdf"))
        tally = Tally(started=time.monotonic())
        summary = asyncio.run(process(config(server.base_url, tmp_path / "lake", folder), tally=tally))

    assert tally.planned
    assert (tally.pages_found, tally.pages_done, tally.pages_reused) == (4, 4, 3)
    assert (tally.documents_found, tally.documents_done, tally.documents_reused) == (3, 3, 1)
    assert (tally.records, tally.requests) == (summary.records, summary.requests)


def test_each_document_is_one_line_of_the_log(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="pipeline")
    with FaultServer(slip_answer) as server:
        run(config(server.base_url, tmp_path / "lake", folder))

    documents = [one for one in caplog.messages if one.startswith(str(folder))]
    assert sorted(documents) == [
        f"{folder}/a.pdf: 3 pages, 1 records, 0 pages failed",
        f"{folder}/b.pdf: 1 pages, 1 records, 0 pages failed",
        f"{folder}/broken.pdf: corrupt: the file is damaged: no PDF structure can be made out",
    ]


def test_a_new_and_a_changed_file_are_worked_alone(folder: Path, tmp_path: Path) -> None:
    with FaultServer(slip_answer) as server:
        run(config(server.base_url, tmp_path / "lake", folder))
        write_pdf(folder / "new.pdf", ["new"])
        write_pdf(folder / "a.pdf", ["changed"])
        second = run(config(server.base_url, tmp_path / "lake", folder))

    assert second.requests == 2
    assert second.documents_reused == 1


def test_a_renamed_file_costs_nothing(folder: Path, tmp_path: Path) -> None:
    with FaultServer(slip_answer) as server:
        run(config(server.base_url, tmp_path / "lake", folder))
        (folder / "a.pdf").rename(folder / "z.pdf")
        second = run(config(server.base_url, tmp_path / "lake", folder))

    listed = table(tmp_path / "lake", "documents").filter(path=str(folder / "z.pdf"))
    assert second.requests == 0
    assert listed["state"].to_list() == ["done"]


def test_a_page_schema_gives_one_row_a_page(folder: Path, tmp_path: Path) -> None:
    with FaultServer(slip_answer) as server:
        summary = run(config(server.base_url, tmp_path / "lake", folder / "a.pdf", record=slip_type("page")))

    rows = records(tmp_path / "lake").sort("title")
    assert rows["_pages"].to_list() == [[1], [3]]
    assert summary.requests == 2


def test_a_long_document_goes_in_windows_and_comes_back_as_one_record(tmp_path: Path) -> None:
    write_pdf(tmp_path / "long.pdf", [f"page {n}" for n in range(1, 8)])
    with FaultServer(slip_answer) as server:
        summary = run(
            config(
                server.base_url, tmp_path / "lake", tmp_path / "long.pdf", windows=WindowLimits(max_images=3)
            )
        )
        sizes = sorted(len(heard.images) for heard in server.asked)

    row = records(tmp_path / "lake").row(0, named=True)
    assert sizes == [1, 3, 3]
    assert summary.records == 1
    assert row["_pages"] == [1, 2, 3, 4, 5, 6, 7]
    assert [entry["text"] for entry in row["entries"]] == [f"entry of page {n}" for n in range(1, 8)]
    assert {"field": "entries[6]", "first_page": 7, "last_page": 7} in row["_origins"]
    assert {"field": "title", "first_page": 1, "last_page": 3} in row["_origins"]


def test_an_image_limit_in_bytes_splits_windows_too(tmp_path: Path) -> None:
    write_pdf(tmp_path / "long.pdf", [f"page {n}" for n in range(1, 5)])
    with FaultServer(slip_answer) as server:
        run(
            config(
                server.base_url,
                tmp_path / "lake",
                tmp_path / "long.pdf",
                windows=WindowLimits(max_encoded_bytes=45_000),
            )
        )
        encoded = [sum((len(image) + 2) // 3 * 4 for image in heard.images) for heard in server.asked]

    assert len(encoded) > 1
    assert max(encoded) < 45_000
    assert records(tmp_path / "lake")["_pages"].to_list() == [[1, 2, 3, 4]]


def test_selected_pages_are_worked_and_the_others_are_skipped(tmp_path: Path) -> None:
    write_pdf(tmp_path / "five.pdf", [f"page {n}" for n in range(1, 6)])
    with FaultServer(slip_answer) as server:
        summary = run(
            config(
                server.base_url, tmp_path / "lake", tmp_path / "five.pdf", pages=PageSelection.parse("2,4-")
            )
        )

    assert records(tmp_path / "lake")["_pages"].to_list() == [[2, 4, 5]]
    assert (summary.pages.found, summary.pages.in_records, summary.pages.skipped) == (5, 3, 2)


def test_other_pages_of_a_worked_document_replace_its_rows(tmp_path: Path) -> None:
    write_pdf(tmp_path / "three.pdf", ["one", "two", "three"])
    lake = tmp_path / "lake"
    with FaultServer(slip_answer) as server:
        run(config(server.base_url, lake, tmp_path / "three.pdf", pages=PageSelection.parse("1")))
        run(config(server.base_url, lake, tmp_path / "three.pdf"))

    assert records(lake)["_pages"].to_list() == [[1, 2, 3]]
    assert table(lake, "pages").height == 3
    assert table(lake, "documents").height == 1


def test_an_answer_that_does_not_fit_is_a_failure_with_its_reason(tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf", ["one"])
    with FaultServer(lambda _: chat_answer({"total": "not a number"})) as server:
        summary = run(config(server.base_url, tmp_path / "lake", tmp_path / "a.pdf"))

    failures = table(tmp_path / "lake", "failures")
    assert summary.state == RunState.FAILURES
    assert failures["category"].to_list() == ["invalid_answer"]
    assert "total" in failures["message"][0]
    assert "not a number" not in failures["message"][0]
    assert set(table(tmp_path / "lake", "answers")["content"]) == {'{"total": "not a number"}'}


def test_a_paid_answer_that_does_not_fit_is_not_paid_again(tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf", ["one"])
    with FaultServer(lambda _: chat_answer("nonsense")) as server:
        run(config(server.base_url, tmp_path / "lake", tmp_path / "a.pdf"))
        second = run(config(server.base_url, tmp_path / "lake", tmp_path / "a.pdf"))

    assert (second.requests, second.answers_reused) == (0, 2)  # the plain request and one with its errors
    assert table(tmp_path / "lake", "failures").height == 1


def test_a_part_without_an_answer_withholds_the_record_and_the_next_run_asks_only_for_it(
    tmp_path: Path,
) -> None:
    write_pdf(tmp_path / "long.pdf", ["one", "two", "three", "four"])
    asked = config("", tmp_path / "lake", tmp_path / "long.pdf", windows=WindowLimits(max_images=2))
    with FaultServer(
        lambda heard: refusal(400, "bad image") if "Page 3" in heard.text else slip_answer(heard)
    ) as server:
        first = run(replace(asked, endpoint=Endpoint(base_url=server.base_url, api_key=None)))
    held_back = records(tmp_path / "lake").height
    with FaultServer(slip_answer) as server:
        second = run(replace(asked, endpoint=Endpoint(base_url=server.base_url, api_key=None)))

    assert (held_back, first.pages.failed) == (0, 4)
    assert (second.requests, second.answers_reused, second.records) == (1, 1, 1)
    assert table(tmp_path / "lake", "failures").is_empty()


def test_a_storm_of_429_loses_no_page(tmp_path: Path) -> None:
    for number in range(6):
        write_pdf(tmp_path / "in" / f"{number}.pdf", [f"document {number}"])
    with FaultServer(lambda heard: too_many(0.05) if heard.number < 20 else slip_answer(heard)) as server:
        summary = run(config(server.base_url, tmp_path / "lake", tmp_path / "in"))

    assert summary.state == RunState.COMPLETE
    assert summary.records == 6


def test_a_refused_key_stops_the_run_and_keeps_the_lake(folder: Path, tmp_path: Path) -> None:
    with FaultServer(lambda _: refusal(401, "invalid key")) as server:
        stopped = run(config(server.base_url, tmp_path / "lake", folder))
    with FaultServer(slip_answer) as server:
        after = run(config(server.base_url, tmp_path / "lake", folder))

    assert (stopped.state, stopped.exit_code) == (RunState.STOPPED, 3)
    assert "key" in stopped.reason
    assert after.records == 2


@pytest.mark.parametrize(
    "refused",
    [
        refusal(401, "no such key", code="UNAUTHORIZED"),
        refusal(402, "payment is due"),
        refusal(403, "not for you", code="FORBIDDEN"),
        refusal(404, "Model not found, inaccessible, and/or not deployed", code="NOT_FOUND"),
        refusal(400, "no such model", code="model_not_found"),
        refusal(412, "account is suspended", code="PRECONDITION_FAILED"),
        refusal(429, "you have no credit left", code="insufficient_quota"),
    ],
    ids=lambda reply: str(reply.status),
)
def test_what_would_meet_every_request_stops_the_run_at_once_and_keeps_the_lake(
    refused: Reply, tmp_path: Path
) -> None:
    lake, more = tmp_path / "lake", write_pdf(tmp_path / "more.pdf", ["one", "two", "three"])
    done = write_pdf(tmp_path / "done.pdf", ["one"])
    with FaultServer(slip_answer) as server:
        run(config(server.base_url, lake, done))
    before = records(lake)
    with FaultServer([refused]) as server:
        stopped = run(config(server.base_url, lake, done, more, in_flight=1))
        asked = len(server.asked)
    with FaultServer(slip_answer) as server:
        after = run(config(server.base_url, lake, done, more))

    assert (stopped.state, stopped.exit_code, asked) == (RunState.STOPPED, 3, 1)
    assert str(refused.status) in stopped.reason
    assert "\n" not in stopped.reason
    assert (after.state, after.requests) == (RunState.COMPLETE, 1)
    assert records(lake).height == before.height + 1


def test_a_stop_finishes_what_is_in_flight_and_the_next_run_goes_on(tmp_path: Path) -> None:
    for number in range(8):
        write_pdf(tmp_path / "in" / f"{number}.pdf", [f"document {number}"])
    event = asyncio.Event()

    def answer(heard: Heard) -> Reply:
        event.set()
        return slip_answer(heard)

    with FaultServer(answer) as server:
        stopped = run(
            config(server.base_url, tmp_path / "lake", tmp_path / "in", in_flight=1), stop=lambda: event
        )
        paid = len(server.asked)
        rest = run(config(server.base_url, tmp_path / "lake", tmp_path / "in"))
        total = len(server.asked)

    assert (stopped.state, stopped.exit_code) == (RunState.INTERRUPTED, 130)
    assert stopped.records == paid < 8
    assert rest.records == 8
    assert total == 8


def test_the_key_is_nowhere_in_the_lake(folder: Path, tmp_path: Path) -> None:
    with FaultServer(slip_answer) as server:
        run(config(server.base_url, tmp_path / "lake", folder))

    for file in (tmp_path / "lake").rglob("*"):
        assert file.is_dir() or KEY.encode() not in file.read_bytes()


def test_another_shape_of_the_same_schema_is_refused_before_asking(folder: Path, tmp_path: Path) -> None:
    with FaultServer(slip_answer) as server:
        run(config(server.base_url, tmp_path / "lake", folder))
        other = replace(load("invoice"), name="slip")
        asked = len(server.asked)
        with pytest.raises(ConfigError, match="other columns"):
            run(config(server.base_url, tmp_path / "lake", folder, record=other))
        assert len(server.asked) == asked


def test_a_script_that_workers_cannot_import_is_told_so_in_one_sentence(tmp_path: Path) -> None:
    """Worker processes import the main script anew; without a guard each of them begins the run again."""
    write_pdf(tmp_path / "a.pdf", ["one"])
    script = tmp_path / "unguarded.py"
    script.write_text(
        "import sys; from pathlib import Path; from tests.pipeline.runs import config, run\n"
        "run(config('http://127.0.0.1:9/v1', Path(sys.argv[1]), sys.argv[2]))\n"
    )
    command = [sys.executable, str(script), str(tmp_path / "lake"), str(tmp_path / "a.pdf")]

    ended = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
    )

    assert ended.returncode == 1
    assert "under `if __name__ == '__main__':`" in ended.stderr.splitlines()[-1]


def test_a_stop_does_not_wait_for_a_service_that_only_says_later(tmp_path: Path) -> None:
    for number in range(4):
        write_pdf(tmp_path / "in" / f"{number}.pdf", [f"document {number}"])
    event = asyncio.Event()

    def answer(heard: Heard) -> Reply:
        if heard.number >= 6:
            event.set()
        return too_many()

    with FaultServer(answer) as server:
        began = time.monotonic()
        asked = config(server.base_url, tmp_path / "lake", tmp_path / "in")
        stopped = run(asked, stop=lambda: event)
        seconds = time.monotonic() - began
    with FaultServer(slip_answer) as server:
        after = run(config(server.base_url, tmp_path / "lake", tmp_path / "in"))

    assert stopped.state == RunState.INTERRUPTED
    assert seconds < asked.retries.rate_limit_patience_s / 2
    assert stopped.pages.failed == 0
    assert (after.records, after.in_doubt) == (4, [])


def test_an_item_that_says_its_page_is_true_is_stored_without_one(tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf", ["one", "two"])
    with FaultServer(lambda _: chat_answer({"entries": [{"text": "x", "_page": True}]})) as server:
        summary = run(config(server.base_url, tmp_path / "lake", tmp_path / "a.pdf"))

    assert summary.records == 1
    assert records(tmp_path / "lake")["_origins"].to_list() == [
        [{"field": "entries[0]", "first_page": 1, "last_page": 2}]
    ]


@pytest.mark.parametrize("name", ["lake [2024]", "lake*", "a=b"])
def test_a_lake_of_any_name_is_read_back(name: str, tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf", ["one"])
    with FaultServer(slip_answer) as server:
        first = run(config(server.base_url, tmp_path / name, tmp_path / "a.pdf"))
        second = run(config(server.base_url, tmp_path / name, tmp_path / "a.pdf"))
        other = run(config(server.base_url, tmp_path / name, tmp_path / "a.pdf", model="other"))

    assert (first.requests, second.requests, other.requests) == (1, 0, 1)
    assert len(list((tmp_path / name / "records" / "schema=slip").iterdir())) == 1


@pytest.mark.parametrize(("price", "cost"), [("0.123", "0.000369"), ("0", "0"), (None, None)])
def test_a_record_costs_what_its_answers_cost(price: str | None, cost: str | None, tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf", ["one", "two", "three"])
    prices = Prices(input=Decimal(price), output=Decimal(0)) if price else None
    with FaultServer(slip_answer) as server:
        asked = config(server.base_url, tmp_path / "lake", tmp_path / "a.pdf", prices=prices)
        summary = run(replace(asked, windows=WindowLimits(max_images=1)))

    expected = None if cost is None else Decimal(cost)
    assert records(tmp_path / "lake")["_cost"].to_list() == [expected]
    assert summary.cost == (None if expected is None else pytest.approx(float(expected)))
