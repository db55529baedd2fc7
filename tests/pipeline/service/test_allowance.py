import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.service.allowance import Allowance, Caps
from tests.pipeline.service.clocks import Clock


def test_without_caps_nothing_is_waited_for() -> None:
    allowance = Allowance(Caps(), Clock())
    for _ in range(1000):
        allowance.begun()
    allowance.used(10**9)

    assert allowance.wait_s(500) == 0


def test_requests_are_spaced() -> None:
    clock = Clock()
    allowance = Allowance(Caps(requests_per_minute=30), clock)

    allowance.begun()
    after = allowance.wait_s(1)
    clock.now_s += 2

    assert (after, allowance.wait_s(1)) == (2, 0)


@pytest.mark.parametrize("per_minute", [1, 10, 600, 6000])
def test_a_minute_has_no_more_requests_than_the_cap_and_two_seconds_more(per_minute: int) -> None:
    clock = Clock(0.0)
    allowance = Allowance(Caps(requests_per_minute=per_minute), clock)

    sent = 0
    while clock.now_s < 60:
        if (wait_s := allowance.wait_s(0)) > 1e-9:
            clock.now_s += wait_s
            continue
        allowance.begun()
        sent += 1

    assert 0.95 * per_minute <= sent <= per_minute * 62 / 60 + 1


def test_tokens_are_waited_for_after_they_were_used() -> None:
    clock = Clock()
    allowance = Allowance(Caps(tokens_per_minute=60_000), clock)  # 1,000 a second, 2,000 at once

    allowance.used(5000)

    assert allowance.wait_s(0) == 2000 / 1000 + 3000 / 1000


def test_requests_in_flight_count_with_the_mean_of_those_before() -> None:
    clock = Clock()
    allowance = Allowance(Caps(tokens_per_minute=60_000), clock)
    allowance.used(500)  # leaves 1,500

    assert allowance.wait_s(2) == 0
    assert allowance.wait_s(3) == 0.5


@given(uses=st.lists(st.integers(1, 100_000), min_size=30, max_size=100), per_minute=st.integers(1000, 10**6))
def test_tokens_stay_within_the_cap_but_for_what_was_in_flight(uses: list[int], per_minute: int) -> None:
    clock = Clock(0.0)
    allowance = Allowance(Caps(tokens_per_minute=per_minute), clock)
    for used in uses:
        clock.now_s += allowance.wait_s(0)
        allowance.used(used)

    assert sum(uses[:-1]) <= per_minute / 60 * (clock.now_s + 2) + max(uses)
