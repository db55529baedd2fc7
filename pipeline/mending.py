"""A record put together from several answers that breaks its schema: those at fault are shown its errors."""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.division import Part
from pipeline.inquiry import Asked, Inquiry, Unanswered, Unasked
from pipeline.remedies import repair


async def mended(inquiry: Inquiry, parts: Sequence[Part]) -> Sequence[Part] | None:
    """The parts of a record, those at fault asked anew as often as repairs are allowed.

    Args:
        inquiry: Asks about their document.
        parts: In page order, their images without bytes.

    Returns:
        Parts that give a valid record, or the last that could be had; None when a stop came between.
    """
    for _ in range(inquiry.budgets.repairs):
        complaints = inquiry.interpreter.complaints([answer for part in parts for answer in part.answers])
        again = [await _again(inquiry, part, complaints.get(part.pages, "")) for part in parts]
        whole = [part for part in again if part is not None]
        if len(whole) < len(again):
            return None
        if whole == list(parts):
            break
        parts = whole
    return parts


async def _again(inquiry: Inquiry, part: Part, complaint: str) -> Part | None:
    if not complaint:
        return part
    asked = [await _repaired(inquiry, part, one, complaint) for one in part.asked]
    good = tuple(one for one in asked if one is not None)
    return replace(part, asked=good) if len(good) == len(asked) else None


async def _repaired(inquiry: Inquiry, part: Part, asked: Asked, complaint: str) -> Asked | None:
    """The answer to the complaint; the old one where there is no better, None when a stop came before."""
    remedy = repair(asked.remedy, complaint, asked.answer.completion, inquiry.budgets)
    if remedy is None:
        return asked
    try:
        anew = await inquiry.ask(part.images, partial=True, start=remedy)
    except Unanswered:
        return asked
    if anew is Unasked.STOPPED:
        return None
    return asked if anew is Unasked.BLANK or anew.problem is not None else anew
