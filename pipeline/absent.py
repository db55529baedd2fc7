"""Nulls for what a type knows a default of: left out of the values, so that the default takes their place."""

from copy import deepcopy
from typing import Any

from pydantic import ValidationError


def without_refused_nulls(values: dict[str, Any], error: ValidationError) -> dict[str, Any]:
    """Return a copy of values without the nulls that a validation found no values of their types."""
    kept = deepcopy(values)
    for problem in error.errors(include_url=False, include_context=False):
        *path, last = problem["loc"] or ("",)
        holder: Any = kept
        for step in path:
            holder = holder[step] if _leads_on(holder, step) else None
        if isinstance(holder, dict) and last in holder and holder[last] is None:
            del holder[last]
    return kept


def _leads_on(holder: Any, step: int | str) -> bool:
    """Whether a step of a location is one in the values; one that names a kind of a union is not."""
    if isinstance(holder, list):
        return isinstance(step, int) and step < len(holder)
    return isinstance(holder, dict) and step in holder
