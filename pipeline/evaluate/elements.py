"""Which element of a true list is which of the list that was found."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pipeline.evaluate.matching import best_pairs
from pipeline.evaluate.values import part_of, written
from pipeline.store.columns import Column, Form

_EVIDENCE = 3
"""Equal values that show that two elements are the same one when one field differs."""

_STRETCH = 150
"""Elements that are matched together. The work grows with the cube; a longer rest is matched in stretches."""

Elements = Mapping[int, Any]
Alike = Callable[[Any, Any], float]


def matched(column: Column, truths: Elements, others: Elements, alike: Alike) -> dict[int, int]:
    """Numbers of the elements found, by those of the true ones; what has no match is left out.

    Equal elements are matched first, then those that are equal but for one field, then the rest so that the
    sum of `alike` is greatest. The order in which elements stand changes nothing, but for very long rests.

    Args:
        column: Of one element.
        truths: True elements by number, none of them None.
        others: Elements found, likewise.
        alike: How alike a true element and another are; 0.0 when they are not to be matched.
    """
    pairs = _equal(column, truths, others)
    pairs |= _equal_but_for_one(column, *_rest(truths, others, pairs))
    near, far = _rest(truths, others, pairs)
    for ours, theirs in _stretches(list(near), list(far)):
        ours.sort(key=lambda number: written(column, near[number]))
        theirs.sort(key=lambda number: written(column, far[number]))
        weights = [[alike(near[one], far[other]) for other in theirs] for one in ours]
        pairs |= {ours[row]: theirs[place] for row, place in best_pairs(weights)}
    return pairs


def _rest(truths: Elements, others: Elements, pairs: Mapping[int, int]) -> tuple[Elements, Elements]:
    """The elements that are not matched yet."""
    taken = set(pairs.values())
    return (
        {number: each for number, each in truths.items() if number not in pairs},
        {number: each for number, each in others.items() if number not in taken},
    )


def _equal(column: Column, truths: Elements, others: Elements) -> dict[int, int]:
    left, pairs = dict[str, list[int]](), dict[int, int]()
    for number, each in others.items():
        left.setdefault(written(column, each), []).append(number)
    for number, each in truths.items():
        if equal := left.get(written(column, each)):
            pairs[number] = equal.pop(0)
    return pairs


def _equal_but_for_one(column: Column, truths: Elements, others: Elements) -> dict[int, int]:
    """Elements that differ in one field and agree in enough others, in which no third one is like them.

    It spares long lists, in which one field is always misread, most of the work.
    """
    pairs: dict[int, int] = {}
    fields = range(len(column.parts)) if column.form is Form.STRUCT else range(0)
    for field in fields:
        near, far = _rest(truths, others, pairs)
        theirs = _without(column, far, field)
        for values, numbers in _without(column, near, field).items():
            mates = theirs.get(values, [])
            if len(numbers) == len(mates) == 1 and sum(map(bool, values)) >= _EVIDENCE:
                pairs[numbers[0]] = mates[0]
    return pairs


def _without(column: Column, elements: Elements, field: int) -> dict[tuple[str, ...], list[int]]:
    """Numbers of the elements by all their values but that of one field."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for number, each in elements.items():
        values = [written(part, part_of(each, name)) for name, part in column.parts.items()]
        groups.setdefault((*values[:field], *values[field + 1 :]), []).append(number)
    return groups


def _stretches(ours: list[int], theirs: list[int]) -> Iterator[tuple[list[int], list[int]]]:
    """All of both, or, of very many, pieces of both from the same places."""
    longest = max(len(ours), len(theirs))
    size = _STRETCH if min(len(ours), len(theirs)) > _STRETCH else max(longest, 1)
    for start in range(0, longest, size):
        yield ours[start : start + size], theirs[start : start + size]
