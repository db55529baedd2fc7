"""The folder of the state: held by one, whole or absent, and said when it is neither."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from pipeline.errors import ConfigError
from pipeline.local.control.folder import Incoming, Shelf, opened
from pipeline.local.launch import LocalEngine


class Note(BaseModel):
    text: str


def test_one_server_at_a_time_holds_it(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(ConfigError, match="another local server"), opened(tmp_path):
        pytest.fail("it was opened twice")
    with opened(tmp_path) as again:
        assert again == tmp_path


def test_without_one_it_is_temporary() -> None:
    with opened(None) as folder:
        assert folder.is_dir()

    assert not folder.exists()


def test_a_place_that_is_no_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ConfigError, match="cannot be kept"), opened(tmp_path / "file"):
        pytest.fail("it was opened")


def test_what_a_kill_left_counts_for_nothing(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, Note)
    shelf.prepare("a")
    shelf.keep("a", Note(text="one"))
    (tmp_path / "b" / "files").mkdir(parents=True)

    again = Shelf(tmp_path, Note)
    assert {name: again.find(name) for name in again.names()} == {"a": Note(text="one")}


def test_a_record_of_another_shape_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "record.json").write_text("{")

    with pytest.raises(ConfigError, match=r"a/record\.json"):
        Shelf(tmp_path, Note)


def test_a_file_that_is_not_kept_is_gone(tmp_path: Path) -> None:
    with Incoming(tmp_path / "a") as incoming:
        incoming.write(b"x")

    assert list(tmp_path.iterdir()) == []


def test_a_state_that_is_none_ends_the_start_with_a_sentence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "answered.json").write_text("{")

    with pytest.raises(ConfigError), LocalEngine(workers=1, state=tmp_path):
        pytest.fail("it started")

    assert "is no count of answers" in capfd.readouterr().err
