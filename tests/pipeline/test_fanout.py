"""Bounds on what is held and what is begun."""

import asyncio
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ServiceRefused
from pipeline.fanout import Budget, Halt, in_order

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def settle() -> None:
    """Let every task that can run come to its next wait."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_budget_makes_wait_what_does_not_fit() -> None:
    budget = Budget(10)
    await budget.acquire(7)
    waiting = asyncio.create_task(budget.acquire(4))
    await settle()
    assert not waiting.done()

    budget.release(7)
    await waiting


async def test_something_larger_than_the_budget_passes_alone() -> None:
    budget = Budget(10)

    await asyncio.wait_for(budget.acquire(50), 1)


async def test_a_large_one_is_not_overtaken() -> None:
    budget, order = Budget(10), []

    async def take(amount: int) -> None:
        await budget.acquire(amount)
        order.append(amount)

    await budget.acquire(8)
    tasks = [asyncio.create_task(take(9)), asyncio.create_task(take(1))]
    await settle()
    budget.release(8)
    await asyncio.gather(*tasks)

    assert order == [9, 1]


async def test_who_gives_up_waiting_holds_nothing() -> None:
    budget = Budget(10)
    await budget.acquire(10)
    waiting = asyncio.create_task(budget.acquire(5))
    await settle()
    waiting.cancel()
    await settle()
    budget.release(10)

    await asyncio.wait_for(budget.acquire(10), 1)


async def test_who_is_cancelled_just_when_served_gives_it_back() -> None:
    budget = Budget(10)
    await budget.acquire(10)
    waiting = asyncio.create_task(budget.acquire(5))
    await settle()
    budget.release(10)
    waiting.cancel()
    await settle()

    await asyncio.wait_for(budget.acquire(10), 1)


@given(amounts=st.lists(st.integers(1, 12), max_size=30))
def test_a_budget_is_never_exceeded_and_serves_everyone(amounts: list[int]) -> None:
    async def all_at_once() -> tuple[int, int]:
        budget, held, most = Budget(10), [0], [0]

        async def hold(amount: int) -> None:
            await budget.acquire(amount)
            held[0] += amount
            most[0] = max(most[0], held[0] if held[0] > amount else 0)
            await asyncio.sleep(0)
            held[0] -= amount
            budget.release(amount)

        await asyncio.wait_for(asyncio.gather(*map(hold, amounts)), 10)
        return held[0], most[0]

    left, most = asyncio.run(all_at_once())

    assert left == 0
    assert most <= 10


async def collected(items: Iterable[int], delays: dict[int, int], width: int) -> tuple[list[int], int]:
    running, most = [0], [0]

    async def do(item: int) -> int:
        running[0] += 1
        most[0] = max(most[0], running[0])
        for _ in range(delays.get(item, 0)):
            await asyncio.sleep(0)
        running[0] -= 1
        return item

    async with asyncio.TaskGroup() as group:
        found = [result async for result in in_order(do, items, group, width=width)]
    return found, most[0]


async def test_results_keep_the_order_of_items_however_long_each_takes() -> None:
    found, most = await collected(range(12), {0: 50, 1: 40, 2: 40, 3: 20}, width=4)

    assert found == list(range(12))
    assert most == 4


async def test_items_are_not_taken_before_there_is_room() -> None:
    taken = []

    def items() -> Iterable[int]:
        for number in range(100):
            taken.append(number)
            yield number

    async def do(item: int) -> int:
        return item

    async with asyncio.TaskGroup() as group:
        results = in_order(do, items(), group, width=3)
        await anext(results)
        assert len(taken) == 3
        assert [result async for result in results] == list(range(1, 100))


async def test_the_first_refusal_is_the_one_that_is_told() -> None:
    halt = Halt()
    halt.refuse(ServiceRefused("first"))
    halt.refuse(ServiceRefused("second"))

    assert halt.requested
    assert str(halt.refusal) == "first"
