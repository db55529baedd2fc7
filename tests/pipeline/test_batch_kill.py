"""The batch road killed outright at each of its steps, and what the calls after that make of it.

However it was killed, in the end all rows are there, each dataset and each job was made once, each row was
paid for once, and the service holds nothing that the lake does not know of. EVERY_KILL=1 in the environment
tries the later times too at which a step is come to.
"""

import copy
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.batch_run import jobs_of
from pipeline.summary import RunState, RunSummary
from tests.batches import BatchService, End, line, served
from tests.charts import Draw
from tests.papers import write_pdf
from tests.pipeline.killable import KILL, POWER, SHADOW, Order, Runner, steps_in
from tests.pipeline.power import losses, restore
from tests.pipeline.runs import records, slip_answer, table
from tests.servers import FaultServer, Heard, Reply, hang_up

EVERY = bool(os.environ.get("EVERY_KILL"))

SUBMITTING = {
    "rmtree _jobs/.open": 2,
    "open _jobs/.open/requests.jsonl": 2,
    "rename documents/part-RUN.parquet": 2,
    "remove _journal/RUN.jsonl": 2,
    "rename _jobs/.waiting/RUN.json": 2,
    "rename _jobs/.open/asked.jsonl": 2,
    "rename _jobs/.open/job.json": 2,
    "rename _jobs/JOB": 2,
    "rename _jobs/JOB/job.json sealed owned": 2,
    "rename _jobs/JOB/job.json uploaded owned": 2,
    "remove _jobs/JOB/requests.jsonl": 2,
    "rename _jobs/JOB/job.json running VALIDATING owned": 2,
    "rename _jobs/JOB/job.json running RUNNING owned": 2,
    "rename _runs/RUN.json": 1,
}
"""Steps of a submit that makes two jobs, and how often it comes to each."""

SENDING = [name for name in SUBMITTING if "JOB/" in name]
"""Those after the sealing of a dataset; the second time all documents are noted."""

COLLECTING = {
    "rmtree _jobs/.open": 2,
    "rename _jobs/JOB/job.json over EXPIRED owned": 1,
    "rename _jobs/JOB/job.json over COMPLETED owned": 1,
    "rmtree _jobs/JOB/output": 4,
    "remove _jobs/JOB/requests.jsonl": 3,
    "open _jobs/JOB/output/BIJOutputSet.jsonl.part": 2,
    "rename _jobs/JOB/output/BIJOutputSet.jsonl": 2,
    "open _jobs/JOB/output/error-data.part": 2,
    "rename _jobs/JOB/output/error-data": 2,
    "rename answers/part-RUN.parquet": 2,
    "rename _jobs/JOB/left.jsonl": 2,
    "rename _jobs/JOB/job.json uploaded EXPIRED owned": 1,
    "rename _jobs/JOB/job.json collected COMPLETED owned": 1,
    "rename _jobs/JOB/job.json running VALIDATING owned": 1,
    "rename _jobs/JOB/job.json running RUNNING owned": 1,
    "rename pages/part-RUN.parquet": 1,
    "rename records/schema=slip/part-RUN.parquet": 1,
    "rename documents/part-RUN.parquet": 1,
    "remove _journal/RUN.jsonl": 1,
    "remove _jobs/.waiting/RUN.json": 1,
    "remove documents/part-RUN.parquet": 1,
    "rename _runs/RUN.json": 1,
}
"""Steps of an advance that collects one job, and another that expired and is continued."""

RESUBMITTING = [
    "rename _jobs/JOB/left.jsonl",
    "open _jobs/.open/requests.jsonl",
    "rename documents/part-RUN.parquet",
    "rename _jobs/.waiting/RUN.json",
    "rename _jobs/JOB",
    "rename _jobs/JOB/job.json uploaded owned",
    "rename _jobs/JOB/job.json running VALIDATING owned",
]
"""Steps of an advance that sends what an expired job has left in another one."""


def times(steps: Mapping[str, int]) -> list[tuple[str, int]]:
    """Each step with the times at which to kill before it."""
    return [(name, nth) for name, count in steps.items() for nth in range(1, (count if EVERY else 1) + 1)]


def expiring(_job: str, rows: Mapping[str, Any]) -> End:
    """A job of two rows expires with one of them answered."""
    answered = [line(one, rows[one]) for one in rows]
    return End(state="EXPIRED", rows=answered[:1]) if len(rows) == 2 else End(rows=answered)


def expired(_job: str, _rows: Mapping[str, Any]) -> End:
    """A job that ends without an answer."""
    return End(state="EXPIRED")


@dataclass
class Site:
    """A lake and the service that it sends to."""

    folder: Path
    service: BatchService
    server: FaultServer

    @property
    def lake(self) -> Path:
        return self.folder / "lake"

    def order(self, work: str, **about: Any) -> Order:
        sources = [str(self.folder / "in")]
        return Order(work=work, base_url=self.server.base_url, lake=str(self.lake), sources=sources, **about)

    def to_the_end(self, order: Order) -> RunSummary:
        """Advance, in this process, until nothing waits."""
        order = replace(order, work="advance", kill="")
        for _ in range(10):
            summary: RunSummary = order.carry_out()
            if summary.state is not RunState.WAITING:
                return summary
        raise AssertionError("still waiting")


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    with served(slip_answer, ends=expiring, takes=2) as (service, server):
        yield Site(folder, service, server)


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as one:
        yield one


@dataclass(frozen=True)
class Sent:
    """What a submit that nobody killed has left, here and at the service."""

    folder: Path
    service: Mapping[str, Any]
    objects: Mapping[str, bytes]


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Sent:
    folder = tmp_path_factory.mktemp("sent")
    write_papers(folder)
    with site(folder) as one:
        one.order("submit").carry_out()
        kept = {name: getattr(one.service, name) for name in ("datasets", "jobs", "made")}
        return Sent(folder, copy.deepcopy(kept), dict(one.service.bucket.objects))


@contextmanager
def site_of(sent: Sent, folder: Path) -> Iterator[Site]:
    """A copy of what was sent."""
    shutil.copytree(sent.folder, folder, dirs_exist_ok=True)
    with site(folder) as one:
        for name, value in copy.deepcopy(dict(sent.service)).items():
            setattr(one.service, name, value)
        one.service.bucket.objects |= sent.objects
        yield one


def write_papers(folder: Path) -> None:
    write_pdf(folder / "in" / "a.pdf", ["one", "two"])
    write_pdf(folder / "in" / "b.pdf", ["three"])


def check(one: Site, summary: RunSummary) -> None:
    """Nothing is missing, nothing was done twice, and nothing is left that nobody knows of."""
    lake, service = one.lake, one.service
    assert summary.state is RunState.COMPLETE
    rows = sorted((len(row["_pages"]), row["title"], row["_road"]) for row in records(lake).to_dicts())
    assert rows == [(1, "from page 1", "batch")] * 2 + [(1, "from page 2", "batch")]
    documents = table(lake, "documents").filter(schema="slip")
    assert (documents.height, set(documents["state"])) == (2, {"done"})
    assert table(lake, "pages").select("doc_id", "page").unique().height == table(lake, "pages").height == 3
    answers = list(table(lake, "answers")["custom_id"])
    assert service.paid == dict.fromkeys(answers, 1)
    assert len(answers) == 3
    assert set(service.made.values()) == {1}
    jobs = jobs_of(lake)
    assert not any(job.is_live for job in jobs)
    known = {name.removesuffix("-out") for job in jobs for name in job.output_ids}
    assert {name.removesuffix("-out") for name in [*service.jobs, *service.datasets]} <= known
    left = {file.name for file in (lake / "_jobs").rglob("*") if file.is_file()}
    assert left == {"job.json", "asked.jsonl", "left.jsonl"}
    assert not list((lake / "_jobs").glob("*/output"))
    assert [file.name for file in (lake / "_journal").iterdir()] == ["lock"]


def killed(runner: Runner, order: Order) -> None:
    assert runner(order) == -9


def drawn(  # noqa: PLR0913 - the cells of a row
    chart: Draw, work: str, at: str, one: Site, summary: RunSummary, *, by: str = KILL
) -> None:
    """Check what became of it, and draw a row of the table."""
    check(one, summary)
    again = sum(one.service.paid.values()) - len(one.service.paid)
    chart("kill matrix", f"batch: {work}", at, by, len(summary.in_doubt), again, "as undisturbed")


def after_losses(one: Site) -> Iterator[str]:
    """What a loss of power may have left of the lake, one after the other, the service as it was then."""
    told, names = one.folder / f"{SHADOW}.json", ("datasets", "jobs", "made", "paid")
    service = copy.deepcopy({name: getattr(one.service, name) for name in names})
    objects = dict(one.service.bucket.objects)
    for what, tree in losses(told):
        restore(told, tree, one.lake)
        for name, value in copy.deepcopy(service).items():
            setattr(one.service, name, value)
        one.service.bucket.objects.clear()
        one.service.bucket.objects |= objects
        yield f"{POWER}: {what}"


def test_these_are_all_steps(runner: Runner, tmp_path: Path) -> None:
    write_papers(tmp_path)
    with site(tmp_path) as one:
        seen = []
        for work in ("submit", "advance"):
            log = tmp_path / f"{work}.log"
            assert runner(one.order(work, log=str(log))) == 0
            seen.append(dict(steps_in(log)))
        check(one, one.to_the_end(one.order("advance")))

    assert seen[0] == SUBMITTING
    assert seen[1] == COLLECTING


@pytest.mark.parametrize(("step", "nth"), times(SUBMITTING))
def test_a_submit_may_be_killed_at_any_step_and_done_again(
    runner: Runner, tmp_path: Path, chart: Draw, step: str, nth: int
) -> None:
    write_papers(tmp_path)
    with site(tmp_path) as one:
        killed(runner, one.order("submit", kill=step, nth=nth))
        again = one.order("submit").carry_out()
        summary = one.to_the_end(one.order("advance"))

    assert (again.state, again.pages.found) == (RunState.WAITING, 3)
    drawn(chart, "submit", f"{step} ({nth})", one, summary)


@pytest.mark.torture
@pytest.mark.parametrize(("step", "nth"), times(SUBMITTING))
def test_power_may_be_lost_at_any_step_of_a_submit(
    runner: Runner, tmp_path: Path, chart: Draw, step: str, nth: int
) -> None:
    write_papers(tmp_path)
    with site(tmp_path) as one:
        killed(runner, one.order("submit", kill=step, nth=nth, by=POWER, finer=True))
        for by in after_losses(one):
            one.order("submit").carry_out()
            summary = one.to_the_end(one.order("advance"))
            drawn(chart, "submit", f"{step} ({nth})", one, summary, by=by)


@pytest.mark.torture
@pytest.mark.parametrize("step", SENDING)
def test_what_was_sealed_before_a_kill_needs_neither_another_submit_nor_its_sources(
    runner: Runner, tmp_path: Path, step: str
) -> None:
    write_papers(tmp_path)
    with site(tmp_path) as one:
        killed(runner, one.order("submit", kill=step, nth=2))
        shutil.rmtree(tmp_path / "in")
        summary = one.to_the_end(one.order("advance"))

    check(one, summary)


@pytest.mark.torture
@pytest.mark.parametrize(("step", "nth"), times(COLLECTING))
def test_an_advance_may_be_killed_at_any_step_and_done_again_without_the_sources(  # noqa: PLR0913, PLR0917 - half of them are fixtures
    runner: Runner, sent: Sent, tmp_path: Path, chart: Draw, step: str, nth: int
) -> None:
    with site_of(sent, tmp_path) as one:
        shutil.rmtree(tmp_path / "in")
        killed(runner, one.order("advance", kill=step, nth=nth))
        drawn(chart, "collect", f"{step} ({nth})", one, one.to_the_end(one.order("advance")))


@pytest.mark.torture
@pytest.mark.parametrize(("step", "nth"), times(COLLECTING))
def test_power_may_be_lost_at_any_step_of_an_advance(  # noqa: PLR0913, PLR0917 - half of them are fixtures
    runner: Runner, sent: Sent, tmp_path: Path, chart: Draw, step: str, nth: int
) -> None:
    with site_of(sent, tmp_path) as one:
        shutil.rmtree(tmp_path / "in")
        killed(runner, one.order("advance", kill=step, nth=nth, by=POWER, finer=True))
        for by in after_losses(one):
            summary = one.to_the_end(one.order("advance"))
            drawn(chart, "collect", f"{step} ({nth})", one, summary, by=by)


@pytest.mark.torture
@pytest.mark.parametrize("step", RESUBMITTING)
def test_an_advance_that_sends_again_what_was_left_may_be_killed_too(
    runner: Runner, sent: Sent, tmp_path: Path, chart: Draw, step: str
) -> None:
    with site_of(sent, tmp_path) as one:
        order = one.order("advance", remainder="resubmit")
        killed(runner, replace(order, kill=step))
        drawn(chart, "collect --remainder resubmit", step, one, one.to_the_end(order))


def kill_at(one: Site, runner: Runner, point: str) -> None:
    """Have the service kill the client once, before or after it has done what it is asked."""
    when, method, path = point.split()
    done: list[str] = []

    def is_it(heard: Heard) -> bool:
        if done or heard.method != method or not re.search(path, heard.path.partition("?")[0]):
            return False
        done.append(heard.path)
        runner.kill()
        return True

    def before(heard: Heard) -> Reply | None:
        return hang_up() if is_it(heard) else None

    def after(heard: Heard, reply: Reply) -> Reply:
        return hang_up() if is_it(heard) else reply

    if when == "before":
        one.service.fault = before
    else:
        one.service.after = after


UPLOADS = {
    140_000_000: [
        *("before POST /datasets$", "after POST /datasets$", "before POST :upload$", "after POST :upload$"),
        *("before GET /batchInferenceJobs/", "before POST /batchInferenceJobs$"),
        *("after POST /batchInferenceJobs$", "after GET /batchInferenceJobs/"),
    ],
    10: [
        *("before POST :getUploadEndpoint$", "after POST :getUploadEndpoint$"),
        *("before POST :validateUpload$", "after POST :validateUpload$"),
    ],
}


@pytest.mark.torture
@pytest.mark.parametrize(
    ("multipart_bytes", "point"), [(size, point) for size, points in UPLOADS.items() for point in points]
)
def test_a_submit_may_be_killed_before_and_after_whatever_it_asks(
    runner: Runner, tmp_path: Path, chart: Draw, multipart_bytes: int, point: str
) -> None:
    write_papers(tmp_path)
    with site(tmp_path) as one:
        order = one.order("submit", multipart_bytes=multipart_bytes)
        kill_at(one, runner, point)
        killed(runner, order)
        order.carry_out()
        drawn(chart, "submit", f"{point} ({multipart_bytes})", one, one.to_the_end(order))


@pytest.mark.parametrize(
    "point",
    [
        *("before GET /batchInferenceJobs/", "after GET /batchInferenceJobs/"),
        *("before GET :getDownloadEndpoint$", "after GET :getDownloadEndpoint$"),
        *("before POST /batchInferenceJobs$", "after POST /batchInferenceJobs$"),
    ],
)
def test_an_advance_may_be_killed_before_and_after_whatever_it_asks(
    runner: Runner, sent: Sent, tmp_path: Path, chart: Draw, point: str
) -> None:
    with site_of(sent, tmp_path) as one:
        shutil.rmtree(tmp_path / "in")
        kill_at(one, runner, point)
        killed(runner, one.order("advance"))
        drawn(chart, "collect", point, one, one.to_the_end(one.order("advance")))


def test_an_advance_may_be_killed_with_half_of_a_file_received(
    runner: Runner, sent: Sent, tmp_path: Path
) -> None:
    def cut(reply: Reply) -> Reply:
        return replace(reply, cut_at=len(reply.body) // 2)

    def kill(reply: Reply) -> Reply:
        runner.kill()
        return reply

    with site_of(sent, tmp_path) as one:
        one.service.bucket.faults += [cut, cut, kill]
        killed(runner, one.order("advance"))
        torn = list((one.lake / "_jobs").rglob("*.part"))
        check(one, one.to_the_end(one.order("advance")))

    assert torn


@pytest.mark.parametrize("point", ["before DELETE /batchInferenceJobs/", "after DELETE /batchInferenceJobs/"])
def test_what_was_cancelled_is_not_sent_again_after_a_kill(
    runner: Runner, sent: Sent, tmp_path: Path, point: str
) -> None:
    """Whoever looks next keeps to it, without being told."""
    with site_of(sent, tmp_path) as one:
        one.service.ends = expired
        kill_at(one, runner, point)
        killed(runner, one.order("cancel"))
        before = len(one.service.made)
        after = one.to_the_end(one.order("advance"))
        made = len(one.service.made)
        again = one.order("submit").carry_out()

    cancelled = [job for job in jobs_of(one.lake) if job.cancelled]
    assert cancelled
    assert (made, after.pages.missing) == (before, 0)
    assert (again.state, again.requests) == (RunState.WAITING, 3)


@pytest.mark.parametrize("point", ["before DELETE /datasets/", "after DELETE /datasets/"])
def test_cleaning_up_may_be_killed_and_done_again(
    runner: Runner, sent: Sent, tmp_path: Path, point: str
) -> None:
    with site_of(sent, tmp_path) as one:
        order = one.order("advance", cleanup=True)
        kill_at(one, runner, point)
        killed(runner, order)
        check(one, one.to_the_end(order))

    assert one.service.datasets == {}
