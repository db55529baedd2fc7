"""Nothing in a document is followed or run: no address is called, no file opened, no process begun."""

import ctypes
import functools
import os
import resource
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from pipeline.render.sizing import ImageOptions
from pipeline.render.workers import Rasterizer, RenderLimits
from tests.hostile.leads import leads
from tests.pipeline.render.documents import document
from tests.pipeline.runs import config, run, slip_answer, slip_type
from tests.servers import FaultServer

LEADS = leads()

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform != "linux", reason="watches files and processes as Linux does"),
]

_OPENED = 0x20 | 0x01  # IN_OPEN and IN_ACCESS of inotify(7)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


class Bait:
    """A file that nobody should open and an address that nobody should call, and whether somebody did."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.file = folder / "bait"
        self.file.write_bytes(b"#!/bin/sh\n")
        self.file.chmod(0o700)
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=100)
        self._listening.setblocking(False)
        libc = ctypes.CDLL(None, use_errno=True)
        self._watch = libc.inotify_init1(os.O_NONBLOCK)
        assert libc.inotify_add_watch(self._watch, os.fsencode(folder), _OPENED) >= 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}/bait"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listening.close()
        os.close(self._watch)

    def taken(self) -> list[str]:
        """What somebody did since the last look: the system notes both before the one who did it goes on."""
        return [*self._calls(), *self._openings()]

    def _calls(self) -> Iterator[str]:
        while True:
            try:
                caller, _ = self._listening.accept()
            except BlockingIOError:
                return
            caller.close()
            yield "called"

    def _openings(self) -> Iterator[str]:
        try:
            noted = os.read(self._watch, 65536)
        except BlockingIOError:
            return
        while noted:
            length = struct.unpack_from("iIII", noted)[3]
            yield "opened " + noted[16 : 16 + length].rstrip(b"\0").decode()
            noted = noted[16 + length :]


def children() -> tuple[int, str]:
    """Runs in a worker: memory of processes it began and that ended, and those that did not."""
    tasks = Path("/proc/self/task").glob("*/children")
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt, "".join(one.read_text() for one in tasks)


@pytest.fixture
def bait(tmp_path: Path) -> Iterator[Bait]:
    with Bait(tmp_path / "bait") as bait:
        yield bait


async def test_whoever_takes_the_bait_is_seen(bait: Bait) -> None:
    host, port = bait.url.split("/")[2].split(":")
    assert bait.taken() == []

    bait.file.read_bytes()
    socket.create_connection((host, int(port))).close()
    ran = functools.partial(subprocess.run, [str(bait.file)], check=True)
    async with Rasterizer(ImageOptions(), RenderLimits(workers=1)) as drawing:
        assert await drawing._run("", children) == (0, "")
        await drawing._run("", ran)
        begun, _ = await drawing._run("", children)

    assert bait.taken()[:2] == ["called", "opened bait"]
    assert begun > 0


async def test_no_document_that_leads_elsewhere_is_followed_while_it_is_drawn(
    bait: Bait, tmp_path: Path
) -> None:
    taken: dict[str, list[str]] = {}
    drawn = 0
    async with Rasterizer(ImageOptions(long_side_px=256), RenderLimits(workers=1)) as drawing:
        for name, make in LEADS.items():
            make(tmp_path / name, bait.url, bait.file)
            bait.taken()
            lead = document(tmp_path / name)
            drawn += await drawing.inspect(lead)
            await drawing.measure(lead, [1])
            await drawing.draw(lead, 1)
            if seen := bait.taken():
                taken[name] = seen
        begun = await drawing._run("", children)

    assert taken == {}
    assert begun == (0, "")
    assert drawn == len(LEADS) > 25


@pytest.mark.torture
def test_neither_is_any_in_a_whole_run(bait: Bait, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, make in LEADS.items():
        make(tmp_path / "in" / name, bait.url, bait.file)
    bait.taken()

    with FaultServer(slip_answer) as server:
        asked = config(server.base_url, tmp_path / "lake", tmp_path / "in", record=slip_type("page"))
        summary = run(asked)

    assert bait.taken() == []
    assert summary.documents == len(LEADS)
    assert summary.pages.missing == 0
