"""What the batch jobs of a command may cost together, kept before they are made."""

from collections.abc import Callable, Iterable
from decimal import Decimal

from pipeline.errors import BudgetSpent
from pipeline.purse import estimated_tokens
from pipeline.records import Answer, Request, Usage


class Reserve:
    """Sets aside for each request in a job what it may cost at most, until its answer is there.

    Args:
        limit: US dollars; None for no limit.
        price: US dollars of what one answer used, by batch jobs; None where no price is set.
    """

    def __init__(self, limit: Decimal | None, price: Callable[[Usage], Decimal | None]) -> None:
        self._limit, self._price = limit, price
        self._spent = Decimal(0)
        self._set_aside: dict[str, Decimal] = {}
        self._sum = Decimal(0)

    def take(self, request: Request) -> None:
        """Set aside what a request may cost.

        Raises:
            BudgetSpent: What is left is not enough for it.
        """
        if self._limit is None:
            return
        usage = Usage(prompt_tokens=estimated_tokens(request), completion_tokens=request.max_tokens)
        price = self._price(usage) or Decimal(0)
        if self._spent + self._sum + price > self._limit:
            raise BudgetSpent(
                f"the limit of ${self._limit} (--max-cost) is reached: ${self._spent:.4f} is spent, "
                f"${self._sum:.4f} is set aside for batch jobs under way, and the next request may cost "
                f"${price:.4f}; run the same command again to go on"
            )
        self._set_aside[request.custom_id] = price
        self._sum += price

    def settle(self, answers: Iterable[Answer]) -> None:
        """Take what answers did cost in place of what they might have."""
        for answer in answers:
            self._sum -= self._set_aside.pop(answer.custom_id, Decimal(0))
            self._spent += answer.cost or Decimal(0)

    def free(self, custom_ids: Iterable[str]) -> None:
        """Nothing more is to come of these requests."""
        for custom_id in custom_ids:
            self._sum -= self._set_aside.pop(custom_id, Decimal(0))
