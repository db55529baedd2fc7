"""What kind of document it is, so that it can be sent on to those who work that kind."""

from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field


class Kind(StrEnum):
    """Kinds of document that are worked differently."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PROFORMA = "proforma"
    REMINDER = "reminder"
    RECEIPT = "receipt"
    QUOTE = "quote"
    PURCHASE_ORDER = "purchase_order"
    ORDER_CONFIRMATION = "order_confirmation"
    DELIVERY_NOTE = "delivery_note"
    BANK_STATEMENT = "bank_statement"
    PAYSLIP = "payslip"
    CONTRACT = "contract"
    INSURANCE_POLICY = "insurance_policy"
    TAX_NOTICE = "tax_notice"
    FORM = "form"
    LETTER = "letter"
    MEMO = "memo"
    MINUTES = "minutes"
    ID_DOCUMENT = "id_document"
    CERTIFICATE = "certificate"
    RESUME = "resume"
    PAPER = "paper"
    REPORT = "report"
    PRESENTATION = "presentation"
    MANUAL = "manual"
    OTHER = "other"


class DocumentKind(BaseModel):
    """The kind of a document, with its title, date and language."""

    model_config = ConfigDict(frozen=True)

    unit: ClassVar[Literal["page", "document"]] = "document"
    instructions: ClassVar[str] = """\
Say what kind of document is shown on these pages, as a person does who sorts the post.
The document as a whole decides, and what it calls itself before what it looks like: a scanned invoice with a
covering letter is an invoice, a form that was filled in to order something is a purchase_order, an empty
or filled form of no other kind is a form. Take other only for a document that is clearly none of the kinds,
and null where the pages do not tell.
title and date are those that are printed; dates are YYYY-MM-DD, day and month told apart by the language
of the document and its other dates. Never work out, complete or guess a value.
"""

    kind: Kind | None = Field(
        None,
        description="Kind of document: reminder asks again for money that is owed, proforma is no demand for "
        "payment yet, paper is a scientific article, minutes are those of a meeting, tax_notice comes "
        "from a tax office, form is one that fits no other kind.",
        examples=["invoice", "letter"],
    )
    title: str | None = Field(
        None,
        description="Title of the document, or the subject of a letter, as printed.",
        examples=["Annual Report 2024"],
    )
    language: str | None = Field(
        None,
        description="Language of most of the text as its ISO 639-1 code: two small letters.",
        examples=["en", "de", "fr"],
    )
    document_date: date | None = Field(
        None,
        description="Date of the document: when it was written or issued; of a period, its last day.",
        examples=["2024-03-28"],
    )
    page_count: int | None = Field(
        None,
        description="How many pages the document has: the N of the words Page 1 of N before each image.",
        examples=[3],
    )
