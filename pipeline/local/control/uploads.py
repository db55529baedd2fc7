"""The routes of datasets: made, filled, listed, fetched, deleted."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from pipeline.local.control.datasets import (
    MAX_BYTES,
    CreateDataset,
    DatasetFields,
    Datasets,
    checked_filename,
)
from pipeline.local.control.folder import Incoming
from pipeline.local.control.multipart import file_of
from pipeline.local.control.names import full_name
from pipeline.local.control.pace import Pace
from pipeline.local.control.paging import masked, page_of, parameter
from pipeline.local.control.signed import Signer
from pipeline.local.control.status import Code, Status, invalid
from pipeline.local.control.wire import Wire, answer, body_as
from pipeline.local.protocol import Refusal

MAX_MULTIPART_BYTES = 150_000_000
"""Framing included: API reference, choice of path."""


class UploadFiles(Wire):
    """The files that are going to be put by signed URL, with their sizes in bytes."""

    filename_to_size: dict[str, int] = Field(min_length=1, max_length=1000)
    read_mask: str | None = None


class Nothing(Wire):
    """A body without a field."""


class DatasetRoutes:
    """What the server does about datasets.

    Args:
        datasets: All of them.
        signer: Of the URLs to put files to.
        pace: Says what time it is.
    """

    def __init__(self, datasets: Datasets, signer: Signer, pace: Pace) -> None:
        self._datasets, self._signer, self._pace = datasets, signer, pace

    async def create(self, request: Request) -> Response:
        """POST datasets."""
        asked = await body_as(request, CreateDataset)
        self._datasets.create(asked)
        return answer(self._datasets.shown(asked.dataset_id))

    async def listed(self, request: Request) -> Response:
        """GET datasets."""
        shown = [self._datasets.shown(name) for name in self._datasets.names()]
        return answer(page_of(shown, request.query_params, "datasets"))

    async def single(self, request: Request) -> Response:
        """GET one."""
        shown = self._datasets.shown(_name(request))
        return answer(masked(shown, parameter(request.query_params, "readMask")))

    async def update(self, request: Request) -> Response:
        """PATCH: what its caller said of it may change, its content not."""
        fields = await body_as(request, DatasetFields)
        self._datasets.update(_name(request), fields)
        return answer(self._datasets.shown(_name(request)))

    async def delete(self, request: Request) -> Response:
        """DELETE with all files."""
        self._datasets.remove(_name(request))
        return answer({})

    async def upload(self, request: Request) -> Response:
        """POST :upload, one file in a form."""
        name = _name(request)
        self._datasets.open_for_upload(name)
        if int(request.headers.get("content-length", "0")) > MAX_MULTIPART_BYTES:
            raise _too_large()
        with Incoming(self._datasets.file(name, "upload")) as incoming:
            content_type = request.headers.get("content-type", "")
            part = await file_of(_limited(request), content_type, incoming.write)
            filename = checked_filename(part.filename)
            if not part.size:
                raise invalid(f"the file {filename!r} is empty")
            self._datasets.open_for_upload(name)  # it may have been deleted, or filled, meanwhile
            incoming.keep(filename)
        self._datasets.uploaded(name, {filename: part.size}, self._pace.phase_s)
        return answer(
            {
                "id": full_name("datasets", name),
                "object": "file",
                "bytes": part.size,
                "created_at": int(self._pace.clock().timestamp()),
                "filename": filename,
                "purpose": "dataset",
            }
        )

    async def upload_endpoint(self, request: Request) -> Response:
        """POST :getUploadEndpoint: signed URLs for the files named, instead of all named before."""
        name = _name(request)
        sizes = (await body_as(request, UploadFiles)).filename_to_size
        for filename, size in sizes.items():
            checked_filename(filename)
            if not 0 < size <= MAX_BYTES:
                raise invalid(f"the size of {filename!r} is not from 1 to {MAX_BYTES:,} bytes")
        dataset, drawn = self._datasets.open_for_upload(name), secrets.token_hex(8)
        self._datasets.change(name, dataset.model_copy(update={"registration": drawn, "sizes": sizes}))
        host, now = host_of(request), self._pace.clock()
        urls = {
            filename: self._signer.url("PUT", f"/{name}/{drawn}/{filename}", host, now, size)
            for filename, size in sizes.items()
        }
        return answer({"filenameToSignedUrls": urls})

    async def validate(self, request: Request) -> Response:
        """POST :validateUpload: ready, if all files are here with the sizes they were to have."""
        name = _name(request)
        await body_as(request, Nothing)
        sizes = self._datasets.open_for_upload(name).sizes
        missing = [file for file, size in sizes.items() if _size_of(self._datasets.file(name, file)) != size]
        if missing or not sizes:
            which = ", ".join(missing[:3]) or "no file was asked to be uploaded"
            raise Status(Code.FAILED_PRECONDITION, f"dataset upload is not complete: {which}")
        self._datasets.uploaded(name, sizes)
        return answer({})


def host_of(request: Request) -> str:
    """Scheme, address and port of this server, whatever the request calls it."""
    address, port = request.scope["server"]
    return f"http://{address}:{port}"


def _size_of(path: Path) -> int:
    """Bytes of a file; none when it is not there."""
    return path.stat().st_size if path.is_file() else 0


def _name(request: Request) -> str:
    name: str = request.path_params["dataset"]
    return name


def _too_large() -> Refusal:
    return Refusal(413, f"The upload is larger than {MAX_MULTIPART_BYTES:,} bytes; use a signed URL.")


async def _limited(request: Request) -> AsyncIterator[bytes]:
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > MAX_MULTIPART_BYTES:
            raise _too_large()
        yield chunk
