"""What a lake already holds: which documents are done, which answers are paid."""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import polars as pl

from pipeline.records import Answer
from pipeline.store.parts import parts_of, read_parts
from pipeline.store.tables import ANSWERS, DOCUMENTS, answer_of
from pipeline.summary import PageBalance

_FIGURES = (
    *("question_id", "records"),
    *("pages", "pages_in_records", "pages_blank", "pages_failed", "pages_skipped"),
)
_READ_AT_ONCE = 100
"""Parts of the answers table whose ids are held together."""


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
    """The memory of a lake for one record type, read when a run begins: some bytes for each document.

    Attributes:
        lake: Root folder.
        schema: Name of the record type.
        done: Finished documents by id; equal ones share their figures.
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
        about = (pl.col("schema") == schema, pl.col("state") == "done")
        done = read_parts(parts_of(lake / DOCUMENTS.folder), *about, columns=["doc_id", *_FIGURES])
        figures_of = cache(_done)
        return cls(lake, schema, {doc_id: figures_of(*figures) for doc_id, *figures in done.iter_rows()})

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
        places = {place for doc_id in doc_ids for place in self._answer_places.get(doc_id, ())}
        parts = [self._answer_parts[place] for place in sorted(places)]
        about = (pl.col("doc_id").is_in(list(doc_ids)), pl.col("schema") == self.schema)
        for row in read_parts(parts, *about).iter_rows(named=True):
            found[row["doc_id"]][row["custom_id"]] = answer_of(row)
        return found

    @cached_property
    def _answer_parts(self) -> list[Path]:
        """The parts of the answers table when it was first needed: what this run adds is not asked for."""
        return parts_of(self.lake / ANSWERS.folder)

    @cached_property
    def _answer_places(self) -> dict[str, tuple[int, ...]]:
        """For each document with answers where they stand among the parts."""
        where: dict[str, tuple[int, ...]] = {}
        for start in range(0, len(self._answer_parts), _READ_AT_ONCE):
            parts = self._answer_parts[start : start + _READ_AT_ONCE]
            places = {part: place for place, part in enumerate(parts, start=start)}
            rows = read_parts(
                parts, pl.col("schema") == self.schema, columns=["doc_id"], file="file"
            ).unique()
            for doc_id, place in sorted((doc_id, places[Path(file)]) for doc_id, file in rows.iter_rows()):
                where[doc_id] = (*where.get(doc_id, ()), place)
        return where


def _done(question_id: str, records: int, *pages: int) -> Done:
    found, in_records, blank, failed, skipped = pages
    balance = PageBalance(found=found, in_records=in_records, blank=blank, failed=failed, skipped=skipped)
    return Done(question_id=question_id, balance=balance, records=records)
