"""A whole Prefect server on loopback, with its scheduler, and what it knows of runs."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx

T = TypeVar("T")
_START_S, _LOOK_S = 180.0, 0.2


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def prefect_server(home: Path) -> Iterator[dict[str, str]]:
    """What names the server in the environment of whoever is to use it."""
    url = f"http://127.0.0.1:{free_port()}"
    environ = {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"{url}/api",
        "PREFECT_LOGGING_TO_API_ENABLED": "true",
        "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "5",
        "PREFECT_RUNNER_POLL_FREQUENCY": "2",
        "PREFECT_WORKER_QUERY_SECONDS": "2",
    }
    port = url.rpartition(":")[2]
    home.mkdir(parents=True, exist_ok=True)
    with (home / "server.log").open("wb") as log:
        words = ["prefect", "server", "start", "--host", "127.0.0.1", "--port", port]
        with subprocess.Popen(
            [sys.executable, "-m", *words], env={**os.environ, **environ}, stdout=log, stderr=log
        ) as server:
            try:
                until(lambda: _healthy(url), _START_S)
                yield environ
            finally:
                server.terminate()
                server.wait(60)


def _healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/health", timeout=5).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def until(found: Callable[[], T], longest_s: float) -> T:
    """What is found once there is something; other processes are waited for, so it is looked for again."""
    nothing, end = threading.Event(), time.monotonic() + longest_s
    while not (what := found()):
        assert time.monotonic() < end
        nothing.wait(_LOOK_S)
    return what


def asked(environ: dict[str, str], path: str, **body: Any) -> Any:
    """What the API answers: to a filter when there is a body, else to a plain request."""
    url = f"{environ['PREFECT_API_URL']}/{path}"
    reply = httpx.post(url, json=body, timeout=30) if body else httpx.get(url, timeout=30)
    reply.raise_for_status()
    return reply.json()


def runs(environ: dict[str, str], *types: str) -> list[dict[str, Any]]:
    """The flow runs in states of some types, the one that began first before others."""
    wanted = {"state": {"type": {"any_": list(types)}}}
    found = asked(environ, "flow_runs/filter", flow_runs=wanted, sort="START_TIME_ASC")
    return list(found)
