"""The operations of the service as `operations.toml` describes them, and whether an answer fits."""

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

DESCRIPTION = Path(__file__).with_name("operations.toml")
Shape = dict[str, Any]
"""Types by field."""
_BOUNDED = re.compile(r"(int|number)\((-?[0-9]+),(-?[0-9]+)\)")
_RESOURCE = re.compile(r"accounts/[a-z0-9-]+(/[A-Za-z]+/[a-z0-9-]+)?")
_CODES = {
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
    "PERMISSION_DENIED", "UNAUTHENTICATED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED",
    "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
}  # fmt: skip
_JOB_STATE = re.compile(
    "JOB_STATE_(VALIDATING|PENDING|CREATING|RUNNING|WRITING_RESULTS|COMPLETED|EXPIRED|FAILED"
    "|DELETING_CLEANING_UP)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One of them.

    Attributes:
        method: Of HTTP.
        path: With the names of its parameters in braces.
        is_data: Whether it is of the data plane, which has two prefixes.
        query: Type of the parameters behind the question mark.
        body: Type of the body; None for none.
        is_form: Whether the body is a form with a file.
        answer: Type of the answer.
    """

    method: str
    path: str
    is_data: bool
    query: Any
    body: Any
    is_form: bool
    answer: Any

    @property
    def route(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"


@cache
def _description() -> dict[str, Any]:
    return tomllib.loads(DESCRIPTION.read_text("utf-8"))


def operations() -> list[Operation]:
    """All of them, in the order of the description."""
    return [
        Operation(
            method=entry["route"].partition(" ")[0],
            path=entry["route"].partition(" ")[2],
            is_data=entry.get("plane") == "data",
            query=entry.get("query", {}),
            body=entry.get("body"),
            is_form=entry.get("form", False),
            answer=entry["answer"],
        )
        for entry in _description()["operation"]
    ]


def parted(described: Any) -> tuple[Any, bool]:
    """A type without its question mark, and whether it had one."""
    if isinstance(described, list):
        return [value for value in described if value != "?"], "?" in described
    if isinstance(described, str) and described.endswith("?"):
        return described[:-1], True
    return described, False


def alternatives(described: str) -> list[str]:
    """The types on both sides of each `or` that is not within brackets."""
    found, depth = [""], 0
    for piece in re.split(r"([\[\]{}]| or )", described):
        depth += piece in {"[", "{"}
        depth -= piece in {"]", "}"}
        if piece == " or " and not depth:
            found.append("")
        else:
            found[-1] += piece
    return found


def inner_of(described: str) -> str:
    """The type within a list or a map; empty for a type that is none."""
    return described[1:-1] if described[0] + described[-1] in {"[]", "{}"} else ""


def shape_of(described: Any) -> Shape | None:
    """The fields of a type that is a shape; None for another one."""
    if isinstance(described, dict):
        return described
    shape: Shape | None = _description()["shape"].get(described)
    return shape


def bounds_of(described: str) -> tuple[str, int, int] | None:
    """`int` or `number` with its bounds; None for a type without any."""
    found = _BOUNDED.fullmatch(described)
    return (found[1], int(found[2]), int(found[3])) if found else None


def misfits(value: Any, described: Any, where: str = "answer", *, masked: bool = False) -> Iterator[str]:
    """What does not fit.

    Args:
        value: JSON, read.
        described: The type.
        where: The way to the value.
        masked: Whether fields may be missing because a mask left them out.
    """
    kind, _ = parted(described)
    if isinstance(kind, list):
        yield from [] if value in kind else [f"{where} is none of {kind}: {value!r}"]
    elif (shape := shape_of(kind)) is not None:
        yield from _misfits_of_shape(value, shape, where, masked=masked)
    elif len(several := alternatives(kind)) > 1:
        wrong = [[*misfits(value, one, where, masked=masked)] for one in several]
        yield from min(wrong, key=len)
    elif inner_of(kind):
        yield from _misfits_of_many(value, kind, where, masked=masked)
    elif not _is_plain(value, kind):
        yield f"{where} is no {kind}: {value!r}"


def _misfits_of_many(value: Any, kind: str, where: str, *, masked: bool) -> Iterator[str]:
    if not isinstance(value, list if kind[0] == "[" else dict):
        yield f"{where} is no {kind}: {value!r}"
        return
    for name, entry in value.items() if isinstance(value, dict) else enumerate(value):
        yield from misfits(entry, inner_of(kind), f"{where}.{name}", masked=masked)


def _misfits_of_shape(value: Any, shape: Shape, where: str, *, masked: bool) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where} is no object: {value!r}"
        return
    yield from (f"{where}.{name} is not described" for name in value.keys() - shape.keys())
    for name, described in shape.items():
        _, is_optional = parted(described)
        if value.get(name) is not None:
            yield from misfits(value[name], described, f"{where}.{name}", masked=masked)
        elif not is_optional and not masked:
            yield f"{where}.{name} is missing"


def _is_plain(value: Any, kind: str) -> bool:
    """Whether a value is of a primitive type."""
    if bounds := bounds_of(kind):
        number, least, most = bounds
        return _is_number(value) and least <= value <= most and (number == "number" or isinstance(value, int))
    return _PRIMITIVES[kind](value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_time(value: Any) -> bool:
    return isinstance(value, str) and value.endswith("Z") and datetime.fromisoformat(value) is not None


_PRIMITIVES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "number": _is_number,
    "count": lambda value: isinstance(value, str) and value.isdecimal(),  # int64 as proto3 writes it
    "time": _is_time,
    "name": lambda value: isinstance(value, str) and bool(_RESOURCE.fullmatch(value)),
    "code": lambda value: value in _CODES,
    "job_state": lambda value: isinstance(value, str) and bool(_JOB_STATE.fullmatch(value)),
    "json_text": lambda value: isinstance(value, str),
    "json": lambda _value: True,
    "nothing": lambda value: value == {},
}
