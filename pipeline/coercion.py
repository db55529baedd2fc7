"""Values as documents write them, read as the types that were declared: `1.234,56`, `3rd March 2024`, `ja`.

A model is asked for plain numbers and ISO dates and mostly gives them; this is for when it does not. Only
values that their type refuses come here. Each is read by a stated rule or left as it is; what can be read in
two ways becomes null and says so.
"""

import copy
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipeline.records import Coercion
from pipeline.written_dates import day_first_in, read_date, read_datetime, read_time
from pipeline.written_numbers import decimal_comma_in, read_number

Location = tuple[int | str, ...]

_YES = frozenset(
    [
        "yes",
        "y",
        "true",
        "1",
        "x",
        "✓",
        "✔",
        "☑",
        "☒",
        "ja",
        "j",
        "wahr",
        "oui",
        "vrai",
        "si",
        "sí",
        "sì",
        "sim",
        "verdadero",
        "checked",
        "on",
    ]
)
_NO = frozenset(
    [
        "no",
        "n",
        "false",
        "0",
        "☐",
        "nein",
        "falsch",
        "non",
        "faux",
        "nee",
        "não",
        "nao",
        "falso",
        "unchecked",
        "off",
    ]
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """How the document writes what could be read in two ways, as far as its other values show.

    Attributes:
        day_first: Whether `03/04/24` is the 3rd of April; None when nothing shows it.
        decimal_comma: Whether `1,234` is little more than one; None when nothing shows it.
    """

    day_first: bool | None
    decimal_comma: bool | None


def coerce(
    values: dict[str, Any], refused: Sequence[tuple[Location, str]]
) -> tuple[dict[str, Any], list[Coercion]]:
    """Read refused values anew.

    Args:
        values: The JSON object; it stays as it is.
        refused: Where a value was refused, and pydantic's type of the error.

    Returns:
        The values, and what was changed in them; nothing when no rule applies.
    """
    evidence = _evidence(values)
    changed, coercions = copy.deepcopy(values), list[Coercion]()
    for location, error in refused:
        rule = _RULES.get(error)
        holder = _holder(changed, location)
        if rule is None or holder is None:
            continue
        given = holder[location[-1]]
        read = rule(given, evidence)
        if read is not None:
            holder[location[-1]], how = read
            coercions.append(Coercion(field=_path(location), given=str(given), rule=how))
    return changed, coercions


Read = tuple[Any, str] | None
"""A value and the rule it was read by; None when no rule reads it."""


def _number(given: Any, evidence: Evidence) -> Read:
    if not isinstance(given, str):
        return None
    read = read_number(given, decimal_comma=evidence.decimal_comma)
    return None if read is None else (read[0] if read[0] is None else str(read[0]), read[1])


def _integer(given: Any, evidence: Evidence) -> Read:
    read = _number(given, evidence)
    if read is None or read[0] is None:
        return read
    number = Decimal(read[0])
    return (int(number), read[1]) if number == number.to_integral_value() else None


def _date(given: Any, evidence: Evidence) -> Read:
    return read_date(given, day_first=evidence.day_first) if isinstance(given, str) else None


def _datetime(given: Any, evidence: Evidence) -> Read:
    return read_datetime(given, day_first=evidence.day_first) if isinstance(given, str) else None


def _time(given: Any, _evidence: Evidence) -> Read:
    return read_time(given) if isinstance(given, str) else None


def _boolean(given: Any, _evidence: Evidence) -> Read:
    word = given.strip().casefold() if isinstance(given, str) else ""
    if word in _YES | _NO:
        return word in _YES, "a word for yes or no"
    return None


def _choice(given: Any, _evidence: Evidence) -> Read:
    if not isinstance(given, str):
        return None
    word = re.sub(r"[\s_-]+", "_", given.strip()).casefold()
    return (word, "one of the choices, written otherwise") if word != given else None


def _text(given: Any, _evidence: Evidence) -> Read:
    if isinstance(given, bool) or not isinstance(given, int | float | Decimal):
        return None
    return str(given), "a number taken as text"


_RULES: dict[str, Callable[[Any, Evidence], Read]] = {
    "decimal_parsing": _number,
    "float_parsing": _number,
    "int_parsing": _integer,
    "date_parsing": _date,
    "date_from_datetime_parsing": _date,
    "date_from_datetime_inexact": _date,
    "datetime_parsing": _datetime,
    "datetime_from_date_parsing": _datetime,
    "time_parsing": _time,
    "bool_parsing": _boolean,
    "enum": _choice,
    "literal_error": _choice,
    "string_type": _text,
}
"""What to do about each type of pydantic's validation errors; the others have no remedy here."""


def _evidence(values: dict[str, Any]) -> Evidence:
    texts = list(_texts(values))
    return Evidence(day_first=day_first_in(texts), decimal_comma=decimal_comma_in(texts))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _holder(values: Any, location: Location) -> Any:
    """The object or list that holds the value at a location; None where the location leads nowhere.

    Locations inside unions name the alternative that was tried, which is no key of the values.
    """
    for step in location[:-1]:
        if not _holds(values, step):
            return None
        values = values[step]
    return values if location and _holds(values, location[-1]) else None


def _holds(values: Any, step: int | str) -> bool:
    if isinstance(values, dict):
        return step in values
    return isinstance(values, list) and isinstance(step, int) and 0 <= step < len(values)


def _path(location: Location) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)
    return text.removeprefix(".")
