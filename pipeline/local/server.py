"""The loopback HTTP server around the engine: routes, refusals, its life from listening to a clean stop."""

import logging
import os
import socket
import sys
import threading
import traceback
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.errors import ConfigError
from pipeline.local.connections import Connection
from pipeline.local.control import limits
from pipeline.local.control.folder import opened
from pipeline.local.control.ledger import Ledger
from pipeline.local.control.pace import Pace
from pipeline.local.control.plane import ControlPlane, is_control
from pipeline.local.control.runner import Answering
from pipeline.local.control.status import Code, Status
from pipeline.local.engine import Engine
from pipeline.local.faults import PATH as COMPLETIONS
from pipeline.local.faults import FaultPlan, Faulty
from pipeline.local.fetching import Fetcher
from pipeline.local.protocol import Refusal
from pipeline.local.reply import Reply

log = logging.getLogger(__name__)
Endpoint = Callable[[Request], Awaitable[Response]]
HOST = "127.0.0.1"
PREFIXES = ("/v1", "/inference/v1")
GRACE_S = 5
"""Seconds requests in flight have to finish once the server is asked to stop."""
NOT_FOUND = 404
TOO_MANY = 429
INTERNAL = 500


async def _refuse(request: Request, error: Exception) -> Response:
    refusal = _refusal(error, request.url.path)
    request_id = request.state.request_id
    if refusal.status == INTERNAL:
        # The message of a foreign error may quote the document, so only its place is logged.
        place = traceback.extract_tb(error.__traceback__)[-1]
        log.error("request %s: %s at %s:%s", request_id, type(error).__name__, place.filename, place.lineno)
    headers = {"retry-after": "1"} if refusal.status == TOO_MANY else {}
    return JSONResponse(refusal.body(request_id), status_code=refusal.status, headers=headers)


def _refusal(error: Exception, path: str) -> Refusal:
    if isinstance(error, Refusal):
        return error
    if isinstance(error, HTTPException) and is_control(path):
        code = Code.NOT_FOUND if error.status_code == NOT_FOUND else Code.UNIMPLEMENTED
        return Status(code, error.detail, http=error.status_code)
    if isinstance(error, HTTPException):  # Starlette's own: no such path, wrong method
        return Refusal(error.status_code, f"{error.detail}.", code=error.detail.upper().replace(" ", "_"))
    if isinstance(error, ClientDisconnect):
        return Refusal(499, "The client closed the connection.")
    return Refusal(INTERNAL, "This is a fault of the engine; its log says where.", code="INTERNAL")


def _guarded(endpoint: Endpoint) -> Endpoint:
    """The endpoint, its errors made replies."""

    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Exception as error:  # noqa: BLE001 - the server's edge: a fault costs one reply, never the server
            return await _refuse(request, error)

    return guarded


class _Told:
    """Names each exchange, in its state and in `x-request-id`; tells what is left of limits."""

    def __init__(self, app: ASGIApp, ledger: Ledger) -> None:
        self._app, self._ledger = app, ledger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        request_id = str(uuid.uuid4()) if is_control(path) else f"chatcmpl-{uuid.uuid4().hex}"
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = request_id
                if path.endswith(COMPLETIONS):
                    headers.update(limits.headers(self._ledger.last_minute()))
            await send(message)

        await self._app(scope, receive, send_told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """What is served.

    Attributes:
        port: On 127.0.0.1; 0 picks a free one.
        api_key: What callers must bear, not empty.
        workers: OCR processes; 0 for one a core.
        faults: What is to go wrong on purpose; None for nothing.
        lexicon: TOML file with more words for labels, already checked.
        state: Folder that keeps datasets and jobs; None for a temporary one.
        pace: How time passes for datasets and jobs.
        fetch_images: Hosts from which images may be fetched, each `host` or `host:port`.
    """

    port: int
    api_key: str = field(repr=False)
    workers: int = 0
    faults: FaultPlan | None = None
    lexicon: Path | None = None
    state: Path | None = None
    pace: Pace = field(default_factory=Pace)
    fetch_images: tuple[str, ...] = ()


def app(serving: Serving, folder: Path) -> ASGIApp:
    """The ASGI application; its worker processes live as long as its lifespan.

    Args:
        serving: What is served.
        folder: Where the control plane keeps its state.

    Raises:
        ConfigError: What is in the folder is not its state, or no image can be fetched from a host.
    """
    workers = serving.workers or _cores()
    ledger = Ledger(folder / "answered.json", serving.pace)
    fetcher = Fetcher(serving.fetch_images)
    engine = Engine(serving.api_key, workers, serving.lexicon, note=partial(_note, ledger), fetcher=fetcher)
    expires = (serving.faults or FaultPlan()).expires
    answering = Answering(engine.complete, workers, ledger, expires)
    plane = ControlPlane(folder, serving.pace, engine.knows, answering)
    chat = [
        route
        for prefix in PREFIXES
        for route in (
            Route(f"{prefix}/chat/completions", _guarded(engine.chat), methods=["POST"]),
            Route(f"{prefix}/models", _guarded(engine.models), methods=["GET"]),
            Route(f"{prefix}/models/{{model:path}}", _guarded(engine.model), methods=["GET"]),
        )
    ]

    @asynccontextmanager
    async def running(starlette: Starlette) -> AsyncIterator[None]:
        async with engine.running(starlette), plane.running():
            yield

    rules = [Route(path, _guarded(endpoint), methods=[method]) for method, path, endpoint in plane.rules()]
    handlers = {HTTPException: _refuse}
    plain = Starlette(routes=[*chat, *rules], lifespan=running, exception_handlers=handlers)
    plain.router.redirect_slashes = False  # another path is another path; the service answers 404
    return _Told(Faulty(plain, serving.faults) if serving.faults else plain, ledger)


def _note(ledger: Ledger, reply: Reply) -> None:
    ledger.note(reply.model, reply.prompt_tokens, reply.completion_tokens, is_batch=False)


class _Server(uvicorn.Server):
    """Says where it listens once it does."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's, with the announcement after it."""
        await super().startup(sockets)
        if self.started:
            self._announce()


def serve(
    serving: Serving,
    *,
    announce: Callable[[str], None] = lambda _base_url: None,
    stop_with_stdin: bool = False,
) -> None:
    """Serve on 127.0.0.1 until SIGINT or SIGTERM.

    Args:
        serving: What, and where.
        announce: Called with the base URL once the server listens.
        stop_with_stdin: Whether to stop, too, when standard input closes.

    Raises:
        ConfigError: The key is empty, or the port or the folder of the state cannot be had.
    """
    if not serving.api_key:
        raise ConfigError("The local engine needs a key that callers must bear; set PAGELAKE_LOCAL_KEY.")
    if serving.faults:  # a connection that is broken on purpose is nothing to complain of
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    with listening_on(serving.port) as listening, opened(serving.state) as folder:
        base_url = f"http://{HOST}:{listening.getsockname()[1]}/v1"
        config = uvicorn.Config(
            app(serving, folder),
            http=Connection,
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
        )
        server = _Server(config, lambda: announce(base_url))
        if stop_with_stdin:
            threading.Thread(target=_stop_with_stdin, args=[server], daemon=True).start()
        server.run(sockets=[listening])


def listening_on(port: int) -> socket.socket:
    """A socket bound to a port of 127.0.0.1; 0 picks a free one.

    Raises:
        ConfigError: The port cannot be had.
    """
    # asyncio turns Nagle's delay off only where the protocol is named: each answer would wait 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except (OSError, OverflowError) as error:
        listening.close()
        raise ConfigError(
            f"Port {port} cannot be used ({error}); choose another, or 0 for a free one."
        ) from error
    return listening


def _stop_with_stdin(server: uvicorn.Server) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    server.should_exit = True


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
