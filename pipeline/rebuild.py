"""Records derived again from the answers a lake holds, without asking anything."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pipeline.errors import AnswerInvalid, ConfigError, StoreError
from pipeline.interpret import Interpreter, charged, unfit
from pipeline.logged import about
from pipeline.records import Answer, Failure, Outcome, Stage
from pipeline.shard import ShardResult, document_counts, named_failure
from pipeline.store.columns import columns_of
from pipeline.store.following import address_of
from pipeline.store.lake import Changes, Lake
from pipeline.store.readback import Row, WorkedDocument, worked_shards
from pipeline.store.tables import SPENT, failure_row, records_table, storable
from pipeline.store.writer import ShardWriter
from pipeline.summary import PageBalance, RunState, RunSummary, count_outcomes
from schemas.registry import RecordType


async def rebuild(lake: Path, record: RecordType) -> RunSummary:
    """Read every answer of a record type again and put the records that come of it in place of the old ones.

    Raises:
        ConfigError: There is no lake, or it has no document of this record type.
        StoreError: The lake cannot be read or written.
    """
    if not (lake / "documents").is_dir():
        raise ConfigError(f"{lake} is not a lake; name the folder that was given to --out")
    began, clock = datetime.now(UTC), time.monotonic()
    table = records_table(record.name, columns_of(record.model))
    with (
        Lake(lake, table, record.name, changes=Changes.REPLACED) as opened,
        about(run=opened.run, schema=record.name),
    ):
        total, models = await _rebuild_all(opened, record)
        if not total.documents:
            raise ConfigError(f"{lake} holds no document of the schema {record.name!r}")
        summary = RunSummary(
            run=opened.run,
            state=RunState.FAILURES if total.failed else RunState.COMPLETE,
            schema_name=record.name,
            model=", ".join(sorted(models)),
            engine="none",
            lake=address_of(lake),
            started_at=began,
            seconds=round(time.monotonic() - clock, 3),
            documents=total.documents,
            documents_reused=total.documents,
            documents_failed=total.failed,
            pages=total.pages,
            records=total.records,
            answers_reused=models.total(),
            in_doubt=list(opened.in_doubt),
            failures=total.failures,
            failures_total=total.failures_total,
        )
        return opened.finish(summary)


async def _rebuild_all(lake: Lake, record: RecordType) -> tuple[ShardResult, Counter[str]]:
    """Write every shard anew; what they came to, and how many answers each model gave."""
    total, models, interpreter = ShardResult(), Counter[str](), Interpreter(record)
    for number, documents in enumerate(worked_shards(lake.root, record.name), start=1):
        writer = lake.writer(number)
        known = lake.ledger.answers_of([document.row["doc_id"] for document in documents])
        for document in documents:
            answers = known[document.row["doc_id"]]
            if is_derivable(document, answers):
                models.update(answer.model for answer in answers.values())
                total.add(Rebuilt(record, interpreter, writer, document, answers).write())
            else:
                total.add(_left_alone(lake, document))
        await writer.commit()
    return total, models


def is_derivable(document: WorkedDocument, answers: Mapping[str, Answer]) -> bool:
    """Whether the lake has every answer that the records of a document were made from."""
    asked = (row for row in document.pages if row["outcome"] == Outcome.RECORD)
    return all(answers.keys() >= set(row["strip_ids"] or [row["custom_id"]]) for row in asked)


def _left_alone(lake: Lake, document: WorkedDocument) -> ShardResult:
    """A document of which answers are gone keeps the records it has, if they fit the record type."""
    if not lake.has_declared_columns:
        raise StoreError(
            f"{lake.root}: answers about {document.row['path']} are gone, so its records cannot be derived "
            "anew in the columns that the schema now has; put a copy of the answers in place, or go on with "
            "pagelake process --evolve"
        )
    row = document.row
    balance = PageBalance(
        found=row["pages"],
        in_records=row["pages_in_records"],
        blank=row["pages_blank"],
        failed=row["pages_failed"],
        skipped=row["pages_skipped"],
    )
    return ShardResult(documents=1, failed=int(balance.failed > 0), records=row["records"], pages=balance)


@dataclass(slots=True)
class Rebuilt:
    """One document, its rows written anew from its answers."""

    record: RecordType
    interpreter: Interpreter
    writer: ShardWriter
    document: WorkedDocument
    answers: dict[str, Answer]
    result: ShardResult = field(default_factory=lambda: ShardResult(documents=1))
    _outcomes: dict[int, Outcome] = field(default_factory=dict)
    _pages: dict[int, Row] = field(init=False)

    def __post_init__(self) -> None:
        removed = {"removed_at": self.document.row["removed_at"]}
        self._pages = {row["page"]: row | removed for row in self.document.pages}

    def write(self) -> ShardResult:
        """Write the rows and return what came of the document."""
        for answers in self._groups():
            self._derive(answers)
        self._keep_the_rest()
        balance = self.result.pages = count_outcomes(self.document.row["pages"], self._outcomes.values())
        if self.document.row["state"] != "unfinished":
            balance.check()
        self.result.failed = int(balance.failed > 0)
        self.writer.document(self.document.row | document_counts(balance, self.result.records))
        return self.result

    def _groups(self) -> list[list[Answer]]:
        """The answers that make a record together; none where a part of a document is missing."""
        asked = dict.fromkeys(
            tuple(row["strip_ids"] or [row["custom_id"]]) for row in self.document.pages if row["custom_id"]
        )
        present = [
            [self.answers[custom_id] for custom_id in ids] for ids in asked if self.answers.keys() >= set(ids)
        ]
        if self.record.unit == "page":
            return present
        whole = [answer for answers in present for answer in answers]
        return [whole] if present and len(present) == len(asked) else []

    def _derive(self, answers: Sequence[Answer]) -> None:
        try:
            row = self.interpreter.row(answers, self.document.row["path"])
        except AnswerInvalid as error:
            failure = unfit(answers, error)
            self.writer.failure(self._failure_row(charged(failure, answers)))
            self.result.failures.append(named_failure(self.document.row["path"], failure))
            self.result.failures_total += 1
            self._settle(failure.pages, Outcome.FAILED, failure.reason)
        else:
            self.writer.record(row | {"_removed_at": self.document.row["removed_at"]})
            self.result.records += 1
            self._settle(row["_pages"], Outcome.RECORD, "")

    def _failure_row(self, failure: Failure) -> Row:
        """A row of the failures table; what was tried in vain for the same pages is known from the run."""
        row = failure_row(self.record.name, self.document.row["doc_id"], self.document.row["path"], failure)
        same = (one for one in self.document.failures if one["pages"] == row["pages"])
        removed = {"removed_at": self.document.row["removed_at"]}
        return row | removed | {name: before[name] for before in same for name in SPENT}

    def _settle(self, numbers: Sequence[int], outcome: Outcome, reason: str) -> None:
        for number in self._pages.keys() & set(numbers):
            self._outcomes[number] = outcome
            row = self._pages[number] | {"outcome": outcome.value, "reason": storable(reason)}
            self.writer.page(row)

    def _keep_the_rest(self) -> None:
        """Pages that no answer speaks of stay as they were, and so does what went wrong with them."""
        derived = set(self._outcomes)
        for number, row in self._pages.items():
            if number not in derived:
                self._outcomes[number] = Outcome(row["outcome"])
                self.writer.page(row)
        for failure in self.document.failures:
            if failure["stage"] != Stage.ANSWER and derived.isdisjoint(failure["pages"]):
                self.writer.failure(failure)
