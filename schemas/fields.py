"""Kinds of field that several record types share."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# Four decimals: some currencies have three, and small amounts are printed with four.
Amount = Annotated[Decimal, Field(max_digits=18, decimal_places=4)]
# Prices of a litre, a kilowatt-hour or a thousandth of something need more decimals than totals do.
Quantity = Annotated[Decimal, Field(max_digits=24, decimal_places=8)]
Percent = Annotated[Decimal, Field(max_digits=12, decimal_places=6)]


READING_RULES = """\
Take only what is printed. Where a value does not stand on the pages, give null; where there are no
entries, an empty list. Never work out, complete or guess a value, and never take one from an example.
Amounts are plain numbers: a point before the decimals, nothing between the thousands, no currency
sign. Tell from the document which sign stands before the decimals: 1.234,56 and 1,234.56 are both
1234.56. A minus before or after a number, or brackets around it, make it negative.
Dates are YYYY-MM-DD. Tell day from month by the language of the document and by its other dates.
"""


class Party(BaseModel):
    """A person or company named on the document."""

    model_config = ConfigDict(frozen=True)

    name: str | None = Field(
        None,
        description="Name of the company or person, as printed, with its legal form.",
        examples=["Harbour Paper Supplies Ltd", "Bäckerei Lindner GmbH"],
    )
    address: str | None = Field(
        None,
        description="Postal address without the name, its lines joined with a comma and a space.",
        examples=["14 Quay Street, Bristol BS1 4TX, United Kingdom"],
    )
    tax_id: str | None = Field(
        None,
        description="VAT or tax number with its country prefix where one is printed, without blanks.",
        examples=["GB123456789", "DE811234567"],
    )


class Contact(BaseModel):
    """A person to turn to."""

    model_config = ConfigDict(frozen=True)

    name: str | None = Field(None, description="Name of the person, as printed.", examples=["Jane Okafor"])
    email: str | None = Field(None, description="E-mail address.", examples=["j.okafor@office.example"])
    phone: str | None = Field(None, description="Telephone number, as printed.", examples=["+44 1632 960417"])


class TaxLine(BaseModel):
    """One rate of tax in the summary of taxes."""

    model_config = ConfigDict(frozen=True)

    rate: Percent | None = Field(None, description="Tax rate in percent: 19 for 19 %.", examples=[19, 5.5])
    taxable_amount: Amount | None = Field(
        None, description="Amount that this tax is worked out on, without the tax.", examples=[100.0]
    )
    tax_amount: Amount | None = Field(None, description="Amount of this tax.", examples=[19.0])
