"""Requests as batch datasets: those that a run would send, and that the service would take."""

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.batch.spool import DatasetLimits
from pipeline.errors import ConfigError
from pipeline.export.asking import AskingOptions, RequestsManifest, export_requests
from pipeline.export.export import ExportTally
from pipeline.local.control.rows import places_in
from pipeline.windows import WindowLimits
from tests.papers import write_pdf
from tests.pipeline.runs import config, run, slip_answer
from tests.servers import FaultServer

NOBODY = "http://127.0.0.1:9/v1"
SMALL = WindowLimits(max_images=2)


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Papers, one of three pages and one that is broken."""
    folder = tmp_path_factory.mktemp("papers")
    for name in "abcd":
        write_pdf(folder / f"{name}.pdf", [name])
    write_pdf(folder / "long.pdf", ["one", "two", "three"])
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4")
    return folder


def exported(papers: Path, out: Path, **changes: Any) -> RequestsManifest:
    asked = config(NOBODY, out.parent / "never", papers, windows=SMALL)
    return asyncio.run(export_requests(AskingOptions(config=asked, out=out, **changes), ExportTally()))


def rows(out: Path) -> list[dict[str, Any]]:
    files = sorted(out.glob("requests-*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_bytes().splitlines()]


def test_the_lines_are_the_requests_of_a_run(papers: Path, tmp_path: Path) -> None:
    manifest = exported(papers, tmp_path / "out")
    with FaultServer(slip_answer) as server:
        run(config(server.base_url, tmp_path / "lake", papers, windows=SMALL))

    sent = [heard.body for heard in server.asked]
    lines = rows(tmp_path / "out")
    assert len(lines) == len(sent) == manifest.requests == 6
    bodies = [row["body"] | {"model": "test-model"} for row in lines]
    assert all(body in bodies for body in sent)


def test_the_service_finds_nothing_wrong_with_them(papers: Path, tmp_path: Path) -> None:
    manifest = exported(papers, tmp_path / "out")

    places = places_in(sorted((tmp_path / "out").glob("requests-*.jsonl")))

    asked = [json.loads(line) for line in (tmp_path / "out/asked.jsonl").read_text().splitlines()]
    assert [place.custom_id for place in places] == [one["custom_id"] for one in asked]
    assert {(Path(one["path"]).name, tuple(one["pages"])) for one in asked} == {
        *((f"{name}.pdf", (1,)) for name in "abcd"),
        ("long.pdf", (1, 2)),
        ("long.pdf", (3,)),
    }
    (dataset,) = manifest.datasets
    data = (tmp_path / "out" / dataset.file.path).read_bytes()
    assert dataset.file.sha256 == hashlib.sha256(data).hexdigest()
    assert {one["dataset"] for one in asked} == {dataset.dataset}


def test_what_cannot_be_asked_about_is_told(papers: Path, tmp_path: Path) -> None:
    manifest = exported(papers, tmp_path / "out")

    assert manifest.documents == 6
    assert [Path(failure.path).name for failure in manifest.failures] == ["broken.pdf"]


def test_datasets_are_cut_and_nothing_else_is_left(papers: Path, tmp_path: Path) -> None:
    manifest = exported(papers, tmp_path / "out", datasets=DatasetLimits(max_rows=4))

    assert [one.requests for one in manifest.datasets] == [4, 2]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "asked.jsonl",
        "manifest.json",
        "requests-00001.jsonl",
        "requests-00002.jsonl",
    ]


def test_the_same_folder_gives_the_same_files(papers: Path, tmp_path: Path) -> None:
    first = exported(papers, tmp_path / "first", datasets=DatasetLimits(max_rows=4))
    second = exported(papers, tmp_path / "second", datasets=DatasetLimits(max_rows=4))

    assert first.datasets == second.datasets
    files = {path.name: path.read_bytes() for path in (tmp_path / "first").iterdir()}
    assert files == {path.name: path.read_bytes() for path in (tmp_path / "second").iterdir()}


def test_sources_that_are_not_there_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        exported(tmp_path / "nowhere", tmp_path / "out")

    assert list(tmp_path.iterdir()) == []
