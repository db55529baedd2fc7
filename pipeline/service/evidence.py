"""The block of a reply that says where its values stand; what is odd in it is left out."""

import itertools
from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.records import Evidence

BLOCK = "pagelake"
"""Key of the block in a reply; clients of the protocol pass over keys they do not know."""

MOST_ENTRIES = 100_000
"""More than thirty full pages of a bank statement have, by ten times."""

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Words = Annotated[str, Field(min_length=1, max_length=1_000)]


class _Entry(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)

    path: Words
    page: Annotated[int, Field(gt=0, lt=2**31)]
    confidence: Share
    box: Annotated[list[Share], Field(min_length=4, max_length=4)]
    rule: Words


def read_evidence(block: object) -> tuple[Evidence, ...]:
    """The entries of a block that are whole, in order; none when it is no list.

    Nothing is raised: a paid answer is not lost for what stands beside it.
    """
    entries = block if isinstance(block, list) else []
    return tuple(itertools.islice(_whole(entries), MOST_ENTRIES))


def _whole(entries: list[object]) -> Iterator[Evidence]:
    for given in entries:
        try:
            entry = _Entry.model_validate(given)
        except ValidationError:
            continue
        left, top, right, bottom = entry.box
        if left <= right and top <= bottom:
            box = (left, top, right, bottom)
            yield Evidence(
                field=entry.path, page=entry.page, confidence=entry.confidence, box=box, rule=entry.rule
            )
