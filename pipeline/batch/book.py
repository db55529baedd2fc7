"""What is known of the requests of all jobs of a lake: which are under way, which were left, how often."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from pipeline.batch.job import JobFolder, Left


class Book:
    """The requests of jobs.

    Attributes:
        waiting: Ids of those that are in a job under way.
    """

    def __init__(self) -> None:
        self.waiting: set[str] = set()
        self._left: dict[str, Left] = {}
        self._rounds: Counter[str] = Counter()
        self._given: Counter[str] = Counter()

    @classmethod
    def of(cls, lake: Path) -> "Book":
        """What the jobs of a lake say.

        Raises:
            StoreError: One cannot be read.
        """
        book = cls()
        for folder in JobFolder.all(lake):
            job = folder.load()
            if job.is_live:
                book.waiting.update(one.custom_id for one in folder.asked())
            else:
                book._note_left(folder.left(), counts=not job.settled)
        return book

    def close(self, folder: JobFolder) -> None:
        """Be told that a job is collected.

        Raises:
            StoreError: It cannot be read.
        """
        self.waiting.difference_update([one.custom_id for one in folder.asked()])
        self._note_left(folder.left(), counts=not folder.load().settled)

    def _note_left(self, left: Iterable[Left], *, counts: bool) -> None:
        """Count what a job has left; towards giving it up only where no run has begun anew since."""
        for one in left:
            self._rounds[one.custom_id] += 1
            if counts:
                self._left[one.custom_id] = one
                self._given[one.custom_id] += 1

    def rounds(self, custom_id: str) -> int:
        """Jobs that were ever over without an answer to a request."""
        return self._rounds[custom_id]

    def tries(self, custom_id: str) -> int:
        """Those of them that count towards giving it up."""
        return self._given[custom_id]

    def left(self, custom_id: str) -> Left | None:
        """Why the last of these gave no answer; None when none counts."""
        return self._left.get(custom_id)


def begin_anew(lake: Path) -> None:
    """Have all that the jobs of a lake have left be asked again like anything new.

    Raises:
        StoreError: A job cannot be read or written.
    """
    for folder in JobFolder.all(lake):
        job = folder.load()
        if not job.is_live and not job.settled:
            folder.save(job.model_copy(update={"settled": True}))
