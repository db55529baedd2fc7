"""A machine out of disk or files, a lake that cannot be written, two runs at once: one sentence each."""

import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.cli import run as command
from pipeline.check.checking import check
from pipeline.errors import StoreError
from pipeline.store.journal import Journal
from pipeline.store.lake import JOURNAL
from pipeline.store.lock import held
from schemas.registry import load
from tests.charts import Draw
from tests.flows.command import environment, page_answer, started
from tests.papers import write_pdf
from tests.pipeline.lakes import damage, delete, flip, truncate
from tests.pipeline.runs import config, run, table
from tests.pipeline.store.test_journal import ANSWER, send
from tests.servers import FaultServer, late

PAGES = 20
IN_FLIGHT = 10

READ_ONLY = """
import os, sys
from pathlib import Path
import polars as pl
from pipeline.errors import PagelakeError
from pipeline.store.lake import Lake
from pipeline.store.tables import records_table
os.chdir(sys.argv[1])
if os.geteuid() == 0:
    os.setuid(65534)
try:
    with Lake(Path("lake"), records_table("slip", {"title": pl.String}), "slip"):
        pass
except PagelakeError as error:
    print(error.exit_code, error)
"""


LATER = "some in_records, others left"


def brief(error: object) -> str:
    """What went wrong, without where."""
    return re.sub(r"/\S*/", "", str(error))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(PAGES // 2):
        write_pdf(tmp_path / "in" / f"{number:02}.pdf", [f"{number} front", f"{number} back"])
    return tmp_path / "in"


def goes_on(folder: Path, server: FaultServer) -> int:
    """Requests of the next run, which has what the one before lacked, and leaves a whole lake."""
    lake, before = folder.parent / "lake", len(server.asked)
    summary = run(config(server.base_url, lake, folder, record=load("page_text"), in_flight=IN_FLIGHT))
    assert summary.records == table(lake, "pages").height == PAGES
    assert list(check(lake)) == []
    return len(server.asked) - before


@pytest.mark.charted
def test_a_full_disk_ends_a_run_in_a_sentence_and_costs_what_was_in_flight(folder: Path, chart: Draw) -> None:
    """No file may grow beyond what some notes of the journal need."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with FaultServer(page_answer) as server:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, before[1]))
        try:
            with pytest.raises(StoreError, match=r"could not be written: File too large; make room") as full:
                goes_on(folder, server)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        asked = len(server.asked)
        again = goes_on(folder, server)

    assert 0 < asked < PAGES
    assert asked + again <= PAGES + IN_FLIGHT
    chart("faults", "disk full", LATER, asked + again - PAGES, full.value.exit_code, brief(full.value))


@pytest.mark.charted
@pytest.mark.slow
def test_no_files_left_ends_a_run_in_a_sentence_and_loses_nothing(folder: Path, chart: Draw) -> None:
    """In a process of its own, for the server has to have some."""
    words = ["process", folder, "--schema", "page_text", "--out", folder.parent / "lake", "--no-prefect"]
    with FaultServer(lambda heard: late(page_answer(heard), 0.2)) as server:
        with started(words, folder.parent, environment(server.base_url)) as process:
            resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (25, 25))
            _, said = process.communicate(timeout=120)
        asked = len(server.asked)
        again = goes_on(folder, server)

    assert process.returncode in {1, 3}
    assert "Traceback" not in said
    assert "too many" in said.splitlines()[-1].lower()
    assert asked + again <= PAGES + IN_FLIGHT
    told = said.splitlines()[-1]
    chart("faults", "no descriptors left", LATER, asked + again - PAGES, process.returncode, brief(told))


@pytest.mark.charted
def test_a_second_run_on_the_same_lake_is_refused_before_it_asks(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, chart: Draw
) -> None:
    lake = folder.parent / "lake"
    with FaultServer(page_answer) as server:
        goes_on(folder, server)
        before = len(server.asked)
        write_pdf(folder / "new.pdf", ["new"])
        for name, value in environment(server.base_url).items():
            monkeypatch.setenv(name, value)
        with held(lake):
            code = command(
                ["process", str(folder), "--schema", "page_text", "--out", str(lake), "--no-prefect"]
            )

    assert (code, len(server.asked)) == (2, before)
    told = capsys.readouterr().err.splitlines()[-1]
    assert "another run is working on the lake" in told
    assert list(check(lake)) == []
    chart("faults", "two runs on one lake", "of the first alone", 0, code, brief(told))


@pytest.mark.charted
@pytest.mark.parametrize("exists", [True, False])
def test_a_lake_that_cannot_be_written_is_refused_before_anything_is_asked(
    exists: bool, tmp_path: Path, chart: Draw
) -> None:
    if exists:
        (tmp_path / "lake" / JOURNAL).mkdir(parents=True)
        (tmp_path / "lake").chmod(0o555)
    tmp_path.chmod(0o555)

    child = [sys.executable, "-c", READ_ONLY, str(tmp_path)]
    told = subprocess.run(child, capture_output=True, text=True, env=os.environ, check=True, timeout=60)
    tmp_path.chmod(0o755)

    assert told.stdout.startswith("2 the lake lake cannot be written: Permission denied")
    assert "choose another --out" in told.stdout
    name = "lake read-only" if exists else "place of the lake read-only"
    chart("faults", name, "none asked", 0, *told.stdout.strip().split(" ", 1))


@pytest.mark.charted
def test_a_journal_with_a_half_written_last_line_is_no_obstacle(folder: Path, chart: Draw) -> None:
    journals = folder.parent / "lake" / JOURNAL
    journals.mkdir(parents=True)
    journal = Journal(journals, "20200101T000000000000-00001")
    send(journal, "lost")
    journal.answered(ANSWER)
    journal.close()
    file = journals / "20200101T000000000000-00001.jsonl"
    file.write_bytes(file.read_bytes()[:-30])

    with FaultServer(page_answer) as server:
        summary = run(config(server.base_url, folder.parent / "lake", folder, record=load("page_text")))

    assert [doubt.custom_id for doubt in summary.in_doubt] == ["lost"]
    assert list(check(folder.parent / "lake")) == []
    pages = f"{summary.pages.in_records} in_records"
    chart("faults", "journal with half a last line", pages, 0, summary.exit_code, "1 request in doubt")


DAMAGE: dict[str, Callable[[Path, Path], None]] = {
    "deleted": delete,
    "cut short": truncate,
    "with a flipped bit": flip,
}


@pytest.mark.torture
@pytest.mark.parametrize("how", DAMAGE)
def test_parts_damaged_by_hand_are_found_and_rebuilt_without_asking(
    how: str, folder: Path, capsys: pytest.CaptureFixture[str], chart: Draw
) -> None:
    lake = folder.parent / "lake"
    with FaultServer(page_answer) as server:
        goes_on(folder, server)
        before = records_of(lake)
        for table_of in ("records/schema=page_text", "pages"):
            damage(lake, table_of, DAMAGE[how])
        found, said = command(["check", str(lake)]), capsys.readouterr().out
        repaired = command(["check", str(lake), "--repair", "--schema", "page_text"])
        asked_again = goes_on(folder, server)

    assert (found, repaired, asked_again) == (1, 0, 0)
    assert records_of(lake) == before
    told = next(line for line in reversed(said.splitlines()) if line.strip())
    chart("faults", f"parts {how} by hand", f"{PAGES} in_records after repair", 0, found, brief(told))


def records_of(lake: Path) -> list[tuple[str, int]]:
    """What the records say, whichever run wrote them."""
    rows = table(lake, "records/schema=page_text")
    return sorted(zip(rows["text"].to_list(), rows["_pages"].list.first().to_list(), strict=True))
