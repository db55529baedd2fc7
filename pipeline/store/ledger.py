"""What a lake already holds: which documents are done, which answers are paid."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.records import Answer
from pipeline.store.parts import parts_of, read_parts
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
    """

    lake: Path
    schema: str
    done: dict[str, Done] = field(default_factory=dict)

    @classmethod
    def load(cls, lake: Path, schema: str) -> "Ledger":
        """Read the documents table of a lake, which may be empty.

        Raises:
            StoreError: It cannot be read.
        """
        rows = read_parts(parts_of(lake / DOCUMENTS.folder), pl.col("schema") == schema).to_dicts()
        return cls(
            lake,
            schema,
            done={row["doc_id"]: _done(row) for row in rows if row["state"] == "done"},
        )

    def is_done(self, doc_id: str, question_id: str) -> Done | None:
        """The finished document, if it was asked exactly this."""
        done = self.done.get(doc_id)
        return done if done is not None and done.question_id == question_id else None

    def answers_of(self, doc_ids: Collection[str]) -> dict[str, dict[str, Answer]]:
        """For each of the documents its paid answers, by the id of their request.

        Raises:
            StoreError: The answers table cannot be read.
        """
        found: dict[str, dict[str, Answer]] = {doc_id: {} for doc_id in doc_ids}
        parts = sorted({part for doc_id in doc_ids for part in self._answer_parts.get(doc_id, ())})
        about = (pl.col("doc_id").is_in(list(doc_ids)), pl.col("schema") == self.schema)
        for row in read_parts(parts, *about).iter_rows(named=True):
            found[row["doc_id"]][row["custom_id"]] = answer_of(row)
        return found

    @cached_property
    def _answer_parts(self) -> dict[str, list[Path]]:
        """For each document with answers the part files they stand in; read when first needed."""
        where: dict[str, list[Path]] = defaultdict(list)
        parts = parts_of(self.lake / ANSWERS.folder)
        rows = read_parts(parts, pl.col("schema") == self.schema, columns=["doc_id"], file="file")
        for doc_id, file in rows.unique(maintain_order=True).iter_rows():
            where[doc_id].append(Path(file))
        return where


def _done(row: dict[str, Any]) -> Done:
    balance = PageBalance(
        found=row["pages"],
        in_records=row["pages_in_records"],
        blank=row["pages_blank"],
        failed=row["pages_failed"],
        skipped=row["pages_skipped"],
    )
    return Done(question_id=row["question_id"], balance=balance, records=row["records"])
