"""Identity documents: passports, identity cards, driving licences, residence permits and visas."""

from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, computed_field

from schemas import mrz
from schemas.fields import READING_RULES


class DocumentType(StrEnum):
    """What the document is."""

    PASSPORT = "passport"
    IDENTITY_CARD = "identity_card"
    DRIVING_LICENCE = "driving_licence"
    RESIDENCE_PERMIT = "residence_permit"
    VISA = "visa"
    OTHER = "other"


class Sex(StrEnum):
    """Sex as documents state it; X is unspecified (ICAO Doc 9303, part 3)."""

    F = "F"
    M = "M"
    X = "X"


class VehicleCategory(BaseModel):
    """A category of vehicle that a licence allows to drive."""

    model_config = ConfigDict(frozen=True)

    category: str | None = Field(
        None, description="Category, as printed: field 9.", examples=["B", "C1E", "AM"]
    )
    valid_from: date | None = Field(
        None, description="First day of the category: field 10.", examples=["2008-06-04"]
    )
    valid_until: date | None = Field(
        None, description="Last day of the category: field 11.", examples=["2034-01-18"]
    )
    restrictions: str | None = Field(
        None, description="Codes of restrictions on the category: field 12.", examples=["01.06, 78"]
    )


class IdDocument(BaseModel):
    """A passport, an identity card, a driving licence or another document that proves who somebody is."""

    model_config = ConfigDict(frozen=True)

    unit: ClassVar[Literal["page", "document"]] = "document"
    instructions: ClassVar[str] = f"""\
Extract the identity document shown on these pages. Front and back belong to one record.
{READING_RULES}\
Names are as in the part for people, in its spelling and script; where that cannot be read, as in the machine
readable zone. Letters and figures that look alike are told apart by their field: dates hold figures only.
States are codes of three letters (ISO 3166-1 alpha-3); D in a machine readable zone is DEU.
On driving licences the fields are numbered: 1 surname, 2 other names, 3 date and place of birth, 4a date of
issue, 4b date of expiry, 4c authority, 4d personal number, 5 number of the licence, 8 address, 9 categories.
mrz_lines is exactly what is printed, each < counted; empty where there is no machine readable zone.
Do not describe the photograph.
"""

    document_type: DocumentType | None = Field(
        None, description="What the document is.", examples=["passport", "driving_licence"]
    )
    document_number: str | None = Field(
        None,
        description="Number of the document, without blanks; of a driving licence, field 5.",
        examples=["L898902C3", "C01X00T47"],
    )
    issuing_country: str | None = Field(
        None,
        description="Issuing state as its ISO 3166-1 alpha-3 code: three capital letters.",
        examples=["DEU", "GBR", "UTO"],
    )
    issuing_authority: str | None = Field(
        None,
        description="Authority or office that issued it, as printed.",
        examples=["Stadt Leinefurt", "HM Passport Office"],
    )
    surname: str | None = Field(
        None, description="Surname, as printed: the primary identifier.", examples=["Eriksson"]
    )
    given_names: str | None = Field(
        None,
        description="Given names, as printed, parted by blanks: the secondary identifier.",
        examples=["Anna Maria"],
    )
    birth_name: str | None = Field(
        None, description="Name at birth, where it is printed apart.", examples=["Lindqvist"]
    )
    date_of_birth: date | None = Field(None, description="Date of birth.", examples=["1974-08-12"])
    place_of_birth: str | None = Field(None, description="Place of birth, as printed.", examples=["Zenith"])
    sex: Sex | None = Field(
        None, description="F, M, or X where it is unspecified; null when it does not say.", examples=["F"]
    )
    nationality: str | None = Field(
        None,
        description="Nationality as the state's ISO 3166-1 alpha-3 code: three capital letters.",
        examples=["UTO", "FRA"],
    )
    date_of_issue: date | None = Field(None, description="Date of issue.", examples=["2017-04-16"])
    date_of_expiry: date | None = Field(
        None, description="Last day on which the document is valid.", examples=["2027-04-15"]
    )
    personal_number: str | None = Field(
        None,
        description="Number of the person in a national register, where one is printed.",
        examples=["ZE184226B"],
    )
    address: str | None = Field(
        None,
        description="Address of the holder, its lines joined with a comma and a space.",
        examples=["4 Mill Lane, Bristol BS1 4TX"],
    )
    vehicle_categories: list[VehicleCategory] = Field(
        default_factory=list, description="Of a driving licence, what its holder may drive."
    )
    mrz_lines: list[str] = Field(
        default_factory=list,
        description="Lines of the machine readable zone from top to bottom, each < counted.",
        examples=[
            ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F2704151ZE184226B<<<<<12"]
        ],
    )

    @computed_field  # type: ignore[prop-decorator]  # mypy does not know decorated properties
    @property
    def mrz_valid(self) -> bool | None:
        """Whether length and check digits of the machine readable zone are right; null without a zone."""
        if not self.mrz_lines:
            return None
        zone = mrz.parse(self.mrz_lines)
        return zone is not None and zone.is_valid
