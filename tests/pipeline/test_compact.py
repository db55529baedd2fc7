"""Lakes of many small parts, made into few, with nothing else changed."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipeline.check.checking import check
from pipeline.check.findings import Kind
from pipeline.compact import compact_lake
from pipeline.store.lake import Lake
from pipeline.store.parts import parts_of
from pipeline.store.tables import records_table
from tests.papers import write_pdf
from tests.pipeline.runs import config, records, run, slip_answer, table
from tests.servers import FaultServer

TABLES = ("documents", "pages", "answers", "failures")


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake that four runs wrote to, with a file that cannot be read and copies of another."""
    place = tmp_path_factory.mktemp("grown")
    with FaultServer(slip_answer) as server:
        for number in range(4):
            write_pdf(place / "in" / f"{number}.pdf", [f"page {page}" for page in range(number + 1)])
            (place / "in" / "bad.pdf").write_bytes(b"%PDF-1.4 bad")
            shutil.copy(place / "in" / "0.pdf", place / "in" / f"copy of 0, {number}.pdf")
            run(config(server.base_url, place / "lake", place / "in", shard_pages=2, explode=("entries",)))
    return place


@pytest.fixture
def lake(grown: Path, tmp_path: Path) -> Path:
    shutil.copytree(grown / "lake", tmp_path / "lake")
    return tmp_path / "lake"


def rows(lake: Path) -> dict[str, pl.DataFrame]:
    """Every table, its rows in an order of their own."""
    tables = {name: table(lake, name) for name in TABLES}
    tables |= {name: records(lake, name) for name in ("slip", "slip.entries")}
    keyed = {
        name: frame.with_columns(_key=pl.Series([str(row) for row in frame.rows()], dtype=pl.String))
        for name, frame in tables.items()
    }
    return {name: frame.sort("_key") for name, frame in keyed.items()}


def counts(lake: Path) -> dict[str, int]:
    return {name: len(parts_of(lake / name)) for name in (*TABLES, "records/schema=slip")}


def test_few_parts_hold_the_same_rows(lake: Path) -> None:
    before = rows(lake)
    told = {one.table: (one.before, one.after) for one in compact_lake(lake)}

    assert all(number == 1 for number in counts(lake).values()), counts(lake)
    assert told["documents"][0] > told["documents"][1] == 1
    for name, frame in rows(lake).items():
        assert_frame_equal(frame, before[name])
    assert len(list((lake / "records/schema=slip.entries").glob("*.parquet"))) == 1


def test_the_next_run_finds_everything_done_and_replaces_what_changed(lake: Path, grown: Path) -> None:
    compact_lake(lake)
    with FaultServer(slip_answer) as server:
        same = run(config(server.base_url, lake, grown / "in", shard_pages=2))
        assert not server.asked
        other = run(config(server.base_url, lake, grown / "in" / "3.pdf", model="another"))

    assert (same.documents_reused, same.records) == (4, 4)
    assert other.records == 1
    assert sorted(records(lake)["_model"]) == ["another", *["test-model"] * 3]


def test_a_second_time_there_is_nothing_to_do(lake: Path) -> None:
    compact_lake(lake)
    files = sorted((file, file.stat().st_mtime_ns) for file in lake.rglob("part-*.parquet"))
    compact_lake(lake)

    assert sorted((file, file.stat().st_mtime_ns) for file in lake.rglob("part-*.parquet")) == files


def test_parts_are_put_together_up_to_a_size(lake: Path) -> None:
    size = max(part.stat().st_size for part in parts_of(lake / "pages"))
    compact_lake(lake, part_bytes=size)

    assert counts(lake)["documents"] > 1


KILLED = """
import os, signal, sys
from pathlib import Path
from pipeline.compact import compact_lake

left = int(sys.argv[2])

def count(event, arguments):
    global left
    touches = event in {"os.rename", "os.remove"}
    if touches and "/lake/" in str(arguments[0]):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(count)
compact_lake(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("steps", range(1, 43, 12))
def test_a_kill_at_any_step_loses_no_row_and_repeats_none(lake: Path, steps: int) -> None:
    before = rows(lake)
    child = subprocess.run(
        [sys.executable, "-c", KILLED, str(lake), str(steps)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        check=False,
    )
    assert child.returncode in {0, -signal.SIGKILL}
    found = list(check(lake))
    unfinished = (lake / "_journal/compaction.json").exists()
    assert bool([one for one in found if one.kind is Kind.COMPACTION]) is unfinished
    assert {one.kind for one in found if one.wrong} <= (set() if unfinished else {Kind.CHILDREN})
    with Lake(lake, records_table("slip", _columns(lake)), "slip"):
        pass

    for name, frame in rows(lake).items():
        if name != "slip.entries":
            assert_frame_equal(frame, before[name])
    assert not (lake / "_journal/compaction.json").exists()


def _columns(lake: Path) -> dict[str, pl.DataType]:
    there = pl.read_parquet_schema(parts_of(lake / "records/schema=slip")[0])
    return {name: kind for name, kind in there.items() if not name.startswith("_")}
