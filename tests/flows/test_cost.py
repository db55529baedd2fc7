import json
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app
from pipeline.cost import Prices
from tests.papers import write_pdf
from tests.pipeline.runs import config, run, slip_answer
from tests.servers import FaultServer


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two answers of one model, one of another, and one without a price."""
    place = tmp_path_factory.mktemp("cost")
    prices = Prices(input=Decimal(1), output=Decimal(2))
    with FaultServer(slip_answer) as server:
        for name, model, priced in (("a", "m", True), ("b", "m", True), ("c", "n", True), ("d", "n", False)):
            write_pdf(place / f"{name}.pdf", [name])
            paper, price = place / f"{name}.pdf", prices if priced else None
            run(config(server.base_url, place / "lake", paper, model=model, prices=price))
    return place / "lake"


def shown(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["cost", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_costs_are_summed_by_model_schema_and_road(lake: Path) -> None:
    told = json.loads(shown(str(lake), "--json"))

    assert [(one["model"], one["schema"], one["road"], one["answers"]) for one in told["by"]] == [
        ("m", "slip", "online", 2),
        ("n", "slip", "online", 2),
    ]
    assert told["by"][0]["cost"] == pytest.approx(2 * (1000 + 2 * 20) / 1e6)
    assert [one["unpriced"] for one in told["by"]] == [0, 1]
    assert told["total"]["answers"] == 4
    assert told["total"]["prompt_tokens"] == 4000


def test_costs_by_run_have_a_line_each(lake: Path) -> None:
    told = json.loads(shown(str(lake), "--by", "run", "--json"))

    assert [one["answers"] for one in told["by"]] == [1, 1, 1, 1]


def test_a_table_ends_with_the_sum(lake: Path) -> None:
    lines = shown(str(lake), "--by", "model").splitlines()

    assert lines[0].split()[:2] == ["model", "answers"]
    assert lines[-1].split()[:2] == ["all", "4"]


def test_a_long_name_is_folded_and_not_cut(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "68")

    assert "…" not in shown(str(lake), "--by", "run", "--by", "model", "--by", "schema")


def test_a_folder_that_is_no_lake_is_said_to_be_none(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["cost", str(tmp_path)])

    assert result.exit_code != 0
    assert "is not a lake" in str(result.exception)
