"""A lake put right: the damaged moved aside, what can be derived made anew, the rest left to the next run."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.check.checking import check, lost_answers
from pipeline.check.findings import Finding, Kind
from pipeline.check.orphans import orphans_of
from pipeline.check.restored import page_rows, write_documents
from pipeline.check.shards import checked_shards
from pipeline.interpret import Interpreter
from pipeline.rebuild import Rebuilt, is_derivable
from pipeline.records import Answer
from pipeline.store.aside import copy_aside, set_aside
from pipeline.store.children import records_folders, update_children
from pipeline.store.columns import columns_of
from pipeline.store.lake import Lake
from pipeline.store.leftovers import keep_readable
from pipeline.store.lock import held
from pipeline.store.readback import WorkedDocument, mark_unfinished, worked_documents
from pipeline.store.tables import Table, records_table
from schemas.registry import RecordType

Troubles = dict[str, set[Kind]]
"""What is wrong with documents, by id."""

_DERIVED = {Kind.PAGES, Kind.RECORDS}
"""What can be made anew from the answers, if they tell enough."""


@dataclass(slots=True)
class Repaired:
    """What a repair did.

    Attributes:
        moved: Files and folders that were moved aside, with where they are now, relative to the lake.
        listed: Documents whose row of the documents table was made anew.
        derived: Documents whose records and pages were made anew from their answers.
        marked: Documents that the next `process` works again, asking for what has no answer.
    """

    moved: list[tuple[str, str]] = field(default_factory=list)
    listed: int = 0
    derived: int = 0
    marked: int = 0


async def repair(lake: Path, record_of: Callable[[str], RecordType]) -> Repaired:
    """Put a lake right as far as what is in it allows; nothing is asked, nothing deleted.

    Args:
        lake: Root folder.
        record_of: Gives the record type of a name, or raises ConfigError.

    Raises:
        ConfigError: It is no lake, a run works on it, or a record type that is needed cannot be had.
        StoreError: It cannot be read or written.
    """
    done = Repaired()
    with held(lake):
        for finding in list(check(lake)):
            if finding.aside is not None and finding.aside.exists():
                done.moved.append(_move(lake, finding, finding.aside))
        for one in orphans_of(lake, ()):
            if not one.leftover:
                done.listed += write_documents(lake, one)
        hopeful = _leave_hopeless(lake, done)
    for schema, parts in hopeful.items():
        await _heal(lake, record_of(schema), parts, done)
    with held(lake):
        for folder in records_folders(lake):
            update_children(lake, Table(str(folder.relative_to(lake)), {}), ())
    return done


def _move(lake: Path, finding: Finding, path: Path) -> tuple[str, str]:
    """Move what is damaged out of the way; of a journal what can be read stays."""
    if finding.kind is Kind.JOURNAL:
        moved = copy_aside(lake, path)  # never away: what can be read of it is paid
        keep_readable(path)
    else:
        moved = set_aside(lake, path)
    return str(path.relative_to(lake)), str(moved.relative_to(lake))


def _leave_hopeless(lake: Path, done: Repaired) -> dict[str, dict[Path, Troubles]]:
    """Mark the documents that lack what nothing tells; returns the others."""
    hopeful: dict[str, dict[Path, Troubles]] = defaultdict(dict)
    for schema, parts in _troubled(lake).items():
        for part, troubles in parts.items():
            rest = {key: kinds for key, kinds in troubles.items() if kinds <= _DERIVED}
            mark_unfinished(part, schema, troubles.keys() - rest.keys())
            done.marked += len(troubles) - len(rest)
            if rest:
                hopeful[schema][part] = rest
    return hopeful


def _troubled(lake: Path) -> dict[str, dict[Path, Troubles]]:
    """What is wrong with documents, by record type and part of the documents table."""
    shards = list(checked_shards(lake, ()))
    found: dict[str, dict[Path, Troubles]] = defaultdict(lambda: defaultdict(lambda: defaultdict(set)))
    for shard in shards:
        for kind, keys in shard.troubles.items():
            for key in keys:
                found[shard.schema][shard.part][key].add(kind)
    for at, doc_id in lost_answers(lake, shards, ()).iter_rows():
        found[shards[at].schema][shards[at].part][doc_id].add(Kind.ANSWERS)
    return found


async def _heal(lake: Path, record: RecordType, parts: Mapping[Path, Troubles], done: Repaired) -> None:
    """Make anew what can be, and mark the other documents, a part of the documents table at a time."""
    table = records_table(record.name, columns_of(record.model))
    with Lake(lake, table, record.name) as opened:
        for number, (part, troubles) in enumerate(parts.items(), start=1):
            healed = await _heal_part(opened, record, part, troubles, number)
            mark_unfinished(part, record.name, troubles.keys() - healed)
            done.derived += len(healed)
            done.marked += len(troubles) - len(healed)
        opened.settle()


async def _heal_part(
    lake: Lake, record: RecordType, part: Path, troubles: Troubles, number: int
) -> Collection[str]:
    """Ids of the documents whose rows could be made anew."""
    writer, healed, interpreter = lake.writer(number), set(), Interpreter(record)
    for hurt in worked_documents(lake.root, part, record.name, troubles.keys()):
        known = lake.ledger.answers_of([one.row["doc_id"] for one in hurt])
        for document in hurt:
            doc_id = document.row["doc_id"]
            whole = _whole(lake, part, document, troubles[doc_id], known[doc_id])
            if whole is not None and is_derivable(whole, known[doc_id]):
                Rebuilt(record, interpreter, writer, whole, known[doc_id]).write()
                healed.add(doc_id)
        await writer.flush_if_full()
    if healed:
        await writer.commit()
    return healed


def _whole(
    lake: Lake, part: Path, document: WorkedDocument, kinds: set[Kind], answers: Mapping[str, Answer]
) -> WorkedDocument | None:
    """The document with all its pages; None where they are not known."""
    if Kind.PAGES not in kinds:
        return document
    pages = page_rows(lake.root, lake.records, part, document, answers)
    return WorkedDocument(document.row, pages, document.failures) if pages else None
