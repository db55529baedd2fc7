import pytest

from pipeline.errors import NotFound, ServiceBusy
from pipeline.service.polling import Polling, poll
from tests.pipeline.service.clocks import Clock

pytestmark = pytest.mark.anyio


class Times:
    """A clock that goes forward by what is slept."""

    def __init__(self) -> None:
        self.clock, self.slept = Clock(), list[float]()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.now_s += seconds

    def polling(
        self, *, first_s: float = 1, growth: float = 1.5, longest_s: float = 15, deadline_s: float = 100
    ) -> Polling:
        return Polling(
            first_s=first_s,
            growth=growth,
            longest_s=longest_s,
            deadline_s=deadline_s,
            clock=self.clock,
            sleep=self.sleep,
        )


class Looks:
    def __init__(self, *seen: object) -> None:
        self.seen = list(seen)

    async def __call__(self) -> object:
        one = self.seen.pop(0) if len(self.seen) > 1 else self.seen[0]
        if isinstance(one, Exception):
            raise one
        return one


def is_done(seen: object) -> bool:
    return seen == "done"


async def test_what_is_done_is_not_waited_for() -> None:
    times = Times()

    assert await poll(Looks("done"), is_done, times.polling()) == "done"
    assert times.slept == []


async def test_waits_grow_to_a_longest() -> None:
    times = Times()

    await poll(Looks(*[""] * 5, "done"), is_done, times.polling(first_s=1, growth=2, longest_s=5))

    assert times.slept == [1, 2, 4, 5, 5]


async def test_a_deadline_ends_it_after_one_last_look() -> None:
    times = Times()

    with pytest.raises(ServiceBusy, match="still not done after 10 s"):
        await poll(Looks(""), is_done, times.polling(first_s=4, growth=1, deadline_s=10))

    assert times.slept == [4, 4, 2]


async def test_a_service_that_is_busy_meanwhile_is_looked_at_again() -> None:
    times = Times()

    assert await poll(Looks(ServiceBusy("503"), "", "done"), is_done, times.polling()) == "done"


async def test_a_service_that_stays_busy_is_named_at_the_deadline() -> None:
    with pytest.raises(ServiceBusy, match=r"after 100 s \(the line is cut\)"):
        await poll(Looks(ServiceBusy("the line is cut")), is_done, Times().polling())


async def test_any_other_error_ends_it_at_once() -> None:
    times = Times()

    with pytest.raises(NotFound):
        await poll(Looks(NotFound("gone", status=404)), is_done, times.polling())

    assert times.slept == []
