"""A limit on what a run may cost, kept before it is reached and not after."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal

from pipeline.cost import Prices, image_tokens, text_tokens
from pipeline.errors import BudgetSpent
from pipeline.records import Request, Usage


@dataclass(slots=True)
class Payment:
    """One request's share of the purse, until it is known what it cost.

    Attributes:
        reserved: US dollars set aside.
        estimated_tokens: Prompt tokens that the reservation is made for.
        usage: To be set to what the answer used; None when there was none.
    """

    reserved: Decimal
    estimated_tokens: int
    usage: Usage | None = None


class Purse:
    """Pays for requests as long as the money lasts, those that are under way at their most expensive.

    Models count the tokens of an image in their own ways. The largest ratio seen between what was counted and
    what was estimated goes into every later reservation.

    Args:
        limit: US dollars; None for no limit.
        prices: What tokens cost; must be there when there is a limit.
    """

    def __init__(self, limit: Decimal | None, prices: Prices | None) -> None:
        self._limit, self._prices = limit, prices
        self._spent = self._reserved = Decimal(0)
        self._ratio = Decimal(1)
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def pay(self, request: Request) -> AsyncIterator[Payment]:
        """Set aside what a request may cost, until the end of the block.

        Raises:
            BudgetSpent: What is left, when nothing is under way any more, is not enough for it.
        """
        payment = await self._reserve(estimated_tokens(request), request.max_tokens)
        try:
            yield payment
        finally:
            await self._settle(payment)

    def most(self, request: Request) -> Decimal | None:
        """Most US dollars that a request can cost, by what is known so far; None without a price."""
        if self._prices is None:
            return None
        return self._most(estimated_tokens(request), request.max_tokens, self._prices)

    async def _reserve(self, prompt_tokens: int, max_tokens: int) -> Payment:
        if self._limit is None or self._prices is None:
            return Payment(Decimal(0), prompt_tokens)
        async with self._changed:
            price = self._most(prompt_tokens, max_tokens, self._prices)
            while price > self._limit - self._spent - self._reserved:
                if not self._reserved:
                    raise self._empty(price)
                await self._changed.wait()
                price = self._most(prompt_tokens, max_tokens, self._prices)
            self._reserved += price
            return Payment(price, prompt_tokens)

    async def _settle(self, payment: Payment) -> None:
        if payment.usage is not None:
            counted = Decimal(payment.usage.prompt_tokens) / max(1, payment.estimated_tokens)
            self._ratio = max(self._ratio, counted)
        if self._limit is None or self._prices is None:
            return
        async with self._changed:
            self._reserved -= payment.reserved
            if payment.usage is not None:
                self._spent += self._prices.of(payment.usage)
            self._changed.notify_all()

    def _empty(self, price: Decimal) -> BudgetSpent:
        return BudgetSpent(
            f"the limit of ${self._limit} (--max-cost) is reached: ${self._spent:.4f} is spent, and the next "
            f"request may cost ${price:.4f}; run the same command again to go on"
        )

    def _most(self, prompt_tokens: int, max_tokens: int, prices: Prices) -> Decimal:
        prompt = int(prompt_tokens * self._ratio) + 1
        return prices.of(Usage(prompt_tokens=prompt, completion_tokens=max_tokens))


def estimated_tokens(request: Request) -> int:
    """Prompt tokens of a request: the patches of its images, and its text."""
    text = len(request.head) + sum(len(after) for _, after in request.images)
    return text_tokens(text) + sum(
        image_tokens(image.width_px, image.height_px) for image, _ in request.images
    )
