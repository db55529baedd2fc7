"""Records of a lake as a dataset to fine-tune a vision model with."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from pipeline.export.candidates import (
    LeftOut,
    Reason,
    candidates_in,
    count_candidates,
    left_out,
)
from pipeline.export.drawing import Drawn, drawing
from pipeline.export.duplicates import Shown
from pipeline.export.export import ExportTally
from pipeline.export.manifest import MANIFEST, Example, ImageSettings, Manifest, versions
from pipeline.export.places import check_free, folder_beside
from pipeline.export.splits import Splits
from pipeline.export.training_files import TrainingFiles
from pipeline.render.passwords import NO_PASSWORDS, Passwords
from pipeline.render.sizing import ImageOptions
from pipeline.render.workers import RenderLimits
from pipeline.requests import system_text, training_line
from pipeline.structured import compile_schema
from pipeline.windows import WindowLimits
from schemas.registry import RecordType

MAX_FILE_BYTES = 140_000_000
"""Most bytes of one file: the documented 150 MB of one upload request, with room for what is around it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingOptions:
    """What a dataset is made of.

    Attributes:
        lake: Root folder of the lake.
        record: Record type.
        out: Folder of the dataset.
        splits: Shares of documents.
        where: Condition in SQL that records meet; empty for all.
        images: How pages are drawn.
        limits: What drawing may cost.
        passwords: What to try on documents that ask for a password.
        windows: How much one request may carry.
        max_file_bytes: Most bytes of one file.
        force: Whether what is there is replaced.
    """

    lake: Path
    record: RecordType
    out: Path
    splits: Splits
    where: str = ""
    images: ImageOptions = field(default_factory=ImageOptions)
    limits: RenderLimits = field(default_factory=RenderLimits)
    passwords: Passwords = NO_PASSWORDS
    windows: WindowLimits = field(default_factory=WindowLimits)
    max_file_bytes: int = MAX_FILE_BYTES
    force: bool = False

    @property
    def system(self) -> str:
        """What the model is told before it sees a page, as in a request."""
        whole = self.record.unit == "document"
        schema = compile_schema(self.record.model, name=self.record.name, page_of_items=whole)
        return system_text(self.record.instructions, schema)


class TrainingPlan(BaseModel):
    """What a dataset would be made of; likeness, and the sources, are only seen when it is made.

    Attributes:
        records: Records that meet the condition.
        splits: At most so many examples in each.
        left_out: Records that would not be in it, by reason.
    """

    model_config = ConfigDict(frozen=True)

    records: int
    splits: dict[str, int]
    left_out: dict[str, int]


def plan_training(options: TrainingOptions) -> TrainingPlan:
    """What a dataset would be made of; nothing is drawn or written. Raises as `export_training`."""
    check_free(options.out, force=options.force, folder=True)
    splits, reasons = Counter(dict.fromkeys(options.splits.shares, 0)), Counter[str]()
    for one in candidates_in(options.lake, options.record, options.where):
        if isinstance(one, LeftOut):
            reasons[one.reason.value] += 1
        else:
            splits[options.splits.of(one.doc_id)] += 1
    return TrainingPlan(records=splits.total() + reasons.total(), splits=splits, left_out=reasons)


async def export_training(options: TrainingOptions, tally: ExportTally) -> Manifest:
    """Write a dataset, whole or not at all: files of each split, and beside them what they were made of.

    Raises:
        ConfigError: There are too few records for it, or something else is impossible.
        StoreError: The lake cannot be read, or the dataset not be written.
    """
    check_free(options.out, force=options.force, folder=True)
    tally.doing, tally.rows = "examples", count_candidates(options.lake, options.record, options.where)
    with folder_beside(options.out) as part:
        part.mkdir()
        tally.path = part
        with TrainingFiles(part, list(options.splits.shares), options.max_file_bytes) as files:
            making = _Making(options, files)
            candidates = candidates_in(options.lake, options.record, options.where)
            async with drawing(options.images, options.limits, options.passwords, options.windows) as drawer:
                await drawer.draw_all(candidates, making.take, ahead=2 * options.limits.workers)
            manifest = making.manifest()
        (part / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return manifest


class _Making:
    """A dataset that is being written."""

    def __init__(self, options: TrainingOptions, files: TrainingFiles) -> None:
        self._options, self._files = options, files
        self._system, self._shown = options.system, Shown()
        self._reasons, self._sources = Counter[str](), set[bytes]()

    def take(self, one: Drawn | LeftOut) -> None:
        """Add an example, unless something stands against it."""
        if isinstance(one, LeftOut):
            self._leave_out(one)
        elif not self._shown.is_new(one):
            self._leave_out(left_out(one.candidate, Reason.NEAR_DUPLICATE))
        else:
            self._add(one)

    def _add(self, one: Drawn) -> None:
        candidate = one.candidate
        line = training_line(self._system, one.images, candidate.page_count, candidate.answer)
        if len(line) > self._options.max_file_bytes:
            self._leave_out(left_out(candidate, Reason.TOO_LARGE))
            return
        split = self._options.splits.of(candidate.doc_id)
        self._files.splits[split].add(line)
        self._sources.add(bytes.fromhex(candidate.doc_id))
        example = Example(
            split=split,
            doc_id=candidate.doc_id,
            path=one.document.path,
            page_count=candidate.page_count,
            pages=candidate.pages,
            answer=candidate.answer,
        )
        self._files.recipe.add(example.line)

    def _leave_out(self, one: LeftOut) -> None:
        self._reasons[one.reason.value] += 1
        self._files.left_out.add(json.dumps(asdict(one)).encode() + b"\n")

    def manifest(self) -> Manifest:
        """What came of it; raises ConfigError where a split has too few examples, or too many."""
        options = self._options
        splits = {name: files.checked() for name, files in self._files.splits.items()}
        return Manifest(
            made_with=versions(),
            lake=str(options.lake),
            schema_name=options.record.name,
            where=options.where,
            split=str(options.splits),
            system=self._system,
            images=ImageSettings(**asdict(options.images)),
            max_file_bytes=options.max_file_bytes,
            records=sum(split.examples for split in splits.values()) + self._reasons.total(),
            splits=splits,
            left_out=dict(sorted(self._reasons.items())),
            sources=len(self._sources),
            recipe=self._files.recipe.close(),
            without=self._files.left_out.close(),
        )
