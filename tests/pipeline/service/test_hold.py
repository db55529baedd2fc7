import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.service.hold import STEP_S, Hold
from tests.pipeline.service.clocks import Clock


def held(clock: Clock, seconds: float = 3.0, dice: float = 0.0) -> Hold:
    hold = Hold(clock=clock, dice=lambda: dice)
    hold.ask_for(seconds)
    return hold


def test_nobody_asks_while_it_lasts() -> None:
    clock = Clock()
    hold = held(clock)
    clock.now_s += 2

    assert (hold.left_s, hold.wait_s()) == (1, 1)


def test_the_dice_make_it_longer_by_a_tenth_at_most_and_never_shorter() -> None:
    assert [held(Clock(), dice=dice).wait_s() for dice in (0.0, 1.0)] == [3, pytest.approx(3.3)]


def test_a_shorter_one_does_not_end_a_longer_one() -> None:
    hold = held(Clock(), 30)
    hold.ask_for(1)

    assert hold.wait_s() == 30


def test_without_an_answer_as_many_go_in_each_half_second_as_went_before() -> None:
    clock = Clock(0.0)
    hold = held(clock)
    went = []
    for _ in range(16):
        clock.now_s += hold.wait_s()
        went.append(clock.now_s - 3)
        hold.begun()

    counts = [len(list(group)) for _, group in itertools.groupby(went)]
    assert counts == [1, 1, 2, 4, 8]
    assert sorted(set(went)) == [step * STEP_S for step in range(5)]


def test_an_answer_to_what_went_out_afterwards_lets_all_go() -> None:
    clock = Clock()
    hold = held(clock)
    clock.now_s += 3
    hold.begun()
    before = hold.wait_s()
    hold.answered(clock.now_s)

    assert (before, hold.wait_s()) == (STEP_S, 0)


def test_an_answer_to_what_went_out_before_lets_nobody_go() -> None:
    clock = Clock()
    hold = held(clock)
    hold.answered(clock.now_s)

    assert hold.wait_s() == 3


@given(st.lists(st.tuples(st.sampled_from(["ask", "begin", "answer"]), st.floats(0, 5)), max_size=60))
def test_whatever_happens_what_was_asked_for_is_kept(events: list[tuple[str, float]]) -> None:
    clock = Clock(0.0)
    hold, asked_until_s = Hold(clock=clock, dice=lambda: 0.5), 0.0
    for event, seconds in events:
        if event == "ask":
            hold.ask_for(seconds)
            asked_until_s = max(asked_until_s, clock.now_s + seconds)
        elif event == "begin":
            clock.now_s += hold.wait_s()
            assert clock.now_s >= asked_until_s - 1e-9
            hold.begun()
        else:
            hold.answered(clock.now_s - seconds)
        assert hold.wait_s() >= asked_until_s - clock.now_s - 1e-9
