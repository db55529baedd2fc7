"""Figures of a run, while it goes on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from pipeline.doubts import Doubt
from pipeline.records import Answer, Outcome
from pipeline.summary import PageBalance


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFigures:
    """How far a batch job is.

    Attributes:
        rows: Requests that it has.
        done: Those that are over.
        tokens: Of prompts and answers so far.
        cost: US dollars of these, or None when no price is set.
    """

    rows: int
    done: int
    tokens: int
    cost: Decimal | None


@dataclass(slots=True)
class Tally:
    """Live figures of a run, for whoever shows progress. Changed in place, read at any time.

    Attributes:
        planned: Whether all sources have been listed, so that `pages_found` is final.
        documents_found: Distinct documents listed so far.
        documents_done: Documents whose pages all went somewhere.
        documents_reused: Of these, the ones the lake already held.
        pages_found: Pages known so far.
        pages_reused: Pages of reused documents; they are part of the counts below.
        shards_begun: Groups of documents that were begun.
        shards_done: Those of them that are committed.
        in_flight: Requests at the service now.
        requests: Requests sent so far.
        cost: US dollars so far, or None when no price is set.
        started: `time.monotonic()` when the run began.
        lost: Requests whose answer was lost on its way, once for each time.
        notes: Sentences for a person, in the order they came up.
        by_batch: Answers that came by batch jobs.
        jobs: Of each batch job under way, how far it is, as the service counts.
        uploaded_bytes: Of datasets, so far.
        waiting: What the run waits for now, in words; empty when it goes on.
    """

    started: float
    planned: bool = False
    documents_found: int = 0
    documents_done: int = 0
    documents_reused: int = 0
    pages_found: int = 0
    pages_reused: int = 0
    shards_begun: int = 0
    shards_done: int = 0
    in_records: int = 0
    blank: int = 0
    failed: int = 0
    skipped: int = 0
    records: int = 0
    in_flight: int = 0
    requests: int = 0
    answers_reused: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    cost: float | None = None
    lost: list[Doubt] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    waiting: Callable[[], str] = str
    by_batch: int = 0
    jobs: dict[str, JobFigures] = field(default_factory=dict)
    uploaded_bytes: int = 0

    @property
    def pages_done(self) -> int:
        """Pages that have reached their end, whichever it is."""
        return self.in_records + self.blank + self.failed + self.skipped

    def settle(self, outcome: Outcome) -> None:
        """Count a page that has reached its end."""
        match outcome:
            case Outcome.RECORD:
                self.in_records += 1
            case Outcome.BLANK:
                self.blank += 1
            case Outcome.FAILED:
                self.failed += 1
            case Outcome.SKIPPED:
                self.skipped += 1

    def count_batch(self, answers: Iterable[Answer]) -> None:
        """Add up what answers of batch jobs used and cost."""
        for answer in answers:
            self.by_batch += 1
            usage = answer.completion.usage
            self.prompt_tokens += usage.prompt_tokens
            self.completion_tokens += usage.completion_tokens
            self.cached_tokens += usage.cached_tokens
            if answer.cost is not None:
                self.cost = (self.cost or 0.0) + float(answer.cost)

    def upload(self, size_bytes: int) -> None:
        """Count more bytes of a dataset that have gone out, or fewer when they have to go again."""
        self.uploaded_bytes += size_bytes

    def reopen(self, balance: PageBalance, records: int) -> None:
        """Take back a document that is walked again."""
        self.documents_found -= 1
        self.pages_found -= balance.found
        self.in_records -= balance.in_records
        self.blank -= balance.blank
        self.failed -= balance.failed
        self.skipped -= balance.skipped
        self.records -= records

    def reuse(self, balance: PageBalance, records: int) -> None:
        """Count a document that the lake already held."""
        self.documents_reused += 1
        self.pages_found += balance.found
        self.pages_reused += balance.found
        self.in_records += balance.in_records
        self.blank += balance.blank
        self.failed += balance.failed
        self.skipped += balance.skipped
        self.records += records
