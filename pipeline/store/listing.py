"""Which file held which document when a lake was last written."""

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import polars as pl

from pipeline.records import Document, Kind
from pipeline.store.parts import parts_of, read_parts
from pipeline.store.tables import DOCUMENTS

_ROW = ["doc_id", "path", "size_bytes", "kind", "media_type", "stamp", "state", "removed_at"]


@dataclass
class Listing:
    """The files of one record type, as the documents table has them; some hundred bytes for each."""

    _rows: pl.DataFrame
    _at: dict[bytes, tuple[int, ...]] = field(default_factory=dict)

    @classmethod
    def load(cls, lake: Path, schema: str) -> "Listing":
        """Read the documents table of a lake, which may be empty.

        Raises:
            StoreError: It cannot be read.
        """
        parts = parts_of(lake / DOCUMENTS.folder)
        rows = read_parts(
            parts, pl.col("schema") == schema, columns=[*_ROW, "place"], known=DOCUMENTS.columns
        )
        if not rows.width:
            return cls(pl.DataFrame(schema={name: DOCUMENTS.columns[name] for name in _ROW}))
        at: dict[bytes, list[int]] = defaultdict(list)
        removed = rows["removed_at"].is_not_null()
        for index, (place, gone) in enumerate(zip(rows["place"], removed, strict=True)):
            if place is not None and not gone:
                at[place].append(index)
        return cls(rows.select(_ROW), {place: tuple(found) for place, found in at.items()})

    def places(self) -> Iterator[tuple[str, list[str | None]]]:
        """Every place with the ids of what is listed there; None for a file that could not be read."""
        for place in self._at:
            yield os.fsdecode(place), self.at(os.fsdecode(place))

    def at(self, place: str) -> list[str | None]:
        """Ids of the documents that are listed at a place; None for a file that could not be read.

        There are several where a file was replaced, and what it holds now gave no rows yet.
        """
        return [self._rows["doc_id"][index] for index in self._at.get(os.fsencode(place), ())]

    def has(self, document: Document) -> bool:
        """Whether a document is listed at its place just as it lies there now."""
        found = [self._rows.row(index, named=True) for index in self._at.get(os.fsencode(document.place), ())]
        return all(row["doc_id"] is not None for row in found) and any(
            row["doc_id"] == document.doc_id and (row["stamp"] or "") == document.stamp for row in found
        )

    def remembered(self, path: str, place: str, stamp: str) -> Document | None:
        """The document at a place, when the stamp says that the file is the one that was read."""
        for index in self._at.get(os.fsencode(place), ()) if stamp else ():
            row = self._rows.row(index, named=True)
            if row["stamp"] == stamp and row["doc_id"] is not None and row["kind"] is not None:
                return Document(
                    doc_id=row["doc_id"],
                    path=path,
                    size_bytes=row["size_bytes"],
                    kind=Kind(row["kind"]),
                    media_type=row["media_type"],
                    place=place,
                    stamp=stamp,
                )
        return None

    def knows(self, doc_id: str) -> bool:
        """Whether the documents table has a document, removed or not."""
        return doc_id in self._ids

    def is_removed(self, doc_id: str) -> bool:
        """Whether no file holds a document any more."""
        return doc_id in self.removed

    @cached_property
    def removed(self) -> frozenset[str]:
        """Ids of the documents, or paths of those without, that no file holds any more."""
        gone = self._rows.filter(pl.col("removed_at").is_not_null())
        return frozenset(gone.select(pl.coalesce("doc_id", "path")).to_series())

    @cached_property
    def _ids(self) -> frozenset[str]:
        return frozenset(self._rows["doc_id"].drop_nulls())
