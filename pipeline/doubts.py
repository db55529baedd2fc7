"""Requests that went out and whose answer was not kept: nobody but the service knows whether it charged."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Doubt(BaseModel):
    """A request that may have been charged for without an answer.

    Attributes:
        custom_id: Its id.
        doc_id: The document that it asked about; empty in manifests of older versions.
        pages: Numbers of the pages that it sent.
        possible_cost: Most US dollars that the service can have charged, by the estimate of its prompt and
            the longest answer it allows; None when no price is known.
    """

    model_config = ConfigDict(frozen=True)

    custom_id: str
    doc_id: str = ""
    pages: tuple[int, ...] = ()
    possible_cost: float | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_older(cls, value: Any) -> Any:
        """Older versions noted the id alone."""
        return {"custom_id": value} if isinstance(value, str) else value


def possible_cost(doubts: Iterable[Doubt]) -> float | None:
    """Most US dollars that requests can have cost together; None when one of them has no price."""
    costs = [doubt.possible_cost for doubt in doubts]
    known = [cost for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None
