"""What a run came to: where its pages went, how it ended, its manifest."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict

from pipeline.doubts import Doubt
from pipeline.errors import StoreError
from pipeline.records import Outcome

FAILURES_SHOWN = 100
"""Failures named in a manifest; the failures table has all of them."""


class RunState(StrEnum):
    """How a run ended."""

    COMPLETE = "complete"  # every page accounted for, none failed
    FAILURES = "failures"  # every page accounted for, some failed
    STOPPED = "stopped"  # the service refused to go on, or the money was spent
    INTERRUPTED = "interrupted"  # a person or the system asked to stop
    WAITING = "waiting"  # some pages wait for batch jobs


class PageBalance(BaseModel):
    """Pages in, and where each of them went.

    Attributes:
        found: Pages of all documents that could be opened.
        in_records: Pages that a record was read from.
        blank: Pages with nothing on them to read.
        failed: Pages without a record; the failures table says why.
        skipped: Pages that were not asked for (`--pages`).
    """

    model_config = ConfigDict(frozen=True)

    found: int = 0
    in_records: int = 0
    blank: int = 0
    failed: int = 0
    skipped: int = 0

    @property
    def missing(self) -> int:
        """Pages that went nowhere: 0 unless a run was cut short or there is a defect."""
        return self.found - self.in_records - self.blank - self.failed - self.skipped

    def __sub__(self, other: Self) -> "PageBalance":
        """The difference of two balances, field by field."""
        names = type(self).model_fields
        return PageBalance(**{name: getattr(self, name) - getattr(other, name) for name in names})

    def __add__(self, other: Self) -> "PageBalance":
        """Sum two balances, field by field."""
        names = type(self).model_fields
        return PageBalance(**{name: getattr(self, name) + getattr(other, name) for name in names})

    def check(self) -> None:
        """Raise StoreError unless every page found went somewhere."""
        if self.missing:
            raise StoreError(
                f"{self.found} pages were found, but {self.found - self.missing} are accounted for; "
                "the lake is kept as it is: run the same command again"
            )


def count_outcomes(found: int, outcomes: Iterable[Outcome]) -> PageBalance:
    """The balance of a document of `found` pages, given where each page went."""
    count = Counter(outcomes)
    return PageBalance(
        found=found,
        in_records=count[Outcome.RECORD],
        blank=count[Outcome.BLANK],
        failed=count[Outcome.FAILED],
        skipped=count[Outcome.SKIPPED],
    )


class FailedDocument(BaseModel):
    """One line of the list of failures a person sees."""

    model_config = ConfigDict(frozen=True)

    path: str
    pages: list[int]
    stage: str
    category: str
    message: str
    remedy: str


class LimitChange(BaseModel):
    """A change of how many requests might be at the service at once.

    Attributes:
        at_s: Seconds since the run began.
        in_flight: The limit from then on.
        reason: `start`, `growth`, `rate limit`, `outage` or `recovery`.
    """

    model_config = ConfigDict(frozen=True)

    at_s: float
    in_flight: int
    reason: str


class FileChanges(BaseModel):
    """What became of the files since the lake was last written, each file counted once.

    Attributes:
        new: Files that the lake did not list.
        changed: Files that hold other bytes.
        renamed: Files whose bytes are elsewhere now, in another file that the lake did not list.
        returned: Files with bytes that were removed before.
        unchanged: Files that hold what they held.
        removed: Files that are gone.
        doubted: Files that are gone, and with them so much of their source that it was not believed.
        doubts: For each such source a sentence that says so, and what to do.
        pruned: Documents whose rows were dropped.
        removed_files: The first of the removed ones.
    """

    model_config = ConfigDict(frozen=True)

    new: int = 0
    changed: int = 0
    renamed: int = 0
    returned: int = 0
    unchanged: int = 0
    removed: int = 0
    doubted: int = 0
    pruned: int = 0
    removed_files: list[str] = []
    doubts: list[str] = []


class SlowDocument(BaseModel):
    """A document that took long.

    Attributes:
        seconds: From its first page to its last row, with all that it waited for.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    pages: int
    seconds: float


class RunSummary(BaseModel):
    """What was asked and what came out; written as the run's manifest, last of all.

    Attributes:
        documents: Distinct documents of this run, the unreadable ones included.
        documents_reused: Documents that the lake already held; nothing was asked for them.
        documents_failed: Documents with at least one failed page, or that could not be opened.
        duplicates: Further paths to bytes that were worked under another path.
        skipped: Paths that were left out, with the reason.
        records: Records of these documents now in the lake.
        requests: Requests sent to the service in this run, each counted once however often tried.
        answers_reused: Requests not sent because the lake held their answer.
        by_batch: Answers that came by batch jobs in this run.
        in_doubt: Requests of earlier runs that were killed before they noted an answer, each with what it
            can have cost at most; it is in no sum.
        lost: Requests of this run that went out and whose answer did not come home whole, once for each
            time: the service may have charged for it, and it is in no sum.
        cost: US dollars of this run's answers, or None when no price is set.
        limits: How many requests the service bore, from change to change; the latest 500.
        files: What became of the files since the lake was last written.
        slowest: The documents that took longest, the slowest first.
    """

    model_config = ConfigDict(frozen=True)

    run: str
    state: RunState
    schema_name: str
    model: str
    engine: str
    lake: str
    sources: list[str] = []
    started_at: datetime
    seconds: float
    documents: int
    documents_reused: int
    documents_failed: int
    duplicates: int = 0
    skipped: list[tuple[str, str]] = []
    pages: PageBalance
    records: int
    requests: int = 0
    answers_reused: int
    by_batch: int = 0
    in_doubt: list[Doubt] = []
    lost: list[Doubt] = []
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    cost: float | None = None
    limits: list[LimitChange] = []
    failures: list[FailedDocument] = []
    failures_total: int = 0
    reason: str = ""
    files: FileChanges = FileChanges()
    slowest: list[SlowDocument] = []

    @property
    def exit_code(self) -> int:
        """Exit code of a command that ends with this summary."""
        codes = {RunState.FAILURES: 1, RunState.STOPPED: 3, RunState.INTERRUPTED: 130}
        return codes.get(self.state, 0)


class Plan(BaseModel):
    """What a run would do, found without drawing a page or asking anything.

    Attributes:
        documents: Distinct documents that can be opened.
        documents_done: Of these, the ones the lake already holds answers for; nothing would be asked.
        pages: Selected pages of all documents.
        images: Page images that would be sent, blank pages not known yet.
        requests: Requests that would be sent.
        prompt_tokens: Estimate: image patches of 28 x 28 px plus the text sent with them.
        completion_tokens: Most tokens the answers may have.
        dataset_bytes: Estimated size of the datasets, were they asked for by batch jobs.
        engine: `local` or `service`.
        cost: Estimated US dollars for the prompt and, at most, the answers; None when no price is set.
        cost_batch: The same by batch jobs. Nothing is taken to be cached, by either road.
        unusable: Documents that cannot be opened, and pages that cannot be found in those that can.
        files: What became of the files since the lake was last written.
    """

    model_config = ConfigDict(frozen=True)

    schema_name: str
    model: str
    documents: int
    documents_done: int
    duplicates: int
    pages: int
    images: int
    requests: int
    prompt_tokens: int
    completion_tokens: int
    dataset_bytes: int
    engine: str
    cost: tuple[float, float] | None
    cost_batch: tuple[float, float] | None
    unusable: list[FailedDocument]
    skipped: list[tuple[str, str]]
    files: FileChanges = FileChanges()
