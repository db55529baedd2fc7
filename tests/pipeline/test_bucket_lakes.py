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


def test_documents_of_a_bucket_give_the_records_of_files(bucket: str, folder: Path, tmp_path: Path) -> None:
    objects = ObjectFolder(f"{bucket}/in")
    for file in folder.iterdir():
        objects.put(file.name, file)
    with FaultServer(slip_answer) as server:
        run(config(server.base_url, tmp_path / "files", folder))
        run(config(server.base_url, tmp_path / "objects", f"{bucket}/in"))
        asked_twice = len(server.asked)
        again = run(config(server.base_url, tmp_path / "objects", f"{bucket}/**/*.pdf"))
        asked_in_all = len(server.asked)

    varies = {"_run", "_extracted_at", "_latency_s", "_source"}
    mine, other = (
        records(tmp_path / name).sort("_doc_id").drop(varies, strict=False) for name in ("files", "objects")
    )
    assert mine.equals(other)
    sources = records(tmp_path / "objects")["_source"].sort().to_list()
    assert sources == [f"{bucket}/in/{number:02}.pdf" for number in range(DOCUMENTS)]
    assert (again.documents_reused, asked_in_all) == (DOCUMENTS, asked_twice)


def test_an_object_that_is_removed_is_marked_and_one_that_is_replaced_is_worked(
    bucket: str, folder: Path, tmp_path: Path
) -> None:
    objects = ObjectFolder(f"{bucket}/in")
    for file in folder.iterdir():
        objects.put(file.name, file)
    with FaultServer(slip_answer) as server:
        run(config(server.base_url, tmp_path / "lake", f"{bucket}/in"))
        objects.remove(["00.pdf"])
        objects.put("01.pdf", write_pdf(tmp_path / "new.pdf", ["another"]))
        again = run(config(server.base_url, tmp_path / "lake", f"{bucket}/in"))
        asked = len(server.asked)

    rows = records(tmp_path / "lake")
    gone = rows.filter(rows["_removed_at"].is_not_null())["_source"].to_list()
    assert asked == DOCUMENTS + 1
    assert (again.documents, again.documents_reused) == (DOCUMENTS - 1, DOCUMENTS - 2)
    assert sorted(gone) == [f"{bucket}/in/00.pdf", f"{bucket}/in/01.pdf"]
    current = rows.filter(rows["_removed_at"].is_null())["_source"].to_list()
    assert sorted(current) == [f"{bucket}/in/{number:02}.pdf" for number in range(1, DOCUMENTS)]
