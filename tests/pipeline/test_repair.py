"""A damaged lake is put right from what is in it, and the next run asks at most for what was lost."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from pipeline.check.checking import check
from pipeline.check.findings import Kind
from pipeline.errors import ConfigError
from pipeline.rebuild import rebuild
from pipeline.repair import Repaired, repair
from pipeline.store.leftovers import leftovers
from pipeline.store.lock import held
from pipeline.summary import RunSummary
from schemas.registry import RecordType
from tests.pipeline.lakes import (
    DAMAGES,
    DOCUMENTS,
    TABLES,
    asked,
    copied,
    damage,
    delete,
    flip,
    parts,
    swap,
    truncate,
    worked,
    wrong,
)
from tests.pipeline.runs import records, run, slip_answer, slip_type, table
from tests.servers import FaultServer


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return worked(tmp_path_factory.mktemp("repair"))


@pytest.fixture
def lake(whole: Path, tmp_path: Path) -> Path:
    return copied(whole, tmp_path / "lake")


def repaired(lake: Path) -> Repaired:
    def record_of(name: str) -> RecordType:
        assert name == "slip"
        return slip_type()

    return asyncio.run(repair(lake, record_of))


def told(lake: Path) -> pl.DataFrame:
    return records(lake).drop("_run", "_extracted_at", "_latency_s").sort("_source")


def after(lake: Path, whole: Path) -> tuple[RunSummary, int]:
    """The next run over the same documents, and how many requests it sent."""
    with FaultServer(slip_answer) as server:
        summary = run(asked(server.base_url, whole.parent, lake))
        return summary, len(server.asked)


@pytest.mark.torture
@pytest.mark.parametrize("how", DAMAGES, ids=lambda how: how.__name__)
@pytest.mark.parametrize("folder", TABLES)
def test_after_a_repair_nothing_is_wrong_and_no_file_is_lost(
    folder: str, how: Callable[[Path, Path], None], lake: Path, whole: Path
) -> None:
    if how is swap and len(parts(lake, folder)) < 2:
        pytest.skip("the table has one part only")
    damage(lake, folder, how)
    hurt = {part.read_bytes() for part in (lake / folder).glob("part-*")} - {
        part.read_bytes() for part in (whole / folder).glob("part-*")
    }

    done = repaired(lake)

    assert wrong(lake) == []
    assert hurt <= {file.read_bytes() for file in (lake / "_damaged").rglob("part-*")}
    assert all((lake / now).exists() and not Path(now).is_absolute() for _, now in done.moved)
    if folder.startswith(("records", "pages", "answers", "failures")):
        assert told(lake).equals(told(whole))


def test_records_are_derived_again_and_nothing_is_left_to_ask(lake: Path, whole: Path) -> None:
    damage(lake, "records/schema=slip", flip)
    damage(lake, "pages", swap)

    done = repaired(lake)
    summary, requests = after(lake, whole)

    assert told(lake).equals(told(whole))
    assert (done.derived + done.marked, requests) == (DOCUMENTS, 0)
    assert summary.records == DOCUMENTS
    assert list(check(lake)) == []


def test_the_next_run_asks_only_for_the_answers_that_were_lost(lake: Path, whole: Path) -> None:
    lost = pl.read_parquet(parts(lake, "answers")[0]).height
    damage(lake, "answers", truncate)
    damage(lake, "documents", delete)
    damage(lake, "failures", delete)

    repaired(lake)
    assert records(lake).height == DOCUMENTS
    summary, requests = after(lake, whole)

    assert (lost, requests) == (4, 4)
    assert (summary.records, summary.documents) == (DOCUMENTS, DOCUMENTS + 1)
    assert records(lake).height == DOCUMENTS
    assert sorted(table(lake, "documents")["path"]) == sorted(table(whole, "documents")["path"])
    assert list(check(lake)) == []


def test_a_lake_that_has_lost_all_but_its_answers_asks_nothing(lake: Path, whole: Path) -> None:
    for folder in ("documents", "pages", "records/schema=slip"):
        for part in parts(lake, folder):
            part.unlink()

    repaired(lake)
    summary, requests = after(lake, whole)

    assert (summary.records, requests) == (DOCUMENTS, 0)
    assert told(lake).equals(told(whole))
    assert list(check(lake)) == []


def test_documents_are_listed_again_with_what_the_other_tables_tell(lake: Path, whole: Path) -> None:
    for part in parts(lake, "documents"):
        part.unlink()

    done = repaired(lake)

    varies = ("size_bytes", "kind", "media_type", "question_id", "at", "place", "stamp", "listed")
    before, now = (table(one, "documents").drop(varies).sort("path") for one in (whole, lake))
    assert done.listed == DOCUMENTS + 1
    assert now.equals(before)


def test_a_repair_of_a_whole_lake_changes_nothing(lake: Path, whole: Path) -> None:
    assert repaired(lake) == Repaired()
    assert told(lake).equals(told(whole))
    assert not (lake / "_damaged").exists()


def test_a_repair_beside_a_run_is_refused(lake: Path) -> None:
    with held(lake), pytest.raises(ConfigError, match="another run is working"):
        repaired(lake)


def test_what_can_be_read_of_a_journal_is_kept(lake: Path) -> None:
    file = lake / "_journal" / "killed.jsonl"
    file.write_bytes(b'{"sent":"one"}\nbroken\n{"sent":"two"}\n')

    done = repaired(lake)

    assert [doubt.custom_id for doubt in leftovers(lake / "_journal").unanswered] == ["one", "two"]
    assert done.moved == [("_journal/killed.jsonl", "_damaged/_journal/killed.jsonl")]
    assert wrong(lake) == []


def test_jobs_and_manifests_that_cannot_be_read_are_moved_aside(lake: Path) -> None:
    (lake / "_jobs" / "pagelake-1").mkdir(parents=True)
    (lake / "_jobs" / "pagelake-1" / "job.json").write_text("{")
    next((lake / "_runs").glob("*.json")).write_text("")

    done = repaired(lake)

    assert len(done.moved) == 2
    assert wrong(lake) == []
    assert (lake / "_damaged" / "_jobs" / "pagelake-1" / "job.json").read_text() == "{"


def test_a_second_damage_to_the_same_part_hides_not_the_first(lake: Path) -> None:
    manifest = next((lake / "_runs").glob("*.json"))
    for content in ("first", "second"):
        manifest.write_text(content)
        repaired(lake)

    there = sorted((lake / "_damaged" / "_runs").iterdir())
    assert [file.read_text() for file in there] == ["first", "second"]


def test_records_that_cannot_be_read_are_no_obstacle_to_a_rebuild(lake: Path, whole: Path) -> None:
    damage(lake, "records/schema=slip", truncate)

    asyncio.run(rebuild(lake, slip_type()))

    assert told(lake).equals(told(whole))
    assert wrong(lake) == []
    assert len(list((lake / "_damaged").rglob("part-*"))) == 1


def test_a_rebuild_keeps_the_records_whose_answers_are_gone(lake: Path, whole: Path) -> None:
    damage(lake, "answers", delete)

    summary = asyncio.run(rebuild(lake, slip_type()))

    assert summary.records == DOCUMENTS
    assert told(lake).equals(told(whole))
    assert {one.kind for one in wrong(lake)} == {Kind.ANSWERS}
