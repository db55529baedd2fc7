"""The tables of a lake: their columns, and the values that travel as rows of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl

from pipeline.errors import REMEDIES
from pipeline.records import (
    Answer,
    Coercion,
    Completion,
    Evidence,
    Failure,
    Origin,
    Outcome,
    PageImage,
    Usage,
)
from pipeline.views import Band

Columns = Mapping[str, "pl.DataType | type[pl.DataType]"]

TIME = pl.Datetime("us", "UTC")
MONEY = pl.Decimal(38, 10)
"""US dollars; a single cached token at a few cents a million still has a value."""

PAGES = pl.List(pl.Int32)

EDGES = ("left", "top", "right", "bottom")
EVIDENCE = pl.List(
    pl.Struct(
        {
            "field": pl.String,
            "page": pl.Int32,
            "confidence": pl.Float64,
            "box": pl.Struct(dict.fromkeys(EDGES, pl.Float64)),
            "rule": pl.String,
        }
    )
)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a lake.

    Attributes:
        folder: Folder of its part files, relative to the lake.
        columns: Name and type of each column, in order.
    """

    folder: str
    columns: Columns


DOCUMENTS = Table(
    "documents",
    {
        "schema": pl.String,
        "doc_id": pl.String,
        "path": pl.String,
        "path_bytes": pl.Binary,
        "size_bytes": pl.Int64,
        "kind": pl.String,
        "media_type": pl.String,
        "pages": pl.Int32,
        "pages_in_records": pl.Int32,
        "pages_blank": pl.Int32,
        "pages_failed": pl.Int32,
        "pages_skipped": pl.Int32,
        "records": pl.Int32,
        "state": pl.Enum(["done", "failed", "unfinished", "duplicate"]),
        "question_id": pl.String,
        "run": pl.String,
        "at": TIME,
        "place": pl.Binary,
        "stamp": pl.String,
        "listed": pl.String,
        "removed_at": TIME,
    },
)

PAGES_TABLE = Table(
    "pages",
    {
        "schema": pl.String,
        "doc_id": pl.String,
        "page": pl.Int32,
        "outcome": pl.Enum([outcome.value for outcome in Outcome]),
        "reason": pl.String,
        "width_pt": pl.Float64,
        "height_pt": pl.Float64,
        "width_px": pl.Int32,
        "height_px": pl.Int32,
        "image_bytes": pl.Int64,
        "media_type": pl.String,
        "grey": pl.Boolean,
        "has_text": pl.Boolean,
        "custom_id": pl.String,
        "strip_ids": pl.List(pl.String),
        "remedy": pl.String,
        "run": pl.String,
        "removed_at": TIME,
    },
)

ANSWERS = Table(
    "answers",
    {
        "custom_id": pl.String,
        "schema": pl.String,
        "doc_id": pl.String,
        "pages": PAGES,
        "partial": pl.Boolean,
        "band": pl.String,
        "model": pl.String,
        "road": pl.String,
        "answered_by": pl.String,
        "content": pl.String,
        "evidence": EVIDENCE,
        "finish_reason": pl.String,
        "refusal": pl.String,
        "prompt_tokens": pl.Int64,
        "completion_tokens": pl.Int64,
        "cached_tokens": pl.Int64,
        "cost": MONEY,
        "latency_s": pl.Float64,
        "attempts": pl.Int32,
        "request_id": pl.String,
        "received_at": TIME,
        "run": pl.String,
    },
)

FAILURES = Table(
    "failures",
    {
        "schema": pl.String,
        "doc_id": pl.String,
        "path": pl.String,
        "pages": PAGES,
        "stage": pl.String,
        "category": pl.String,
        "message": pl.String,
        "remedy": pl.String,
        "attempts": pl.Int32,
        "prompt_tokens": pl.Int64,
        "completion_tokens": pl.Int64,
        "cached_tokens": pl.Int64,
        "cost": MONEY,
        "custom_id": pl.String,
        "run": pl.String,
        "at": TIME,
        "removed_at": TIME,
    },
)

SPENT = ("attempts", "prompt_tokens", "completion_tokens", "cached_tokens", "cost")
"""What a failure took, among its columns."""

PROVENANCE: Columns = {
    "_doc_id": pl.String,
    "_source": pl.String,
    "_pages": PAGES,
    "_origins": pl.List(
        pl.Struct({"field": pl.String, "first_page": pl.Int32, "last_page": pl.Int32}),
    ),
    "_coerced": pl.List(pl.Struct({"field": pl.String, "given": pl.String, "rule": pl.String})),
    "_evidence": EVIDENCE,
    "_custom_ids": pl.List(pl.String),
    "_model": pl.String,
    "_road": pl.String,
    "_finish_reason": pl.String,
    "_prompt_tokens": pl.Int64,
    "_completion_tokens": pl.Int64,
    "_cached_tokens": pl.Int64,
    "_cost": MONEY,
    "_latency_s": pl.Float64,
    "_attempts": pl.Int32,
    "_run": pl.String,
    "_extracted_at": TIME,
    "_removed_at": TIME,
}
"""What pagelake adds to the columns of a record."""


def records_table(schema: str, columns: Columns) -> Table:
    """The table of one record type, given the columns of its own fields."""
    return Table(f"records/schema={schema}", {**columns, **PROVENANCE})


def page_row(schema: str, doc_id: str, number: int, image: PageImage | None = None) -> dict[str, Any]:
    """A row of the pages table, its outcome still open; a page that was not drawn has no image."""
    row: dict[str, Any] = dict.fromkeys(PAGES_TABLE.columns)
    row |= {"schema": schema, "doc_id": doc_id, "page": number}
    if image is not None:
        row |= {
            "width_pt": image.width_pt,
            "height_pt": image.height_pt,
            "width_px": image.width_px,
            "height_px": image.height_px,
            "image_bytes": image.size_bytes,
            "media_type": image.media_type,
            "grey": image.grey,
            "has_text": image.has_text,
        }
    return row


def answer_row(answer: Answer) -> dict[str, Any]:
    """A row of the answers table."""
    completion = answer.completion
    return {
        "custom_id": answer.custom_id,
        "schema": answer.schema,
        "doc_id": answer.doc_id,
        "pages": list(answer.pages),
        "partial": answer.partial,
        "band": answer.band and str(answer.band),
        "model": answer.model,
        "road": answer.road,
        "answered_by": completion.model,
        "content": storable(completion.content),
        "evidence": evidence_rows(completion.evidence),
        "finish_reason": completion.finish_reason,
        "refusal": storable(completion.refusal) or None,
        "prompt_tokens": completion.usage.prompt_tokens,
        "completion_tokens": completion.usage.completion_tokens,
        "cached_tokens": completion.usage.cached_tokens,
        "cost": answer.cost,
        "latency_s": completion.latency_s,
        "attempts": completion.attempts,
        "request_id": completion.request_id,
        "received_at": moment(answer.received_at),
    }


def answer_of(row: dict[str, Any]) -> Answer:
    """The answer that `answer_row` made a row of."""
    return Answer(
        custom_id=row["custom_id"],
        schema=row["schema"],
        doc_id=row["doc_id"],
        pages=tuple(row["pages"]),
        partial=row["partial"],
        model=row["model"],
        road=row["road"],
        completion=Completion(
            content=row["content"],
            finish_reason=row["finish_reason"],
            model=row["answered_by"],
            usage=Usage(
                prompt_tokens=row["prompt_tokens"],
                completion_tokens=row["completion_tokens"],
                cached_tokens=row["cached_tokens"],
            ),
            request_id=row["request_id"],
            latency_s=row["latency_s"],
            attempts=row["attempts"],
            evidence=tuple(map(_evidence, row["evidence"] or ())),  # null where an older version wrote it
            refusal=row["refusal"] or "",
        ),
        cost=row["cost"],
        received_at=row["received_at"].timestamp(),
        band=Band.parse(row["band"]) if row["band"] else None,
    )


def failure_row(schema: str, doc_id: str | None, path: str, failure: Failure) -> dict[str, Any]:
    """A row of the failures table, with the remedy of its category."""
    return {
        "schema": schema,
        "doc_id": doc_id,
        "path": path,
        "pages": list(failure.pages),
        "stage": failure.stage.value,
        "category": failure.category.value,
        "message": storable(failure.message),
        "remedy": REMEDIES[failure.category],
        "attempts": failure.attempts,
        "prompt_tokens": failure.usage.prompt_tokens,
        "completion_tokens": failure.usage.completion_tokens,
        "cached_tokens": failure.usage.cached_tokens,
        "cost": failure.cost,
        "custom_id": failure.custom_id,
    }


def origin_rows(origins: list[Origin]) -> list[dict[str, Any]]:
    """The `_origins` column of one record."""
    return [{"field": one.field, "first_page": one.first_page, "last_page": one.last_page} for one in origins]


def coercion_rows(coercions: list[Coercion]) -> list[dict[str, Any]]:
    """The `_coerced` column of one record."""
    return [{"field": one.field, "given": storable(one.given), "rule": one.rule} for one in coercions]


def evidence_rows(evidence: Iterable[Evidence]) -> list[dict[str, Any]]:
    """The `evidence` column of an answer, and `_evidence` of a record."""
    return [
        {
            "field": one.field,
            "page": one.page,
            "confidence": one.confidence,
            "box": dict(zip(EDGES, one.box, strict=True)),
            "rule": one.rule,
        }
        for one in evidence
    ]


def _evidence(row: dict[str, Any]) -> Evidence:
    left, top, right, bottom = (row["box"][edge] for edge in EDGES)
    return Evidence(**row | {"box": (left, top, right, bottom)})


def storable(text: str) -> str:
    """The text with lone surrogates, which Parquet's UTF-8 cannot hold, spelt out."""
    return text.encode("utf-8", "backslashreplace").decode()


def moment(seconds: float) -> datetime:
    """A point in time from seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)
