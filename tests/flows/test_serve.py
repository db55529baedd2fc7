"""Runs on a schedule: what is refused, what is registered, and runs that begin by themselves."""

import json
import signal
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from flows.schedule import Schedule, duration, read_schedule
from flows.serve import deployment_name
from pipeline.errors import ConfigError
from tests.flows.command import KEY, environment, interrupt, page_answer, pagelake, started, to_the_end
from tests.flows.prefects import asked, prefect_server, runs, until
from tests.papers import write_pdf
from tests.servers import FaultServer

pytestmark = pytest.mark.xdist_group("prefect")


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("6h", timedelta(hours=6)),
        ("1d", timedelta(days=1)),
        ("2w", timedelta(weeks=2)),
    ],
)
def test_an_interval_is_a_number_and_a_unit(text: str, time: timedelta) -> None:
    assert duration(text) == time


@pytest.mark.parametrize("text", ["", "0h", "-1h", "1.5h", "h", "15", "15 m", "1y", "٣h"])
def test_any_other_interval_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ConfigError, match="such as 90s, 15m"):
        duration(text)


@pytest.mark.parametrize("cron", ["", "tomorrow", "0 2 * *", "0 25 * * *", "R 2 * * *", "0 2 31 2 *"])
def test_a_cron_line_that_is_none_or_never_comes_is_refused_with_an_example(cron: str) -> None:
    with pytest.raises(ConfigError, match=r"such as \"0 2 \* \* \*\""):
        read_schedule(cron, None, "UTC")


@pytest.mark.parametrize("zone", ["", "Nowhere/Land", "Europe", "../etc/passwd", "a\0b"])
def test_a_time_zone_that_does_not_exist_is_refused(zone: str) -> None:
    with pytest.raises(ConfigError, match="such as UTC or Europe/Berlin"):
        read_schedule("0 2 * * *", None, zone)


@pytest.mark.parametrize("both", [("0 2 * * *", "6h"), (None, None)])
def test_a_schedule_is_a_cron_line_or_an_interval(both: tuple[str | None, str | None]) -> None:
    with pytest.raises(ConfigError, match="one of them"):
        read_schedule(*both, "UTC")


def test_hours_of_a_cron_line_are_those_of_its_time_zone() -> None:
    (night,) = read_schedule("0 2 * * *", None, "Asia/Tokyo").coming(1)

    assert (night.hour, night.utcoffset()) == (2, timedelta(hours=9))


def test_an_interval_is_counted_from_the_same_time_after_every_start() -> None:
    first, second = Schedule(every=timedelta(hours=6)).coming(2)

    assert first.hour % 6 == 0
    assert (first.minute, second - first) == (0, timedelta(hours=6))


def test_names_of_deployments_are_made_of_record_type_and_lake() -> None:
    assert deployment_name(None, "claim.py:Claim", "s3://papers/lake") == "claim.py-Claim-s3-papers-lake"
    assert deployment_name(None, "invoice", "/data/lake") == "invoice-data-lake"
    assert deployment_name("nightly", "invoice", "lake") == "nightly"


@pytest.mark.parametrize("name", ["", " ", "a/b", "50%", "a\nb"])
def test_names_that_prefect_does_not_take_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="--name"):
        deployment_name(name, "invoice", "lake")


def test_a_rehearsal_shows_the_deployment_and_needs_no_prefect_api(tmp_path: Path) -> None:
    words = ["serve", "--every", "1d", "in", "--schema", "invoice", "--out", "/data/lake", "--prune"]
    ended = pagelake(tmp_path, *words, "--dry-run", "--json")

    shown = json.loads(ended.out)
    assert shown["deployment"] == "pagelake process/invoice-data-lake"
    assert shown["parameters"]["options"] == {"prune": True}
    assert all(time.endswith("T00:00:00+00:00") for time in shown["next"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--cron", "at night"], "is no cron line"),
        (["--every", "1d"], "schedules need a Prefect API: start one with `prefect server start`"),
        (["--every", "1d", "--schema", "nothing"], "nothing"),
        (["--every", "1d", "--road", "auto", "--ready-by", "soon"], "soon"),
    ],
)
def test_what_cannot_be_served_is_refused_in_a_sentence(words: list[str], told: str, tmp_path: Path) -> None:
    ended = pagelake(tmp_path, "serve", "in", "--schema", "invoice", *words)

    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
    assert len(ended.err.splitlines()) == 1


def paths(lake: Path) -> list[str]:
    """The files that a lake has records of."""
    return sorted(pl.read_parquet(lake / "records/schema=page_text/*.parquet")["_source"].to_list())


@pytest.mark.torture
@pytest.mark.timeout(600)
def test_served_runs_begin_by_themselves_and_the_second_takes_the_new_file_alone(tmp_path: Path) -> None:
    write_pdf(tmp_path / "in" / "a.pdf", ["first"])
    with FaultServer(page_answer) as service, prefect_server(tmp_path / "prefect") as prefect:
        words = ["serve", "--every", "10s", "in", "--schema", "page_text", "--name", "ten"]
        process = started(words, tmp_path, environment(service.base_url, **prefect))
        until(lambda: runs(prefect, "COMPLETED"), 120)
        write_pdf(tmp_path / "in" / "b.pdf", ["second"])
        until(lambda: len(paths(tmp_path / "lake")) > 1, 120)
        ended_before = len(runs(prefect, "COMPLETED"))
        until(lambda: len(runs(prefect, "COMPLETED")) > ended_before, 120)
        interrupt(process, signal.SIGTERM)
        ended = to_the_end(process)
        (deployment,) = asked(prefect, "deployments/filter", limit=5)
        done = runs(prefect, "COMPLETED")
        artifacts = asked(prefect, "artifacts/filter", limit=100)

    assert (ended.code, "Traceback" in ended.err) == (0, False)
    assert "no longer serving" in ended.err
    assert all(run["auto_scheduled"] for run in done)
    assert len(service.asked) == 2
    assert paths(tmp_path / "lake") == ["in/a.pdf", "in/b.pdf"]
    assert {one["key"] for one in artifacts} >= {"pagelake-pages", "pagelake-summary"}
    assert deployment["paused"]
    assert KEY not in json.dumps([deployment, done])
