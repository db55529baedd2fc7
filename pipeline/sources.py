"""Which files were asked for, and what each of them is."""

import errno
import glob
import hashlib
import os
import re
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import Category, ConfigError, DocumentError
from pipeline.records import Document, Kind, Skipped, Source, printable
from pipeline.stamps import place_of, stamp_of, trusted_stamp

__all__ = ["MAX_BYTES", "find", "identify", "listed", "printable", "split_pattern"]

MAX_BYTES = 2 << 30
_HEAD_BYTES = 1024  # PDF 1.7, implementation note 13: readers look for the header this far
_BLOCK_BYTES = 1 << 20
_SUFFIX = re.compile(r"\.(?:pdf|png|jpe?g|jpe|jfif|gif|bmp|dib|tiff?|p[pgbn]m|webp)", re.IGNORECASE)
_SIGNATURES: tuple[tuple[re.Pattern[bytes], Kind, str], ...] = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), Kind.IMAGE, "image/png"),
    (re.compile(rb"\xff\xd8\xff"), Kind.IMAGE, "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), Kind.IMAGE, "image/gif"),
    (re.compile(rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", re.DOTALL), Kind.IMAGE, "image/bmp"),
    (re.compile(rb"II(?:\*\0|\+\0\x08\0)|MM(?:\0\*|\0\+\0\x08)"), Kind.IMAGE, "image/tiff"),
    (
        re.compile(rb"P[1-6]\s+(?:#[^\n]*\n\s*)*\d+\s+(?:#[^\n]*\n\s*)*\d+\s"),
        Kind.IMAGE,
        "image/x-portable-anymap",
    ),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), Kind.IMAGE, "image/webp"),
    (re.compile(rb".*?%PDF-", re.DOTALL), Kind.PDF, "application/pdf"),
)
_FOREIGN: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (
        re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body|!--)", re.IGNORECASE),
        "an HTML page",
    ),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml"), "an XML file"),
    (re.compile(rb"PK\x03\x04"), "a ZIP archive or an Office file"),
    (re.compile(rb"\xd0\xcf\x11\xe0"), "an old Office file"),
    (re.compile(rb"\{\\rtf"), "an RTF file"),
    (re.compile(rb".{4}ftyp(?:hei|hev|mif|avif)", re.DOTALL), "a HEIC or AVIF photo"),
    (re.compile(rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51"), "a JPEG 2000 image"),
    (re.compile(rb"%!PS"), "a PostScript file"),
)


def find(asked: Sequence[str], lake: Path | None = None) -> Iterator[Source | Skipped]:
    """Every file that the given folders, patterns, files and `@lists` lead to, each once, in a stable order.

    What stands in a folder or matches a pattern counts when its name or its first bytes are those of a PDF or
    an image; a file named outright, or in a list, always counts. Linked folders come after those that link.

    Args:
        asked: Folders, patterns, files and `@lists`.
        lake: Folder that is left out where it stands in one of them; it need not exist.

    Raises:
        ConfigError: Something asked for does not exist, or a pattern matches nothing.
    """
    starts = [start for one in asked for start in _starts(one)]
    walk = _Walk(lake)
    for path, named in starts:
        yield from walk.under(path, named=named)


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
        self._files: set[Path] = set()
        self._real: dict[Path, Path] = {}

    def under(self, start: Path, *, named: bool) -> Iterator[Source | Skipped]:
        pending, linked = [start], list[Path]()
        while pending or linked:
            path = pending.pop() if pending else linked.pop(0)
            if path is not start and path.name.startswith("."):
                yield Skipped(str(path), "hidden")
                continue
            try:
                status = path.stat()
            except OSError as error:
                yield _out_of_reach(path, error, named=named and path is start)
                continue
            if not stat.S_ISDIR(status.st_mode):
                yield from self._file(path, status, named=named and path is start)
            elif pending and path is not start and path.is_symlink():
                linked.append(path)
            elif path is not start and _identity(status) == self._lake:
                yield Skipped(str(path), "the lake of this run")
            else:
                yield from self._folder(path, status, pending)

    def _folder(self, path: Path, status: os.stat_result, pending: list[Path]) -> Iterator[Skipped]:
        identity = _identity(status)
        if identity in self._folders:
            if path.is_symlink():
                yield Skipped(str(path), "a link to a folder that is listed already")
            return
        self._folders.add(identity)
        try:
            pending.extend(sorted(path.iterdir(), reverse=True))
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

    def _place(self, path: Path) -> Path:
        """One value for a directory entry by whatever way it was reached; a link is its own entry."""
        folder = path.parent
        if folder not in self._real:
            self._real[folder] = folder.resolve()
        return self._real[folder] / path.name


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _starts(asked: str) -> list[tuple[Path, bool]]:
    """Paths to begin at, each with whether it was named outright."""
    if os.path.lexists(asked):
        return [(Path(asked), True)]
    if asked.startswith("@"):
        return [(path, True) for path in listed(asked[1:])]
    if glob.has_magic(asked):
        return [(path, False) for path in _matches(asked)]
    raise ConfigError(f"'{printable(asked)}' does not exist; name a folder, a file, a pattern or @list.txt.")


def listed(name: str) -> list[Path]:
    """The paths that a list names, one a line.

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


def _on_line(line: bytes) -> Path:
    exact = Path(os.fsdecode(line))
    return exact if os.path.lexists(exact) else Path(os.fsdecode(line.strip()))


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
    lost = _SUFFIX.fullmatch(path.suffix) and not path.is_symlink()
    if named or lost:
        return Source(str(path), 0)  # becomes a failure when it is read: somebody counts on it
    return Skipped(str(path), "a link that leads nowhere" if path.is_symlink() else str(error.strerror))


def _why_not(path: Path, status: os.stat_result) -> str | None:
    """Why a file that nobody named is not worked, or None when it is."""
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file"
    if _SUFFIX.fullmatch(path.suffix):
        return None
    try:
        with _opened(str(path)) as file:
            return None if _signature(file.read(_HEAD_BYTES)) else "not a PDF or an image"
    except OSError as error:
        return f"not named like a document, and it cannot be read: {error.strerror}"


def _opened(path: str) -> BinaryIO:
    """A regular file, open for reading; never waits for the other end of a pipe."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if not stat.S_ISREG(Path(path).stat().st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file")
    return os.fdopen(os.open(path, flags), "rb", buffering=0)


def _identified(file: BinaryIO, path: str, max_bytes: int) -> Document:
    _refuse_larger(os.fstat(file.fileno()).st_size, max_bytes)
    head, digest, size_bytes = b"", hashlib.sha256(), 0
    while block := file.read(_BLOCK_BYTES):
        head = head or block[:_HEAD_BYTES]
        digest.update(block)
        size_bytes += len(block)
        _refuse_larger(size_bytes, max_bytes)
    kind, media_type = _told(head)
    return Document(
        doc_id=digest.hexdigest(),
        path=path,
        size_bytes=size_bytes,
        kind=kind,
        media_type=media_type,
        modified_ns=os.fstat(file.fileno()).st_mtime_ns,
    )


def _refuse_larger(size_bytes: int, max_bytes: int) -> None:
    if size_bytes > max_bytes:
        raise DocumentError(Category.TOO_LARGE, f"the file has {size_bytes} bytes, limit {max_bytes}")


def _told(head: bytes) -> tuple[Kind, str]:
    if not head:
        raise DocumentError(Category.EMPTY, "the file is empty")
    if found := _signature(head):
        return found
    looks = next((name for pattern, name in _FOREIGN if pattern.match(head)), None)
    seems = f"it is {looks}" if looks else "its first bytes are of no kind that is worked"
    raise DocumentError(Category.NOT_A_DOCUMENT, f"neither a PDF nor an image: {seems}")


def _signature(head: bytes) -> tuple[Kind, str] | None:
    return next(
        ((kind, media_type) for pattern, kind, media_type in _SIGNATURES if pattern.match(head)), None
    )
