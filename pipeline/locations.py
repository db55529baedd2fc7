"""Places in the values of an answer: keys and indexes, as pydantic tells them."""

from typing import Any

Location = tuple[int | str, ...]


def holder_of(values: Any, location: Location) -> Any:
    """The object or list that holds the value at a location; None where the location leads nowhere.

    Locations inside unions name the alternative that was tried, which is no key of the values.
    """
    for step in location[:-1]:
        if not _holds(values, step):
            return None
        values = values[step]
    return values if location and _holds(values, location[-1]) else None


def path_of(location: Location) -> str:
    """A location as a person reads it: `line_items[3].amount`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)
    return text.removeprefix(".")


def _holds(values: Any, step: int | str) -> bool:
    if isinstance(values, dict):
        return step in values
    return isinstance(values, list) and isinstance(step, int) and 0 <= step < len(values)
