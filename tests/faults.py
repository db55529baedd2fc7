"""Everything that may be wrong between a run and its service, each as a server on loopback."""

import contextlib
import hashlib
import select
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from tests.certificates import Authority, self_signed, server_tls
from tests.flows.command import page_answer
from tests.servers import (
    FaultServer,
    Heard,
    Reply,
    garbage,
    hang_up,
    held,
    html,
    refusal,
    reset,
    slow,
    too_many,
    truncated,
)

NAME = "service.test"
"""A host that no resolver knows: names below `test` are set apart for that."""

Spoil = Callable[[Reply], Reply]


@dataclass
class Book:
    """A service that answers each question, and what it has charged for it.

    Attributes:
        spoil: What becomes of the good answer to a question.
        times: How often that happens to each question before its answer comes home.
        is_paid: Whether the service charges for what is spoilt.
        charged: How often each question was charged for.
    """

    spoil: Spoil
    times: int = 1
    is_paid: bool = False
    charged: Counter[str] = field(default_factory=Counter)
    _asked: Counter[str] = field(default_factory=Counter)

    def __call__(self, heard: Heard) -> Reply:
        question = hashlib.sha256(heard.raw).hexdigest()
        self._asked[question] += 1
        is_spoilt = self._asked[question] <= self.times
        self.charged[question] += not is_spoilt or self.is_paid
        return self.spoil(page_answer(heard)) if is_spoilt else page_answer(heard)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One of them, and what a run is to do about it.

    Attributes:
        name: For the table.
        exit: Of the command.
        says: Pattern of what the user is told; the table shows the line that it is found in.
        service: Opened with a folder of its own, gives the base URL; None for a book of this fault.
        spoil: What the book does to an answer.
        times: How often.
        is_paid: Whether it charges for that.
        settings: Of the run, beside those of all runs.
    """

    name: str
    exit: int = 0
    says: str = r"0 failed\), 4 records"
    service: Callable[[Path], AbstractContextManager[str]] | None = None
    spoil: Spoil = field(default=lambda reply: reply)
    times: int = 1
    is_paid: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)


ALWAYS = 1_000_000
_ONCE = {"PAGELAKE_ATTEMPTS": "1"}
_SOON = {"PAGELAKE_REQUEST_TIMEOUT_S": "1"}


def lengthened(by: int) -> Spoil:
    """The body as it is, announced as longer or shorter; the connection stays open."""
    return lambda reply: replace(
        reply, headers={**reply.headers, "content-length": str(len(reply.body) + by)}
    )


def raw(reply: Reply, *lines: str, body: bytes | None = None) -> Reply:
    """The body under a head of one's own; the connection is closed after it."""
    head = "\r\n".join(["HTTP/1.1 200 OK", "content-type: application/json", *lines, "", ""])
    return Reply(raw=head.encode() + (reply.body if body is None else body))


def later(when: timedelta) -> str:
    """A date for Retry-After."""
    return format_datetime(datetime.now(UTC) + when, usegmt=True)


@contextmanager
def wire(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port of a listener without any HTTP: `talk` has each connection, in a thread of its own."""
    stopping = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener, contextlib.ExitStack() as open_ones:
        listener.settimeout(0.05)

        def serve() -> None:
            while not stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    connection = open_ones.enter_context(listener.accept()[0])
                    open_ones.callback(_end, connection)
                    threads.append(threading.Thread(target=_quietly, args=(talk, connection)))
                    threads[-1].start()

        threads = [threading.Thread(target=serve)]
        threads[0].start()
        yield listener.getsockname()[1]
        stopping.set()
        threads[0].join()
        open_ones.close()
        for thread in threads[1:]:
            thread.join()


def _quietly(talk: Callable[[socket.socket], None], connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # whoever is talked to may go away
        talk(connection)


def _end(connection: socket.socket) -> None:
    """Let who reads from it see its end."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def over(
    talk: Callable[[socket.socket], None], scheme: str = "http"
) -> Callable[[Path], AbstractContextManager[str]]:
    """A service that is such a listener."""

    @contextmanager
    def service(_folder: Path) -> Iterator[str]:
        with wire(talk) as port:
            yield f"{scheme}://127.0.0.1:{port}/v1"

    return service


def mute(connection: socket.socket) -> None:
    """Take whatever comes, say nothing, never close."""
    while connection.recv(65536):
        pass


def deaf(connection: socket.socket) -> None:
    """Take nothing: what is sent fills the buffers and stays there."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    while connection.fileno() >= 0 and select.select([], [], [connection], 0.05):
        pass


def cut(connection: socket.socket) -> None:
    """Hear how the other begins, and hang up."""
    connection.recv(100)
    connection.close()


@contextmanager
def nobody(_folder: Path) -> Iterator[str]:
    """A port at which nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{unused.getsockname()[1]}/v1"


def with_certificate(
    certificate: Callable[[Path], Path],
) -> Callable[[Path], AbstractContextManager[str]]:
    """A service that speaks TLS by a certificate."""

    @contextmanager
    def service(folder: Path) -> Iterator[str]:
        with FaultServer(page_answer, tls=server_tls(certificate(folder))) as server:
            yield server.base_url

    return service


def _expired(folder: Path) -> Path:
    return Authority(folder).server(begins=-timedelta(days=9), ends=-timedelta(hours=2))


def _not_yet(folder: Path) -> Path:
    return Authority(folder).server(begins=timedelta(hours=2), ends=timedelta(days=9))


def _elsewhere(folder: Path) -> Path:
    return Authority(folder).server("another.test")


@contextmanager
def in_the_clear(_folder: Path) -> Iterator[str]:
    """A service that is asked by TLS and speaks none."""
    with FaultServer(page_answer) as server:
        yield server.base_url.replace("http:", "https:")


@contextmanager
def encrypted(folder: Path) -> Iterator[str]:
    """A service that is asked in the clear and speaks TLS."""
    with FaultServer(page_answer, tls=server_tls(self_signed(folder))) as server:
        yield server.base_url.replace("https:", "http:")


@contextmanager
def other_ciphers(folder: Path) -> Iterator[str]:
    """A service that speaks TLS in a way that is not safe."""
    tls = server_tls(self_signed(folder))
    tls.maximum_version = ssl.TLSVersion.TLSv1_2
    tls.set_ciphers("ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
    with FaultServer(page_answer, tls=tls) as server:
        yield server.base_url


@contextmanager
def resolving_after(failures: int, port: int) -> Iterator[None]:
    """The resolver knows NAME only after so many looks. In this process: no resolver can be told to fail."""
    true, left = socket.getaddrinfo, [failures]

    def getaddrinfo(host: object, *arguments: object, **named: object) -> object:
        if host not in {NAME, NAME.encode()}:
            return true(host, *arguments, **named)  # type: ignore[arg-type]  # whatever it was asked
        left[0] -= 1
        if left[0] >= 0:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return true("127.0.0.1", port, type=socket.SOCK_STREAM)

    socket.getaddrinfo = getaddrinfo  # type: ignore[assignment]
    try:
        yield
    finally:
        socket.getaddrinfo = true


def nameless(failures: int) -> Callable[[Path], AbstractContextManager[str]]:
    """A service whose name is not known for a while."""

    @contextmanager
    def service(_folder: Path) -> Iterator[str]:
        with FaultServer(page_answer) as server:
            port = int(server.base_url.split(":")[2].partition("/")[0])
            with resolving_after(failures, port):
                yield f"http://{NAME}:{port}/v1"

    return service


_TRUSTED = {"PAGELAKE_CA_FILE": "service/ca.pem"}
_CLEAR = {"PAGELAKE_ALLOW_PLAIN_HTTP": "true"}
_LOST = "answers did not come home whole"
_BUSY = "service_busy"

FAULTS = [
    # what answers look like
    Fault(name="storm of 429", spoil=lambda _: too_many(1), times=2),
    Fault(name="storm of 503", spoil=lambda _: refusal(503), times=2),
    Fault(name="HTML page, 502", spoil=lambda _: html(502)),
    Fault(name="HTML page, 200", spoil=lambda _: html(200), says=_LOST),
    Fault(name="HTML page, 404", spoil=lambda _: html(404), times=ALWAYS, exit=3, says="correct it"),
    Fault(name="JSON cut short", spoil=truncated, is_paid=True, says=_LOST),
    Fault(name="no HTTP at all", spoil=lambda _: garbage(), says=_LOST),
    Fault(name="service away for good", service=nobody, settings=_ONCE, exit=1, says=_BUSY),
    # connections
    Fault(name="closed without a byte", spoil=lambda _: hang_up(), says=_LOST),
    Fault(name="reset in mid-head", spoil=lambda _: Reply(raw=b"HTTP/1.1 200 OK\r\ncont"), says=_LOST),
    Fault(name="reset in mid-body", spoil=reset, is_paid=True, says=_LOST),
    Fault(name="slow body", spoil=lambda reply: slow(reply, 0.5), is_paid=True),
    Fault(
        name="body slower than the time-out",
        spoil=lambda reply: slow(reply, 5),
        is_paid=True,
        settings=_SOON,
        says=_LOST,
    ),
    Fault(
        name="fewer bytes than said, closed",
        is_paid=True,
        says=_LOST,
        spoil=lambda reply: raw(reply, f"content-length: {len(reply.body) + 50}"),
    ),
    Fault(
        name="fewer bytes than said, left open",
        is_paid=True,
        says=_LOST,
        spoil=lengthened(50),
        settings=_SOON,
    ),
    Fault(name="more bytes than said", is_paid=True, says=_LOST, spoil=lengthened(-30)),
    Fault(
        name="length that is no number",
        is_paid=True,
        says=_LOST,
        spoil=lambda reply: raw(reply, "content-length: many"),
    ),
    Fault(
        name="two lengths",
        is_paid=True,
        says=_LOST,
        spoil=lambda reply: raw(reply, "content-length: 5", f"content-length: {len(reply.body)}"),
    ),
    Fault(
        name="chunks that are none",
        is_paid=True,
        says=_LOST,
        spoil=lambda reply: raw(reply, "transfer-encoding: chunked"),
    ),
    Fault(
        name="chunks without an end",
        is_paid=True,
        says=_LOST,
        spoil=lambda reply: raw(
            reply, "transfer-encoding: chunked", body=b"%x\r\n%b\r\n" % (len(reply.body), reply.body)
        ),
    ),
    Fault(
        name="compressed, and not so",
        is_paid=True,
        says=_LOST,
        spoil=lambda reply: raw(reply, "content-encoding: gzip", f"content-length: {len(reply.body)}"),
    ),
    Fault(
        name="head without an end",
        says=_LOST,
        spoil=lambda _: Reply(raw=b"HTTP/1.1 200 OK\r\n" + b"x-more: yes\r\n" * 20_000),
    ),
    Fault(name="half-open: says nothing", service=over(mute), settings=_SOON | _ONCE, exit=1, says=_BUSY),
    Fault(name="half-open: takes nothing", service=over(deaf), settings=_SOON | _ONCE, exit=1, says=_BUSY),
    Fault(
        name="half-open, once",
        spoil=lambda reply: held(reply, threading.Event()),
        is_paid=True,
        settings=_SOON,
        says=_LOST,
    ),
    # names
    Fault(name="name unknown for a while", service=nameless(6), settings=_CLEAR),
    Fault(
        name="name unknown for good",
        service=nameless(ALWAYS),
        settings=_CLEAR | _ONCE,
        exit=1,
        says="name resolution",
    ),
    # TLS
    Fault(
        name="certificate of nobody", service=with_certificate(self_signed), exit=3, says="PAGELAKE_CA_FILE"
    ),
    Fault(
        name="certificate out of date",
        service=with_certificate(_expired),
        settings=_TRUSTED,
        exit=3,
        says="expired",
    ),
    Fault(
        name="certificate not valid yet",
        service=with_certificate(_not_yet),
        settings=_TRUSTED,
        exit=3,
        says="clock",
    ),
    Fault(
        name="certificate of another host",
        service=with_certificate(_elsewhere),
        settings=_TRUSTED,
        exit=3,
        says="base URL",
    ),
    Fault(name="http where https is asked", service=in_the_clear, exit=3, says="does not speak https"),
    Fault(
        name="https where http is asked",
        service=encrypted,
        settings=_ONCE,
        exit=1,
        says="Connection reset|not HTTP",
    ),
    Fault(
        name="TLS of ciphers that nobody should use",
        service=other_ciphers,
        settings=_ONCE,
        exit=1,
        says="encrypted connection",
    ),
    Fault(
        name="handshake cut",
        service=over(cut, "https"),
        settings=_ONCE,
        exit=1,
        says="Connection reset|broken off|early",
    ),
    Fault(
        name="handshake without an end",
        service=over(mute, "https"),
        settings=_SOON | _ONCE,
        exit=1,
        says="took too long to be reached",
    ),
    # clocks
    Fault(name="Retry-After: a date long past", spoil=lambda _: too_many(later(-timedelta(days=9)))),
    Fault(name="Retry-After: a date in a second", spoil=lambda _: too_many(later(timedelta(seconds=1)))),
    Fault(
        name="Retry-After: a date in ten years",
        spoil=lambda _: too_many(later(timedelta(days=3650))),
        exit=3,
        says="wants not to be asked",
    ),
    Fault(name="Retry-After: no time at all", spoil=lambda _: too_many("soon")),
]
