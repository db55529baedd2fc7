"""`pagelake check`: what is wrong with a lake, and with `--repair` put right."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows import options as opt
from pipeline.store.following import address_of

if TYPE_CHECKING:
    from rich.console import RenderableType

    from pipeline.check.findings import Finding
    from pipeline.repair import Repaired
    from schemas.registry import RecordType

Repair = Annotated[
    bool,
    typer.Option(
        "--repair",
        help="Move what is damaged into LAKE/_damaged, make anew what can be derived, and leave the rest to "
        "the next process. Nothing is asked.",
    ),
]
Schemas = Annotated[
    list[str] | None,
    typer.Option(
        "--schema",
        "-s",
        metavar="NAME",
        help="Record type of yours in the lake, for --repair; may be repeated. Built-in ones are known.",
        show_default=False,
    ),
]


def check(
    lake: opt.Lake, *, repair: Repair = False, schema: Schemas = None, as_json: opt.AsJson = False
) -> None:
    """Find what is wrong with a lake: damaged or missing parts, tables that do not agree. Nothing is changed.

    Exit codes: 0 all is well, 1 something is wrong, 2 it is no lake.

    Examples: pagelake check lake, pagelake check lake --json, pagelake check lake --repair,
    pagelake check lake --repair --schema mine.py:Claim
    """
    from flows.console import consoles, print_json
    from pipeline.check.checking import check as findings_in

    done = _repair(lake, schema or ()) if repair else None
    found = list(findings_in(lake))
    if as_json:
        print_json(_fields(lake, found, done))
    else:
        for line in _lines(lake, found, done):
            consoles()[0].print(line, soft_wrap=isinstance(line, str), markup=False)
    raise typer.Exit(int(any(one.wrong for one in found)))


def _repair(lake: Path, schemas: Sequence[str]) -> "Repaired":
    from flows.work import record_type
    from pipeline.errors import ConfigError
    from pipeline.repair import repair

    named = {record.name: record for record in map(record_type, schemas)}

    def record_of(name: str) -> "RecordType":
        try:
            return named.get(name) or record_type(name)
        except ConfigError as error:
            raise ConfigError(
                f"{lake} holds records of {name!r}, which is no built-in record type; name yours with "
                "--schema, as for process"
            ) from error

    return asyncio.run(repair(lake, record_of))


def _fields(lake: Path, found: "Sequence[Finding]", done: "Repaired | None") -> dict[str, object]:
    told: dict[str, object] = {
        "lake": address_of(lake),
        "ok": not any(one.wrong for one in found),
        "findings": [
            {
                "kind": one.kind.value,
                "where": one.where,
                "what": one.what,
                "wrong": one.wrong,
                "remedy": one.remedy,
            }
            for one in found
        ],
    }
    return told | ({"repaired": asdict(done)} if done else {})


def _lines(
    lake: Path, found: "Sequence[Finding]", done: "Repaired | None"
) -> "Iterator[RenderableType | str]":
    """What a person reads: what was done, what is there, and one sentence at the end."""
    from flows.console import counted

    if done:
        yield from _done(done)
    if found:
        yield _table(found)
    wrong = sum(one.wrong for one in found)
    name = address_of(lake)
    yield f"{name}: {counted(wrong, 'thing')} wrong" if wrong else f"{name}: all is well"


def _done(done: "Repaired") -> Iterator[str]:
    from flows.console import counted
    from pipeline.records import printable

    for before, now in done.moved:
        yield printable(f"moved {before} to {now}")
    for count, what in (
        (done.listed, "listed again"),
        (done.derived, "derived anew from answers"),
        (done.marked, "left to the next process, which asks only for what has no answer"),
    ):
        if count:
            yield f"{counted(count, 'document')} {what}"


def _table(found: "Sequence[Finding]") -> "RenderableType":
    from rich.table import Table
    from rich.text import Text

    from pipeline.records import printable

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("", "where", "what", "what to do"):
        table.add_column(name, overflow="fold")
    for one in found:
        mark = Text("wrong", style="red") if one.wrong else Text("note", style="dim")
        table.add_row(mark, *(Text(printable(text)) for text in (one.where, one.what, one.remedy)))
    return table
