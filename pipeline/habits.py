"""How a document writes what can be read in two ways, as far as its other values show."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from pipeline.written_dates import day_first_in
from pipeline.written_numbers import decimal_comma_in


class Habits:
    """What the texts among some values show; worked out when it is first asked for."""

    def __init__(self, values: Any) -> None:
        self._values = values

    @cached_property
    def day_first(self) -> bool | None:
        """Whether `03/04/24` is the 3rd of April; None when nothing shows it."""
        return day_first_in(_texts(self._values))

    @cached_property
    def decimal_comma(self) -> bool | None:
        """Whether `1,234` is little more than one; None when nothing shows it."""
        return decimal_comma_in(_texts(self._values))


def _texts(values: Any) -> Iterator[str]:
    waiting = [values]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
