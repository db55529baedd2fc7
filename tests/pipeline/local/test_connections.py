"""Connections whose callers do not what is due, to a real server with little patience."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import ClassVar

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.local.connections import Connection
from pipeline.local.server import listening_on

HEAD = b"POST /size HTTP/1.1\r\nhost: here\r\ncontent-length: %d\r\n\r\n"


async def size(request: Request) -> Response:
    """How long the body is."""
    return Response(str(len(await request.body())))


async def large(_: Request) -> Response:
    """More than fits into the buffers between us."""
    return Response(b"x" * 2**25)


async def early(_: Request) -> Response:
    """An answer without a look at the body."""
    return Response("no", 401)


APP = Starlette(
    routes=[
        Route("/size", size, methods=["POST"]),
        Route("/large", large),
        Route("/early", early, methods=["POST"]),
    ]
)


@contextlib.contextmanager
def serving(kind: type[Connection]) -> Iterator[tuple[str, int]]:
    """Where it listens."""
    with listening_on(0) as listening:
        listening.listen()  # so that nobody comes before the thread does
        config = uvicorn.Config(APP, http=kind, ws="none", lifespan="off", log_config=None, access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield listening.getsockname()
        finally:
            server.should_exit = True
            thread.join()


class Hasty(Connection):
    patience_s = 0.1
    choked_ended = threading.Event()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.flow.write_paused:
            self.choked_ended.set()
        super().connection_lost(exc)


class Narrow(Connection):
    most = 3


class Noting(Connection):
    piece_bytes = 2**17
    deadlines: ClassVar[list[float]] = []

    def _wait_anew(self) -> None:
        super()._wait_anew()
        self.deadlines.append(self.gives_up_at)


@pytest.fixture(scope="module")
def hasty() -> Iterator[tuple[str, int]]:
    with serving(Hasty) as address:
        yield address


def is_dropped(wire: socket.socket) -> bool:
    """Whether the other side ends the connection, in seconds."""
    wire.settimeout(10)
    try:
        while wire.recv(65536):
            pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


@pytest.mark.parametrize(
    "sent",
    [b"", b"POST /size HT", HEAD % 10, HEAD % 10 + b"half", HEAD.replace(b"/size", b"/early") % 10],
    ids=["nothing", "half a head", "no body", "half a body", "answered before its body came"],
)
def test_a_request_that_does_not_come_whole_is_given_up(hasty: tuple[str, int], sent: bytes) -> None:
    with socket.create_connection(hasty) as wire:
        wire.sendall(sent)

        assert is_dropped(wire)


def test_a_second_request_is_waited_for_no_longer_than_the_first(hasty: tuple[str, int]) -> None:
    with socket.create_connection(hasty) as wire:
        wire.sendall(HEAD % 2 + b"ab")
        assert b" 200 " in wire.recv(65536)
        wire.sendall(b"POST /si")

        assert is_dropped(wire)


def test_an_answer_that_is_not_taken_is_given_up(hasty: tuple[str, int]) -> None:
    with socket.socket() as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.connect(hasty)
        wire.sendall(b"GET /large HTTP/1.1\r\nhost: here\r\n\r\n")

        assert Hasty.choked_ended.wait(10)  # nothing is read meanwhile

        received = 0
        with contextlib.suppress(ConnectionError):
            while piece := wire.recv(2**20):
                received += len(piece)
    assert received < 2**25


def test_a_body_that_keeps_coming_is_waited_for_anew_with_each_piece() -> None:
    with serving(Noting) as address:
        url = f"http://127.0.0.1:{address[1]}/size"
        small = httpx.post(url, content=b"x" * 10, trust_env=False).text
        waits = len(Noting.deadlines)
        large = httpx.post(url, content=b"x" * 2**22, trust_env=False).text

    assert (small, large) == ("10", str(2**22))
    assert waits <= 2
    assert len(Noting.deadlines) > waits + 2
    assert Noting.deadlines == sorted(Noting.deadlines)


def test_half_open_requests_do_not_keep_others_out() -> None:
    with serving(Narrow) as address, contextlib.ExitStack() as held:
        wires = [held.enter_context(socket.create_connection(address)) for _ in range(10)]
        for wire in wires[-2:]:
            wire.sendall(HEAD % 10)
        reply = httpx.post(f"http://127.0.0.1:{address[1]}/size", content=b"abc", trust_env=False)

        assert reply.text == "3"
        assert all(is_dropped(wire) for wire in wires[:8])
