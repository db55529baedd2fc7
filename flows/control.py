"""What the commands about things at the service share: the connection, the flags, how results are shown."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from pipeline.service.control import ControlPlane
    from pipeline.service.wire import Named

T = TypeVar("T")
Columns = dict[str, Callable[[Any], object]]
"""Headings of a table, and what stands below each."""


class Output(StrEnum):
    """How a result is shown."""

    TEXT = "text"
    JSON = "json"


As = Annotated[Output, typer.Option("--output", "-o", help="A table for people, or JSON for scripts.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print ids alone, one a line.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
Filter = Annotated[
    str, typer.Option("--filter", metavar="TEXT", help="Only these, such as state=READY (AIP-160).")
]


def at_service(work: "Callable[[ControlPlane], Awaitable[T]]") -> T:
    """What `work` returns, given the service of the settings.

    Raises:
        ConfigError: The settings name no service.
        ServiceError: The service does not answer as it should.
    """
    from flows.engine import control_plane, engine_of
    from flows.environment import loaded_settings
    from pipeline.errors import ConfigError

    loaded = loaded_settings()
    settings = loaded.settings
    for notice in loaded.notices:
        said(notice)
    if engine_of(settings) == "local":
        raise ConfigError("name a service first: set PAGELAKE_API_KEY, or PAGELAKE_BASE_URL")

    async def connected() -> T:
        async with control_plane(settings) as control:
            return await work(control)

    return asyncio.run(connected())


def rehearse(would: str, *, dry_run: bool) -> None:
    """Say what the command would do and end it, if nothing is to be done."""
    if dry_run:
        said(f"would {would}")
        raise typer.Exit


def show(found: "Sequence[Named]", columns: Columns, output: Output, *, quiet: bool) -> None:
    """Print a list of things: a table of columns, their ids, or all that is known of them."""
    if quiet:
        _write(one.id for one in found)
    elif output is Output.JSON:
        _write([json.dumps([one.model_dump(mode="json") for one in found], indent=2)])
    else:
        _print_table(found, columns)


def show_one(found: "Named", output: Output, *, quiet: bool) -> None:
    """Print all that is known of one thing, or its id."""
    fields = found.model_dump(mode="json")
    if quiet:
        _write([found.id])
    elif output is Output.JSON:
        _write([json.dumps(fields, indent=2)])
    else:
        _write(f"{name:<26}{_plain(value)}" for name, value in fields.items() if value not in (None, "", {}))


def show_deleted(name: str, output: Output, *, quiet: bool) -> None:
    """Print that something is gone."""
    if quiet:
        _write([name])
    elif output is Output.JSON:
        _write([json.dumps({"deleted": name}, indent=2)])
    else:
        said(f"deleted {name}")


def show_paths(paths: Mapping[str, Path], output: Output) -> None:
    """Print where files are, by their names at the service."""
    if output is Output.JSON:
        _write([json.dumps({name: str(path) for name, path in paths.items()}, indent=2)])
    else:
        _write(str(path) for path in paths.values())


def said(text: str) -> None:
    """Tell a person what happens, beside the result."""
    from flows.console import consoles

    consoles()[1].print(text, markup=False, soft_wrap=True)


def _print_table(found: "Sequence[Named]", columns: Columns) -> None:
    from rich.table import Table

    from flows.console import consoles

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in columns:
        table.add_column(name, overflow="fold")
    for one in found:
        table.add_row(*(_plain(cell(one)) for cell in columns.values()))
    consoles()[0].print(table)


def _plain(value: object) -> str:
    from pipeline.records import printable

    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return "" if value is None else printable(text)


def _write(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
