"""What several walks over the same documents came to together."""

from dataclasses import dataclass, field

from pipeline.errors import ServiceError
from pipeline.records import Skipped
from pipeline.shard import OpenDocument, ShardResult
from pipeline.summary import FileChanges, PageBalance
from pipeline.tally import Tally


@dataclass(slots=True)
class Settled:
    """The result of all walks of one command; a document counts as its last walk left it.

    Attributes:
        tally: Changed in place as a walk goes on.
        total: Of all documents.
        skipped: What was found and left out.
        files: What became of the files.
        open: Documents with pages that wait, by id.
        unread: Answers that jobs gave since the last walk began.
        trouble: Why jobs could not be moved on, by the last walk.
    """

    tally: Tally
    total: ShardResult = field(default_factory=ShardResult)
    skipped: list[Skipped] = field(default_factory=list)
    files: FileChanges = field(default_factory=FileChanges)
    open: dict[str, OpenDocument] = field(default_factory=dict)
    unread: int = 0
    trouble: ServiceError | None = None

    def add(self, result: ShardResult) -> None:
        """Count a shard in."""
        self.total.add(result)
        self.total.open.clear()
        self.open |= {one.doc_id: one for one in result.open}

    def hold(self, doc_id: str, page_count: int) -> None:
        """Count in a document that waits since an earlier command."""
        if doc_id not in self.open:
            balance = PageBalance(found=page_count)
            self.open[doc_id] = OpenDocument(doc_id, balance, 0, [])
            self.total.documents += 1
            self.total.pages += balance
            self.tally.documents_found += 1
            self.tally.pages_found += page_count

    def take_back(self, doc_id: str) -> None:
        """Forget what an earlier walk made of a document that is walked again."""
        before = self.open.pop(doc_id, None)
        if before is None:
            return
        self.tally.reopen(before.balance, before.records)
        total = self.total
        total.documents -= 1
        total.failed -= bool(before.failures)
        total.records -= before.records
        total.pages = total.pages - before.balance
        total.failures_total -= before.failures_total
        total.failures = [failure for failure in total.failures if failure not in before.failures]
