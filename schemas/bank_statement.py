"""Statements of a bank account or a card."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.fields import READING_RULES, Amount, Party


class Transaction(BaseModel):
    """One booking on the account."""

    model_config = ConfigDict(frozen=True)

    booking_date: date | None = Field(
        None,
        description="Day on which it was booked; the year comes from the period.",
        examples=["2024-02-05"],
    )
    value_date: date | None = Field(
        None, description="Day from which it counts for interest.", examples=["2024-02-06"]
    )
    description: str | None = Field(
        None,
        description="Text of the booking; several lines are joined with blanks.",
        examples=["Direct debit electricity February"],
    )
    counterparty: str | None = Field(
        None,
        description="Who was paid or who paid, where it stands apart.",
        examples=["Stadtwerke Musterstadt"],
    )
    reference: str | None = Field(
        None, description="Reference, mandate or cheque number of the booking.", examples=["RF18539007547034"]
    )
    amount: Amount | None = Field(
        None, description="Amount: negative when money leaves the account.", examples=[-84.3, 2150.0]
    )
    balance: Amount | None = Field(
        None, description="Balance after this booking, where one is printed beside it.", examples=[1893.12]
    )


class BankStatement(BaseModel):
    """A statement of an account over a period."""

    model_config = ConfigDict(frozen=True)

    unit: ClassVar[Literal["page", "document"]] = "document"
    instructions: ClassVar[str] = f"""\
Extract the account statement shown on these pages.
{READING_RULES}\
Money that leaves the account is negative, money that comes in is positive: by the printed sign, by the
column it stands in (debit or credit, paid out or paid in), or by a mark such as D, C, S, H, DR or CR.
A balance in debit is negative.
transactions holds every booking in printed order, those of following pages too. Opening and closing
balances, amounts carried forward and sums of a page are not transactions.
Where a booking shows day and month only, take the year from the period of the statement.
"""

    bank: Party | None = Field(None, description="The bank that issued the statement.")
    account_holder: Party | None = Field(None, description="Whose account it is.")
    account_number: str | None = Field(
        None, description="Number of the account or card, as printed.", examples=["12345678", "**** 4417"]
    )
    iban: str | None = Field(
        None, description="IBAN of the account, without blanks.", examples=["DE89370400440532013000"]
    )
    bic: str | None = Field(None, description="BIC or SWIFT code of the bank.", examples=["COBADEFFXXX"])
    statement_number: str | None = Field(
        None, description="Number of the statement.", examples=["2/2024", "0014"]
    )
    statement_date: date | None = Field(
        None, description="Day on which the statement was made.", examples=["2024-02-29"]
    )
    period_start: date | None = Field(None, description="First day of the period.", examples=["2024-02-01"])
    period_end: date | None = Field(None, description="Last day of the period.", examples=["2024-02-29"])
    currency: str | None = Field(
        None,
        description="Currency of the account as its ISO 4217 code: three capital letters.",
        examples=["EUR", "GBP"],
    )
    opening_balance: Amount | None = Field(
        None, description="Balance at the start of the period.", examples=[1977.42]
    )
    closing_balance: Amount | None = Field(
        None, description="Balance at the end of the period.", examples=[4043.12]
    )
    total_in: Amount | None = Field(
        None, description="Printed sum of what came in; without a minus.", examples=[2150.0]
    )
    total_out: Amount | None = Field(
        None, description="Printed sum of what went out; without a minus.", examples=[84.3]
    )
    transactions: list[Transaction] = Field(
        default_factory=list, description="Every booking, in printed order."
    )
