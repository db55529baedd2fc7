"""`pagelake check`: what it says, how it ends, and a repair from the command line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.cli import app, run
from tests.pipeline.lakes import copied, damage, delete, truncate, worked

SLIP = """
from decimal import Decimal
from pydantic import BaseModel

class Entry(BaseModel):
    text: str
    amount: Decimal | None = None

class Slip(BaseModel):
    title: str | None = None
    total: Decimal | None = None
    entries: list[Entry] = []
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return worked(tmp_path_factory.mktemp("check"))


@pytest.fixture
def lake(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "160")
    return copied(whole, tmp_path / "lake")


def checked(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["check", *map(str, arguments)])


def test_a_whole_lake_is_well(lake: Path) -> None:
    result = checked(lake)

    assert (result.exit_code, result.stdout) == (0, f"{lake}: all is well\n")
    assert json.loads(checked(lake, "--json").stdout) == {"lake": str(lake), "ok": True, "findings": []}


def test_what_is_wrong_is_a_table_with_what_to_do(lake: Path) -> None:
    damage(lake, "records/schema=slip", truncate)

    result = checked(lake)
    text = " ".join(result.stdout.split())

    assert result.exit_code == 1
    assert "wrong" in text
    assert "is gone, and its records are there" not in text
    assert "run pagelake check LAKE --repair" in text
    assert "things wrong" in text


def test_scripts_get_every_finding(lake: Path) -> None:
    damage(lake, "answers", delete)

    result = checked(lake, "--json")
    told = json.loads(result.stdout)

    assert (result.exit_code, told["ok"]) == (1, False)
    assert [(one["kind"], one["wrong"]) for one in told["findings"]] == [("answers", True)]
    assert told["findings"][0].keys() == {"kind", "where", "what", "wrong", "remedy"}


def test_a_folder_that_is_no_lake_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(tmp_path)]) == 2
    assert "is not a lake; name the folder" in capsys.readouterr().err


def test_a_repair_needs_the_record_type_of_the_user(
    lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(lake, "records/schema=slip", truncate)

    assert run(["check", str(lake), "--repair"]) == 2
    assert "name yours with --schema" in capsys.readouterr().err

    (tmp_path / "slips.py").write_text(SLIP)
    result = checked(lake, "--repair", "--schema", f"{tmp_path / 'slips.py'}:Slip")
    assert result.exit_code == 0, result.output
    assert "2 documents derived anew from answers" in result.stdout
    assert result.stdout.splitlines()[-1] == f"{lake}: all is well"


def test_a_repair_says_what_it_did(lake: Path) -> None:
    damage(lake, "failures", truncate)
    damage(lake, "documents", delete)

    told = json.loads(checked(lake, "--repair", "--json").stdout)

    assert told["ok"]
    ((before, now),) = told["repaired"]["moved"]
    assert now == f"_damaged/{before}"
    assert told["repaired"]["listed"] >= 2
