"""The whole text of one page."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field


class PageText(BaseModel):
    """The text of one page, as Markdown."""

    model_config = ConfigDict(frozen=True)

    unit: ClassVar[Literal["page", "document"]] = "page"
    instructions: ClassVar[str] = """\
Write down the text of this page as Markdown, in the order in which a person reads it.
Keep the words, the spelling and the language as they are: no translation, no summary, no corrections.
Headings become # to ######, lists become - or 1., tables become Markdown tables with one row a line.
Columns are read one after the other. Words divided at the end of a line are joined again, and lines of
one paragraph too. Headers, footers and page numbers are left out. A part that cannot be read is written
as [illegible]. Pictures are left out; text inside them is kept.
"""

    title: str | None = Field(
        None,
        description="Title of the page or its topmost heading; null when there is none.",
        examples=["Terms and Conditions of Sale"],
    )
    language: str | None = Field(
        None,
        description="Language of most of the text as its ISO 639-1 code: two small letters.",
        examples=["en", "de", "fr"],
    )
    text: str = Field(
        description="The text as Markdown; empty when the page carries none.",
        examples=["# Minutes\n\nPresent: A. Berg, L. Okafor\n\n- Budget agreed"],
    )
