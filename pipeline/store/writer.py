"""The rows of one shard, written in parts that count only once the shard is committed."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.errors import StoreError
from pipeline.records import Answer
from pipeline.store.journal import Flushes, Journal
from pipeline.store.parquet import frame_of, write_frame
from pipeline.store.tables import ANSWERS, DOCUMENTS, FAILURES, PAGES_TABLE, Table, answer_row

PART_ROWS = 2000
"""Rows of a table held before they are written: enough to compress well, few enough to hold."""

_PACKED_ROWS = 200


@dataclass(slots=True)
class _Pile:
    """Rows of one table, most of them as frames: there they take a tenth of what they take as they come."""

    table: Table
    frames: list[pl.DataFrame] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def __len__(self) -> int:
        return sum(frame.height for frame in self.frames) + len(self.rows)

    def add(self, row: dict[str, Any]) -> None:
        """Add a row; raises StoreError where a value of one does not fit its column."""
        self.rows.append(row)
        if len(self.rows) >= _PACKED_ROWS:
            self._pack()

    def frame(self) -> pl.DataFrame:
        """All of them; raises as `add` does."""
        self._pack()
        return pl.concat(self.frames)

    def _pack(self) -> None:
        if self.rows:
            self.frames.append(frame_of(self.rows, self.table.columns, Path(self.table.folder).name))
            self.rows = []


class ShardWriter:
    """Collects the rows of a shard and writes them.

    A part file of documents is written last of all and is what commits a shard: parts of other tables
    that carry the name of a shard without one are removed when the lake is next opened.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - all of them are the lake's
        self, lake: Path, records: Table, run: str, shard: int, journals: Path, flushes: Flushes
    ) -> None:
        self.journal = Journal(journals, f"{run}-{shard:05}", flushes)
        self._lake = lake
        self._records = records
        self._run = run
        self._name = f"part-{run}-{shard:05}"
        self._piles: dict[str, _Pile] = {}
        self._parts = 0
        self._writing = asyncio.Lock()

    def record(self, row: dict[str, Any]) -> None:
        """Add a row of the records table."""
        self._pile(self._records).add(row | {"_run": self._run})

    def page(self, row: dict[str, Any]) -> None:
        """Add a row of the pages table."""
        self._add(PAGES_TABLE, row)

    def failure(self, row: dict[str, Any]) -> None:
        """Add a row of the failures table."""
        self._add(FAILURES, row)

    def document(self, row: dict[str, Any]) -> None:
        """Add a row of the documents table, listed by this run unless it says by which."""
        self._add(DOCUMENTS, {"listed": self._run} | row)

    def answer(self, answer: Answer) -> None:
        """Note a paid answer in the journal at once, and add its row."""
        self.journal.answered(answer)
        self._add(ANSWERS, answer_row(answer))

    async def flush_if_full(self) -> None:
        """Write what has been collected once it is a part's worth; documents wait for the commit."""
        if any(len(pile) >= PART_ROWS for name, pile in self._piles.items() if name != DOCUMENTS.folder):
            await self._write([ANSWERS, PAGES_TABLE, FAILURES, self._records], is_last=False)

    async def commit(self) -> None:
        """Write everything and forget the journal.

        Raises:
            StoreError: Something could not be written; the journal is kept.
        """
        await self._write([ANSWERS, PAGES_TABLE, FAILURES, self._records, DOCUMENTS], is_last=True)
        self.journal.settle()

    def close(self) -> None:
        """Let go of the journal; unless the shard was committed, it stays for the next run."""
        self.journal.close()

    def _add(self, table: Table, row: dict[str, Any]) -> None:
        self._pile(table).add(row | {"run": self._run})

    def _pile(self, table: Table) -> _Pile:
        return self._piles.setdefault(table.folder, _Pile(table))

    async def _write(self, tables: list[Table], *, is_last: bool) -> None:
        async with self._writing:
            taken = [pile for table in tables if (pile := self._piles.pop(table.folder, None))]
            name = f"{self._name}-{self._parts:03}.parquet"
            self._parts += 1
            full = None if is_last else self.journal.begin_anew()
            loop = asyncio.get_running_loop()
            await _to_the_end(loop.run_in_executor(None, _write_parts, self._lake, name, taken))
            if full is not None:
                full.unlink()


async def _to_the_end(writing: asyncio.Future[None]) -> None:
    """Wait for a thread, even when cancelled: no stopping it, and it must not write to a lake given back."""
    try:
        await asyncio.shield(writing)
    except asyncio.CancelledError:
        with contextlib.suppress(StoreError):
            await writing
        raise


def _write_parts(lake: Path, name: str, piles: list[_Pile]) -> None:
    for pile in piles:
        write_frame(lake / pile.table.folder / name, pile.frame())
