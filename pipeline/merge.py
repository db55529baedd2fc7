"""Answers about parts of a document become one record, and each value keeps the pages it came from."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pipeline.records import Evidence, Origin, Reading
from pipeline.seams import fuller, is_running, joined, shared_items

Part = tuple[int, Any]
"""Index of a reading and what it gives for a place."""


def merge(readings: Sequence[Reading]) -> tuple[dict[str, Any], list[Evidence]]:
    """One set of values from the parts of a document, given in page order, and where they stand.

    Lists are joined. Of differing scalars the best evidenced one is taken, where each has evidence, else the
    one that most parts agree on, the first among equals; null never wins over a value. Objects are merged
    field by field. Evidence of values that were not taken is left out, that of list items follows them.
    """
    if len(readings) == 1:
        return readings[0].values, list(readings[0].evidence)
    merging = _Merging(readings)
    values = merging.objects([(index, reading.values) for index, reading in enumerate(readings)], "")
    return values, merging.evidence()


def join_strips(readings: Sequence[Reading], overlapping: Collection[int]) -> Reading:
    """One reading of a page from those of its strips, given from the top.

    Other than parts of a document, strips overlap: items of lists, and words of running text, that stand at
    the end of one and at the start of the next are taken once. Running text is joined.

    Args:
        readings: Of one page.
        overlapping: Indexes of those that overlap with the one before.
    """
    merging = _Merging(readings, overlapping)
    values = merging.objects([(index, reading.values) for index, reading in enumerate(readings)], "")
    pages = readings[0].pages
    paged = {name for reading in readings for name in reading.item_pages}
    return Reading(
        pages=pages,
        values=values,
        item_pages={name: [pages[0]] * len(values[name]) for name in paged if isinstance(values[name], list)},
        evidence=tuple(merging.evidence()),
    )


def given_by(readings: Sequence[Reading], field: str) -> dict[int, str]:
    """Which readings gave a field of `merge(readings)`, by their index, and where it stands in them.

    What nobody gave, and what is of the record as a whole, is everybody's.
    """
    merging = _Merging(readings)
    merging.objects([(index, reading.values) for index, reading in enumerate(readings)], "")
    found = {index: _own(field, moved) for index, moved in enumerate(merging.moved)}
    given = {index: own for index, own in found.items() if own}
    return given or dict.fromkeys(found, field)


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


class _Merging:
    """One pass over the parts, which notes where each value that is taken goes."""

    def __init__(self, readings: Sequence[Reading], overlapping: Collection[int] | None = None) -> None:
        self._readings = readings
        self._overlapping = overlapping
        self._confidence = [{one.field: one.confidence for one in reading.evidence} for reading in readings]
        self.moved: list[dict[str, str]] = [{} for _ in readings]

    def objects(self, parts: Sequence[Part], path: str) -> dict[str, Any]:
        """The objects of some parts as one."""
        names = dict.fromkeys(name for _, one in parts for name in one)
        inner = f"{path}." if path else ""
        return {
            name: self._values([(index, one[name]) for index, one in parts if name in one], inner + name)
            for name in names
        }

    def evidence(self) -> list[Evidence]:
        """The evidence of all values that were taken, under their paths in what was merged."""
        return [
            replace(one, field=field)
            for reading, moved in zip(self._readings, self.moved, strict=True)
            for one in reading.evidence
            if (field := _moved_to(one.field, moved))
        ]

    def _values(self, parts: Sequence[Part], path: str) -> Any:
        present = [(index, value) for index, value in parts if value is not None]
        if not present:
            return None
        if all(isinstance(value, list) for _, value in present):
            return self._lists(present, path)
        if all(isinstance(value, dict) for _, value in present):
            return self.objects(present, path)
        if self._overlapping is not None and all(isinstance(value, str) for _, value in present):
            texts = dict.fromkeys(value for _, value in present)
            if len(texts) > 1 and is_running(texts):
                return self._text(present, path)
        index, value = self._best(present, path)
        self.moved[index][path] = path
        return value

    def _lists(self, parts: Sequence[Part], path: str) -> list[Any]:
        whole: list[Any] = []
        before: Part = (-1, [])
        for index, items in parts:
            shared = shared_items(before[1], items) if self._overlap(before[0], index) else 0
            start = len(whole) - shared
            for place in range(shared, len(items)):
                self.moved[index][f"{path}[{place}]"] = f"{path}[{start + place}]"
            whole[start:] = [*map(fuller, whole[start:], items), *items[shared:]]
            before = index, items
        return whole

    def _text(self, parts: Sequence[Part], path: str) -> str:
        (before, whole), *following = parts
        self.moved[before][path] = path
        for index, text in following:
            whole = joined(whole, text, overlap=self._overlap(before, index))
            before = index
        return str(whole)

    def _overlap(self, before: int, index: int) -> bool:
        """Whether two parts are strips that overlap."""
        return self._overlapping is not None and index - 1 == before and index in self._overlapping

    def _best(self, parts: Sequence[Part], path: str) -> Part:
        """The part whose value is taken, and of those that give this value the one that shows it best."""
        votes = Counter(repr(value) for _, value in parts)
        shown: dict[str, float] = {}
        for index, value in parts:
            if (confidence := self._confidence[index].get(path)) is not None:
                shown[repr(value)] = max(confidence, shown.get(repr(value), 0.0))
        told = shown if shown.keys() == votes.keys() else {}
        taken = max(
            votes, key=lambda said: (told.get(said, 0.0), votes[said])
        )  # max keeps the first of equals
        givers = [part for part in parts if repr(part[1]) == taken]
        return max(givers, key=lambda part: self._confidence[part[0]].get(path, -1.0))


def _own(field: str, moved: Mapping[str, str]) -> str:
    """Where a merged field, or something inside it, came from; empty when from elsewhere."""
    back = {merged: own for own, merged in moved.items()}
    inside = field and any(merged.startswith((f"{field}.", f"{field}[")) for merged in back)
    return field if inside else _moved_to(field, back)


def _moved_to(field: str, moved: Mapping[str, str]) -> str:
    """Where a field stands now, found by the longest beginning of its path that was moved; or empty."""
    ends = [len(field), *(match.start() for match in re.finditer(r"[.\[]", field))]
    for end in sorted(ends, reverse=True):
        if field[:end] in moved:
            return moved[field[:end]] + field[end:]
    return ""


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
