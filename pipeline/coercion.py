"""Values as documents write them, read as the types that were declared: `1.234,56`, `3rd March 2024`, `ja`.

A model is asked for plain numbers and ISO dates and mostly gives them; this is for when it does not. Only
values that their type refuses come here. Each is read by a stated rule or left as it is; what can be read in
two ways becomes null and says so.
"""

import copy
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from pipeline.habits import Habits
from pipeline.locations import Location, holder_of, path_of
from pipeline.records import Coercion
from pipeline.written_dates import read_date, read_datetime, read_time
from pipeline.written_numbers import read_number
from pipeline.written_words import read_boolean, says_nothing


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
    habits = Habits(values)
    changed, coercions = copy.deepcopy(values), list[Coercion]()
    for location, error in refused:
        rule = _RULES.get(error)
        holder = holder_of(changed, location)
        if rule is None or holder is None:
            continue
        given = holder[location[-1]]
        read = (None, NOTHING) if _is_nothing(given) else rule(given, habits)
        if read is not None:
            holder[location[-1]], how = read
            coercions.append(Coercion(field=path_of(location), given=str(given), rule=how))
    return changed, coercions


NOTHING = "left empty: it says that there is no value"
NO_OFFSET = "left empty: without its offset from UTC the moment is not known"

Read = tuple[Any, str] | None
"""A value and the rule it was read by; None when no rule reads it."""


def _is_nothing(given: Any) -> bool:
    return isinstance(given, str) and says_nothing(given)


def _number(given: Any, habits: Habits) -> Read:
    if not isinstance(given, str):
        return None
    read = read_number(given, decimal_comma=habits.decimal_comma)
    return None if read is None else (read[0] if read[0] is None else str(read[0]), read[1])


def _integer(given: Any, habits: Habits) -> Read:
    read = _number(given, habits)
    if read is None or read[0] is None:
        return read
    number = Decimal(read[0])
    return (int(number), read[1]) if number == number.to_integral_value() else None


def _date(given: Any, habits: Habits) -> Read:
    return read_date(given, day_first=habits.day_first) if isinstance(given, str) else None


def _datetime(given: Any, habits: Habits) -> Read:
    return read_datetime(given, day_first=habits.day_first) if isinstance(given, str) else None


def _time(given: Any, _habits: Habits) -> Read:
    return read_time(given) if isinstance(given, str) else None


def _moment(_given: Any, _habits: Habits) -> Read:
    return None, NO_OFFSET


def _boolean(given: Any, _habits: Habits) -> Read:
    said = read_boolean(given) if isinstance(given, str) else None
    return None if said is None else (said, "a word for yes or no")


def _choice(given: Any, _habits: Habits) -> Read:
    if not isinstance(given, str):
        return None
    word = re.sub(r"[\s_-]+", "_", given.strip()).casefold()
    return (word, "one of the choices, written otherwise") if word != given else None


def _text(given: Any, _habits: Habits) -> Read:
    if isinstance(given, bool) or not isinstance(given, int | float | Decimal):
        return None
    return str(given), "a number taken as text"


_RULES: dict[str, Callable[[Any, Habits], Read]] = {
    "decimal_parsing": _number,
    "float_parsing": _number,
    "int_parsing": _integer,
    "date_parsing": _date,
    "date_from_datetime_parsing": _date,
    "date_from_datetime_inexact": _date,
    "datetime_parsing": _datetime,
    "datetime_from_date_parsing": _datetime,
    "timezone_aware": _moment,
    "time_parsing": _time,
    "bool_parsing": _boolean,
    "enum": _choice,
    "literal_error": _choice,
    "string_type": _text,
}
"""What to do about each type of pydantic's validation errors; the others have no remedy here."""
