"""Whole runs whose answers will not do at first."""

import asyncio
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl

from pipeline.cost import Prices
from pipeline.errors import REMEDIES, Category
from pipeline.rebuild import rebuild
from pipeline.remedies import Budgets
from pipeline.store.tables import SPENT
from pipeline.summary import RunState, RunSummary
from tests.papers import write_pdf
from tests.pipeline.runs import config, records, run, slip_answer, slip_type, table
from tests.servers import Answer, FaultServer, Heard, Reply, chat_answer, refusal

STUCK = '{"title": "a"' + "\n" * 2000


def remedies(lake: Path) -> list[str | None]:
    return table(lake, "pages").sort("page")["remedy"].to_list()


def worked(
    answer: Answer, tmp_path: Path, pages: int = 1, **changes: object
) -> tuple[RunSummary, list[Heard]]:
    """A run over one document, and the same again, which must not ask anything."""
    write_pdf(tmp_path / "a.pdf", [f"page {number}" for number in range(1, pages + 1)])
    with FaultServer(answer) as server:
        asked = config(server.base_url, tmp_path / "lake", tmp_path / "a.pdf", **changes)
        summary = run(asked)
        heard = list(server.asked)
        again = run(asked)
        assert len(server.asked) == len(heard)
    assert again.pages == summary.pages
    return summary, heard


def test_a_cut_answer_is_asked_for_with_more_tokens(tmp_path: Path) -> None:
    def answer(heard: Heard) -> Reply:
        whole = slip_answer(heard)
        if heard.body["max_tokens"] > 8192:
            return whole
        return chat_answer('{"title": "fr', finish_reason="length")

    summary, heard = worked(answer, tmp_path)

    assert [one.body["max_tokens"] for one in heard] == [8192, 16_384]
    assert (summary.state, summary.records, summary.requests) == (RunState.COMPLETE, 1, 2)
    assert remedies(tmp_path / "lake") == ["more tokens"]


def test_what_no_answer_holds_is_asked_for_in_halves(tmp_path: Path) -> None:
    def answer(heard: Heard) -> Reply:
        if len(heard.images) > 2:
            return chat_answer('{"title": "fr', finish_reason="length")
        return slip_answer(heard)

    summary, heard = worked(answer, tmp_path, pages=5, budgets=Budgets(ceiling_tokens=8192))

    assert sorted(len(one.images) for one in heard) == [1, 2, 2, 3, 5]
    assert (summary.state, summary.pages.in_records) == (RunState.COMPLETE, 5)
    (entries,) = records(tmp_path / "lake")["entries"].to_list()
    assert [entry["text"] for entry in entries] == [f"entry of page {page}" for page in range(1, 6)]
    assert set(remedies(tmp_path / "lake")) == {"fewer pages"}


def test_a_request_that_is_too_large_is_asked_in_halves(tmp_path: Path) -> None:
    def answer(heard: Heard) -> Reply:
        return refusal(413) if len(heard.images) > 1 else slip_answer(heard)

    summary, _ = worked(answer, tmp_path, pages=3)

    assert (summary.state, summary.pages.in_records) == (RunState.COMPLETE, 3)


def test_a_lone_page_that_is_too_large_is_a_failure(tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf", ["one"])
    with FaultServer([refusal(413)]) as server:
        summary = run(config(server.base_url, tmp_path / "lake", tmp_path / "a.pdf"))

    assert (summary.state, summary.pages.failed) == (RunState.FAILURES, 1)


def test_an_answer_that_is_stuck_is_decoded_in_another_way(tmp_path: Path) -> None:
    def answer(heard: Heard) -> Reply:
        if "frequency_penalty" in heard.body:
            return slip_answer(heard)
        return chat_answer(STUCK, finish_reason="length")

    summary, heard = worked(answer, tmp_path)

    assert summary.state is RunState.COMPLETE
    assert [one.body["temperature"] for one in heard] == [0.0, 0.3]
    assert remedies(tmp_path / "lake") == ["other decoding"]


def test_an_answer_that_breaks_the_schema_is_sent_back_with_its_errors(tmp_path: Path) -> None:
    def answer(heard: Heard) -> Reply:
        if len(heard.body["messages"]) > 2:
            return slip_answer(heard)
        return chat_answer({"title": "a", "total": "twelve and a half"})

    summary, heard = worked(answer, tmp_path)

    shown, complaint = heard[1].body["messages"][2:]
    assert summary.state is RunState.COMPLETE
    assert shown == {"role": "assistant", "content": json.dumps({"title": "a", "total": "twelve and a half"})}
    assert "total" in complaint["content"]
    assert len(heard[1].images) == 1
    assert remedies(tmp_path / "lake") == ["repair"]


def test_what_nothing_helps_is_a_failure_with_its_last_reason(tmp_path: Path) -> None:
    summary, heard = worked(lambda _: chat_answer({"total": "twelve"}), tmp_path)

    assert (summary.state, summary.pages.failed) == (RunState.FAILURES, 1)
    assert len(heard) == 2


def test_every_answer_on_the_way_is_kept_with_its_price(tmp_path: Path) -> None:
    def answer(heard: Heard) -> Reply:
        return slip_answer(heard) if heard.number else chat_answer("")

    prices = Prices(input=Decimal(1), output=Decimal(2), cached=None)
    summary, _ = worked(answer, tmp_path, prices=prices)

    costs = table(tmp_path / "lake", "answers")["cost"]
    assert len(costs) == 2
    assert summary.cost == float(costs.sum())


def test_a_model_that_declines_is_asked_once_more_in_another_way(tmp_path: Path) -> None:
    def answer(heard: Heard) -> Reply:
        return slip_answer(heard) if heard.number else chat_answer("I'm sorry, I can't help with that.")

    summary, heard = worked(answer, tmp_path)

    assert summary.state is RunState.COMPLETE
    assert [len(one.body["messages"]) for one in heard] == [2, 2]
    assert remedies(tmp_path / "lake") == ["other decoding"]


def test_a_model_that_goes_on_declining_is_a_failure_of_its_own_kind(tmp_path: Path) -> None:
    summary, heard = worked(lambda _: chat_answer(None, finish_reason="content_filter"), tmp_path)

    (failure,) = table(tmp_path / "lake", "failures").to_dicts()
    assert (summary.state, len(heard)) == (RunState.FAILURES, 2)
    assert (failure["category"], failure["remedy"]) == ("refused", REMEDIES[Category.REFUSED])


def test_a_failure_tells_what_was_paid_for_it_in_vain(tmp_path: Path) -> None:
    def answer(heard: Heard) -> Reply:
        return chat_answer({"total": "twelve"}) if "Page 1 of" in heard.text else slip_answer(heard)

    prices = Prices(input=Decimal(1), output=Decimal(2), cached=None)
    worked(answer, tmp_path, prices=prices, record=slip_type("page"), pages=2)

    (failure,) = table(tmp_path / "lake", "failures").to_dicts()
    answers = table(tmp_path / "lake", "answers").filter(pl.col("pages") == pl.lit(failure["pages"]))
    assert (failure["attempts"], answers.height) == (2, 2)
    for name in ("prompt_tokens", "completion_tokens", "cached_tokens", "cost"):
        assert failure[name] == answers[name].sum()

    asyncio.run(rebuild(tmp_path / "lake", slip_type("page")))
    (rebuilt,) = table(tmp_path / "lake", "failures").to_dicts()
    assert {name: rebuilt[name] for name in SPENT} == {name: failure[name] for name in SPENT}


def test_an_answer_about_pages_that_fail_apart_is_counted_once(tmp_path: Path) -> None:
    def answer(heard: Heard) -> Reply:
        if len(heard.images) > 1:
            return chat_answer('{"title": "fr', finish_reason="length")
        return refusal(400, "not this one")

    prices = Prices(input=Decimal(1), output=Decimal(2), cached=None)
    write_pdf(tmp_path / "a.pdf", ["one", "two"])
    with FaultServer(answer) as server:
        asked = config(server.base_url, tmp_path / "lake", tmp_path / "a.pdf", prices=prices)
        summary = run(replace(asked, budgets=Budgets(ceiling_tokens=8192)))

    failures = table(tmp_path / "lake", "failures")
    assert failures["pages"].to_list() == [[1], [2]]
    assert failures["cost"].sum() == table(tmp_path / "lake", "answers")["cost"].sum()
    assert summary.cost == float(failures["cost"].sum())


def test_records_rebuilt_from_remedied_answers_are_the_same(tmp_path: Path) -> None:
    def answer(heard: Heard) -> Reply:
        if len(heard.images) > 2:
            return chat_answer('{"title": "fr', finish_reason="length")
        return slip_answer(heard)

    worked(answer, tmp_path, pages=4, budgets=Budgets(ceiling_tokens=8192))
    before = records(tmp_path / "lake").drop("_run")

    asyncio.run(rebuild(tmp_path / "lake", slip_type()))

    assert records(tmp_path / "lake").drop("_run").equals(before)


def test_lakes_of_older_versions_get_the_columns(tmp_path: Path) -> None:
    worked(slip_answer, tmp_path)
    for folder, names in (("pages", ["remedy"]), ("answers", ["refusal"]), ("failures", SPENT[1:])):
        for part in (tmp_path / "lake" / folder).glob("*.parquet"):
            pl.read_parquet(part).drop(names).write_parquet(part)
    write_pdf(tmp_path / "b.pdf", ["another"])
    with FaultServer(slip_answer) as server:
        run(config(server.base_url, tmp_path / "lake", tmp_path / "b.pdf"))

    assert remedies(tmp_path / "lake") == [None, None]
    assert table(tmp_path / "lake", "answers")["refusal"].to_list() == [None, None]


def test_an_answer_that_a_refusal_led_to_after_another_remedy_is_found_again(tmp_path: Path) -> None:
    """The document is walked again for its other page; a refusal leaves nothing behind to find the way by."""
    broken = chat_answer({"title": "a", "total": "many", "entries": []})
    replies = [broken, refusal(413)]

    def answer(heard: Heard) -> Reply:
        if "Page 2" in heard.text:
            return refusal(400, "not this one")
        return replies.pop(0) if replies else slip_answer(heard)

    write_pdf(tmp_path / "a.pdf", ["page 1", "page 2"])
    with FaultServer(answer) as server:
        asked = config(server.base_url, tmp_path / "lake", tmp_path / "a.pdf", record=slip_type("page"))
        first = run(asked)
        before = len(server.asked)
        run(asked)
        again = server.asked[before:]

    assert (first.pages.in_records, first.pages.failed) == (1, 1)
    assert ["Page 1" in heard.text for heard in again] == [False]
