"""Files on their way to and from the service, a piece at a time, so that none has to fit into memory."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from pipeline.errors import StoreError
from pipeline.service.transport import Take

_PIECE = 1 << 20
_OK, _PARTIAL = 200, 206

Progress = Callable[[int], None]
"""Told how many more bytes have gone out or come in; fewer than none when they have to go again."""


def silent(_size_bytes: int) -> None:
    """Say nothing."""


class FileBody(httpx.AsyncByteStream):
    """A request body: a file between a beginning and an end.

    Args:
        path: The file.
        size_bytes: What it has to be long; what changes while it is sent must not go out as if it were whole.
        content_type: Of the body.
        around: What is sent before the file and after it.
        progress: Told of each piece of the file.

    Attributes:
        headers: What has to be said of the body.
    """

    def __init__(
        self,
        path: Path,
        size_bytes: int,
        *,
        content_type: str = "application/octet-stream",
        around: tuple[bytes, bytes] = (b"", b""),
        progress: Progress = silent,
    ) -> None:
        self._path, self._size_bytes = path, size_bytes
        self._head, self._tail = around
        self._progress, self._sent = progress, 0
        length = len(self._head) + size_bytes + len(self._tail)
        self.headers: Mapping[str, str] = {"content-type": content_type, "content-length": str(length)}

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._head:
            yield self._head
        file = await asyncio.to_thread(self._opened)
        try:
            while piece := await asyncio.to_thread(file.read, _PIECE):
                self._count(len(piece))
                yield piece
        finally:
            file.close()
        if self._sent != self._size_bytes:
            raise self._changed()
        if self._tail:
            yield self._tail

    def take_back(self) -> None:
        """To be called when what was sent has to be sent again."""
        self._progress(-self._sent)

    def _opened(self) -> io.BufferedReader:
        try:
            return self._path.open("rb")
        except OSError as error:
            raise StoreError(f"{self._path} cannot be read ({error.strerror})") from error

    def _count(self, size_bytes: int) -> None:
        if self._sent + size_bytes > self._size_bytes:
            raise self._changed()
        self._sent += size_bytes
        self._progress(size_bytes)

    def _changed(self) -> StoreError:
        return StoreError(f"{self._path} changed while it was uploaded: upload it again when it rests")


class PartFile:
    """A file that comes in beside its place and is put there when it is whole; a context manager.

    Args:
        target: Its place.
        progress: Told of each piece.

    Raises:
        StoreError: It cannot be written.
    """

    def __init__(self, target: Path, progress: Progress = silent) -> None:
        self._target, self._progress = target, progress
        self._part = target.with_name(f"{target.name}.part")
        self._version = ""
        self.size_bytes = 0

    def __enter__(self) -> Self:
        try:
            self._target.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._part.open("wb")
        except OSError as error:
            raise self._unwritable(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if kind is not None:
            self._part.unlink(missing_ok=True)
            return
        self._part.replace(self._target)

    @property
    def resume(self) -> dict[str, str]:
        """Headers that ask for what is missing; none when all of it is, or the storage cannot do that."""
        if not self.size_bytes or not self._version:
            return {}
        return {"range": f"bytes={self.size_bytes}-", "if-range": self._version}

    def forget(self) -> None:
        """To be called when what is missing cannot be had alone."""
        self._version = ""

    def sink(self, status: int, headers: Mapping[str, str]) -> Take | None:
        """Takes the body of a response that has the file, or what was missing of it."""
        if status == _PARTIAL and headers.get("content-range", "").startswith(f"bytes {self.size_bytes}-"):
            return self._take
        if status != _OK:
            return None
        self._begin_again()
        # A body that was packed on its way has other offsets than the file.
        self._version = "" if headers.get("content-encoding") else headers.get("etag", "")
        return self._take

    def _begin_again(self) -> None:
        self._progress(-self.size_bytes)
        self._file.seek(0)
        self._file.truncate()
        self.size_bytes = 0

    def _take(self, piece: bytes) -> None:
        try:
            self._file.write(piece)
        except OSError as error:
            raise self._unwritable(error) from error
        self.size_bytes += len(piece)
        self._progress(len(piece))

    def _unwritable(self, error: OSError) -> StoreError:
        return StoreError(f"{self._target} cannot be written ({error.strerror})")
