"""What a dry run says, held against what a run does."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.cost import Prices
from pipeline.errors import StoreError
from pipeline.estimate import plan
from pipeline.windows import WindowLimits
from tests.papers import write_pdf
from tests.pipeline.runs import config, run, slip_answer, slip_type
from tests.servers import FaultServer, refusal


def test_a_plan_asks_nothing_and_writes_nothing(tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf", ["one"])
    with FaultServer(slip_answer) as server:
        asyncio.run(plan(config(server.base_url, tmp_path / "lake", tmp_path / "a.pdf")))

        assert server.heard == []
    assert not (tmp_path / "lake").exists()


def test_a_plan_counts_what_the_run_then_asks(tmp_path: Path) -> None:
    write_pdf(tmp_path / "in" / "a.pdf", [f"page {n}" for n in range(7)])
    write_pdf(tmp_path / "in" / "b.pdf", ["one"])
    (tmp_path / "in" / "c.pdf").write_bytes((tmp_path / "in" / "b.pdf").read_bytes())
    (tmp_path / "in" / "broken.pdf").write_bytes(b"%PDF-1.4 cut")
    with FaultServer(slip_answer) as server:
        asked = config(
            server.base_url, tmp_path / "lake", tmp_path / "in", windows=WindowLimits(max_images=3)
        )
        planned = asyncio.run(plan(asked))
        done = run(asked)
        again = asyncio.run(plan(asked))

    assert (planned.documents, planned.duplicates, planned.pages) == (2, 1, 8)
    assert planned.requests == done.requests == 4
    assert [failure.category for failure in planned.unusable] == ["corrupt"]
    assert (again.requests, again.documents_done) == (0, 2)


def test_a_page_schema_asks_once_a_page(tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf", ["one", "two", "three"])

    planned = asyncio.run(
        plan(config("http://127.0.0.1:9/v1", tmp_path / "lake", tmp_path / "a.pdf", record=slip_type("page")))
    )

    assert planned.requests == planned.images == 3


def test_cost_lies_between_no_answer_and_the_longest_answers(tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf", ["one"])
    prices = Prices(input=Decimal(1), output=Decimal(2), batch_discount=Decimal("0.25"))

    planned = asyncio.run(
        plan(config("http://127.0.0.1:9/v1", tmp_path / "lake", tmp_path / "a.pdf", prices=prices))
    )

    assert planned.cost is not None
    assert planned.cost_batch is not None
    least, most = planned.cost
    assert least == planned.prompt_tokens / 1e6
    assert most == (planned.prompt_tokens + 2 * planned.completion_tokens) / 1e6
    assert planned.cost_batch == pytest.approx((0.75 * least, 0.75 * most))


@pytest.mark.parametrize("unit", ["page", "document"])
def test_answers_that_the_lake_has_are_not_counted_again(unit: str, tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf", ["one", "two", "three", "four", "five"])
    with FaultServer(
        lambda heard: refusal(400, "bad image") if "Page 3" in heard.text else slip_answer(heard)
    ) as server:
        asked = config(
            server.base_url,
            tmp_path / "lake",
            tmp_path / "a.pdf",
            record=slip_type(unit),
            windows=WindowLimits(max_images=2),
        )
        run(asked)
        planned = asyncio.run(plan(asked))
        again = run(asked)

    assert planned.requests == again.requests == 1
    assert planned.pages == 5
    assert planned.images == (1 if unit == "page" else 2)


def test_a_damaged_lake_is_named_before_anything_is_planned(tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf", ["one"])
    damaged = tmp_path / "lake" / "documents" / "part-20260101T000000000000-00001-000.parquet"
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(b"PAR1")

    with pytest.raises(StoreError, match="cannot be read"):
        asyncio.run(plan(config("http://127.0.0.1:9/v1", tmp_path / "lake", tmp_path / "a.pdf")))
