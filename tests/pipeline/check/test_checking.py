"""What is wrong with a lake is found, and nothing else."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from pipeline.check.checking import check
from pipeline.check.findings import REMEDY, Kind
from pipeline.errors import ConfigError, StoreError
from pipeline.store.compaction import finish_compaction
from pipeline.store.journal import Journal
from pipeline.store.lock import held
from pipeline.store.parquet import write_frame
from pipeline.store.seal import is_broken
from tests.pipeline.lakes import DAMAGES, TABLES, copied, damage, delete, flip, parts, swap, worked, wrong
from tests.pipeline.store.test_journal import ANSWER, send


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return worked(tmp_path_factory.mktemp("check"))


@pytest.fixture
def lake(whole: Path, tmp_path: Path) -> Path:
    return copied(whole, tmp_path / "lake")


def files(lake: Path) -> dict[str, tuple[bytes, int]]:
    there = (path for path in sorted(lake.rglob("*")) if path.is_file())
    return {str(path.relative_to(lake)): (path.read_bytes(), path.stat().st_mtime_ns) for path in there}


def notes(lake: Path) -> list[tuple[Kind, str]]:
    return [(one.kind, one.what) for one in check(lake) if not one.wrong]


def test_nothing_is_found_in_a_lake_as_runs_leave_it(whole: Path) -> None:
    assert list(check(whole)) == []


@pytest.mark.parametrize("how", DAMAGES, ids=lambda how: how.__name__)
@pytest.mark.parametrize("folder", TABLES)
def test_every_damage_to_a_part_is_found_and_nothing_is_changed(
    folder: str, how: Callable[[Path, Path], None], lake: Path
) -> None:
    if how is swap and len(parts(lake, folder)) < 2:
        pytest.skip("the table has one part only")
    damage(lake, folder, how)
    before = files(lake)

    found = wrong(lake)

    # Answers that changed their places are the same answers.
    assert bool(found) is not (how is swap and folder == "answers")
    assert all(one.what and one.where and one.remedy for one in found)
    assert files(lake) == before


def test_a_part_in_the_folder_of_another_table_is_found(lake: Path) -> None:
    one, other = parts(lake, "answers")[0], parts(lake, "pages")[0]
    swap(one, other)

    damaged = {finding.where for finding in wrong(lake) if finding.kind is Kind.DAMAGED}

    assert damaged == {str(part.relative_to(lake)) for part in (one, other)}


@pytest.mark.parametrize("folder", TABLES)
def test_every_bit_of_a_part_counts(folder: str, lake: Path) -> None:
    part = parts(lake, folder)[0]
    content = part.read_bytes()
    assert not is_broken(part)

    for place in range(0, len(content) - 8, len(content) // 60):
        part.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert is_broken(part) or b"pagelake_sha256" not in part.read_bytes()


def test_a_part_that_an_older_version_wrote_has_no_digest_and_is_read(lake: Path) -> None:
    for folder in TABLES:
        for part in parts(lake, folder):
            pl.read_parquet(part, glob=False, hive_partitioning=False).write_parquet(part)

    assert wrong(lake) == []


def test_records_that_nothing_tells_of_are_found(lake: Path) -> None:
    """A part copied under another number is one too many."""
    part = parts(lake, "records/schema=slip")[0]
    shutil.copy(part, part.with_name(part.name.replace("-000.", "-001.")))

    assert {one.kind for one in wrong(lake)} == {Kind.RECORDS, Kind.CHILDREN}


def test_pages_without_an_outcome_and_pages_told_twice_are_found(lake: Path) -> None:
    first, second = parts(lake, "pages")[:2]
    rows = pl.read_parquet(first)
    write_frame(first, rows.with_columns(outcome=pl.lit(None, rows.schema["outcome"])))
    write_frame(second, pl.concat([pl.read_parquet(second)] * 2))

    assert [one.kind for one in wrong(lake)] == [Kind.PAGES, Kind.PAGES]


def test_answers_that_stand_twice_are_told_and_no_harm(lake: Path) -> None:
    part = parts(lake, "answers")[0]
    shutil.copy(part, part.with_name(part.name.replace("-000.", "-001.")))

    assert wrong(lake) == []
    assert notes(lake) == [(Kind.REPEATED, "4 answers stand in it more than once")]


def test_child_tables_with_other_items_are_found(lake: Path) -> None:
    part = parts(lake, "records/schema=slip.entries")[0]
    write_frame(part, pl.read_parquet(part, hive_partitioning=False).reverse())

    assert [(one.kind, one.what) for one in wrong(lake)] == [
        (Kind.CHILDREN, "holds other items than its records")
    ]


def test_what_a_killed_run_left_is_told_and_no_harm(lake: Path) -> None:
    """Its journal is there beside the parts that it did not commit, half-written files too."""
    part = parts(lake, "documents")[0]
    run, shard = part.stem.split("-")[1:3]
    part.unlink()
    journal = Journal(lake / "_journal", f"{run}-{shard}")
    send(journal, "one")
    send(journal, "two")
    journal.answered(replace(ANSWER, custom_id="one"))
    journal.close()
    (lake / "pages" / ".part-x.parquet.tmp").write_bytes(b"PAR1")
    with (lake / "_journal" / f"{run}-{shard}.jsonl").open("ab") as file:
        file.write(b'{"answer":{"custom')

    assert wrong(lake) == []
    assert [kind for kind, _ in notes(lake)] == [Kind.UNCOMMITTED, Kind.JOURNAL, Kind.TORN]
    assert "1 answers, 1 requests in doubt" in notes(lake)[1][1]


def test_a_shard_that_is_not_committed_yet_is_no_harm_while_a_run_is_at_work(lake: Path) -> None:
    delete(*parts(lake, "documents")[:2])
    assert [one.kind for one in wrong(lake)] == [Kind.ORPHANED]

    delete(*parts(lake, "records/schema=slip.entries")[:2])

    with held(lake):
        assert wrong(lake) == []
        assert [kind for kind, _ in notes(lake)] == [Kind.AT_WORK, Kind.UNCOMMITTED, Kind.CHILDREN]


@pytest.mark.parametrize(("there", "goes"), [(0, "they go again"), (1, "the old ones go")])
def test_a_compaction_that_was_cut_off_is_told_and_no_harm(there: int, goes: str, lake: Path) -> None:
    new = ["answers/part-9-000.parquet", "answers/part-8-000.parquet"][there:]
    (lake / "_journal/compaction.json").write_text(json.dumps({"new": new * (1 - there), "old": []}))

    assert not wrong(lake)
    (note,) = notes(lake)
    assert note[0] is Kind.COMPACTION
    assert goes in note[1]


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff"])
def test_a_note_of_a_compaction_that_cannot_be_read_is_found(content: bytes, lake: Path) -> None:
    (lake / "_journal/compaction.json").write_bytes(content)

    (found,) = wrong(lake)

    assert found.kind is Kind.COMPACTION
    assert "moved aside" in found.remedy
    with pytest.raises(StoreError, match="--repair"):
        finish_compaction(lake)


def test_a_line_in_a_journal_that_is_no_note_is_found(lake: Path) -> None:
    (lake / "_journal" / "killed.jsonl").write_bytes(b'{"sent":"one"}\n{"answer":{"custom_id":"o"}}\n')

    (found,) = wrong(lake)

    assert found.kind is Kind.JOURNAL
    assert "1 requests in doubt; 1 lines of it cannot be read" in found.what


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff"])
def test_a_manifest_that_cannot_be_read_is_found(content: bytes, lake: Path) -> None:
    next((lake / "_runs").glob("*.json")).write_bytes(content)

    assert [(one.kind, one.what) for one in wrong(lake)] == [(Kind.MANIFEST, "is no manifest of a run")]


def test_jobs_that_cannot_be_read_are_found(lake: Path) -> None:
    (lake / "_jobs" / "pagelake-1").mkdir(parents=True)
    (lake / "_jobs" / "pagelake-1" / "job.json").write_text("{")
    (lake / "_jobs" / ".waiting").mkdir()
    (lake / "_jobs" / ".waiting" / "0001.json").write_text(json.dumps({"documents": 3}))

    assert [(one.kind, one.where) for one in wrong(lake)] == [
        (Kind.JOB, "_jobs/pagelake-1"),
        (Kind.MANIFEST, "_jobs/.waiting/0001.json"),
    ]


def test_a_job_under_way_is_told(lake: Path) -> None:
    folder = lake / "_jobs" / "pagelake-1"
    folder.mkdir(parents=True)
    job = {
        "id": "pagelake-1",
        "schema_name": "slip",
        "question_id": "q",
        "model": "m",
        "rows": 7,
        "size_bytes": 9,
    }
    (folder / "job.json").write_text(json.dumps(job))
    (folder / "asked.jsonl").write_text("")

    assert wrong(lake) == []
    assert notes(lake) == [(Kind.WAITING, "a batch job of 7 requests is under way (sealed)")]


def test_a_folder_that_is_no_lake_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not a lake"):
        list(check(tmp_path))


def test_every_kind_of_finding_says_what_to_do() -> None:
    assert REMEDY.keys() == set(Kind)


def test_a_flipped_bit_is_found_where_the_reader_sees_none(lake: Path) -> None:
    part = parts(lake, "answers")[0]
    flip(part, part)

    assert ("answers", "has other bytes than were written") in [
        (Path(one.where).parts[0], one.what) for one in wrong(lake)
    ]
