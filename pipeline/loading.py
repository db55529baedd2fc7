"""Settings from all their sources, and where each value came from."""

import difflib
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from pipeline.credentials import Credentials, open_to_others, read_credentials
from pipeline.errors import ConfigError
from pipeline.pricing import ModelPrices
from pipeline.settings import PREFIX, Settings, allowed

CONFIG_VARIABLE = f"{PREFIX}CONFIG"
CONFIG_FILE = "pagelake.toml"
DEFAULT = "default"
_LONG_KEY = 16  # characters from which on the last four may be shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Settings and how they came to be.

    Attributes:
        settings: The values.
        origins: For each setting where its value stood: `--model`, `PAGELAKE_MODEL`, `pagelake.toml`,
            `FIREWORKS_API_KEY`, `~/.fireworks/auth.ini` or `default`.
        notices: Sentences that the user should see.
    """

    settings: Settings
    origins: Mapping[str, str]
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """A value, where it stood, and the name it has there."""

    value: object
    origin: str
    name: str


def load(
    overrides: Mapping[str, object] | None = None, *, environ: Mapping[str, str], cwd: Path, home: Path
) -> Loaded:
    """The settings from all their sources; a nearer source wins over a farther one.

    From near to far: command line, `PAGELAKE_*`, pagelake.toml, `FIREWORKS_*`, ~/.fireworks/auth.ini.

    Args:
        overrides: Options of the command line by setting; None means that an option was not given.
        environ: The environment; empty variables count as unset.
        cwd: Where pagelake.toml is looked for.
        home: Where `.fireworks` is looked for.

    Raises:
        ConfigError: A name is misspelt, a value is not allowed, or a file that was named cannot be read.
    """
    credentials = read_credentials(environ, home)
    found: dict[str, _Found] = {}
    path = _config_file(environ, cwd, home)
    in_file = _from_file(path) if path else {}
    for source in (
        _from_credentials(credentials),
        in_file,
        _from_environment(environ),
        _from_options(overrides or {}),
    ):
        found.update(source)
    return Loaded(
        settings=_validated(found),
        origins={name: found[name].origin if name in found else DEFAULT for name in Settings.model_fields},
        notices=credentials.notices + (open_to_others(path) if path and "api_key" in in_file else ()),
    )


def explain(loaded: Loaded) -> list[tuple[str, str, str]]:
    """Name, value and origin of every setting, for a person: keys masked, `-` where nothing is set."""
    return [
        (name, _shown(name, getattr(loaded.settings, name)), origin)
        for name, origin in loaded.origins.items()
    ]


def _from_options(overrides: Mapping[str, object]) -> dict[str, _Found]:
    options = {name: f"--{name.replace('_', '-')}" for name in overrides}
    return {
        name: _Found(value, options[name], options[name])
        for name, value in overrides.items()
        if value is not None
    }


def _from_environment(environ: Mapping[str, str]) -> dict[str, _Found]:
    variables = {f"{PREFIX}{name.upper()}": name for name in Settings.model_fields}
    ours = {name: value for name, value in environ.items() if name.upper().startswith(PREFIX)}
    _refuse_unknown(ours, [*variables, CONFIG_VARIABLE], "the environment variable", PREFIX)
    return {
        variables[name]: _Found(value, name, name)
        for name, value in ours.items()
        if value.strip() and name != CONFIG_VARIABLE
    }


def _config_file(environ: Mapping[str, str], cwd: Path, home: Path) -> Path | None:
    if named := environ.get(CONFIG_VARIABLE):
        return cwd / (home / named[2:] if named.startswith("~/") else named)
    path = cwd / CONFIG_FILE
    return path if path.exists() else None


def _from_file(path: Path) -> dict[str, _Found]:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}): correct {CONFIG_VARIABLE}") from error
    except ValueError as error:
        raise ConfigError(f"{path} is not TOML ({error})") from error
    _refuse_unknown(values, [*Settings.model_fields], f"in {path.name} the name")
    return {name: _Found(value, path.name, f"{name} in {path.name}") for name, value in values.items()}


def _from_credentials(credentials: Credentials) -> dict[str, _Found]:
    return {
        name: _Found(value.text, value.origin, value.origin) for name, value in credentials.values.items()
    }


def _refuse_unknown(names: Iterable[str], known: Sequence[str], what: str, prefix: str = "") -> None:
    bare = {name.removeprefix(prefix).lower(): name for name in known}
    for name in names:
        if name in known:
            continue
        close = difflib.get_close_matches(name[len(prefix) :].lower().replace("-", "_"), bare, n=1)
        hint = f"did you mean {bare[close[0]]}?" if close else "`pagelake settings` lists those there are"
        raise ConfigError(f"{what} {name} means nothing to pagelake; {hint}")


def _validated(found: Mapping[str, _Found]) -> Settings:
    try:
        return Settings.model_validate({name: each.value for name, each in found.items()})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        raise ConfigError(_complaint(name, found[name], first)) from None


def _complaint(name: str, found: _Found, error: ErrorDetails) -> str:
    words = str(error["ctx"]["error"]) if error["type"] == "value_error" else allowed(name)
    inside = ", ".join(str(step) for step in error["loc"][1:])
    if inside:
        return f"{found.name} cannot be used, see {inside}; it must be {words}"
    value = json.dumps(found.value, default=str, ensure_ascii=False)
    secret = name in {"api_key", "password"} or "@" in value
    return f"{found.name} {'cannot be used' if secret else f'is {value}'}; it must be {words}"


def _shown(name: str, value: object) -> str:
    match value:
        case None:
            return "-"
        case SecretStr():
            key = value.get_secret_value()
            return f"****{key[-4:]}" if name == "api_key" and len(key) >= _LONG_KEY else "****"
        case bool():
            return str(value).lower()
        case Mapping():
            return _shown_table(value)
        case _:
            return str(value)


def _shown_table(table: Mapping[str, object]) -> str:
    """As it may stand in the environment."""
    return json.dumps(table, ensure_ascii=False, default=_shown_prices) if table else "-"


def _shown_prices(prices: ModelPrices) -> object:
    return prices.model_dump(mode="json", exclude_none=True)
