import heapq
import itertools
import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.service.allowance import Caps
from pipeline.service.breaker import OPENS_AFTER
from pipeline.service.pace import Pace, Permit
from tests.pipeline.service.clocks import Clock


def pace(clock: Clock | None = None, ceiling: int = 64, caps: Caps | None = None) -> Pace:
    return Pace(ceiling, clock=clock or Clock(), dice=lambda: 1.0, caps=caps)


def fill(one: Pace) -> list[Permit]:
    """As many permits as there are to be had at once."""
    permits = []
    while one.wait_s() == 0:
        permits.append(one.begin())
    return permits


def round_of(one: Pace, clock: Clock) -> int:
    """Requests at once, all answered a second later."""
    permits = fill(one)
    clock.now_s += 1
    for permit in permits:
        one.answered(permit)
    return len(permits)


def test_it_begins_modestly_and_doubles_up_to_the_ceiling() -> None:
    clock = Clock()
    one = pace(clock, ceiling=50)

    assert [round_of(one, clock) for _ in range(4)] == [12, 24, 48, 50]
    assert [change.limit for change in one.history] == [12, 24, 48, 50]


def test_a_limit_that_is_not_used_does_not_grow() -> None:
    clock = Clock()
    one = pace(clock)
    for _ in range(100):
        one.answered(one.begin())
        clock.now_s += 1

    assert one.limit == 16


def test_the_ceiling_is_the_end() -> None:
    one = pace(ceiling=3)

    assert len(fill(one)) == 3
    assert one.wait_s() == math.inf


def test_a_429_takes_a_fifth_once_for_all_that_were_under_way() -> None:
    one = pace(Clock())
    permits = fill(one)

    for permit in permits:
        one.limited(permit)

    assert one.limit == 12  # of 16
    assert [change.reason for change in one.history] == ["start", "rate limit"]


def test_a_429_of_a_request_sent_after_it_takes_another_fifth() -> None:
    clock = Clock()
    one = pace(clock)
    one.limited(fill(one)[0])
    clock.now_s += 1
    again = one.begin()
    one.limited(again)

    assert [change.limit for change in one.history] == [16, 12, 10]


def test_one_request_is_always_left() -> None:
    clock = Clock()
    one = pace(clock, ceiling=2)
    for _ in range(20):
        clock.now_s += 1
        one.limited(one.begin())

    assert one.limit == 1


def test_after_trouble_nothing_grows_for_a_while_and_then_by_one_a_round() -> None:
    clock = Clock()
    one = pace(clock)
    one.limited(one.begin())  # alone at the service: a fifth less than half of the 16
    limits = []
    for _ in range(12):
        clock.now_s += 1
        permits = fill(one)
        for permit in permits:
            one.answered(permit)
        limits.append(one.limit)

    assert limits[:4] == [6, 6, 6, 6]
    assert all(after - before <= 1 for before, after in itertools.pairwise(limits))
    assert limits[-1] >= 10


def test_retry_after_holds_everybody_and_a_shorter_one_does_not_end_it() -> None:
    clock = Clock()
    one = Pace(64, clock=clock, dice=lambda: 0.0)
    first, second, third = one.begin(), one.begin(), one.begin()
    one.limited(first, 30)
    one.limited(second, 2)
    one.failed(third, 1)
    held = one.wait_s()
    clock.now_s += 30

    assert (held, one.wait_s()) == (30, 0)


def test_after_retry_after_one_request_goes_out_to_see_and_its_answer_lets_the_others_go() -> None:
    clock = Clock()
    one = pace(clock)
    for permit in fill(one):
        one.limited(permit, 3)
    clock.now_s += one.wait_s()
    probes = fill(one)
    one.answered(probes[0])

    assert len(probes) == 1
    assert len(fill(one)) == one.limit == 12


def test_an_answer_to_what_went_out_before_a_429_says_nothing_of_now() -> None:
    clock = Clock()
    one = pace(clock)
    first, second = one.begin(), one.begin()
    one.limited(first, 3)
    one.answered(second)
    clock.now_s += one.wait_s()

    assert len(fill(one)) == 1


def test_a_storm_costs_one_request_for_each_retry_after() -> None:
    """Thirty seconds in which everybody is told at once to come again in three."""
    clock = Clock(0.0)
    one = pace(clock)
    asked = 0
    while clock.now_s < 30:
        permits = fill(one)
        asked += len(permits)
        for permit in permits:
            one.limited(permit, 3)
        clock.now_s += one.wait_s()

    assert asked <= 16 + 10
    assert (
        one.limit == 12
    )  # as after the first of them: one refused request tells nothing of how many are borne


def test_429_without_retry_after_and_no_answer_between_them_make_longer_and_longer_waits() -> None:
    clock = Clock()
    one = pace(clock)
    waits = []
    for _ in range(8):
        for permit in fill(one):
            one.limited(permit)
        waits.append(one.wait_s())
        clock.now_s += max(waits[-1], 1)

    assert waits == [0, *[pytest.approx(1.1 * wait) for wait in (1, 2, 4, 8, 16, 32, 32)]]


def test_what_everybody_waits_for_is_told() -> None:
    clock = Clock()
    one = pace(clock)
    before = one.waiting
    one.limited(one.begin(), 10)
    held = one.waiting
    clock.now_s += 20
    for _ in range(3):
        one.failed(one.begin())
        clock.now_s += 2

    assert (before, held) == ("", "waiting 11 s, as the service asks")
    assert one.waiting == "the service has not answered for 6 s"


def test_failures_stop_growth() -> None:
    clock = Clock()
    one = pace(clock)
    permits = fill(one)
    one.failed(permits[0])
    for permit in permits[1:]:
        one.answered(permit)

    assert one.limit == 16


def test_during_an_outage_one_request_goes_out_at_a_time() -> None:
    clock = Clock()
    one = pace(clock)
    for permit in fill(one):
        one.failed(permit)
    during = one.wait_s()
    clock.now_s += during
    probe = one.begin()

    assert during > 0
    assert probe.probe
    assert one.wait_s() == math.inf


def test_after_an_outage_it_begins_as_at_first() -> None:
    clock = Clock()
    one = pace(clock)
    for permit in fill(one):
        one.failed(permit)
    clock.now_s += one.wait_s()
    one.answered(one.begin())

    assert len(fill(one)) == 16
    assert [change.reason for change in one.history] == ["start", "outage", "recovery"]


def test_a_cap_on_requests_is_kept() -> None:
    clock = Clock()
    one = pace(clock, caps=Caps(requests_per_minute=60))
    begun = 0
    for _ in range(100):
        begun += len(fill(one))
        one.in_flight = 0
        clock.now_s += 0.1

    assert 10 <= begun <= 12


@given(
    events=st.lists(st.sampled_from(["begin", "answer", "limit", "fail", "withdraw", "wait"]), max_size=300),
    ceiling=st.integers(1, 40),
)
def test_whatever_happens_the_bounds_hold(events: list[str], ceiling: int) -> None:
    clock = Clock()
    one = pace(clock, ceiling)
    out: list[Permit] = []
    ends: dict[str, Callable[[Permit], None]] = {
        "answer": one.answered,
        "limit": one.limited,
        "fail": one.failed,
        "withdraw": one.withdrawn,
    }
    for event in events:
        if event == "begin" and one.wait_s() == 0:
            out.append(one.begin())
        elif event == "wait":
            clock.now_s += 1
        elif event in ends and out:
            ends[event](out.pop(0))
        assert one.in_flight == len(out)
        assert 1 <= one.limit <= ceiling
        assert out or one.wait_s() < math.inf  # an idle pace never waits for what does not come


class Quota:
    """A service that takes so many requests at once, each for so long; the next one gets a 429."""

    def __init__(self, capacity: int, latency_s: float) -> None:
        self.capacity, self.latency_s = capacity, latency_s
        self.busy = 0


def simulate(
    paces: list[Pace], clock: Clock, quota: Quota, seconds: float, *, apart_s: float = 0
) -> list[int]:
    """Answers that each pace got, each with endless work from its start on; the others come so much later."""
    numbers = itertools.count()
    ends: list[tuple[float, int, int, Permit, bool]] = []
    got = [0] * len(paces)
    while clock.now_s < seconds:
        here = [index for index in range(len(paces)) if clock.now_s >= index * apart_s]
        for index in random.Random(clock.now_s).sample(here, len(here)):  # noqa: S311 - no secret
            while paces[index].wait_s() == 0:
                taken = quota.busy < quota.capacity
                quota.busy += taken
                after_s = quota.latency_s if taken else 0.05
                heapq.heappush(
                    ends, (clock.now_s + after_s, next(numbers), index, paces[index].begin(), taken)
                )
        waits = [max(clock.now_s + one.wait_s(), index * apart_s) for index, one in enumerate(paces)]
        waits = [wait for wait in waits if wait > clock.now_s]
        if ends and ends[0][0] <= min(waits, default=math.inf):
            clock.now_s, _, index, permit, taken = heapq.heappop(ends)
            quota.busy -= taken
            got[index] += taken
            paces[index].answered(permit) if taken else paces[index].limited(permit)
        else:
            clock.now_s = min(waits)
    return got


def test_a_quota_that_nobody_names_is_found_and_used() -> None:
    clock, quota = Clock(0.0), Quota(capacity=40, latency_s=2.0)
    one = pace(clock, ceiling=500)

    answers = simulate([one], clock, quota, seconds=600)

    assert answers[0] >= 0.8 * 600 * 40 / 2.0


def test_two_processes_on_one_quota_settle_without_a_coordinator() -> None:
    clock, quota = Clock(0.0), Quota(capacity=60, latency_s=2.0)
    both = [pace(clock, ceiling=500), pace(clock, ceiling=500)]

    shares = simulate(both, clock, quota, seconds=960, apart_s=60)  # one has everything when the other comes

    assert sum(shares) >= 0.8 * 960 * 60 / 2.0
    assert min(shares) >= 0.25 * sum(shares)


def test_an_outage_counts_as_one_however_many_requests_meet_it() -> None:
    one = pace(ceiling=4 * OPENS_AFTER)
    permits = [one.begin() for _ in range(4 * OPENS_AFTER)]
    for permit in permits:
        one.failed(permit)

    assert [change.reason for change in one.history].count("outage") == 1
