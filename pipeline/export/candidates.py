"""Records of a lake that a model could be trained with: their document, their pages, and the right answer."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.export.tables import records_where
from pipeline.export.teaching import Teacher
from pipeline.records import printable
from pipeline.stamps import place_of
from pipeline.store.parts import parts_of, read_parts
from pipeline.store.results import scan_records
from pipeline.store.tables import DOCUMENTS, PROVENANCE
from schemas.registry import RecordType

_BATCH_ROWS = 500


class Reason(StrEnum):
    """Why a record is left out. The list is closed."""

    SEVERAL_REQUESTS = "read from several requests"
    NO_ANSWER = "no answer of the record type as it is now gives this record"
    SOURCE_GONE = "the source cannot be read any more"
    SOURCE_CHANGED = "the source has other bytes now"
    NOT_DRAWN = "a page cannot be drawn"
    TOO_LARGE = "too large for one request or one file"
    NEAR_DUPLICATE = "shows what an earlier one shows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A record that may become an example.

    Attributes:
        doc_id: SHA-256 of its document.
        paths: Every place where the lake has seen the document; it may be there or not.
        page_count: Pages of the document.
        pages: Those that the record was read from.
        answer: What a model is to answer about them, in JSON.
    """

    doc_id: str
    paths: tuple[str, ...]
    page_count: int
    pages: tuple[int, ...]
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A record that is not exported, and why."""

    doc_id: str
    path: str
    pages: tuple[int, ...]
    reason: Reason


def count_candidates(lake: Path, record: RecordType, where: str) -> int:
    """How many `candidates_in` would go through; raises as it does."""
    found = records_where(scan_records(lake, record.name), where).select(pl.len())
    return int(found.collect(engine="streaming").item())


def candidates_in(lake: Path, record: RecordType, where: str) -> Iterator[Candidate | LeftOut]:
    """Every record that meets a condition, in the order of the lake.

    Raises:
        ConfigError: There are none, or it is no condition.
        StoreError: The lake cannot be read.
    """
    found = records_where(scan_records(lake, record.name), where)
    teacher, documents = Teacher(record), _documents(lake, record.name)
    for batch in found.collect_batches(chunk_size=_BATCH_ROWS, maintain_order=True):
        for row in batch.iter_rows(named=True):
            yield _candidate(dict.fromkeys(PROVENANCE) | row, teacher, documents)


@dataclass(frozen=True, slots=True)
class _Known:
    paths: tuple[str, ...] = ()
    page_count: int = 0


def _candidate(
    row: Mapping[str, Any], teacher: Teacher, documents: Mapping[str, _Known]
) -> Candidate | LeftOut:
    pages, known = tuple(row["_pages"]), documents.get(row["_doc_id"], _Known())
    reason = Reason.SEVERAL_REQUESTS
    if len(row["_custom_ids"]) == 1:
        answer = teacher.answer(row)
        if answer is not None and known.paths:
            return Candidate(
                doc_id=row["_doc_id"],
                paths=known.paths,
                page_count=known.page_count,
                pages=pages,
                answer=answer,
            )
        reason = Reason.SOURCE_GONE if answer is not None else Reason.NO_ANSWER
    return LeftOut(doc_id=row["_doc_id"], path=row["_source"], pages=pages, reason=reason)


def _documents(lake: Path, schema: str) -> dict[str, _Known]:
    """The documents of a record type by id, the path of the newest run first."""
    parts = parts_of(lake / DOCUMENTS.folder)
    ours = (pl.col("schema") == schema, pl.col("doc_id").is_not_null())
    found: dict[str, _Known] = {}
    rows = read_parts(parts, *ours, columns=["doc_id", "path", "path_bytes", "pages"])
    for doc_id, path, exact, pages in rows.iter_rows():
        before = found.get(doc_id, _Known())
        place = place_of(path if exact is None else os.fsdecode(exact))
        found[doc_id] = _Known((place, *before.paths), pages or before.page_count)
    return found


def left_out(candidate: Candidate, reason: Reason) -> LeftOut:
    """A candidate that something stands against."""
    path = printable(candidate.paths[0])
    return LeftOut(doc_id=candidate.doc_id, path=path, pages=candidate.pages, reason=reason)
