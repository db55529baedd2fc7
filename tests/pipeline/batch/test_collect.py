"""The answers of a job that is over, on their way into the lake."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.batch.collect import Collecting, collect
from pipeline.batch.job import BatchJob, Step
from pipeline.batch.moves import Mover
from pipeline.batch.road import TRIES, Remainder
from pipeline.cost import Prices
from pipeline.records import Answer, Usage
from pipeline.store.columns import columns_of
from pipeline.store.lake import Lake
from pipeline.store.tables import records_table
from tests.batches import BatchService, End, control_of, error, line, served
from tests.pipeline.batch.jobs import sealed
from tests.pipeline.runs import Slip, table
from tests.servers import Heard, Reply, chat_answer

PRICES = Prices(input=Decimal(1), output=Decimal(10), batch_discount=Decimal("0.5"))


def answer(_heard: Heard) -> Reply:
    return chat_answer({"total": 1})


def price(usage: Usage) -> Decimal:
    return PRICES.of(usage, "batch")


class Collection:
    """Collects the one job of a lake, again and again."""

    def __init__(self, lake: Path, base_url: str, remainder: Remainder) -> None:
        self.lake, self._base_url, self._remainder = lake, base_url, remainder
        self.folder, self.job = sealed(lake)

    def __call__(self) -> tuple[BatchJob, list[Answer]]:
        return asyncio.run(self._collect())

    async def _collect(self) -> tuple[BatchJob, list[Answer]]:
        table = records_table("slip", columns_of(Slip))
        async with control_of(self._base_url) as control:
            mover = Mover(control=control)
            with Lake(self.lake, table, "slip") as lake:
                by = Collecting(lake=lake, mover=mover, price=price, remainder=self._remainder)
                job = await mover.move(self.folder, self.folder.load())
                assert job.step is Step.OVER
                return await collect(self.folder, job, by)


def first_of(_job: str, rows: Mapping[str, Any]) -> End:
    """The first row is answered, the job expires with the others."""
    return End(state="EXPIRED", rows=[line(one, rows[one]) for one in list(rows)[:1]])


def test_answers_are_kept_once_at_the_price_of_batch_jobs(tmp_path: Path) -> None:
    with served(answer) as (service, server):
        collecting = Collection(tmp_path, server.base_url, Remainder.CONTINUE)
        job, answers = collecting()
        answers_table = table(tmp_path, "answers")

    assert (job.step, job.answered, job.failed) == (Step.COLLECTED, 3, 0)
    assert [one.cost for one in answers] == [Decimal("0.0006")] * 3  # half of 1000 at $1 and 20 at $10
    assert set(answers_table["custom_id"]) == {"r1", "r2", "r3"} == set(service.paid)
    assert set(answers_table["road"]) == {"batch"}
    assert (collecting.folder.load(), collecting.folder.left()) == (job, [])
    assert not collecting.folder.output.exists()


def test_what_is_collected_twice_is_kept_once(tmp_path: Path) -> None:
    """As after a kill between the writing of the answers and the job's being marked."""
    with served(answer, ends=first_of) as (_, server):
        collecting = Collection(tmp_path, server.base_url, Remainder.RESUBMIT)
        first, answers = collecting()
        before, left = table(tmp_path, "answers"), collecting.folder.left()
        collecting.folder.save(first.model_copy(update={"step": Step.OVER}))
        second, none = collecting()

    assert (len(answers), none, second) == (1, [], first)
    assert table(tmp_path, "answers").equals(before)
    assert (collecting.folder.left(), [one.custom_id for one in left]) == (left, ["r2", "r3"])


def continued(service: BatchService) -> list[str]:
    return [job for job in service.jobs if service.jobs[job].get("continuedFromJobName")]


def test_a_job_that_ended_early_is_continued_but_not_for_ever(tmp_path: Path) -> None:
    def none(_job: str, _rows: Mapping[str, Any]) -> End:
        return End(state="EXPIRED")

    with served(answer, ends=none) as (service, server):
        collecting = Collection(tmp_path, server.base_url, Remainder.CONTINUE)
        steps: list[Step] = []
        while not steps or steps[-1] is not Step.COLLECTED:
            steps.append(collecting()[0].step)

    assert steps == [Step.UPLOADED] * (TRIES - 1) + [Step.COLLECTED]
    assert len(continued(service)) == TRIES - 1
    assert [one.custom_id for one in collecting.folder.left()] == ["r1", "r2", "r3"]


def test_a_continuation_gives_what_was_missing_and_nothing_twice(tmp_path: Path) -> None:
    with served(answer, ends=first_of) as (service, server):
        collecting = Collection(tmp_path, server.base_url, Remainder.CONTINUE)
        collected = [[one.custom_id for one in collecting()[1]] for _ in range(3)]

    assert (collected, service.paid) == ([["r1"], ["r2"], ["r3"]], {"r1": 1, "r2": 1, "r3": 1})
    assert collecting.folder.load().step is Step.COLLECTED
    assert set(service.made.values()) == {1}


@pytest.mark.parametrize("state", ["FAILED", "DELETED"])
def test_a_job_that_failed_or_is_gone_is_not_continued(tmp_path: Path, state: str) -> None:
    def ends(_job: str, rows: Mapping[str, Any]) -> End:
        return End(state=state, rows=first_of("", rows).rows)

    with served(answer, ends=ends) as (service, server):
        collecting = Collection(tmp_path, server.base_url, Remainder.CONTINUE)
        job, answers = collecting()

    assert (job.step, [one.custom_id for one in answers]) == (Step.COLLECTED, ["r1"])
    assert continued(service) == []


@pytest.mark.parametrize("remainder", [Remainder.RESUBMIT, Remainder.ONLINE, Remainder.LEAVE])
def test_nothing_is_continued_that_goes_another_way(tmp_path: Path, remainder: Remainder) -> None:
    with served(answer, ends=first_of) as (service, server):
        job, _ = Collection(tmp_path, server.base_url, remainder)()

    assert (job.step, job.answered, job.failed, continued(service)) == (Step.COLLECTED, 1, 2, [])


def test_nothing_is_continued_for_the_sake_of_what_would_be_refused_again(tmp_path: Path) -> None:
    def refuse(_job: str, rows: Mapping[str, Any]) -> End:
        return End(errors=[error(one, 400) for one in rows])

    with served(answer, ends=refuse) as (service, server):
        job, _ = Collection(tmp_path, server.base_url, Remainder.CONTINUE)()

    assert (job.step, job.failed, continued(service)) == (Step.COLLECTED, 3, [])


def test_what_was_refused_stays_refused_where_a_continuation_passes_over_it(tmp_path: Path) -> None:
    def once(job: str, _rows: Mapping[str, Any]) -> End:
        return End(state="EXPIRED", errors=[] if "-c" in job else [error("r1", 400, "too long")])

    with served(answer, ends=once) as (_, server):
        collecting = Collection(tmp_path, server.base_url, Remainder.CONTINUE)
        for _ in range(TRIES):
            collecting()

    left = collecting.folder.left()
    assert [(one.custom_id, one.is_final) for one in left] == [("r1", True), ("r2", False), ("r3", False)]
    assert left[0].reason == "the batch job could not answer (too long)"


@pytest.mark.parametrize("errors", [None, []])
def test_a_file_of_errors_may_be_empty_or_missing(tmp_path: Path, errors: list[str] | None) -> None:
    def ends(_job: str, rows: Mapping[str, Any]) -> End:
        return End(rows=[line(one, rows[one]) for one in rows], errors=errors)

    with served(answer, ends=ends) as (_, server):
        job, answers = Collection(tmp_path, server.base_url, Remainder.CONTINUE)()

    assert (job.step, len(answers)) == (Step.COLLECTED, 3)


def test_odd_lines_cost_nothing_but_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def odd(_job: str, rows: Mapping[str, Any]) -> End:
        good = [line(one, {"status_code": 200, "body": rows[one]}) for one in rows]
        return End(rows=["{", line("x1", rows["r1"]), *good, good[0], "", '{"custom_id": "r2", "resp'])

    with served(answer, ends=odd) as (_, server):
        job, answers = Collection(tmp_path, server.base_url, Remainder.CONTINUE)()

    assert (job.step, len(answers)) == (Step.COLLECTED, 3)
    assert "has odd lines: 1 repeated, 1 foreign, 2 broken" in caplog.text


def test_of_two_answers_to_one_request_the_lake_keeps_the_last(tmp_path: Path) -> None:
    def twice(_job: str, rows: Mapping[str, Any]) -> End:
        other = {**rows["r1"], "choices": [{"message": {"content": "later"}, "finish_reason": "stop"}]}
        return End(rows=[*(line(one, rows[one]) for one in rows), line("r1", other)])

    with served(answer, ends=twice) as (_, server):
        Collection(tmp_path, server.base_url, Remainder.CONTINUE)()

    kept = table(tmp_path, "answers")
    assert kept.height == 3
    assert kept.filter(pl.col("custom_id") == "r1")["content"].to_list() == ["later"]
