"""A lake in a bucket, worked on in a folder of this machine.

Whatever is done to a file of the folder is done to the bucket right after, in the same order: so the bucket
is at each moment in a state that the folder was in, and what makes a lake safe from kills does so there. The
journal stays in the folder, where a note costs microseconds. Other machines find what was committed.
"""

import hashlib
import json
import os
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import uuid4

from filelock import FileLock, Timeout

from pipeline.errors import ConfigError, StoreError
from pipeline.objects import Object, ObjectFolder, is_address
from pipeline.store.following import followed, follower_of
from pipeline.store.lease import LOCK, Lease
from pipeline.store.parquet import write_text
from pipeline.store.private import private_folder

_INDEX, _HELD, _NAME = ".copy.json", ".copy.lock", ".copy.name"
_OURS = frozenset({_INDEX, _HELD, _NAME})
_LOCAL = re.compile(rf"_journal/(?![\w-]+\.json$)|_jobs/\.open/|_jobs/[^/]+/output/|{LOCK}/")
_FETCHED_AT_ONCE = 16

Mark = tuple[str, int, int]
"""Version of an object, and size and time of the file that has its bytes."""


@contextmanager
def lake_at(place: str, copies: Path | None = None) -> Iterator[Path]:
    """The folder where a lake is worked on: itself, or that of its working copy, brought up to date.

    Args:
        place: A folder, or an address such as `s3://bucket/lake`.
        copies: Folder for working copies; None for the user's cache.

    Raises:
        ConfigError: The address cannot be opened.
        StoreError: The store does not answer, or the disk is full.
    """
    if not is_address(place):
        yield Path(place)
        return
    copy = WorkingCopy(ObjectFolder(place), copies or _usual())
    if follower_of(copy.folder) is not None:  # whoever called has it open
        yield copy.folder
        return
    copy.refresh()
    with followed(copy.folder, copy):
        yield copy.folder


def _usual() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "pagelake" / "lakes"


class WorkingCopy:
    """The folder, and what of it the bucket has.

    Args:
        objects: The lake.
        copies: Where folders of working copies are; only this user can open them.
        lease: Its lock.

    Attributes:
        folder: Of this lake, the same in each run on this machine.

    Raises:
        ConfigError: The folder cannot be made.
    """

    def __init__(self, objects: ObjectFolder, copies: Path, lease: Lease | None = None) -> None:
        self.address = objects.address
        self.folder = copies / hashlib.sha256(self.address.encode()).hexdigest()[:24]
        try:
            private_folder(copies)
            private_folder(self.folder)
        except OSError as error:
            raise ConfigError(
                f"{self.folder} cannot be written ({error.strerror}): have XDG_CACHE_HOME name a folder for "
                "working copies of lakes"
            ) from error
        self._objects = objects
        self._lease = lease or Lease(objects, self._name())
        self._lock = FileLock(self.folder / _HELD, timeout=0)
        self._marks: dict[str, Mark] = {}
        self._writing = threading.Lock()
        self._is_held = False

    def _name(self) -> str:
        """A name that no other folder has; whoever holds the folder's lock speaks for it."""
        named = self.folder / _NAME
        if not named.exists():
            write_text(named, uuid4().hex)
        return named.read_text()

    def refresh(self) -> None:
        """Bring the folder up to date, unless a run of this machine does so all the time.

        Raises:
            ConfigError: There is no such bucket, or it is not open to these credentials.
            StoreError: The store does not answer, or the disk is full.
        """
        try:
            with self._lock:
                self._pull()
        except Timeout:
            return

    def hold(self) -> None:
        """Keep other machines' runs away, and bring the folder up to date.

        Raises:
            ConfigError: Another run holds the lake.
            StoreError: The store does not answer, or the disk is full.
        """
        try:
            self._lock.acquire()
        except Timeout:
            raise ConfigError(
                f"another run of this machine is working on the lake {self.address}; wait until it ends or "
                "choose another --out"
            ) from None
        try:
            self._lease.acquire()
            self._is_held = True
            self._pull()
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Let others have it."""
        self._is_held = False
        try:
            self._note()
            self._lease.release()
        finally:
            self._lock.release()

    def holder(self) -> str:
        """Who holds the lake now, as a person is told; empty for nobody.

        Raises:
            StoreError: The store does not answer.
        """
        return self._lease.holder()

    def changed(self, path: Path) -> None:
        """Do to the bucket what was done to a file or folder.

        Raises:
            StoreError: The store does not answer, or the lake is not held any more.
        """
        name = path.relative_to(self.folder).as_posix()
        if _is_local(name):
            return
        with self._writing:
            if self._is_held:
                self._lease.check()
            if path.is_dir():
                self._put(sorted((file for file in path.rglob("*") if file.is_file()), key=_written))
            elif path.exists():
                self._put([path])
            else:
                self._remove(name)

    def _put(self, files: Iterable[Path]) -> None:
        for file in files:
            name = file.relative_to(self.folder).as_posix()
            if not _is_local(name):
                mark = _mark(file, self._objects.put(name, file))
                self._marks[name] = mark

    def _remove(self, name: str) -> None:
        gone = [known for known in self._marks if known == name or known.startswith(f"{name}/")]
        self._objects.remove(gone)
        for one in gone:
            del self._marks[one]

    def _pull(self) -> None:
        """Fetch what the bucket has and the folder has not, and remove what it has not."""
        known = _read(self.folder / _INDEX)
        there = {one.path: one for one in self._objects.list() if _is_safe(one.path)}
        fresh = {name: mark for name, mark in known.items() if self._is_fresh(name, mark, there.get(name))}
        for file in sorted(self._files()):
            name = file.relative_to(self.folder).as_posix()
            if name not in there:
                file.unlink(missing_ok=True)
        with ThreadPoolExecutor(_FETCHED_AT_ONCE) as threads:
            missing = [one for name, one in there.items() if name not in fresh]
            self._marks = fresh | dict(threads.map(self._fetch, missing))
        self._note()

    def _is_fresh(self, name: str, mark: Mark, one: Object | None) -> bool:
        if one is None or not one.version:
            return False
        try:
            return _mark(self.folder / name, one.version) == mark
        except OSError:
            return False

    def _files(self) -> Iterator[Path]:
        for file in self.folder.rglob("*"):
            if file.is_file() and not _is_local(file.relative_to(self.folder).as_posix()):
                yield file

    def _fetch(self, one: Object) -> tuple[str, Mark]:
        file = self.folder / one.path
        part = file.with_name(f".{file.name}.tmp")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            version = self._objects.fetch(one.path, part)
            part.replace(file)
            return one.path, _mark(file, version)
        except FileNotFoundError:
            raise StoreError(
                f"{self.address}/{one.path} was removed while it was read: run it again"
            ) from None
        except OSError as error:
            raise StoreError(f"{file} could not be written: {error.strerror}") from error

    def _note(self) -> None:
        """Keep what is known; what is lost of it is fetched again."""
        try:
            (self.folder / _INDEX).write_text(json.dumps(self._marks))
        except OSError as error:
            raise StoreError(f"{self.folder / _INDEX} could not be written: {error.strerror}") from error


def _written(file: Path) -> tuple[int, str]:
    """For sorting: what was written first goes first, for what comes after may count on it."""
    return file.stat().st_mtime_ns, file.name


def _mark(file: Path, version: str) -> Mark:
    about = file.stat()
    return version, about.st_size, about.st_mtime_ns


def _read(index: Path) -> Mapping[str, Mark]:
    try:
        noted: Any = json.loads(index.read_bytes())
        return {
            str(name): (str(version), int(size), int(time)) for name, (version, size, time) in noted.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _is_local(name: str) -> bool:
    """Whether a file is none of the lasting ones."""
    return name in _OURS or name.endswith((".tmp", ".lock")) or _LOCAL.match(name) is not None


def _is_safe(name: str) -> bool:
    """Whether an object can be a file of the lake: it leads nowhere else, and is none that stays here."""
    parts = PurePosixPath(name).parts
    return bool(parts) and ".." not in parts and "\0" not in name and "\\" not in name and not _is_local(name)
