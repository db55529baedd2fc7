import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.cost import Prices
from pipeline.errors import BudgetSpent
from pipeline.purse import Purse, estimated_tokens
from pipeline.records import Request, Usage
from pipeline.requests import Sampling
from pipeline.summary import RunState
from tests.papers import write_pdf
from tests.pipeline.runs import config, run, slip_answer, slip_type, table
from tests.servers import FaultServer, Heard, Reply, late

A_DOLLAR_A_TOKEN = Prices(input=Decimal(1_000_000), output=Decimal(1_000_000))


def request(text_bytes: int = 39, max_tokens: int = 10) -> Request:
    """A request of ten prompt tokens, and so of twenty dollars at most, unless said otherwise."""
    return Request(
        custom_id="a",
        doc_id="d",
        pages=(1,),
        partial=False,
        max_tokens=max_tokens,
        model="m",
        head=b"x" * text_bytes,
        images=(),
    )


async def paid(purse: Purse, usage: Usage | None, asked: Request | None = None) -> None:
    async with purse.pay(asked or request()) as payment:
        payment.usage = usage


@pytest.mark.anyio
async def test_requests_are_paid_for_until_the_next_might_cost_too_much() -> None:
    purse = Purse(Decimal(50), A_DOLLAR_A_TOKEN)

    await paid(purse, Usage(prompt_tokens=10, completion_tokens=10))
    await paid(purse, Usage(prompt_tokens=10, completion_tokens=2))
    with pytest.raises(BudgetSpent, match=r"\$50 .*\$32\.0000 is spent.*\$21\.0000"):
        await paid(purse, None)


@pytest.mark.anyio
async def test_what_gave_no_answer_costs_nothing() -> None:
    purse = Purse(Decimal(25), A_DOLLAR_A_TOKEN)

    for _ in range(10):
        await paid(purse, None)


@pytest.mark.anyio
async def test_what_is_under_way_counts_at_its_most_expensive() -> None:
    purse = Purse(Decimal(50), A_DOLLAR_A_TOKEN)
    under_way = 0
    most = 0

    async def ask() -> None:
        nonlocal under_way, most
        async with purse.pay(request()) as payment:
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.001)
            under_way -= 1
            payment.usage = Usage(prompt_tokens=1)

    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(ask())

    assert most == 2


@pytest.mark.anyio
async def test_a_model_that_counts_more_tokens_is_learned_from() -> None:
    purse = Purse(Decimal(100), A_DOLLAR_A_TOKEN)

    await paid(purse, Usage(prompt_tokens=30))  # three times the estimate
    with pytest.raises(BudgetSpent):
        await paid(purse, None, request(text_bytes=100))  # 25 tokens, which may be 75


@pytest.mark.anyio
async def test_without_a_limit_or_prices_everything_is_paid_for() -> None:
    for purse in (Purse(None, A_DOLLAR_A_TOKEN), Purse(None, None)):
        await paid(purse, Usage(prompt_tokens=10**12))
        await paid(purse, None)


def test_the_estimate_counts_text_and_images() -> None:
    assert estimated_tokens(request(text_bytes=400)) == 100


def test_a_run_never_costs_more_than_its_limit_and_the_next_goes_on(tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf", [f"page {number}" for number in range(1, 13)])
    prices = Prices(input=Decimal(1), output=Decimal(1))
    limit = Decimal("0.008")  # each answer counts 1,020 tokens, and may count some 4,000

    def answer(heard: Heard) -> Reply:
        return late(slip_answer(heard), 0.05)

    with FaultServer(answer) as server:
        asked = config(
            server.base_url,
            tmp_path / "lake",
            tmp_path / "a.pdf",
            record=slip_type("page"),
            sampling=Sampling(max_tokens=1000),
            prices=prices,
            max_cost=limit,
        )
        stopped = run(asked)
        first = table(tmp_path / "lake", "answers")
        rest = [run(asked) for _ in range(12)]
        asked_in_all = len(server.asked)

    assert stopped.state is RunState.STOPPED
    assert stopped.exit_code == 3
    assert "--max-cost" in stopped.reason
    assert 0 < first["cost"].sum() <= limit
    assert 0 < stopped.records < 12
    assert rest[-1].state is RunState.COMPLETE
    assert asked_in_all == 12
