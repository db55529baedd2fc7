"""The jobs of one question, moved on at the service and taken into a lake that is held."""

import asyncio
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from pipeline.batch.book import Book
from pipeline.batch.collect import Collecting, collect
from pipeline.batch.deadline import USUAL_LATENCY_S, online_from
from pipeline.batch.job import BatchJob, JobFolder, Step
from pipeline.batch.moves import Mover
from pipeline.batch.reserve import Reserve
from pipeline.batch.road import Remainder
from pipeline.batch.spool import DatasetLimits, Spool
from pipeline.errors import BudgetSpent, ServiceError
from pipeline.records import Usage
from pipeline.settled import Settled
from pipeline.store.spent import usual_latency_s
from pipeline.tally import JobFigures
from pipeline.walk import Walk

_MOVED_AT_ONCE = 4
_STOPPING_S, _STOPPING_LOOK_S = 60.0, 2.0
_UNSENT = {Step.SEALED, Step.UPLOADED}


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOptions:
    """What is particular to the batch road.

    Attributes:
        mover: Moves jobs on at the service.
        datasets: How large one dataset may get.
        remainder: What becomes of requests that a job leaves without an answer.
        cleanup: Whether datasets are deleted at the service once their answers are in the lake.
        ready_by: When all is to be answered, with its zone: what jobs have left is asked online in time for
            that. None waits for the jobs.
        reserve: Pays for what goes into jobs; None for no limit.
        poll_s: Longest time between two looks at jobs that are waited for, in seconds; the first are shorter.
    """

    mover: Mover
    datasets: DatasetLimits = field(default_factory=DatasetLimits)
    remainder: Remainder = Remainder.CONTINUE
    cleanup: bool = False
    ready_by: datetime | None = None
    reserve: Reserve | None = None
    poll_s: float = 30.0


class Dispatch:
    """Sends datasets, follows their jobs, and brings in what these have answered.

    What the service does not do now is told in `settled.trouble`, and is tried again by the next call.

    Args:
        walk: Where the lake is, and what is asked.
        options: How.
        settled: Learns of answers and of trouble.

    Attributes:
        book: What is known of the requests of all jobs of the lake.
        remainder: What becomes of requests that a job leaves without an answer, from now on.
    """

    def __init__(self, walk: Walk, options: BatchOptions, settled: Settled) -> None:
        self._walk, self._options, self._settled = walk, options, settled
        self._root, self._question_id = walk.lake.root, walk.config.question_id()
        self.book = Book.of(self._root)
        self.remainder = options.remainder
        settled.trouble = None

    @property
    def live(self) -> list[tuple[JobFolder, BatchJob]]:
        """Jobs of which answers may yet come."""
        jobs = [(folder, folder.load()) for folder in JobFolder.all(self._root)]
        return [one for one in jobs if one[1].is_live and one[1].question_id == self._question_id]

    @property
    def is_late(self) -> bool:
        """Whether what is left has to go online now."""
        ready_by, config = self._options.ready_by, self._walk.config
        if ready_by is None:
            return False
        left = sum(max(0, job.rows - job.answered) for _, job in self.live)
        latency_s = usual_latency_s(self._root, config.model) or USUAL_LATENCY_S
        begin = online_from(ready_by, left, in_flight=config.in_flight, latency_s=latency_s)
        return datetime.now(UTC) >= begin

    def new_spool(self) -> Spool:
        """Where requests become datasets."""
        name = self._walk.config.record.name
        return Spool(self._root, name, self._question_id, self._options.datasets, self.book)

    def unsent(self) -> list[JobFolder]:
        """Datasets that an earlier call has sealed and the service may not have."""
        return [folder for folder, job in self.live if job.step in _UNSENT]

    async def send(self, spool: Spool, noted: Collection[str] | None) -> None:
        """Send the datasets that are whole, unless the run is told to stop.

        Args:
            spool: Where they are made.
            noted: Documents that are noted as waiting: only what asks about these goes out. None, in the end,
                for whatever is there, even where a killed run had not noted each document.

        Raises:
            ConfigError: They belong to another account.
            StoreError: The lake cannot be read or written.
        """
        for folder in list(spool.sealed):
            if self._is_stopped or self._settled.trouble is not None:
                return
            if folder not in spool.sealed:
                continue  # gone while another was on its way
            if noted is None or all(one.doc_id in noted for one in folder.asked()):
                spool.sealed.remove(folder)
                await self._move(folder, folder.load())

    @property
    def _is_stopped(self) -> bool:
        """Whether nothing is to go out: that the money is spent does not hold back what it was spent on."""
        halt = self._walk.halt
        return halt.requested and not isinstance(halt.refusal, BudgetSpent)

    async def stop(self) -> None:
        """Stop all jobs and take in what they have finished, for as long as that may take.

        Raises:
            ConfigError: They belong to another account.
            StoreError: The lake cannot be read or written.
        """
        mover = self._options.mover
        try:
            for folder, job in self.live:
                await mover.condemn(folder, job)
            for folder, job in self.live:
                await mover.cancel(folder, job)
        except ServiceError as error:
            self._settled.trouble = self._settled.trouble or error
            return
        until_s = time.monotonic() + _STOPPING_S
        await self.move_all()
        while self.live and self._settled.trouble is None and time.monotonic() < until_s:
            await asyncio.sleep(_STOPPING_LOOK_S)
            await self.move_all()

    async def move_all(self) -> None:
        """Move each job as far as it goes, whatever becomes of the others.

        Raises:
            ConfigError: They belong to another account.
            StoreError: The lake cannot be read or written.
        """
        places = asyncio.Semaphore(_MOVED_AT_ONCE)

        async def move(folder: JobFolder, job: BatchJob) -> None:
            async with places:
                await self._move(folder, job)

        ends = await asyncio.gather(*(move(*one) for one in self.live), return_exceptions=True)
        for end in ends:
            if end is not None:
                raise end

    async def _move(self, folder: JobFolder, job: BatchJob) -> None:
        """Move a job as far as it goes; what the service does not do now is tried again by the next call."""
        by = Collecting(
            lake=self._walk.lake,
            mover=self._options.mover,
            price=self._price,
            remainder=self.remainder,
        )
        try:
            job = await by.mover.move(folder, job)
            while job.step is Step.OVER:
                job, answers = await collect(folder, job, by)
                self._walk.tally.count_batch(answers)
                self._settled.unread += len(answers)
                if self._options.reserve is not None:
                    self._options.reserve.settle(answers)
                job = await by.mover.move(folder, job)
        except ServiceError as error:
            self._settled.trouble = self._settled.trouble or error
            return
        if job.is_live:
            self._walk.tally.jobs[job.id] = self._figures(job)
            return
        self._walk.tally.jobs.pop(job.id, None)
        self.book.close(folder)
        if self._options.reserve is not None:
            self._options.reserve.free(one.custom_id for one in folder.left())

    def _figures(self, job: BatchJob) -> JobFigures:
        usage = Usage(prompt_tokens=job.prompt_tokens, completion_tokens=job.completion_tokens)
        done = min(job.rows, job.answered + job.failed)
        return JobFigures(rows=job.rows, done=done, tokens=usage.total, cost=self._price(usage))

    async def clean(self) -> None:
        """Delete the datasets of jobs that are done with at the service."""
        for folder in JobFolder.all(self._root):
            job = folder.load()
            if not job.is_live and not job.cleaned and job.question_id == self._question_id:
                await self._options.mover.clean(folder, job)

    def _price(self, usage: Usage) -> Decimal | None:
        return self._walk.config.prices.of(usage, "batch") if self._walk.config.prices else None
