"""The requests of a folder as datasets for batch jobs, submitted to nobody."""

import contextlib
import json
import shutil
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipeline.batch.book import Book
from pipeline.batch.job import JobFolder
from pipeline.batch.road import BatchRoad
from pipeline.batch.spool import DatasetLimits, Spool
from pipeline.config import RunConfig
from pipeline.export.export import ExportTally
from pipeline.export.manifest import MANIFEST
from pipeline.export.places import WrittenFile, check_free, folder_beside, sha256_of
from pipeline.fanout import Halt
from pipeline.planning import Shard, ToWork
from pipeline.records import Skipped, printable
from pipeline.shard import ShardResult
from pipeline.summary import FailedDocument, Tally
from pipeline.walk import Walk, gate_of, lake_of, plainly, planner_of, work_all, workshop

ASKED = "asked.jsonl"
_SCRATCH = ".lake"


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
        datasets: In the order in which they were filled.
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
        walked = _Walked(replace(options.config, lake=scratch), options.datasets)
        await walked.walk()
        manifest = _gathered(walked, part)
        shutil.rmtree(scratch)
        (part / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return manifest


@dataclass(slots=True)
class _Walked:
    """One walk, and what came of it."""

    config: RunConfig
    datasets: DatasetLimits
    paths: dict[str, str] = field(default_factory=dict)
    total: ShardResult = field(default_factory=ShardResult)
    skipped: list[Skipped] = field(default_factory=list)
    sealed: list[JobFolder] = field(default_factory=list)

    async def walk(self) -> None:
        """Walk the documents; their requests go into files of the scratch lake."""
        config = self.config
        book = Book.of(config.lake)
        with lake_of(config) as lake:
            walk = Walk(config, lake, Tally(started=time.monotonic()), Halt())
            spool = Spool(config.lake, config.record.name, config.question_id(), self.datasets, book)
            with contextlib.closing(spool):
                async with (
                    gate_of(walk) as gate,
                    workshop(walk, gate, road=lambda _online: BatchRoad(book, spool)) as shop,
                ):
                    planner = planner_of(config, shop)
                    self.skipped = planner.skipped
                    shards = self._noting(planner.shards(config.shard_pages))
                    self.total = await work_all(walk, shards, shop, plainly)
                spool.seal()
            self.sealed = list(spool.sealed)

    async def _noting(self, shards: AsyncIterator[Shard]) -> AsyncIterator[Shard]:
        """The same shards; the paths of their documents are noted on the way."""
        async for shard in shards:
            for entry in shard.entries:
                if isinstance(entry, ToWork):
                    self.paths[entry.document.doc_id] = printable(entry.document.path)
            yield shard


def _gathered(walked: _Walked, part: Path) -> RequestsManifest:
    """The files of a walk, moved to where they stay."""
    datasets = [_dataset(folder, part, number) for number, folder in enumerate(walked.sealed, start=1)]
    (part / ASKED).write_text("".join(_asked(walked)), encoding="utf-8")
    return RequestsManifest(
        schema_name=walked.config.record.name,
        model=walked.config.model,
        documents=walked.total.documents,
        requests=sum(one.requests for one in datasets),
        datasets=datasets,
        asked=_written(part / ASKED),
        skipped=[(printable(one.path), one.reason) for one in walked.skipped],
        failures=walked.total.failures,
    )


def _dataset(folder: JobFolder, part: Path, number: int) -> RequestDataset:
    job, path = folder.load(), part / f"requests-{number:05}.jsonl"
    folder.lines.rename(path)
    return RequestDataset(dataset=job.id, requests=job.rows, file=_written(path))


def _asked(walked: _Walked) -> Iterable[str]:
    for folder in walked.sealed:
        dataset = folder.path.name
        for one in folder.asked():
            path = walked.paths.get(one.doc_id, "")
            yield json.dumps({"dataset": dataset, "path": path, **one.model_dump(mode="json")}) + "\n"


def _written(path: Path) -> WrittenFile:
    return WrittenFile(path=path.name, bytes=path.stat().st_size, sha256=sha256_of(path))
