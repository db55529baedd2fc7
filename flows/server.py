"""A Prefect server of our own for one run: on loopback, with a key, gone when the run ends."""

import logging
import os
import secrets
import select
import subprocess
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.inherited import without_secrets

# A cold start migrates a database: 20 s alone, minutes on a machine under load.
STARTUP_S = 180.0
_SHUTDOWN_S = 10.0
_DELIVERY_S = 10.0

QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": str(int(STARTUP_S)),
    "PREFECT_LOGGING_EXTRA_LOGGERS": "pipeline",
    "PREFECT_CLIENT_MAX_RETRIES": "1",
    # Each event that cannot be delivered holds up the end of the process for seconds.
    "PREFECT_EVENTS_WORKER_MAX_QUEUE_SIZE": "100",
}
# Where the user's own server, account or database is: none of the temporary server's business.
_FOREIGN = (
    "PREFECT_API_KEY",
    "PREFECT_API_DATABASE_CONNECTION_URL",
    "PREFECT_SERVER_DATABASE_CONNECTION_URL",
    "PREFECT_PROFILE",
    "PREFECT_PROFILES_PATH",
)
_SERVER_ONLY = {
    "PREFECT_UI_ENABLED": "0",
    "PREFECT__SERVER_EPHEMERAL": "1",
    "PREFECT__SERVER_FINAL": "1",
    "PREFECT_LOGGING_SERVER_LEVEL": "ERROR",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
}


def hush(environ: MutableMapping[str, str]) -> None:
    """Ask Prefect for no outbound calls and no long waits; what the user has set stays.

    To be called before the first import of Prefect, which reads the environment once.
    """
    for name, value in QUIET.items():
        environ.setdefault(name, value)


@contextmanager
def temporary_server(home: Path) -> Iterator[str]:
    """A running Prefect server; the environment of this process points to it from then on.

    To be entered before the first import of Prefect, at most once in a process.

    Args:
        home: Folder for its database and log; becomes PREFECT_HOME.

    Yields:
        The address of its API.

    Raises:
        ConfigError: It did not start; the message names its log.
    """
    home.mkdir(parents=True, exist_ok=True)
    key = f"pagelake:{secrets.token_urlsafe(24)}"
    _point_to(home)
    with (home / "server.log").open("wb") as log, _started(key, log.fileno()) as server:
        os.environ["PREFECT_API_AUTH_STRING"] = key
        url = os.environ["PREFECT_API_URL"] = _address(server, home / "server.log")
        try:
            yield url
        finally:
            _deliver()


def _point_to(home: Path) -> None:
    for name in ("PREFECT_API_URL", *_FOREIGN):
        os.environ.pop(name, None)
    for name in ("NO_PROXY", "no_proxy"):  # the server is on this machine, whatever stands before the others
        os.environ[name] = ",".join(filter(None, [os.environ.get(name), "127.0.0.1"]))
    os.environ["PREFECT_HOME"] = str(home.resolve())
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")  # pagelake itself tells what happens
    hush(os.environ)


@contextmanager
def _started(key: str, log: int) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "flows.server_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        start_new_session=True,  # Ctrl-C is for the run; the server is needed until the run has ended
        env={**without_secrets(os.environ), **_SERVER_ONLY, "PREFECT_SERVER_API_AUTH_STRING": key},
    ) as server:
        try:
            yield server
            server.communicate(timeout=_SHUTDOWN_S)
        except subprocess.TimeoutExpired:
            server.kill()
        except BaseException:
            server.kill()
            raise


def _address(server: subprocess.Popen[str], log: Path) -> str:
    assert server.stdout is not None  # noqa: S101 - opened as a pipe above
    ready, _, _ = select.select([server.stdout], [], [], STARTUP_S)
    address = server.stdout.readline().strip() if ready else ""
    if not address:
        raise ConfigError(f"the temporary Prefect server did not start; its log is {log}")
    return address


def _deliver() -> None:
    """Wait until Prefect's background threads have sent what they hold; the server is about to go."""
    if "prefect.events.worker" not in sys.modules:
        return
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for worker in (EventsWorker, APILogWorker):
        logging.getLogger(worker.__name__).setLevel(logging.ERROR)  # warns of items left, which is the point
        worker.drain_all(timeout=_DELIVERY_S, at_exit=False)
