"""Which documents there are in buckets."""

from collections.abc import Iterator

from pipeline.errors import ConfigError
from pipeline.kinds import HEAD_BYTES, is_named_like_a_document, signature
from pipeline.objects import Object, ObjectFolder
from pipeline.patterns import fits, split_address
from pipeline.records import Skipped, Source


def find_objects(asked: str, lake: str = "") -> Iterator[Source | Skipped]:
    """Every document that an address leads to: an object, a folder of objects, or a pattern; sorted by name.

    What stands in a folder or matches a pattern counts when its name or its first bytes are those of a PDF or
    an image; an object named outright always counts.

    Args:
        asked: Such as `s3://bucket/in`, `s3://bucket/in/a.pdf` or `s3://bucket/in/**/*.pdf`.
        lake: Address of a lake that is left out where it stands below.

    Raises:
        ConfigError: There is no such bucket, or it is not open to these credentials.
        StoreError: The store does not answer.
    """
    folder, _, name = asked.rstrip("/").rpartition("/")
    if not folder.endswith("/") and (named := ObjectFolder(folder).about(name)) is not None:
        yield _source(folder, named)
        return
    base, pattern = split_address(asked)
    is_empty = True
    for found in _below(ObjectFolder(base), pattern, lake):
        is_empty = False
        yield found
    if is_empty:
        yield Skipped(asked, "there is nothing at this address")


def stamp_of_object(size_bytes: int, version: str) -> str:
    """What changes with the bytes of an object; empty where the store does not tell."""
    return f"{size_bytes}-{version}" if version else ""


def _below(objects: ObjectFolder, pattern: list[str], lake: str) -> Iterator[Source | Skipped]:
    holds_lake = lake.startswith(f"{objects}/")
    if holds_lake:
        yield Skipped(lake, "the lake of this run")
    for one in objects.list():
        parts = one.path.split("/")
        if not fits(pattern, parts) or (holds_lake and f"{objects}/{one.path}".startswith(f"{lake}/")):
            continue
        reason = _why_not(objects, one, parts)
        yield Skipped(f"{objects}/{one.path}", reason) if reason else _source(str(objects), one)


def _why_not(objects: ObjectFolder, one: Object, parts: list[str]) -> str | None:
    """Why an object that nobody named is not worked, or None when it is."""
    if any(part.startswith(".") for part in parts):
        return "hidden"
    if is_named_like_a_document(parts[-1]):
        return None
    try:
        head = objects.head(one.path, min(HEAD_BYTES, one.size_bytes)) if one.size_bytes else b""
    except (FileNotFoundError, ConfigError):
        return "not named like a document, and it cannot be read"
    return None if signature(head) else "not a PDF or an image"


def _source(folder: str, one: Object) -> Source:
    stamp = stamp_of_object(one.size_bytes, one.version)
    return Source(f"{folder}/{one.path}", one.size_bytes, stamp)
