"""How far the run is that works on a lake now, in a small file for whoever looks on from another process."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

_FILE = "_journal/progress"
_PRIVATE = 0o600


class Progress(BaseModel):
    """The figures of a run at work, as they last were.

    Attributes:
        process: Id of the process that works.
        machine: Name of the machine that it is on.
        started_at: When the run began.
        seconds: How long it had been at work when these figures were taken.
        planned: Whether all sources have been listed, so that the numbers found are final.
        documents_found: Distinct documents listed so far.
        documents_done: Documents whose pages all went somewhere.
        documents_reused: Of these, the ones the lake already held.
        pages_found: Pages known so far.
        pages_reused: Pages of reused documents; they are part of the counts below.
        shards_begun: Groups of documents that were begun.
        shards_done: Those of them that are committed.
        in_flight: Requests at the service.
        at_once: Requests that may be at the service at once, as the pace is now.
        requests: Requests sent so far, each counted once.
        cost: US dollars so far, or None when no price is set.
        waiting: What the run waits for, in words; empty when it goes on.
    """

    model_config = ConfigDict(frozen=True)

    run: str
    schema_name: str
    model: str
    engine: str
    process: int
    machine: str
    started_at: datetime
    seconds: float
    planned: bool
    documents_found: int
    documents_done: int
    documents_reused: int
    pages_found: int
    pages_reused: int
    in_records: int
    blank: int
    failed: int
    skipped: int
    records: int
    shards_begun: int
    shards_done: int
    in_flight: int
    at_once: int
    requests: int
    answers_reused: int
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cost: float | None
    waiting: str

    @property
    def pages_done(self) -> int:
        """Pages that have reached their end, whichever it is."""
        return self.in_records + self.blank + self.failed + self.skipped


def publish(lake: Path, progress: Progress) -> None:
    """Let others see it, whole or not at all. Nothing waits for the disk, and a run does not fail for it."""
    file = lake / _FILE
    part = file.with_name(f".{file.name}.tmp")
    with suppress(OSError):
        part.touch(_PRIVATE)
        part.write_text(progress.model_dump_json(), encoding="utf-8")
        part.replace(file)


def withdraw(lake: Path) -> None:
    """Leave nothing to see: the run is over, or another one was killed and this one takes its place."""
    with suppress(OSError):
        (lake / _FILE).unlink(missing_ok=True)


def published(lake: Path) -> Progress | None:
    """What a run lets others see, or what one that was killed has left; None for nothing that can be read."""
    try:
        return Progress.model_validate_json((lake / _FILE).read_bytes())
    except (OSError, ValidationError):
        return None
