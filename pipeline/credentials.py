"""What the service's own tools keep: the FIREWORKS_* variables and the file that `firectl` writes."""

import configparser
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import ConfigError

_VARIABLES = {
    "api_key": "FIREWORKS_API_KEY",
    "account_id": "FIREWORKS_ACCOUNT_ID",
    "base_url": "FIREWORKS_BASE_URL",
}
_IN_FILE = ("api_key", "account_id")
_TOP = "top"  # stands for the part of the file before any section, which is usually all of it
_SECTIONS = (_TOP, "fireworks", "default")


@dataclass(frozen=True, slots=True)
class Credential:
    """A value and where it stood: a variable's name or a file's."""

    text: str = field(repr=False)
    origin: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """What was found.

    Attributes:
        values: By name: `api_key`, `account_id`, `base_url`.
        notices: Sentences that the user should see.
    """

    values: Mapping[str, Credential]
    notices: tuple[str, ...] = ()


def read_credentials(environ: Mapping[str, str], home: Path) -> Credentials:
    """Key, account and base URL as the service's own tools would find them.

    Variables win over the file, except over one that FIREWORKS_AUTH_FILE or FIREWORKS_PROFILE asks for.

    Args:
        environ: The environment; empty variables count as unset.
        home: Where `.fireworks` is looked for.

    Raises:
        ConfigError: The file that was asked for cannot be read.
    """
    asked_for, path = _auth_file(environ, home)
    variables = {
        name: Credential(environ[variable], variable)
        for name, variable in _VARIABLES.items()
        if environ.get(variable)
    }
    if not asked_for and not path.exists():
        return Credentials(variables)
    try:
        file = _read(path, _origin(path, home))
    except (OSError, ValueError, configparser.Error) as error:
        if asked_for:
            raise ConfigError(
                f"{path} cannot be read as a file of credentials; correct {asked_for}"
            ) from error
        return Credentials(variables, (f"{path} is passed over: it cannot be read as a file of credentials",))
    return Credentials({**variables, **file} if asked_for else {**file, **variables}, open_to_others(path))


def _auth_file(environ: Mapping[str, str], home: Path) -> tuple[str, Path]:
    """The variable that asks for the file, empty when none does, and the file."""
    folder = home / ".fireworks"
    if file := environ.get("FIREWORKS_AUTH_FILE"):
        return "FIREWORKS_AUTH_FILE", home / file[2:] if file.startswith("~/") else Path(file)
    if profile := environ.get("FIREWORKS_PROFILE"):
        return "FIREWORKS_PROFILE", folder / "profiles" / profile / "auth.ini"
    return "", folder / "auth.ini"


def _read(path: Path, origin: str) -> dict[str, Credential]:
    parser = configparser.ConfigParser(
        interpolation=None, strict=False, default_section="*", allow_no_value=True, delimiters=("=",)
    )
    parser.read_string(f"[{_TOP}]\n{path.read_text('utf-8-sig')}")
    values = {
        name: (parser.get(section, name, fallback=None) or "").strip().strip("'\"")
        for section in _SECTIONS
        for name in _IN_FILE
        if parser.get(section, name, fallback=None)
    }
    return {name: Credential(text, origin) for name, text in values.items() if text}


def _origin(path: Path, home: Path) -> str:
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def open_to_others(path: Path) -> tuple[str, ...]:
    """A sentence about a file with a key that users other than its owner can open; none where they cannot."""
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return (f"other users can read the key in {path}; close it to them with: chmod 600 {path}",)
    return ()
