"""Rows of the documents and pages tables, made from what the other tables tell of the same documents."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.check.orphans import Orphans
from pipeline.records import Answer, Outcome
from pipeline.shard import document_counts
from pipeline.store.parquet import write_rows
from pipeline.store.parts import parts_of, read_parts, run_of, shard_of
from pipeline.store.readback import Row, WorkedDocument
from pipeline.store.tables import DOCUMENTS, FAILURES, PAGES_TABLE, Table, page_row
from pipeline.summary import count_outcomes


def page_rows(
    lake: Path, records: Table, part: Path, document: WorkedDocument, answers: Mapping[str, Answer]
) -> list[Row] | None:
    """All rows of the pages of a finished document; those that are gone are known by its records.

    What was known of their images is not: sizes and formats are empty in rows that are made anew.

    Returns:
        None when records, answers and counts do not tell where each page went.
    """
    row = document.row
    made = read_parts(
        parts_of(lake / records.folder, shard_of(part)),
        pl.col("_doc_id") == row["doc_id"],
        columns=["_pages", "_custom_ids"],
    ).to_dicts()
    if row["state"] != "done" or len(made) != row["records"]:
        return None
    rows = {one["page"]: one for one in document.pages if one["outcome"] is not None}
    for record in made:
        for number in record["_pages"]:
            rows.setdefault(number, _of_record(row, number, record["_custom_ids"], answers))
    lost = [number for number in range(1, row["pages"] + 1) if number not in rows]
    if outcome := _only_outcome(row, rows, lost):
        rows |= {number: _row(row, number) | {"outcome": outcome.value, "reason": ""} for number in lost}
    balance = count_outcomes(row["pages"], (Outcome(one["outcome"]) for one in rows.values()))
    told = document_counts(balance, row["records"])
    same = len(rows) == row["pages"] and all(row[name] == value for name, value in told.items())
    return [rows[number] for number in sorted(rows)] if same else None


def _of_record(document: Row, number: int, ids: Iterable[str], answers: Mapping[str, Answer]) -> Row:
    asked = [one for one in ids if one in answers and number in answers[one].pages]
    return _row(document, number) | {
        "outcome": Outcome.RECORD.value,
        "reason": "",
        "custom_id": asked[0] if asked else None,
        "strip_ids": asked if len(asked) > 1 else None,
    }


def _row(document: Row, number: int) -> Row:
    return page_row(document["schema"], document["doc_id"], number) | {"run": document["run"]}


def _only_outcome(document: Row, rows: Mapping[int, Row], lost: list[int]) -> Outcome | None:
    """Where the pages went that have no row, when it can be one thing only."""
    for outcome, column in ((Outcome.BLANK, "pages_blank"), (Outcome.SKIPPED, "pages_skipped")):
        there = sum(one["outcome"] == outcome for one in rows.values())
        if lost and document[column] - there == len(lost):
            return outcome
    return None


def write_documents(lake: Path, orphans: Orphans) -> int:
    """Write a part of the documents table for a shard that has lost it; returns its rows.

    What a document was asked is not known any more, so the next run works it again, from its answers.

    Raises:
        StoreError: A part cannot be read or written.
    """
    told = _Told.of(orphans)
    rows = [*told.worked(), *told.unusable()]
    known = {"run": run_of(orphans.parts[0]), "at": datetime.now(UTC)}
    full = [dict.fromkeys(DOCUMENTS.columns) | row | known for row in rows]
    write_rows(lake / DOCUMENTS.folder / f"{orphans.shard}-000.parquet", full, DOCUMENTS.columns)
    return len(full)


class _Told:
    """What the other tables tell of the documents of a shard, by record type and document."""

    def __init__(self) -> None:
        self.pages: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self.records: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self.failures: list[Row] = []

    @classmethod
    def of(cls, orphans: Orphans) -> "_Told":
        """Read it."""
        told = cls()
        for part in orphans.parts:
            table = part.parent.name
            if table == PAGES_TABLE.folder:
                for row in read_parts([part], columns=["schema", "doc_id", "page", "outcome"]).to_dicts():
                    told.pages[row["schema"], row["doc_id"]].append(row)
            elif table == FAILURES.folder:
                told.failures += read_parts([part], columns=["schema", "doc_id", "path"]).to_dicts()
            else:
                schema = table.partition("=")[2]
                for row in read_parts([part], columns=["_doc_id", "_source", "_pages"]).to_dicts():
                    told.records[schema, row["_doc_id"]].append(row)
        return told

    def worked(self) -> Iterable[dict[str, Any]]:
        """Rows of documents that were opened; those of which something is missing are unfinished."""
        for key in dict.fromkeys([*self.pages, *self.records]):
            pages, records = self.pages[key], self.records[key]
            read = sorted(number for one in records for number in one["_pages"])
            outcomes = {row["page"]: row["outcome"] for row in pages}
            found = max([*outcomes, *read])
            balance = count_outcomes(found, (Outcome(one) for one in outcomes.values() if one))
            row = {"schema": key[0], "doc_id": key[1], "path": self._path(key)}
            row |= document_counts(balance, len(records))
            if read != sorted(page for page, outcome in outcomes.items() if outcome == Outcome.RECORD):
                row["state"] = "unfinished"
            yield row

    def unusable(self) -> Iterable[dict[str, Any]]:
        """Rows of files that no page was drawn of."""
        for row in self.failures:
            if (row["schema"], row["doc_id"]) not in self.pages:
                yield row | {"state": "failed", "records": 0}

    def _path(self, key: tuple[str, str]) -> str:
        """Where the document lay; its id where nothing tells that."""
        paths = [one["_source"] for one in self.records[key]]
        paths += [row["path"] for row in self.failures if (row["schema"], row["doc_id"]) == key]
        return next(iter(paths), key[1])
