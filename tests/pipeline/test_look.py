"""Files that come, change, move and go between the runs of a lake."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.look import Look
from pipeline.rebuild import rebuild
from pipeline.records import Skipped, Source
from pipeline.selection import PageSelection
from pipeline.store.listing import Listing
from pipeline.store.parquet import write_rows
from pipeline.store.results import documents_in, scan_records
from pipeline.store.tables import DOCUMENTS
from pipeline.summary import FileChanges, RunState
from tests.papers import write_pdf
from tests.pipeline.folders import Folder
from tests.pipeline.runs import records, slip_answer, slip_type, table
from tests.servers import FaultServer


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with FaultServer(slip_answer) as started:
        yield started


@pytest.fixture
def folder(tmp_path: Path, server: FaultServer) -> Folder:
    made = Folder(tmp_path, server)
    for name in "abc":
        made.put(f"{name}.pdf", f"this is {name}")
    return made


def test_a_removed_file_marks_its_rows_in_every_table_and_comes_back_at_no_cost(folder: Folder) -> None:
    (folder.files / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    folder.run()
    for name in ("a.pdf", "broken.pdf"):
        (folder.files / name).rename(folder.lake.parent / name)
    gone = folder.run()
    marks, current = folder.marks(), folder.names()
    (folder.lake.parent / "a.pdf").rename(folder.files / "a.pdf")
    back = folder.run()

    assert (gone.files.removed, gone.files.unchanged, gone.requests) == (2, 2, 0)
    assert sorted(gone.files.removed_files) == [str(folder.files / name) for name in ("a.pdf", "broken.pdf")]
    assert marks == {"a.pdf": {True}, "broken.pdf": {True}, "b.pdf": {False}, "c.pdf": {False}}
    assert current == ["b.pdf", "c.pdf"]
    assert (back.files.returned, back.files.unchanged, back.requests) == (1, 2, 0)
    assert folder.names() == ["a.pdf", "b.pdf", "c.pdf"]
    assert folder.is_sound()


def test_a_replaced_file_marks_the_rows_of_its_older_bytes_until_they_are_back(folder: Folder) -> None:
    folder.run()
    shutil.copy(folder.files / "a.pdf", folder.lake.parent / "older.pdf")
    folder.put("a.pdf", "this is another")
    changed = folder.run()
    names, held = folder.names(), records(folder.lake).height
    shutil.copy(folder.lake.parent / "older.pdf", folder.files / "a.pdf")
    back = folder.run()

    assert (changed.files.changed, changed.files.unchanged, changed.requests) == (1, 2, 1)
    assert (names, held) == (["a.pdf", "b.pdf", "c.pdf"], 4)
    assert (back.files.changed, back.requests) == (1, 0)
    assert folder.names() == ["a.pdf", "b.pdf", "c.pdf"]
    assert records(folder.lake).height == 4
    assert folder.is_sound()


def test_rows_stay_while_what_took_their_place_gives_none(folder: Folder) -> None:
    folder.run()
    (folder.files / "a.pdf").write_bytes(b"%PDF-1.4 half a file")
    broken = folder.run()
    current = folder.names()
    folder.put("a.pdf", "whole again, and other")
    whole = folder.run()

    assert (broken.state, broken.files.changed) == (RunState.FAILURES, 1)
    assert current == ["a.pdf", "b.pdf", "c.pdf"]
    assert (whole.state, whole.requests) == (RunState.COMPLETE, 1)
    assert len(folder.names()) == 3
    assert folder.is_sound()


def test_a_renamed_file_takes_its_records_along(folder: Folder) -> None:
    folder.run()
    (folder.files / "deep").mkdir()
    (folder.files / "a.pdf").rename(folder.files / "deep" / "z.pdf")
    moved = folder.run()
    again = folder.run()

    assert (moved.files.renamed, moved.files.new, moved.files.removed) == (1, 0, 0)
    assert (again.files.unchanged, again.files.new) == (3, 0)
    assert folder.names() == ["b.pdf", "c.pdf", "z.pdf"]
    assert sorted(table(folder.lake, "documents")["path"]) == folder.current()
    assert sorted(table(folder.lake, "records/schema=slip.entries")["_source"]) == folder.current()


def test_of_equal_files_the_last_takes_the_rows_along(folder: Folder) -> None:
    shutil.copy(folder.files / "a.pdf", folder.files / "copy.pdf")
    folder.run()
    (folder.files / "a.pdf").unlink()
    one_left = folder.run()
    sources = folder.names()
    (folder.files / "copy.pdf").unlink()
    folder.run()

    assert (one_left.files.removed, one_left.requests) == (1, 0)
    assert sources == ["b.pdf", "c.pdf", "copy.pdf"]
    assert folder.names() == ["b.pdf", "c.pdf"]


def test_prune_drops_the_rows_and_keeps_the_answers(folder: Folder) -> None:
    folder.run()
    kept = folder.put("a.pdf", "this is a").rename(folder.lake.parent / "a.pdf")
    pruned = folder.run(prune=True)
    rows = {name: table(folder.lake, name).height for name in ("documents", "pages", "answers")}
    shutil.move(kept, folder.files / "a.pdf")
    back = folder.run()

    assert (pruned.files.removed, pruned.files.pruned) == (1, 1)
    assert rows == {"documents": 2, "pages": 2, "answers": 3}
    assert (back.files.new, back.requests, back.answers_reused) == (1, 0, 1)
    assert folder.names() == ["a.pdf", "b.pdf", "c.pdf"]
    assert folder.is_sound()


def test_a_run_over_other_sources_or_over_some_marks_nothing(folder: Folder) -> None:
    write_pdf(folder.lake.parent / "other" / "x.pdf", ["x"])
    folder.run()
    (folder.files / "a.pdf").unlink()
    elsewhere = folder.run(folder.lake.parent / "other")
    some = folder.run(limit=1)
    by_pattern = folder.run(f"{folder.files}/[bc].pdf")
    unmarked = folder.names()
    by_other_pattern = folder.run(f"{folder.files}/[a-b].p*")

    assert [one.files.removed for one in (elsewhere, some, by_pattern)] == [0, 0, 0]
    assert unmarked == ["a.pdf", "b.pdf", "c.pdf", "x.pdf"]
    assert by_other_pattern.files.removed == 1
    assert folder.names() == ["b.pdf", "c.pdf", "x.pdf"]


def test_a_source_that_is_empty_all_at_once_is_not_believed(folder: Folder) -> None:
    write_pdf(folder.lake.parent / "other" / "x.pdf", ["x"])
    both = (folder.files, folder.lake.parent / "other")
    folder.run(*both)
    shutil.rmtree(folder.files)
    folder.files.mkdir()
    doubted = folder.run(*both)
    current = len(folder.names())
    accepted = folder.run(*both, accept_removed=True)

    assert (doubted.files.doubted, doubted.files.removed, doubted.state) == (3, 0, RunState.COMPLETE)
    assert current == 4
    assert "3 are gone, and 0 are there" in doubted.files.doubts[0]
    assert str(folder.files) in doubted.files.doubts[0]
    assert (accepted.files.doubted, accepted.files.removed) == (0, 3)
    assert folder.names() == ["x.pdf"]


def test_a_folder_is_the_same_by_whatever_name(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.lake.parent)
    folder.run("in")
    (folder.files / "a.pdf").unlink()
    absolute = folder.run(folder.files)

    assert (absolute.files.unchanged, absolute.files.removed) == (2, 1)
    assert table(folder.lake, "documents")["path"].sort().to_list() == ["in/a.pdf", "in/b.pdf", "in/c.pdf"]


def test_a_list_speaks_for_the_files_that_it_names(folder: Folder) -> None:
    names = folder.lake.parent / "names.txt"
    names.write_text(f"{folder.files}/a.pdf\n{folder.files}/b.pdf\n")
    folder.run(f"@{names}")
    (folder.files / "a.pdf").unlink()
    gone = folder.run(f"@{names}")

    assert (gone.files.removed, gone.documents_failed) == (1, 1)
    assert folder.names() == ["b.pdf"]


def test_names_that_are_not_text_are_told_apart(folder: Folder) -> None:
    raw = [os.fsencode(folder.files) + b"/" + name for name in (b"\xff.pdf", b"\xfe.pdf")]
    for number, path in enumerate(raw):
        shutil.move(folder.put("new.pdf", f"raw {number}"), os.fsdecode(path))
    folder.run()
    Path(os.fsdecode(raw[0])).unlink()
    gone = folder.run()

    assert (gone.files.removed, gone.files.unchanged) == (1, 4)
    assert folder.names() == [r"\xfe.pdf", "a.pdf", "b.pdf", "c.pdf"]


def test_a_document_that_is_asked_nothing_keeps_what_the_lake_has_of_it(folder: Folder) -> None:
    folder.run()
    nothing = folder.run(pages=PageSelection.parse("7-"))
    again = folder.run()

    assert (nothing.documents_reused, nothing.records, nothing.requests) == (3, 3, 0)
    assert folder.names() == ["a.pdf", "b.pdf", "c.pdf"]
    assert (again.documents_reused, again.requests) == (3, 0)
    assert folder.is_sound()


def test_a_plan_says_what_became_of_files_and_what_that_costs(folder: Folder) -> None:
    folder.run()
    folder.put("a.pdf", "this is another")
    folder.put("new.pdf", "and this is new")
    (folder.files / "b.pdf").rename(folder.files / "z.pdf")
    (folder.files / "c.pdf").unlink()
    told = folder.plan()
    done = folder.run()

    assert told.requests == done.requests == 2
    assert told.files.model_dump() == done.files.model_dump()
    assert (told.files.new, told.files.changed, told.files.renamed, told.files.removed) == (1, 1, 1, 1)
    assert told.files.removed_files == [str(folder.files / "c.pdf")]


def test_exports_hold_what_is_current_unless_all_is_asked_for(folder: Folder) -> None:
    folder.run()
    (folder.files / "a.pdf").unlink()
    folder.run()

    assert scan_records(folder.lake, "slip").collect()["_source"].sort().to_list() == folder.current()
    assert scan_records(folder.lake, "slip", removed=True).collect().height == 3
    assert {Path(one.path).name for one in documents_in(folder.lake, "slip")} == {"b.pdf", "c.pdf"}


def test_records_that_are_derived_anew_keep_their_marks(folder: Folder) -> None:
    folder.run()
    (folder.files / "a.pdf").unlink()
    folder.put("b.pdf", "this is another")
    folder.run()
    before = folder.marks()
    asyncio.run(rebuild(folder.lake, slip_type()))

    assert folder.marks() == before
    assert folder.names() == ["b.pdf", "c.pdf"]
    assert folder.is_sound()


def looked(lake: Path, sources: list[str], *found: Source | Skipped) -> FileChanges:
    """What a whole look comes to that finds objects in buckets, none of which can be read."""
    look = Look(sources, Listing.load(lake, "slip"))
    for one in found:
        if isinstance(one, Skipped):
            look.skip(one)
        else:
            look.see(one, None)
    return look.conclude(whole=True, accept=True).changes


def test_what_a_bucket_lists_is_there_whatever_the_disk_says(tmp_path: Path) -> None:
    rows = [
        dict.fromkeys(DOCUMENTS.columns)
        | {
            "schema": "slip",
            "doc_id": name,
            "path": f"s3://b/in/{name}",
            "place": f"s3://b/in/{name}".encode(),
        }
        for name in ("a.pdf", "b.pdf", "c.pdf")
    ]
    part = tmp_path / "documents" / "part-20260101T000000000000-00001-000.parquet"
    write_rows(part, rows, DOCUMENTS.columns)
    seen = (Source("s3://b/in/a.pdf", 1), Skipped("s3://b/in/b.pdf", "not a PDF or an image"))

    gone = "s3://b/in/c.pdf"
    whole = looked(tmp_path, ["s3://b/in"], *seen)
    named = looked(tmp_path, [gone], Skipped(gone, "there is nothing at this address"))

    assert (whole.changed, whole.removed_files) == (1, [gone])
    assert named.removed_files == [gone]
