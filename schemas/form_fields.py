"""Forms: every label with what was filled in beside it, and every box that can be ticked."""

from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field


class FieldKind(StrEnum):
    """What a form asks for in a field."""

    TEXT = "text"
    NUMBER = "number"
    AMOUNT = "amount"
    DATE = "date"
    TIME = "time"
    EMAIL = "email"
    PHONE = "phone"
    CHECKBOX = "checkbox"
    SIGNATURE = "signature"
    OTHER = "other"


class FormField(BaseModel):
    """One field of the form: a label with its value, or one box to tick."""

    model_config = ConfigDict(frozen=True)

    label: str | None = Field(
        None,
        description="Label of the field as printed, without the colon after it; "
        "of a box to tick, the words beside the box.",
        examples=["Date of birth", "I agree to the terms"],
    )
    value: str | None = Field(
        None,
        description="What was filled in, as written; null when the field is empty, "
        "for boxes to tick and for signatures.",
        examples=["14.03.1985", "Merrin District Council"],
    )
    kind: FieldKind | None = Field(
        None,
        description="What the field asks for: by its value, or by its label when it is empty.",
        examples=["text", "checkbox"],
    )
    checked: bool | None = Field(
        None,
        description="Of a box to tick, whether it bears a mark; of a signature, whether somebody signed; "
        "null for other fields.",
        examples=[True],
    )
    group: str | None = Field(
        None,
        description="Of a box to tick, the question it answers together with others.",
        examples=["Marital status"],
    )
    section: str | None = Field(
        None,
        description="Heading of the part of the form in which the field stands.",
        examples=["2. Your household"],
    )


class FormFields(BaseModel):
    """A page of a form: each label with its value, each box with its mark."""

    model_config = ConfigDict(frozen=True)

    unit: ClassVar[Literal["page", "document"]] = "page"
    instructions: ClassVar[str] = """\
Write down the form on this page, field by field, in the order in which a person fills it in.
Take labels and values as they stand, in their own language: values are not translated, completed or put
into another form. Fields that were left empty belong to the list, too, with null as their value.
Each box to tick is a field of its own: its label is the text beside it, checked says whether it bears a
mark of any kind (cross, tick, filling), group is the question that it answers together with others. What is
crossed out as a whole is not checked.
Of a table to be filled in, each cell is a field, its label the heading of the column with the label of the
row where it has one. Explanations, legal texts and page numbers are not fields.
"""

    title: str | None = Field(
        None, description="Title of the form, as printed.", examples=["Application for a parking permit"]
    )
    form_number: str | None = Field(
        None,
        description="Number or code of the form itself, as printed; not of what it is about.",
        examples=["FIN-12", "Form 1040"],
    )
    fields: list[FormField] = Field(
        default_factory=list, description="Every field of the page, in reading order."
    )
