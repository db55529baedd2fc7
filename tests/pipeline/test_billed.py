"""What the lake counted is what the service did, or the difference has a reason."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from pipeline.billed import Reconciliation, compare_dollars, compare_tokens, days_of, reconcile, spans
from pipeline.cost import Prices
from pipeline.local.protocol import MODEL_ID
from pipeline.service.account import BilledLine, ServerlessUsage
from pipeline.service.client import Endpoint
from pipeline.service.control import ControlPlane
from pipeline.service.wire import Money
from pipeline.store.spent import Spent
from tests.papers import write_pdf
from tests.pipeline.local.control.twin import KEY, twin
from tests.pipeline.runs import config, run

DAY = date(2026, 3, 4)
OTHERS = "the account was used otherwise, or answers were lost or have not come yet"


def spent(model: str = "m", road: str = "online", day: date = DAY, **figures: object) -> Spent:
    plain: dict[str, object] = {
        "answers": 1,
        "prompt_tokens": 100,
        "completion_tokens": 10,
        "cached_tokens": 0,
        "cost": Decimal("0.5"),
        "unpriced": 0,
    }
    return Spent(of=(day.isoformat(), model, road), **{**plain, **figures})  # type: ignore[arg-type]  # as named


def used(model: str = "m", prompt: int = 100, completion: int = 10, day: date = DAY) -> ServerlessUsage:
    return ServerlessUsage(
        prompt_tokens=prompt,
        completion_tokens=completion,
        start_time=datetime(day.year, day.month, day.day, tzinfo=UTC),
        group={"model_name": model},
    )


def billed(model: str, nanos: int, *, is_batch: bool = False) -> BilledLine:
    return BilledLine(
        grouping_key="model",
        grouping_value=model,
        secondary_grouping_key="is_batch",
        secondary_grouping_value=str(is_batch).lower(),
        total_cost=Money(nanos=nanos),
    )


def reconciled(lake: Path, base_url: str, key: str) -> Reconciliation:
    async def ask() -> Reconciliation:
        at = Endpoint(base_url=base_url, api_key=SecretStr(key))
        async with ControlPlane(at, proxies={}) as control:
            return await reconcile(control, lake)

    return asyncio.run(ask())


@pytest.mark.slow  # the engine has to start to read a page
def test_the_embedded_server_counts_what_the_lake_does(tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf", ["one"])
    with twin(tmp_path / "state") as server:
        base_url = f"{str(server.base_url).rstrip('/')}/v1"
        endpoint = Endpoint(base_url=base_url, api_key=SecretStr(KEY))
        made = config(base_url, tmp_path / "lake", tmp_path / "a.pdf", model=MODEL_ID)
        run(replace(made, endpoint=endpoint, prices=Prices(input=Decimal(1), output=Decimal(1))))
        found = reconciled(tmp_path / "lake", base_url, KEY)

    (tokens,), (dollars,) = found.tokens, found.dollars
    assert tokens.lake == tokens.service
    assert (tokens.model, tokens.reason, tokens.lake.prompt > 0) == (MODEL_ID, "", True)
    assert (dollars.service, dollars.reason) == (Decimal(0), "the service bills nothing for it")


@given(st.sets(st.dates(min_value=date(2020, 1, 1), max_value=date(2020, 3, 1))))
def test_spans_hold_every_day_once_and_no_other(days: set[date]) -> None:
    found = list(spans(days))

    inside = [
        date.fromordinal(day) for first, last in found for day in range(first.toordinal(), last.toordinal())
    ]
    assert inside == sorted(days)
    assert all(before[1] < after[0] for before, after in pairwise(found))


@pytest.mark.parametrize(
    ("model", "service", "reason"),
    [
        ("m", [used()], ""),
        ("accounts/fireworks/models/m", [used()], ""),
        ("m", [used(prompt=60), used(prompt=40, completion=0)], ""),
        (
            "m",
            [used(prompt=101)],
            OTHERS,
        ),
        ("m", [used(prompt=99)], "the service counts later, or another account or key was used"),
        ("m", [], "the service counts later, or another account or key was used"),
        (
            "accounts/fireworks/models/m#accounts/a/deployments/d",
            [],
            "a deployment of one's own is billed by the second",
        ),
    ],
)
def test_a_difference_of_tokens_has_a_likely_reason(
    model: str, service: list[ServerlessUsage], reason: str
) -> None:
    (line,), elsewhere = compare_tokens([spent(model)], service)

    assert (line.reason, elsewhere) == (reason, 0)


def test_two_models_of_one_last_name_are_told_apart_by_their_whole_names() -> None:
    counted = [spent("accounts/a/models/m"), spent("accounts/b/models/m", prompt_tokens=200)]

    lines, elsewhere = compare_tokens(counted, [used("accounts/b/models/m", prompt=200), used("m", prompt=7)])

    assert [line.service and line.service.prompt for line in lines] == [None, 200]
    assert elsewhere == 17


@pytest.mark.parametrize(
    ("counted", "bill", "service", "reason"),
    [
        (spent(), [billed("m", 500_000_000)], [used()], ""),
        (spent(), [billed("m", 200_000_000), billed("m", 300_000_000)], [used()], ""),
        (spent(), [billed("m", 400_000_000)], [used()], "the prices that were set are not those of the bill"),
        (spent(), [billed("m", 400_000_000)], [used(prompt=3)], "as the tokens differ"),
        (spent(), [billed("m", 0)], [used()], "the service bills nothing for it"),
        (
            spent(cost=Decimal(0), unpriced=1),
            [billed("m", 1)],
            [used()],
            "",
        ),
        (
            spent(cost=Decimal(0), unpriced=1),
            [billed("m", 5000)],
            [used()],
            "answers that came while no price was set: 1",
        ),
        (
            spent(road="batch"),
            [billed("m", 500_000_000)],
            [used()],
            "it is not on the bill: the service counts later, or another account or key was used",
        ),
        (spent(road="batch"), [billed("m", 500_000_000, is_batch=True)], [used()], ""),
    ],
)
def test_a_difference_of_dollars_has_a_likely_reason(
    counted: Spent, bill: list[BilledLine], service: list[ServerlessUsage], reason: str
) -> None:
    tokens, _ = compare_tokens([counted], service)

    line = compare_dollars([counted], bill, tokens)[0]

    assert line.reason == reason


def test_use_that_the_lake_knows_nothing_of_has_a_line_of_its_own() -> None:
    counted = [spent(road="batch")]

    tokens, _ = compare_tokens(counted, [used(), used(day=date(2026, 3, 3), prompt=7, completion=0)])
    dollars = compare_dollars(
        counted, [billed("m", 500_000_000, is_batch=True), billed("m", 9_000_000)], tokens
    )

    assert [(line.day.day, line.lake.total, line.reason) for line in tokens] == [(3, 0, OTHERS), (4, 110, "")]
    assert [(line.road, line.lake, line.reason) for line in dollars] == [
        ("batch", Decimal("0.5"), ""),
        ("online", 0, OTHERS),
    ]


def test_tokens_of_another_day_are_said_to_be_so() -> None:
    tokens, _ = compare_tokens([spent()], [used(day=date(2026, 3, 3))])

    assert {line.reason for line in tokens} == {"the service counts them on another day"}


def test_the_days_of_a_job_reach_from_its_making_to_its_answers() -> None:
    def day(number: int) -> date:
        return date(2026, 3, number)

    counted = [spent(day=day(1)), spent(road="batch", day=day(9)), spent(day=day(9)), spent(day=day(20))]

    found = days_of(counted, [day(7), day(25)])

    assert found == {day(number) for number in (1, 7, 8, 9, 20, 25)}
