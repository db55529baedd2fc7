"""Who may open the files of a lake."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.batch_run import BatchRun
from tests.batches import served
from tests.papers import write_pdf
from tests.pipeline.batch_runs import asked, call
from tests.pipeline.runs import config, run, slip_answer
from tests.servers import FaultServer, Heard, Reply


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    """Files are for the group, too, and not for others."""
    before = os.umask(0o027)
    yield
    os.umask(before)


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    write_pdf(tmp_path / "in" / "a.pdf", ["first", "second"])
    return tmp_path / "lake"


def modes(folder: Path) -> dict[str, int]:
    return {
        str(each.relative_to(folder)): stat.S_IMODE(each.stat().st_mode) for each in sorted(folder.rglob("*"))
    }


def test_a_lake_has_the_modes_of_the_users_umask_and_the_journal_is_private(lake: Path) -> None:
    meanwhile: list[dict[str, int]] = []

    def answer(heard: Heard) -> Reply:
        meanwhile.append(modes(lake))
        return slip_answer(heard)

    with FaultServer(answer) as server:
        run(config(server.base_url, lake, lake.parent / "in"))

    journal = {
        mode
        for name, mode in meanwhile[0].items()
        if name.startswith("_journal/") and name.endswith(".jsonl")
    }
    assert (meanwhile[0]["_journal"], journal) == (0o700, {0o600})
    table = {name: mode for name, mode in modes(lake).items() if not name.startswith(("_journal", "."))}
    assert {mode for name, mode in table.items() if name.endswith((".parquet", ".json"))} == {0o640}
    assert {mode for name, mode in table.items() if not Path(name).suffix} == {0o750}


@pytest.mark.parametrize("earlier", [None, 0o755])
def test_jobs_are_private_because_their_requests_hold_pages(lake: Path, earlier: int | None) -> None:
    if earlier:
        (lake / "_jobs").mkdir(parents=True)
        (lake / "_jobs").chmod(earlier)
    with served(slip_answer) as (_, server):
        call(BatchRun.submit, asked(server.base_url, lake, lake.parent / "in"))

    assert modes(lake)["_jobs"] == 0o700
    assert modes(lake)["documents"] == 0o750
