"""The file in a multipart body, passed on as it comes in: nothing of it is held but a window."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from pipeline.local.control.status import invalid

MAX_HEADER_BYTES = 16 * 2**10
_MAX_BOUNDARY = 70
"""RFC 2046, section 5.1.1."""
Sink = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class FilePart:
    """The file part of a body, once it has passed.

    Attributes:
        filename: As its sender names it.
        size: Bytes.
    """

    filename: str
    size: int


async def file_of(chunks: AsyncIterator[bytes], content_type: str, sink: Sink) -> FilePart:
    """Pass the part named `file` to the sink.

    Args:
        chunks: The body.
        content_type: Its header, with the boundary.
        sink: Takes the bytes of the file.

    Raises:
        Status: 400, this is no such body, or the file is not in it exactly once.
    """
    window = _Window(chunks)
    delimiter = b"\r\n--" + _boundary(content_type)
    await window.until(delimiter, _nowhere)
    found: FilePart | None = None
    while not await window.takes(b"--"):
        head = await _head(window)
        if head.get_param("name", header="content-disposition") != "file":
            await window.until(delimiter, _nowhere)
        elif found is not None:
            raise invalid("the form has more than one part named 'file'")
        else:
            found = FilePart(head.get_filename() or "", await window.until(delimiter, sink))
    if found is None:
        raise invalid("the form has no part named 'file'")
    return found


def _boundary(content_type: str) -> bytes:
    header = Message()
    header["content-type"] = content_type.replace("\r", " ").replace("\n", " ")
    boundary = header.get_boundary()
    if header.get_content_type() != "multipart/form-data" or not boundary or len(boundary) > _MAX_BOUNDARY:
        raise invalid("send the file as multipart/form-data with a boundary")
    return boundary.encode()


async def _head(window: "_Window") -> Message:
    lines = bytearray()

    def take(chunk: bytes) -> None:
        lines.extend(chunk)
        if len(lines) > MAX_HEADER_BYTES:
            raise invalid("the headers of a part are too long")

    await window.until(b"\r\n\r\n", take)
    return message_from_bytes(bytes(lines).lstrip())


class _Window:
    """What is looked at of a stream."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self._held = bytearray(b"\r\n")  # so that the first delimiter looks like the others

    async def until(self, mark: bytes, sink: Sink) -> int:
        """Pass on what comes before the mark, take the mark away; the bytes passed on."""
        passed = 0
        while (at := self._held.find(mark)) < 0:
            passed += self._pass(max(0, len(self._held) - len(mark) + 1), sink)
            await self._more()
        passed += self._pass(at, sink)
        del self._held[: len(mark)]
        return passed

    async def takes(self, mark: bytes) -> bool:
        """Whether the mark comes next; it is taken away if so."""
        while len(self._held) < len(mark):
            await self._more()
        if comes := self._held.startswith(mark):
            del self._held[: len(mark)]
        return comes

    def _pass(self, count: int, sink: Sink) -> int:
        if count:
            sink(bytes(self._held[:count]))
            del self._held[:count]
        return count

    async def _more(self) -> None:
        async for chunk in self._chunks:
            self._held += chunk
            return
        raise invalid("the multipart body ends in the middle")


def _nowhere(_chunk: bytes) -> None:
    pass
