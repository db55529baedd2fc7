"""Temporary folders: private, and gone in the end, however that comes."""

import os
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from pipeline.temporary import temporary_folder


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def aged(folder: Path) -> None:
    """As if it had been there for an hour."""
    os.utime(folder, (time.time() - 3600,) * 2)


def test_it_is_its_owners_alone_and_goes_with_the_block(room: Path) -> None:
    with temporary_folder("some-") as folder:
        (folder / "page.png").write_bytes(b"pixels")
        modes = [stat.S_IMODE(each.stat().st_mode) for each in (folder, folder.parent)]

    assert modes == [0o700, 0o700]
    assert list(room.iterdir()) == []


def test_what_a_killed_process_leaves_goes_with_the_next_one(room: Path) -> None:
    code = (
        "import os, signal\nfrom pipeline.temporary import temporary_folder\n"
        "with temporary_folder('some-') as folder:\n    (folder / 'page.png').touch()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "TMPDIR": str(room)}, check=False)
    (left,) = room.iterdir()
    aged(left)

    with temporary_folder("some-") as folder:
        there = list(room.iterdir())

    assert there == [folder.parent]


def test_what_is_in_use_or_not_ours_stays(room: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / ".held").touch()
    (room / "some-link").symlink_to(elsewhere)
    (room / "some-other").mkdir()
    aged(room / "some-other")
    with temporary_folder("some-") as first:
        aged(first.parent)
        with temporary_folder("some-"):
            pass

        assert first.is_dir()
    assert sorted(each.name for each in room.iterdir()) == ["some-link", "some-other"]
    assert (elsewhere / ".held").exists()
