"""Files on their way into a dataset: in one request, or to storage by signed URLs."""

import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ConfigError, NotFound, RequestRejected, ServiceBusy
from pipeline.service.control import ControlPlane
from pipeline.service.datasets import COLLECTION, Dataset, create_dataset, get_dataset, wait_until_ready
from pipeline.service.files import FileBody, Progress, silent
from pipeline.service.polling import Polling
from pipeline.service.storage import Expired

MULTIPART_MAX_BYTES = 150_000_000
"""Most bytes of one upload request, framing included: the documented 150 MB, read strictly."""
MULTIPART_BYTES = 140_000_000
"""Files up to so many bytes go in one request, larger ones to storage."""
_TOO_LARGE = 413
# URLs to storage are good for an hour; after 45 minutes the service's own tools ask for new ones.
_URLS_LAST_S = 45 * 60
_RENEWALS = 3


@dataclass(frozen=True, slots=True)
class UploadFile:
    """A file and how it is called at the service.

    Attributes:
        name: Its name there: letters, digits, dots, hyphens and underscores, and `.jsonl` at the end.
        size_bytes: Its length now.
    """

    path: Path
    name: str
    size_bytes: int


def upload_files(paths: Sequence[Path]) -> list[UploadFile]:
    """The files as they are uploaded.

    Raises:
        ConfigError: One is missing, empty, not `.jsonl`, or two have the same name.
    """
    files = [_upload_file(path) for path in paths]
    if not files:
        raise ConfigError("there is no file to upload")
    if len({file.name for file in files}) < len(files):
        raise ConfigError("two files to upload have the same name: rename one")
    return files


def _upload_file(path: Path) -> UploadFile:
    if path.suffix.lower() != ".jsonl":
        raise ConfigError(f"{path} cannot be uploaded: the service takes .jsonl files")
    try:
        size_bytes = path.stat().st_size if path.is_file() else -1
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror})") from error
    if size_bytes <= 0:
        raise ConfigError(
            f"{path} {'is empty' if size_bytes == 0 else 'is no file'}: there is nothing to upload"
        )
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-") or "data"
    return UploadFile(path, f"{stem}.jsonl", size_bytes)


async def upload(
    control: ControlPlane,
    dataset: str,
    paths: Sequence[Path],
    *,
    progress: Progress = silent,
    multipart_bytes: int = MULTIPART_BYTES,
) -> None:
    """Upload files into a dataset that was made for them, the way that suits their size.

    Args:
        control: The service.
        dataset: Id or full name.
        paths: Its files, all of them.
        progress: Told how many more bytes have gone out.
        multipart_bytes: Longest single file that goes in one request.

    Raises:
        ConfigError: A file is none that can be uploaded.
        StoreError: A file cannot be read, or changes meanwhile.
        ServiceError: The service does not take them.
    """
    files = upload_files(paths)
    await _check_encryption(control, dataset)
    if len(files) == 1 and files[0].size_bytes <= multipart_bytes:
        await upload_whole(control, dataset, files[0], progress=progress)
    else:
        await upload_signed(control, dataset, files, progress=progress)


async def put_dataset(  # noqa: PLR0913 - each is a fact about it
    control: ControlPlane,
    dataset_id: str,
    paths: Sequence[Path],
    *,
    example_count: int,
    display_name: str = "",
    progress: Progress = silent,
    multipart_bytes: int = MULTIPART_BYTES,
    polling: Polling | None = None,
) -> Dataset:
    """The dataset of an id that says what is in it, ready: the one that is there, else made and filled.

    Called again after a crash at any point, it goes on from there.

    Args:
        control: The service.
        dataset_id: Made from the content, so that what is there under it is the same.
        paths: Its files, all of them.
        example_count: Lines in them.
        display_name: For people.
        progress: As for `upload`.
        multipart_bytes: As for `upload`.
        polling: How long it is waited for.

    Raises:
        ConfigError: A file is none that can be uploaded.
        StoreError: A file cannot be read, or changes meanwhile.
        ServiceError: The service does not take it.
    """
    try:
        dataset = await get_dataset(control, dataset_id)
    except NotFound:
        dataset = await create_dataset(
            control, dataset_id, example_count=example_count, display_name=display_name
        )
    if dataset.is_ready:
        return dataset
    await upload(control, dataset_id, paths, progress=progress, multipart_bytes=multipart_bytes)
    return await wait_until_ready(control, dataset_id, polling)


async def _check_encryption(control: ControlPlane, dataset: str) -> None:
    seen = await get_dataset(control, dataset)
    if not seen.is_plain:
        raise ConfigError(
            f"dataset {seen.id} is under encryption keys of your own ({seen.encryption_state.lower()}): "
            "files have to be put there by the service's own tool"
        )


async def upload_whole(
    control: ControlPlane, dataset: str, file: UploadFile, *, progress: Progress = silent
) -> None:
    """Upload a file in one request, of at most MULTIPART_MAX_BYTES.

    Raises:
        RequestRejected: It is larger (status 413), or the service does not take it.
        StoreError: The file cannot be read, or changes meanwhile.
        ServiceError: The service does not take it.
    """
    boundary = f"pagelake-{secrets.token_hex(16)}"
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    tail = f"\r\n--{boundary}--\r\n".encode()
    if file.size_bytes + len(head) + len(tail) > MULTIPART_MAX_BYTES:
        raise RequestRejected(
            f"{file.path} has {file.size_bytes} bytes, more than the {MULTIPART_MAX_BYTES} that the service "
            "takes in one request: split it, or upload it to storage",
            status=_TOO_LARGE,
        )
    bodies = _Bodies(file, f"multipart/form-data; boundary={boundary}", (head, tail), progress)
    path = f"v1/{await control.name(COLLECTION, dataset)}:upload"
    try:
        await control.upload(path, bodies)
    except RequestRejected as error:
        # The answer to an earlier attempt may have been lost; what is ready takes no more files.
        if error.attempts == 1 or not (await get_dataset(control, dataset)).is_ready:
            raise


async def upload_signed(
    control: ControlPlane,
    dataset: str,
    files: Sequence[UploadFile],
    *,
    progress: Progress = silent,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Upload files of any size to storage, then have the service look at them.

    Args:
        control: The service.
        dataset: Id or full name.
        files: All files of the dataset: each upload replaces the one before.
        progress: Told how many more bytes have gone out, fewer than none when they have to go again.
        clock: Seconds that only go forward.

    Raises:
        StoreError: A file cannot be read, or changes meanwhile.
        ServiceError: The storage or the service does not take them.
    """
    name = await control.name(COLLECTION, dataset)
    places = _Places(control, name, files, clock)
    for file in files:
        size = str(file.size_bytes)
        signed = {"x-goog-content-length-range": f"{size},{size}"}
        bodies = _Bodies(file, "application/octet-stream", (b"", b""), progress)
        await _send(control, places, bodies, signed)
    await control.call("POST", f"v1/{name}:validateUpload", body={})


async def _send(
    control: ControlPlane, places: "_Places", bodies: "_Bodies", signed: Mapping[str, str]
) -> None:
    for last in [False] * _RENEWALS + [True]:
        try:
            await control.storage.put(await places.of(bodies.file), bodies, signed)
        except Expired:
            if last:
                raise
            places.forget()
        else:
            return


class _Bodies:
    """Makes the body of a request for each attempt; what an earlier one sent is taken back."""

    def __init__(
        self, file: UploadFile, content_type: str, around: tuple[bytes, bytes], progress: Progress
    ) -> None:
        self.file, self._content_type = file, content_type
        self._around, self._progress = around, progress
        self._latest: FileBody | None = None

    def __call__(self) -> FileBody:
        if self._latest:
            self._latest.take_back()
        self._latest = FileBody(
            self.file.path,
            self.file.size_bytes,
            content_type=self._content_type,
            around=self._around,
            progress=self._progress,
        )
        return self._latest


class _Places:
    """Where in storage each file goes, asked for anew when it has been a while."""

    def __init__(
        self, control: ControlPlane, name: str, files: Sequence[UploadFile], clock: Callable[[], float]
    ) -> None:
        self._control, self._path = control, f"v1/{name}:getUploadEndpoint"
        self._sizes = {file.name: str(file.size_bytes) for file in files}
        self._clock, self._since_s = clock, clock()
        self._urls: Mapping[str, str] = {}

    async def of(self, file: UploadFile) -> str:
        """The signed URL that a file is sent to."""
        if not self._urls or self._clock() - self._since_s > _URLS_LAST_S:
            self._since_s = self._clock()
            answer = await self._control.call("POST", self._path, body={"filenameToSize": self._sizes})
            self._urls = _signed_urls(answer)
            if set(self._urls) != set(self._sizes):
                raise ServiceBusy("the service names no places for exactly the files of an upload")
        return self._urls[file.name]

    def forget(self) -> None:
        """To be called when a URL is not taken any more."""
        self._urls = {}


def _signed_urls(answer: Mapping[str, object]) -> dict[str, str]:
    urls = answer.get("filenameToSignedUrls")
    if not isinstance(urls, dict):
        raise ServiceBusy("the service's answer names no places for files")
    return {str(name): url for name, url in urls.items() if isinstance(url, str)}
