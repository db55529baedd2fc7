"""Receipts: tills, taxis, restaurants, fuel."""

from datetime import date, time
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.fields import READING_RULES, Amount, Party, Percent, Quantity, TaxLine


class PaymentMethod(StrEnum):
    """How a receipt was paid."""

    CASH = "cash"
    CARD = "card"
    MOBILE = "mobile"
    VOUCHER = "voucher"
    TRANSFER = "transfer"
    OTHER = "other"


class ReceiptLine(BaseModel):
    """One thing bought, or one reduction given on it."""

    model_config = ConfigDict(frozen=True)

    description: str | None = Field(None, description="What was bought, as printed.", examples=["Flat white"])
    quantity: Quantity | None = Field(
        None, description="How many, or how much by weight or volume.", examples=[2, 0.748]
    )
    unit_price: Quantity | None = Field(
        None, description="Price of one unit with all its decimals.", examples=[3.4, 1.679]
    )
    tax_rate: Percent | None = Field(
        None,
        description="Tax rate of the line in percent; from the key of a tax letter where one is printed.",
        examples=[7, 19],
    )
    amount: Amount | None = Field(
        None, description="Amount of the line; negative for a reduction or a return.", examples=[6.8, -0.5]
    )


class Receipt(BaseModel):
    """A receipt for something that was paid on the spot."""

    model_config = ConfigDict(frozen=True)

    unit: ClassVar[Literal["page", "document"]] = "document"
    instructions: ClassVar[str] = f"""\
Extract the receipt shown on these pages. It may be a photograph: creased, tilted or faded.
{READING_RULES}\
line_items holds what was bought, in printed order. Subtotals, totals, taxes, payments and change are
not line items; a discount printed below an article is a line of its own with a negative amount.
total is what was to be paid; amount_paid is what was handed over, and change what came back.
Where a part cannot be read, give null for it and go on.
"""

    merchant: Party | None = Field(None, description="The shop, restaurant or company that sold.")
    receipt_number: str | None = Field(
        None, description="Number of the receipt or transaction.", examples=["0042-1187"]
    )
    purchase_date: date | None = Field(None, description="Day of the purchase.", examples=["2024-05-17"])
    purchase_time: time | None = Field(None, description="Local time of the purchase.", examples=["13:42:00"])
    currency: str | None = Field(
        None,
        description="Currency of the total as its ISO 4217 code: three capital letters.",
        examples=["EUR", "GBP"],
    )
    line_items: list[ReceiptLine] = Field(
        default_factory=list, description="What was bought, in printed order."
    )
    tax_lines: list[TaxLine] = Field(
        default_factory=list, description="The summary of taxes, one entry a rate."
    )
    subtotal: Amount | None = Field(
        None, description="Sum before tax and tip, where it is printed.", examples=[21.5]
    )
    discount: Amount | None = Field(
        None,
        description="Discount taken off the whole receipt, with the sign that is printed.",
        examples=[2.0],
    )
    tax_total: Amount | None = Field(None, description="Sum of all taxes.", examples=[1.5])
    tip: Amount | None = Field(None, description="Tip or service charge.", examples=[2.5])
    total: Amount | None = Field(None, description="What was to be paid, tax included.", examples=[23.0])
    payment_method: PaymentMethod | None = Field(
        None, description="How it was paid; null when that is not printed.", examples=["card"]
    )
    card_last_digits: str | None = Field(
        None, description="Last digits of the card, without what masks the others.", examples=["4417"]
    )
    amount_paid: Amount | None = Field(
        None, description="What the customer handed over or what the card was charged.", examples=[50.0]
    )
    change: Amount | None = Field(None, description="Money given back.", examples=[27.0])
