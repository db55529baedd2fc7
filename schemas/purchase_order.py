"""Purchase orders: what a buyer asks a seller to deliver, and on which terms."""

from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.fields import READING_RULES, Amount, Contact, Party, Percent, Quantity


class OrderType(StrEnum):
    """What the document says it is."""

    STANDARD = "standard"
    BLANKET = "blanket"
    CALL_OFF = "call_off"
    CHANGE = "change"
    CANCELLATION = "cancellation"
    OTHER = "other"


class Incoterm(StrEnum):
    """Rules of the International Chamber of Commerce: those of 2020, then earlier ones still in use."""

    EXW = "EXW"
    FCA = "FCA"
    CPT = "CPT"
    CIP = "CIP"
    DAP = "DAP"
    DPU = "DPU"
    DDP = "DDP"
    FAS = "FAS"
    FOB = "FOB"
    CFR = "CFR"
    CIF = "CIF"
    DAT = "DAT"
    DAF = "DAF"
    DES = "DES"
    DEQ = "DEQ"
    DDU = "DDU"


class OrderLine(BaseModel):
    """One ordered line."""

    model_config = ConfigDict(frozen=True)

    line_number: str | None = Field(
        None, description="Number of the line, as printed.", examples=["1", "00010"]
    )
    item_code: str | None = Field(
        None,
        description="Article or part number; the buyer's own where there are two.",
        examples=["A-1042", "4006381333931"],
    )
    seller_item_code: str | None = Field(
        None,
        description="The seller's article number, where it stands beside the buyer's.",
        examples=["WX-88-01"],
    )
    description: str | None = Field(
        None,
        description="What is ordered, as printed; a text that runs over several lines is joined with blanks.",
        examples=["Hex bolt M8 x 40, stainless"],
    )
    quantity: Quantity | None = Field(None, description="How many units are ordered.", examples=[200, 0.5])
    unit: str | None = Field(
        None, description="Unit of the quantity, as printed.", examples=["pcs", "h", "kg"]
    )
    unit_price: Quantity | None = Field(
        None,
        description="Price with all its decimals, of one unit or of as many as price_base says.",
        examples=[4.1, 0.0875],
    )
    price_base: Quantity | None = Field(
        None,
        description="How many units the price is for, where that is printed: 100 for a price per 100.",
        examples=[100],
    )
    discount_rate: Percent | None = Field(
        None, description="Discount on the line in percent: 5 for 5 %.", examples=[5]
    )
    tax_rate: Percent | None = Field(
        None, description="Tax rate of the line in percent: 19 for 19 %.", examples=[19]
    )
    delivery_date: date | None = Field(
        None, description="Date on which this line is to be delivered.", examples=["2024-04-15"]
    )
    amount: Amount | None = Field(None, description="Amount of the line, as printed.", examples=[820.0])


class PurchaseOrder(BaseModel):
    """A purchase order, a call-off or a change of one."""

    model_config = ConfigDict(frozen=True)

    unit: ClassVar[Literal["page", "document"]] = "document"
    instructions: ClassVar[str] = f"""\
Extract the purchase order shown on these pages.
{READING_RULES}\
The buyer issues the order and will pay: the letterhead is usually the buyer's. The seller is asked to
deliver: the order is addressed to it. Goods go to ship_to, the invoice goes to bill_to; each is null where
no address for it is printed.
line_items holds every ordered line in the order of the pages, those of following pages too. Headings,
subtotals, amounts carried forward, totals and general terms are not line items.
Dates of delivery that are weeks or words, such as "week 14" or "as soon as possible", give null.
"""

    order_number: str | None = Field(
        None,
        description="The buyer's number of this order; not of the quotation, the contract or the project.",
        examples=["PO-88121", "4500017233"],
    )
    order_type: OrderType | None = Field(
        None,
        description=(
            "What the document calls itself: standard for a plain order, call_off for a release from a "
            "blanket order; null when it does not say."
        ),
        examples=["standard", "call_off"],
    )
    revision: str | None = Field(
        None, description="Number of the revision or change, where one is printed.", examples=["2", "B"]
    )
    order_date: date | None = Field(None, description="Date of the order.", examples=["2024-03-28"])
    delivery_date: date | None = Field(
        None,
        description="Date on which the whole order is to be delivered, where it stands outside the lines.",
        examples=["2024-04-15"],
    )
    quotation_number: str | None = Field(
        None, description="Number of the seller's quotation that is ordered from.", examples=["Q-2024-311"]
    )
    contract_number: str | None = Field(
        None,
        description="Number of the contract, framework or blanket order that this order is made under.",
        examples=["FW-2023-07"],
    )
    seller_number: str | None = Field(
        None, description="Number under which the buyer keeps the seller.", examples=["V-20417", "100382"]
    )
    customer_number: str | None = Field(
        None, description="Number under which the seller keeps the buyer.", examples=["K-10442"]
    )
    currency: str | None = Field(
        None,
        description="Currency of the prices as its ISO 4217 code: three capital letters.",
        examples=["EUR", "GBP", "CHF"],
    )
    buyer: Party | None = Field(None, description="Who orders and will pay.")
    buyer_contact: Contact | None = Field(
        None, description="Person at the buyer's who answers questions about the order."
    )
    seller: Party | None = Field(None, description="Who is asked to deliver: the supplier or vendor.")
    ship_to: Party | None = Field(None, description="Where the goods go, where an address for it is printed.")
    bill_to: Party | None = Field(
        None, description="Where the invoice goes, where an address for it is printed."
    )
    line_items: list[OrderLine] = Field(
        default_factory=list, description="Every ordered line, in the order of the pages."
    )
    subtotal: Amount | None = Field(
        None, description="Sum of the lines before tax: the net amount.", examples=[1030.0]
    )
    discount: Amount | None = Field(
        None,
        description="Discount taken off the whole order, with the sign that is printed.",
        examples=[20.0],
    )
    shipping: Amount | None = Field(
        None, description="Shipping, freight and packing, where it stands outside the lines.", examples=[6.9]
    )
    tax_total: Amount | None = Field(None, description="Sum of all taxes.", examples=[195.7])
    total: Amount | None = Field(
        None,
        description="Total of the order: with tax where a total with tax is printed, else without.",
        examples=[1225.7],
    )
    payment_terms: str | None = Field(
        None, description="Terms of payment, as printed.", examples=["30 days net"]
    )
    delivery_terms: str | None = Field(
        None,
        description="Terms of delivery, as printed, with the place.",
        examples=["DAP Bristol, Incoterms 2020", "free domicile"],
    )
    incoterm: Incoterm | None = Field(
        None, description="Three letters of the Incoterms rule, where one is printed.", examples=["DAP"]
    )
    shipping_method: str | None = Field(
        None, description="Carrier or way of shipping, as printed.", examples=["DHL Freight", "Sea freight"]
    )
    notes: str | None = Field(
        None,
        description="Remarks to the seller about this order, as printed; not general terms of purchase.",
        examples=["Deliver between 7 and 11 am, gate 3"],
    )
