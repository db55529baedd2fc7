"""Requests on their way into datasets."""

import json
import tracemalloc
from pathlib import Path

import pytest

from pipeline.batch.book import Book
from pipeline.batch.job import JobFolder, Left, Step
from pipeline.batch.lines import line_of
from pipeline.errors import StoreError
from pipeline.service.names import valid_id
from tests.pipeline.batch.jobs import request, sealed, spool_of


def ids_in(folder: JobFolder) -> list[str]:
    return [json.loads(line)["custom_id"] for line in folder.lines.read_bytes().splitlines()]


def spooled(
    lake: Path, count: int, *, max_rows: int = 10_000, max_bytes: int = 140_000_000
) -> list[JobFolder]:
    spool = spool_of(lake, max_rows=max_rows, max_bytes=max_bytes)
    for number in range(1, count + 1):
        spool.add(request(f"r{number}"))
    spool.seal()
    spool.close()
    return list(spool.sealed)


def test_a_dataset_is_cut_at_its_most_rows(tmp_path: Path) -> None:
    folders = spooled(tmp_path, 7, max_rows=3)

    assert [ids_in(folder) for folder in folders] == [["r1", "r2", "r3"], ["r4", "r5", "r6"], ["r7"]]
    assert [folder.load().rows for folder in folders] == [3, 3, 1]


def test_a_dataset_is_cut_before_it_gets_too_large(tmp_path: Path) -> None:
    size = len(line_of(request("r1")))
    folders = spooled(tmp_path, 5, max_bytes=2 * size)

    assert [ids_in(folder) for folder in folders] == [["r1", "r2"], ["r3", "r4"], ["r5"]]
    assert [folder.load().size_bytes for folder in folders] == [2 * size, 2 * size, size]
    assert all(folder.lines.stat().st_size == folder.load().size_bytes for folder in folders)


def test_a_line_that_is_larger_than_the_limit_gets_a_dataset_of_its_own(tmp_path: Path) -> None:
    assert [ids_in(folder) for folder in spooled(tmp_path, 3, max_bytes=10)] == [["r1"], ["r2"], ["r3"]]


def test_what_is_sealed_is_a_job_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    folder, job = sealed(tmp_path)

    assert (job.schema_name, job.question_id, job.model, job.step) == (
        "slip",
        "q" * 40,
        "test-model",
        Step.SEALED,
    )
    assert [one.custom_id for one in folder.asked()] == ["r1", "r2", "r3"]
    assert [one.pages for one in folder.asked()] == [(1,), (2,), (3,)]
    assert folder.path.name == job.id
    assert valid_id(job.id)
    assert valid_id(f"{job.id}-c2-out")
    assert [one.path for one in JobFolder.all(tmp_path)] == [folder.path]


def test_nothing_is_sealed_where_nothing_was_asked(tmp_path: Path) -> None:
    assert spooled(tmp_path, 0) == []
    assert JobFolder.all(tmp_path) == []


def test_what_is_not_sealed_is_no_job_and_is_forgotten_by_whoever_comes_next(tmp_path: Path) -> None:
    spool = spool_of(tmp_path)
    spool.add(request("r1"))  # and the process is killed
    seen_before, lines = JobFolder.all(tmp_path), list((tmp_path / "_jobs").glob(".open/*"))
    (folder,) = spooled(tmp_path, 2)

    assert (seen_before, [one.name for one in lines]) == ([], ["requests.jsonl"])
    assert ids_in(folder) == ["r1", "r2"]
    spool.close()


def test_a_dataset_that_is_closed_before_it_is_sealed_leaves_nothing(tmp_path: Path) -> None:
    spool = spool_of(tmp_path)
    spool.add(request("r1"))
    spool.close()

    assert list((tmp_path / "_jobs").iterdir()) == []


def test_the_same_requests_make_the_same_id_in_every_lake_and_others_another(tmp_path: Path) -> None:
    first, again = (sealed(tmp_path / name)[1] for name in ("one", "two"))
    others = [sealed(tmp_path / "other", ids)[1].id for ids in (["r1"], ["r2"], ["r1", "r3"], ["r3", "r1"])]

    assert first.id == again.id
    assert len({first.id, *others}) == 5


def test_what_is_asked_again_makes_another_id_each_time(tmp_path: Path) -> None:
    """Also after a run has begun anew, when the earlier tries do not count any more."""
    ids = []
    for settled in (False, True, False):
        folder, job = sealed(tmp_path)
        ids.append(job.id)
        folder.write_left(Left(custom_id=one, reason="expired") for one in ("r1", "r2", "r3"))
        folder.save(job.model_copy(update={"step": Step.COLLECTED, "settled": settled}))

    assert len(set(ids)) == 3


def test_the_same_requests_are_never_sealed_over_a_job_that_is_there(tmp_path: Path) -> None:
    folder, job = sealed(tmp_path)
    spool = spool_of(tmp_path, book=Book())
    for custom_id in ("r1", "r2", "r3"):
        spool.add(request(custom_id))
    with pytest.raises(StoreError, match="is there already, with the same requests"):
        spool.seal()
    spool.close()

    assert folder.load() == job


def test_a_request_goes_into_a_dataset_once(tmp_path: Path) -> None:
    spool = spool_of(tmp_path)
    spool.add(request("r1"))
    with pytest.raises(StoreError, match="the request r1 is in the dataset already"):
        spool.add(request("r1"))
    spool.close()


def test_a_request_that_would_fail_the_whole_job_is_refused_and_the_others_stay(tmp_path: Path) -> None:
    spool = spool_of(tmp_path)
    spool.add(request("r1"))
    with pytest.raises(StoreError, match="would fail its whole job: message 1 has no role"):
        spool.add(request("r2", role="bananas"))
    spool.seal()
    spool.close()

    assert ids_in(spool.sealed[0]) == ["r1"]


def test_memory_grows_by_the_ids_of_requests_only(tmp_path: Path) -> None:
    book = Book()
    spool = spool_of(tmp_path, max_rows=500, book=book)

    def add(numbers: range) -> int:
        """Bytes held once so many have been written, the last dataset sealed."""
        for number in numbers:
            spool.add(request(f"{number:040}"))
            book.waiting.add(f"{number:040}")
        assert len(spool.sealed) == len(numbers) // 500 - 1
        spool.seal()
        spool.sealed.clear()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        growth = -add(range(1000)) + add(range(1000, 4000))
    finally:
        tracemalloc.stop()
        spool.close()

    assert growth / 3000 < 200


def test_a_folder_that_cannot_be_written_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "_jobs").write_text("a file")
    spool = spool_of(tmp_path)
    with pytest.raises(StoreError, match=r"_jobs.* cannot be written"):
        spool.add(request("r1"))
    spool.close()
