import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from flows.cli import run
from tests.flows.command import Ended
from tests.pipeline.export.lakes import make_lake

Export = Callable[..., Ended]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with a lake of waybills, whose record type is nobody's built-in one."""
    return make_lake(tmp_path_factory.mktemp("place")).parent


@pytest.fixture
def export(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Export:
    monkeypatch.chdir(place)

    def ended(*arguments: str) -> Ended:
        code = run(["export", *arguments])
        return Ended(code, *capsys.readouterr())

    return ended


def test_the_only_record_type_of_a_lake_is_written_under_its_name(export: Export, place: Path) -> None:
    ended = export("lake", "--format", "csv", "--columns", "number, total", "--json")

    told = json.loads(ended.out)
    assert (ended.code, ended.err) == (0, "")
    assert (told["format"], told["out"], told["tables"][0]["rows"]) == ("csv", "waybill.csv", 3)
    assert pl.read_csv(place / "waybill.csv").columns == ["number", "total"]
    assert told["tables"][0]["files"][0]["bytes"] == (place / "waybill.csv").stat().st_size


def test_the_format_is_told_by_the_name_of_the_file(export: Export, place: Path) -> None:
    ended = export("lake", "--out", "out/a.parquet", "--where", "total > 100", "--explode", "loads")

    assert (ended.code, ended.err) == (0, "")
    assert pl.read_parquet(place / "out/a.parquet")["number"].to_list() == ["W-1"]
    assert pl.read_parquet(place / "out/a.loads.parquet").height == 2
    assert "waybill.loads: 2 rows" in ended.out


def test_a_dry_run_shows_what_would_be_written(export: Export, place: Path) -> None:
    ended = export("lake", "--out", "dry.jsonl", "--dry-run")

    assert (ended.code, ended.err) == (0, "")
    assert "waybill: 3 rows" in ended.out
    assert "total: Decimal" in ended.out
    assert not (place / "dry.jsonl").exists()


def test_what_is_wrong_is_one_sentence(export: Export, place: Path) -> None:
    (place / "there.csv").touch()

    ends = [
        export("lake", "--out", "there.csv"),
        export("in", "--out", "a.csv"),
        export("lake", "--out", "a.xlsx"),
    ]

    assert [(ended.code, ended.err.count("\n")) for ended in ends] == [(2, 1)] * 3
    assert "--force" in ends[0].err
    assert "is not a lake" in ends[1].err
    assert "--format" in ends[2].err
