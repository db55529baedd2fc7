"""Résumés: who somebody is, and what they did, learned and can do."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.fields import READING_RULES

# Résumés date by month or by year: a date would need a day that nobody wrote down.
Year = Annotated[int, Field(ge=1900, le=2100)]
Month = Annotated[int, Field(ge=1, le=12)]


class CefrLevel(StrEnum):
    """Levels of the Common European Framework of Reference for Languages."""

    A1 = "A1"
    A2 = "A2"
    B1 = "B1"
    B2 = "B2"
    C1 = "C1"
    C2 = "C2"


class WorkExperience(BaseModel):
    """One post somebody held."""

    model_config = ConfigDict(frozen=True)

    position: str | None = Field(None, description="Job title, as printed.", examples=["Process engineer"])
    employer: str | None = Field(
        None, description="Company or organisation, as printed.", examples=["Harbour Paper Supplies Ltd"]
    )
    location: str | None = Field(
        None, description="Place of work, as printed.", examples=["Bristol", "Hamburg, Deutschland"]
    )
    start_year: Year | None = Field(None, description="Year in which it began.", examples=[2019])
    start_month: Month | None = Field(
        None, description="Month in which it began, where one is printed: 1 for January.", examples=[3]
    )
    end_year: Year | None = Field(
        None, description="Year in which it ended; null when it goes on.", examples=[2023]
    )
    end_month: Month | None = Field(
        None, description="Month in which it ended, where one is printed: 12 for December.", examples=[10]
    )
    is_current: bool | None = Field(
        None,
        description='True when it goes on: "present", "heute", "since 2021"; false when an end is printed.',
        examples=[False],
    )
    description: str | None = Field(
        None,
        description="Tasks and achievements, as printed; points and lines are joined with blanks.",
        examples=["Cut the energy use of two dryers by a fifth."],
    )


class Education(BaseModel):
    """One course of study or training."""

    model_config = ConfigDict(frozen=True)

    institution: str | None = Field(
        None, description="School, university or place of training.", examples=["University of Leeds"]
    )
    degree: str | None = Field(
        None, description="Degree or qualification, as printed.", examples=["BSc", "Abitur", "Meisterbrief"]
    )
    field_of_study: str | None = Field(
        None, description="Subject, where it stands apart from the degree.", examples=["Chemical engineering"]
    )
    location: str | None = Field(None, description="Place, as printed.", examples=["Leeds"])
    start_year: Year | None = Field(None, description="Year in which it began.", examples=[2012])
    start_month: Month | None = Field(
        None, description="Month in which it began, where one is printed: 1 for January.", examples=[9]
    )
    end_year: Year | None = Field(
        None, description="Year in which it ended or the degree was awarded.", examples=[2015]
    )
    end_month: Month | None = Field(
        None, description="Month in which it ended, where one is printed: 12 for December.", examples=[7]
    )
    grade: str | None = Field(
        None, description="Grade or class, as printed.", examples=["2:1", "1,7", "GPA 3.8"]
    )


class LanguageSkill(BaseModel):
    """A language somebody knows."""

    model_config = ConfigDict(frozen=True)

    language: str | None = Field(None, description="Its name, as printed.", examples=["German", "Englisch"])
    level: str | None = Field(
        None, description="How well it is known, as printed.", examples=["native", "verhandlungssicher", "B2"]
    )
    cefr_level: CefrLevel | None = Field(
        None, description="Level of the European framework, only where it is printed.", examples=["B2"]
    )


class Certification(BaseModel):
    """A certificate, licence or course."""

    model_config = ConfigDict(frozen=True)

    name: str | None = Field(None, description="What it is, as printed.", examples=["PRINCE2 Practitioner"])
    issuer: str | None = Field(None, description="Who awarded it, as printed.", examples=["AXELOS"])
    year: Year | None = Field(None, description="Year in which it was awarded.", examples=[2021])
    expiry_year: Year | None = Field(
        None, description="Year in which it ends, where one is printed.", examples=[2026]
    )


class Resume(BaseModel):
    """A résumé or curriculum vitae."""

    model_config = ConfigDict(frozen=True)

    unit: ClassVar[Literal["page", "document"]] = "document"
    instructions: ClassVar[str] = f"""\
Extract the résumé shown on these pages.
{READING_RULES}\
Periods are years and, where they are printed, months; a period such as "2019" alone starts and ends in it.
Work experience and education are given in printed order. Several posts at one employer are entries of their
own. Voluntary work and internships count as work experience; school and vocational training as education.
A skill is one entry for each that is named; languages are no skills. Do not judge, rank or translate.
"""

    name: str | None = Field(
        None, description="Full name, with titles as printed.", examples=["Dr. Ingrid Halvorsen"]
    )
    headline: str | None = Field(
        None,
        description="Present occupation or the post aimed at, where it stands with the name.",
        examples=["Process engineer, pulp and paper"],
    )
    email: str | None = Field(None, description="E-mail address.", examples=["i.halvorsen@mail.example"])
    phone: str | None = Field(None, description="Telephone number, as printed.", examples=["+44 1632 960417"])
    address: str | None = Field(
        None,
        description="Postal address or place of residence, its lines joined with a comma and a space.",
        examples=["4 Mill Lane, Bristol", "Lyon, France"],
    )
    links: list[str] = Field(
        default_factory=list,
        description="Addresses of web pages and profiles, as printed.",
        examples=[["linkedin.com/in/ihalvorsen"]],
    )
    date_of_birth: date | None = Field(None, description="Date of birth.", examples=["1988-06-04"])
    place_of_birth: str | None = Field(None, description="Place of birth, as printed.", examples=["Bergen"])
    nationality: str | None = Field(None, description="Nationality, as printed.", examples=["Norwegian"])
    summary: str | None = Field(
        None,
        description="Profile or objective at the head, as printed.",
        examples=["Engineer with ten years in paper mills."],
    )
    work_experience: list[WorkExperience] = Field(
        default_factory=list, description="Posts held, in printed order."
    )
    education: list[Education] = Field(
        default_factory=list, description="Studies, training and school, in printed order."
    )
    languages: list[LanguageSkill] = Field(default_factory=list, description="Languages, in printed order.")
    skills: list[str] = Field(
        default_factory=list,
        description="Skills, tools and methods, one entry each, as printed.",
        examples=[["Python", "AutoCAD"]],
    )
    certifications: list[Certification] = Field(
        default_factory=list, description="Certificates, licences and courses, in printed order."
    )
