"""The folder that the control plane lives in: records and files that are whole or absent."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Generic, Self, TypeVar

from filelock import FileLock, Timeout
from pydantic import BaseModel, ValidationError

from pipeline.errors import ConfigError
from pipeline.local.control.status import gone
from pipeline.temporary import temporary_folder

M = TypeVar("M", bound=BaseModel)
_RECORD = "record.json"
_PART = ".part"


@contextmanager
def opened(state: Path | None) -> Iterator[Path]:
    """The folder, held by this process alone; without one, a temporary one that goes at the end.

    Raises:
        ConfigError: It cannot be used, or another server holds it.
    """
    if state is None:
        with temporary_folder("pagelake-local-") as temporary:
            yield temporary
        return
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)  # documents lie in it
        lock = FileLock(state / "lock")
        lock.acquire(timeout=0)
    except Timeout:
        raise ConfigError(f"the state in {state} is held by another local server; stop it first") from None
    except OSError as error:
        raise ConfigError(f"the state cannot be kept in {state}: {error}") from error
    with lock:
        yield state
    lock.release()


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that is whole at every moment at which it is there."""
    beside = path.with_name(path.name + _PART)
    beside.write_bytes(data)
    beside.replace(path)


class Shelf(Generic[M]):
    """Records of one kind by their ids, each in a folder of its own beside the files that belong to it.

    Args:
        folder: Where the folders are, theirs alone.
        kind: What the records are.

    Raises:
        ConfigError: A record is not one.
    """

    def __init__(self, folder: Path, kind: type[M]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        # Folders without a record are left over from a kill, and count for nothing.
        paths = sorted(folder.glob(f"*/{_RECORD}"))
        self._known = {path.parent.name: _read(path, kind) for path in paths}

    def names(self) -> list[str]:
        """The ids."""
        return list(self._known)

    def __contains__(self, name: str) -> bool:
        """Whether there is a record of this id."""
        return name in self._known

    def find(self, name: str) -> M:
        """The record of an id.

        Raises:
            Status: 404.
        """
        if name not in self._known:
            raise gone()
        return self._known[name]

    def prepare(self, name: str) -> None:
        """An empty folder for a record that is to come, rid of what a kill may have left."""
        shutil.rmtree(self.place(name), ignore_errors=True)
        self.place(name).mkdir()

    def keep(self, name: str, record: M) -> M:
        """Keep the record as it is now."""
        write_whole(self.place(name) / _RECORD, record.model_dump_json(by_alias=True).encode())
        self._known[name] = record
        return record

    def remove(self, name: str) -> None:
        """Let the record go, if there is one, and then what belongs to it."""
        self._known.pop(name, None)
        (self.place(name) / _RECORD).unlink(missing_ok=True)
        shutil.rmtree(self.place(name), ignore_errors=True)

    def place(self, name: str) -> Path:
        """The folder of a record."""
        return self._folder / name


def _read(path: Path, kind: type[M]) -> M:
    try:
        return kind.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise ConfigError(
            f"{path} is no record of this version of the local server; take the folder {path.parent} away"
        ) from error


class Incoming:
    """A file on its way in: beside its place until it is `keep`-t, and removed when it is not.

    Attributes:
        size: Bytes so far.
    """

    def __init__(self, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        self._target = target
        self._beside = target.with_name(f"{secrets.token_hex(8)}{_PART}")  # two may come at once
        self._file = self._beside.open("wb")
        self.size = 0

    def __enter__(self) -> Self:
        return self

    def write(self, chunk: bytes) -> None:
        """Take more."""
        self._file.write(chunk)
        self.size += len(chunk)

    def keep(self, name: str | None = None) -> None:
        """It is whole: put it in its place, under another name if one is given."""
        self._file.close()
        self._beside.replace(self._target.with_name(name) if name else self._target)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what was not kept."""
        self._file.close()
        self._beside.unlink(missing_ok=True)
