"""The command line `pagelake`. Each command imports what it needs, so that help is instant."""

import asyncio
import io
import os
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from flows import options as opt
from flows.batches import batch_app
from flows.catalog import models_app, quotas_app
from flows.check import check
from flows.compact import compact
from flows.cost import cost
from flows.datasets import datasets_app
from flows.doctor import doctor
from flows.evaluate import evaluate
from flows.export_command import export
from flows.jobs import jobs_app
from flows.local import local_app
from flows.messages import complain
from flows.pace import pace
from flows.record_types import schemas_app
from flows.serve import EXAMPLES as SERVE_EXAMPLES
from flows.serve import serve
from flows.status import status
from flows.stopping import INTERRUPTED, TERMINATED, Terminated, terminate
from pipeline.errors import NO_MORE_FILES, NO_MORE_FILES_ADVICE, PagelakeError

if TYPE_CHECKING:
    from flows.job import Job, Secrets
    from flows.launch import Outcome

app = typer.Typer(
    name="pagelake",
    help="A folder of documents goes in, a typed Parquet lake comes out: every page accounted for, nothing "
    "paid for twice.",
    epilog="First run, without a key: [bold]pagelake process sample_docs --schema invoice --out lake[/bold]",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.add_typer(batch_app, name="batch")
app.add_typer(schemas_app, name="schemas")
app.add_typer(local_app, name="local")
app.command()(evaluate)
app.command()(check)
app.command()(cost)
app.command()(compact)
app.command()(pace)
app.command()(status)
app.command()(export)
app.command()(doctor)
app.command(epilog=SERVE_EXAMPLES)(serve)
app.add_typer(models_app, name="models")
app.add_typer(quotas_app, name="quotas")
app.add_typer(datasets_app, name="datasets")
app.add_typer(jobs_app, name="jobs")


@app.command(
    epilog="Examples:\n\n"
    "pagelake process scans/ --schema invoice\n\n"
    "pagelake process 'in/**/*.pdf' --schema receipt --out receipts --model ID\n\n"
    "pagelake process a.pdf --schema mine.py:Contract --pages 1-3 --dry-run\n\n"
    "pagelake process scans/ --schema invoice --road auto --ready-by 06:00"
)
def process(  # noqa: PLR0913 - each is an option of the command
    sources: opt.Sources,
    schema: opt.Schema,
    *,
    out: opt.Out = "lake",
    pages: opt.Pages = None,
    limit: opt.Limit = None,
    explode: opt.Explode = None,
    evolve: opt.Evolve = False,
    prune: opt.Prune = False,
    accept_removed: opt.AcceptRemoved = False,
    dry_run: opt.DryRun = False,
    road: opt.Road = "online",
    remainder: opt.Remainder = "continue",
    ready_by: opt.ReadyBy = None,
    cleanup: opt.Cleanup = False,
    as_json: opt.AsJson = False,
    verbose: opt.Verbose = 0,
    log_format: opt.LogFormat = None,
    engine: opt.Engine = None,
    model: opt.Model = None,
    base_url: opt.BaseUrl = None,
    max_tokens: opt.MaxTokens = None,
    reasoning_effort: opt.ReasoningEffort = None,
    response_format: opt.ResponseFormat = None,
    max_cost: opt.MaxCost = None,
    in_flight: opt.InFlight = None,
    long_side: opt.LongSide = None,
    quality: opt.Quality = None,
    image_format: opt.Format = None,
    max_images: opt.MaxImages = None,
    password: opt.Password = None,
    password_file: opt.PasswordFile = None,
    prefect: opt.Prefect = None,
) -> None:
    """Work documents into a lake.

    What the lake already holds is not asked again: the same command goes on where the last one stopped.
    An option that is left out takes its value from the settings (see: pagelake settings).

    Exit codes: 0 all pages accounted for and none failed, 1 some failed, 2 bad usage or configuration,
    3 stopped by the service or the cost limit, 130 after Ctrl-C and 143 after SIGTERM, which both end what is
    in flight first.
    """
    from flows.job import Job, ProcessOptions, secrets_of
    from flows.messages import log_to_stderr

    log_to_stderr(verbose, log_format)
    options = ProcessOptions(
        engine=engine,
        model=model,
        base_url=base_url,
        pages=pages,
        limit=limit,
        explode=explode or [],
        evolve=evolve,
        prune=prune,
        accept_removed=accept_removed,
        max_cost=max_cost,
        in_flight=in_flight,
        max_tokens=max_tokens,
        reasoning_effort=reasoning_effort,
        response_format=response_format,
        max_images=max_images,
        long_side=long_side,
        quality=quality,
        image_format=image_format,
        road=road,
        remainder=remainder,
        ready_by=ready_by,
        cleanup=cleanup,
        password_file=str(password_file) if password_file else None,
    )
    job = Job(sources=sources, schema_name=schema, lake=out, options=options)
    if dry_run:
        _plan(job, secrets_of(password), as_json=as_json)
    else:
        _process(job, secrets_of(password), prefect=prefect, as_json=as_json)


def _plan(job: "Job", secrets: "Secrets", *, as_json: bool) -> None:
    from flows.console import consoles, plan_view, print_json
    from flows.work import plan

    planned = asyncio.run(plan(job, secrets))
    if as_json:
        print_json(planned.model_dump(mode="json"))
    else:
        consoles()[0].print(plan_view(planned))


def _process(job: "Job", secrets: "Secrets", *, prefect: bool | None, as_json: bool) -> NoReturn:
    from flows.console import consoles, print_json, summary_view
    from flows.launch import launch

    results, messages = consoles()
    outcome = launch(job, secrets, prefect=prefect, console=messages)
    if as_json:
        print_json(outcome.summary.model_dump(mode="json"))
    else:
        results.print(summary_view(outcome.summary), soft_wrap=True)
    if outcome.flow_run:
        messages.print(f"flow run: {outcome.flow_run}", markup=False, soft_wrap=True)
    _leave(outcome)


def _leave(outcome: "Outcome") -> NoReturn:
    if outcome.prefect_lost:
        complain("the Prefect API was lost on the way; the lake is as told above")
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(outcome.exit_code)  # Prefect's threads would wait for the API for minutes
    raise typer.Exit(outcome.exit_code)


@app.command()
def rebuild(
    lake: opt.Lake,
    schema: opt.Schema,
    as_json: opt.AsJson = False,
) -> None:
    """Derive the records of a lake anew from its answers. Nothing is asked, nothing is paid.

    Examples: pagelake rebuild lake --schema invoice, pagelake rebuild lake --schema mine.py:Claim --json
    """
    from flows.console import consoles, print_json, summary_view
    from flows.work import record_type
    from pipeline.rebuild import rebuild as rebuilt

    summary = asyncio.run(rebuilt(lake, record_type(schema)))
    if as_json:
        print_json(summary.model_dump(mode="json"))
    else:
        consoles()[0].print(summary_view(summary), soft_wrap=True)
    raise typer.Exit(summary.exit_code)


@app.command()
def settings(as_json: opt.AsJson = False) -> None:
    """Show every setting, its value, and where the value came from. Keys are masked.

    Examples: pagelake settings, PAGELAKE_IN_FLIGHT=8 pagelake settings --json
    """
    from flows.console import consoles, print_json, settings_view
    from flows.environment import loaded_settings
    from pipeline.loading import explain
    from pipeline.settings import Settings

    loaded = loaded_settings()
    rows = [
        (name, value, origin, Settings.model_fields[name].description or "")
        for name, value, origin in explain(loaded)
    ]
    if as_json:
        print_json({name: {"value": value, "origin": origin} for name, value, origin, _ in rows})
        return
    results, messages = consoles()
    results.print(settings_view(rows))
    for notice in loaded.notices:
        messages.print(notice, markup=False, soft_wrap=True)


@app.command()
def version() -> None:
    """Show the version.

    Examples: pagelake version, pagelake --version
    """
    print(f"pagelake {installed_version('pagelake')}")


def _show_version(wanted: bool) -> None:
    if wanted:
        version()
        raise typer.Exit


@app.callback()
def _pagelake(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def run(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code. A PagelakeError is one line on standard error."""
    try:
        app(arguments)
    except (Terminated, KeyboardInterrupt, asyncio.CancelledError) as stopped:
        complain("stopped at once; the same command goes on where it stopped")
        return TERMINATED if isinstance(stopped, Terminated) else INTERRUPTED
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 0
    except PagelakeError as error:
        complain(str(error))
        return error.exit_code
    except OSError as error:
        if error.errno not in NO_MORE_FILES:
            raise
        complain(NO_MORE_FILES_ADVICE)
        return PagelakeError.exit_code
    return 0


def main() -> None:
    """Run the command as a process of its own."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names may hold what a terminal cannot show
    signal.signal(signal.SIGTERM, terminate)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
