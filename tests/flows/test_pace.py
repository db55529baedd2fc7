"""What the service bore in a run, as it is shown afterwards."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app
from flows.cli import run as command
from flows.pace import chart, lowest
from pipeline.summary import LimitChange
from tests.papers import write_pdf
from tests.pipeline.runs import config, run, slip_answer, slip_type
from tests.servers import FaultServer, Heard, Reply, too_many


def change(at_s: float, in_flight: int, reason: str = "growth") -> LimitChange:
    return LimitChange(at_s=at_s, in_flight=in_flight, reason=reason)


HISTORY = [
    change(0, 8, "start"),
    change(10, 16),
    change(20, 32),
    change(50, 12, "rate limit"),
    change(52, 24),
    change(80, 1, "outage"),
    change(90, 8, "recovery"),
]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run that met two 429, and one after it that had nothing to ask."""
    place = tmp_path_factory.mktemp("pace")
    write_pdf(place / "a.pdf", [f"page {number}" for number in range(6)])

    def answer(heard: Heard) -> Reply:
        return too_many(0.05) if heard.number in {0, 3} else slip_answer(heard)

    with FaultServer(answer) as server:
        for _ in range(2):
            run(config(server.base_url, place / "lake", place / "a.pdf", record=slip_type("page")))
    return place / "lake"


def shown(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["pace", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_each_column_has_the_lowest_limit_of_its_time() -> None:
    assert lowest(HISTORY, 100, 10) == [8, 8, 16, 32, 32, 12, 24, 24, 1, 1]


def test_the_limit_is_drawn_with_what_changed_it_below() -> None:
    assert chart(HISTORY, 100, columns=10) == [
        "32    ██     ",
        "      ██ ▄▄  ",
        "      ██ ██  ",
        "     ███▂██  ",
        "   ▄▄██████  ",
        " 0 ████████▂▂",
        "        !  xo",
        "   ! rate limit, x outage, o recovery",
    ]


def test_where_nothing_went_wrong_nothing_is_marked() -> None:
    assert chart([change(0, 4, "start")], 0.0, columns=3) == ["4 ███", *["  ███"] * 4, "0 ███"]


def test_the_latest_run_that_asked_something_is_shown(lake: Path) -> None:
    text = shown(str(lake))
    told = json.loads(shown(str(lake), "--json"))

    assert text.startswith(f"run {told['run']}: 6 requests in ")
    assert "! rate limit" in text
    assert "rate limit" in {one["reason"] for one in told["limits"]}
    assert min(path.stem for path in (lake / "_runs").glob("*.json")) == told["run"]


def test_a_run_can_be_named(lake: Path) -> None:
    latest = max(path.stem for path in (lake / "_runs").glob("*.json"))

    assert json.loads(shown(str(lake), "--run", latest, "--json"))["run"] == latest


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [((), "not a lake"), (("--run", "20200101T000000000000"), "no run 20200101T000000000000 is among")],
)
def test_what_is_not_there_is_said(
    lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], complaint: str
) -> None:
    code = command(["pace", str(lake if arguments else tmp_path), *arguments])

    assert code == 2
    assert complaint in capsys.readouterr().err


def test_a_broken_manifest_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "_runs").mkdir()
    (tmp_path / "_runs" / "20260101T000000000000.json").write_text("{}")

    assert command(["pace", str(tmp_path)]) == 1
    assert "20260101T000000000000.json is no manifest of a run" in capsys.readouterr().err
