"""A job moved on at the service."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from pipeline.batch.job import BatchJob, JobFolder, Step
from pipeline.batch.moves import Deadlines, Mover, can_continue, ended
from pipeline.errors import ConfigError, RequestRejected, ServiceBusy, ServiceRefused
from pipeline.service.polling import Polling
from tests.batches import BatchService, End, control_of, served, whole
from tests.gateway import ACCOUNT, KEY
from tests.pipeline.batch.jobs import sealed
from tests.servers import FaultServer, Heard, Reply, chat_answer, html, refusal

T = TypeVar("T")
NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
QUICK = Polling(first_s=0.001, longest_s=0.01, deadline_s=0.2)
NEVER = 10**6


def answer(_heard: Heard) -> Reply:
    return chat_answer({"total": 1})


@dataclass
class Site:
    """A job in a lake, the service, and a clock that only the test moves."""

    service: BatchService
    server: FaultServer
    folder: JobFolder
    job: BatchJob
    now: datetime = NOW
    deadlines: Deadlines = field(default_factory=Deadlines)

    def do(self, what: Callable[[Mover], Coroutine[Any, Any, T]], key: str = KEY) -> T:
        async def go() -> T:
            async with control_of(self.server.base_url, key) as control:
                mover = Mover(control=control, polling=QUICK, deadlines=self.deadlines, now=lambda: self.now)
                return await what(mover)

        return asyncio.run(go())

    def move(self) -> BatchJob:
        """The job as it is in the end, which is what the lake remembers."""
        job = self.do(lambda mover: mover.move(self.folder, self.folder.load()))
        assert job == self.folder.load()
        return job

    def paths(self, method: str) -> list[str]:
        return [heard.path for heard in self.server.heard if heard.method == method]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with at(tmp_path) as one:
        yield one


@contextmanager
def at(lake: Path, **about: Any) -> Iterator[Site]:
    with served(answer, **{"takes": NEVER, "now": lambda: NOW, **about}) as (service, server):
        yield Site(service, server, *sealed(lake))


def test_a_sealed_job_is_uploaded_and_made_in_one_go(site: Site) -> None:
    job = site.move()

    assert (job.step, job.state, job.account) == (Step.RUNNING, "RUNNING", ACCOUNT)
    assert job.created_at == NOW
    assert site.service.made == {f"datasets/{job.id}": 1, f"batchInferenceJobs/{job.id}": 1}
    assert not site.folder.lines.exists()
    made = site.service.jobs[job.id]
    assert made["inputDatasetId"].endswith(f"/datasets/{job.id}")
    assert made["outputDatasetId"].endswith(f"/datasets/{job.id}-out")
    assert site.service.datasets[job.id]["exampleCount"] == "3"


def test_an_id_is_looked_up_before_it_is_made(site: Site) -> None:
    job = site.move()
    asked = [(heard.method, heard.path.partition("?")[0].rpartition("/")[2]) for heard in site.server.heard]

    assert asked.index(("GET", job.id)) < asked.index(("POST", "datasets"))
    assert asked[asked.index(("POST", "batchInferenceJobs")) - 1] == ("GET", f"{job.id}-out")


def test_a_dataset_that_is_there_but_not_ready_is_filled(site: Site) -> None:
    """As after a kill while it was uploaded."""
    site.service.after = lambda heard, reply: html(500) if heard.path.endswith(":upload") else reply
    with pytest.raises(ServiceBusy):
        site.move()
    before = site.folder.load()
    site.service.after = lambda _heard, reply: reply

    assert (before.step, site.folder.lines.exists()) == (Step.SEALED, True)
    assert site.move().step is Step.RUNNING
    assert set(site.service.made.values()) == {1}


def test_a_dataset_that_is_ready_is_not_uploaded_again(site: Site) -> None:
    """As after a kill between the upload and its being noted."""
    job = site.move()
    del site.service.jobs[job.id]
    site.folder.lines.write_bytes(b"what is there must not go out again")
    site.folder.save(job.model_copy(update={"step": Step.SEALED}))
    again = site.move()

    assert again.step is Step.RUNNING
    assert len([path for path in site.paths("POST") if path.endswith(":upload")]) == 1
    assert site.service.made[f"datasets/{job.id}"] == 1


def test_a_job_that_is_there_is_not_made_again(site: Site) -> None:
    """As after a kill between the making of a job and its being noted."""
    job = site.move()
    for step in (Step.SEALED, Step.UPLOADED):
        site.folder.save(job.model_copy(update={"step": step, "state": "", "created_at": None}))
        assert site.move().step is Step.RUNNING

    assert set(site.service.made.values()) == {1}


def test_a_job_whose_output_is_there_while_it_is_gone_is_over(site: Site) -> None:
    job = site.move()
    del site.service.jobs[job.id]
    site.service.datasets[f"{job.id}-out"] = dict(site.service.datasets[job.id])
    site.folder.save(job.model_copy(update={"step": Step.UPLOADED}))
    again = site.move()

    assert (again.step, again.state) == (Step.OVER, "DELETED")
    assert site.service.made[f"batchInferenceJobs/{job.id}"] == 1


def test_a_job_that_is_gone_is_over(site: Site) -> None:
    job = site.move()
    del site.service.jobs[job.id]

    assert (site.move().step, site.move().state) == (Step.OVER, "DELETED")


def test_a_job_whose_dataset_has_gone_is_over_before_it_began(site: Site) -> None:
    def lose(heard: Heard) -> Reply | None:
        gone = heard.method == "POST" and "batchInferenceJobs" in heard.path
        if gone:
            site.service.datasets.clear()
        return refusal(400, "input dataset not found") if gone else None

    site.service.fault = lose
    job = site.move()

    assert (job.step, job.state) == (Step.OVER, "DELETED")
    assert ended(job).endswith("was deleted before this was answered: its dataset is not there any more")


def test_a_job_that_the_service_does_not_take_says_what_to_do(site: Site) -> None:
    site.service.fault = lambda heard: (
        refusal(400, "model not servable") if heard.method == "POST" and "Jobs" in heard.path else None
    )
    with pytest.raises(
        ServiceRefused, match=r"does not take the batch job .*model not servable.*--road online"
    ):
        site.move()

    assert site.folder.load().step is Step.UPLOADED


def test_a_job_belongs_to_the_account_that_made_it(site: Site) -> None:
    job = site.folder.save(site.job.model_copy(update={"account": "somebody-else"}))
    calls: list[Callable[[Mover], Coroutine[Any, Any, BatchJob]]] = [
        lambda mover: mover.move(site.folder, job),
        lambda mover: mover.cancel(site.folder, job),
        lambda mover: mover.clean(site.folder, job),
    ]
    for call in calls:
        with pytest.raises(
            ConfigError, match=f"belongs to the account somebody-else, and the key to {ACCOUNT}"
        ):
            site.do(call)

    assert (site.service.datasets, site.folder.load()) == ({}, job)


def test_the_output_of_a_job_that_has_answered_is_waited_for_but_not_for_long(site: Site) -> None:
    job = site.move()
    done = {"state": "JOB_STATE_COMPLETED", "jobProgress": {"successfullyProcessedRequests": 3}}
    site.service.jobs[job.id] |= done
    first = site.move()
    site.now += timedelta(minutes=9)
    second = site.move()
    site.now += timedelta(minutes=2)

    assert [first.step, second.step, site.move().step] == [Step.RUNNING, Step.RUNNING, Step.OVER]


@pytest.mark.parametrize(
    "about",
    [
        {"state": "JOB_STATE_COMPLETED", "jobProgress": {"failedRequests": 3}},
        {"state": "JOB_STATE_FAILED", "jobProgress": {"successfullyProcessedRequests": 3}},
        {
            "state": "JOB_STATE_COMPLETED",
            "jobProgress": {"successfullyProcessedRequests": 3},
            "lifecycle": {"endTime": (NOW - timedelta(hours=1)).isoformat()},
        },
    ],
)
def test_an_output_that_is_not_to_come_is_not_waited_for(site: Site, about: dict[str, Any]) -> None:
    job = site.move()
    site.service.jobs[job.id] |= about

    assert site.move().step is Step.OVER


def stop(site: Site) -> BatchJob:
    return site.do(lambda mover: mover.cancel(site.folder, site.folder.load()))


def test_a_job_that_is_cancelled_before_it_was_made_never_is(site: Site) -> None:
    stopped = stop(site)

    assert (stopped.step, stopped.state, site.move().step) == (Step.OVER, "WITHDRAWN", Step.OVER)
    assert (site.service.datasets, site.service.jobs) == ({}, {})


def test_a_job_whose_cancelling_came_to_nothing_is_cancelled_by_whoever_moves_it_next(site: Site) -> None:
    job = site.move()
    site.service.fault = lambda heard: refusal(400, "not now") if heard.method == "DELETE" else None
    with pytest.raises(RequestRejected):
        stop(site)
    site.service.fault = lambda _heard: None
    running, over = site.move(), site.move()

    assert (running.step, over.step, job.id in site.service.jobs) == (Step.RUNNING, Step.OVER, False)
    assert not can_continue(over.model_copy(update={"state": "CANCELLED"}))


@pytest.mark.parametrize("step", [Step.SEALED, Step.UPLOADED])
def test_a_job_that_was_made_without_the_lake_knowing_is_cancelled_too(site: Site, step: Step) -> None:
    job = site.move()
    site.folder.save(job.model_copy(update={"step": step}))
    stop(site)

    assert (site.move().step, site.service.jobs) == (Step.OVER, {})


def test_a_job_that_takes_its_time_to_go_is_asked_once_to_go(site: Site) -> None:
    pending(site, state="JOB_STATE_DELETING_CLEANING_UP")
    site.folder.save(site.folder.load().model_copy(update={"cancelled": True}))
    steps = [site.move().step for _ in range(2)]

    assert (steps, site.paths("DELETE")) == ([Step.RUNNING] * 2, [])


@pytest.mark.parametrize(
    ("state", "step"),
    [
        *(
            (state, Step.RUNNING)
            for state in ("CREATING", "PENDING", "RE_QUEUEING", "WRITING_RESULTS", "PAUSED")
        ),
        *((state, Step.RUNNING) for state in ("CANCELLING", "DELETING", "DELETING_CLEANING_UP", "ROLLOUT")),
        *(
            (state, Step.OVER)
            for state in ("COMPLETED", "EXPIRED", "EARLY_STOPPED", "CANCELLED", "FAILED", "DELETED")
        ),
    ],
)
def test_a_job_is_over_when_nothing_more_comes_of_it(site: Site, state: str, step: Step) -> None:
    job = site.move()
    site.service.jobs[job.id]["state"] = f"JOB_STATE_{state}"

    assert (site.move().step, site.move().state) == (step, state)


def test_what_a_job_says_of_itself_is_remembered(site: Site) -> None:
    job = site.move()
    site.service.jobs[job.id] |= {
        "expireTime": "2026-03-05T12:00:00Z",
        "status": {"code": "INTERNAL", "message": "half\x1b done"},
        "jobProgress": {
            "successfullyProcessedRequests": 2,
            "failedRequests": 1,
            "inputTokens": 50,
            "outputTokens": 7,
        },
    }
    seen = site.move()

    assert (seen.answered, seen.failed, seen.prompt_tokens, seen.completion_tokens) == (2, 1, 50, 7)
    assert (seen.expires_at, seen.status) == (NOW + timedelta(hours=24), "half\\x1b done")


def pending(site: Site, **about: object) -> str:
    """Have the service leave the job of the site as it is."""
    job = site.move()
    site.service.jobs[job.id] |= about
    site.service.takes = NEVER
    return job.id


def test_a_job_that_never_starts_is_stopped_after_a_while(site: Site) -> None:
    job_id = pending(site, state="JOB_STATE_PENDING")
    site.now += timedelta(hours=5)
    before = site.move()
    site.now += timedelta(hours=2)
    site.move()
    after = site.move()

    assert (before.step, before.state) == (Step.RUNNING, "PENDING")
    assert (after.step, after.state, job_id in site.service.jobs) == (Step.OVER, "DELETED", False)


def test_a_job_that_runs_may_take_as_long_as_the_service_lets_it(site: Site) -> None:
    job_id = pending(site, expireTime=(NOW + timedelta(hours=48)).isoformat())
    site.now += timedelta(hours=49)

    assert site.move().step is Step.RUNNING
    site.now += timedelta(hours=2)
    site.move()
    assert (site.move().step, job_id in site.service.jobs) == (Step.OVER, False)


def test_a_job_that_does_not_say_when_it_expires_is_given_a_day(site: Site) -> None:
    job_id = pending(site)
    site.now += timedelta(hours=25)
    assert (site.move().step, job_id in site.service.jobs) == (Step.RUNNING, True)
    site.now += timedelta(hours=2)
    site.move()

    assert site.move().step is Step.OVER


def test_a_job_that_the_service_does_not_get_rid_of_is_over_all_the_same(site: Site) -> None:
    pending(site, state="JOB_STATE_DELETING_CLEANING_UP")
    site.now += timedelta(hours=27)

    assert (site.move().step, site.move().state) == (Step.OVER, "DELETED")


def test_a_job_that_says_not_when_it_was_made_was_made_when_it_was_first_seen(site: Site) -> None:
    job = site.move()
    site.service.jobs[job.id]["createTime"] = None
    site.folder.save(job.model_copy(update={"created_at": None}))
    site.now += timedelta(hours=3)
    first = site.move()
    site.now += timedelta(hours=1)

    assert (first.created_at, site.move().created_at) == (NOW + timedelta(hours=3),) * 2


def test_a_continuation_names_the_job_before_it(site: Site) -> None:
    job = site.move()
    site.service.jobs[job.id]["state"] = "JOB_STATE_EXPIRED"
    site.folder.save(job.model_copy(update={"step": Step.UPLOADED, "continuations": 1}))
    again = site.move()

    assert (again.step, again.job_id) == (Step.RUNNING, f"{job.id}-c1")
    assert site.service.jobs[again.job_id]["continuedFromJobName"].endswith(f"/batchInferenceJobs/{job.id}")
    assert site.service.jobs[again.job_id]["outputDatasetId"].endswith(f"/{job.id}-c1-out")


def test_a_continuation_that_the_service_refuses_ends_as_the_job_before_it_did(site: Site) -> None:
    job = site.move()
    site.service.fault = lambda heard: refusal(400, "cannot be continued") if heard.method == "POST" else None
    site.folder.save(job.model_copy(update={"step": Step.UPLOADED, "continuations": 1, "state": "EXPIRED"}))
    again = site.move()

    assert (again.step, again.state, again.job_id) == (Step.OVER, "EXPIRED", job.id)
    assert not can_continue(again)


def test_only_what_ended_early_is_continued(site: Site) -> None:
    states = ("EXPIRED", "EARLY_STOPPED", "CANCELLED", "COMPLETED", "FAILED", "DELETED")
    jobs = [site.job.model_copy(update={"state": state}) for state in states]

    assert [can_continue(job) for job in jobs] == [True] * 4 + [False] * 2
    assert [ended(job).removeprefix(f"the batch job {site.job.id} ") for job in jobs] == [
        f"{how} before this was answered"
        for how in (
            "expired",
            "ended as early_stopped",
            "was cancelled",
            "ended",
            "ended as failed",
            "was deleted",
        )
    ]


def test_an_output_that_was_never_made_is_no_file(site: Site) -> None:
    job = site.move()
    (site.folder.output).mkdir()
    (site.folder.output / "of-an-earlier-try.jsonl").write_text("{}")
    site.do(lambda mover: mover.download(site.folder, job))

    assert not site.folder.output.exists()


def test_what_is_cleaned_is_gone_whether_or_not_it_was_there(tmp_path: Path) -> None:
    def ends(_job: str, rows: Mapping[str, Any]) -> End:
        return whole(rows)

    with at(tmp_path, takes=1, ends=ends) as site:
        job = site.move()
        there = set(site.service.datasets)
        cleaned = site.do(lambda mover: mover.clean(site.folder, job))
        again = site.do(lambda mover: mover.clean(site.folder, job))

    assert there == {job.id, f"{job.id}-out"}
    assert (site.service.datasets, cleaned.cleaned, again.cleaned) == ({}, True, True)
