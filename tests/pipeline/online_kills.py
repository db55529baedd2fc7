"""What the tests of the online road share: commands ended at a step, and the lake that comes of it all."""

import hashlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.check.checking import check
from tests.papers import write_pdf
from tests.pipeline.killable import POWER, SHADOW, TERM, Order, Runner, steps_in
from tests.pipeline.lakes import flip, parts
from tests.pipeline.power import losses, restore
from tests.pipeline.runs import records, table
from tests.servers import FaultServer, Heard, Reply, chat_answer

IN_FLIGHT = 2
SCHEMA = "tests.pipeline.runs:Slip"
PRICES = '{"test-model": {"input": 2, "output": 8}}'
VARIES = ("_run", "_extracted_at", "_latency_s", "run", "at", "place", "stamp", "listed")


def digest_of(heard: Heard) -> str:
    """What tells a question from all others."""
    return hashlib.sha256(heard.raw).hexdigest()[:12]


def digest_answer(heard: Heard) -> Reply:
    """A slip that names the question it answers; the same question has the same answer."""
    pages = [line.split()[1] for line in heard.text.splitlines() if line.startswith("Page ")]
    entries = [{"text": f"entry of page {page}", "amount": 1.5, "_page": int(page)} for page in pages]
    return chat_answer({"title": digest_of(heard), "total": 12.5, "entries": entries})


@dataclass
class Site:
    """A folder with sources and a lake, and the service that is asked about them."""

    folder: Path
    server: FaultServer
    runner: Runner

    @property
    def lake(self) -> Path:
        return self.folder / "lake"

    @property
    def told(self) -> str:
        """What the last command said."""
        return (self.folder / "told").read_text()

    def order(self, *arguments: str, workers: int = 1, **about: Any) -> Order:
        """To a child: a command, and how it is ended."""
        settings = {
            "PAGELAKE_API_KEY": "sk-test-0123456789",
            "PAGELAKE_BASE_URL": self.server.base_url,
            "PAGELAKE_PRICES": PRICES,
            "PAGELAKE_SHARD_PAGES": "2",
            "PAGELAKE_WORKERS": str(workers),
            "COLUMNS": "200",
        }
        return Order(
            work="command",
            lake=str(self.lake),
            finer=True,
            arguments=arguments,
            settings=settings,
            told=str(self.folder / "told"),
            **about,
        )

    def do(self, *commands: Sequence[str]) -> int:
        """Commands that nobody ends; the exit code of the last."""
        return [self.runner(self.order(*one)) for one in commands][-1]

    def manifests(self) -> list[dict[str, Any]]:
        """Those of the lake, the oldest first."""
        return [json.loads(file.read_bytes()) for file in sorted((self.lake / "_runs").glob("[0-9]*.json"))]

    def asked(self) -> Counter[str]:
        """How often each question was asked, as the service heard."""
        return Counter(digest_of(heard) for heard in self.server.asked)


def process(*options: str, source: str = "in") -> tuple[str, ...]:
    """The command that works all there is, or one file."""
    return (
        *("process", source, "--schema", SCHEMA, "--out", "lake", "--no-prefect"),
        *("--explode", "entries", "--max-images", "1", "--in-flight", str(IN_FLIGHT), *options),
    )


REPAIR = ("check", "lake", "--repair", "--schema", SCHEMA)


@dataclass(frozen=True)
class Scenario:
    """A command that is ended, what there was before, and what the user does then.

    Attributes:
        before: Prepares the lake.
        command: What is ended at each of its steps.
        after: What the user does then; the last is to leave all well.
    """

    name: str
    before: Callable[[Site], None]
    command: Sequence[str]
    after: tuple[Sequence[str], ...]


def nothing(_site: Site) -> None:
    """No lake."""


def killed_twice(site: Site) -> None:
    """Killed with a request in flight, and again before anything was committed."""
    for step, nth in (("note answer _journal/RUN.jsonl", 3), ("rename documents/part-RUN.parquet", 1)):
        assert site.runner(site.order(*process(), kill=step, nth=nth)) == -9


def worked(site: Site) -> None:
    """A lake that is done."""
    assert site.do(process()) == 1


def worked_twice(site: Site) -> None:
    """A lake of two runs."""
    site.do(process("--limit", "1"), process())


def damaged(site: Site) -> None:
    """A lake that lost a part of its documents, and one of whose pages has changed; and a torn journal."""
    worked(site)
    parts(site.lake, "documents")[0].unlink()
    flip(*2 * parts(site.lake, "pages")[-1:])
    (site.lake / "_journal" / "20200101T000000000000-00001.jsonl").write_bytes(b'{"sent":"lost"}\n{"se\n')


ANOTHER = process("--max-tokens", "77", source="in/b.pdf")
"""Asks another question about a document that stands in one shard with another."""

SCENARIOS = [
    Scenario("process", nothing, process(), (process(),)),
    Scenario("process after kills", killed_twice, process(), (process(),)),
    Scenario("process with another question", worked, ANOTHER, (ANOTHER,)),
    Scenario("compact", worked_twice, ("compact", "lake"), (process(),)),
    Scenario("rebuild", worked, ("rebuild", "lake", "--schema", SCHEMA), (process(),)),
    Scenario("check --repair", damaged, REPAIR, (REPAIR, process())),
]


def write_papers(folder: Path) -> None:
    write_pdf(folder / "in" / "a.pdf", ["one", "two"])
    write_pdf(folder / "in" / "b.pdf", ["three", ""])
    (folder / "in" / "ab.pdf").write_bytes(b"%PDF-1.4")


@contextmanager
def site(folder: Path, runner: Runner, prepared: Path | None = None) -> Iterator[Site]:
    """A new site, or one where all is as in another."""
    if prepared is None:
        write_papers(folder)
    else:
        shutil.copytree(prepared, folder, dirs_exist_ok=True)
    with FaultServer(digest_answer) as server:
        yield Site(folder, server, runner)


@dataclass(frozen=True)
class Undisturbed:
    """A scenario that nobody disturbed.

    Attributes:
        prepared: A folder as it is before.
        steps: How often the command comes to each step.
        asked: Each question that it asks.
        state: What the lake holds in the end.
        doubts: Ids of requests that were in doubt before.
        code: Exit code of the last command.
    """

    scenario: Scenario
    prepared: Path
    steps: dict[str, int]
    asked: Counter[str]
    state: dict[str, Any]
    doubts: set[str]
    code: int

    @classmethod
    def of(cls, scenario: Scenario, folder: Path, runner: Runner) -> "Undisturbed":
        prepared = folder / "prepared"
        with site(prepared, runner) as before:
            scenario.before(before)
        with site(folder / "whole", runner, prepared) as one:
            log = folder / "steps"
            runner(one.order(*scenario.command, log=str(log)))
            code = one.do(*scenario.after)
            doubts = {doubt["custom_id"] for told in one.manifests() for doubt in told["in_doubt"]}
            return cls(scenario, prepared, dict(steps_in(log)), one.asked(), state_of(one.lake), doubts, code)


def state_of(lake: Path) -> dict[str, Any]:
    """Every row of every table that does not differ from run to run."""
    frames = {name: table(lake, name) for name in ("documents", "pages", "failures", "answers")}
    frames |= {"records": records(lake), "entries": records(lake, "slip.entries")}
    varies = {"answers": (*VARIES, "received_at", "latency_s"), "failures": (*VARIES,)}
    return {
        name: sorted(map(repr, frame.drop(varies.get(name, VARIES), strict=False).rows()))
        for name, frame in frames.items()
    }


@dataclass(frozen=True)
class Outcome:
    """What came of a command that was ended and the commands after it.

    Attributes:
        in_doubt: Requests that the manifest names.
        again: Questions that were asked once more than they had to be.
        wrong: What is not as it has to be.
    """

    in_doubt: int
    again: int
    wrong: list[str]


@dataclass(frozen=True, kw_only=True)
class End:
    """How a command is ended.

    Attributes:
        step: Before which it is, at the time `nth`.
        by: In which way.
        then: Step before which it is killed when it has been told to stop.
    """

    step: str
    nth: int = 1
    by: str
    then: str = ""

    @property
    def at(self) -> str:
        """The step, for a table."""
        return f"{self.step}{f' ({self.nth})' if self.nth > 1 else ''}"

    @property
    def name(self) -> str:
        """A name for a folder."""
        return re.sub(r"[^\w]+", "-", f"{self.at} {self.by} {self.then}")

    @property
    def how(self) -> str:
        """The way, for a table."""
        return f"{self.by}, then kill -9 at {self.then}" if self.then else self.by

    @property
    def is_clean(self) -> bool:
        """Whether what is in flight comes home."""
        return self.by == TERM and not self.then


def ended(before: Undisturbed, one: Site, end: End) -> list[str]:
    """End the command; returns what is wrong with how it ended."""
    order = one.order(*before.scenario.command, kill=end.step, nth=end.nth, by=end.by, then=end.then)
    code = one.runner(order)
    if "Traceback" in one.told:
        return [f"told a traceback: {one.told}"]
    # A signal that comes when all is done changes nothing.
    expected = {143, 0, 1} if end.is_clean else {-9}
    return [] if code in expected else [f"ended with {code}: {one.told}"]


def restarted(before: Undisturbed, one: Site, end: End) -> Outcome:
    """What the user finds after the next commands."""
    code = one.do(*before.scenario.after)
    wrong = [] if code == before.code else [f"exit code {code}: {one.told}"]
    state = state_of(one.lake)
    for name in state:
        odd = Counter(state[name]) - Counter(before.state[name])
        gone = Counter(before.state[name]) - Counter(state[name])
        wrong += [f"{name} differs: {[*odd]} for {[*gone]}"] * bool(odd or gone)
    wrong += [f"left: {left}" for left in leftovers(one.lake)]
    again = one.asked() - before.asked
    doubts = [doubt for told in one.manifests() for doubt in told["in_doubt"]]
    new = [doubt for doubt in doubts if doubt["custom_id"] not in before.doubts]
    named = {doubt["custom_id"] for doubt in new}
    ever = {doubt["custom_id"] for doubt in doubts}
    if before.doubts - ever:
        wrong.append("what was in doubt before is not named")
    most = 0 if end.is_clean else IN_FLIGHT
    if again.total() > most or len(named) > most:
        wrong.append(f"{again.total()} asked again and {len(named)} in doubt, of {most} in flight")
    ids = questions_in(one.lake)
    wrong += [f"{question} asked again and not in doubt" for question in again if ids[question] not in ever]
    wrong += [f"{doubt} has no price" for doubt in new if not (doubt["possible_cost"] and doubt["pages"])]
    return Outcome(len(doubts), again.total(), wrong)


def questions_in(lake: Path) -> dict[str, str]:
    """The id of each request with an answer in the lake, by its digest."""
    rows = table(lake, "answers").select("content", "custom_id").rows()
    return {json.loads(content)["title"]: custom_id for content, custom_id in rows}


def leftovers(lake: Path) -> list[str]:
    """Files that have no business in a lake that is at rest, and what a check says is wrong."""
    odd = [str(path.relative_to(lake)) for path in lake.rglob("*") if path.name.endswith((".tmp", ".jsonl"))]
    odd = [name for name in odd if not name.startswith("_damaged/")]
    journal = [path.name for path in (lake / "_journal").iterdir() if path.name != "lock"]
    return [*odd, *journal, *(f"{one.where} {one.what}" for one in check(lake))]


def outcomes(before: Undisturbed, folder: Path, runner: Runner, end: End) -> Iterator[tuple[str, Outcome]]:
    """What comes of a command that is ended; of a loss of power, for each thing that it may leave."""
    with site(folder, runner, before.prepared) as one:
        if trouble := ended(before, one, end):
            yield end.how, Outcome(0, 0, trouble)
        elif end.by == POWER:
            told, heard = folder / f"{SHADOW}.json", list(one.server.heard)
            for name, tree in losses(told):
                restore(told, tree, one.lake)
                one.server.heard[:] = heard
                yield f"{end.how}: {name}", restarted(before, one, end)
        else:
            yield end.how, restarted(before, one, end)
