"""Records derived again from paid answers."""

import asyncio
import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import BaseModel

from pipeline.errors import ConfigError
from pipeline.rebuild import rebuild
from pipeline.service.client import Endpoint
from pipeline.store.journal import Journal
from pipeline.store.ledger import Ledger
from pipeline.summary import RunState
from pipeline.windows import WindowLimits
from schemas.registry import RecordType
from tests.papers import write_pdf
from tests.pipeline.runs import config, records, run, slip_answer, slip_type, table
from tests.servers import FaultServer, Heard, Reply, chat_answer, refusal


class Strict(BaseModel):
    """The slip under a stricter rule: other columns, and no title that is missing."""

    title: str
    total: int


def lake_of(tmp_path: Path, *, unit: str = "document") -> Path:
    write_pdf(tmp_path / "in" / "a.pdf", ["one", "", "three"])
    write_pdf(tmp_path / "in" / "b.pdf", ["only"])
    with FaultServer(slip_answer) as server:
        asked = config(server.base_url, tmp_path / "lake", tmp_path / "in", record=slip_type(unit))
        run(replace(asked, windows=WindowLimits(max_images=1)))
    return tmp_path / "lake"


@pytest.mark.parametrize("unit", ["document", "page"])
def test_lost_records_come_back_equal_without_asking(unit: str, tmp_path: Path) -> None:
    lake = lake_of(tmp_path, unit=unit)
    before = records(lake).drop("_run").sort("_source", "title")
    shutil.rmtree(lake / "records")

    summary = asyncio.run(rebuild(lake, slip_type(unit)))

    assert summary.state == RunState.COMPLETE
    assert records(lake).drop("_run").sort("_source", "title").equals(before)


def test_nothing_doubles(tmp_path: Path) -> None:
    lake = lake_of(tmp_path)
    before = {name: table(lake, name).height for name in ("documents", "pages", "answers", "failures")}

    asyncio.run(rebuild(lake, slip_type()))
    asyncio.run(rebuild(lake, slip_type()))

    assert {name: table(lake, name).height for name in before} == before
    assert records(lake).height == 2


def test_a_run_after_a_rebuild_finds_nothing_to_do(tmp_path: Path) -> None:
    lake = lake_of(tmp_path)
    asyncio.run(rebuild(lake, slip_type()))

    with FaultServer(slip_answer) as server:
        asked = config(server.base_url, lake, tmp_path / "in", windows=WindowLimits(max_images=1))
        assert run(asked).requests == 0


def test_a_schema_that_was_loosened_accepts_answers_that_did_not_fit(tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf", ["one"])

    def answer(_: Heard) -> Reply:
        return chat_answer({"title": None, "total": 3})

    strict = RecordType(name="slip", model=Strict, unit="document", instructions="Read.", reference="x")
    with FaultServer(answer) as server:
        first = run(config(server.base_url, tmp_path / "lake", tmp_path / "a.pdf", record=strict))

    second = asyncio.run(rebuild(tmp_path / "lake", slip_type()))

    assert (first.records, second.records) == (0, 1)
    assert records(tmp_path / "lake")["total"].to_list() == [Decimal(3)]
    assert table(tmp_path / "lake", "failures").is_empty()
    assert table(tmp_path / "lake", "pages")["outcome"].to_list() == ["record"]


def test_a_schema_that_was_tightened_turns_records_into_failures(tmp_path: Path) -> None:
    lake = lake_of(tmp_path)
    strict = RecordType(name="slip", model=Strict, unit="document", instructions="Read.", reference="x")

    summary = asyncio.run(rebuild(lake, strict))

    assert summary.state == RunState.FAILURES
    assert set(table(lake, "failures")["category"]) == {"invalid_answer"}
    assert summary.pages.failed == 3


def test_a_folder_that_is_no_lake_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not a lake"):
        asyncio.run(rebuild(tmp_path, slip_type()))


def test_a_schema_the_lake_does_not_hold_is_refused(tmp_path: Path) -> None:
    lake = lake_of(tmp_path)

    with pytest.raises(ConfigError, match="no document of the schema 'other'"):
        asyncio.run(rebuild(lake, replace(slip_type(), name="other")))


def test_an_answer_found_after_a_kill_clears_the_failure_it_was_missing_from(tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf", ["one", "two"])
    asked = config("", tmp_path / "lake", tmp_path / "a.pdf", windows=WindowLimits(max_images=1))
    with FaultServer(
        lambda heard: refusal(400, "bad image") if "Page 2" in heard.text else slip_answer(heard)
    ) as server:
        run(replace(asked, endpoint=Endpoint(base_url=server.base_url, api_key=None)))
    page_rows = table(tmp_path / "lake", "pages").sort("page")
    doc_id, first_id = page_rows["doc_id"][0], page_rows["custom_id"][0]
    first = Ledger.load(tmp_path / "lake", "slip").answers_of([doc_id])[doc_id][first_id]
    journal = Journal(tmp_path / "lake" / "_journal", "killed")
    journal.answered(replace(first, custom_id=page_rows["custom_id"][1], pages=(2,)))
    journal.close()

    summary = asyncio.run(rebuild(tmp_path / "lake", slip_type()))

    assert (summary.state, summary.records) == (RunState.COMPLETE, 1)
    assert table(tmp_path / "lake", "failures").is_empty()
    assert records(tmp_path / "lake")["_pages"].to_list() == [[1, 2]]
