from pathlib import Path

from pipeline.local.control import limits
from pipeline.local.control.ledger import Lately, Ledger
from pipeline.local.control.pace import Pace
from tests.pipeline.local.control.twin import Clock


def test_what_is_left_is_what_was_granted_less_what_the_last_minute_took(
    tmp_path: Path, clock: Clock
) -> None:
    ledger = Ledger(tmp_path / "answered.json", Pace(clock=clock))
    ledger.note("m", 3000, 70, is_batch=False)
    clock.move(seconds=30)
    ledger.note("m", 5, 1, is_batch=False)
    ledger.note("m", 999, 999, is_batch=True)

    told = limits.headers(ledger.last_minute())
    assert told == {
        "x-ratelimit-over-limit": "no",
        "x-ratelimit-limit-requests": "6000",
        "x-ratelimit-remaining-requests": "5998",
        "x-ratelimit-limit-tokens-prompt": "21600000",
        "x-ratelimit-remaining-tokens-prompt": "21596995",
        "x-ratelimit-limit-tokens-cache-adjusted-prompt": "5400000",
        "x-ratelimit-remaining-tokens-cache-adjusted-prompt": "5396995",
        "x-ratelimit-limit-tokens-generated": "216000",
        "x-ratelimit-remaining-tokens-generated": "215929",
    }
    clock.move(seconds=31)
    assert limits.headers(ledger.last_minute())["x-ratelimit-remaining-requests"] == "5999"


def test_more_than_was_granted_is_said_and_nothing_is_left() -> None:
    told = limits.headers(Lately(requests=10, prompt_tokens=10, completion_tokens=216_001))

    assert told["x-ratelimit-over-limit"] == "yes"
    assert told["x-ratelimit-remaining-tokens-generated"] == "0"
