"""Which files were asked for, and what each of them is."""

import errno
import glob
import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import Category, ConfigError, DocumentError
from pipeline.kinds import HEAD_BYTES, is_named_like_a_document, kind_of, signature
from pipeline.object_sources import find_objects
from pipeline.objects import is_address
from pipeline.records import Document, Skipped, Source, printable
from pipeline.stamps import place_of, stamp_of, trusted_stamp

__all__ = ["MAX_BYTES", "find", "identify", "listed", "printable", "split_pattern"]

MAX_BYTES = 2 << 30
_BLOCK_BYTES = 1 << 20
_MARK_BYTES = 16


def find(
    asked: Sequence[str], lake: Path | None = None, lake_address: str = ""
) -> Iterator[Source | Skipped]:
    """Every file that the given folders, patterns, files and `@lists` lead to, each once, in a stable order.

    What stands in a folder or matches a pattern counts when its name or its first bytes are those of a PDF or
    an image; a file named outright, or in a list, always counts. Linked folders come after those that link.

    Args:
        asked: Folders, patterns, files and `@lists`, on this machine or in buckets.
        lake: Folder that is left out where it stands in one of them; it need not exist.
        lake_address: The same in a bucket.

    Raises:
        ConfigError: Something asked for does not exist, or a pattern matches nothing.
        StoreError: An object store does not answer.
    """
    starts = [start for one in asked for start in _starts(one)]
    walk, objects = _Walk(lake), set[str]()
    for start, named in starts:
        if not is_address(start):
            yield from walk.under(Path(start), named=named)
            continue
        for one in find_objects(start, lake_address):
            if one.path not in objects:
                objects.add(one.path)
                yield one


def identify(
    source: Source, *, max_bytes: int = MAX_BYTES, clock: Callable[[], int] = time.time_ns
) -> Document:
    """Read a file once and say what it is. Blocks on the disk: call it in a thread.

    Args:
        source: What to read.
        max_bytes: Largest file to accept.
        clock: Nanoseconds since 1970.

    Raises:
        DocumentError: UNREADABLE, EMPTY, TOO_LARGE or NOT_A_DOCUMENT.
    """
    try:
        with _opened(source.path) as file:
            before = os.fstat(file.fileno())
            document = _identified(file, source.path, max_bytes)
            stamp = trusted_stamp(before, os.fstat(file.fileno()), clock())
            return replace(document, place=place_of(source.path), stamp=stamp)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DocumentError(Category.UNREADABLE, f"the file cannot be read: {reason}") from error


class _Walk:
    """One pass over everything asked for, which remembers where it has been."""

    def __init__(self, lake: Path | None) -> None:
        self._lake = _identity(lake.stat()) if lake and lake.is_dir() else None
        self._folders: set[tuple[int, int]] = set()
        self._files: set[bytes] = set()
        self._real: dict[Path, Path] = {}

    def under(self, start: Path, *, named: bool) -> Iterator[Source | Skipped]:
        """Everything under one path; what waits is text, for there may be a million names in a folder."""
        pending, linked = list[str](), list[Path]()
        yield from self._at(start, pending, linked, named=named, is_start=True)
        while pending or linked:
            path = Path(pending.pop()) if pending else linked.pop(0)
            if path.name.startswith("."):
                yield Skipped(str(path), "hidden")
            else:
                yield from self._at(path, pending, linked, named=False, is_start=False)

    def _at(
        self, path: Path, pending: list[str], linked: list[Path], *, named: bool, is_start: bool
    ) -> Iterator[Source | Skipped]:
        try:
            status = path.stat()
        except OSError as error:
            yield _out_of_reach(path, error, named=named)
            return
        if not stat.S_ISDIR(status.st_mode):
            yield from self._file(path, status, named=named)
        elif pending and not is_start and path.is_symlink():
            linked.append(path)
        elif not is_start and _identity(status) == self._lake:
            yield Skipped(str(path), "the lake of this run")
        else:
            yield from self._folder(path, status, pending)

    def _folder(self, path: Path, status: os.stat_result, pending: list[str]) -> Iterator[Skipped]:
        identity = _identity(status)
        if identity in self._folders:
            if path.is_symlink():
                yield Skipped(str(path), "a link to a folder that is listed already")
            return
        self._folders.add(identity)
        try:
            pending.extend(sorted((str(one) for one in path.iterdir()), reverse=True))
        except OSError as error:
            yield Skipped(str(path), f"the folder cannot be read: {error.strerror}")

    def _file(self, path: Path, status: os.stat_result, *, named: bool) -> Iterator[Source | Skipped]:
        place = self._place(path)
        if place in self._files:
            return
        self._files.add(place)
        reason = None if named else _why_not(path, status)
        found = Source(str(path), status.st_size, stamp_of(status))
        yield Skipped(str(path), reason) if reason else found

    def _place(self, path: Path) -> bytes:
        """Some bytes for a directory entry by whatever way it was reached; a link is its own entry."""
        folder = path.parent
        if folder not in self._real:
            self._real[folder] = folder.resolve()
        return blake2b(os.fsencode(self._real[folder] / path.name), digest_size=_MARK_BYTES).digest()


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _starts(asked: str) -> list[tuple[str, bool]]:
    """Paths and addresses to begin at, each with whether it was named outright."""
    if is_address(asked) or os.path.lexists(asked):
        return [(asked, True)]
    if asked.startswith("@"):
        return [(path, True) for path in listed(asked[1:])]
    if glob.has_magic(asked):
        return [(str(path), False) for path in _matches(asked)]
    raise ConfigError(f"'{printable(asked)}' does not exist; name a folder, a file, a pattern or @list.txt.")


def listed(name: str) -> list[str]:
    """The paths and addresses that a list names, one a line.

    Raises:
        ConfigError: It cannot be read.
    """
    try:
        lines = Path(name).read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines()
    except OSError as error:
        raise ConfigError(f"the list {printable(name)} cannot be read: {error.strerror}.") from error
    if any(b"\0" in line for line in lines):
        raise ConfigError(f"the list {printable(name)} is no text; write one path a line.")
    return [_on_line(line) for line in lines if line.strip() and not line.lstrip().startswith(b"#")]


def _on_line(line: bytes) -> str:
    exact = os.fsdecode(line)
    return exact if os.path.lexists(exact) else os.fsdecode(line.strip())


def split_pattern(pattern: str) -> tuple[Path, list[str]]:
    """The folder that a pattern begins in, and its parts below: what exists is taken literally."""
    base, parts = Path(Path(pattern).anchor), list(Path(pattern).parts)
    parts = parts[1:] if base.anchor else parts
    while len(parts) > 1 and os.path.lexists(base / parts[0]):
        base /= parts.pop(0)
    return base, parts


def _matches(pattern: str) -> list[Path]:
    """What a pattern matches, sorted."""
    base, parts = split_pattern(pattern)
    try:
        matches = sorted(base.glob("/".join(parts)))  # Path.glob does not follow links to folders below `**`
    except ValueError as error:
        raise ConfigError(
            f"{printable(pattern)} is not a pattern: `**` must stand alone between slashes."
        ) from error
    if not matches:
        raise ConfigError(f"nothing matches {printable(pattern)}; quote the pattern and check the folder.")
    return matches


def _out_of_reach(path: Path, error: OSError, *, named: bool) -> Source | Skipped:
    lost = is_named_like_a_document(path.name) and not path.is_symlink()
    if named or lost:
        return Source(str(path), 0)  # becomes a failure when it is read: somebody counts on it
    return Skipped(str(path), "a link that leads nowhere" if path.is_symlink() else str(error.strerror))


def _why_not(path: Path, status: os.stat_result) -> str | None:
    """Why a file that nobody named is not worked, or None when it is."""
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file"
    if is_named_like_a_document(path.name):
        return None
    try:
        with _opened(str(path)) as file:
            return None if signature(file.read(HEAD_BYTES)) else "not a PDF or an image"
    except OSError as error:
        return f"not named like a document, and it cannot be read: {error.strerror}"


def _opened(path: str) -> BinaryIO:
    """A regular file, open for reading; never waits for the other end of a pipe."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if not stat.S_ISREG(Path(path).stat().st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file")
    return os.fdopen(os.open(path, flags), "rb", buffering=0)


def _identified(file: BinaryIO, path: str, max_bytes: int) -> Document:
    refuse_larger(os.fstat(file.fileno()).st_size, max_bytes)
    head, digest, size_bytes = b"", hashlib.sha256(), 0
    while block := file.read(_BLOCK_BYTES):
        head = head or block[:HEAD_BYTES]
        digest.update(block)
        size_bytes += len(block)
        refuse_larger(size_bytes, max_bytes)
    kind, media_type = kind_of(head)
    return Document(
        doc_id=digest.hexdigest(),
        path=path,
        size_bytes=size_bytes,
        kind=kind,
        media_type=media_type,
        modified_ns=os.fstat(file.fileno()).st_mtime_ns,
    )


def refuse_larger(size_bytes: int, max_bytes: int) -> None:
    """Raise DocumentError TOO_LARGE where there are more bytes than are accepted."""
    if size_bytes > max_bytes:
        raise DocumentError(Category.TOO_LARGE, f"the file has {size_bytes} bytes, limit {max_bytes}")
