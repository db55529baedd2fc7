"""Documents made to do harm, all in one folder: each ends as rows or as a failure of its category."""

import asyncio
import os
import re
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path

import polars as pl
import pytest

from pipeline.estimate import plan
from pipeline.render.streaks import FAILED
from pipeline.render.workers import RenderLimits
from pipeline.selection import PageSelection
from pipeline.shard import ShardResult
from pipeline.summary import RunSummary
from tests.charts import Draw
from tests.hostile import structure
from tests.hostile.cases import QUICK, SLOW, Make
from tests.papers import write_pdf
from tests.pipeline.runs import config, run, slip_answer, slip_type, table
from tests.servers import FaultServer, Heard, Reply

LIMITS = RenderLimits(workers=2, timeout_s=4, memory_bytes=256 << 20, pixels=1_000_000)
SHORT = ("good.pdf", "claims a million pages.pdf", "glyph of itself.pdf", "JBIG2 bomb.pdf", "2 to the 31.png")
HOSTILE = QUICK | SLOW
TWO_FATES = {name for name in HOSTILE if name.startswith(("claims two", "claims a million"))}
"""Documents of which some pages are real."""

PARENT_BYTES = 300 << 20
"""What the process that runs it all may come to hold more than before, whatever the documents are."""


def made(folder: Path, cases: Mapping[str, tuple[Make, set[str]]]) -> Path:
    folder.mkdir()
    for name, (make, _) in cases.items():
        make(folder / name)
    return folder


def beside(folder: Path) -> None:
    """What is in a folder and is no document."""
    os.mkfifo(folder / "pipe.pdf")
    (folder / "round").symlink_to(folder)
    (folder / "nowhere.pdf").symlink_to(folder.parent / "gone.pdf")
    (folder / "folder.pdf").mkdir()
    (folder / "drawing.eps").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n")
    (folder / "input that fails.pdf").symlink_to("/proc/self/mem")  # it opens, and reading it is an error


def worked(place: Path, folder: Path) -> RunSummary:
    with FaultServer(slip_answer) as server:
        return run(config(server.base_url, place / "lake", folder, record=slip_type("page"), limits=LIMITS))


def peak_bytes() -> int:
    """Most memory that this process has held since `forget_peak`."""
    return 1024 * int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text("ascii"))[0])


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", "ascii")


def fate(lake: Path, name: str) -> tuple[set[str], pl.DataFrame]:
    """What became of the pages of a document, and its failures."""
    document = table(lake, "documents").filter(pl.col("path").str.ends_with(f"/{name}"))
    of_it = pl.col("doc_id").is_in(document["doc_id"].drop_nulls().to_list())
    pages = table(lake, "pages").filter(of_it)
    failures = table(lake, "failures").filter(pl.col("path").str.ends_with(f"/{name}"))
    assert document.height == 1
    return {outcome for outcome in pages["outcome"] if outcome != "failed"} | set(
        failures["category"]
    ), failures


def short(texts: Iterable[str]) -> str:
    """The first of them, without figures of the machine."""
    return next((re.sub(r"\d{4,}", "…", text) for text in texts), "")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What came of all of them in one run: it takes long, for some of them take all they are allowed."""
    place = tmp_path_factory.mktemp("hostile")
    folder = made(place / "in", HOSTILE)
    beside(folder)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "socket.pdf"))
        forget_peak()
        before = peak_bytes()
        summary = worked(place, folder)
    (place / "grown").write_text(str(peak_bytes() - before), "ascii")
    (place / "summary.json").write_text(summary.model_dump_json())
    return place / "lake"


def test_bad_documents_cost_themselves_and_their_pages_only(tmp_path: Path) -> None:
    folder = made(tmp_path / "in", {name: QUICK[name] for name in SHORT})

    summary = worked(tmp_path, folder)

    assert summary.pages.missing == 0
    for name in SHORT:
        ended, failures = fate(tmp_path / "lake", name)
        assert ended == HOSTILE[name][1], name
        assert failures["remedy"].str.len_chars().gt(20).all()


@pytest.mark.torture
@pytest.mark.parametrize("name", HOSTILE)
def test_each_ends_as_rows_or_as_a_failure_that_says_what_to_do(lake: Path, name: str, chart: Draw) -> None:
    shown = name.replace("\x1b", r"\x1b").replace("\u202e", r"\u202e")

    ended, failures = fate(lake, shown)

    chart(
        "hostile documents",
        shown,
        ", ".join(sorted(ended)),
        short(failures["message"]),
        short(failures["remedy"]),
    )
    assert ended
    assert ended <= HOSTILE[name][1]
    assert len(ended) == (2 if name in TWO_FATES else 1)
    assert failures.select("message", "remedy").null_count().sum_horizontal().sum() == 0


@pytest.mark.torture
def test_every_page_is_accounted_for_and_what_is_no_file_is_left_out(lake: Path) -> None:
    summary = RunSummary.model_validate_json((lake.parent / "summary.json").read_bytes())
    ended, failures = fate(lake, "input that fails.pdf")

    assert summary.documents == len(HOSTILE) + 1
    assert summary.pages.missing == 0
    assert ended == {"unreadable"}
    assert "Input/output error" in failures["message"][0]
    assert {Path(path).name: reason for path, reason in summary.skipped} == {
        "pipe.pdf": "not a regular file",
        "socket.pdf": "not a regular file",
        "round": "a link to a folder that is listed already",
        "nowhere.pdf": "a link that leads nowhere",
        "drawing.eps": "not a PDF or an image",
    }


@pytest.mark.torture
def test_the_process_that_runs_it_all_holds_none_of_it(lake: Path, chart: Draw) -> None:
    grown = int((lake.parent / "grown").read_text("ascii"))

    chart("hostile documents", "all of them", f"+{grown >> 20} MiB", "more memory of the parent", "")
    assert grown < PARENT_BYTES


@pytest.mark.torture
def test_of_a_long_run_of_failed_pages_the_rest_is_one_failure(lake: Path) -> None:
    _, failures = fate(lake, "a thousand broken pages.pdf")
    rest = failures.sort(pl.col("pages").list.len())[-1]

    assert FAILED <= failures.height <= FAILED + 10
    assert failures["pages"].explode().sort().to_list() == list(range(1, 1001))
    assert rest["message"].str.contains("not tried, after 20. pages in a row that failed").all()


@pytest.mark.parametrize("real", [1, 3])
def test_pages_that_are_claimed_and_nowhere_are_one_failed_page(tmp_path: Path, real: int) -> None:
    (tmp_path / "in").mkdir()
    structure.many_pages(tmp_path / "in" / "a.pdf", real, claimed=1_000_000)

    summary = worked(tmp_path, tmp_path / "in")
    planned = asyncio.run(
        plan(config("http://127.0.0.1:9/v1", tmp_path / "other", tmp_path / "in", record=slip_type("page")))
    )

    assert (summary.pages.found, summary.pages.in_records, summary.pages.failed) == (real + 1, real, 1)
    (failure,) = summary.failures
    assert failure.pages == [real + 1]
    assert "the file says that it has 1000000 pages, and none can be found from this one" in failure.message
    assert (planned.documents, planned.pages, planned.requests) == (1, real + 1, real)
    assert [(one.category, one.pages) for one in planned.unusable] == [("corrupt", [real + 1])]


@pytest.mark.torture
@pytest.mark.parametrize(
    ("name", "count", "make"),
    [("a.pdf", 100_000, structure.many_pages), ("a.tiff", 20_000, structure.frames)],
)
def test_as_many_real_pages_as_there_are_become_rows(
    tmp_path: Path, name: str, count: int, make: Callable[[Path, int], object], chart: Draw
) -> None:
    (tmp_path / "in").mkdir()
    make(tmp_path / "in" / name, count)
    wanted = PageSelection.parse(f"1-50,{count - 49}-")
    page = slip_type("page")

    with FaultServer(slip_answer) as server:
        forget_peak()
        before = peak_bytes()
        summary = run(config(server.base_url, tmp_path / "lake", tmp_path / "in", record=page, pages=wanted))

    pages = summary.pages
    chart("hostile documents", f"{count} pages, 100 of them asked for ({name})", "rows for all", "", "")
    assert (pages.found, pages.in_records + pages.blank, pages.skipped) == (count, 100, count - 100)
    assert table(tmp_path / "lake", "pages").height == count
    assert peak_bytes() - before < PARENT_BYTES


def test_files_that_change_or_vanish_during_the_run_are_unreadable_and_the_others_are_worked(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "in"
    for number in range(20):
        write_pdf(folder / f"{number:02}.pdf", [f"paper {number}"])
    done: list[str] = []

    async def meanwhile(label: str, call: Callable[[], Awaitable[ShardResult]]) -> ShardResult:
        if not done:  # the first few are hashed and opened by now, the last ones are listed
            (folder / "00.pdf").unlink()
            write_pdf(folder / "01.pdf", ["something else"])
            (folder / "18.pdf").unlink()
            write_pdf(folder / "19.pdf", ["changed before it was read"])
        done.append(label)
        return await call()

    with FaultServer(slip_answer) as server:
        asked = config(server.base_url, tmp_path / "lake", folder, shard_pages=2, in_flight=1)
        summary = run(asked, wrap=meanwhile)

    assert {Path(one.path).name: one.category for one in summary.failures} == {
        "00.pdf": "unreadable",
        "01.pdf": "unreadable",
        "18.pdf": "unreadable",
    }
    assert (summary.documents, summary.records, summary.pages.missing) == (20, 17, 0)


@pytest.mark.torture
def test_a_file_that_is_cut_short_while_it_is_drawn_keeps_what_was_drawn(tmp_path: Path) -> None:
    papers = write_pdf(tmp_path / "in" / "a.pdf", [f"page {number}" for number in range(600)])

    def cuts(heard: Heard) -> Reply:
        os.truncate(papers, 9)
        return slip_answer(heard)

    with FaultServer(cuts) as server:
        asked = config(
            server.base_url, tmp_path / "lake", tmp_path / "in", record=slip_type("page"), in_flight=1
        )
        summary = run(asked)

    assert summary.pages.in_records > 0
    assert summary.pages.failed > 0
    assert summary.pages.missing == 0
    assert {one.category for one in summary.failures} == {"unreadable"}
    assert any("changed while it was being worked" in one.message for one in summary.failures)
