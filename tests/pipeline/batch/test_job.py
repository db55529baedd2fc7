"""A batch job as the lake remembers it."""

import shutil
from pathlib import Path

import pytest

from pipeline.batch.job import BatchJob, JobFolder, Left, Step
from pipeline.errors import StoreError
from tests.pipeline.batch.jobs import sealed


@pytest.fixture
def kept(tmp_path: Path) -> tuple[JobFolder, BatchJob]:
    return sealed(tmp_path)


def test_what_is_saved_is_loaded(kept: tuple[JobFolder, BatchJob]) -> None:
    folder, job = kept
    left = [
        Left(custom_id="r1", reason="expired"),
        Left(custom_id="r2", reason="no", status=400, is_final=True),
    ]
    folder.write_left(left)
    changed = folder.save(job.model_copy(update={"step": Step.RUNNING, "account": "me", "continuations": 2}))

    assert (folder.load(), folder.left()) == (changed, left)


def test_ids_of_continuations_follow_from_the_first(kept: tuple[JobFolder, BatchJob]) -> None:
    jobs = [kept[1].model_copy(update={"continuations": number}) for number in range(3)]
    first = jobs[0].id

    assert [job.job_id for job in jobs] == [first, f"{first}-c1", f"{first}-c2"]
    assert [job.earlier_job_id for job in jobs] == ["", first, f"{first}-c1"]
    assert jobs[2].output_ids == [f"{first}-out", f"{first}-c1-out", f"{first}-c2-out"]
    assert jobs[2].output_id == jobs[2].output_ids[-1]


@pytest.mark.parametrize(
    "torn", [b"", b"{", b"null", b"[]", b'{"id": "x"}', b"\xff\xfe", b'{"step": "flying"}']
)
def test_a_job_that_cannot_be_read_is_said_in_one_sentence(
    kept: tuple[JobFolder, BatchJob], torn: bytes
) -> None:
    folder, _ = kept
    (folder.path / "job.json").write_bytes(torn)
    with pytest.raises(StoreError) as caught:
        folder.load()

    assert str(caught.value) == (
        f"{folder.path}/job.json cannot be read: put a copy in its place, or move {folder.path} out of "
        "the lake, whose job is then no more known"
    )


@pytest.mark.parametrize("torn", [b"{", b"null\n", b'{"custom_id": 1}\n', b"\n"])
def test_requests_that_cannot_be_read_are_not_taken_for_none(
    kept: tuple[JobFolder, BatchJob], torn: bytes
) -> None:
    folder, _ = kept
    for name, read in (("asked.jsonl", folder.asked), ("left.jsonl", folder.left)):
        (folder.path / name).write_bytes(torn)
        with pytest.raises(StoreError, match=rf"{name} cannot be read"):
            read()


def test_a_job_without_the_list_of_its_requests_is_not_taken_for_an_empty_one(
    kept: tuple[JobFolder, BatchJob],
) -> None:
    folder, _ = kept
    (folder.path / "asked.jsonl").unlink()
    with pytest.raises(StoreError, match=r"asked\.jsonl cannot be read"):
        folder.asked()

    assert folder.left() == []


def test_a_job_that_is_moved_out_of_the_lake_is_no_more_known(tmp_path: Path) -> None:
    folder, _ = sealed(tmp_path / "lake")
    shutil.move(folder.path, tmp_path / "elsewhere")

    assert JobFolder.all(tmp_path / "lake") == []


def test_fields_of_a_later_version_do_no_harm(kept: tuple[JobFolder, BatchJob]) -> None:
    folder, job = kept
    state = folder.path / "job.json"
    state.write_text(state.read_text().replace("{", '{"colour": "red",', 1))

    assert folder.load() == job
