"""Whether a Prefect API is configured, found out without importing Prefect where that can be avoided."""

import os
from collections.abc import Mapping
from pathlib import Path

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


def use_prefect(wanted: bool | None) -> tuple[bool, str]:
    """Whether the run is a Prefect flow, and the API it is reported to (empty: a temporary server)."""
    if wanted is False:
        return False, ""
    api = configured_api(os.environ)
    return bool(wanted or api), api
