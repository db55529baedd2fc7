"""Whole runs over documents that are asked about in parts which do not fit together."""

import asyncio
import threading
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import BaseModel, model_validator

from pipeline.rebuild import rebuild
from pipeline.remedies import Budgets
from pipeline.run import RunConfig
from pipeline.summary import RunState, RunSummary
from pipeline.windows import WindowLimits
from schemas.registry import RecordType
from tests.papers import write_pdf
from tests.pipeline.runs import config, records, run, slip_answer, slip_type, table
from tests.servers import Answer, FaultServer, Heard, Reply, chat_answer, refusal


class Strict(BaseModel):
    """A document that must have a number, and a total."""

    number: str
    total: Decimal


class Even(BaseModel):
    """A document with as many entries as it says."""

    count: int = 0
    entries: list[str] = []

    @model_validator(mode="after")
    def _fits(self) -> "Even":
        if self.count != len(self.entries):
            raise ValueError("not as many as said")
        return self


def asked_of(tmp_path: Path, pages: int = 4, **changes: object) -> RunConfig:
    write_pdf(tmp_path / "a.pdf", [f"page {number}" for number in range(1, pages + 1)])
    windows = WindowLimits(max_images=2)
    return config("", tmp_path / "lake", tmp_path / "a.pdf", windows=windows, **changes)


def type_of(model: type[BaseModel]) -> RecordType:
    return RecordType(name="slip", model=model, unit="document", instructions="Read.", reference="slip")


def at(asked: RunConfig, server: FaultServer) -> RunConfig:
    return replace(asked, endpoint=replace(asked.endpoint, base_url=server.base_url))


def worked(answer: Answer, asked: RunConfig) -> tuple[RunSummary, list[Heard]]:
    """A run; the next one after a kill right before the commit finds all answers and asks nothing."""
    with FaultServer(answer) as server:
        summary = run(at(asked, server))
        heard = list(server.asked)
        for part in (asked.lake / "documents").glob("*.parquet"):
            part.unlink()
        again = run(at(asked, server))
        assert len(server.asked) == len(heard)
    assert (again.state, again.pages, again.requests) == (summary.state, summary.pages, 0)
    return summary, heard


def pages_of(heard: Heard) -> list[int]:
    return [int(line.split()[1]) for line in heard.text.splitlines() if line.startswith("Page ")]


def complaint_of(heard: Heard) -> str:
    """What a request says of an earlier answer; empty for a first one."""
    messages = heard.body["messages"]
    return str(messages[3]["content"]) if len(messages) > 2 else ""


def test_the_part_that_a_value_came_from_is_asked_anew_and_no_other(tmp_path: Path) -> None:
    def answer(heard: Heard) -> Reply:
        good = slip_answer(heard)
        if 3 not in pages_of(heard) or complaint_of(heard):
            return good
        entries = [{"text": "a", "amount": 1, "_page": 3}, {"text": "b", "amount": "many", "_page": 4}]
        return chat_answer({"title": None, "total": None, "entries": entries})

    summary, heard = worked(answer, asked_of(tmp_path))

    first, second, third = heard
    assert sorted([pages_of(first), pages_of(second)]) == [[1, 2], [3, 4]]
    assert pages_of(third) == [3, 4]
    assert len(third.images) == 2
    assert "entries[1].amount: " in complaint_of(third)  # the second of its own, the fourth of the record
    assert "entries[3]" not in complaint_of(third)
    assert (summary.state, summary.records) == (RunState.COMPLETE, 1)
    assert table(tmp_path / "lake", "pages").sort("page")["remedy"].to_list() == [
        None,
        None,
        "repair",
        "repair",
    ]

    before = records(tmp_path / "lake").drop("_run")
    asyncio.run(rebuild(tmp_path / "lake", slip_type()))
    assert records(tmp_path / "lake").drop("_run").equals(before)


def test_for_what_nobody_gave_every_part_is_asked_anew(tmp_path: Path) -> None:
    def answer(heard: Heard) -> Reply:
        number = "A-1" if complaint_of(heard) and 3 in pages_of(heard) else None
        return chat_answer({"number": number, "total": 5 if 1 in pages_of(heard) else None})

    summary, heard = worked(answer, asked_of(tmp_path, record=type_of(Strict)))

    assert (summary.state, len(heard)) == (RunState.COMPLETE, 4)
    assert all("number: " in complaint_of(one) for one in heard[2:])
    assert records(tmp_path / "lake")["number"].to_list() == ["A-1"]


def test_what_only_the_record_as_a_whole_breaks_is_told_to_every_part(tmp_path: Path) -> None:
    def answer(heard: Heard) -> Reply:
        said = 2 if complaint_of(heard) else 7
        return chat_answer({"count": said, "entries": [f"of {pages_of(heard)[0]}"]})

    summary, heard = worked(answer, asked_of(tmp_path, record=type_of(Even)))

    assert (summary.state, len(heard)) == (RunState.COMPLETE, 4)
    assert all("record: value_error" in complaint_of(one) for one in heard[2:])


@pytest.mark.parametrize("repairs", [0, 1, 2])
def test_parts_that_stay_wrong_are_a_failure_after_as_many_repairs_as_are_allowed(
    tmp_path: Path, repairs: int
) -> None:
    def answer(heard: Heard) -> Reply:
        return chat_answer({"title": None, "total": "many" if 1 in pages_of(heard) else None, "entries": []})

    summary, heard = worked(answer, asked_of(tmp_path, budgets=Budgets(repairs=repairs)))

    (failure,) = table(tmp_path / "lake", "failures").to_dicts()
    assert (summary.state, summary.pages.failed) == (RunState.FAILURES, 4)
    assert len(heard) == failure["attempts"] == 2 + repairs
    assert "total: " in failure["message"]


def test_an_answer_that_is_worse_than_before_is_not_taken(tmp_path: Path) -> None:
    def answer(heard: Heard) -> Reply:
        if complaint_of(heard):
            return chat_answer("no JSON") if "total" in complaint_of(heard) else refusal(400)
        return chat_answer({"title": None, "total": "many", "entries": []})

    asked_of_all = asked_of(tmp_path, pages=3)
    summary, _ = worked(answer, asked_of_all)

    (failure,) = table(tmp_path / "lake", "failures").to_dicts()
    assert summary.pages.failed == 3
    assert failure["category"] == "invalid_answer"
    assert "total: " in failure["message"]


def test_a_stop_before_a_repair_leaves_the_pages_open_and_the_next_run_repairs(tmp_path: Path) -> None:
    event = threading.Event()

    def answer(heard: Heard) -> Reply:
        if complaint_of(heard) and not event.is_set():
            event.set()
            return refusal(402, "no credit left")
        if complaint_of(heard):
            return slip_answer(heard)
        return chat_answer({"title": None, "total": "many" if 1 in pages_of(heard) else None, "entries": []})

    asked = asked_of(tmp_path)
    with FaultServer(answer) as server:
        stopped = run(at(asked, server))
        after = run(at(asked, server))

    assert (stopped.state, stopped.pages.failed, stopped.pages.missing) == (RunState.STOPPED, 0, 4)
    assert (after.state, after.requests, after.answers_reused) == (RunState.COMPLETE, 1, 2)


def test_strips_that_do_not_fit_together_are_asked_anew_too(tmp_path: Path) -> None:
    def answer(heard: Heard) -> Reply:
        if "strip" not in heard.text:
            return chat_answer('{"title": "fr', finish_reason="length")
        total: object = 5 if complaint_of(heard) else "many"
        return chat_answer({"title": None, "total": total, "entries": []})

    asked = asked_of(tmp_path, pages=1, record=slip_type("page"), budgets=Budgets(ceiling_tokens=8192))
    summary, heard = worked(answer, asked)

    assert summary.state is RunState.COMPLETE
    assert {len(one.images) for one in heard} == {1}
    assert records(tmp_path / "lake")["total"].to_list() == [5]
    assert table(tmp_path / "lake", "pages")["remedy"].to_list() == ["bands, repair"]
