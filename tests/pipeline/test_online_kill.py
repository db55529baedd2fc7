"""The online road ended at each of its steps, in each way, and what the next command makes of it.

Whatever ended it, in the end all rows are there once, no file is torn or left over, and no more requests were
asked again than may be in flight, each of which the manifest names with what it can have cost. A few steps
are tried in `make test`, all of them, which takes minutes, in `make torture`.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.charts import Draw
from tests.hostile.structure import strokes
from tests.pipeline.killable import KILL, POWER, TERM, TERM_ALL, Runner
from tests.pipeline.online_kills import (
    SCENARIOS,
    End,
    Outcome,
    Scenario,
    Undisturbed,
    outcomes,
    process,
    site,
)
from tests.pipeline.runs import table

Of = Callable[[Scenario], Undisturbed]

FROM_NOTHING = SCENARIOS[0]

SOME = [
    End(step="note answer _journal/RUN.jsonl", by=KILL),
    End(step="rename documents/part-RUN.parquet", by=TERM),
    End(step="note answer _journal/RUN.jsonl", by=POWER),
]
"""A few for each day."""

GRACE = [
    "note answer _journal/RUN.jsonl",
    "rename answers/part-RUN.parquet",
    "rename documents/part-RUN.parquet",
    "remove _journal/RUN.jsonl",
    "rename _runs/RUN.json",
]
"""Steps of a run that has been told to stop."""


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as one:
        yield one


@pytest.fixture(scope="module")
def undisturbed(runner: Runner, tmp_path_factory: pytest.TempPathFactory) -> Of:
    known: dict[str, Undisturbed] = {}

    def of(scenario: Scenario) -> Undisturbed:
        if scenario.name not in known:
            folder = tmp_path_factory.mktemp("undisturbed")
            known[scenario.name] = Undisturbed.of(scenario, folder, runner)
        return known[scenario.name]

    return of


Try = Callable[[Scenario, End], list[str]]


@pytest.fixture
def attempt(runner: Runner, undisturbed: Of, tmp_path: Path, chart: Draw) -> Try:
    """Ends a command in one way; returns what was wrong afterwards, and draws a row of the table."""

    def do(scenario: Scenario, end: End) -> list[str]:
        wrong: list[str] = []
        for how, outcome in outcomes(undisturbed(scenario), tmp_path / end.name, runner, end):
            chart("kill matrix", f"online: {scenario.name}", end.at, how, *_cells(outcome))
            wrong += [f"{end.at}, {how}: {one}" for one in outcome.wrong]
        return wrong

    return do


def _cells(outcome: Outcome) -> tuple[object, ...]:
    return outcome.in_doubt, outcome.again, "; ".join(outcome.wrong) or "as undisturbed"


def ends(before: Undisturbed, by: str) -> Iterator[End]:
    """Each step with the times at which to end the command before it.

    What the disk is waited for matters only where power is lost, and how often it is depends on the clock.
    """
    for step, count in before.steps.items():
        if by == POWER or not step.startswith("flush"):
            for nth in {1} if step.startswith(("flush", "note", "mkdir")) else {1, count}:
                yield End(step=step, nth=nth, by=by)


@pytest.mark.charted
@pytest.mark.parametrize("end", SOME, ids=lambda end: f"{end.by} at {end.step}")
def test_a_run_may_be_ended_and_done_again(end: End, attempt: Try) -> None:
    assert attempt(FROM_NOTHING, end) == []


@pytest.mark.torture
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("by", [KILL, TERM, POWER])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_command_may_be_ended_at_any_step(
    scenario: Scenario, by: str, undisturbed: Of, attempt: Try
) -> None:
    wrong = [attempt(scenario, end) for end in ends(undisturbed(scenario), by)]

    assert wrong
    assert not [one for found in wrong for one in found]


@pytest.mark.torture
@pytest.mark.parametrize("then", GRACE)
def test_a_run_that_was_told_to_stop_may_be_killed_when_its_time_is_over(then: str, attempt: Try) -> None:
    """As process managers do: SIGTERM, and after a while SIGKILL."""
    assert attempt(FROM_NOTHING, End(step="note sent _journal/RUN.jsonl", by=TERM, then=then)) == []


@pytest.mark.torture
def test_pages_whose_workers_are_told_to_stop_as_well_are_left_for_the_next_run(
    runner: Runner, tmp_path: Path
) -> None:
    """As process managers do that signal all that a service has started."""
    with site(tmp_path, runner) as one:
        strokes(tmp_path / "in" / "slow.pdf", 200_000)
        order = one.order(*process(), kill="note sent _journal/RUN.jsonl", by=TERM_ALL, workers=2)
        code = runner(order)
        (manifest,) = one.manifests()
        failures = table(one.lake, "failures")

    assert (code, manifest["state"], "Traceback" in one.told) == (143, "interrupted", False)
    assert [told["path"] for told in manifest["failures"]] in ([], ["in/ab.pdf"])
    assert set(failures["path"] if failures.width else []) <= {"in/ab.pdf"}
