"""Whatever a service and a user do to a run, the runs after it end at the rows of an undisturbed one."""

import asyncio
import hashlib
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl
import pytest

from pipeline.rebuild import rebuild
from pipeline.render.sizing import ImageOptions
from pipeline.run import RunConfig, process
from pipeline.selection import PageSelection
from pipeline.service.client import Endpoint
from pipeline.summary import RunSummary
from pipeline.tally import Tally
from pipeline.windows import WindowLimits
from tests.papers import write_pdf
from tests.pipeline.runs import config, records, run, slip_answer, slip_type, table
from tests.servers import (
    FaultServer,
    Heard,
    Reply,
    garbage,
    hang_up,
    html,
    late,
    refusal,
    reset,
    too_many,
    truncated,
)

SEEDS = range(5)
ROUNDS = 3
FAULTS: tuple[Callable[[Reply], Reply], ...] = (
    lambda _: too_many(),
    lambda _: html(503),
    lambda _: hang_up(),
    lambda _: garbage(),
    lambda _: refusal(500),
    lambda _: refusal(400, "no such image"),
    lambda _: refusal(401, "no such key"),
    reset,
    truncated,
)


def digest(heard: Heard) -> str:
    return hashlib.sha256(heard.raw).hexdigest()


def folder_of(dice: random.Random, root: Path) -> Path:
    """Some documents of some pages, of which some are blank, some doubled, one is broken."""
    for number in range(dice.randint(3, 6)):
        pages = [
            dice.choice(["", f"{number}/{page}", f"{number}/{page}"]) for page in range(dice.randint(1, 7))
        ]
        path = write_pdf(root / f"{number}.pdf", pages)
        if dice.random() < 0.3:
            shutil.copy(path, root / f"again {number}.pdf")
    (root / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    return root


def asked_of(dice: random.Random, folder: Path) -> RunConfig:
    return config(
        "",
        folder,
        folder,
        record=slip_type(dice.choice(["page", "document"])),
        windows=WindowLimits(max_images=dice.randint(1, 3)),
        shard_pages=dice.randint(1, 6),
        in_flight=dice.randint(1, 4),
    )


@dataclass
class Service:
    """A model behind a bad line, which remembers what it answered well.

    Attributes:
        answered: How often each question got a whole answer.
        interrupt: Called once, at the request of this number.
    """

    dice: random.Random
    answered: Counter[str] = field(default_factory=Counter)
    interrupt: tuple[int, Callable[[], object]] | None = None

    def __call__(self, heard: Heard) -> Reply:
        if self.interrupt and self.interrupt[0] == heard.number:
            self.interrupt[1]()
        reply = late(slip_answer(heard), self.dice.choice([0, 0, 0.02]))
        if self.dice.random() < 0.3:
            return self.dice.choice(FAULTS)(reply)
        return self.answer(heard, reply)

    def answer(self, heard: Heard, reply: Reply) -> Reply:
        self.answered[digest(heard)] += 1
        return reply


def disturbed(asked: RunConfig, service: Service, *, how: str, at: int) -> RunSummary | None:
    """A run that is stopped or cancelled when the service hears request `at`; None when it was cancelled."""

    async def go() -> RunSummary:
        stop, loop, task = asyncio.Event(), asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        ends: dict[str, Callable[[], object]] = {"stop": stop.set, "cancel": task.cancel, "leave": int}
        service.interrupt = at, lambda: loop.call_soon_threadsafe(ends[how])
        with FaultServer(service) as server:
            return await process(at_server(asked, server), tally=Tally(started=time.monotonic()), stop=stop)

    with suppress(asyncio.CancelledError):
        return asyncio.run(go())
    return None


def at_server(asked: RunConfig, server: FaultServer) -> RunConfig:
    return replace(asked, endpoint=Endpoint(base_url=server.base_url, api_key=None))


def rows(lake: Path) -> dict[str, pl.DataFrame]:
    """Everything in a lake that must not depend on what happened on the way."""
    varies = [
        "_run",
        "_extracted_at",
        "_latency_s",
        "_attempts",
        "run",
        "at",
        "latency_s",
        "attempts",
        "received_at",
        "listed",
        "stamp",  # unknown for files that were written just before they were read
    ]
    tables = {name: table(lake, name) for name in ("documents", "pages", "failures", "answers")}
    frames = {**tables, "records": records(lake)}
    return {name: frame.drop(varies, strict=False) for name, frame in frames.items()}


def same(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    lines = [sorted(map(repr, frame.iter_rows())) for frame in (one, other)]
    return one.schema == other.schema and lines[0] == lines[1]


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_the_last_run_ends_where_an_undisturbed_one_does(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)  # noqa: S311 - to repeat a failure
    asked = asked_of(dice, folder_of(dice, tmp_path / "in"))
    tried, whole = replace(asked, lake=tmp_path / "tried"), replace(asked, lake=tmp_path / "whole")
    service, cancelled = Service(dice), 0

    for _ in range(ROUNDS):
        how = dice.choice(["stop", "cancel", "leave"])
        cancelled += how == "cancel"
        disturbed(tried, service, how=how, at=dice.randint(0, 8))
        committed = sorted((tried.lake / "documents").glob("*.parquet"))
        if committed and dice.random() < 0.3:
            committed[-1].unlink()  # as if killed right before the commit
    with FaultServer(lambda heard: service.answer(heard, slip_answer(heard))) as server:
        last = run(at_server(tried, server))
        again = run(at_server(tried, server))
    with FaultServer(slip_answer) as server:
        undisturbed = run(at_server(whole, server))

    assert last.pages == undisturbed.pages
    assert (last.state, last.records, again.requests) == (undisturbed.state, undisturbed.records, 0)
    assert sum(service.answered.values()) <= len(service.answered) + cancelled * asked.in_flight
    assert len(service.answered) == undisturbed.requests
    assert table(tried.lake, "answers")["custom_id"].is_unique().all()
    expected = rows(whole.lake)
    for name, frame in rows(tried.lake).items():
        assert same(frame, expected[name]), name

    asyncio.run(rebuild(tried.lake, asked.record))
    for name, frame in rows(tried.lake).items():
        assert same(frame, expected[name]), f"{name} after a rebuild"


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(2))
def test_a_lake_asked_otherwise_again_and_again_holds_the_rows_of_the_last_question(
    seed: int, tmp_path: Path
) -> None:
    dice = random.Random(seed)  # noqa: S311 - to repeat a failure
    asked = replace(asked_of(dice, folder_of(dice, tmp_path / "in")), lake=tmp_path / "lake")
    seen: set[str] = set()

    with FaultServer(slip_answer) as server:
        for number in range(4):
            changed = replace(
                at_server(asked, server),
                model=dice.choice(["one", "two"]),
                record=slip_type(dice.choice(["page", "document"])),
                images=ImageOptions(quality=dice.choice([60, 75])),
                pages=dice.choice([None, PageSelection.parse("1-2"), PageSelection.parse("1,3-")]),
                windows=WindowLimits(max_images=dice.randint(1, 3)),
            )
            before = len(server.asked)
            run(changed)
            assert run(changed).requests == 0
            new = {digest(heard) for heard in server.asked[before:]}
            assert len(new) == len(server.asked) - before
            assert seen.isdisjoint(new)
            seen |= new

            run(replace(changed, lake=tmp_path / f"fresh {number}"))
            expected = rows(tmp_path / f"fresh {number}")
            for name, frame in rows(asked.lake).items():
                assert name == "answers" or same(frame, expected[name]), name
    assert table(asked.lake, "answers")["custom_id"].is_unique().all()
