"""A real HTTP server on loopback that answers what it is told, faults included, and remembers what it heard.

    with FaultServer(lambda heard: chat_answer({"total": 1})) as server:
        ...  # ask server.base_url
        assert len(server.asked) == 1

An answer is a function of the request, or a list of replies of which the last one is repeated.
"""

import base64
import contextlib
import itertools
import json
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http.client import parse_headers, responses
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One request.

    Attributes:
        number: Position among all requests of this server, from 0.
        at_s: Monotonic clock when it was read whole.
        method: Such as `POST`.
        path: As it stood in the request line.
        headers: Names in lower case.
        raw: The body.
    """

    number: int
    at_s: float
    method: str
    path: str
    headers: Mapping[str, str]
    raw: bytes = field(repr=False)

    @property
    def body(self) -> Any:
        """The body read as JSON; None when there is none."""
        return json.loads(self.raw) if self.raw else None

    @property
    def parts(self) -> list[dict[str, Any]]:
        """Content parts of all messages of a chat request, in order; plain text becomes a text part."""
        contents = (message.get("content") or "" for message in self.body["messages"])
        lists = ([{"type": "text", "text": c}] if isinstance(c, str) else c for c in contents)
        return list(itertools.chain.from_iterable(lists))

    @property
    def text(self) -> str:
        """All text of a chat request, one part a line."""
        return "\n".join(part["text"] for part in self.parts if part["type"] == "text")

    @property
    def images(self) -> list[bytes]:
        """The images of a chat request, decoded from their data URLs."""
        urls = (part["image_url"]["url"] for part in self.parts if part["type"] == "image_url")
        return [base64.b64decode(url.partition(",")[2]) for url in urls]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What to send back, and how badly.

    Attributes:
        body: Bytes of the body; content-length always announces them all.
        wait_s: Seconds before the first byte.
        until: Event that must be set before the first byte.
        cut_at: Bytes of the body after which the connection is reset; None sends all.
        piece_s: Seconds between two sixteenths of the body; 0 sends it at once.
        raw: Sent as it is in place of status line, headers and body; the connection is closed after it.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    wait_s: float = 0
    until: threading.Event | None = None
    cut_at: int | None = None
    piece_s: float = 0
    raw: bytes | None = None


Answer = Callable[[Heard], Reply] | Sequence[Reply]


def json_reply(value: object, *, status: int = 200, **headers: str) -> Reply:
    """A JSON body; `retry_after="3"` among the keywords becomes the header `retry-after`."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(
        status=status, headers={"content-type": "application/json", **named}, body=json.dumps(value).encode()
    )


def chat_answer(
    content: object,
    *,
    finish_reason: str = "stop",
    usage: Mapping[str, object] | None = None,
    model: str = "test-model",
    **more: object,
) -> Reply:
    """A chat completion; content that is neither text nor None is sent as its JSON text, `more` beside it."""
    text = content if content is None or isinstance(content, str) else json.dumps(content)
    message = {"role": "assistant", "content": text}
    return json_reply(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1764000000,
            "model": model,
            "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
            "usage": usage or {"prompt_tokens": 1000, "completion_tokens": 20, "total_tokens": 1020},
            **more,
        }
    )


def refusal(status: int, message: str = "", *, code: str = "ERROR", **headers: str) -> Reply:
    """An error in the shape of the service's own gateway."""
    error = {
        "message": message or responses.get(status, "Unknown"),
        "param": None,
        "code": code,
        "type": "error",
    }
    return json_reply({"error": error, "request_id": "req-1"}, status=status, **headers)


def too_many(retry_after: float | str | None = None) -> Reply:
    """A 429, with Retry-After when it is given."""
    headers = {} if retry_after is None else {"retry_after": str(retry_after)}
    return refusal(429, "rate limit exceeded, please try again later", code="rate_limit", **headers)


def html(status: int = 502) -> Reply:
    """An error page of some box between us and the service."""
    page = f"<html><head><title>{status} oh dear</title></head><body><h1>{status}</h1></body></html>"
    return Reply(status=status, headers={"content-type": "text/html"}, body=page.encode())


def truncated(reply: Reply, *, keep: float = 0.5) -> Reply:
    """The same reply with the end of its body missing, but correct HTTP."""
    return replace(reply, body=reply.body[: int(len(reply.body) * keep)])


def reset(reply: Reply, *, after: int = 10) -> Reply:
    """The same reply, with the connection reset after so many bytes of its body."""
    return replace(reply, cut_at=after)


def slow(reply: Reply, seconds: float) -> Reply:
    """The same reply, its body spread over so many seconds."""
    return replace(reply, piece_s=seconds / 16)


def late(reply: Reply, seconds: float) -> Reply:
    """The same reply, begun after so many seconds."""
    return replace(reply, wait_s=seconds)


def held(reply: Reply, until: threading.Event) -> Reply:
    """The same reply, begun when the event is set (or the server stops)."""
    return replace(reply, until=until)


def hang_up() -> Reply:
    """The connection is closed without a byte."""
    return Reply(raw=b"")


def garbage() -> Reply:
    """Bytes that are not HTTP."""
    return Reply(raw=b"SSH-2.0-OpenSSH_9.9\r\n\r\n")


class FaultServer:
    """The server; a context manager that listens while it is open.

    An exception in the answer function is a 400 for the client and raised again when the server stops.

    Args:
        answer: What to reply.
        models: Ids that GET …/models lists; None leaves these requests to `answer`.
        tls: Server context; makes it an https server.

    Attributes:
        heard: Every request so far, in the order they were read.
        connections: How many were opened so far.
        most_at_once: Most requests that were being answered at the same time.
    """

    def __init__(
        self,
        answer: Answer,
        *,
        models: Sequence[str] | None = ("test-model",),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._answer = answer if callable(answer) else scripted(answer)
        self._models, self._tls = models, tls
        self._lock, self._stopping = threading.Lock(), threading.Event()
        self._listener = _Listener(self)
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.01,), daemon=True)
        self._at_once = self.most_at_once = self.connections = 0
        self._wires: set[socket.socket] = set()
        self._errors: list[Exception] = []
        self.heard: list[Heard] = []

    @property
    def base_url(self) -> str:
        """Where the API begins, without a slash at the end."""
        scheme = "https" if self._tls else "http"
        return f"{scheme}://127.0.0.1:{self._listener.server_address[1]}/v1"

    @property
    def asked(self) -> list[Heard]:
        """The chat requests among what was heard."""
        return [heard for heard in self.heard if heard.path.endswith("/chat/completions")]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self._errors and kind is None:
            raise self._errors[0]

    def stop(self) -> None:
        """Stop listening and drop every connection; waiting replies are not sent."""
        self._stopping.set()
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join()
        with self._lock:
            for wire in self._wires:
                _cut(wire)

    def opened(self, request: socket.socket) -> socket.socket:
        """Count a connection and wrap it in TLS where asked for."""
        wire = self._tls.wrap_socket(request, server_side=True) if self._tls else request
        with self._lock:
            self.connections += 1
            self._wires.add(wire)
        return wire

    def closed(self, wire: socket.socket) -> None:
        """Forget a connection."""
        with self._lock:
            self._wires.discard(wire)
        wire.close()

    def note(self, method: str, path: str, headers: Mapping[str, str], raw: bytes) -> Heard:
        """Remember a request that was read whole."""
        with self._lock:
            heard = Heard(
                number=len(self.heard),
                at_s=time.monotonic(),
                method=method,
                path=path,
                headers=headers,
                raw=raw,
            )
            self.heard.append(heard)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        return heard

    def answered(self) -> None:
        """Count a request as done."""
        with self._lock:
            self._at_once -= 1

    def reply_to(self, heard: Heard) -> Reply:
        """The reply, when its time has come; nothing at all once the server stops."""
        reply = self._decide(heard)
        self._stopping.wait(reply.wait_s)
        while reply.until and not reply.until.wait(0.01) and not self._stopping.is_set():
            pass
        return hang_up() if self._stopping.is_set() else reply

    def pause(self, seconds: float) -> None:
        """Wait, but not longer than the server lives."""
        self._stopping.wait(seconds)

    def _decide(self, heard: Heard) -> Reply:
        if self._models is not None and heard.method == "GET" and heard.path.endswith("/models"):
            return json_reply(
                {"object": "list", "data": [{"id": m, "object": "model"} for m in self._models]}
            )
        try:
            return self._answer(heard)
        except Exception as error:  # noqa: BLE001 - whatever the test did wrong belongs to the test
            self._errors.append(error)
            return refusal(400, f"the test's answer raised {error!r}")


def scripted(replies: Sequence[Reply]) -> Callable[[Heard], Reply]:
    """An answer that plays the replies in the order of requests and then repeats the last one."""
    last, played, lock = replies[-1], iter(replies), threading.Lock()

    def answer(_: Heard) -> Reply:
        with lock:
            return next(played, last)

    return answer


class _Listener(socketserver.ThreadingTCPServer):
    """Accepts connections, one thread for each."""

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, owner: FaultServer) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), _Connection)

    def shutdown_request(self, request: Any) -> None:
        request.close()  # without a farewell first, so that a reset stays a reset

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is none of the server's business."""


class _Connection(socketserver.BaseRequestHandler):
    """Reads requests and writes replies for as long as the connection is good."""

    server: _Listener
    request: socket.socket

    def setup(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._wire = self.server.owner.opened(self.request)
        self._read = self._wire.makefile("rb")

    def handle(self) -> None:
        for heard in self._requests():
            try:
                goes_on = self._write(self.server.owner.reply_to(heard))
            finally:
                self.server.owner.answered()
            if not goes_on:
                return

    def finish(self) -> None:
        self._read.close()
        self.server.owner.closed(self._wire)

    def _requests(self) -> Iterator[Heard]:
        while first := self._read.peek(1)[:1]:
            if not first.isupper():  # no HTTP: the greeting of TLS, say
                self._read.read1()
                self._write(Reply(raw=b"HTTP/1.1 400 Bad Request\r\n\r\n"))
                return
            method, path, _ = self._read.readline().decode("ascii").split(" ", 2)
            headers = {name.lower(): text for name, text in parse_headers(self._read).items()}
            expected = int(headers.get("content-length", 0))
            raw = self._read.read(expected)
            if len(raw) < expected:
                return
            yield self.server.owner.note(method, path, headers, raw)

    def _write(self, reply: Reply) -> bool:
        if reply.raw is not None:
            self._wire.sendall(reply.raw)
            return False
        headers = {"content-length": str(len(reply.body)), **reply.headers}
        lines = "".join(f"{name}: {text}\r\n" for name, text in headers.items())
        head = f"HTTP/1.1 {reply.status} {responses.get(reply.status, 'Unknown')}\r\n{lines}\r\n".encode()
        if not reply.piece_s:
            self._wire.sendall(head + reply.body[: reply.cut_at])
        else:
            self._write_slowly(head, reply)
        if reply.cut_at is not None:
            _cut(self._wire)
        return reply.cut_at is None

    def _write_slowly(self, head: bytes, reply: Reply) -> None:
        self._wire.sendall(head)
        step = max(1, len(reply.body) // 16)
        for start in range(0, len(reply.body), step):
            self.server.owner.pause(reply.piece_s)
            self._wire.sendall(reply.body[start : start + step])


def _cut(wire: socket.socket) -> None:
    """Let the next close be a reset and not an orderly end; whoever reads sees the end at once."""
    with contextlib.suppress(OSError):  # it may be gone already
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        wire.shutdown(socket.SHUT_RD)
