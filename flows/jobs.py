"""`pagelake jobs`: batch inference jobs at the service."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.control import (
    As,
    DryRun,
    Filter,
    Output,
    Quiet,
    at_service,
    rehearse,
    show,
    show_deleted,
    show_one,
    show_paths,
)
from flows.transfers import Folder, Lineage, Silent, fetch

if TYPE_CHECKING:
    from pipeline.service.control import ControlPlane
    from pipeline.service.job import Job
    from pipeline.service.jobs import JobSpec

jobs_app = typer.Typer(help="Batch inference jobs at the service.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="Id or full name.", show_default=False)]


@jobs_app.command("list")
def list_jobs(
    *, matching: Filter = "", dry_run: DryRun = False, output: As = Output.TEXT, quiet: Quiet = False
) -> None:
    """List the batch jobs of the account, the newest first.

    Examples: pagelake jobs list, pagelake jobs list --filter state=JOB_STATE_RUNNING -o json
    """
    rehearse("list the batch jobs of the account", dry_run=dry_run)

    async def found(control: "ControlPlane") -> "list[Job]":
        from pipeline.service.jobs import jobs

        return [job async for job in jobs(control, matching=matching)]

    columns = {
        "job": lambda job: job.id,
        "state": lambda job: job.state.lower(),
        "done": lambda job: f"{job.job_progress.total_processed_requests} of {job.job_progress.total}",
        "failed": lambda job: job.job_progress.failed_requests,
        "model": lambda job: job.model.rpartition("/")[2],
        "made": lambda job: job.create_time and f"{job.create_time:%Y-%m-%d %H:%M}",
    }
    show(at_service(found), columns, output, quiet=quiet)


@jobs_app.command("get")
def get(job: Id, *, dry_run: DryRun = False, output: As = Output.TEXT, quiet: Quiet = False) -> None:
    """Show a batch job.

    Examples: pagelake jobs get night-1, pagelake jobs get night-1 -o json
    """
    rehearse(f"show {job}", dry_run=dry_run)

    async def found(control: "ControlPlane") -> "Job":
        from pipeline.service.jobs import get_job

        return await get_job(control, job)

    show_one(at_service(found), output, quiet=quiet)


@jobs_app.command("create")
def create(  # noqa: PLR0913 - each is an option of the command
    *,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", help="Full name of the model; that of a job which is continued."),
    ] = None,
    input_dataset_id: Annotated[
        str | None, typer.Option("--input-dataset-id", "-d", help="The dataset to work.")
    ] = None,
    output_dataset_id: Annotated[
        str | None, typer.Option("--output-dataset-id", "-x", help="A new one, for the answers.")
    ] = None,
    job_id: Annotated[str, typer.Option(help="A new id; the service makes one up when left out.")] = "",
    display_name: Annotated[str, typer.Option(help="For people.")] = "",
    continue_from: Annotated[
        str | None, typer.Option(metavar="ID", help="Work what this job left unfinished or failed.")
    ] = None,
    max_tokens: Annotated[int | None, typer.Option(min=1, help="Most tokens of an answer.")] = None,
    temperature: Annotated[float | None, typer.Option(min=0, max=2, help="Of sampling.")] = None,
    top_p: Annotated[float | None, typer.Option(min=0, max=1, help="Of sampling.")] = None,
    top_k: Annotated[int | None, typer.Option(min=0, help="Of sampling.")] = None,
    n: Annotated[int | None, typer.Option("--n", min=1, help="Answers to each request.")] = None,
    extra_body: Annotated[str, typer.Option(metavar="JSON", help="Further fields of each request.")] = "",
    precision: Annotated[str | None, typer.Option(help="Such as FP8; the model's own when left out.")] = None,
    dry_run: DryRun = False,
    output: As = Output.TEXT,
    quiet: Quiet = False,
) -> None:
    """Start a batch job over a dataset, or continue one.

    Examples: pagelake jobs create -m accounts/fireworks/models/MODEL -d evening-1 -x evening-1-answers,
    pagelake jobs create --continue-from night-1
    """
    from pipeline.errors import ConfigError
    from pipeline.service.jobs import JobSpec, Parameters, create_job

    if input_dataset_id is None and continue_from is None:
        raise ConfigError("name the dataset to work with --input-dataset-id, or a job to --continue-from")
    if model is None and continue_from is None:
        raise ConfigError("name the model that is to work the dataset with --model")
    spec = JobSpec(
        model=model or "",
        input_dataset=input_dataset_id,
        output_dataset=output_dataset_id,
        display_name=display_name,
        precision=precision,
        continued_from=continue_from,
        parameters=Parameters(
            max_tokens=max_tokens,
            temperature=temperature,
            top_p=top_p,
            top_k=top_k,
            n=n,
            extra=_fields(extra_body),
        ),
    )
    over = f"{input_dataset_id or continue_from}{f' with {model}' if model else ''}"
    rehearse(f"start {job_id or 'a job'} over {over}", dry_run=dry_run)

    async def made(control: "ControlPlane") -> "Job":
        found = spec if model or continue_from is None else await _as_before(control, spec, continue_from)
        return await create_job(control, found, job_id=job_id)

    show_one(at_service(made), output, quiet=quiet)


@jobs_app.command("download")
def download(  # noqa: PLR0913 - each is an option of the command
    job: Id,
    *,
    output_dir: Folder = Path(),
    download_lineage: Lineage = False,
    dry_run: DryRun = False,
    output: As = Output.TEXT,
    quiet: Silent = False,
) -> None:
    """Download the answers and errors of a batch job that is over; prints the paths of the files.

    Examples: pagelake jobs download night-1 --output-dir answers,
    pagelake jobs download night-2 --download-lineage
    """
    rehearse(f"download what {job} wrote to {output_dir}", dry_run=dry_run)

    async def received(control: "ControlPlane") -> dict[str, Path]:
        from pipeline.service.jobs import get_job

        written = (await get_job(control, job)).output_dataset_id
        return await fetch(control, written, output_dir, lineage=download_lineage, quiet=quiet)

    show_paths(at_service(received), output)


@jobs_app.command("delete")
def delete(job: Id, *, dry_run: DryRun = False, output: As = Output.TEXT, quiet: Quiet = False) -> None:
    """Delete a batch job; one that runs is stopped by it, and its finished answers are kept.

    Examples: pagelake jobs delete night-1, pagelake jobs delete night-1 --dry-run
    """
    rehearse(f"delete {job}", dry_run=dry_run)

    async def deleted(control: "ControlPlane") -> None:
        from pipeline.service.jobs import delete_job

        await delete_job(control, job)

    at_service(deleted)
    show_deleted(job, output, quiet=quiet)


async def _as_before(control: "ControlPlane", spec: "JobSpec", continued: str) -> "JobSpec":
    """The same job to be, with the model of the one it continues: the service wants it named."""
    from dataclasses import replace

    from pipeline.service.jobs import get_job

    return replace(spec, model=(await get_job(control, continued)).model)


def _fields(text: str) -> dict[str, Any]:
    from pipeline.errors import ConfigError

    try:
        fields = json.loads(text or "{}")
    except ValueError as error:
        raise ConfigError(f"--extra-body is no JSON ({error})") from error
    if not isinstance(fields, dict):
        raise ConfigError("--extra-body must be a JSON object")
    return fields
