"""Which paths the sources of a run lead to, whether there is a file at them or not."""

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

from pipeline.objects import is_address
from pipeline.patterns import fits, split_address
from pipeline.sources import listed, split_pattern
from pipeline.stamps import place_of


@dataclass(frozen=True)
class Reach:
    """Where one of the sources leads.

    Attributes:
        asked: The source: a folder, a file, a pattern or an `@list`.
        paths: Places that it names; all below them belongs to it.
        base: Folder that its pattern begins in, from the root of the file system.
        pattern: The parts of its pattern below that; empty when it is none.
    """

    asked: str
    paths: frozenset[str] = frozenset()
    base: str = ""
    pattern: Sequence[str] = ()

    def covers(self, place: str) -> bool:
        """Whether a run over this source would find a document at a place."""
        if self.pattern and place.startswith(self._start):
            return fits(self.pattern, PurePath(place[len(self._start) :]).parts)
        return any(one in self.paths for one in _with_parents(place))

    @cached_property
    def _start(self) -> str:
        return os.path.join(self.base, "")  # noqa: PTH118 - with a separator at its end


@dataclass
class Scope:
    """All sources of a run."""

    asked: Sequence[str]

    @cached_property
    def reaches(self) -> list[Reach]:
        """Where each of them leads, in their order.

        Raises:
            ConfigError: A list cannot be read.
        """
        return [_reach(one) for one in self.asked]

    def index(self, place: str) -> int | None:
        """The first of the sources that leads to a place; None when none does."""
        return next((at for at, reach in enumerate(self.reaches) if reach.covers(place)), None)


def _reach(asked: str) -> Reach:
    if is_address(asked):
        folder, pattern = split_address(asked)
        return Reach(asked, base=folder, pattern=pattern) if pattern else Reach(asked, frozenset([folder]))
    if os.path.lexists(asked):
        return Reach(asked, frozenset([place_of(asked)]))
    if asked.startswith("@"):
        return Reach(asked, frozenset(place_of(path) for path in listed(asked[1:])))
    if glob.has_magic(asked):
        base, parts = split_pattern(asked)
        return Reach(asked, base=place_of(str(base)), pattern=parts)
    return Reach(asked, frozenset([place_of(asked)]))


def _with_parents(place: str) -> Iterator[str]:
    above, path = "", place
    while path != above:
        yield path
        above, path = path, os.path.dirname(path)  # noqa: PTH120 - a Path of each would take ten times as long
