"""Files on their way to and from the service, as commands show them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pipeline.service.control import ControlPlane
    from pipeline.service.datasets import Dataset

Folder = Annotated[Path, typer.Option("--output-dir", metavar="FOLDER", help="Made when missing.")]
Silent = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress, print paths alone.")]
Lineage = Annotated[
    bool,
    typer.Option(
        "--download-lineage", help="With the files of the jobs that the one which wrote them continued."
    ),
]


def measured(files: Sequence[Path]) -> tuple[int, int]:
    """Lines and bytes of files that are going to be uploaded; blank lines do not count.

    Raises:
        ConfigError: One of them cannot be.
    """
    from pipeline.errors import ConfigError
    from pipeline.service.uploads import upload_files

    checked, count = upload_files(files), 0
    for file in checked:
        try:
            with file.path.open("rb") as lines:
                count += sum(not line.isspace() for line in lines)
        except OSError as error:
            raise ConfigError(f"{file.path} cannot be read ({error.strerror})") from error
    return count, sum(file.size_bytes for file in checked)


async def send(
    control: "ControlPlane", dataset: str, files: Sequence[Path], size_bytes: int, *, quiet: bool
) -> "Dataset":
    """The dataset, once files are in it and it can be used."""
    from pipeline.service.datasets import wait_until_ready
    from pipeline.service.uploads import upload

    with _shown(f"uploading {', '.join(file.name for file in files)}", size_bytes, quiet=quiet) as progress:
        await upload(control, dataset, files, progress=progress)
    return await wait_until_ready(control, dataset)


async def fetch(
    control: "ControlPlane", dataset: str, folder: Path, *, lineage: bool, quiet: bool
) -> dict[str, Path]:
    """The files of a dataset by their names, each whole in the folder."""
    from pipeline.service.downloads import download

    with _shown(f"downloading {dataset}", None, quiet=quiet) as progress:
        return await download(control, dataset, folder, lineage=lineage, progress=progress)


@contextmanager
def _shown(what: str, size_bytes: int | None, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """A bar of the bytes that have gone over; called with how many more."""
    from rich.progress import DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    from flows.console import consoles

    columns = (TextColumn("{task.description}"), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=consoles()[1], transient=True, disable=quiet) as progress:
        task = progress.add_task(what, total=size_bytes)
        yield lambda more: progress.advance(task, more)
