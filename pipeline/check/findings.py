"""What can be wrong with a lake, and what to do about each."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Kind(StrEnum):
    """The closed list of what a check finds."""

    DAMAGED = "damaged"
    UNCOMMITTED = "uncommitted"
    ORPHANED = "orphaned"
    RECORDS = "records"
    PAGES = "pages"
    FAILURES = "failures"
    ANSWERS = "answers"
    REPEATED = "repeated"
    CHILDREN = "children"
    MANIFEST = "manifest"
    COMPACTION = "compaction"
    JOURNAL = "journal"
    TORN = "torn"
    JOB = "job"
    WAITING = "waiting"
    UNFINISHED = "unfinished"
    AT_WORK = "at_work"


_REPAIR = "run pagelake check LAKE --repair"
_NEXT = "nothing: the next run sees to it"

REMEDY = {
    Kind.DAMAGED: f"put a copy in its place, or {_REPAIR}",
    Kind.UNCOMMITTED: _NEXT,
    Kind.ORPHANED: f"put a copy of the documents part in its place, or {_REPAIR}",
    Kind.RECORDS: f"{_REPAIR}: they are derived anew from their answers",
    Kind.PAGES: f"{_REPAIR}: rows are made from records, or by the next process",
    Kind.FAILURES: f"{_REPAIR}: the next process works these documents again",
    Kind.ANSWERS: f"put a copy of the answers in place, or {_REPAIR}: the next process asks for them again",
    Kind.REPEATED: "nothing: each is counted once",
    Kind.CHILDREN: f"{_REPAIR}, or process: they are made anew from their records",
    Kind.MANIFEST: f"{_REPAIR}: it is moved aside, nothing else depends on it",
    Kind.JOURNAL: f"{_REPAIR}: the lines that can be read are kept",
    Kind.COMPACTION: f"{_NEXT}, and what it is about to remove may look wrong until then",
    Kind.TORN: _NEXT,
    Kind.JOB: f"put a copy in its place; {_REPAIR} to forget the job, whose requests are then asked again",
    Kind.WAITING: "run pagelake batch collect",
    Kind.UNFINISHED: "run pagelake process on their sources: only what has no answer is asked",
    Kind.AT_WORK: "check again when it has ended: what it is about to write or remove may look wrong",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a check has found.

    Attributes:
        kind: What it is.
        where: File or folder, relative to the lake.
        what: What there is to say of it, after its name.
        wrong: Whether it has to be repaired; the others are for people to know.
        aside: File or folder that a repair moves out of the way.
    """

    kind: Kind
    where: str
    what: str
    wrong: bool = True
    aside: Path | None = None

    @property
    def remedy(self) -> str:
        """What to do about it."""
        if self.kind is Kind.JOURNAL and not self.wrong:
            return _NEXT
        if self.kind is Kind.COMPACTION and self.wrong:
            return f"{_REPAIR}: it is moved aside, and what stands twice is counted once"
        return REMEDY[self.kind]
