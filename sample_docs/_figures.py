"""What an invoice says, its arithmetic, and how each country writes numbers and dates."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """Return the amount rounded to two places, halves away from zero as in commerce."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def iban(country: str, bban: str) -> str:
    """Return an account number with valid check digits (ISO 13616), in groups of four."""
    moved = "".join(str(int(char, 36)) for char in f"{bban}{country}00")
    whole = f"{country}{98 - int(moved) % 97:02d}{bban}"
    return " ".join(whole[start : start + 4] for start in range(0, len(whole), 4))


@dataclass(frozen=True, slots=True)
class Notation:
    """How a country writes numbers and dates, and what it pays with (ISO 4217).

    Attributes:
        negative: What a business makes of a number below zero.
    """

    group: str
    point: str
    currency: str
    day: Callable[[date], str]
    money_format: str = "{}"
    negative: str = "-{}"

    def number(self, value: Decimal, places: int = 2) -> str:
        """Return the number with grouped thousands."""
        swapped = {",": self.group, ".": self.point}
        return self._signed(value, "".join(swapped.get(char, char) for char in f"{abs(value):,.{places}f}"))

    def quantity(self, value: Decimal) -> str:
        """Return the number with as many places as it was given with."""
        return self.number(value, max(0, -int(value.as_tuple().exponent)))

    def money(self, value: Decimal) -> str:
        """Return the number with its currency, and the sign around both."""
        return self._signed(value, self.money_format.format(self.number(abs(value))))

    def _signed(self, value: Decimal, written: str) -> str:
        return self.negative.format(written) if value < 0 else written


_MOIS = [
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
]  # fmt: skip
_MAANDEN = [
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
]  # fmt: skip
_MESES = [
    "enero", "febrero", "marzo", "abril", "mayo", "junio",
    "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
]  # fmt: skip


def french_day(day: date) -> str:
    """Return the date with its month in French."""
    return f"{day.day} {_MOIS[day.month - 1]} {day.year}"


def dutch_day(day: date) -> str:
    """Return the date with its month in Dutch."""
    return f"{day.day} {_MAANDEN[day.month - 1]} {day.year}"


def spanish_day(day: date) -> str:
    """Return the date with its month in Spanish."""
    return f"{day.day} de {_MESES[day.month - 1]} de {day.year}"


BRITISH = Notation(",", ".", "GBP", lambda day: f"{day.day} {day:%B %Y}", "£{}")
IRISH = Notation(",", ".", "EUR", lambda day: f"{day:%d/%m/%Y}", "€{}")
GERMAN = Notation(".", ",", "EUR", lambda day: f"{day:%d.%m.%Y}", "{} €")
FRENCH = Notation("\N{NO-BREAK SPACE}", ",", "EUR", french_day, "{} €")
SPANISH = Notation(".", ",", "EUR", lambda day: f"{day:%d/%m/%Y}", "{} €")
AMERICAN = Notation(",", ".", "USD", lambda day: f"{day:%B} {day.day}, {day.year}", "${}")
SWISS = Notation("'", ".", "CHF", lambda day: f"{day:%d.%m.%Y}", "CHF {}")
DUTCH = Notation(".", ",", "EUR", lambda day: f"{day:%d-%m-%Y}", "€ {}")

# What the tables of most invoices show.
PLAIN = ("description", "quantity", "unit_price", "amount")
CODED = ("code", "description", "quantity", "unit", "unit_price", "amount")


@dataclass(frozen=True, slots=True)
class Party:
    """A company or a person: name, address lines, tax number as printed."""

    name: str
    address: tuple[str, ...]
    tax_id: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One line of an invoice. Rates are per cent; `code` and `unit` are what the seller calls them."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    rate: Decimal
    unit: str = ""
    code: str = ""

    @property
    def amount(self) -> Decimal:
        """Net amount of the line."""
        return cents(self.quantity * self.unit_price)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """Everything an invoice states.

    Attributes:
        columns: What its table shows of each item, in this order; `position` is a number from 1.
        kind: What it calls itself, as the `invoice_type` of the record.
        extra: Further numbers and dates printed on it that are easily taken for others, by label.
    """

    number: str
    issued: date
    due: date | None
    seller: Party
    buyer: Party
    items: tuple[Item, ...]
    notation: Notation
    terms: str | None = None
    order: str | None = None
    customer: str | None = None
    delivered: date | None = None
    iban: str | None = None
    bic: str | None = None
    discount: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    columns: tuple[str, ...] = PLAIN
    kind: str = "invoice"
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def currency(self) -> str:
        """ISO 4217 code of what is to be paid."""
        return self.notation.currency

    @property
    def subtotal(self) -> Decimal:
        """Sum of the lines."""
        return sum((item.amount for item in self.items), Decimal(0))

    @property
    def taxes(self) -> tuple[tuple[Decimal, Decimal, Decimal], ...]:
        """For each rate that is not zero, highest first: the rate, the net amount, the tax."""
        rates = sorted({item.rate for item in self.items if item.rate}, reverse=True)
        return tuple((rate, net := self._net(rate), cents(net * rate / 100)) for rate in rates)

    @property
    def tax(self) -> Decimal:
        """Sum of the taxes."""
        return sum((tax for _, _, tax in self.taxes), Decimal(0))

    @property
    def total(self) -> Decimal:
        """The gross amount."""
        return self.subtotal - self.discount + self.shipping + self.tax

    @property
    def remaining(self) -> Decimal:
        """What is left to pay."""
        return self.total - self.paid

    def cells(self, item: Item) -> tuple[str, ...]:
        """Return the item as its row of the table shows it."""
        shown = {
            "position": str(1 + self.items.index(item)),
            "code": item.code,
            "description": item.description,
            "quantity": self.notation.quantity(item.quantity),
            "unit": item.unit,
            "unit_price": self.notation.quantity(item.unit_price),
            "rate": f"{self.notation.quantity(item.rate)} %",
            "amount": self.notation.number(item.amount),
        }
        return tuple(shown[column] for column in self.columns)

    def day(self, day: date | None) -> str:
        """Return the date as this invoice writes it; empty for none."""
        return self.notation.day(day) if day else ""

    def _net(self, rate: Decimal) -> Decimal:
        """Sum of the lines at this rate; a discount is given on the highest rate."""
        given = self.discount if rate == max(item.rate for item in self.items) else Decimal(0)
        return sum((item.amount for item in self.items if item.rate == rate), -given)


def items(rate: str, *rows: tuple[str, ...]) -> tuple[Item, ...]:
    """Return items from (description, quantity, price[, unit[, code]]), all at one tax rate."""
    return tuple(Item(row[0], Decimal(row[1]), Decimal(row[2]), Decimal(rate), *row[3:]) for row in rows)
