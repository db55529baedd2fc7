import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import RequestRejected, ServiceBusy, ServiceRefused
from pipeline.service.retry import Patience, Retries


class Clock:
    """A clock that stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def patience(clock: Clock | None = None, dice: float = 1.0, retries: Retries | None = None) -> Patience:
    return Patience(retries or Retries(), clock=clock or Clock(), dice=lambda: dice)


def busy(status: int | None = None, retry_after_s: float | None = None) -> ServiceBusy:
    return ServiceBusy("busy", status=status, retry_after_s=retry_after_s)


@pytest.mark.parametrize(
    "error", [RequestRejected("no", status=400), ServiceRefused("never"), ValueError("a bug"), TimeoutError()]
)
def test_only_a_busy_service_is_asked_again(error: Exception) -> None:
    assert patience().wait_s(error) is None


@pytest.mark.parametrize("status", [None, 408, 502, 503, 504, 520])
def test_six_attempts_with_doubling_waits(status: int | None) -> None:
    budget = patience()

    assert [budget.wait_s(busy(status)) for _ in range(6)] == [1, 2, 4, 8, 16, None]


def test_waits_do_not_grow_beyond_their_limit() -> None:
    budget = patience(retries=Retries(attempts=100, backoff_max_s=30))

    assert [budget.wait_s(busy()) for _ in range(99)][5:] == [30.0] * 94


def test_a_500_is_asked_three_times_only() -> None:
    budget = patience()

    assert [budget.wait_s(busy(500)) for _ in range(3)] == [1, 2, None]


def test_a_429_costs_no_attempt() -> None:
    budget = patience(retries=Retries(attempts=2))

    limited = [budget.wait_s(busy(429)) for _ in range(50)]

    assert None not in limited
    assert budget.wait_s(busy(503)) == 1
    assert budget.wait_s(busy(503)) is None


def test_a_quarter_of_an_hour_of_429_is_enough() -> None:
    clock = Clock()
    budget = patience(clock)
    budget.wait_s(busy(429, 10))

    clock.now_s += 889
    within = budget.wait_s(busy(429, 10))
    clock.now_s += 10
    beyond = budget.wait_s(busy(429, 10))

    assert (within, beyond) == (10, None)


def test_another_answer_starts_the_patience_with_429_anew() -> None:
    clock = Clock()
    budget = patience(clock)
    budget.wait_s(busy(429))

    clock.now_s += 1000
    budget.wait_s(busy(503))

    assert budget.wait_s(busy(429)) is not None


@pytest.mark.parametrize("status", [429, 503, 500])
def test_retry_after_is_obeyed_to_the_second(status: int) -> None:
    assert patience(dice=0.3).wait_s(busy(status, 7.5)) == 7.5


@pytest.mark.parametrize("status", [429, 503])
def test_a_retry_after_is_borne_as_long_as_an_outage_and_no_longer(status: int) -> None:
    assert [Retries().bears(busy(status, seconds)) for seconds in (None, 0, 900, 901)] == [*[True] * 3, False]


def test_a_retry_after_of_zero_is_at_once() -> None:
    assert patience().wait_s(busy(503, 0)) == 0


@given(
    dice=st.floats(0, 1),
    statuses=st.lists(st.sampled_from([None, 408, 429, 500, 502, 503]), min_size=1, max_size=200),
)
def test_a_wait_lies_between_half_the_first_and_the_longest(dice: float, statuses: list[int | None]) -> None:
    retries = Retries(backoff_s=2, backoff_max_s=20)
    budget = patience(dice=dice, retries=retries)

    waits = [wait for status in statuses if (wait := budget.wait_s(busy(status))) is not None]

    assert all(1 <= wait <= 20 for wait in waits)


@given(statuses=st.lists(st.sampled_from([None, 408, 500, 502, 503]), min_size=6))
def test_the_budget_ends_whatever_the_mix(statuses: list[int | None]) -> None:
    budget = patience()

    assert None in [budget.wait_s(busy(status)) for status in statuses[:6]]
