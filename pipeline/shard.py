"""A shard of documents: worked together, committed together, whole or not at all."""

import asyncio
import heapq
import logging
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pipeline.document import DocumentWork, Workshop
from pipeline.errors import REMEDIES
from pipeline.logged import about
from pipeline.planning import Duplicate, Planned, Reused, Shard, ToWork, Unusable
from pipeline.records import Answer, Document, Failure, printable
from pipeline.stamps import place_of
from pipeline.store.tables import failure_row
from pipeline.store.writer import ShardWriter
from pipeline.summary import FAILURES_SHOWN, FailedDocument, PageBalance, SlowDocument

log = logging.getLogger(__name__)

SLOWEST_SHOWN = 10
"""Slow documents named in a manifest."""


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A document with pages that a later walk has to settle.

    Attributes:
        balance: Where its other pages went.
        records: Records that it has given so far.
        failures: What has gone wrong so far, the first of it.
        failures_total: How much that is.
    """

    doc_id: str
    balance: PageBalance
    records: int
    failures: list[FailedDocument]
    failures_total: int = 0


@dataclass(slots=True)
class ShardResult:
    """What came of a shard, or of several: no more than some counts of what went well.

    Attributes:
        documents: Distinct documents, the unusable and the reused ones included.
        failed: Documents with a failed page, or that could not be opened.
        failures: What went wrong; of several shards the first `FAILURES_SHOWN`.
        failures_total: How much that is.
        open: Documents with pages that are not settled, with what this walk has made of them.
        finished: Ids of the documents whose pages are all settled; of one shard.
        slowest: Those that took longest, the slowest first.
    """

    documents: int = 0
    reused: int = 0
    failed: int = 0
    duplicates: int = 0
    records: int = 0
    pages: PageBalance = field(default_factory=PageBalance)
    failures: list[FailedDocument] = field(default_factory=list)
    failures_total: int = 0
    open: list["OpenDocument"] = field(default_factory=list)
    finished: set[str] = field(default_factory=set)
    slowest: list[SlowDocument] = field(default_factory=list)

    def add(self, other: "ShardResult") -> None:
        """Count another shard in."""
        self.documents += other.documents
        self.reused += other.reused
        self.failed += other.failed
        self.duplicates += other.duplicates
        self.records += other.records
        self.pages += other.pages
        self.failures += other.failures[: max(0, FAILURES_SHOWN - len(self.failures))]
        self.failures_total += other.failures_total
        self.open += other.open
        self.slowest = slowest_of([*self.slowest, *other.slowest])


async def work_shard(shard: Shard, shop: Workshop, writer: ShardWriter) -> ShardResult:
    """Work every entry of a shard and commit its rows.

    Raises:
        StoreError: The lake cannot be read or written; the journal keeps the answers.
    """
    with about(shard=shard.number):
        return await _work_shard(shard, shop, writer)


async def _work_shard(shard: Shard, shop: Workshop, writer: ShardWriter) -> ShardResult:
    ids = [entry.document.doc_id for entry in shard.entries if isinstance(entry, ToWork)]
    work = ShardWork(shop, writer, await asyncio.to_thread(shop.ledger.answers_of, ids))
    try:
        async with asyncio.TaskGroup() as group:
            for entry in shard.entries:
                group.create_task(work.entry(entry))
        await writer.commit()
    finally:
        writer.close()
    log.info("committed: %d documents, %d records", work.result.documents, work.result.records)
    return work.result


@dataclass(slots=True)
class ShardWork:
    """Turns each entry of a shard into rows and counts what came of it.

    Attributes:
        known: For each document to work its paid answers, by the id of their request.
    """

    shop: Workshop
    writer: ShardWriter
    known: Mapping[str, Mapping[str, Answer]]
    result: ShardResult = field(default_factory=ShardResult)

    async def entry(self, entry: Planned) -> None:
        """Work one entry."""
        match entry:
            case ToWork(document):
                with about(document=document.doc_id, path=printable(document.path)):
                    await self._work(entry)
            case Unusable():
                if not self.shop.halt.explains(entry.failure):
                    self._note_unusable(entry)
            case Duplicate(document):
                self.result.duplicates += 1
                self._list(document)
            case Reused():
                self._note_reused(entry)

    async def _work(self, entry: ToWork) -> None:
        if self.shop.halt.requested:
            return
        document, known = entry.document, self.known[entry.document.doc_id]
        work = DocumentWork(document, entry.page_count, self.shop, self.writer, known)
        began = time.monotonic()
        await work.run()
        took = SlowDocument(
            path=printable(document.path), pages=entry.page_count, seconds=round(time.monotonic() - began, 3)
        )
        self.result.slowest = slowest_of([*self.result.slowest, took])
        balance, failures = work.balance, [named_failure(document.path, one) for one in work.failures]
        self.writer.document(self._row(document) | document_counts(balance, work.records))
        self.result.documents += 1
        self.result.records += work.records
        self.result.pages += balance
        self.result.failed += bool(failures)
        self.result.failures += failures
        self.result.failures_total += work.failures_total
        if balance.missing:
            self.result.open.append(
                OpenDocument(document.doc_id, balance, work.records, failures, work.failures_total)
            )
        else:
            self.result.finished.add(document.doc_id)
            self.shop.tally.documents_done += 1
        log.info(
            "%s: %d pages, %d records, %d pages failed",
            printable(document.path),
            balance.found,
            work.records,
            balance.failed,
        )

    def _note_unusable(self, entry: Unusable) -> None:
        name, path = self.shop.record.name, printable(entry.path)
        doc_id = entry.document.doc_id if entry.document else None
        self.writer.failure(failure_row(name, doc_id, path, entry.failure))
        self.writer.document(self._unusable_row(entry))
        self.result.documents += 1
        self.result.failed += 1
        self.result.failures.append(named_failure(entry.path, entry.failure))
        self.result.failures_total += 1
        self.shop.tally.documents_done += 1
        log.info("%s: %s", printable(entry.path), entry.failure.reason)

    def _note_reused(self, entry: Reused) -> None:
        done, tally = entry.done, self.shop.tally
        self._list(entry.document)
        self.result.documents += 1
        self.result.reused += 1
        self.result.records += done.records
        self.result.pages += done.balance
        tally.documents_done += 1
        tally.reuse(done.balance, done.records)

    def _list(self, document: Document) -> None:
        """Name a further path of bytes that are worked once, unless the lake has it just so."""
        if not self.shop.listing.has(document):
            self.writer.document(
                self._row(document) | {"state": "duplicate", "records": 0, "question_id": None}
            )

    def _row(self, document: Document) -> dict[str, Any]:
        return self._path_columns(document.path, document.place) | {
            "doc_id": document.doc_id,
            "size_bytes": document.size_bytes,
            "kind": document.kind.value,
            "media_type": document.media_type,
            "stamp": document.stamp or None,
        }

    def _unusable_row(self, entry: Unusable) -> dict[str, Any]:
        if entry.document is not None:
            known = self._row(entry.document)
        else:
            known = self._path_columns(entry.path) | {"size_bytes": entry.size_bytes}
        return known | {"state": "failed", "records": 0}

    def _path_columns(self, path: str, place: str = "") -> dict[str, Any]:
        """What every row of a path has; the exact bytes are kept where the text cannot hold them."""
        shown = printable(path)
        return {
            "schema": self.shop.record.name,
            "path": shown,
            "path_bytes": None if shown == path else os.fsencode(path),
            "place": os.fsencode(place or place_of(path)),
            "question_id": self.shop.question_id,
            "at": datetime.now(UTC),
        }


def slowest_of(documents: Iterable[SlowDocument]) -> list[SlowDocument]:
    """The few that took longest, the slowest first."""
    return heapq.nlargest(SLOWEST_SHOWN, documents, key=lambda one: one.seconds)


def document_counts(balance: PageBalance, records: int) -> dict[str, Any]:
    """What the documents table says of a document that was opened and worked."""
    return {
        "pages": balance.found,
        "pages_in_records": balance.in_records,
        "pages_blank": balance.blank,
        "pages_failed": balance.failed,
        "pages_skipped": balance.skipped,
        "records": records,
        "state": "unfinished" if balance.missing else "failed" if balance.failed else "done",
    }


def named_failure(path: str, failure: Failure) -> FailedDocument:
    """A failure as a person sees it."""
    return FailedDocument(
        path=printable(path),
        pages=list(failure.pages),
        stage=failure.stage.value,
        category=failure.category.value,
        message=printable(failure.message),
        remedy=REMEDIES[failure.category],
    )
