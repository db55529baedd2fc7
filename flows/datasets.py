"""`pagelake datasets`: files of lines at the service."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from flows.transfers import Folder, Lineage, Silent, fetch, measured, send

if TYPE_CHECKING:
    from pipeline.service.control import ControlPlane
    from pipeline.service.datasets import Dataset
    from pipeline.service.wire import Named

datasets_app = typer.Typer(help="Files of lines at the service, for batch jobs.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="Id or full name.", show_default=False)]
DisplayName = Annotated[str | None, typer.Option(help="For people.", show_default=False)]
Count = Annotated[
    int | None,
    typer.Option(
        min=1, metavar="N", help="Lines it has; jobs count their requests by it.", show_default=False
    ),
]


@datasets_app.command("list")
def list_datasets(
    *, matching: Filter = "", dry_run: DryRun = False, output: As = Output.TEXT, quiet: Quiet = False
) -> None:
    """List the datasets of the account, the newest first.

    Examples: pagelake datasets list, pagelake datasets list --filter state=READY -q
    """
    rehearse("list the datasets of the account", dry_run=dry_run)

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
def get(dataset: Id, *, dry_run: DryRun = False, output: As = Output.TEXT, quiet: Quiet = False) -> None:
    """Show a dataset.

    Examples: pagelake datasets get evening-1, pagelake datasets get evening-1 -o json
    """
    rehearse(f"show {dataset}", dry_run=dry_run)

    async def found(control: "ControlPlane") -> "Dataset":
        from pipeline.service.datasets import get_dataset

        return await get_dataset(control, dataset)

    show_one(at_service(found), output, quiet=quiet)


@datasets_app.command("create")
def create(  # noqa: PLR0913 - each is an option of the command
    dataset: Id,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="JSON lines.", show_default=False)
    ] = None,
    *,
    external_url: Annotated[
        str, typer.Option(metavar="URL", help="gs:// address of a file in a bucket of your own.")
    ] = "",
    example_count: Count = None,
    display_name: DisplayName = None,
    dry_run: DryRun = False,
    output: As = Output.TEXT,
    quiet: Quiet = False,
) -> None:
    """Make a dataset: of files that are uploaded now, of one in a bucket, or of files that come later.

    With files it waits until the dataset can be used. A bucket has to let the service read it. For an upload
    that comes later, say with --example-count how many lines it will have.

    Examples: pagelake datasets create evening-1 requests.jsonl,
    pagelake datasets create evening-2 --external-url gs://bucket/requests.jsonl
    """
    from pipeline.service.names import checked_id

    checked_id(dataset, "dataset id")
    size_bytes, what = 0, f"{example_count} lines to be uploaded"
    _check_content(files, external_url, example_count)
    if files:
        example_count, size_bytes = measured(files)
        what = f"{example_count} lines, {size_bytes / 1e6:.1f} MB"
    rehearse(f"make {dataset} of {external_url or what}", dry_run=dry_run)

    async def made(control: "ControlPlane") -> "Dataset":
        from pipeline.service.datasets import create_dataset

        new = await create_dataset(
            control,
            dataset,
            example_count=example_count,
            display_name=display_name or "",
            external_url=external_url,
        )
        return await send(control, dataset, files, size_bytes, quiet=quiet) if files else new

    show_one(at_service(made), output, quiet=quiet)


@datasets_app.command("upload")
def upload(
    dataset: Id,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="JSON lines, all of its files.", show_default=False),
    ],
    *,
    dry_run: DryRun = False,
    output: As = Output.TEXT,
    quiet: Quiet = False,
) -> None:
    """Upload the files of a dataset that waits for them, and wait until it can be used.

    Examples: pagelake datasets upload evening-1 requests.jsonl, pagelake datasets upload evening-1 *.jsonl -q
    """
    count, size_bytes = measured(files)
    rehearse(f"upload {count} lines, {size_bytes / 1e6:.1f} MB, into {dataset}", dry_run=dry_run)

    async def sent(control: "ControlPlane") -> "Dataset":
        await _check_count(control, dataset, count)
        return await send(control, dataset, files, size_bytes, quiet=quiet)

    show_one(at_service(sent), output, quiet=quiet)


@datasets_app.command("update")
def update(  # noqa: PLR0913 - each is an option of the command
    dataset: Id,
    *,
    display_name: DisplayName = None,
    example_count: Count = None,
    dry_run: DryRun = False,
    output: As = Output.TEXT,
    quiet: Quiet = False,
) -> None:
    """Change what is said of a dataset. Its lines never change.

    Examples: pagelake datasets update evening-1 --display-name Monday,
    pagelake datasets update evening-1 --example-count 500
    """
    from pipeline.errors import ConfigError

    if display_name is None and example_count is None:
        raise ConfigError("say what is to change: --display-name, --example-count")
    rehearse(f"change {dataset}", dry_run=dry_run)

    async def changed(control: "ControlPlane") -> "Dataset":
        from pipeline.service.datasets import update_dataset

        return await update_dataset(control, dataset, display_name=display_name, example_count=example_count)

    show_one(at_service(changed), output, quiet=quiet)


@datasets_app.command("split")
def split(
    dataset: Id,
    *,
    chunk_size: Annotated[int, typer.Option(min=200, metavar="N", help="Lines of each piece but the last.")],
    dry_run: DryRun = False,
    output: As = Output.TEXT,
    quiet: Quiet = False,
) -> None:
    """Make datasets of the lines of one in pieces, and print their names. The one stays as it is.

    Examples: pagelake datasets split evening-1 --chunk-size 1000,
    pagelake datasets split evening-1 --chunk-size 200 -q
    """
    rehearse(f"split {dataset} into pieces of {chunk_size} lines", dry_run=dry_run)

    async def pieces(control: "ControlPlane") -> "list[Named]":
        from pipeline.service.datasets import split_dataset
        from pipeline.service.wire import Named

        made = await split_dataset(control, dataset, chunk_size=chunk_size)
        return [Named(name=name) for name in made.chunk_dataset_names]

    show(at_service(pieces), {"dataset": lambda piece: piece.id}, output, quiet=quiet)


@datasets_app.command("download")
def download(  # noqa: PLR0913 - each is an option of the command
    dataset: Id,
    *,
    output_dir: Folder = Path(),
    download_lineage: Lineage = False,
    dry_run: DryRun = False,
    output: As = Output.TEXT,
    quiet: Silent = False,
) -> None:
    """Download the files of a dataset, each whole or not at all; prints their paths.

    Examples: pagelake datasets download evening-1-answers,
    pagelake datasets download evening-1-answers --output-dir answers --download-lineage
    """
    rehearse(f"download {dataset} to {output_dir}", dry_run=dry_run)

    async def received(control: "ControlPlane") -> dict[str, Path]:
        return await fetch(control, dataset, output_dir, lineage=download_lineage, quiet=quiet)

    show_paths(at_service(received), output)


@datasets_app.command("delete")
def delete(dataset: Id, *, dry_run: DryRun = False, output: As = Output.TEXT, quiet: Quiet = False) -> None:
    """Delete a dataset with all that is in it.

    Examples: pagelake datasets delete evening-1, pagelake datasets delete evening-1 --dry-run
    """
    rehearse(f"delete {dataset}", dry_run=dry_run)

    async def deleted(control: "ControlPlane") -> None:
        from pipeline.service.datasets import delete_dataset

        await delete_dataset(control, dataset)

    at_service(deleted)
    show_deleted(dataset, output, quiet=quiet)


def _check_content(files: list[Path] | None, external_url: str, example_count: int | None) -> None:
    from pipeline.errors import ConfigError
    from pipeline.service.datasets import checked_place

    if files and (external_url or example_count is not None):
        raise ConfigError(
            "the lines of files that are uploaded are counted: name files, or the options alone"
        )
    if external_url:
        checked_place(external_url)
    elif not files and example_count is None:
        raise ConfigError(
            "say what is in it: a FILE, --external-url gs://bucket/file.jsonl, or --example-count for an "
            "upload that comes later"
        )


async def _check_count(control: "ControlPlane", dataset: str, count: int) -> None:
    """Raise ConfigError if a dataset was made for another number of lines."""
    from pipeline.errors import ConfigError
    from pipeline.service.datasets import get_dataset

    said_count = (await get_dataset(control, dataset)).example_count
    if said_count != count:
        raise ConfigError(
            f"{dataset} was made for {said_count} lines and the files have {count}; "
            f"if they are right: pagelake datasets update {dataset} --example-count {count}"
        )
