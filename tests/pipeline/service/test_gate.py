import asyncio
import time

import pytest

from pipeline.service.gate import Closed, Gate
from pipeline.service.pace import Pace, Permit
from tests.pipeline.service.connecting import open_gate

pytestmark = pytest.mark.anyio


async def turns(times: int = 3) -> None:
    for _ in range(times):
        await asyncio.sleep(0)


async def test_those_who_wait_go_in_the_order_they_came() -> None:
    gate = open_gate(1)
    order: list[int] = []

    async def visit(number: int) -> None:
        permit = await gate.enter()
        order.append(number)
        await asyncio.sleep(0)
        gate.pace.answered(permit)
        gate.serve()

    async with asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(visit(number))

    assert order == list(range(20))
    assert gate.pace.in_flight == 0


async def test_nobody_overtakes_those_who_wait() -> None:
    gate = open_gate(1)
    first = await gate.enter()
    second = asyncio.create_task(gate.enter())
    await turns()
    gate.pace.answered(first)  # there is room, and somebody waits for it
    third = asyncio.create_task(gate.enter())
    await turns()

    assert second.done()
    assert not third.done()
    third.cancel()


async def test_a_hold_ends_by_itself() -> None:
    gate = open_gate()
    gate.pace.limited(await gate.enter(), 0.05)
    begun = time.monotonic()

    await gate.enter()

    assert time.monotonic() - begun >= 0.05


async def test_whoever_is_cancelled_takes_no_place() -> None:
    gate = open_gate(1)
    first = await gate.enter()
    waiting = [asyncio.create_task(gate.enter()) for _ in range(3)]
    await turns()
    waiting[0].cancel()
    gate.pace.answered(first)
    gate.serve()
    waiting[1].cancel()  # served in this very turn, and cancelled before it knows
    await turns()

    assert isinstance(await waiting[2], Permit)
    assert gate.pace.in_flight == 1


async def test_a_closed_gate_turns_away_who_waits_and_who_comes() -> None:
    gate = open_gate(1)
    await gate.enter()
    waiting = asyncio.create_task(gate.enter())
    await turns()

    gate.close()

    with pytest.raises(Closed):
        await waiting
    with pytest.raises(Closed):
        await gate.enter()


async def test_a_wait_that_is_over_a_little_early_is_waited_again() -> None:
    """The loop's timer may fire before the pace's own clock says that it is time."""
    now = [0.0]
    gate = Gate(Pace(1, clock=lambda: now[0], dice=lambda: 0.0))
    gate.pace.limited(await gate.enter(), 0.01)
    waiting = asyncio.create_task(gate.enter())
    await asyncio.sleep(0.03)
    early = waiting.done()
    now[0] = 0.01

    await asyncio.wait_for(waiting, 5)

    assert not early
