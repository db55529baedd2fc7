"""Single values: when there is none, when two are equal, and how equal ones are written alike."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from pipeline.evaluate.likeness import normal
from pipeline.store.columns import Column, Form

NUMBERS = (pl.Decimal, pl.Int64, pl.Float64)

_CENT = Decimal("0.01")
_NUMBER = re.compile(r"-?\d+\.\d+")


def is_empty(value: Any) -> bool:
    """Whether a value says nothing: None, an empty text, list or object."""
    return value is None or value in ({}, []) or (isinstance(value, str) and not normal(value))


def part_of(value: Mapping[str, Any] | None, name: str) -> Any:
    """A part of an element, None where it or the element is not there."""
    return None if value is None else value.get(name)


def same_number(truth: Decimal, found: Decimal, tolerance: Decimal = Decimal(0)) -> bool:
    """Whether two numbers are equal to the cent, or to the last decimal of the true one where it has more."""
    if not (truth.is_finite() and found.is_finite()):
        return str(truth) == str(found)
    exponent = truth.normalize().as_tuple().exponent
    unit = min(_CENT, Decimal(1).scaleb(exponent)) if isinstance(exponent, int) else _CENT
    distance = abs(truth - found)
    return distance < unit / 2 or distance <= tolerance


def plain(value: Any) -> Any:
    """A JSON value in the form in which it is compared: texts normal, numbers as numbers."""
    match value:
        case dict():
            return {name: plain(each) for name, each in value.items() if each is not None}
        case list() | tuple():
            return [plain(each) for each in value]
        case str() if not _NUMBER.fullmatch(value):
            return normal(value)
        case bool() | None:
            return value
    return Decimal(str(value))


def written(column: Column, value: Any) -> str:
    """An element as one text, the same for elements that are equal, whatever the order of lists in it."""
    if is_empty(value):
        return ""
    if column.form is Form.STRUCT:
        return repr([(name, written(part, part_of(value, name))) for name, part in column.parts.items()])
    if column.form is Form.LIST:
        return repr(sorted(written(column.parts[""], each) for each in value))
    if isinstance(column.dtype, NUMBERS):
        return str(Decimal(str(value)).normalize())
    return repr(plain(value)) if column.form is Form.JSON else normal(str(value))
