from hypothesis import given
from hypothesis import strategies as st

from pipeline.service.breaker import OPENS_AFTER, Breaker
from tests.pipeline.service.clocks import Clock


def broken(clock: Clock, failures: int = OPENS_AFTER) -> Breaker:
    breaker = Breaker(clock=clock, dice=lambda: 1.0)
    for _ in range(failures):
        breaker.failed()
    return breaker


def test_a_few_failures_are_no_outage() -> None:
    breaker = broken(Clock(), OPENS_AFTER - 1)

    assert not breaker.is_open
    assert breaker.wait_s() == 0


def test_many_failures_in_a_row_are_an_outage() -> None:
    assert broken(Clock()).is_open


def test_an_answer_between_failures_makes_them_no_outage() -> None:
    breaker = broken(Clock(), OPENS_AFTER - 1)

    breaker.answered()
    breaker.failed()

    assert not breaker.is_open


def test_probes_become_rarer_up_to_half_a_minute() -> None:
    clock = Clock()
    breaker = broken(clock)

    waits = []
    for _ in range(8):
        waits.append(breaker.wait_s())
        clock.now_s += waits[-1]
        assert breaker.wait_s() == 0
        breaker.failed()

    assert waits == [1, 2, 4, 8, 16, 30, 30, 30]


def test_the_dice_shorten_the_wait_to_half() -> None:
    breaker = Breaker(clock=Clock(), dice=lambda: 0.0)
    for _ in range(OPENS_AFTER):
        breaker.failed()

    assert breaker.wait_s() == 0.5


def test_an_answer_ends_the_outage() -> None:
    breaker = broken(Clock())

    breaker.answered()

    assert (breaker.is_open, breaker.wait_s(), breaker.lasted_s) == (False, 0, 0)


def test_an_outage_lasts_from_its_first_failure() -> None:
    clock = Clock()
    breaker = broken(clock, 1)
    clock.now_s += 40
    for _ in range(OPENS_AFTER):
        breaker.failed()
    clock.now_s += 2

    assert breaker.lasted_s == 42


def test_whether_it_ever_answered_is_remembered() -> None:
    breaker = broken(Clock())
    before = breaker.ever_answered
    breaker.answered()
    breaker.failed()

    assert (before, breaker.ever_answered) == (False, True)


@given(failures=st.integers(1, 100_000))
def test_a_probe_is_never_further_than_half_a_minute(failures: int) -> None:
    breaker = Breaker(clock=Clock(), dice=lambda: 1.0)
    breaker._failures = failures - 1
    breaker.failed()

    assert 0 <= breaker.wait_s() <= 30
