"""Which passwords may open which document."""

import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Self

from pipeline.errors import ConfigError
from pipeline.records import printable

_EXAMPLE = '"invoices/north/*.pdf" = "the password"'


@dataclass(frozen=True, slots=True)
class Passwords:
    """Passwords for documents; those that nobody protected are opened without.

    Attributes:
        by_pattern: Patterns with the passwords of what they match, in the order in which they are tried.
        for_all: Tried last, on any document.
        notices: Sentences that the user should see.
    """

    by_pattern: tuple[tuple[str, tuple[str, ...]], ...] = field(default=(), repr=False)
    for_all: str | None = field(default=None, repr=False)
    notices: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path | None, for_all: str | None) -> Self:
        """The passwords of a file, and one for all documents.

        Args:
            path: TOML, a pattern with its password or a list of them a line; None for no file.
            for_all: Tried last; None for none.

        Raises:
            ConfigError: The file cannot be read, or a line is not a pattern with passwords. No message holds
                anything from it but patterns and places.
        """
        if for_all is not None and "\0" in for_all:
            raise ConfigError("the password holds a zero byte, which no document's password can")
        if path is None:
            return cls(for_all=for_all)
        place = path.expanduser()
        patterns = tuple((pattern, _texts(place, pattern, given)) for pattern, given in _table(place).items())
        return cls(patterns, for_all, tuple(_notices(place)))

    def of(self, path: str) -> tuple[str, ...]:
        """What to try on a document, each once, in order.

        Args:
            path: Absolute, as the file system spells it.
        """
        matching = (texts for pattern, texts in self.by_pattern if _matches(path, pattern))
        tried = [text for texts in matching for text in texts]
        return tuple(dict.fromkeys(tried if self.for_all is None else [*tried, self.for_all]))


NO_PASSWORDS = Passwords()


def _matches(path: str, pattern: str) -> bool:
    """Whether the end of a path, whole names of it, fits a pattern; `*` crosses folders."""
    asked = pattern if pattern.startswith("/") else f"*/{pattern.removeprefix('./')}"
    return fnmatchcase(path.replace(os.sep, "/"), asked)


def _table(path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise ConfigError(
            f"the file of passwords {printable(str(path))} cannot be read: {error.strerror}"
        ) from error
    except ValueError as error:  # its text may hold a part of a password
        place = re.search(r"\(at [a-z0-9, ]+\)$", str(error))
        where = f" {place[0]}" if place else ""
        raise ConfigError(
            f"the file of passwords {printable(str(path))} is not TOML{where}; its lines are like {_EXAMPLE}"
        ) from None


def _texts(path: Path, pattern: str, given: object) -> tuple[str, ...]:
    texts = given if isinstance(given, list) else [given]
    if not all(isinstance(text, str) and text and "\0" not in text for text in texts):
        raise ConfigError(
            f"the file of passwords {printable(str(path))} has no password for {printable(pattern)!r}; "
            f"write the pattern and the password in quotes, as in {_EXAMPLE}"
        )
    return tuple(texts)


def _notices(path: Path) -> Iterator[str]:
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        shown = printable(str(path))
        yield f"other users can read the passwords in {shown}; close it to them with: chmod 600 {shown}"
