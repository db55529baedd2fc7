"""Scientific papers: articles of journals, contributions to conferences, preprints."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field


class Author(BaseModel):
    """One author of the paper."""

    model_config = ConfigDict(frozen=True)

    name: str | None = Field(
        None,
        description="Name as printed, without titles, numbers and marks of footnotes.",
        examples=["Marguerite Osei"],
    )
    affiliations: list[str] = Field(
        default_factory=list,
        description="Institutions of this author, as printed, each on one line; matched to authors by the "
        "numbers or marks at both.",
        examples=[["Institute of Hydrology, Port Merrin"]],
    )
    email: str | None = Field(
        None, description="E-mail address of this author.", examples=["m.osei@example.org"]
    )
    orcid: str | None = Field(
        None, description="ORCID iD: four groups of four.", examples=["0000-0002-1825-0097"]
    )


class Section(BaseModel):
    """One heading of the paper."""

    model_config = ConfigDict(frozen=True)

    number: str | None = Field(
        None, description="Number before the heading, without a point at its end.", examples=["2.1"]
    )
    heading: str | None = Field(
        None, description="The heading as printed, without its number.", examples=["Materials and methods"]
    )


class Reference(BaseModel):
    """One entry of the list of references."""

    model_config = ConfigDict(frozen=True)

    label: str | None = Field(
        None, description="Number or mark of the entry, without brackets.", examples=["12", "Ose19"]
    )
    text: str | None = Field(
        None,
        description="The entry as printed without its label, lines joined and divided words put together.",
        examples=["M. Osei and T. Lockwood. Tides of the Merrin estuary. J. Coast. Res. 12 (2019) 33-48."],
    )
    year: int | None = Field(None, description="Year of publication of the entry.", examples=[2019])
    doi: str | None = Field(
        None, description="DOI of the entry, from 10. on.", examples=["10.5555/jcr.2019.0033"]
    )


class Paper(BaseModel):
    """A scientific paper: who wrote it, what it is about, what it refers to."""

    model_config = ConfigDict(frozen=True)

    unit: ClassVar[Literal["page", "document"]] = "document"
    instructions: ClassVar[str] = """\
Extract the bibliographic data of the paper shown on these pages.
Take only what is printed, in the language and spelling in which it stands: no translation, no summary, no
corrections. Lines of one paragraph are joined with blanks, words divided at the end of a line are put
together again. Where a value does not stand on the pages, give null; where there are no entries, an empty
list. Never complete a reference or guess a value, and never take one from an example.
authors are those below the title, in printed order. sections holds every heading of the text in its order,
abstract and references among them, without captions of figures and tables. references holds every entry of
the list at the end, those of following pages too. doi, journal, volume, issue, pages and year are those of
this paper, never those of a reference.
"""

    title: str | None = Field(
        None,
        description="Title of the paper with its subtitle, on one line.",
        examples=["Tides of the Merrin Estuary: A Hundred Years of Gauges"],
    )
    authors: list[Author] = Field(default_factory=list, description="The authors, in printed order.")
    abstract: str | None = Field(
        None,
        description="Text of the abstract without its heading.",
        examples=["We analyse a century of tide gauge records from three harbours."],
    )
    keywords: list[str] = Field(
        default_factory=list, description="Key words, one an entry.", examples=[["tides", "sea level"]]
    )
    doi: str | None = Field(
        None,
        description="DOI of the paper, from 10. on, without an address.",
        examples=["10.5555/mer.2024.017"],
    )
    arxiv_id: str | None = Field(
        None, description="arXiv identifier with its version, where printed.", examples=["2401.01234v2"]
    )
    journal: str | None = Field(
        None,
        description="Journal, proceedings or conference in which it appears.",
        examples=["Journal of Coastal Records"],
    )
    volume: str | None = Field(None, description="Volume of the journal.", examples=["12"])
    issue: str | None = Field(None, description="Issue or number within the volume.", examples=["3"])
    pages: str | None = Field(
        None, description="First and last page in the journal, as printed.", examples=["33-48"]
    )
    year: int | None = Field(None, description="Year in which it appeared.", examples=[2024])
    sections: list[Section] = Field(default_factory=list, description="Every heading, in reading order.")
    references: list[Reference] = Field(
        default_factory=list, description="Every entry of the list of references, in printed order."
    )
