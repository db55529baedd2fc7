"""What a check found: one line of `pagelake doctor`."""

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """What a check found."""

    OK = "ok"
    DOUBTFUL = "doubtful"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the result.

    Attributes:
        about: What was looked at.
        health: How it is.
        said: What was found.
        advice: What to do; empty where nothing has to be done, or `said` ends with it.
    """

    about: str
    health: Health
    said: str
    advice: str = ""


def ok(about: str, said: str) -> Finding:
    """All is well."""
    return Finding(about=about, health=Health.OK, said=said)


def doubtful(about: str, said: str, advice: str) -> Finding:
    """A run may go well all the same."""
    return Finding(about=about, health=Health.DOUBTFUL, said=said, advice=advice)


def broken(about: str, said: str, advice: str = "") -> Finding:
    """No run can go well."""
    return Finding(about=about, health=Health.BROKEN, said=said, advice=advice)
