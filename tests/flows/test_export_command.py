import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from flows.cli import run
from schemas.registry import load
from tests.flows.command import Ended
from tests.papers import write_pdf
from tests.pipeline.export.lakes import make_lake
from tests.pipeline.local.control.twin import DATASETS, KEY, twin
from tests.pipeline.runs import config
from tests.pipeline.runs import run as run_config
from tests.servers import FaultServer, chat_answer

NOTE = '''
from pydantic import BaseModel

class Note(BaseModel):
    """A note."""
    title: str | None = None
'''

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


def test_a_dataset_to_train_with_is_made_and_made_again(
    export: Export, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lake of a record type in a file, so that both know how to ask."""
    (place / "note.py").write_text(NOTE)
    for number in range(6):
        write_pdf(place / "notes" / f"{number}.pdf", [f"note {number}"])
    with FaultServer(lambda heard: chat_answer({"title": f"note {heard.number}"})) as server:
        run_config(
            config(server.base_url, place / "noted", place / "notes", record=load(f"{place}/note.py:Note"))
        )
    monkeypatch.setenv("PAGELAKE_QUALITY", "60")

    dry = export("noted", "--schema", "note.py:Note", "--format", "sft", "--dry-run")
    made = export("noted", "--schema", "note.py:Note", "--format", "sft", "--out", "set", "--json")
    again = export("--from-manifest", "set/manifest.json", "--out", "again")

    assert (dry.code, dry.out) == (0, "6 records\ntrain: at most 6 examples\n")
    assert (made.code, made.err) == (0, "")
    assert json.loads(made.out)["images"]["quality"] == 60
    assert json.loads(made.out)["splits"]["train"]["examples"] == 6
    assert (again.code, again.err) == (0, "")
    assert "train: 6 examples" in again.out
    assert (place / "again/train-00001.jsonl").read_bytes() == (place / "set/train-00001.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "name the lake"),
        (["lake", "other"], "name the lake"),
        (["lake", "--model", "m"], "--model does not go with tables"),
        (["lake", "--upload"], "--upload does not go with tables"),
        (["lake", "--format", "sft", "--upload"], "name a service to upload to"),
        (["in", "--format", "batch"], "what to ask with --schema"),
        (["in", "--format", "batch", "-s", "invoice", "--where", "true"], "--where does not go with"),
        (["in", "--format", "batch", "-s", "invoice"], "key"),
        (["lake", "--split", "train=1"], "--split does not go with tables"),
        (["lake", "--format", "sft", "--columns", "total"], "--columns does not go with --format sft"),
        (["lake", "--from-manifest", "a.json"], "LAKE does not go with --from-manifest"),
        (["--from-manifest", "missing.json"], "missing.json cannot be read"),
    ],
)
def test_options_that_do_not_go_together_are_told(export: Export, arguments: list[str], told: str) -> None:
    ended = export(*arguments)

    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert told in ended.err


def test_requests_are_written_and_nobody_is_asked(export: Export, place: Path) -> None:
    ended = export("in", "--format", "batch", "--schema", "page_text", "--model", "accounts/a/models/m")

    assert (ended.code, ended.err) == (0, "")
    assert "3 documents, 3 requests for accounts/a/models/m" in ended.out
    lines = (place / "page_text.batch/requests-00001.jsonl").read_text().splitlines()
    assert {"custom_id", "body"} == set(json.loads(lines[0]))
    assert len(lines) == 3


def test_requests_that_are_uploaded_are_told(
    export: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    what = ["in", "-f", "batch", "-s", "page_text", "--model", "m", "--out", "up"]
    with twin(tmp_path) as server:
        monkeypatch.setenv("PAGELAKE_API_KEY", KEY)
        monkeypatch.setenv("PAGELAKE_ACCOUNT_ID", "local")
        monkeypatch.setenv("PAGELAKE_BASE_URL", f"{server.base_url}/v1")
        ended = export(*what, "--upload", "--json")
        told = json.loads(ended.out)
        (dataset,) = (one["dataset"] for one in told["uploaded"])
        seen = server.get(f"{DATASETS}/{dataset}").json()

    assert (ended.code, ended.err) == (0, "")
    assert told["datasets"][0]["dataset"] == dataset
    assert (seen["state"], seen["exampleCount"]) == ("READY", "3")
