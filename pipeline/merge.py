"""Answers about parts of a document become one record, and each value keeps the pages it came from."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from pipeline.records import Origin, Reading


def merge(readings: Sequence[Reading]) -> dict[str, Any]:
    """One set of values from the parts of a document, given in page order.

    Lists are joined. Of differing scalars the one that most parts agree on is taken, the first among
    equals; null never wins over a value. Objects are merged field by field.
    """
    if len(readings) == 1:
        return readings[0].values
    return _merge_objects([reading.values for reading in readings])


def origins(readings: Sequence[Reading], merged: dict[str, Any]) -> list[Origin]:
    """Where the values of `merge(readings)` were read.

    Items of lists are always told; fields only when the document was asked about in several parts,
    since otherwise they all come from the same pages.
    """
    found = [origin for name in merged for origin in _item_origins(name, readings)]
    if len(readings) > 1:
        found += [
            origin
            for name, value in merged.items()
            if not isinstance(value, list) and value is not None
            for origin in _scalar_origin(name, value, readings)
        ]
    return found


def _merge_objects(objects: Sequence[dict[str, Any]]) -> dict[str, Any]:
    names = dict.fromkeys(name for one in objects for name in one)
    return {name: _merge_values([one[name] for one in objects if name in one]) for name in names}


def _merge_values(values: Sequence[Any]) -> Any:
    present = [value for value in values if value is not None]
    if not present:
        return None
    if all(isinstance(value, list) for value in present):
        return [item for value in present for item in value]
    if all(isinstance(value, dict) for value in present):
        return _merge_objects(present)
    votes = Counter(repr(value) for value in present)
    return max(present, key=lambda value: votes[repr(value)])  # max keeps the first among equals


def _item_origins(name: str, readings: Sequence[Reading]) -> list[Origin]:
    found: list[Origin] = []
    for reading in readings:
        items = reading.values.get(name)
        if not isinstance(items, list):
            continue
        pages = reading.item_pages.get(name, [None] * len(items))
        found += [
            Origin(f"{name}[{len(found) + index}]", page or reading.pages[0], page or reading.pages[-1])
            for index, page in enumerate(pages)
        ]
    return found


def _scalar_origin(name: str, value: Any, readings: Sequence[Reading]) -> list[Origin]:
    """The first part that gave this value; for an object merged from several, the span of those parts."""
    givers = [reading for reading in readings if reading.values.get(name) is not None]
    if not isinstance(value, dict):
        givers = [reading for reading in givers if reading.values[name] == value][:1]
    return [Origin(name, givers[0].pages[0], givers[-1].pages[-1])] if givers else []
