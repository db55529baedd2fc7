"""Files of a dataset on their way here."""

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from pipeline.errors import NotFound, ServiceBusy
from pipeline.service.control import ControlPlane
from pipeline.service.datasets import COLLECTION
from pipeline.service.files import PartFile, Progress, silent
from pipeline.service.storage import Expired

RESULTS = "BIJOutputSet.jsonl"
"""File of an output dataset with the answers of a batch job."""
ERRORS = "error-data"
"""File of an output dataset with the requests that failed; empty or missing when none did."""
_RENEWALS = 5
_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")


async def download_urls(control: ControlPlane, dataset: str, *, lineage: bool = False) -> dict[str, str]:
    """The signed URL of each file of a dataset, by its name: `<file>`, or `<dataset id>/<file>` of a lineage.

    They are good for about ten minutes.

    Args:
        control: The service.
        dataset: Id or full name.
        lineage: Whether the files of the jobs that the writing job continued are wanted too.

    Raises:
        NotFound: There is no such dataset.
        ServiceError: The service does not say.
    """
    path = f"v1/{await control.name(COLLECTION, dataset)}:getDownloadEndpoint"
    # Without a body: the service refuses a GET that has one.
    answer = await control.call("GET", path, query={"downloadLineage": "true"} if lineage else {})
    urls = answer.get("filenameToSignedUrls") or {}
    if not isinstance(urls, dict):
        raise ServiceBusy("the service's answer names no files of the dataset")
    return {_name(key, lineage=lineage): url for key, url in urls.items() if isinstance(url, str)}


def _name(key: str, *, lineage: bool) -> str:
    """The end of an object's path, which is all that is known of it; nothing that leads out of a folder."""
    parts = PurePosixPath(key).parts[-2 if lineage else -1 :]
    if not parts or not all(_SAFE.fullmatch(part) for part in parts):
        raise ServiceBusy("the service names a file of the dataset in a way that is no file's name")
    return "/".join(parts)


async def download(
    control: ControlPlane,
    dataset: str,
    folder: Path,
    *,
    lineage: bool = False,
    progress: Progress = silent,
) -> dict[str, Path]:
    """The files of a dataset, by name, each whole in `folder`; what lay there under its name is replaced.

    Args:
        control: The service.
        dataset: Id or full name.
        folder: Made when missing.
        lineage: As for `download_urls`; each dataset's files are in a folder of its own then.
        progress: Told how many more bytes have come in, fewer than none when they have to come again.

    Raises:
        NotFound: There is no such dataset.
        ServiceError: The service or the storage does not give a file.
        StoreError: A file cannot be written.
    """
    places = _Places(control, dataset, lineage=lineage)
    paths = {}
    for name in await places.names():
        with PartFile(folder / name, progress) as part:
            await _receive(control, places, name, part)
        paths[name] = folder / name
    return paths


async def _receive(control: ControlPlane, places: "_Places", name: str, part: PartFile) -> None:
    renewals, had_bytes = 0, -1
    while True:
        try:
            await control.storage.get(await places.of(name), part)
        except Expired:
            renewals = renewals + 1 if part.size_bytes <= had_bytes else 1
            if renewals > _RENEWALS:
                raise
            had_bytes = part.size_bytes
            places.forget()
        else:
            return


class _Places:
    """Where the files are, asked for anew when a URL has expired."""

    def __init__(self, control: ControlPlane, dataset: str, *, lineage: bool) -> None:
        self._control, self._dataset, self._lineage = control, dataset, lineage
        self._urls: Mapping[str, str] = {}

    async def names(self) -> list[str]:
        """The files, in the order of their names."""
        self._urls = await download_urls(self._control, self._dataset, lineage=self._lineage)
        return sorted(self._urls)

    async def of(self, name: str) -> str:
        """The URL that a file can be had from."""
        if not self._urls:
            await self.names()
        if name not in self._urls:
            raise NotFound(f"{name} has gone from dataset {self._dataset}", status=404)
        return self._urls[name]

    def forget(self) -> None:
        """To be called when a URL is not taken any more."""
        self._urls = {}
