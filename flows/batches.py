"""`pagelake batch`: the batch road in steps, for schedulers that submit in the evening and collect later."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from flows import options as opt
from flows.messages import log_to_stderr
from pipeline.store.following import address_of

if TYPE_CHECKING:
    from flows.job import Job, Secrets
    from flows.launch import Outcome

batch_app = typer.Typer(help="Batch jobs of a lake: half the price, answers later.", no_args_is_help=True)

Wait = Annotated[bool, typer.Option("--wait", help="Stay until nothing waits any more.")]


@batch_app.command()
def submit(  # noqa: PLR0913 - each is an option of the command
    sources: opt.Sources,
    schema: opt.Schema,
    *,
    out: opt.Out = "lake",
    pages: opt.Pages = None,
    limit: opt.Limit = None,
    prune: opt.Prune = False,
    accept_removed: opt.AcceptRemoved = False,
    remainder: opt.Remainder = "continue",
    ready_by: opt.ReadyBy = None,
    cleanup: opt.Cleanup = False,
    model: opt.Model = None,
    base_url: opt.BaseUrl = None,
    max_cost: opt.MaxCost = None,
    long_side: opt.LongSide = None,
    as_json: opt.AsJson = False,
    verbose: opt.Verbose = 0,
    log_format: opt.LogFormat = None,
    password: opt.Password = None,
    password_file: opt.PasswordFile = None,
    prefect: opt.Prefect = None,
) -> None:
    """Send documents off in batch jobs, and leave. What is in the lake or under way is not sent again.

    Every other option of pagelake process is taken from the settings (see: pagelake settings).

    Examples: pagelake batch submit scans/ --schema invoice --out lake
    """
    from flows.job import Errand, Job, ProcessOptions, secrets_of

    options = ProcessOptions(
        road="auto" if ready_by else "batch",
        pages=pages,
        limit=limit,
        prune=prune,
        accept_removed=accept_removed,
        remainder=remainder,
        ready_by=ready_by,
        cleanup=cleanup,
        model=model,
        base_url=base_url,
        max_cost=max_cost,
        long_side=long_side,
        password_file=str(password_file) if password_file else None,
    )
    job = Job(sources=sources, schema_name=schema, lake=out, options=options, errand=Errand.SUBMIT)
    log_to_stderr(verbose, log_format)
    _finish([job], secrets_of(password), prefect=prefect, as_json=as_json)


@batch_app.command()
def collect(  # noqa: PLR0913 - each is an option of the command
    lake: opt.Lake,
    *,
    wait: Wait = False,
    remainder: Annotated[
        Literal["continue", "resubmit", "online", "leave"] | None,
        typer.Option(help="Other than was said when they were submitted."),
    ] = None,
    password: opt.Password = None,
    password_file: opt.PasswordFile = None,
    as_json: opt.AsJson = False,
    verbose: opt.Verbose = 0,
    log_format: opt.LogFormat = None,
    prefect: opt.Prefect = None,
) -> None:
    """Move every batch job of a lake on, and make rows of what is answered. Call it as often as you like.

    The sources are not needed, but for pages that have to be asked about anew.

    Exit codes: 0 all that is answered is in the lake and none failed, jobs may be under way; others as for
    pagelake process.

    Examples: pagelake batch collect lake
    """
    from flows.batch_road import asked_in, going_on
    from flows.job import Errand, secrets_of

    found = asked_in(lake)
    if not found:
        _say_nothing(lake, as_json=as_json)
        return
    errand = Errand.FOLLOW if wait else Errand.COLLECT
    file = str(password_file.absolute()) if password_file else None
    jobs = [
        going_on(asked, errand, lake=address_of(lake), remainder=remainder, password_file=file)
        for asked in found
    ]
    log_to_stderr(verbose, log_format)
    _finish(jobs, secrets_of(password), prefect=prefect, as_json=as_json)


@batch_app.command()
def cancel(
    lake: opt.Lake,
    *,
    as_json: opt.AsJson = False,
    verbose: opt.Verbose = 0,
    log_format: opt.LogFormat = None,
) -> None:
    """Stop the batch jobs of a lake. What they have finished becomes rows; the other pages are failures.

    Examples: pagelake batch cancel lake
    """
    from flows.batch_road import asked_in, going_on
    from flows.job import Errand

    found = asked_in(lake)
    if not found:
        _say_nothing(lake, as_json=as_json)
        return
    jobs = [going_on(asked, Errand.CANCEL, lake=address_of(lake)) for asked in found]
    log_to_stderr(verbose, log_format)
    _finish(jobs, prefect=False, as_json=as_json)


@batch_app.command()
def status(
    lake: opt.Lake,
    *,
    offline: Annotated[
        bool, typer.Option("--offline", help="As last seen; the service is not asked.")
    ] = False,
    as_json: opt.AsJson = False,
) -> None:
    """Show the batch jobs of a lake. Nothing is changed.

    Examples: pagelake batch status lake, pagelake batch status lake --offline --json
    """
    from flows.batch_road import asked_in, seen_now
    from flows.batch_view import jobs_view
    from flows.console import consoles, print_json
    from pipeline.batch_run import jobs_of

    asked = asked_in(lake)
    jobs = jobs_of(lake)
    if not offline:
        jobs = asyncio.run(seen_now(jobs, asked))
    if as_json:
        print_json([job.model_dump(mode="json") | {"job_id": job.job_id} for job in jobs])
    elif jobs:
        consoles()[0].print(jobs_view(jobs))
    else:
        _say_nothing(lake, as_json=False)


def _say_nothing(lake: Path, *, as_json: bool) -> None:
    from flows.console import consoles, print_json

    if as_json:
        print_json([])
    else:
        consoles()[0].print(f"{address_of(lake)}: no batch job is under way", markup=False, soft_wrap=True)


def _finish(
    jobs: "list[Job]",
    secrets: "Secrets | None" = None,
    *,
    prefect: bool | None,
    as_json: bool,
) -> None:
    """Run jobs one after the other, show what came of each, and leave with the worst exit code."""
    from flows.console import consoles, print_json, summary_view
    from flows.job import NO_SECRETS
    from flows.launch import launch
    from pipeline.summary import RunState

    results, messages = consoles()
    outcomes: list[Outcome] = []
    for job in jobs:
        outcome = launch(job, secrets or NO_SECRETS, prefect=prefect, console=messages)
        outcomes.append(outcome)
        if not as_json:
            results.print(summary_view(outcome.summary), soft_wrap=True)
        if outcome.summary.state is RunState.INTERRUPTED:
            break
    if as_json:
        print_json([outcome.summary.model_dump(mode="json") for outcome in outcomes])
    raise typer.Exit(max(outcome.exit_code for outcome in outcomes))
