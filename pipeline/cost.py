"""What tokens cost, and how many an image is likely to be."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pipeline.records import Usage

PATCH_PX = 28
"""Side of the square a vision model reads as one token: Qwen2.5-VL's cell, the one the service documents."""

IMAGE_MARKERS = 2
"""Tokens a chat template puts around each image."""

BYTES_PER_TOKEN = 4
"""Usual size of a token of English text and JSON, for estimates only."""

Road = Literal["online", "batch"]
"""How an answer is asked for: on its own, or as a line of a batch job."""

_SMALLEST = Decimal("0.0000000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What one model asks for its tokens: US dollars for a million.

    Attributes:
        input: Prompt tokens that were not cached.
        cached: Prompt tokens that were; None charges them like the others.
        output: Completion tokens.
        batch_discount: Share of all three that batch jobs save, from 0 to 1.
    """

    input: Decimal
    output: Decimal
    cached: Decimal | None = None
    batch_discount: Decimal = Decimal(0)

    def of(self, usage: Usage, road: Road = "online") -> Decimal:
        """US dollars for what one answer used that came by a road."""
        price = self.input if self.cached is None else self.cached
        cached = min(usage.cached_tokens, usage.prompt_tokens)
        fresh = usage.prompt_tokens - cached
        total = fresh * self.input + cached * price + usage.completion_tokens * self.output
        share = 1 - self.batch_discount if road == "batch" else 1
        return (total * share / 1_000_000).quantize(_SMALLEST)


def image_tokens(width_px: int, height_px: int) -> int:
    """Estimated prompt tokens of one image: its patches and the markers around it."""
    across, down = (max(1, round(side / PATCH_PX)) for side in (width_px, height_px))
    return across * down + IMAGE_MARKERS


def text_tokens(size_bytes: int) -> int:
    """Estimated prompt tokens of a text of so many bytes."""
    return -(-size_bytes // BYTES_PER_TOKEN)
