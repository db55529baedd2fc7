"""Contracts: who agrees what with whom, from when to when, and under which law."""

from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.fields import READING_RULES, Amount


class ContractType(StrEnum):
    """What is agreed."""

    SALE = "sale"
    SUPPLY = "supply"
    SERVICES = "services"
    FRAMEWORK = "framework"
    EMPLOYMENT = "employment"
    LEASE = "lease"
    LOAN = "loan"
    LICENCE = "licence"
    CONFIDENTIALITY = "confidentiality"
    DISTRIBUTION = "distribution"
    PARTNERSHIP = "partnership"
    INSURANCE = "insurance"
    DATA_PROCESSING = "data_processing"
    SETTLEMENT = "settlement"
    AMENDMENT = "amendment"
    OTHER = "other"


class ClauseType(StrEnum):
    """What a clause is about."""

    DEFINITIONS = "definitions"
    SCOPE = "scope"
    TERM = "term"
    TERMINATION = "termination"
    RENEWAL = "renewal"
    PRICE = "price"
    PAYMENT = "payment"
    DELIVERY = "delivery"
    ACCEPTANCE = "acceptance"
    WARRANTY = "warranty"
    LIABILITY = "liability"
    INDEMNITY = "indemnity"
    INSURANCE = "insurance"
    CONFIDENTIALITY = "confidentiality"
    DATA_PROTECTION = "data_protection"
    INTELLECTUAL_PROPERTY = "intellectual_property"
    EXCLUSIVITY = "exclusivity"
    NON_COMPETE = "non_compete"
    ASSIGNMENT = "assignment"
    FORCE_MAJEURE = "force_majeure"
    NOTICES = "notices"
    GOVERNING_LAW = "governing_law"
    DISPUTE_RESOLUTION = "dispute_resolution"
    GENERAL = "general"
    OTHER = "other"


class ContractParty(BaseModel):
    """One of those who agree."""

    model_config = ConfigDict(frozen=True)

    name: str | None = Field(
        None,
        description="Name of the company or person, as printed, with its legal form.",
        examples=["Harbour Paper Supplies Ltd"],
    )
    role: str | None = Field(
        None,
        description="What the contract calls this party, without the article or quotation marks.",
        examples=["Supplier", "Auftraggeber", "Tenant"],
    )
    address: str | None = Field(
        None,
        description="Postal address or registered office without the name, lines joined with a comma.",
        examples=["14 Quay Street, Bristol BS1 4TX, United Kingdom"],
    )
    registration_number: str | None = Field(
        None, description="Number in the register of companies.", examples=["04172209", "HRB 30417"]
    )
    representative: str | None = Field(
        None, description="Who acts for this party, where that is printed.", examples=["Ms J. Okafor"]
    )


class Clause(BaseModel):
    """One numbered or headed clause."""

    model_config = ConfigDict(frozen=True)

    number: str | None = Field(
        None,
        description="Number of the clause, without a full stop.",
        examples=["7", "§ 4", "12.3"],
    )
    heading: str | None = Field(None, description="Heading, as printed.", examples=["Liability"])
    clause_type: ClauseType | None = Field(
        None, description="What the clause is about.", examples=["liability"]
    )
    summary: str | None = Field(
        None,
        description="What the clause provides, in one sentence in the language of the contract.",
        examples=["Liability is limited to the fees of the last twelve months."],
    )


class Obligation(BaseModel):
    """What one party owes another."""

    model_config = ConfigDict(frozen=True)

    obligor: str | None = Field(
        None, description="Who must do it: the party's role, as the contract calls it.", examples=["Supplier"]
    )
    description: str | None = Field(
        None,
        description="What must be done, in the words of the contract, shortened where that is long.",
        examples=["deliver a monthly report on service levels"],
    )
    clause: str | None = Field(
        None, description="Number of the clause it stands in, as printed.", examples=["5.2"]
    )
    due_date: date | None = Field(
        None, description="Date by which it is due, where a date is printed.", examples=["2024-04-30"]
    )
    deadline: str | None = Field(
        None,
        description="When it is due in words, where that is no date.",
        examples=["within 10 working days of each month's end"],
    )
    amount: Amount | None = Field(None, description="Amount, where it is a payment.", examples=[2500])


class Signature(BaseModel):
    """One signature or place for one."""

    model_config = ConfigDict(frozen=True)

    name: str | None = Field(
        None, description="Name of the person, as printed or written.", examples=["Jane Okafor"]
    )
    position: str | None = Field(None, description="Position or capacity.", examples=["Managing Director"])
    party: str | None = Field(
        None, description="Name or role of the party signed for.", examples=["Harbour Paper Supplies Ltd"]
    )
    signed_date: date | None = Field(None, description="Date beside the signature.", examples=["2024-03-03"])
    is_signed: bool | None = Field(
        None, description="Whether there is a signature rather than an empty place for one.", examples=[True]
    )


class Contract(BaseModel):
    """A contract, an amendment of one, or terms that two parties agree on."""

    model_config = ConfigDict(frozen=True)

    unit: ClassVar[Literal["page", "document"]] = "document"
    instructions: ClassVar[str] = f"""\
Extract the contract shown on these pages.
{READING_RULES}\
parties holds those who agree, in printed order; witnesses, notaries and advisers are none. A term such as
"two years from the Effective Date" is given as printed in term: no date is worked out from it.
clauses holds the clauses of the first level, in printed order: their number, their heading, what they are
about and what they provide. obligations holds what a party must do or pay; rights, definitions and
declarations are none.
summary fields alone may be in your own words; everything else is as printed.
"""

    title: str | None = Field(
        None, description="Title of the contract, as printed.", examples=["Master Services Agreement"]
    )
    contract_type: ContractType | None = Field(
        None, description="What is agreed, told by the title and the clauses.", examples=["services"]
    )
    contract_number: str | None = Field(
        None, description="Number or reference of the contract.", examples=["FW-2023-07"]
    )
    parent_contract: str | None = Field(
        None,
        description="Contract that this one amends or is made under: its title, number or date, as printed.",
        examples=["Master Services Agreement of 3 March 2022"],
    )
    language: str | None = Field(
        None,
        description="Language of most of the text as its ISO 639-1 code: two small letters.",
        examples=["en", "de"],
    )
    parties: list[ContractParty] = Field(
        default_factory=list, description="Those who agree, in printed order."
    )
    agreement_date: date | None = Field(
        None,
        description='Date of the contract, as in "made on 3 March 2024"; else that of the last signature.',
        examples=["2024-03-03"],
    )
    effective_date: date | None = Field(
        None,
        description="Date from which it applies, where that is a printed date of its own.",
        examples=["2024-04-01"],
    )
    expiration_date: date | None = Field(
        None, description="Last day of the term, where a date is printed.", examples=["2026-03-31"]
    )
    term: str | None = Field(
        None,
        description="How long it lasts, as printed.",
        examples=["two years from the Effective Date", "unbefristet"],
    )
    renews_automatically: bool | None = Field(
        None,
        description="Whether it goes on when nobody ends it; null when it does not say.",
        examples=[True],
    )
    renewal_term: str | None = Field(
        None,
        description="For how long it is renewed, as printed.",
        examples=["one year at a time"],
    )
    notice_period: str | None = Field(
        None,
        description="Notice to be given to end it, as printed.",
        examples=["three months", "drei Monate zum Quartalsende"],
    )
    contract_value: Amount | None = Field(
        None,
        description="Price, fee or rent that is agreed as a whole; null when there are several.",
        examples=[120000],
    )
    currency: str | None = Field(
        None,
        description="Currency of the amounts as its ISO 4217 code: three capital letters.",
        examples=["EUR", "GBP"],
    )
    payment_terms: str | None = Field(
        None,
        description="When and how payment is due, as printed.",
        examples=["30 days from invoice"],
    )
    liability_cap: Amount | None = Field(
        None, description="Most that a party is liable for, where an amount is printed.", examples=[1000000]
    )
    governing_law: str | None = Field(
        None,
        description="Whose law applies, as printed.",
        examples=["the laws of England and Wales", "deutsches Recht"],
    )
    jurisdiction: str | None = Field(
        None,
        description="Courts or arbitration that decide disputes, as printed.",
        examples=["the courts of London", "Gerichtsstand ist Hamburg"],
    )
    clauses: list[Clause] = Field(
        default_factory=list, description="Clauses of the first level, in printed order."
    )
    obligations: list[Obligation] = Field(
        default_factory=list, description="What a party must do or pay, in printed order."
    )
    signatures: list[Signature] = Field(
        default_factory=list, description="Signatures and places for them, in printed order."
    )
