"""One walk along the batch road: what is asked goes into jobs, what is answered becomes rows."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from pipeline.batch.book import Book
from pipeline.batch.collect import Collecting, collect
from pipeline.batch.deadline import USUAL_LATENCY_S, online_from
from pipeline.batch.job import BatchJob, JobFolder, Step
from pipeline.batch.moves import Mover
from pipeline.batch.reserve import Reserve
from pipeline.batch.road import BatchRoad, Remainder
from pipeline.batch.spool import DatasetLimits, Spool
from pipeline.batch.waiting import WaitingDocument, WaitingRoom, WaitingShard
from pipeline.document import Workshop
from pipeline.errors import BudgetSpent, ServiceError
from pipeline.planning import Planned, Reused, Shard, ToWork
from pipeline.records import Usage
from pipeline.render.known import KnownPages
from pipeline.render.workers import Rasterizer
from pipeline.road import Road
from pipeline.settled import Settled
from pipeline.shard import ShardResult
from pipeline.store.spent import usual_latency_s
from pipeline.summary import JobFigures, RunSummary
from pipeline.walk import Walk, Wrap, gate_of, planner_of, summary_of, work_all, workshop

_MOVED_AT_ONCE = 4
_STOPPING_S, _STOPPING_LOOK_S = 60.0, 2.0
_UNSENT = {Step.SEALED, Step.UPLOADED}

Plan = Callable[[Workshop, KnownPages], AsyncIterator[Shard]]


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


class Trip:
    """Takes the jobs and the documents of one question a step further, in a lake that is held.

    Args:
        walk: Where, and what is asked.
        options: How.
        settled: What came of each document; added to.
        wrap: Called around each shard.
    """

    def __init__(self, walk: Walk, options: BatchOptions, settled: Settled, wrap: Wrap) -> None:
        self._walk, self._options, self._settled, self._wrap = walk, options, settled, wrap
        self._config, self._root = walk.config, walk.lake.root
        self._question_id = walk.config.question_id()
        self._book = Book.of(self._root)
        self._room = WaitingRoom(self._root)
        self._noted: set[str] = set()
        self._rest: dict[int, tuple[str, list[WaitingDocument]]] = {}
        self._remainder = options.remainder
        settled.trouble = None

    async def from_sources(self) -> RunSummary:
        """Walk the sources; what is not asked yet goes into datasets, and these to the service.

        Raises:
            ConfigError: Something asked for does not exist, or jobs belong to another account.
            StoreError: The lake cannot be read or written.
        """
        waiting = {one.document.doc_id for _, group in self._groups() for one in group.documents}
        self._noted |= waiting

        async def plan(shop: Workshop, _pages: KnownPages) -> AsyncIterator[Shard]:
            planner = planner_of(self._config, shop)
            self._settled.skipped = planner.skipped
            async for shard in planner.shards(self._config.shard_pages):
                yield self._without(shard, waiting)

        spool = self._new_spool()
        spool.sealed.extend(folder for folder, job in self._live() if job.step in _UNSENT)
        return await self._go(plan, spool=spool, online=False)

    async def onwards(self) -> RunSummary:
        """Move the jobs on, then walk the documents that wait for none of them any more.

        Raises:
            ConfigError: Jobs belong to another account.
            StoreError: The lake cannot be read or written.
        """
        await self._move_all()
        if self._is_late():
            self._remainder = Remainder.ONLINE
            await self._stop_jobs()
        return await self._rows()

    async def cancel(self) -> RunSummary:
        """Stop the jobs, and make rows of what they have finished; pages without an answer are failures.

        Raises:
            ConfigError: Jobs belong to another account.
            StoreError: The lake cannot be read or written.
        """
        self._remainder = Remainder.LEAVE
        await self._stop_jobs()
        return await self._rows()

    async def _rows(self) -> RunSummary:
        """Walk the documents that wait for no job any more."""
        self._settled.unread = 0
        self._count_waiting()
        live = {one.doc_id for folder, _ in self._live() for one in folder.asked()}

        async def plan(shop: Workshop, pages: KnownPages) -> AsyncIterator[Shard]:
            for number, (name, group) in enumerate(self._groups(), start=1):
                ripe = [one for one in group.documents if one.document.doc_id not in live]
                if ripe:
                    rest = [one for one in group.documents if one.document.doc_id in live]
                    self._rest[number] = (name, rest)
                    yield self._shard(number, ripe, shop, pages)

        asks_again = self._remainder in {Remainder.CONTINUE, Remainder.RESUBMIT}
        spool = self._new_spool() if asks_again else None
        summary = await self._go(plan, spool=spool, online=self._remainder is Remainder.ONLINE)
        if self._options.cleanup and self._settled.trouble is None:
            await self._clean()
        return summary

    async def _go(self, plan: Plan, *, spool: Spool | None, online: bool) -> RunSummary:
        walk, known = self._walk, list[KnownPages]()

        def pages(rasterizer: Rasterizer) -> KnownPages:
            known.append(KnownPages(rasterizer))
            return known[0]

        def road(online_road: Road) -> Road:
            return BatchRoad(self._book, spool, self._options.reserve, online_road if online else None)

        async def settle(shard: Shard, result: ShardResult) -> None:
            self._note(shard, result, known[0])
            self._settled.add(result)
            if spool is not None:
                await self._send(spool)

        try:
            async with gate_of(walk) as gate, workshop(walk, gate, road=road, pages=pages) as shop:
                await work_all(walk, plan(shop, known[0]), shop, self._wrap, settle=settle)
            if spool is not None:
                spool.seal()
                await self._send(spool, all_of_them=True)
        finally:
            if spool is not None:
                spool.close()
        if self._settled.trouble is not None:
            walk.halt.refuse(self._settled.trouble)
        summary = summary_of(
            walk,
            self._settled.total,
            self._settled.skipped,
            gate.pace.history,
            waiting=bool(self._settled.open or self._live()),
        )
        walk.lake.finish(summary)
        return summary

    def _without(self, shard: Shard, waiting: set[str]) -> Shard:
        """A shard without the documents that wait already; they count as they stand."""
        entries: list[Planned] = []
        size = 0
        for entry in shard.entries:
            if not isinstance(entry, ToWork):
                entries.append(entry)
            elif entry.document.doc_id in waiting:
                self._settled.hold(entry.document.doc_id, entry.page_count)
            else:
                entries.append(entry)
                size += entry.page_count
        return Shard(shard.number, entries, size)

    def _shard(
        self, number: int, documents: Sequence[WaitingDocument], shop: Workshop, pages: KnownPages
    ) -> Shard:
        """Documents that are walked again, but for those that another run has finished since."""
        entries: list[Planned] = []
        size = 0
        for one in documents:
            doc_id = one.document.doc_id
            self._settled.take_back(doc_id)
            if (done := shop.ledger.is_done(doc_id, self._question_id)) is not None:
                entries.append(Reused(one.document, done))
                continue
            pages.learn(doc_id, one.known)
            entries.append(ToWork(one.document, one.page_count))
            size += one.page_count
        return Shard(number, entries, size)

    def _note(self, shard: Shard, result: ShardResult, pages: KnownPages) -> None:
        """Keep the documents of a shard that wait, before anything that was asked about them goes out."""
        name, waiting = self._rest.pop(shard.number, ("", []))
        for entry in shard.entries:
            if isinstance(entry, ToWork):
                known = pages.forget(entry.document)
                if entry.document.doc_id not in result.finished:
                    waiting.append(
                        WaitingDocument(document=entry.document, page_count=entry.page_count, known=known)
                    )
        name = name or f"{self._walk.lake.run}-{shard.number:05}"
        self._room.keep(name, WaitingShard(question_id=self._question_id, documents=waiting))
        self._noted |= {entry.document.doc_id for entry in shard.entries if isinstance(entry, ToWork)}

    async def _send(self, spool: Spool, *, all_of_them: bool = False) -> None:
        """Send the datasets that are whole and whose documents are noted, unless the run is told to stop.

        In the end those go too that a killed run has left, even where it had not noted each document.
        """
        for folder in list(spool.sealed):
            if self._is_stopped or self._settled.trouble is not None:
                return
            if folder not in spool.sealed:
                continue  # gone while another was on its way
            if all_of_them or all(one.doc_id in self._noted for one in folder.asked()):
                spool.sealed.remove(folder)
                await self._move(folder, folder.load())

    @property
    def _is_stopped(self) -> bool:
        """Whether nothing is to go out: that the money is spent does not hold back what it was spent on."""
        halt = self._walk.halt
        return halt.requested and not isinstance(halt.refusal, BudgetSpent)

    def _is_late(self) -> bool:
        """Whether what is left has to go online now."""
        ready_by, config = self._options.ready_by, self._config
        if ready_by is None:
            return False
        left = sum(max(0, job.rows - job.answered) for _, job in self._live())
        latency_s = usual_latency_s(self._root, config.model) or USUAL_LATENCY_S
        begin = online_from(ready_by, left, in_flight=config.in_flight, latency_s=latency_s)
        return datetime.now(UTC) >= begin

    async def _stop_jobs(self) -> None:
        """Stop all jobs and take in what they have finished, for as long as that may take."""
        for folder, job in self._live():
            try:
                await self._options.mover.cancel(folder, job)
            except ServiceError as error:
                self._settled.trouble = self._settled.trouble or error
        until_s = time.monotonic() + _STOPPING_S
        await self._move_all()
        while self._live() and self._settled.trouble is None and time.monotonic() < until_s:
            await asyncio.sleep(_STOPPING_LOOK_S)
            await self._move_all()

    async def _move_all(self) -> None:
        places = asyncio.Semaphore(_MOVED_AT_ONCE)

        async def move(folder: JobFolder, job: BatchJob) -> None:
            async with places:
                await self._move(folder, job)

        # Each is moved as far as it goes, whatever becomes of the others.
        ends = await asyncio.gather(*(move(*one) for one in self._live()), return_exceptions=True)
        for end in ends:
            if end is not None:
                raise end

    async def _move(self, folder: JobFolder, job: BatchJob) -> None:
        """Move a job as far as it goes; what the service does not do now is tried again by the next call."""
        by = Collecting(
            lake=self._walk.lake,
            mover=self._options.mover,
            price=self._price,
            remainder=self._remainder,
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
        self._book.close(folder)
        if self._options.reserve is not None:
            self._options.reserve.free(one.custom_id for one in folder.left())

    def _figures(self, job: BatchJob) -> JobFigures:
        usage = Usage(prompt_tokens=job.prompt_tokens, completion_tokens=job.completion_tokens)
        done = min(job.rows, job.answered + job.failed)
        return JobFigures(rows=job.rows, done=done, tokens=usage.total, cost=self._price(usage))

    async def _clean(self) -> None:
        for folder in JobFolder.all(self._root):
            job = folder.load()
            if not job.is_live and not job.cleaned and job.question_id == self._question_id:
                await self._options.mover.clean(folder, job)

    def _count_waiting(self) -> None:
        """Count in what waits already, whoever sent it."""
        for _, group in self._groups():
            for one in group.documents:
                if self._walk.lake.ledger.is_done(one.document.doc_id, self._question_id) is None:
                    self._settled.hold(one.document.doc_id, one.page_count)

    def _groups(self) -> Iterator[tuple[str, WaitingShard]]:
        """The documents of this question that wait, as they are kept."""
        for name in self._room.names():
            group = self._room.read(name)
            if group.question_id == self._question_id:
                yield name, group

    def _live(self) -> list[tuple[JobFolder, BatchJob]]:
        jobs = [(folder, folder.load()) for folder in JobFolder.all(self._root)]
        return [one for one in jobs if one[1].is_live and one[1].question_id == self._question_id]

    def _new_spool(self) -> Spool:
        name = self._config.record.name
        return Spool(self._root, name, self._question_id, self._options.datasets, self._book)

    def _price(self, usage: Usage) -> Decimal | None:
        return self._config.prices.of(usage, "batch") if self._config.prices else None
