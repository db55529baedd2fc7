"""`pagelake datasets`: files of lines at the service."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.control import As, DryRun, Filter, Output, Quiet, at_service, said, show, show_one

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.service.control import ControlPlane
    from pipeline.service.datasets import Dataset

datasets_app = typer.Typer(help="Files of lines at the service, for batch jobs.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="Id or full name.", show_default=False)]


@datasets_app.command("list")
def list_datasets(*, matching: Filter = "", output: As = Output.TEXT, quiet: Quiet = False) -> None:
    """List the datasets of the account, the newest first."""

    async def found(control: "ControlPlane") -> "list[Dataset]":
        from pipeline.service.datasets import datasets

        return [dataset async for dataset in datasets(control, matching=matching)]

    columns = {
        "dataset": lambda dataset: dataset.id,
        "state": lambda dataset: dataset.state.lower(),
        "lines": lambda dataset: dataset.example_count,
        "made": lambda dataset: dataset.create_time and f"{dataset.create_time:%Y-%m-%d %H:%M}",
        "by job": lambda dataset: dataset.source_job_name.rpartition("/")[2],
    }
    show(at_service(found), columns, output, quiet=quiet)


@datasets_app.command("get")
def get(dataset: Id, *, output: As = Output.TEXT, quiet: Quiet = False) -> None:
    """Show a dataset."""

    async def found(control: "ControlPlane") -> "Dataset":
        from pipeline.service.datasets import get_dataset

        return await get_dataset(control, dataset)

    show_one(at_service(found), output, quiet=quiet)


@datasets_app.command("create")
def create(  # noqa: PLR0913 - each is an option of the command
    dataset: Id,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON lines.", show_default=False)],
    *,
    display_name: Annotated[str, typer.Option(help="For people.")] = "",
    dry_run: DryRun = False,
    output: As = Output.TEXT,
    quiet: Quiet = False,
) -> None:
    """Make a dataset of a file of JSON lines, upload it, and wait until it can be used.

    Example: pagelake datasets create evening-1 requests.jsonl
    """
    from pipeline.service.names import checked_id

    checked_id(dataset, "dataset id")
    lines, size_bytes = _measure(file)
    if dry_run:
        said(f"would make {dataset} of {lines} lines, {size_bytes / 1e6:.1f} MB")
        return

    async def made(control: "ControlPlane") -> "Dataset":
        from pipeline.service.datasets import create_dataset, wait_until_ready
        from pipeline.service.uploads import upload

        await create_dataset(control, dataset, example_count=lines, display_name=display_name)
        with _shown(f"uploading {file.name}", size_bytes) as progress:
            await upload(control, dataset, [file], progress=progress)
        return await wait_until_ready(control, dataset)

    show_one(at_service(made), output, quiet=quiet)


@datasets_app.command("download")
def download(
    dataset: Id,
    *,
    output_dir: Annotated[Path, typer.Option(metavar="FOLDER", help="Made when missing.")] = Path(),
    download_lineage: Annotated[
        bool, typer.Option(help="With those of the jobs that the one which wrote it continued.")
    ] = False,
) -> None:
    """Download the files of a dataset, each whole or not at all; prints their paths."""

    async def received(control: "ControlPlane") -> "dict[str, Path]":
        from pipeline.service import downloads

        with _shown(f"downloading {dataset}", None) as progress:
            return await downloads.download(
                control, dataset, output_dir, lineage=download_lineage, progress=progress
            )

    for path in at_service(received).values():
        typer.echo(path)


@datasets_app.command("delete")
def delete(dataset: Id, *, dry_run: DryRun = False) -> None:
    """Delete a dataset."""
    if dry_run:
        said(f"would delete {dataset}")
        return

    async def deleted(control: "ControlPlane") -> None:
        from pipeline.service.datasets import delete_dataset

        await delete_dataset(control, dataset)

    at_service(deleted)
    said(f"deleted {dataset}")


def _measure(file: Path) -> tuple[int, int]:
    """Lines and bytes of a file; blank lines do not count.

    Raises:
        ConfigError: It cannot be read.
    """
    from pipeline.errors import ConfigError

    try:
        with file.open("rb") as lines:
            return sum(not line.isspace() for line in lines), file.stat().st_size
    except OSError as error:
        raise ConfigError(f"{file} cannot be read ({error.strerror})") from error


@contextmanager
def _shown(what: str, size_bytes: int | None) -> "Iterator[Callable[[int], None]]":
    """A bar of the bytes that have gone over; called with how many more."""
    from rich.progress import DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    from flows.console import consoles

    columns = (TextColumn("{task.description}"), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=consoles()[1], transient=True) as progress:
        task = progress.add_task(what, total=size_bytes)
        yield lambda more: progress.advance(task, more)
