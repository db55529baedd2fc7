"""What was sold at a till, and its arithmetic."""

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from _figures import Notation, Party, cents
from _truth import Record, receipt, receipt_line


@dataclass(frozen=True, slots=True)
class Sale:
    """What was bought and when; prices hold the tax, except in the United States.

    Attributes:
        lines: Description, quantity, price of one, tax rate in per cent.
    """

    merchant: Party
    number: str
    day: date
    clock: time
    notation: Notation
    lines: tuple[tuple[str, str, str, str], ...]

    @property
    def amounts(self) -> list[Decimal]:
        """Amount of each line."""
        return [cents(Decimal(quantity) * Decimal(price)) for _, quantity, price, _ in self.lines]

    @property
    def net(self) -> Decimal:
        """Sum of the lines."""
        return sum(self.amounts, Decimal(0))

    def taxes(self) -> list[tuple[str, Decimal, Decimal]]:
        """Return for each rate the net amount and the tax that is in the prices."""
        found = []
        for rate in sorted({line[3] for line in self.lines}, key=Decimal):
            rows = zip(self.amounts, self.lines, strict=True)
            gross = sum((amount for amount, line in rows if line[3] == rate), Decimal(0))
            tax = cents(gross * Decimal(rate) / (100 + Decimal(rate)))
            found.append((rate, gross - tax, tax))
        return found

    def record(self, **printed: object) -> Record:
        """Return what every receipt says; `printed` is what this one says besides."""
        items = [receipt_line(line[0], amount) for line, amount in zip(self.lines, self.amounts, strict=True)]
        common = {
            "receipt_number": self.number,
            "purchase_date": self.day.isoformat(),
            "purchase_time": self.clock.isoformat(),
            "currency": self.notation.currency,
            "line_items": items,
            "total": f"{self.net:.2f}",
        }
        return receipt(self.merchant, **common | printed)

    def counted(self) -> list[Record]:
        """Return the lines with their quantities."""
        rows = zip(self.lines, self.amounts, strict=True)
        return [receipt_line(line[0], amount, quantity=line[1]) for line, amount in rows]

    def priced(self, *, single: bool = False) -> list[Record]:
        """Return the lines with quantity and price, those of a single piece only if they show them too."""
        return [
            receipt_line(name, amount, quantity=quantity, unit_price=price)
            if single or quantity != "1"
            else receipt_line(name, amount)
            for (name, quantity, price, _), amount in zip(self.lines, self.amounts, strict=True)
        ]
