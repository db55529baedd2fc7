"""What a walk over sources found, held against what the lake lists."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.objects import is_address
from pipeline.records import Document, Skipped, Source, printable
from pipeline.scope import Scope
from pipeline.stamps import place_of
from pipeline.store.listing import Listing
from pipeline.summary import FileChanges

FEW = 10
"""Files of a source that may be gone together without being asked about: they come back at no cost."""

NAMED = 100
"""Removed files that are named in a manifest."""


@dataclass(frozen=True, slots=True)
class Concluded:
    """What came of a look.

    Attributes:
        changes: Files, counted.
        gone: Places that the lake lists and at which there is no file any more, as far as that is believed.
    """

    changes: FileChanges
    gone: Sequence[str]


@dataclass(slots=True)
class Look:
    """One walk over sources.

    Args:
        sources: What is asked for.
        listing: What the lake lists.
    """

    sources: Sequence[str]
    listing: Listing
    _scope: Scope = field(init=False)
    _found: set[str] = field(default_factory=set)
    _documents: Counter[int | None] = field(default_factory=Counter)
    _moved: Counter[str] = field(default_factory=Counter)
    _new: int = 0
    _changed: int = 0
    _returned: int = 0
    _unchanged: int = 0

    def __post_init__(self) -> None:
        self._scope = Scope(self.sources)

    def skip(self, skipped: Skipped) -> None:
        """Note what is left out; it is there, unless it is an address at which nothing was found."""
        if skipped.path not in self.sources:
            self._found.add(place_of(skipped.path))

    def see(self, source: Source, document: Document | None) -> None:
        """Note a file, with what it holds; None when that could not be read."""
        place = place_of(source.path)
        before = self.listing.at(place)
        self._documents[self._scope.index(place)] += document is not None
        doc_id = document.doc_id if document else None
        is_there = document is not None or bool(source.stamp) or is_address(place)
        if before and (is_there or not any(before)):
            self._found.add(place)
        if before:
            self._count(same=doc_id in before)
        elif doc_id is not None and self.listing.is_removed(doc_id):
            self._returned += 1
        else:
            self._new += 1
            if doc_id is not None and self.listing.knows(doc_id):
                self._moved[doc_id] += 1

    def _count(self, *, same: bool) -> None:
        self._unchanged += same
        self._changed += not same

    def conclude(self, *, whole: bool, accept: bool = False) -> Concluded:
        """What came of it.

        Args:
            whole: Whether all was looked at; else nothing is taken to be gone.
            accept: Whether what is gone is believed however much it is.
        """
        moved, gone = self._missing() if whole else ([], {})
        doubts = [] if accept else [at for at in gone if self._is_doubtful(at, len(gone[at]))]
        believed = sorted(place for at, places in gone.items() if at not in doubts for place in places)
        changes = FileChanges(
            new=self._new - len(moved),
            changed=self._changed,
            renamed=len(moved),
            returned=self._returned,
            unchanged=self._unchanged,
            removed=len(believed),
            doubted=sum(len(gone[at]) for at in doubts),
            removed_files=[printable(place) for place in believed[:NAMED]],
            doubts=[self._doubt(at, len(gone[at])) for at in doubts],
        )
        return Concluded(changes, [*moved, *believed])

    def _missing(self) -> tuple[list[str], dict[int, list[str]]]:
        """Places whose file went to another place, and by source those whose file is gone."""
        moved, gone, left = list[str](), dict[int, list[str]](), self._moved.copy()
        for place, ids in self.listing.places():
            at = None if place in self._found else self._scope.index(place)
            if at is None or not _is_absent(place):
                continue
            taken = next((one for one in ids if one is not None and left[one]), None)
            if taken is None:
                gone.setdefault(at, []).append(place)
            else:
                left[taken] -= 1
                moved.append(place)
        return moved, gone

    def _is_doubtful(self, at: int, gone: int) -> bool:
        """Whether it is more likely that a disk is not there, or that a source is wrong."""
        there = self._documents[at]
        return not there or (gone > FEW and gone > there)

    def _doubt(self, at: int, gone: int) -> str:
        asked, there = printable(self.sources[at]), self._documents[at]
        return (
            f"of the files that the lake lists under '{asked}' {gone} are gone, and {there} are there: "
            "nothing is taken to be removed; if they were removed on purpose, say --accept-removed"
        )


def _is_absent(place: str) -> bool:
    """Whether there is certainly nothing at a place; what cannot be looked at may be there."""
    try:
        os.lstat(place)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
