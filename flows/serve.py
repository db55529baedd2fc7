"""`pagelake serve`: the same run again and again, on a schedule of Prefect."""

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from flows import options as opt
from flows.orchestrator import Orchestrator, configured_api
from flows.server import hush
from pipeline.errors import ConfigError
from pipeline.records import printable

if TYPE_CHECKING:
    from flows.serving import Served

EXAMPLES = (
    "Examples:\n\n"
    'pagelake serve --cron "0 2 * * *" scans/ --schema invoice --out lake\n\n'
    "pagelake serve --every 15m s3://papers/inbox --schema invoice --out s3://papers/lake --overlap skip\n\n"
    'pagelake serve --cron "0 2 * * 1-5" --timezone Europe/Berlin scans/ --schema invoice --dry-run'
)
_COMING = 3

Cron = Annotated[
    str | None,
    typer.Option(metavar="LINE", help='When runs begin, as a cron line: "0 2 * * *" is every night at two.'),
]
Every = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Or how much later the next run begins: 90s, 15m, 6h, 1d or 1w."),
]
Timezone = Annotated[
    str, typer.Option(metavar="ZONE", help="Time zone of the schedule, such as Europe/Berlin.")
]
Name = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Name of the deployment; made of record type and lake when left out."),
]
Overlap = Annotated[
    Literal["wait", "skip"],
    typer.Option(help="What a run does that is due while the one before is still going on."),
]
Block = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Secret block of Prefect with the key of the service."),
]
PasswordBlock = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Secret block of Prefect with a password for documents."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Serve nothing: show the deployment and its times.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print what --dry-run shows as JSON.")]


def serve(  # noqa: PLR0913 - each is an option of the command
    sources: opt.Sources,
    schema: opt.Schema,
    *,
    out: opt.Out = "lake",
    cron: Cron = None,
    every: Every = None,
    timezone: Timezone = "UTC",
    overlap: Overlap = "wait",
    name: Name = None,
    limit: opt.Limit = None,
    explode: opt.Explode = None,
    evolve: opt.Evolve = False,
    prune: opt.Prune = False,
    road: opt.Road = "online",
    remainder: opt.Remainder = "continue",
    ready_by: opt.ReadyBy = None,
    cleanup: opt.Cleanup = False,
    engine: opt.Engine = None,
    model: opt.Model = None,
    base_url: opt.BaseUrl = None,
    max_cost: opt.MaxCost = None,
    password_file: opt.PasswordFile = None,
    api_key_block: Block = None,
    password_block: PasswordBlock = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    verbose: opt.Verbose = 0,
) -> None:
    """Run pagelake process on a schedule, as a deployment of Prefect that this process serves.

    Each run takes what is new or changed since the one before. Ctrl-C or SIGTERM pause the schedule, let a
    run that is going on end the requests in flight, and end this command with 0. An option that is left out
    takes its value from the settings, and keys come from there or from Secret blocks alone.
    """
    from flows.batch_road import check_deadline
    from flows.job import Job, ProcessOptions
    from flows.messages import log_to_stderr
    from flows.schedule import read_schedule
    from flows.work import prepare

    log_to_stderr(verbose)
    options = ProcessOptions(
        limit=limit,
        explode=explode or [],
        evolve=evolve,
        prune=prune,
        road=road,
        remainder=remainder,
        ready_by=ready_by,
        cleanup=cleanup,
        engine=engine,
        model=model,
        base_url=base_url,
        max_cost=max_cost,
        password_file=str(password_file) if password_file else None,
    )
    job = Job(sources=sources, schema_name=schema, lake=out, options=options)
    hush(os.environ)  # Prefect reads them when it is imported
    check_deadline(options)
    prepare(job)
    schedule = read_schedule(cron, every, timezone)

    from flows.serving import Served

    served = Served(
        name=deployment_name(name, schema, out),
        job=job,
        schedule=schedule,
        overlap=overlap,
        api_key_block=api_key_block,
        password_block=password_block,
    )
    if dry_run:
        _show(served, as_json=as_json)
    else:
        _serve(served)


def deployment_name(name: str | None, schema: str, lake: str) -> str:
    """The name of a deployment: the given one, or one that no other record type and lake of this machine has.

    Raises:
        ConfigError: Prefect takes no such name.
    """
    if name is None:
        place = lake if "://" in lake else str(Path(lake).absolute())
        return re.sub(r"[^\w.]+", "-", f"{schema} {place}").strip("-.")
    if not name.strip() or not name.isprintable() or set(name) & set("/%&><"):
        raise ConfigError(f"--name {name!r}: give a name without any of / % & < >")
    return name


def _show(served: "Served", *, as_json: bool) -> None:
    from flows.console import consoles, print_json

    coming = [time.isoformat() for time in served.schedule.coming(_COMING)]
    shown: dict[str, Any] = {
        "deployment": served.deployment,
        "schedule": str(served.schedule),
        "next": coming,
        "overlap": served.overlap,
        "parameters": served.parameters,
    }
    if as_json:
        print_json(shown)
        return
    lines = {**shown, "next": ", ".join(coming), "parameters": json.dumps(served.parameters)}
    for word, value in lines.items():
        consoles()[0].print(f"{word:<12}{printable(value)}", markup=False, soft_wrap=True)


def _serve(served: "Served") -> None:
    from flows.control import said
    from flows.serving import serve as serve_until_stopped

    api = Orchestrator(url=configured_api(os.environ))
    if not api.url:
        raise ConfigError(
            "schedules need a Prefect API: start one with `prefect server start`, and name it with "
            "`prefect config set PREFECT_API_URL=http://127.0.0.1:4200/api`"
        )

    begins = served.schedule.coming(1)[0].isoformat()

    def announce() -> None:
        said(f"serving {served.deployment} on Prefect at {api.host}: {served.schedule}")
        said(f"next run: {begins}; Ctrl-C ends")

    serve_until_stopped(served, api.host, announce)
    said("no longer serving; the schedule is paused until the same command is given again")
