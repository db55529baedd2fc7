"""`pagelake doctor`: is everything there that a run needs?"""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows import options as opt
from flows.control import As, Output, rehearse

if TYPE_CHECKING:
    from flows.findings import Finding

_FAILED = 1
_STYLES = {"ok": "green", "doubtful": "yellow", "broken": "red"}

Out = Annotated[Path, typer.Option(metavar="LAKE", help="Where a lake is to be written.")]
Ask = Annotated[
    bool,
    typer.Option(
        "--probe/--no-probe", help="Ask the model about a built-in page, which costs what a small page costs."
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Tell only what is doubtful or broken.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be checked, and check nothing.")]


def doctor(  # noqa: PLR0913 - each is an option of the command
    *,
    out: Out = Path("lake"),
    probe: Ask = True,
    dry_run: DryRun = False,
    output: As = Output.TEXT,
    quiet: Quiet = False,
    as_json: opt.AsJson = False,
) -> None:
    """Check settings, disk, Prefect, drawing, key, account, quotas, the model and its limits, and an answer.

    One line each: ok, doubtful or broken, and what to do. Ends with 1 when something is broken.

    Examples: pagelake doctor, PAGELAKE_MODEL=ID pagelake doctor --no-probe -o json
    """
    probing = ", and ask the model about a built-in page" if probe else ""
    rehearse(f"check all that a run into {out} needs{probing}", dry_run=dry_run)
    told_at_once = output is Output.TEXT and not as_json
    findings = asyncio.run(_found(out, asking=probe, showing=told_at_once, quiet=quiet))
    if not told_at_once:
        from flows.console import print_json

        print_json([asdict(finding) for finding in findings if _matters(finding, quiet=quiet)])
    raise typer.Exit(_FAILED if any(finding.health == "broken" for finding in findings) else 0)


async def _found(lake: Path, *, asking: bool, showing: bool, quiet: bool) -> "list[Finding]":
    from flows.checkup import examine
    from flows.console import consoles

    results, _ = consoles()
    findings = []
    async for finding in examine(lake, asking=asking):
        findings.append(finding)
        if showing and _matters(finding, quiet=quiet):
            results.print(_line(finding), soft_wrap=True)
    return findings


def _matters(finding: "Finding", *, quiet: bool) -> bool:
    return not quiet or finding.health != "ok"


def _line(finding: "Finding") -> "object":
    from rich.text import Text

    from pipeline.records import printable

    said = printable(finding.said) + (f"; {printable(finding.advice)}" if finding.advice else "")
    return Text.assemble(
        (f"{finding.health:<9}", _STYLES[finding.health]), (f"{finding.about:<10}", "bold"), said
    )
