"""What a log line is about, and how it is written: as text for people, as JSON for machines."""

import json
import logging
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Literal

LogFormat = Literal["text", "json"]

NOTHING: Mapping[str, object] = MappingProxyType({})
_about: ContextVar[Mapping[str, object]] = ContextVar("about", default=NOTHING)
Watcher = Callable[[Mapping[str, object]], AbstractContextManager[None]]
"""Told what a block is about; what it returns is around the block, and sees how that ends."""

_watchers: list[Watcher] = []
_written: list[LogFormat] = []
"""How this process writes its lines; empty where nobody has said."""


@contextmanager
def about(**more: object) -> Iterator[None]:
    """Have every line that is logged in the block, by whatever it calls or starts, say what it is about.

    Args:
        more: Names and values that JSON has; never what stands on a page, never a secret.
    """
    token = _about.set({**_about.get(), **more})
    try:
        with ExitStack() as watched:
            for watcher in _watchers:
                watched.enter_context(watcher(more))
            yield
    finally:
        _about.reset(token)


@contextmanager
def watched_by(watcher: Watcher) -> Iterator[None]:
    """Have somebody look on while this block lasts, at each block that says what it is about."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


def here() -> Mapping[str, object]:
    """What is being worked on, for a process that works on a part of it."""
    return _about.get()


def these(pages: Sequence[int]) -> dict[str, object]:
    """Pages, as `about` takes them."""
    return {"page": pages[0]} if len(pages) == 1 else {"pages": list(pages)}


def log_format() -> LogFormat | None:
    """How this process writes its lines; None where nobody has said."""
    return _written[-1] if _written else None


def write_lines(written: LogFormat | None) -> None:
    """Have this process log to standard error, unless something else has its log already; None for nothing.

    Python's own warnings are lines as well where machines read them.
    """
    _written[:] = [written] if written else []
    if written:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(
            JsonLine() if written == "json" else TextLine("%(levelname)s %(name)s: %(message)s")
        )
        logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.captureWarnings(written == "json")


class TextLine(logging.Formatter):
    """A line for a person, with the shard, the document and the page that it is about."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as the library calls it
        """The line without a traceback."""
        line = super().formatMessage(record)
        words = [word for name, value in here().items() if (word := _word(name, value)) not in line]
        return f"{line} [{', '.join(words)}]" if words else line


def _word(name: str, value: object) -> str:
    """What a person is told of it; nothing of what is the same in all lines, or long."""
    if name == "path":
        return str(value)
    if name == "pages" and isinstance(value, list):
        return f"pages {', '.join(map(str, value))}"
    return f"{name} {value}" if name in {"shard", "page"} else ""


class JsonLine(logging.Formatter):
    """An object of JSON on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """When, how grave, by whom, what, and what it is about."""
        event: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **here(),
        }
        if record.exc_info:
            event["exception"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(event, default=str)
