"""Patterns of paths, part by part."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from glob import has_magic


def fits(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether a path, or a folder on the way to it, matches; what matches as a folder is searched through."""
    if not pattern:
        return True
    if pattern[0] == "**":
        return fits(pattern[1:], parts) or (bool(parts) and fits(pattern, parts[1:]))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and fits(pattern[1:], parts[1:])


def split_address(asked: str) -> tuple[str, list[str]]:
    """The folder that an address begins in, and the parts of a pattern below it, where it is one."""
    scheme, _, rest = asked.rstrip("/").partition("://")
    parts = rest.split("/")
    literal = next((index for index, part in enumerate(parts) if has_magic(part)), len(parts))
    return f"{scheme}://{'/'.join(parts[:literal])}", parts[literal:]
