"""Runs whose lake is in a bucket: killed, gone on with there and elsewhere, along both roads."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pipeline.batch_run import BatchRun
from pipeline.objects import Object, ObjectFolder
from pipeline.store.following import followed
from pipeline.store.lease import Lease
from pipeline.store.working_copy import WorkingCopy, lake_at
from pipeline.summary import RunState, RunSummary
from tests.batches import served
from tests.buckets import bucket, in_bucket, s3
from tests.papers import write_pdf
from tests.pipeline.batch_runs import asked, call
from tests.pipeline.runs import config, records, run, slip_answer, slip_type
from tests.servers import FaultServer, Heard, Reply, late

__all__ = ["bucket", "s3"]

DOCUMENTS, IN_FLIGHT = 8, 2

RUN = """
import sys
from pathlib import Path
from pipeline.store.working_copy import lake_at
from tests.pipeline.runs import config, run
base_url, lake, copies, folder = sys.argv[1:5]
with lake_at(lake, Path(copies)) as here:
    run(config(base_url, here, folder, in_flight=2, shard_pages=2))
"""


class Later(Lease):
    """The lock as it is seen when its holder has not been heard of for long."""

    def _is_free(self, _newest: Object) -> bool:
        return True


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(DOCUMENTS):
        write_pdf(tmp_path / "in" / f"{number:02}.pdf", [f"document {number}"])
    return tmp_path / "in"


def killed(requests: int, lake: str, copies: Path, folder: Path) -> int:
    """A run that is killed when the server has heard so many; returns how many it heard in all."""
    reached = threading.Event()

    def answer(heard: Heard) -> Reply:
        if heard.number + 1 >= requests:
            reached.set()
        return late(slip_answer(heard), 0.05)

    with FaultServer(answer) as server:
        command = [sys.executable, "-c", RUN, server.base_url, lake, str(copies), str(folder)]
        with subprocess.Popen(command, start_new_session=True) as process:
            assert reached.wait(60)
            os.killpg(process.pid, signal.SIGKILL)
        return len(server.asked)


def gone_on_with(lake: Path, folder: Path) -> tuple[RunSummary, int]:
    with FaultServer(slip_answer) as server:
        summary = run(config(server.base_url, lake, folder, in_flight=IN_FLIGHT, shard_pages=2))
        return summary, len(server.asked)


def test_the_same_machine_goes_on_at_once_and_asks_again_only_what_was_in_flight(
    bucket: str, folder: Path, tmp_path: Path
) -> None:
    lake = f"{bucket}/lake"
    before = killed(6, lake, tmp_path / "one", folder)
    with lake_at(lake, tmp_path / "one") as here:
        summary, after = gone_on_with(here, folder)
        assert records(here).height == DOCUMENTS

    assert summary.state == RunState.COMPLETE
    assert before + after <= DOCUMENTS + IN_FLIGHT


def test_when_a_machine_is_lost_another_finds_every_shard_that_was_written(
    bucket: str, folder: Path, tmp_path: Path
) -> None:
    lake = f"{bucket}/lake"
    killed(7, lake, tmp_path / "lost", folder)
    committed = sum(name.startswith("documents/") for name in in_bucket(lake))
    objects = ObjectFolder(lake)
    copy = WorkingCopy(objects, tmp_path / "other", Later(objects))
    with followed(copy.folder, copy):
        summary, after = gone_on_with(copy.folder, folder)
        rows = records(copy.folder)

    assert summary.state == RunState.COMPLETE
    assert (rows.height, rows["_doc_id"].n_unique()) == (DOCUMENTS, DOCUMENTS)
    assert after <= DOCUMENTS - 2 * committed + IN_FLIGHT


def test_jobs_that_one_machine_submits_another_collects(bucket: str, folder: Path, tmp_path: Path) -> None:
    lake = f"{bucket}/lake"
    with served(slip_answer) as (service, server):
        with lake_at(lake, tmp_path / "one") as here:
            sent = call(BatchRun.submit, asked(server.base_url, here, folder, record=slip_type("page")))
        with lake_at(lake, tmp_path / "two") as here:
            wanted = asked(server.base_url, here, folder, record=slip_type("page"))
            while (summary := call(BatchRun.advance, wanted)).state is RunState.WAITING:
                continue
            assert records(here).height == DOCUMENTS

    assert (sent.state, summary.state) == (RunState.WAITING, RunState.COMPLETE)
    assert set(service.paid.values()) == {1}
