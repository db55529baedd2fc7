"""Pages of a document that fail one after the other, and when the rest is not tried any more."""

from dataclasses import dataclass, field

from pipeline.errors import Category, DocumentError, DocumentGivenUp
from pipeline.records import Document

FAILED_HARD = 10
"""Pages in a row that crash a worker or run out of time: each costs up to a minute."""

FAILED = 200
"""Pages in a row that fail in any way: a count of a million pages may be a lie."""

WITHOUT_FORMS = 3
"""Pages in a row whose form fields had to be left out: each costs the time of a page that hangs."""

_HARD = {Category.TIMEOUT, Category.CRASHED}


@dataclass(slots=True)
class _Streak:
    failed: int = 0
    failed_hard: int = 0
    without_forms: int = 0
    last: DocumentError | None = None


@dataclass(slots=True)
class Streaks:
    """What has lately become of the pages of each document; nothing is kept of those that go well."""

    _of: dict[str, _Streak] = field(default_factory=dict)

    def check(self, document: Document) -> None:
        """Raise DocumentGivenUp, of the category of the last page, when the rest is not worth a try."""
        streak = self._of.get(document.doc_id)
        if streak is None or streak.last is None:
            return
        if streak.failed_hard >= FAILED_HARD or streak.failed >= FAILED:
            raise DocumentGivenUp(
                streak.last.category,
                f"not tried, after {streak.failed} pages in a row that failed; the last one: {streak.last}",
            )

    def draws_forms(self, document: Document) -> bool:
        """Whether form fields are worth a try."""
        streak = self._of.get(document.doc_id)
        return streak is None or streak.without_forms < WITHOUT_FORMS

    def failed(self, document: Document, error: DocumentError) -> None:
        """Note that a page could not be drawn."""
        streak = self._of.setdefault(document.doc_id, _Streak())
        streak.failed += 1
        streak.failed_hard += error.category in _HARD
        streak.last = error

    def drawn(self, document: Document, *, forms: bool) -> None:
        """Note that a page was drawn, and whether with its form fields."""
        streak = self._of.pop(document.doc_id, _Streak())
        if not forms:
            self._of[document.doc_id] = _Streak(without_forms=streak.without_forms + 1)
