"""A batch job as the lake remembers it: what it asks, how far it is, what is left of it."""

import json
import shutil
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.errors import StoreError
from pipeline.store.disk import remove
from pipeline.store.parquet import write_text
from pipeline.store.private import private_folder
from pipeline.views import Band

JOBS = "_jobs"
"""Folder of a lake with its batch jobs, one folder for each."""

_STATE = "job.json"
_ASKED = "asked.jsonl"
_LEFT = "left.jsonl"
_LINES = "requests.jsonl"
_OUTPUT = "output"

E = TypeVar("E", bound=BaseModel)


class Step(StrEnum):
    """How far a job is. Each is on disk before what follows it is begun at the service."""

    SEALED = "sealed"  # its lines are whole on disk
    UPLOADED = "uploaded"  # its dataset is ready; the next job of its name is ours
    RUNNING = "running"  # the service has the job
    OVER = "over"  # the service does no more for it
    COLLECTED = "collected"  # its answers are in the lake


class Asked(BaseModel):
    """One request of a job; the fields are those of `Request`."""

    model_config = ConfigDict(frozen=True)

    custom_id: str
    doc_id: str
    pages: tuple[int, ...]
    partial: bool
    band: Band | None = None


class Left(BaseModel):
    """A request of a job that is over, without an answer.

    Attributes:
        reason: Why, in a sentence.
        status: HTTP status of the service's error, or 0.
        is_final: Whether the same request would be refused again.
        given_up: Whether it is not to be asked again before the next run.
    """

    model_config = ConfigDict(frozen=True)

    custom_id: str
    reason: str
    status: int = 0
    is_final: bool = False
    given_up: bool = False


class BatchJob(BaseModel):
    """A dataset of requests and the job that works it.

    Attributes:
        id: Made from the content: of the dataset, and of the first job.
        schema_name: Record type that is asked for.
        question_id: What each document is asked.
        model: Who is asked.
        rows: Requests.
        size_bytes: Of the dataset.
        account: Whose it is at the service; empty until that is known.
        continuations: Jobs that went on where the one before them ended.
        cancelled: Whether nothing more is to come of it.
        lasting: Whether the service is asked to continue it; not after it has refused that.
        state: The last that was seen of the job, as the service calls it.
        status: What the service says of it when something is wrong.
        created_at: When the service made the job that is under way.
        expires_at: When the service gives it up.
        ended_at: When it was over; None before.
        answered: Requests with an answer; while it runs, as the service counts.
        failed: Requests with an error.
        cleaned: Whether its datasets were deleted at the service.
        settled: Whether a run since then has begun anew with what it has left.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    schema_name: str
    question_id: str
    model: str
    rows: int
    size_bytes: int
    step: Step = Step.SEALED
    account: str = ""
    continuations: int = 0
    cancelled: bool = False
    lasting: bool = True
    state: str = ""
    status: str = ""
    created_at: datetime | None = None
    expires_at: datetime | None = None
    ended_at: datetime | None = None
    answered: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cleaned: bool = False
    settled: bool = False

    @property
    def job_id(self) -> str:
        """Id of the job that is under way, or will be."""
        return f"{self.id}-c{self.continuations}" if self.continuations else self.id

    @property
    def earlier_job_id(self) -> str:
        """Id of the job that this one continues; empty for the first."""
        if self.continuations <= 1:
            return self.id if self.continuations else ""
        return f"{self.id}-c{self.continuations - 1}"

    @property
    def output_id(self) -> str:
        """Id of the dataset that the job writes."""
        return f"{self.job_id}-out"

    @property
    def output_ids(self) -> list[str]:
        """Ids of what this job and those before it have written."""
        return [f"{self.id}{f'-c{number}' if number else ''}-out" for number in range(self.continuations + 1)]

    @property
    def is_live(self) -> bool:
        """Whether answers may yet come of it."""
        return self.step is not Step.COLLECTED


class JobFolder:
    """Where one job lies in a lake."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def lines(self) -> Path:
        """The dataset, as long as it has to be uploaded."""
        return self.path / _LINES

    @property
    def output(self) -> Path:
        """What the job wrote, as long as it is being read."""
        return self.path / _OUTPUT

    def load(self) -> BatchJob:
        """The job as it was last saved.

        Raises:
            StoreError: That cannot be read.
        """
        try:
            return BatchJob.model_validate_json((self.path / _STATE).read_bytes())
        except (OSError, ValidationError) as error:
            raise _unreadable(self.path / _STATE) from error

    def save(self, job: BatchJob) -> BatchJob:
        """Have the disk remember it, whole or not at all.

        Raises:
            StoreError: It cannot be written.
        """
        write_text(self.path / _STATE, job.model_dump_json(indent=2))
        return job

    def asked(self) -> list[Asked]:
        """The requests of the job.

        Raises:
            StoreError: They cannot be read.
        """
        return _entries(self.path / _ASKED, Asked)

    def left(self) -> list[Left]:
        """Its requests without an answer, as they were when files of the job were last read.

        Raises:
            StoreError: They cannot be read.
        """
        path = self.path / _LEFT
        return _entries(path, Left) if path.exists() else []

    def write_asked(self, asked: Iterable[Asked]) -> None:
        """Keep the requests of the job; for whoever makes the folder."""
        _write_lines(self.path / _ASKED, asked)

    def write_left(self, left: Iterable[Left]) -> None:
        """Keep the requests that have no answer."""
        _write_lines(self.path / _LEFT, left)

    def drop_lines(self) -> None:
        """Let go of the dataset: the service has it."""
        remove([self.lines])

    def drop_output(self) -> None:
        """Let go of what was downloaded: it is in the lake."""
        shutil.rmtree(self.output, ignore_errors=True)

    @classmethod
    def all(cls, lake: Path) -> "list[Self]":
        """Those of a lake whose lines were whole once, in the order of their names."""
        return [cls(state.parent) for state in sorted((lake / JOBS).glob(f"[!.]*/{_STATE}"))]


def make_jobs_folder(lake: Path) -> None:
    """Have the folder of jobs: requests hold the images of pages, so only its owner can open it.

    Raises:
        StoreError: It cannot be made.
    """
    try:
        private_folder(lake / JOBS)
    except OSError as error:
        raise StoreError(f"{lake / JOBS} cannot be written ({error.strerror})") from error


def _entries(path: Path, kind: type[E]) -> list[E]:
    try:
        with path.open("rb") as file:
            return [kind.model_validate_json(line) for line in file]
    except (OSError, ValidationError) as error:
        raise _unreadable(path) from error


def _unreadable(path: Path) -> StoreError:
    return StoreError(
        f"{path} cannot be read: put a copy in its place, or move {path.parent} out of the lake, "
        "whose job is then no more known"
    )


def _write_lines(path: Path, entries: Iterable[BaseModel]) -> None:
    text = "".join(f"{json.dumps(entry.model_dump(mode='json'))}\n" for entry in entries)
    write_text(path, text)
