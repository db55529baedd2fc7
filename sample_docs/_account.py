"""An account over a period: its bookings, its balances, and the record of its statement."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from _figures import Notation, Party
from _truth import Record, bare, party


@dataclass(frozen=True, slots=True)
class Booking:
    """One transaction with the balance after it.

    Attributes:
        value_day: Day from which it counts for interest, where the statement shows it.
        other: Who paid or was paid, where that stands apart.
        reference: Its reference, where that stands apart.
    """

    day: date
    text: str
    amount: Decimal
    balance: Decimal
    value_day: date | None = None
    other: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a statement says.

    Attributes:
        number: Of the account, where it is printed besides the IBAN.
        statement: Number of the statement.
        issued: Day on which it was made, where that is printed.
        summed: Whether the sums of what came in and went out are printed.
        balanced: Whether the balance stands beside each booking.
    """

    bank: Party
    holder: Party
    number: str | None = None
    iban: str
    bic: str | None = None
    statement: str | None = None
    issued: date | None = None
    start: date
    end: date
    notation: Notation
    bookings: tuple[Booking, ...]
    summed: bool = False
    balanced: bool = False

    @property
    def opening(self) -> Decimal:
        """Balance before the first booking."""
        return self.bookings[0].balance - self.bookings[0].amount

    @property
    def closing(self) -> Decimal:
        """Balance after the last booking."""
        return self.bookings[-1].balance

    @property
    def total_in(self) -> Decimal:
        """Sum of what came in."""
        return sum((booking.amount for booking in self.bookings if booking.amount > 0), Decimal(0))

    @property
    def total_out(self) -> Decimal:
        """Sum of what went out, without a sign."""
        return self.total_in - sum((booking.amount for booking in self.bookings), Decimal(0))

    def record(self) -> Record:
        """Return what the statement says."""
        return {
            "bank": party(self.bank),
            "account_holder": party(self.holder),
            "account_number": self.number,
            "iban": bare(self.iban),
            "bic": self.bic,
            "statement_number": self.statement,
            "statement_date": self.issued and self.issued.isoformat(),
            "period_start": self.start.isoformat(),
            "period_end": self.end.isoformat(),
            "currency": self.notation.currency,
            "opening_balance": str(self.opening),
            "closing_balance": str(self.closing),
            "total_in": str(self.total_in) if self.summed else None,
            "total_out": str(self.total_out) if self.summed else None,
            "transactions": [self._transaction(booking) for booking in self.bookings],
        }

    def _transaction(self, booking: Booking) -> Record:
        return {
            "booking_date": booking.day.isoformat(),
            "value_date": booking.value_day and booking.value_day.isoformat(),
            "description": booking.text,
            "counterparty": booking.other,
            "reference": booking.reference,
            "amount": str(booking.amount),
            "balance": str(booking.balance) if self.balanced else None,
        }


def month(
    opening: str, first: date, *rows: tuple[int, int, str, str], aside: str = ""
) -> tuple[Booking, ...]:
    """Return the bookings of a month, each with the balance after it.

    Args:
        opening: Balance before the first.
        first: Any day of the month.
        rows: Day of booking, day of value or 0, text, amount; where there is an `aside`, the text begins
            with it and a bar follows.
        aside: Which attribute of a booking stands apart: `other`, `reference` or none.
    """
    balance, made = Decimal(opening), []
    for day, value, text, written in rows:
        balance += Decimal(written)
        apart, _, rest = text.rpartition("|")
        booking = Booking(
            first.replace(day=day),
            rest,
            Decimal(written),
            balance,
            first.replace(day=value) if value else None,
            apart if aside == "other" else None,
            apart if aside == "reference" else None,
        )
        made.append(booking)
    return tuple(made)
