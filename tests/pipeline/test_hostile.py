"""Documents made to do harm, all in one folder: each ends as rows or as a failure of its category."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from PIL import Image

from pipeline.render.streaks import FAILED
from pipeline.render.workers import RenderLimits
from pipeline.summary import RunSummary
from tests import hostile
from tests.charts import Draw
from tests.papers import write_pdf
from tests.pipeline.render.documents import bilevel_png, grey_pixels, page_with_image, raw_pdf
from tests.pipeline.runs import config, run, slip_answer, slip_type, table
from tests.servers import FaultServer

LIMITS = RenderLimits(workers=2, timeout_s=3, memory_bytes=256 << 20, pixels=1_000_000)
INK = b"0 0 50 50 re f"


def boxed(box: bytes) -> Callable[[Path], object]:
    return lambda path: hostile.one_page(path, INK, media_box=box)


def sparse(path: Path) -> None:
    path.write_bytes(b"%PDF-1.7\n")
    os.truncate(path, 8 << 30)


def text(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def animation(path: Path) -> None:
    shades = [Image.new("L", (9, 9), shade) for shade in (0, 50, 100)]
    shades[0].save(path, "GIF", save_all=True, append_images=shades[1:])


HOSTILE: dict[str, tuple[Callable[[Path], object], set[str]]] = {
    "good.pdf": (lambda path: write_pdf(path, ["one"]), {"record"}),
    "empty.pdf": (text(b""), {"empty"}),
    "a page of HTML.pdf": (text(b"<html>no</html>"), {"not_a_document"}),
    "cut short.pdf": (text(b"%PDF-1.7\n1 0 obj\n<<"), {"corrupt"}),
    "no pages.pdf": (
        lambda path: raw_pdf(path, b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"),
        {"zero_pages"},
    ),
    "claims pages.pdf": (lambda path: hostile.claiming(path, 1000), {"record", "corrupt"}),
    "claims more than there can be.pdf": (lambda path: hostile.claiming(path, 2**31 - 1), {"record"}),
    "claims fewer than none.pdf": (lambda path: hostile.claiming(path, -1), {"record"}),
    "tree that loops.pdf": (hostile.looping_tree, {"corrupt"}),
    "tree that is deep.pdf": (lambda path: hostile.deep_tree(path, 500), {"blank"}),
    "tree that is far too deep.pdf": (lambda path: hostile.deep_tree(path, 2000), {"corrupt"}),
    "arrays in arrays.pdf": (lambda path: hostile.deep_objects(path, 300_000), {"record"}),
    "huge box.pdf": (boxed(b"0 0 1000000000 1000000000"), {"record", "crashed"}),  # with memory it is drawn
    "1e9 box.pdf": (boxed(b"0 0 1e9 1e9"), {"record"}),
    "box of nothing.pdf": (boxed(b"0 0 0 0"), {"record"}),
    "box of no numbers.pdf": (boxed(b"nan nan inf -inf"), {"record"}),
    "box inside out.pdf": (boxed(b"600 800 0 0"), {"record"}),
    "form in itself.pdf": (hostile.recursive_form, {"crashed", "timeout"}),
    "a billion laughs.pdf": (lambda path: hostile.laughs(path, 9), {"crashed", "timeout"}),
    "bomb of content.pdf": (lambda path: hostile.content_bomb(path, 300_000_000), {"crashed", "too_large"}),
    "strokes without end.pdf": (lambda path: hostile.strokes(path, 300_000), {"timeout"}),
    "bomb in an image.pdf": (
        lambda path: page_with_image(path, grey_pixels(100_000, 100_000)),
        {"corrupt", "crashed", "too_large"},
    ),
    "bomb.png": (lambda path: bilevel_png(path, 20_000, 20_000), {"too_large"}),
    "frames that loop.tiff": (hostile.looping_tiff, {"blank"}),
    "frames.tiff": (lambda path: hostile.frames(path, 1000), {"blank"}),
    "animation.gif": (animation, {"blank"}),
    "sparse.pdf": (sparse, {"too_large"}),
    "control\x1b[31m\u202efdp.pdf": (lambda path: write_pdf(path, ["three"]), {"record"}),
}
"""File, how it is made, and what may become of its pages."""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What came of all of them in one run: it takes long, for some of them take all they are allowed."""
    place = tmp_path_factory.mktemp("hostile")
    (place / "in").mkdir()
    for name, (make, _) in HOSTILE.items():
        make(place / "in" / name)
    os.mkfifo(place / "in" / "pipe.pdf")
    (place / "in" / "round").symlink_to(place / "in")
    (place / "in" / "nowhere.pdf").symlink_to(place / "gone.pdf")
    with socket.socket(socket.AF_UNIX) as listening, FaultServer(slip_answer) as server:
        listening.bind(str(place / "in" / "socket.pdf"))
        summary = run(
            config(server.base_url, place / "lake", place / "in", record=slip_type("page"), limits=LIMITS)
        )
    (place / "summary.json").write_text(summary.model_dump_json())
    return place / "lake"


@pytest.mark.torture
@pytest.mark.parametrize("name", HOSTILE)
def test_each_ends_as_rows_or_as_a_failure_that_says_what_to_do(lake: Path, name: str, chart: Draw) -> None:
    shown = name.replace("\x1b", r"\x1b").replace("\u202e", r"\u202e")
    document = table(lake, "documents").filter(pl.col("path").str.ends_with(f"/{shown}"))
    of_it = pl.col("doc_id").is_in(document["doc_id"].drop_nulls().to_list())
    pages = table(lake, "pages").filter(of_it)
    failures = table(lake, "failures").filter(pl.col("path").str.ends_with(f"/{shown}"))

    ended = {outcome for outcome in pages["outcome"] if outcome != "failed"} | set(failures["category"])
    assert document.height == 1
    assert ended
    assert ended <= HOSTILE[name][1]
    assert len(ended) == (2 if name == "claims pages.pdf" else 1)
    assert failures.select("message", "remedy").null_count().sum_horizontal().sum() == 0
    told = failures["message"].str.replace(r" \d+ ", " … ").unique(maintain_order=True).head(1)
    chart("hostile documents", shown, ", ".join(sorted(ended)), *(told.to_list() or [""]))


@pytest.mark.torture
def test_every_page_is_accounted_for_and_what_is_no_file_is_left_out(lake: Path) -> None:
    summary = RunSummary.model_validate_json((lake.parent / "summary.json").read_bytes())

    assert summary.documents == len(HOSTILE)
    assert summary.pages.missing == 0
    assert {Path(path).name: reason for path, reason in summary.skipped} == {
        "pipe.pdf": "not a regular file",
        "socket.pdf": "not a regular file",
        "round": "a link to a folder that is listed already",
        "nowhere.pdf": "a link that leads nowhere",
    }


@pytest.mark.torture
def test_of_a_long_run_of_failed_pages_the_rest_is_one_failure(lake: Path) -> None:
    failures = table(lake, "failures").filter(pl.col("path").str.ends_with("/claims pages.pdf"))
    rest = failures.sort(pl.col("pages").list.len())[-1]

    assert FAILED <= failures.height <= FAILED + 10
    assert failures["pages"].explode().sort().to_list() == list(range(2, 1001))
    assert rest["message"].str.contains("not tried, after 20. pages in a row that failed").all()
