"""A page that crashes, hangs or swells costs that page; the workers heal, and go when their parent goes."""

import asyncio
import functools
import io
import json
import logging
import math
import multiprocessing
import os
import resource
import select
import signal
import sys
import time
import warnings
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pebble import ProcessExpired
from PIL import Image

from pipeline.errors import Category, ConfigError, DocumentError
from pipeline.logged import about, write_lines
from pipeline.records import Document, PageImage, Source
from pipeline.render import tasks
from pipeline.render.passwords import Passwords
from pipeline.render.sizing import ImageOptions
from pipeline.render.workers import Rasterizer, RenderLimits
from pipeline.sources import identify
from pipeline.views import Band, View
from tests.papers import write_pdf
from tests.pipeline.render.documents import (
    bilevel_png,
    compute,
    document,
    encrypted,
    hold,
    open_files,
    pdf,
    raw_pdf,
    slow_form,
    text,
)

pytestmark = pytest.mark.anyio
SMALL = ImageOptions(long_side_px=256)
SEGFAULT = functools.partial(signal.raise_signal, signal.SIGSEGV)


def rasterizer(**limits: Any) -> Rasterizer:
    return Rasterizer(SMALL, RenderLimits(**{"workers": 2, **limits}))


@pytest.fixture(scope="module")
async def drawing() -> AsyncIterator[Rasterizer]:
    """Shared by the tests that want nothing special of it."""
    async with rasterizer() as shared:
        yield shared


@pytest.fixture
def letters(tmp_path: Path) -> Document:
    """27 pages, each with one line."""
    return document(pdf(tmp_path / "letters.pdf", *(text(f"page {n}") for n in range(27))))


async def outcome(rasterizer: Rasterizer, work: Callable[[], object]) -> DocumentError:
    """What becomes of a piece of work that takes the way of every page."""
    with pytest.raises(DocumentError) as caught:
        await rasterizer._run("page 7: ", work)
    return caught.value


async def test_pages_are_counted_measured_and_drawn(drawing: Rasterizer, letters: Document) -> None:
    sizes = await drawing.measure(letters, [1, 27])
    page = await drawing.draw(letters, 3)

    assert await drawing.inspect(letters) == 27
    assert [round(side) for size in sizes for side in size or ()] == [595, 842] * 2
    assert (page.number, page.height_px, page.media_type, page.has_text) == (3, 256, "image/jpeg", True)
    assert page.data.startswith(b"\xff\xd8")


async def test_frames_of_an_image_are_pages(drawing: Rasterizer, tmp_path: Path) -> None:
    frames = [Image.new("L", (100, 50 + n)) for n in range(3)]
    frames[0].save(tmp_path / "a.tiff", save_all=True, append_images=frames[1:])
    scan = document(tmp_path / "a.tiff")

    assert await drawing.inspect(scan) == 3
    assert [(await drawing.draw(scan, n)).height_px for n in (3, 1, 2)] == [52, 50, 51]
    assert await drawing.measure(scan, [2]) == [(100.0, 51.0)]


@pytest.mark.parametrize(
    ("work", "category", "said"),
    [
        (SEGFAULT, Category.CRASHED, "SIGSEGV"),
        (functools.partial(os.abort), Category.CRASHED, "SIGABRT"),
        (functools.partial(os._exit, 3), Category.CRASHED, "exit code 3"),
        (functools.partial(time.sleep, 600), Category.TIMEOUT, "1.5 seconds"),
        (functools.partial(hold, [1 << 40]), Category.TOO_LARGE, "memory"),
        (functools.partial(int, "surprise"), Category.CRASHED, "ValueError"),
    ],
)
async def test_whatever_happens_in_a_worker_costs_one_page(
    letters: Document, work: Callable[[], object], category: Category, said: str
) -> None:
    drawn: list[PageImage] = []

    async with rasterizer(timeout_s=1.5) as drawing, asyncio.TaskGroup() as group:

        async def draw(number: int) -> None:
            drawn.append(await drawing.draw(letters, number))

        for number in range(1, 14):
            group.create_task(draw(number))
        bad = group.create_task(outcome(drawing, work))
        for number in range(14, 28):
            group.create_task(draw(number))

    assert sorted(page.number for page in drawn) == list(range(1, 28))
    assert bad.result().category is category
    assert str(bad.result()).startswith("page 7: ")
    assert said in str(bad.result())


@pytest.mark.parametrize("hours", [5, -5])
async def test_a_clock_that_is_set_meanwhile_ends_no_page_and_lets_none_hang(
    hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_after, true_time = [False], time.time
    monkeypatch.setattr(time, "time", lambda: true_time() + hours * 3600 * set_after[0])

    async with rasterizer(workers=2, timeout_s=1) as drawing:
        await drawing._run("", os.getpid)  # both are there
        async with asyncio.TaskGroup() as group:
            slow = group.create_task(drawing._run("", functools.partial(time.sleep, 0.6)))
            hanging = group.create_task(outcome(drawing, functools.partial(time.sleep, 600)))
            await asyncio.sleep(0.3)
            set_after[0] = True

    assert slow.result() is None
    assert hanging.result().category is Category.TIMEOUT


async def test_many_crashes_in_a_row_wear_nothing_out(letters: Document) -> None:
    async with rasterizer() as drawing:
        for _ in range(4):
            assert (await outcome(drawing, SEGFAULT)).category is Category.CRASHED
        assert not (await drawing.draw(letters, 1)).blank


async def test_a_worker_killed_while_idle_is_replaced(letters: Document) -> None:
    async with rasterizer(workers=1) as drawing:
        for _ in range(2):
            os.kill(await drawing._run("", os.getpid), signal.SIGKILL)
            assert not (await drawing.draw(letters, 1)).blank


async def test_a_page_that_swells_over_the_memory_limit_is_too_large(
    tmp_path: Path, letters: Document
) -> None:
    swelling = document(bilevel_png(tmp_path / "bomb.png", 20_000, 20_000))

    async with rasterizer(memory_bytes=256 << 20, pixels=10**9) as drawing:
        with pytest.raises(DocumentError) as caught:
            await drawing.draw(swelling, 1)
        assert caught.value.category is Category.TOO_LARGE
        assert not (await drawing.draw(letters, 1)).blank


async def test_an_image_over_the_pixel_limit_is_too_large(drawing: Rasterizer, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="page 1: the image has 20000 x 20000 pixels") as caught:
        await drawing.draw(document(bilevel_png(tmp_path / "bomb.png", 20_000, 20_000)), 1)

    assert caught.value.category is Category.TOO_LARGE


async def test_a_form_that_hangs_is_left_out_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hanging = document(slow_form(tmp_path / "form.pdf"))

    async with rasterizer(timeout_s=2) as drawing:
        page = await drawing.draw(hanging, 1)

    assert page.has_text
    assert not page.blank
    assert "form.pdf is drawn without its form fields" in caplog.text


async def test_a_file_that_changed_since_it_was_hashed_is_refused(
    drawing: Rasterizer, letters: Document
) -> None:
    await drawing.draw(letters, 1)

    for changed in (
        replace(letters, modified_ns=letters.modified_ns - 1),
        replace(letters, size_bytes=letters.size_bytes - 1),
    ):
        with pytest.raises(DocumentError, match="changed") as caught:
            await drawing.draw(changed, 1)
        assert caught.value.category is Category.UNREADABLE


async def test_a_file_that_vanished_is_refused_even_when_it_was_open(
    drawing: Rasterizer, letters: Document
) -> None:
    await drawing.draw(letters, 1)
    os.unlink(letters.path)  # noqa: PTH108 - as the file system spells it

    with pytest.raises(DocumentError) as caught:
        await drawing.draw(letters, 1)

    assert caught.value.category is Category.UNREADABLE


async def test_passwords_reach_the_worker(tmp_path: Path) -> None:
    path = encrypted(pdf(tmp_path / "plain.pdf", text("x")), tmp_path / "a.pdf", user="open", owner="own")
    shut = document(path)

    for password, category in ((None, Category.ENCRYPTED), ("no", Category.WRONG_PASSWORD)):
        async with Rasterizer(SMALL, RenderLimits(workers=1), Passwords(for_all=password)) as drawing:
            with pytest.raises(DocumentError) as caught:
                await drawing.inspect(shut)
        assert caught.value.category is category
    async with Rasterizer(SMALL, RenderLimits(workers=1), Passwords(for_all="open")) as drawing:
        page = await drawing.draw(shut, 1)
        again = await drawing.redraw(shut, page, View(band=Band(1, 2)))
        assert await drawing.inspect(shut) == len(await drawing.measure(shut, [1])) == 1
    assert page.has_text
    assert again.height_px < page.height_px


async def test_a_document_without_pages_is_refused(drawing: Rasterizer, tmp_path: Path) -> None:
    nobody = raw_pdf(tmp_path / "a.pdf", b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>")

    with pytest.raises(DocumentError) as caught:
        await drawing.inspect(document(nobody))

    assert caught.value.category is Category.ZERO_PAGES


async def test_relative_and_odd_names_are_found(
    drawing: Rasterizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pdf(tmp_path / "plain.pdf", text("x"))
    os.rename(os.fsencode(tmp_path / "plain.pdf"), os.fsencode(tmp_path) + b"/caf\xe9.pdf")  # noqa: PTH104 - bytes
    monkeypatch.chdir(tmp_path)

    assert await drawing.inspect(document(Path("caf\udce9.pdf"))) == 1


async def test_the_loop_stays_free_while_pages_are_drawn(drawing: Rasterizer, letters: Document) -> None:
    late: list[float] = []

    async def watch() -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            late.append(time.monotonic() - before - 0.01)

    async with asyncio.TaskGroup() as group:
        watching = group.create_task(watch())
        await asyncio.gather(*(drawing.draw(letters, n) for n in range(1, 28)))
        await outcome(drawing, SEGFAULT)
        watching.cancel()

    assert sorted(late)[len(late) // 2] < 0.05


async def test_a_cancelled_page_frees_its_worker(letters: Document) -> None:
    async with rasterizer(workers=1) as drawing:
        await drawing.inspect(letters)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(drawing._run("", functools.partial(time.sleep, 600)), 0.3)

        assert not (await asyncio.wait_for(drawing.draw(letters, 1), 20)).blank


async def test_leaving_with_work_queued_is_prompt_and_ends_the_waiting(letters: Document) -> None:
    async with rasterizer(workers=1) as leaving:
        await leaving.inspect(letters)
        hang = functools.partial(time.sleep, 600)
        hanging = [asyncio.ensure_future(leaving._run("", hang)) for _ in range(20)]
        await asyncio.sleep(0)
        started = time.monotonic()
    ended, waiting = await asyncio.wait(hanging, timeout=20)

    assert time.monotonic() - started < 10
    assert (len(ended), len(waiting)) == (20, 0)
    assert all(task.cancelled() or isinstance(task.exception(), RuntimeError) for task in ended)


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
async def test_a_worker_keeps_eight_documents_open_the_latest_and_no_single_picture(tmp_path: Path) -> None:
    pdfs = [document(pdf(tmp_path / f"{n}.pdf", text("x"))) for n in range(10)]
    Image.new("L", (9, 9)).save(tmp_path / "a.png")
    Image.new("L", (9, 9)).save(tmp_path / "a.tiff", save_all=True, append_images=[Image.new("L", (9, 9))])
    pictures = [document(tmp_path / "a.png"), document(tmp_path / "a.tiff")]

    async with rasterizer(workers=1) as drawing:
        for one in (pdfs[0], *pictures, *pdfs[1:7], pdfs[0]):
            await drawing.draw(one, 1)
        half = await drawing._run("", open_files)
        for one in pdfs[7:]:
            await drawing.draw(one, 1)
        full = await drawing._run("", open_files)

    assert half == {*(f"{n}.pdf" for n in range(7)), "a.tiff"}
    assert full == {"0.pdf", *(f"{n}.pdf" for n in range(3, 10))}


async def test_workers_are_replaced_after_their_share_of_pages_and_what_they_leaked_goes() -> None:
    async with rasterizer(workers=1, pages_per_worker=3) as drawing:
        seen = [await drawing._run("", os.getpid) for _ in range(8)]

    assert [seen.count(worker) for worker in dict.fromkeys(seen)] == [3, 3, 2]


async def test_processor_time_is_limited_for_each_page_anew() -> None:
    limit = functools.partial(resource.getrlimit, resource.RLIMIT_CPU)
    async with rasterizer(workers=1, timeout_s=30) as drawing:
        used, (first, _) = await drawing._run("", time.process_time), await drawing._run("", limit)
        await drawing._run("", functools.partial(compute, 1))
        later, _ = await drawing._run("", limit)
        over = await outcome(drawing, functools.partial(signal.raise_signal, signal.SIGXCPU))

    assert first in {math.ceil(used) + 31, math.ceil(used) + 32}
    assert later in {first + 1, first + 2}
    assert over.category is Category.TIMEOUT
    assert "within 31 seconds of processor time" in str(over)


async def test_a_page_ends_at_its_limit_of_processor_time_when_no_clock_ends_it(letters: Document) -> None:
    async with rasterizer(workers=1) as drawing:
        await drawing.inspect(letters)
        spent = drawing._pool.schedule(tasks.attempt, functools.partial(compute, 60), 1, timeout_s=120)
        with pytest.raises(ProcessExpired) as caught:
            await asyncio.wrap_future(spent)

    assert caught.value.exitcode == -signal.SIGXCPU


async def test_workers_give_way_to_others_and_leave_no_core_dumps() -> None:
    async with rasterizer(workers=1, memory_bytes=1 << 30) as drawing:
        assert await drawing._run("", functools.partial(os.nice, 0)) >= 10
        limit = await drawing._run("", functools.partial(resource.getrlimit, resource.RLIMIT_AS))
        core = await drawing._run("", functools.partial(resource.getrlimit, resource.RLIMIT_CORE))

    assert limit[0] == 1 << 30
    assert core == (0, 0)


@pytest.mark.slow
async def test_memory_does_not_grow_with_the_pages(tmp_path: Path) -> None:
    long = document(pdf(tmp_path / "long.pdf", *(text(f"page {n} " * 5) for n in range(500))))
    peak = functools.partial(resource.getrusage, resource.RUSAGE_SELF)

    async with rasterizer(workers=1) as drawing:
        await asyncio.gather(*(drawing.draw(long, n) for n in range(1, 101)))
        early = (await drawing._run("", peak)).ru_maxrss
        await asyncio.gather(*(drawing.draw(long, n) for n in range(101, 501)))
        late = (await drawing._run("", peak)).ru_maxrss

    assert late < early * 1.15


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs a handle on a process that is no child")
async def test_no_worker_outlives_a_killed_parent(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    script = tmp_path / "parent.py"
    script.write_text(
        "import asyncio, functools, sys\n"
        "from pipeline.render.sizing import ImageOptions\n"
        "from pipeline.render.workers import Rasterizer, RenderLimits\n"
        "from tests.pipeline.render.documents import announce_and_hang\n"
        "async def main():\n"
        "    async with Rasterizer(ImageOptions(), RenderLimits(workers=2)) as drawing:\n"
        f"        await drawing._run('', functools.partial(announce_and_hang, {str(pipe)!r}))\n"
        "if __name__ == '__main__':\n"
        "    asyncio.run(main())\n",
        encoding="utf-8",
    )
    root = Path(__file__).parents[3]
    parent = await asyncio.create_subprocess_exec(
        sys.executable, script, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}
    )
    worker = int(await asyncio.to_thread(pipe.read_text, "ascii"))
    handle = os.pidfd_open(worker)
    parent.kill()
    await parent.wait()
    ended, _, _ = await asyncio.to_thread(select.select, [handle], [], [], 20)
    os.close(handle)

    assert ended


@pytest.mark.parametrize(
    "change", [{"workers": 0}, {"timeout_s": 0}, {"memory_bytes": 1 << 20}, {"pixels": 0}]
)
async def test_impossible_limits_are_refused(change: dict[str, int]) -> None:
    with pytest.raises(ConfigError):
        RenderLimits(**change)


async def test_no_process_is_started_before_a_page_is_asked_for() -> None:
    before = set(multiprocessing.active_children())

    async with Rasterizer(ImageOptions(), RenderLimits(workers=1)):
        assert set(multiprocessing.active_children()) == before


async def test_a_signal_to_the_group_of_the_command_does_not_reach_the_workers(tmp_path: Path) -> None:
    page = write_pdf(tmp_path / "a.pdf", ["text"])
    async with Rasterizer(ImageOptions(), RenderLimits(workers=1)) as rasterizer:
        await rasterizer.draw(identify(Source(str(page), page.stat().st_size)), 1)
        groups = {os.getpgid(worker.pid or 0) for worker in multiprocessing.active_children()}

    assert groups
    assert os.getpgid(0) not in groups


def warned() -> str:
    """What a warning makes this process write."""
    (handler,) = logging.getLogger().handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written := io.StringIO())
    warnings.warn("odd fonts", stacklevel=1)
    return written.getvalue()


async def test_what_a_worker_warns_of_is_a_log_line_that_says_of_what() -> None:
    write_lines("json")
    try:
        async with rasterizer(workers=1) as drawing:
            with about(run="r", path="a.pdf", page=7):
                line = json.loads(await drawing._run("", warned))
    finally:
        write_lines(None)

    assert "odd fonts" in line["message"]
    assert (line["level"], line["logger"], line["page"]) == ("warning", "py.warnings", 7)
