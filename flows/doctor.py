"""`pagelake doctor`: is everything there that a run needs?"""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows import options as opt

if TYPE_CHECKING:
    from flows.checkup import Finding

_FAILED = 1
_STYLES = {"ok": "green", "doubtful": "yellow", "broken": "red"}

Ask = Annotated[
    bool,
    typer.Option(
        "--probe/--no-probe", help="Ask the model about a built-in page, which costs what a small page costs."
    ),
]


def doctor(*, out: opt.Out = Path("lake"), probe: Ask = True, as_json: opt.AsJson = False) -> None:
    """Check settings, disk, Prefect, drawing, the service, the model, and an answer of it.

    One line each: ok, doubtful or broken, and what to do. Ends with 1 when something is broken.

    Examples: pagelake doctor, PAGELAKE_MODEL=ID pagelake doctor --no-probe --json
    """
    findings = asyncio.run(_told(out, asking=probe, as_json=as_json))
    if as_json:
        from flows.console import print_json

        print_json([asdict(finding) for finding in findings])
    raise typer.Exit(_FAILED if any(finding.health == "broken" for finding in findings) else 0)


async def _told(lake: Path, *, asking: bool, as_json: bool) -> "list[Finding]":
    from flows.checkup import examine
    from flows.console import consoles

    results, _ = consoles()
    findings = []
    async for finding in examine(lake, asking=asking):
        findings.append(finding)
        if not as_json:
            results.print(_line(finding), soft_wrap=True)
    return findings


def _line(finding: "Finding") -> "object":
    from rich.text import Text

    from pipeline.records import printable

    said = printable(finding.said) + (f"; {printable(finding.advice)}" if finding.advice else "")
    return Text.assemble(
        (f"{finding.health:<9}", _STYLES[finding.health]), (f"{finding.about:<10}", "bold"), said
    )
