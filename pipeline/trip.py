"""One walk along the batch road: what is asked goes into jobs, what is answered becomes rows."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence

from pipeline.batch.job import Step
from pipeline.batch.road import BatchRoad, Remainder
from pipeline.batch.spool import Spool
from pipeline.batch.waiting import WaitingDocument, WaitingRoom, WaitingShard
from pipeline.conclusion import summary_of
from pipeline.dispatch import BatchOptions, Dispatch
from pipeline.document import Workshop
from pipeline.planning import Planned, Planner, Reused, Shard, ToWork
from pipeline.render.known import KnownPages
from pipeline.render.workers import Rasterizer
from pipeline.road import Road
from pipeline.service.pace import Change
from pipeline.settled import Settled
from pipeline.shard import ShardResult
from pipeline.summary import RunState, RunSummary
from pipeline.walk import Walk, Wrap, files_of, gate_of, planner_of, work_all, workshop

_MOVED_AT_ONCE = 4
_STOPPING_S, _STOPPING_LOOK_S = 60.0, 2.0
_UNSENT = {Step.SEALED, Step.UPLOADED}

Plan = Callable[[Workshop, KnownPages], AsyncIterator[Shard]]


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
        self._jobs = Dispatch(walk, options, settled)
        self._room = WaitingRoom(self._root)
        self._noted: set[str] = set()
        self._rest: dict[int, tuple[str, list[WaitingDocument]]] = {}
        self._planner: Planner | None = None

    async def from_sources(self) -> RunSummary:
        """Walk the sources; what is not asked yet goes into datasets, and these to the service.

        Raises:
            ConfigError: Something asked for does not exist, or jobs belong to another account.
            StoreError: The lake cannot be read or written.
        """
        waiting = {one.document.doc_id for _, group in self._groups() for one in group.documents}
        self._noted |= waiting

        async def plan(shop: Workshop, _pages: KnownPages) -> AsyncIterator[Shard]:
            self._planner = planner = planner_of(self._config, shop)
            self._settled.skipped = planner.skipped
            async for shard in planner.shards(self._config.shard_pages):
                yield self._without(shard, waiting)

        spool = self._jobs.new_spool()
        spool.sealed.extend(self._jobs.unsent())
        return await self._go(plan, spool=spool, online=False)

    async def onwards(self) -> RunSummary:
        """Move the jobs on, then walk the documents that wait for none of them any more.

        Raises:
            ConfigError: Jobs belong to another account.
            StoreError: The lake cannot be read or written.
        """
        await self._jobs.move_all()
        if self._jobs.is_late:
            self._jobs.remainder = Remainder.ONLINE
            await self._jobs.stop()
        return await self._rows()

    async def cancel(self) -> RunSummary:
        """Stop the jobs, and make rows of what they have finished; pages without an answer are failures.

        Raises:
            ConfigError: Jobs belong to another account.
            StoreError: The lake cannot be read or written.
        """
        self._jobs.remainder = Remainder.LEAVE
        await self._jobs.stop()
        return await self._rows()

    async def _rows(self) -> RunSummary:
        """Walk the documents that wait for no job any more."""
        news, self._settled.unread = self._settled.unread, 0
        self._count_waiting()
        live = {one.doc_id for folder, _ in self._jobs.live for one in folder.asked()}

        async def plan(shop: Workshop, pages: KnownPages) -> AsyncIterator[Shard]:
            for number, (name, group) in enumerate(self._groups(), start=1):
                ripe = [one for one in group.documents if one.document.doc_id not in live]
                if ripe:
                    rest = [one for one in group.documents if one.document.doc_id in live]
                    self._rest[number] = (name, rest)
                    yield self._shard(number, ripe, shop, pages)

        asks_again = self._jobs.remainder in {Remainder.CONTINUE, Remainder.RESUBMIT}
        spool = self._jobs.new_spool() if asks_again else None
        online = self._jobs.remainder is Remainder.ONLINE
        summary = await self._go(plan, spool=spool, online=online, news=bool(news))
        if self._options.cleanup and self._settled.trouble is None:
            await self._jobs.clean()
        return summary

    async def _go(self, plan: Plan, *, spool: Spool | None, online: bool, news: bool = True) -> RunSummary:
        walk, known = self._walk, list[KnownPages]()

        def pages(rasterizer: Rasterizer) -> KnownPages:
            known.append(KnownPages(rasterizer))
            return known[0]

        def road(online_road: Road) -> Road:
            return BatchRoad(self._jobs.book, spool, self._options.reserve, online_road if online else None)

        async def settle(shard: Shard, result: ShardResult) -> None:
            self._note(shard, result, known[0])
            self._settled.add(result)
            if spool is not None:
                await self._jobs.send(spool, self._noted)

        try:
            async with gate_of(walk) as gate, workshop(walk, gate, road=road, pages=pages) as shop:
                await work_all(walk, plan(shop, known[0]), shop, self._wrap, settle=settle)
            if spool is not None:
                spool.seal()
                await self._jobs.send(spool, None)
        finally:
            if spool is not None:
                spool.close()
        return self._concluded(gate.pace.history, news=news)

    def _concluded(self, changes: Iterable[Change], *, news: bool) -> RunSummary:
        """What came of it, in a manifest unless nothing did: a mere look at jobs is no run to remember."""
        walk, settled = self._walk, self._settled
        if settled.trouble is not None:
            walk.halt.refuse(settled.trouble)
        if self._planner is not None:
            settled.files = files_of(walk, self._planner)
        waiting = bool(settled.open or self._jobs.live)
        summary = summary_of(walk, settled.total, settled.skipped, changes, waiting=waiting)
        summary = summary.model_copy(update={"files": settled.files})
        if news or self._noted or summary.state is not RunState.WAITING:
            summary = walk.lake.finish(summary)
            settled.files = summary.files
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
