import os
from pathlib import Path

import pytest
from filelock import FileLock

from pipeline.errors import ConfigError, StoreError
from pipeline.objects import ObjectFolder
from pipeline.store.disk import move, remove
from pipeline.store.following import address_of
from pipeline.store.lease import LOCK
from pipeline.store.parquet import write_text
from pipeline.store.working_copy import WorkingCopy, _is_safe, lake_at
from tests.buckets import bucket, in_bucket, s3

__all__ = ["bucket", "s3"]


@pytest.fixture
def address(bucket: str) -> str:
    return f"{bucket}/lakes/one"


def lasting(address: str) -> dict[str, bytes]:
    """What the bucket has of a lake, but for its lock."""
    return {name: data for name, data in in_bucket(address).items() if not name.startswith(f"{LOCK}/")}


def test_a_folder_of_this_machine_is_worked_on_where_it_is(tmp_path: Path) -> None:
    with lake_at(str(tmp_path / "lake")) as lake:
        assert lake == tmp_path / "lake"
        assert address_of(lake) == str(lake)


def test_what_is_done_to_files_is_done_to_the_bucket(address: str, tmp_path: Path) -> None:
    with lake_at(address, tmp_path) as lake:
        write_text(lake / "pages/a", "1")
        write_text(lake / "pages/b", "2")
        write_text(lake / "_jobs/.open/job.json", "{}")
        assert lasting(address) == {"pages/a": b"1", "pages/b": b"2"}

        move(lake / "_jobs/.open", lake / "_jobs/one")
        write_text(lake / "pages/a", "3")
        remove([lake / "pages/b"])
        assert lasting(address) == {"pages/a": b"3", "_jobs/one/job.json": b"{}"}

        move(lake / "_jobs/one", lake / "_jobs/two")
        assert lasting(address) == {"pages/a": b"3", "_jobs/two/job.json": b"{}"}
        assert address_of(lake) == address


def test_another_machine_finds_what_the_first_has_written(address: str, tmp_path: Path) -> None:
    with lake_at(address, tmp_path / "first") as lake:
        write_text(lake / "pages/a", "1")
        write_text(lake / "pages/b", "2")
    with lake_at(address, tmp_path / "second") as lake:
        assert {file.name: file.read_text() for file in (lake / "pages").iterdir()} == {"a": "1", "b": "2"}
        write_text(lake / "pages/a", "changed")
        remove([lake / "pages/b"])
    with lake_at(address, tmp_path / "first") as lake:
        assert {file.name: file.read_text() for file in (lake / "pages").iterdir()} == {"a": "changed"}


def test_what_is_there_already_is_not_fetched_again(address: str, tmp_path: Path) -> None:
    with lake_at(address, tmp_path) as lake:
        write_text(lake / "pages/a", "1")
    with lake_at(address, tmp_path) as lake:
        before = (lake / "pages/a").stat()
    with lake_at(address, tmp_path) as lake:
        assert (lake / "pages/a").stat() == before


def test_a_file_that_was_changed_by_hand_is_fetched_again(address: str, tmp_path: Path) -> None:
    with lake_at(address, tmp_path) as lake:
        write_text(lake / "pages/a", "1")
    (lake / "pages/a").write_text("x")
    with lake_at(address, tmp_path) as lake:
        assert (lake / "pages/a").read_text() == "1"


def test_what_a_kill_left_unsent_goes_and_the_journal_stays(address: str, tmp_path: Path) -> None:
    with lake_at(address, tmp_path) as lake:
        write_text(lake / "pages/a", "1")
    (lake / "pages/unsent").write_text("2")
    (lake / "_journal").mkdir()
    (lake / "_journal/one.jsonl").write_text("paid for")
    with lake_at(address, tmp_path) as lake:
        assert not (lake / "pages/unsent").exists()
        assert (lake / "_journal/one.jsonl").read_text() == "paid for"


def test_what_a_run_of_this_machine_is_writing_is_left_to_it(address: str, tmp_path: Path) -> None:
    writer = WorkingCopy(ObjectFolder(address), tmp_path)
    writer.hold()
    (writer.folder / "part").write_text("on its way")
    with lake_at(address, tmp_path) as lake:
        assert (lake / "part").read_text() == "on its way"
    writer.release()


def test_two_machines_do_not_hold_a_lake_at_once(address: str, tmp_path: Path) -> None:
    first = WorkingCopy(ObjectFolder(address), tmp_path / "first")
    second = WorkingCopy(ObjectFolder(address), tmp_path / "second")
    first.hold()
    with pytest.raises(ConfigError, match=r"another run .* is working on the lake s3://"):
        second.hold()
    first.release()
    second.hold()
    second.release()


def test_a_second_run_of_this_machine_is_refused(address: str, tmp_path: Path) -> None:
    copy = WorkingCopy(ObjectFolder(address), tmp_path)
    with (
        FileLock(copy.folder / ".copy.lock"),
        pytest.raises(ConfigError, match="another run of this machine"),
    ):
        copy.hold()


def test_a_holder_whose_lock_was_lost_writes_no_more(address: str, tmp_path: Path) -> None:
    copy = WorkingCopy(ObjectFolder(address), tmp_path)
    copy.hold()
    copy._lease._is_lost = True
    (copy.folder / "part").write_text("late")
    with pytest.raises(StoreError, match=r"the lock of s3://.* was lost"):
        copy.changed(copy.folder / "part")
    copy.release()
    assert "part" not in in_bucket(address)


def test_what_stays_on_a_machine_is_not_taken_from_a_bucket(address: str, tmp_path: Path) -> None:
    objects = ObjectFolder(address)
    for name in ("pages/a", "_journal/other.jsonl", ".copy.json", "_jobs/.open/job.json", "pages/.a.tmp"):
        objects.put(name, b"x")
    with lake_at(address, tmp_path) as lake:
        there = {str(file.relative_to(lake)) for file in lake.rglob("*") if file.is_file()}
        assert there - {".copy.json", ".copy.lock", ".copy.name"} == {"pages/a"}
        assert (lake / ".copy.json").read_bytes() != b"x"


@pytest.mark.parametrize("name", ["../a", "pages/../../a", "a\\b", "a\0b", ""])
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    assert not _is_safe(name)


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_working_copies_are_private(address: str, tmp_path: Path) -> None:
    with lake_at(address, tmp_path / "copies") as lake:
        assert [folder.stat().st_mode & 0o777 for folder in (lake, lake.parent)] == [0o700, 0o700]


def test_a_folder_for_copies_that_cannot_be_made_is_named(address: str, tmp_path: Path) -> None:
    (tmp_path / "copies").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"), lake_at(address, tmp_path / "copies"):
        pass
