"""The storage behind signed URLs: files put and fetched by whoever has the URL, and by it alone."""

from xml.sax.saxutils import escape

from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response

from pipeline.local.control.datasets import Datasets
from pipeline.local.control.folder import Incoming
from pipeline.local.control.pace import Pace
from pipeline.local.control.signed import Refused, Signer

CONTENT_TYPE = "application/octet-stream"


class Storage:
    """Answers as object storage does, in XML where it refuses.

    Args:
        datasets: Whose files they are.
        signer: Of the URLs.
        pace: Says what time it is.
    """

    def __init__(self, datasets: Datasets, signer: Signer, pace: Pace) -> None:
        self._datasets, self._signer, self._pace = datasets, signer, pace

    async def put(self, request: Request) -> Response:
        """Take a file."""
        try:
            await self._take(request)
        except Refused as refused:
            return _xml(refused)
        return Response()

    async def fetch(self, request: Request) -> Response:
        """Give a file, or a range of it."""
        try:
            _without_credentials(request)
            name, filename = request.path_params["dataset"], request.path_params["filename"]
            now = self._pace.clock()
            self._signer.check("GET", f"/{name}/{filename}", request.query_params, now)
        except Refused as refused:
            return _xml(refused)
        path = self._datasets.file(name, filename)
        if name not in self._datasets or not path.is_file():
            return _xml(Refused(404, "NoSuchKey", "The file does not exist, or no longer."))
        return FileResponse(path, media_type=CONTENT_TYPE)

    async def _take(self, request: Request) -> None:
        _without_credentials(request)
        name, registration, filename = (
            request.path_params[part] for part in ("dataset", "registration", "filename")
        )
        size, path = _signed_size(request), f"/{name}/{registration}/{filename}"
        self._signer.check("PUT", path, request.query_params, self._pace.clock(), size)
        _check_length(request, size)
        self._check_wanted(name, registration)
        with Incoming(self._datasets.file(name, filename)) as incoming:
            try:
                async for chunk in request.stream():
                    incoming.write(chunk)
            except ClientDisconnect:
                raise Refused(400, "IncompleteBody", "The connection ended before the file did.") from None
            self._check_wanted(name, registration)  # it may have been deleted meanwhile
            incoming.keep()

    def _check_wanted(self, name: str, registration: str) -> None:
        if name not in self._datasets or self._datasets.find(name).registration != registration:
            raise Refused(404, "NoSuchUpload", "The dataset no longer waits for this file.")
        if self._datasets.find(name).ready_time is not None:
            raise Refused(403, "AccessDenied", "The dataset is ready and its files never change.")


def _without_credentials(request: Request) -> None:
    if "authorization" in request.headers:
        raise Refused(400, "InvalidArgument", "A signed URL takes no Authorization header.")


def _signed_size(request: Request) -> int:
    """The size that the signed header names; 0, which is never signed, if it is not as it must be."""
    first, _, last = request.headers.get("x-goog-content-length-range", "").partition(",")
    is_size = first == last and first.isascii() and first.isdecimal() and len(first) < 16  # noqa: PLR2004
    is_typed = request.headers.get("content-type") == CONTENT_TYPE
    return int(first) if is_size and is_typed else 0


def _check_length(request: Request, size: int) -> None:
    length = request.headers.get("content-length")
    if length is None:
        raise Refused(411, "MissingContentLength", "Say in Content-Length how long the file is.")
    if int(length) != size:
        code = "EntityTooLarge" if int(length) > size else "EntityTooSmall"
        raise Refused(400, code, f"Content-Length is not the {size} bytes of x-goog-content-length-range.")


def _xml(refused: Refused) -> Response:
    text = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{refused.code}</Code>"
    body = f"{text}<Message>{escape(str(refused))}</Message></Error>"
    return Response(body, refused.status, media_type="application/xml; charset=UTF-8")
