"""The requests of a folder as datasets for batch jobs, submitted to nobody."""

import contextlib
import itertools
import json
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipeline.batch.book import Book
from pipeline.batch.job import Asked, JobFolder
from pipeline.batch.road import BatchRoad
from pipeline.batch.spool import DatasetLimits, Spool
from pipeline.config import RunConfig
from pipeline.export.export import ExportTally
from pipeline.export.manifest import MANIFEST
from pipeline.export.places import WrittenFile, check_free, folder_beside
from pipeline.export.training_files import LineFile, SplitFiles
from pipeline.fanout import Halt
from pipeline.planning import Shard, ToWork
from pipeline.records import Skipped, printable
from pipeline.service.names import content_id
from pipeline.shard import ShardResult
from pipeline.summary import FailedDocument
from pipeline.tally import Tally
from pipeline.walk import Walk, gate_of, lake_of, plainly, planner_of, work_all, workshop

ASKED = "asked.jsonl"
_SCRATCH = ".lake"
_ONE = DatasetLimits(max_bytes=10**15, max_rows=10**9)
"""All requests stay in one file until their order is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingOptions:
    """What is asked, and where the requests go.

    Attributes:
        config: As for a run; its lake is not looked at, and nobody is asked.
        out: Folder of the datasets.
        datasets: How large one may get.
        force: Whether what is there is replaced.
    """

    config: RunConfig
    out: Path
    datasets: DatasetLimits = field(default_factory=DatasetLimits)
    force: bool = False


class RequestDataset(BaseModel):
    """A file of requests.

    Attributes:
        dataset: An id for it at the service, made from what is in it.
        requests: Lines.
        file: Its name beside the manifest.
    """

    model_config = ConfigDict(frozen=True)

    dataset: str
    requests: int
    file: WrittenFile


class RequestsManifest(BaseModel):
    """What was written.

    Attributes:
        format: What it is.
        schema_name: Record type that is asked for.
        model: Who is to be asked; jobs name it, their lines do not.
        documents: Distinct documents, those that cannot be worked included.
        requests: In all files.
        datasets: In the order of documents and pages.
        asked: The file that says of each request which document and pages it is about.
        skipped: Paths that were left out, with the reason.
        failures: Documents and pages that nothing is asked about.
    """

    model_config = ConfigDict(frozen=True)

    format: Literal["pagelake batch 1"] = "pagelake batch 1"
    schema_name: str
    model: str
    documents: int
    requests: int
    datasets: list[RequestDataset]
    asked: WrittenFile
    skipped: list[tuple[str, str]]
    failures: list[FailedDocument]


async def export_requests(options: AskingOptions, tally: ExportTally) -> RequestsManifest:
    """Write the requests that a run over the sources would send first; the folder is whole or absent.

    The documents are walked as in a run, into a lake that is thrown away.

    Raises:
        ConfigError: Something asked for does not exist.
        StoreError: The files cannot be written.
    """
    check_free(options.out, force=options.force, folder=True)
    with folder_beside(options.out) as part:
        scratch = part / _SCRATCH
        scratch.mkdir(parents=True)
        tally.doing, tally.path = "requests", part
        walked = _Walked(replace(options.config, lake=scratch))
        await walked.walk()
        manifest = _gathered(walked, part, options.datasets)
        shutil.rmtree(scratch)
        (part / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return manifest


@dataclass(slots=True)
class _Walked:
    """One walk, and what came of it."""

    config: RunConfig
    paths: dict[str, str] = field(default_factory=dict)
    total: ShardResult = field(default_factory=ShardResult)
    failures: list[FailedDocument] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    sealed: list[JobFolder] = field(default_factory=list)

    async def walk(self) -> None:
        """Walk the documents; their requests go into files of the scratch lake."""
        config = self.config
        book = Book.of(config.lake)
        with lake_of(config) as lake:
            walk = Walk(config, lake, Tally(started=time.monotonic()), Halt())
            spool = Spool(config.lake, config.record.name, config.question_id(), _ONE, book)
            with contextlib.closing(spool):
                async with (
                    gate_of(walk) as gate,
                    workshop(walk, gate, road=lambda _online: BatchRoad(book, spool)) as shop,
                ):
                    planner = planner_of(config, shop)
                    self.skipped = planner.skipped
                    shards = self._noting(planner.shards(config.shard_pages))
                    self.total = await work_all(walk, shards, shop, plainly, settle=self._note)
                spool.seal()
            self.sealed = list(spool.sealed)

    async def _note(self, _shard: Shard, result: ShardResult) -> None:
        """All failures of a shard, for the lake that has them is thrown away."""
        self.failures += result.failures

    async def _noting(self, shards: AsyncIterator[Shard]) -> AsyncIterator[Shard]:
        """The same shards; the paths of their documents are noted on the way."""
        async for shard in shards:
            for entry in shard.entries:
                if isinstance(entry, ToWork):
                    self.paths[entry.document.doc_id] = printable(entry.document.path)
            yield shard


def _gathered(walked: _Walked, part: Path, limits: DatasetLimits) -> RequestsManifest:
    """The requests of a walk, in files where they stay."""
    files, config = SplitFiles(part, "requests", limits.max_bytes, limits.max_rows), walked.config
    with contextlib.closing(files):
        asked = [(files.add(line), one) for one, line in _in_order(walked)]
    ids = [content_id("pagelake", config.model, bytes.fromhex(file.sha256)) for file in files.files]
    datasets = [
        RequestDataset(dataset=dataset, requests=count, file=file)
        for dataset, count, file in zip(ids, files.counts, files.files, strict=True)
    ]
    index = LineFile(part / ASKED)
    for place, one in asked:
        where = {"dataset": ids[place], "path": walked.paths[one.doc_id]}
        index.add(json.dumps(where | one.model_dump(mode="json")).encode() + b"\n")
    return RequestsManifest(
        schema_name=config.record.name,
        model=config.model,
        documents=walked.total.documents,
        requests=len(asked),
        datasets=datasets,
        asked=index.close(),
        skipped=[(printable(one.path), one.reason) for one in walked.skipped],
        failures=walked.failures,
    )


def _in_order(walked: _Walked) -> Iterator[tuple[Asked, bytes]]:
    """The requests in the order of documents and pages, whichever was drawn first.

    So equal folders give equal files, which are sent to a service once.
    """
    order = {doc_id: place for place, doc_id in enumerate(walked.paths)}
    for folder in walked.sealed:  # one, or none
        asked = folder.asked()
        with folder.lines.open("rb") as lines:
            offsets = itertools.accumulate((len(line) for line in lines), initial=0)
            where = [(order[one.doc_id], one.pages, at, one) for one, at in zip(asked, offsets, strict=False)]
            for _, _, at, one in sorted(where, key=lambda each: each[:2]):
                lines.seek(at)
                yield one, lines.readline()
