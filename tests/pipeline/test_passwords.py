"""Protected documents in whole runs, along both roads."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.batch.road import Remainder
from pipeline.batch_run import BatchRun
from pipeline.estimate import plan
from pipeline.render.passwords import Passwords
from tests.batches import End, line, served
from tests.papers import write_pdf
from tests.pipeline.batch_runs import asked, call
from tests.pipeline.render.documents import encrypted
from tests.pipeline.runs import config, records, run, slip_answer, table
from tests.servers import FaultServer

RIGHT = Passwords(by_pattern=(("locked.pdf", ("no", "open sesame")),))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A document that asks for a password, one that only forbids editing, and one that is free."""
    free = write_pdf(tmp_path / "in" / "free.pdf", ["one"])
    encrypted(free, tmp_path / "in" / "locked.pdf", user="open sesame", owner="own")
    encrypted(free, tmp_path / "in" / "no_editing.pdf", user="", owner="own")
    return tmp_path / "in"


def test_with_its_password_a_document_is_worked_and_nothing_else_is_asked_again(
    folder: Path, tmp_path: Path
) -> None:
    with FaultServer(slip_answer) as server:
        wanted = config(server.base_url, tmp_path / "lake", folder)
        missing = run(wanted)
        wrong = run(config(server.base_url, tmp_path / "lake", folder, passwords=Passwords(for_all="no")))
        right = config(server.base_url, tmp_path / "lake", folder, passwords=RIGHT)
        opened, again = run(right), run(wanted)

    assert [one.category for one in missing.failures] == ["encrypted"]
    assert [one.category for one in wrong.failures] == ["wrong_password"]
    assert (missing.records, wrong.requests, opened.requests, again.requests) == (2, 0, 1, 0)
    assert wanted.question_id() == right.question_id()
    assert (opened.failures_total, again.failures_total, again.records) == (0, 0, 3)
    assert records(tmp_path / "lake")["_source"].is_in([str(one) for one in folder.iterdir()]).all()
    assert table(tmp_path / "lake", "failures").is_empty()


def test_the_same_bytes_under_other_names_are_tried_with_the_passwords_of_each(
    folder: Path, tmp_path: Path
) -> None:
    locked = folder / "locked.pdf"
    for name in ("also locked.pdf", "the right one.pdf", "zero.pdf"):
        (folder / name).write_bytes(locked.read_bytes())
    by_name = Passwords(by_pattern=(("l*.pdf", ("no",)), ("the right one.pdf", ("open sesame",))))
    (tmp_path / "shut").mkdir()
    for name in ("a.pdf", "b.pdf"):
        (tmp_path / "shut" / name).write_bytes(locked.read_bytes())

    with FaultServer(slip_answer) as server:
        opened = run(config(server.base_url, tmp_path / "lake", folder, passwords=by_name, shard_pages=1))
        shut = run(config(server.base_url, tmp_path / "other", tmp_path / "shut"))

    assert (opened.failures_total, opened.documents, opened.duplicates, opened.records) == (0, 3, 3, 3)
    states = dict(table(tmp_path / "lake", "documents").select("path", "state").iter_rows())
    assert states[str(folder / "the right one.pdf")] == "done"
    assert states[str(folder / "also locked.pdf")] == states[str(locked)] == "duplicate"
    assert (shut.documents, shut.duplicates) == (1, 1)
    assert [(Path(one.path).name, one.category) for one in shut.failures] == [("a.pdf", "encrypted")]


def test_an_estimate_opens_them_as_well(folder: Path, tmp_path: Path) -> None:
    shut = asyncio.run(plan(config("http://127.0.0.1:9/v1", tmp_path / "lake", folder)))
    opened = asyncio.run(plan(config("http://127.0.0.1:9/v1", tmp_path / "lake", folder, passwords=RIGHT)))

    assert [one.category for one in shut.unusable] == ["encrypted"]
    assert (opened.unusable, opened.pages) == ([], 3)


def test_pages_that_batch_jobs_leave_are_drawn_again_with_the_passwords_of_that_process(
    folder: Path, tmp_path: Path
) -> None:
    made: list[str] = []

    def ends(job: str, rows: Mapping[str, Any]) -> End:
        made.append(job)
        return End(rows=[] if job == made[0] else [line(one, rows[one]) for one in rows])

    with served(slip_answer, ends=ends) as (_, server):
        wanted = asked(server.base_url, tmp_path / "lake", folder / "locked.pdf", passwords=RIGHT)
        call(BatchRun.submit, wanted)
        while call(BatchRun.advance, wanted, remainder=Remainder.RESUBMIT).state == "waiting":
            pass

    assert len(set(made)) == 2
    assert records(tmp_path / "lake").height == 1
    told = [path for path in (tmp_path / "lake").rglob("*") if path.is_file() and path.suffix != ".lock"]
    assert told
    assert not [path for path in told if b"open sesame" in path.read_bytes()]
    assert table(tmp_path / "lake", "pages").filter(pl.col("outcome") != "record").is_empty()
