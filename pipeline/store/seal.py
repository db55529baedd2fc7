"""A digest within each part file, by which bytes that have changed since it was written are found.

Most single bits that flip in a Parquet file give other values and no error: neither its columns nor their
compression carry a checksum. So the footer gets an entry with the SHA-256 of the file, reckoned as if the
entry held zeros. Readers pass over an entry that they do not know.
"""

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

_NAME = b"pagelake_sha256"
_DIGITS = 64
_HEADER = 2
"""Bytes between the name and the digits, by Thrift's compact protocol: kind of field, length of text."""
_TAIL = 8
"""Bytes at the end of a Parquet file: the length of the footer, and the magic word."""
_CHUNK = 1 << 20

UNSEALED = {_NAME.decode(): "0" * _DIGITS}
"""Metadata that a part is written with, to be sealed."""


def seal(part: Path) -> None:
    """Write the digest into a part that was written with `UNSEALED`.

    Raises:
        OSError: It cannot be read or written.
    """
    with part.open("r+b") as file:
        place = _place(file)
        if place is not None:
            digest = _digest(file, place)
            file.seek(place)
            file.write(digest)


def digits_of(part: Path) -> str:
    """The digest that a part was sealed with; empty for one of an older version.

    Raises:
        OSError: It cannot be read.
    """
    with part.open("rb") as file:
        place = _place(file)
        if place is None:
            return ""
        file.seek(place)
        return file.read(_DIGITS).decode("ascii", "replace")


def is_broken(part: Path) -> bool:
    """Whether a part has other bytes than were sealed; one of an older version, without a digest, has not.

    Raises:
        OSError: It cannot be read.
    """
    with part.open("rb") as file:
        place = _place(file)
        if place is None:
            return False
        file.seek(place)
        return file.read(_DIGITS) != _digest(file, place)


def _place(file: BinaryIO) -> int | None:
    """Where the digits stand; None without an entry for them."""
    size = file.seek(0, os.SEEK_END)
    if size < _TAIL:
        return None
    file.seek(size - _TAIL)
    start = size - _TAIL - int.from_bytes(file.read(4), "little")
    if start < 0:
        return None
    file.seek(start)
    at = file.read(size - _TAIL - start).find(_NAME)
    return None if at < 0 else start + at + len(_NAME) + _HEADER


def _digest(file: BinaryIO, place: int) -> bytes:
    """The digits for a file, whose own are taken for zeros."""
    digest = hashlib.sha256()
    file.seek(0)
    left = place
    while left and (chunk := file.read(min(_CHUNK, left))):
        digest.update(chunk)
        left -= len(chunk)
    digest.update(b"0" * _DIGITS)
    file.seek(place + _DIGITS)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest().encode()
