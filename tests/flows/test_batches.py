"""The batch road by command, against a service on loopback."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.batches import End, line, served
from tests.flows.command import Ended, page_answer, pagelake
from tests.gateway import KEY
from tests.papers import write_pdf
from tests.pipeline.render.documents import encrypted
from tests.servers import FaultServer, refusal

OPENS = "open sesame"
QUICK = {"PAGELAKE_API_KEY": KEY, "PAGELAKE_MODEL": "test-model", "PAGELAKE_BATCH_POLL_S": "0.1"}
SUBMIT = ("batch", "submit", "in", "--schema", "page_text", "--no-prefect")
PROCESS = ("process", "in", "--schema", "page_text", "--no-prefect", "--road")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    write_pdf(tmp_path / "in" / "a.pdf", ["one", "two"])
    write_pdf(tmp_path / "in" / "b.pdf", ["three"])
    return tmp_path


def asked(place: Path, server: FaultServer, *arguments: object, **environ: str) -> Ended:
    return pagelake(place, *arguments, server=server, **QUICK, **environ)


def records(place: Path) -> pl.DataFrame:
    return pl.read_parquet(place / "lake/records/schema=page_text/*.parquet")


def test_the_whole_in_one_go(place: Path) -> None:
    with served(page_answer, takes=3) as (service, server):
        ended = asked(place, server, *PROCESS, "batch", "--cleanup", PAGELAKE_BATCH_SHARD_ROWS="2")
        assert not service.datasets

    assert ended.code == 0, ended.err
    assert "3 answers by batch jobs, 3.0k prompt tokens" in ended.out
    assert set(records(place)["_road"]) == {"batch"}


def test_submitted_in_the_evening_and_collected_in_the_morning_from_elsewhere(place: Path) -> None:
    elsewhere = place / "elsewhere"
    elsewhere.mkdir()
    with served(page_answer, takes=4) as (service, server):
        submitted = asked(place, server, *SUBMIT, PAGELAKE_LONG_SIDE="512")
        for paper in (place / "in").iterdir():
            paper.unlink()
        early = asked(elsewhere, server, "batch", "collect", "../lake", "--no-prefect")
        seen = asked(place, server, "batch", "status", "lake", "--json")
        ended = asked(elsewhere, server, "batch", "collect", "../lake", "--wait", "--no-prefect", "--json")
        nothing = asked(place, server, "batch", "collect", "lake")

    assert (submitted.code, early.code, ended.code, nothing.code) == (0, 0, 0, 0), ended.err
    assert "waiting for batch jobs" in submitted.out
    assert "3" in submitted.out.splitlines()[2].split()[-1]
    (job,) = json.loads(seen.out)
    assert (job["state"], job["rows"], job["model"]) == ("RUNNING", 3, "test-model")
    (summary,) = json.loads(ended.out)
    assert (summary["state"], summary["pages"]["in_records"]) == ("complete", 3)
    assert "no batch job is under way" in nothing.out
    assert set(service.paid.values()) == {1}
    assert KEY not in "".join(file.read_text() for file in (place / "lake/_jobs").rglob("*.json*"))


@pytest.mark.torture
def test_pages_that_are_drawn_again_when_collected_are_opened_with_the_password_given_then(
    tmp_path: Path,
) -> None:
    plain = write_pdf(tmp_path / "plain.pdf", ["one"])
    (tmp_path / "in").mkdir()
    encrypted(plain, tmp_path / "in" / "a.pdf", user=OPENS, owner="own")
    (tmp_path / "keys.toml").write_text(f'"a.pdf" = "{OPENS}"')
    (tmp_path / "keys.toml").chmod(0o600)
    made: list[str] = []

    def ends(job: str, rows: Any) -> End:
        made.append(job)
        return End(rows=[] if job == made[0] else [line(one, rows[one]) for one in rows])

    with served(page_answer, ends=ends) as (_, server):
        submitted = asked(tmp_path, server, *SUBMIT, PAGELAKE_PASSWORD=OPENS)
        again = ("batch", "collect", "lake", "--wait", "--no-prefect", "--remainder", "resubmit")
        ended = asked(tmp_path, server, *again, "--password-file", "keys.toml")

    assert (submitted.code, ended.code) == (0, 0), ended.err + ended.out
    assert len(set(made)) == 2
    assert records(tmp_path).height == 1


@pytest.mark.torture
def test_status_shows_jobs_as_a_table_and_offline_asks_nobody(place: Path) -> None:
    with served(page_answer, takes=9) as (_, server):
        asked(place, server, *SUBMIT)
        table = asked(place, server, "batch", "status", "lake").out
        looks = len(server.heard)
        asked(place, server, "batch", "status", "lake", "--offline")
        assert len(server.heard) == looks

    assert table.splitlines()[0].split()[:3] == ["job", "records", "state"]
    assert "running" in table


def test_cancelled_jobs_leave_rows_and_failures(place: Path) -> None:
    def one_of(_job: str, rows: Any) -> End:
        first = next(iter(rows))
        return End(rows=[line(first, rows[first])])

    with served(page_answer, takes=9, ends=one_of) as (service, server):
        asked(place, server, *SUBMIT)
        ended = asked(place, server, "batch", "cancel", "lake")

    assert ended.code == 1
    assert "was deleted before this was answered" in ended.out
    assert len(records(place)) == 1
    assert not service.jobs


def test_a_service_without_batch_jobs_is_told_so(place: Path) -> None:
    with FaultServer(
        lambda heard: page_answer(heard) if heard.path.endswith("s") else refusal(404)
    ) as server:
        ended = asked(place, server, *PROCESS, "batch")

    assert ended.code == 2
    assert ended.err.splitlines()[-1].startswith("pagelake: the service has no batch jobs at its base URL")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((*PROCESS, "auto"), "--road auto goes with the time"),
        ((*PROCESS, "auto", "--ready-by", "noon"), "it must be a time such as 06:00"),
        ((*PROCESS, "batch", "--model", "m#d"), "not by deployments such as m#d"),
        (("batch", "collect", "nowhere"), "nowhere is not a lake"),
    ],
)
def test_what_does_not_go_together_is_one_sentence(
    place: Path, arguments: tuple[str, ...], told: str
) -> None:
    with served(page_answer) as (_, server):
        ended = asked(place, server, *arguments)

    assert ended.code == 2
    assert told in ended.err.splitlines()[-1]
    assert "Traceback" not in ended.err


def test_steps_need_an_engine_that_stays(place: Path) -> None:
    ended = pagelake(place, *SUBMIT, "--out", "lake")

    assert ended.code == 2
    assert "pagelake local serve --state" in ended.err


@pytest.mark.torture
def test_a_key_of_another_account_is_told_whose_jobs_these_are(place: Path) -> None:
    with served(page_answer, takes=9) as (_, server):
        asked(place, server, *SUBMIT)
        ended = asked(place, server, "batch", "collect", "lake", PAGELAKE_ACCOUNT_ID="someone-else")

    assert ended.code == 2
    assert "belongs to the account my-acct, and the key to someone-else" in ended.err
