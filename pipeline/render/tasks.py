"""What a worker process does: open a file, keep it open for the next page, always answer with a value."""

import contextlib
import logging
import math
import os
import stat
import sys
import threading
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing import parent_process
from pathlib import Path
from signal import SIG_DFL, SIGTERM, signal
from typing import Protocol, TypeVar

from pipeline.errors import Category, DocumentError
from pipeline.logged import NOTHING, LogFormat, about, write_lines
from pipeline.records import Document, Kind, PageImage
from pipeline.render.sizing import ImageOptions
from pipeline.views import Band

_KEPT_OPEN = 8
_NICENESS = 10  # drawing must not keep the event loop from its sockets

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A document as a worker opens it.

    Attributes:
        document: The file, with an absolute path.
        passwords: Tried in turn when the file asks for one.
        forms: Whether form fields are drawn.
        pixels: Most pixels an image file may have in one frame.
    """

    document: Document
    passwords: tuple[str, ...] = field(repr=False)
    forms: bool
    pixels: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A `DocumentError` as it crosses from process to process."""

    category: Category
    message: str


class _Opened(Protocol):
    """What `Pdf` and `Picture` have in common."""

    @property
    def reusable(self) -> bool: ...
    @property
    def has_forms(self) -> bool: ...
    def count(self) -> int: ...
    def sizes(self, numbers: Sequence[int]) -> list[tuple[float, float] | None]: ...
    def draw(self, number: int, options: ImageOptions, band: Band | None = None) -> PageImage: ...
    def close(self) -> None: ...


def settle(memory_bytes: int, lines: LogFormat | None = None) -> None:
    """Make this process a good worker: last in the queue for the CPU, bounded, gone with its parent.

    Args:
        memory_bytes: Most that it may have.
        lines: How its warnings are written; None for as Python does.
    """
    write_lines(lines)
    signal(SIGTERM, SIG_DFL)  # a Python handler would wait until the page is drawn
    logging.getLogger("pypdfium2").setLevel(logging.ERROR)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    if sys.platform != "win32":
        _leave_group()
        _limit(memory_bytes)


def inspect(job: Job) -> int:
    """Number of pages.

    Raises:
        DocumentError: ZERO_PAGES, or the file cannot be opened.
    """
    with _open(job) as opened:
        pages = opened.count()
    if pages < 1:
        raise DocumentError(Category.ZERO_PAGES, "the file has no pages")
    return pages


def measure(job: Job, numbers: Sequence[int]) -> list[tuple[float, float] | None]:
    """Width and height in points of each page asked for; None for one that cannot be found."""
    with _open(job) as opened:
        return opened.sizes(numbers)


def draw(job: Job, number: int, options: ImageOptions, band: Band | None = None) -> PageImage:
    """One page as it is sent, or a strip of it."""
    with _open(job) as opened:
        return opened.draw(number, options, band)


def has_forms(job: Job) -> bool:
    """Whether the document has form fields."""
    with _open(job) as opened:
        return opened.has_forms


def attempt(work: Callable[[], R], cpu_s: int, known: Mapping[str, object] = NOTHING) -> R | Refusal:
    """What the work returns, or why it could not; foreign exceptions may not survive the way home.

    Args:
        work: To be done.
        cpu_s: Processor time it may take, after which the system ends this process with SIGXCPU.
        known: What log lines are to say of it.
    """
    _limit_cpu(cpu_s)
    try:
        with about(**known):
            return work()
    except DocumentError as error:
        return Refusal(error.category, str(error))
    except MemoryError:
        return Refusal(Category.TOO_LARGE, "drawing needs more memory than a worker may have")
    except Exception as error:  # noqa: BLE001 - hostile bytes can provoke anything in a decoder; one page pays
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}, line {place.lineno}"
        return Refusal(Category.CRASHED, f"the renderer stopped with {type(error).__name__} in {where}")


class _Shelf:
    """The files this process has open, the one used longest ago first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Job, _Opened] = OrderedDict()

    @contextlib.contextmanager
    def lend(self, job: Job) -> Iterator[_Opened]:
        opened = self._kept.pop(job, None) or _opened(job)
        keep = False
        try:
            yield opened
            keep = opened.reusable
        finally:
            if keep:
                self._kept[job] = opened
            else:
                opened.close()
            while len(self._kept) > _KEPT_OPEN:
                self._kept.popitem(last=False)[1].close()


_SHELF = _Shelf()


@contextlib.contextmanager
def _open(job: Job) -> Iterator[_Opened]:
    _refuse_changed(job.document)
    with _SHELF.lend(job) as opened:
        yield opened


def _opened(job: Job) -> _Opened:
    path = job.document.path
    if job.document.kind is Kind.PDF:
        from pipeline.render.pages import Pdf  # noqa: PLC0415 - PDFium stays out of the parent

        return Pdf(path, passwords=job.passwords, forms=job.forms)
    from pipeline.render.images import Picture  # noqa: PLC0415 - and so does Pillow

    return Picture(path, pixels=job.pixels)


def _refuse_changed(document: Document) -> None:
    """The bytes that were hashed are the bytes that are drawn, as far as a look at the folder tells."""
    try:
        status = Path(document.path).stat()
    except OSError as error:
        raise DocumentError(Category.UNREADABLE, f"the file cannot be read: {error.strerror}") from error
    same_time = document.modified_ns in {0, status.st_mtime_ns}
    if not (stat.S_ISREG(status.st_mode) and same_time and status.st_size == document.size_bytes):
        raise DocumentError(Category.UNREADABLE, "the file changed while it was being worked")


def _leave_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _leave_group() -> None:
    """See `pipeline.render.apart`, which has done it already unless somebody else started the fork server."""
    if os.getpgrp() != os.getpid():
        os.setpgid(0, 0)


def _limit_cpu(more_s: int) -> None:
    """Let this process use so much more processor time: a net that holds without the parent's clock."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - not on Windows

        used_s = math.ceil(time.process_time())
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        most = used_s + more_s if hard == resource.RLIM_INFINITY else min(used_s + more_s, hard)
        resource.setrlimit(resource.RLIMIT_CPU, (most, hard))


def _limit(memory_bytes: int) -> None:
    import resource  # noqa: PLC0415 - not on Windows

    os.nice(_NICENESS)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump of a crash would hold the document
