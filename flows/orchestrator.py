"""Which Prefect API a run is reported to, found out without importing Prefect where that can be avoided."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console

from flows.server import hush, temporary_server
from pipeline.temporary import temporary_folder

_ADDRESS = "PREFECT_API_URL"


def configured_api(environ: Mapping[str, str]) -> str:
    """The address of the Prefect API that runs are to be reported to; empty when there is none.

    Importing Prefect takes seconds, so its own reading of profiles and files is asked for only when one of
    the places it reads mentions an API at all.
    """
    if environ.get(_ADDRESS):
        return environ[_ADDRESS]
    if not any(_mentions(path, words) for path, words in _places(environ).items()):
        return ""
    from prefect.settings import get_current_settings

    return get_current_settings().api.url or ""


def _places(environ: Mapping[str, str]) -> dict[Path, tuple[str, ...]]:
    home = Path(environ.get("PREFECT_HOME") or Path.home() / ".prefect").expanduser()
    profiles = Path(environ.get("PREFECT_PROFILES_PATH") or home / "profiles.toml").expanduser()
    return {
        profiles: (_ADDRESS,),
        Path(".env"): (_ADDRESS, "PREFECT_PROFILE"),
        Path("prefect.toml"): ("url", "profile"),
        Path("pyproject.toml"): ("[tool.prefect",),
    }


def _mentions(path: Path, words: tuple[str, ...]) -> bool:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return any(word in text for word in words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Orchestrator:
    """The Prefect API that runs are reported to.

    Attributes:
        url: Where it is; empty when runs are not reported.
        temporary: Whether it ends with this process.
    """

    url: str = ""
    temporary: bool = False

    def __str__(self) -> str:
        """Words for the line that says how a run is run."""
        if not self.url:
            return "without Prefect"
        return "as a flow on " + (
            "a temporary Prefect server" if self.temporary else f"Prefect at {self.host}"
        )

    @property
    def host(self) -> str:
        """Its host and port, without what else a URL may hold."""
        parts = urlsplit(self.url)
        return f"{parts.hostname}{f':{parts.port}' if parts.port else ''}"


@contextmanager
def orchestrator(wanted: bool | None, console: Console) -> Iterator[Orchestrator]:
    """The Prefect API to use: the configured one, a temporary one if it is wanted, or none.

    Args:
        wanted: Whether Prefect is wanted; None uses it where an API is configured.
        console: Where to say that a server is starting.
    """
    hush(os.environ)
    api = "" if wanted is False else configured_api(os.environ)
    if api or not wanted:
        yield Orchestrator(url=api)
        return
    console.print("starting a temporary Prefect server; its first start takes some 20 s")
    with _home() as home, temporary_server(home) as url:
        yield Orchestrator(url=url, temporary=True)


@contextmanager
def _home() -> Iterator[Path]:
    """Where a temporary server keeps its database: PREFECT_HOME if it is set, or nowhere for long."""
    if home := os.environ.get("PREFECT_HOME"):
        yield Path(home)
        return
    with temporary_folder("pagelake-prefect-") as folder:
        yield folder
