"""The background work of batch jobs: phase by phase, row by row, and on from there after a restart."""

import logging
import random
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import anyio
import anyio.to_thread
from anyio.abc import TaskGroup

from pipeline.local.control.datasets import Datasets
from pipeline.local.control.job import ENDS, ROAD, Progress, State
from pipeline.local.control.jobs import Jobs
from pipeline.local.control.ledger import Ledger
from pipeline.local.control.names import full_name
from pipeline.local.control.pace import Pace
from pipeline.local.control.rows import (
    OUTPUT,
    BadDataset,
    Place,
    Results,
    places_in,
    request_at,
    succeeded_in,
)
from pipeline.local.protocol import Question, Refusal
from pipeline.local.reply import Reply

log = logging.getLogger(__name__)
Complete = Callable[[bytes, str], Awaitable[tuple[Question, Reply]]]
_GOING: State = "DELETING_CLEANING_UP"


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers the rows.

    Attributes:
        complete: Answers a chat completion.
        width: Rows at once, of all jobs together.
        ledger: Where answers are counted.
        expires: Whether a job, by its id, is to end with half of its rows.
    """

    complete: Complete
    width: int
    ledger: Ledger
    expires: Callable[[str], bool] = lambda _name: False


class Runner:
    """Runs jobs side by side.

    Args:
        jobs: All of them.
        datasets: What they read and make.
        answering: Who answers the rows.
        pace: How time passes.
    """

    def __init__(self, jobs: Jobs, datasets: Datasets, answering: Answering, pace: Pace) -> None:
        self._jobs, self._datasets, self._answering, self._pace = jobs, datasets, answering, pace
        self._turns = anyio.Semaphore(answering.width)
        self._scopes: dict[str, anyio.CancelScope] = {}
        self._group: TaskGroup | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Take up what an earlier server left, and work until the block ends."""
        async with anyio.create_task_group() as group:
            self._group = group
            for name in self._jobs.names():
                self.start(name)
            yield
            group.cancel_scope.cancel()

    def start(self, name: str) -> None:
        """Set a job going, from where it stands."""
        state = self._jobs.find(name).state
        if self._group is not None and state not in ENDS:
            self._scopes[name] = anyio.CancelScope()
            work = self._clear if state == _GOING else self._work
            self._group.start_soon(self._within, self._scopes[name], work, name)

    def stop(self, name: str) -> None:
        """End a job and clear it away."""
        if self._jobs.find(name).state != _GOING:
            if name in self._scopes:
                self._scopes.pop(name).cancel()
            self._jobs.change(name, state=_GOING)
            self.start(name)

    async def _within(
        self, scope: anyio.CancelScope, work: Callable[[str], Awaitable[None]], name: str
    ) -> None:
        with scope:
            try:
                await work(name)
            except Exception as error:  # noqa: BLE001 - the edge of a job: a fault never costs the others
                if scope.cancel_called:  # it is being cleared away, and what it misses with it
                    return
                place = traceback.extract_tb(error.__traceback__)[-1]
                # Its message may quote the document, so only its place is logged.
                log.error("job %s: %s at %s:%s", name, type(error).__name__, place.filename, place.lineno)  # noqa: TRY400
                with suppress(OSError, Refusal):  # its folder may be what is at fault
                    self._fail(name, "INTERNAL", "This is a fault of the engine; its log says where.")

    async def _clear(self, name: str) -> None:
        await self._pace.pause(self._pace.phase_s)
        self._jobs.remove(name)

    async def _work(self, name: str) -> None:
        """The whole road of a job."""
        try:
            places = await self._validated(name)
        except BadDataset as error:
            self._fail(name, "INVALID_ARGUMENT", str(error))
            return
        except OSError:
            self._fail(name, "NOT_FOUND", "The input dataset is gone, or its file is not on this server.")
            return
        for state in ("PENDING", "CREATING", "RUNNING"):
            await self._advance(name, state)
        results = await anyio.to_thread.run_sync(Results, self._jobs.place(name))
        self._jobs.find(name).progress = results.progress
        planned = self._planned(name, places)
        await self._answer_all(name, [row for row in planned if row.custom_id not in results.done], results)
        is_whole = len(results.done) >= len(places)
        await self._advance(name, "WRITING_RESULTS")
        await self._finish(name, results, "COMPLETED" if is_whole else "EXPIRED")

    async def _validated(self, name: str) -> list[Place]:
        """The rows that are to be answered: of a job that continues another, those without success so far."""
        job = self._jobs.find(name)
        if job.state == "VALIDATING":
            await self._pace.pause(self._pace.phase_s)
        dataset = self._datasets.find(job.source) if job.source in self._datasets else None
        if dataset is None or dataset.external_url:
            raise FileNotFoundError
        paths = [self._datasets.file(job.source, filename) for filename in dataset.sizes]
        places = await anyio.to_thread.run_sync(places_in, paths)
        done = {
            custom_id
            for before in self._datasets.lineage(job.continued_output)
            for custom_id in succeeded_in(self._datasets.file(before, OUTPUT))
        }
        return [place for place in places if place.custom_id not in done]

    async def _advance(self, name: str, state: State) -> None:
        """Into the next phase, unless the job is there already."""
        now: State = self._jobs.find(name).state
        if ROAD.index(now) >= ROAD.index(state):
            return
        if now != "VALIDATING":
            await self._pace.pause(self._pace.phase_s)
        time = {"PENDING": "validated_time", "RUNNING": "run_start_time"}.get(state)
        times: dict[str, datetime] = {time: self._pace.clock()} if time else {}
        self._jobs.change(name, state=state, **times)

    def _planned(self, name: str, places: list[Place]) -> list[Place]:
        """The rows in an order of the job's own, as the service does; half of them if it is to expire."""
        planned = list(places)
        random.Random(name).shuffle(planned)  # noqa: S311 - nobody is to be surprised
        return planned[: (len(planned) + 1) // 2] if self._answering.expires(name) else planned

    async def _answer_all(self, name: str, places: list[Place], results: Results) -> None:
        """Answer rows until all are over or the time is."""
        queue = iter(places)

        async def work() -> None:
            for place in queue:
                async with self._turns:
                    if self._pace.clock() >= self._jobs.find(name).expire_time:
                        return
                    await self._answer(name, place, results)

        async with anyio.create_task_group() as group:
            for _ in range(self._answering.width):
                group.start_soon(work)

    async def _answer(self, name: str, place: Place, results: Results) -> None:
        await self._pace.pause(self._pace.row_s)
        try:
            body = await anyio.to_thread.run_sync(request_at, place, self._jobs.find(name))
            question, reply = await self._answering.complete(body, f"chatcmpl-{uuid4().hex}")
        except OSError:
            results.fail(place.custom_id, 404, "The input dataset is gone.")
            return
        except Refusal as refusal:
            results.fail(place.custom_id, refusal.status, str(refusal))
            return
        response: dict[str, Any] = reply.body(question.choices)
        results.succeed(place.custom_id, response)
        ledger = self._answering.ledger
        ledger.note(reply.model, reply.prompt_tokens, reply.completion_tokens, is_batch=True)

    async def _finish(self, name: str, results: Results, state: State) -> None:
        job = self._jobs.find(name)
        await self._pace.pause(self._pace.phase_s)
        if job.output not in self._datasets:
            full = full_name("batchInferenceJobs", name)
            rows = results.progress.succeeded
            self._datasets.produce(
                job.output, rows, results.paths, made_by=full, continues=job.continued_output
            )
        self._end(name, state, progress=results.progress)
        for path in results.paths:
            path.unlink(missing_ok=True)

    def _fail(self, name: str, code: str, message: str) -> None:
        self._end(name, "FAILED", code=code, message=message, progress=Progress())

    def _end(self, name: str, state: State, **changes: object) -> None:
        self._jobs.change(name, state=state, end_time=self._pace.clock(), **changes)
