"""What a lake already holds: which documents are done, which answers are paid."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.records import Answer
from pipeline.store.tables import ANSWERS, DOCUMENTS, answer_of
from pipeline.summary import PageBalance


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A document of which nothing is left to do.

    Attributes:
        question_id: What it was asked.
        balance: Where its pages went.
        records: Records it gave.
    """

    question_id: str
    balance: PageBalance
    records: int


@dataclass
class Ledger:
    """The memory of a lake for one record type, read when a run begins.

    Attributes:
        lake: Root folder.
        schema: Name of the record type.
        done: Finished documents by id.
        listed: (doc_id, path) pairs that the documents table has.
    """

    lake: Path
    schema: str
    done: dict[str, Done] = field(default_factory=dict)
    listed: set[tuple[str | None, str]] = field(default_factory=set)

    @classmethod
    def load(cls, lake: Path, schema: str) -> "Ledger":
        """Read the documents table of a lake, which may be empty."""
        ledger = cls(lake, schema)
        for row in _documents(lake, schema):
            ledger.listed.add((row["doc_id"], row["path"]))
            if row["state"] == "done":
                ledger.done[row["doc_id"]] = _done(row)
        return ledger

    def is_done(self, doc_id: str, question_id: str) -> Done | None:
        """The finished document, if it was asked exactly this."""
        done = self.done.get(doc_id)
        return done if done is not None and done.question_id == question_id else None

    def answers_of(self, doc_id: str) -> dict[str, Answer]:
        """Paid answers about a document, by the id of their request."""
        files = self._answer_files.get(doc_id)
        if not files:
            return {}
        rows = (
            pl.scan_parquet(files)
            .filter(pl.col("doc_id") == doc_id, pl.col("schema") == self.schema)
            .collect()
        )
        return {row["custom_id"]: answer_of(row) for row in rows.iter_rows(named=True)}

    @cached_property
    def _answer_files(self) -> dict[str, list[str]]:
        """For each document with answers the part files they stand in; read when first needed."""
        parts = sorted((self.lake / ANSWERS.folder).glob("*.parquet"))
        files: dict[str, list[str]] = defaultdict(list)
        if parts:
            keys = pl.scan_parquet(parts, include_file_paths="file").filter(pl.col("schema") == self.schema)
            for doc_id, file in keys.select("doc_id", "file").unique().collect().iter_rows():
                files[doc_id].append(file)
        return files


def _documents(lake: Path, schema: str) -> list[dict[str, Any]]:
    parts = sorted((lake / DOCUMENTS.folder).glob("*.parquet"))
    if not parts:
        return []
    return pl.scan_parquet(parts).filter(pl.col("schema") == schema).collect().to_dicts()


def _done(row: dict[str, Any]) -> Done:
    balance = PageBalance(
        found=row["pages"],
        in_records=row["pages_in_records"],
        blank=row["pages_blank"],
        failed=row["pages_failed"],
        skipped=row["pages_skipped"],
    )
    return Done(question_id=row["question_id"], balance=balance, records=row["records"])
