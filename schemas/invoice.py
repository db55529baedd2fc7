"""Invoices, and what is shaped like one: credit notes, pro forma and prepayment invoices."""

from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.fields import READING_RULES, Amount, Party, Percent, Quantity, TaxLine


class InvoiceType(StrEnum):
    """What the document says it is."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    DEBIT_NOTE = "debit_note"
    PROFORMA = "proforma"
    PREPAYMENT = "prepayment"
    CORRECTION = "correction"
    OTHER = "other"


class LineItem(BaseModel):
    """One charged line of the invoice."""

    model_config = ConfigDict(frozen=True)

    item_code: str | None = Field(
        None, description="Article or part number of the line.", examples=["A-1042", "4006381333931"]
    )
    description: str | None = Field(
        None,
        description="What was sold, as printed; a text that runs over several lines is joined with blanks.",
        examples=["Copy paper A4, 80 g, white"],
    )
    quantity: Quantity | None = Field(None, description="How many units are charged.", examples=[12, 0.5])
    unit: str | None = Field(
        None, description="Unit of the quantity, as printed.", examples=["pcs", "h", "kg"]
    )
    unit_price: Quantity | None = Field(
        None, description="Price of one unit with all its decimals.", examples=[4.1, 0.0875]
    )
    tax_rate: Percent | None = Field(
        None, description="Tax rate of the line in percent: 19 for 19 %.", examples=[19, 7]
    )
    amount: Amount | None = Field(None, description="Amount of the line, as printed.", examples=[49.2])


class Invoice(BaseModel):
    """An invoice, a credit note or a similar demand for payment."""

    model_config = ConfigDict(frozen=True)

    unit: ClassVar[Literal["page", "document"]] = "document"
    instructions: ClassVar[str] = f"""\
Extract the invoice shown on these pages.
{READING_RULES}\
Amounts of a credit note that are printed without a minus stay positive: invoice_type says what it is.
The seller issues the invoice and is paid; the buyer is charged. A delivery address is neither.
line_items holds every charged line in the order of the pages, those of following pages too. Headings,
subtotals, amounts carried forward and totals are not line items.
"""

    invoice_number: str | None = Field(
        None,
        description="Number of the invoice itself; not of the order, the customer or the delivery.",
        examples=["RE-2024-0017", "INV 30551"],
    )
    invoice_type: InvoiceType | None = Field(
        None,
        description="What the document calls itself; null when it does not say.",
        examples=["invoice", "credit_note"],
    )
    issue_date: date | None = Field(
        None, description="Date of the invoice: when it was issued.", examples=["2024-03-28"]
    )
    due_date: date | None = Field(
        None,
        description="Date by which it must be paid, where a date is printed; not worked out from the terms.",
        examples=["2024-04-27"],
    )
    delivery_date: date | None = Field(
        None,
        description="Date of delivery or service; of a period, its last day.",
        examples=["2024-03-25"],
    )
    purchase_order: str | None = Field(
        None, description="The buyer's order number or reference.", examples=["PO-88121"]
    )
    customer_number: str | None = Field(
        None, description="Number under which the seller keeps the buyer.", examples=["K-10442"]
    )
    currency: str | None = Field(
        None,
        description="Currency of the totals as its ISO 4217 code: three capital letters.",
        examples=["EUR", "GBP", "CHF"],
    )
    seller: Party | None = Field(None, description="Who issued the invoice and is paid.")
    buyer: Party | None = Field(None, description="Who is charged: the bill-to party.")
    line_items: list[LineItem] = Field(
        default_factory=list, description="Every charged line, in the order of the pages."
    )
    tax_lines: list[TaxLine] = Field(
        default_factory=list, description="The summary of taxes, one entry a rate."
    )
    subtotal: Amount | None = Field(
        None, description="Sum of the lines before tax: the net amount.", examples=[1030.0]
    )
    discount: Amount | None = Field(
        None,
        description="Discount taken off the whole invoice, with the sign that is printed.",
        examples=[20.0],
    )
    shipping: Amount | None = Field(
        None, description="Shipping, freight and packing, where it stands outside the lines.", examples=[6.9]
    )
    tax_total: Amount | None = Field(None, description="Sum of all taxes.", examples=[195.7])
    total: Amount | None = Field(
        None, description="Total with tax: the gross amount of the invoice.", examples=[1225.7]
    )
    amount_paid: Amount | None = Field(
        None, description="What was already paid, such as a deposit.", examples=[225.7]
    )
    amount_due: Amount | None = Field(
        None, description="What is left to pay, where it is printed apart from the total.", examples=[1000.0]
    )
    payment_terms: str | None = Field(
        None,
        description="Terms of payment, as printed.",
        examples=["30 days net", "14 Tage 2 % Skonto, 30 Tage netto"],
    )
    iban: str | None = Field(
        None,
        description="IBAN to pay to, without blanks; the first when several.",
        examples=["DE89370400440532013000"],
    )
    bic: str | None = Field(
        None, description="BIC or SWIFT code of the bank to pay to.", examples=["COBADEFFXXX"]
    )
