"""What pydantic would take for a number, a date or a yes, though it may mean something else.

Of a number as text, `1.234`, it takes a point for the decimal sign; of a number it makes a day, counting
seconds since 1970; of an offset from UTC it makes a time that has no place in the column. Such values are
settled here by a stated rule before they are validated, or left empty with the reason. Numbers given as
numbers are the model's word and stay.
"""

import copy
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from pipeline.declared import OPEN_DECIMAL, ZONED, declared
from pipeline.described import DECIMALS
from pipeline.habits import Habits
from pipeline.locations import holder_of, path_of
from pipeline.records import Coercion
from pipeline.written_dates import read_compact_date
from pipeline.written_numbers import may_set_off_thousands, read_number
from pipeline.written_words import read_boolean

Read = tuple[Any, str] | None
"""What takes the value's place and the rule; None where pydantic may have it as it is."""

NO_NUMBER = "left empty: it is no number"
NO_DAY = "left empty: digits alone do not tell a day, or a time"
NO_UNIT = "left empty: a number does not tell which unit of time it counts"
TOO_FINE = f"left empty: the number has more than {DECIMALS} decimals; declare decimal_places"
MAYBE_A_SPAN = "left empty: behind the minus may stand an offset from UTC or the end of a span"
TOO_LONG = "left empty: the number needs more than 64 bits; declare the field as Decimal or str"

_DIGITS = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)\s*")
_NOT_FINITE = re.compile(r"\s*[+-]?(?:inf|infinity|nan)\s*", re.IGNORECASE)
_DAY_ALONE = re.compile(r"\d{4}-\d{2}-\d{2}")
_OFFSET = re.compile(r"(.*\d:\d{2}(?:[.,]\d+)?)\s?(?:[Zz]|[+−-]\d{2}(?::?\d{2})?)")
_SPAN = re.compile(r"(?:.*[^\d:])?\d{1,2}:\d{2}\s?[−-]\s?\d{1,2}(?::?\d{2})?")
_TWO_PARTS = re.compile(r"[+-]?\d+:\d{2}")
_CALENDAR_PARTS = re.compile(r"[+-]?P[^T]*\d[YM].*")


def settle(values: dict[str, Any], model: type[BaseModel]) -> tuple[dict[str, Any], list[Coercion]]:
    """The values of an answer without those that pydantic would guess at, and what was done to them."""
    habits = Habits(values)
    found = [(one, read) for one in declared(values, model) if (read := _RULES[one.kind](one.value, habits))]
    if not found:
        return values, []
    changed = copy.deepcopy(values)
    for one, (value, _) in found:
        holder_of(changed, one.location)[one.location[-1]] = value
    return changed, [
        Coercion(field=path_of(one.location), given=str(one.value), rule=rule) for one, (_, rule) in found
    ]


def _number(given: Any, habits: Habits) -> Read:
    if isinstance(given, bool):
        return None, NO_NUMBER
    if not isinstance(given, str):
        return None
    if _NOT_FINITE.fullmatch(given):
        return None, NO_NUMBER
    if not may_set_off_thousands(given):
        return None
    read = read_number(given, decimal_comma=habits.decimal_comma)
    return read and (read[0] if read[0] is None else str(read[0]), read[1])


def _open_decimal(given: Any, habits: Habits) -> Read:
    if (read := _number(given, habits)) or isinstance(given, bool) or not _is_digits(given):
        return read
    _, digits, exponent = Decimal(str(given).strip()).as_tuple()
    trailing = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    fine = isinstance(exponent, int) and any(digits) and -(exponent + trailing) > DECIMALS
    return (None, TOO_FINE) if fine else None


def _integer(given: Any, habits: Habits) -> Read:
    if isinstance(given, str) and re.fullmatch(r"\s*[+-]?\d+\s*", given):
        return None if _fits(int(given)) else (None, TOO_LONG)
    if type(given) in (int, float, Decimal):
        return None if _fits(given) else (None, TOO_LONG)
    read = _number(given, habits)
    if read is None or read[0] is None:
        return read
    number = Decimal(read[0])
    return (int(number), read[1]) if number == int(number) else (None, "left empty: it is no whole number")


def _fits(number: float | Decimal) -> bool:
    return -(2**63) <= number < 2**63


def _boolean(given: Any, _habits: Habits) -> Read:
    if not isinstance(given, str):
        return None
    said = read_boolean(given)
    if said is None:
        lone = given.strip().casefold() in ("t", "f")
        return (None, "left empty: a letter that may stand for anything") if lone else None
    return said, "a word for yes or no"


def _date(given: Any, _habits: Habits) -> Read:
    return read_compact_date(str(given)) or (None, NO_DAY) if _is_digits(given) else None


def _datetime(given: Any, habits: Habits) -> Read:
    if _is_digits(given):
        day, rule = _date(given, habits) or (None, NO_DAY)
        return (f"{day}T00:00:00", rule) if day else (None, rule)
    if not isinstance(given, str):
        return None
    if _DAY_ALONE.fullmatch(given):
        return f"{given}T00:00:00", "a day without a time, taken as its beginning"
    return _without_offset(given)


def _zoned(given: Any, _habits: Habits) -> Read:
    if _is_digits(given):
        return None, NO_DAY
    return (None, MAYBE_A_SPAN) if isinstance(given, str) and _SPAN.fullmatch(given.strip()) else None


def _time(given: Any, _habits: Habits) -> Read:
    if not isinstance(given, str):
        return (None, NO_DAY) if _is_digits(given) else None
    return _without_offset(given)


def _duration(given: Any, _habits: Habits) -> Read:
    if _is_digits(given):
        return None, NO_UNIT
    if not isinstance(given, str):
        return None
    if _TWO_PARTS.fullmatch(given.strip()):
        return None, "left empty: the parts may be hours and minutes, or minutes and seconds"
    if _CALENDAR_PARTS.fullmatch(given):
        return given, "a duration with a month counted as 30 days and a year as 365"
    return None


def _without_offset(given: str) -> Read:
    if _SPAN.fullmatch(given.strip()):
        return None, MAYBE_A_SPAN
    zoned = _OFFSET.fullmatch(given.strip())
    return (zoned[1], "the local time; its offset from UTC has no place in the column") if zoned else None


def _is_digits(given: Any) -> bool:
    """Whether it is a number, which pydantic takes for seconds."""
    if isinstance(given, str):
        return _DIGITS.fullmatch(given) is not None
    return isinstance(given, int | float | Decimal) and not isinstance(given, bool)


_RULES: dict[str, Callable[[Any, Habits], Read]] = {
    "int": _integer,
    "float": _number,
    "decimal": _number,
    OPEN_DECIMAL: _open_decimal,
    "bool": _boolean,
    "date": _date,
    "datetime": _datetime,
    ZONED: _zoned,
    "time": _time,
    "timedelta": _duration,
}
