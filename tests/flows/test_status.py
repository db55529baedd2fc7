"""How a lake stands, as it is shown while a run is at work, after one was killed, and when all is quiet."""

import io
import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from flows.cli import app
from flows.cli import run as command
from flows.status import _follow, looks
from flows.status_view import now_line, status_view
from pipeline.batch_run import BatchRun
from pipeline.status import LakeStatus, Now, now_in, status_of
from pipeline.store.lock import held
from pipeline.store.progress import Progress, publish, published
from tests.batches import served
from tests.papers import write_pdf
from tests.pipeline.batch_runs import asked, call
from tests.pipeline.runs import config, run, slip_answer, slip_type
from tests.servers import FaultServer, Heard, Reply


@pytest.fixture(scope="module")
def seen() -> list[LakeStatus]:
    """How the lake stood while each request was at the service."""
    return []


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, seen: list[LakeStatus]) -> Path:
    """Two runs over a document of three pages and a broken one; the first was looked at while it worked."""
    place = tmp_path_factory.mktemp("status")
    write_pdf(place / "in" / "a.pdf", [f"page {number}" for number in range(3)])
    (place / "in" / "b.pdf").write_bytes(b"%PDF-1.4")

    def answer(heard: Heard) -> Reply:
        seen.append(status_of(place / "lake"))
        return slip_answer(heard)

    with FaultServer(answer) as server:
        for _ in range(2):
            run(config(server.base_url, place / "lake", place / "in", record=slip_type("page")))
    return place / "lake"


def shown(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["status", *arguments], env={"COLUMNS": "120"})
    assert result.exit_code == 0, result.output
    return result.stdout


def drawn(status: LakeStatus) -> str:
    console = Console(file=io.StringIO(), width=140)
    console.print(status_view(status))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def figures(**changes: object) -> Progress:
    plain = {name: 0 for name, field in Progress.model_fields.items() if field.annotation is int}
    about = {
        "run": "20260101T000000000000",
        "started_at": "2026-01-01T00:00:00Z",
        "seconds": 10,
        "planned": True,
        "cost": None,
        **dict.fromkeys(("schema_name", "model", "engine", "machine", "waiting"), ""),
    }
    return Progress.model_validate({**plain, **about, **changes})


def test_a_run_at_work_tells_how_far_it_is(lake: Path, seen: list[LakeStatus]) -> None:
    now = seen[0].now

    assert now.at_work
    assert now.progress is not None
    assert (now.progress.schema_name, now.progress.model) == ("slip", "test-model")
    assert now.progress.run == min(path.stem for path in (lake / "_runs").glob("*.json"))
    assert f"run {now.progress.run} is at work" in drawn(seen[0])
    assert now_line(now).startswith(f"run {now.progress.run}: ")


def test_what_a_run_tells_of_itself_goes_when_it_ends(lake: Path) -> None:
    assert not now_in(lake).at_work
    assert [file.name for file in (lake / "_journal").iterdir()] == ["lock"]


def test_past_runs_failures_and_costs_are_told(lake: Path) -> None:
    told = json.loads(shown(str(lake), "--json"))

    assert told["now"] == {"at_work": False, "holder": "", "progress": None}
    assert [(one["documents"], one["requests"], one["records"]) for one in told["runs"]] == [
        (2, 0, 3),
        (2, 3, 3),
    ]
    assert [one["pages"]["found"] for one in told["runs"]] == [3, 3]
    assert [(one["category"], one["failures"]) for one in told["failures"]] == [("corrupt", 1)]
    assert told["failures"][0]["path"].endswith("b.pdf")
    assert told["failures"][0]["remedy"]
    assert (told["answers"], told["unpriced"], told["cost"]) == (3, 3, 0.0)


def test_a_person_reads_the_same(lake: Path) -> None:
    text = shown(str(lake), "--runs", "1")

    assert "no run is at work" in text
    assert "with failures" in text
    assert "and 1 earlier run: see --runs" in text
    assert "corrupt: 1\n" in text
    assert "3 paid answers in the lake" in text


def test_figures_are_for_the_owner_alone(tmp_path: Path) -> None:
    (tmp_path / "_journal").mkdir()
    publish(tmp_path, figures())

    assert (tmp_path / "_journal/progress").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in (tmp_path / "_journal").iterdir()] == ["progress"]


def test_figures_that_cannot_be_written_or_read_stop_nothing(tmp_path: Path) -> None:
    publish(tmp_path / "gone", figures())
    (tmp_path / "_journal").mkdir()
    (tmp_path / "_journal/progress").write_text('{"run": 1}')

    assert published(tmp_path) is None


@pytest.fixture
def quiet(tmp_path: Path) -> Path:
    """A lake without a run."""
    for folder in ("_runs", "_journal", "documents"):
        (tmp_path / folder).mkdir()
    (tmp_path / "_journal/lock").touch()
    return tmp_path


def test_what_a_killed_run_had_done_is_told_until_another_takes_its_place(quiet: Path) -> None:
    publish(quiet, figures(pages_found=40, in_records=7))
    (quiet / "_journal" / "20260101T000000000000-00001.jsonl").touch()

    after_the_kill = drawn(status_of(quiet))
    with held(quiet):
        at_work = status_of(quiet)

    assert "run 20260101T000000000000 was cut short after 7 of 40 pages" in after_the_kill
    assert (at_work.now, at_work.cut_short, at_work.in_journals) == (Now(at_work=True), None, 0)
    assert "a run was cut short: the same command goes on" in drawn(status_of(quiet))


def test_looking_on_ends_with_the_run(quiet: Path) -> None:
    with ExitStack() as working:
        working.enter_context(held(quiet))
        publish(quiet, figures(pages_found=4))
        found = [one.now.at_work for one in looks(quiet, 1, sleep=lambda _: working.close())]

    assert found == [True, False]


def test_looking_on_shows_each_step(quiet: Path) -> None:
    done = iter([1, 2, 3])

    with held(quiet):

        def sleep(_: float) -> None:
            publish(quiet, figures(pages_found=3, in_records=next(done)))

        found = looks(quiet, 1, sleep=sleep)
        told = [now_line(next(found).now) for _ in range(4)]

    assert told[0] == "a run is opening or closing the lake, or another command works on it"
    assert [line.split(": ")[1].split(",")[0] for line in told[1:]] == [f"{n} of 3 pages" for n in (1, 2, 3)]


def test_nothing_to_look_on_is_shown_once(lake: Path) -> None:
    assert "no run is at work" in shown(str(lake), "--watch")

    (line,) = shown(str(lake), "--watch", "--json").splitlines()
    assert json.loads(line)["runs_total"] == 2


def test_ctrl_c_ends_looking_on_without_a_word(quiet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> Iterator[LakeStatus]:
        yield status_of(quiet)
        raise KeyboardInterrupt

    _follow(interrupted(), as_json=True)

    out, err = capsys.readouterr()
    assert (len(out.splitlines()), err) == (1, "")


def test_a_look_does_not_refuse_a_run(quiet: Path) -> None:
    looking = held(quiet)
    looking.__enter__()
    over = threading.Timer(0.05, looking.__exit__, (None, None, None))
    over.start()

    with held(quiet):
        pass
    over.join()


def test_jobs_under_way_are_counted(tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf", ["one", "two"])
    with served(slip_answer, takes=100) as (_, server):
        call(BatchRun.submit, asked(server.base_url, tmp_path / "lake", tmp_path / "a.pdf"))
    told = status_of(tmp_path / "lake")

    assert (told.batch.jobs, told.batch.requests, told.batch.documents) == (1, 1, 1)
    assert "1 batch job under way: 0 of 1 request answered when last seen; 1 document waiting" in drawn(told)
    assert [one.state for one in told.runs] == ["waiting"]


def test_a_broken_manifest_hides_nothing_else(quiet: Path) -> None:
    (quiet / "_runs" / "20260101T000000000000.json").write_text("{}")

    (note,) = status_of(quiet).notes

    assert "20260101T000000000000.json is no manifest of a run" in note
    assert "is no manifest of a run" in " ".join(shown(str(quiet)).split())


def test_what_is_no_lake_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["status", str(tmp_path)]) == 2
    assert "is not a lake" in capsys.readouterr().err
