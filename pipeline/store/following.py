"""Changes to the files of a lake, which whoever keeps a second copy of it is told of, one after the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol


class Follower(Protocol):
    """Who keeps the lasting copy of a lake that is worked on in a folder of this machine."""

    @property
    def address(self) -> str:
        """Where that copy is."""

    def hold(self) -> None:
        """Keep other machines' runs away, and bring the folder up to date."""

    def release(self) -> None:
        """Let others have it."""

    def holder(self) -> str:
        """Who has it now, as a person is told; empty for nobody."""

    def refresh(self) -> None:
        """Bring the folder up to date, if nobody on this machine does."""

    def changed(self, path: Path) -> None:
        """Do to the copy what was done to a file or folder: it was written, or is gone."""


_followers: dict[Path, Follower] = {}
"""Like the mounts of a system: one table for the process, which each block puts back as it was."""


@contextmanager
def followed(root: Path, follower: Follower) -> Iterator[None]:
    """Tell a follower of every change below a folder while the block lasts."""
    _followers[root] = follower
    try:
        yield
    finally:
        del _followers[root]


def follower_of(root: Path) -> Follower | None:
    """Who follows the changes of a lake."""
    return _followers.get(root)


def address_of(root: Path) -> str:
    """Where a lake is, for a person: its address, or its folder."""
    follower = follower_of(root)
    return follower.address if follower else str(root)


def changed(path: Path) -> None:
    """Tell who follows that a file or folder was written, or is gone."""
    for root, follower in _followers.items():
        if path.is_relative_to(root):
            follower.changed(path)
