"""Identity documents are read by their zones, their numbered fields and their labels."""

import pytest

from pipeline.local.rules.reader import read
from pipeline.local.seeing.page import Page
from pipeline.structured import compile_schema
from schemas.mrz import check_digit
from schemas.registry import load
from tests.pipeline.local.sheets import page

KIND = load("id_document")
SCHEMA = compile_schema(KIND.model, name=KIND.name, page_of_items=True).full
# The specimens of ICAO Doc 9303, parts 4 and 5.
PASSPORT = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
CARD = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")


def got(*pages: Page) -> dict[str, object]:
    record = read(pages, SCHEMA).record
    assert isinstance(record, dict)
    return {name: value for name, value in record.items() if value not in (None, [])}


@pytest.mark.parametrize(
    ("lines", "kind", "number"),
    [(PASSPORT, "passport", "L898902C3"), (CARD, "identity_card", "D23145890")],
)
def test_a_zone_alone_tells_who_and_what(lines: tuple[str, ...], kind: str, number: str) -> None:
    assert got(page(*lines)) == {
        "document_type": kind,
        "document_number": number,
        "issuing_country": "UTO",
        "surname": "ERIKSSON",
        "given_names": "ANNA MARIA",
        "date_of_birth": "1974-08-12",
        "sex": "F",
        "nationality": "UTO",
        "date_of_expiry": "2012-04-15",
        "mrz_lines": list(lines),
    }


@pytest.mark.parametrize(
    "second",
    [
        "L898902C36UT07408122F1204159ZE184226B<<<<<10",  # a figure in the nationality
        "L898902C36UTO74O8I22F12O4159ZE184226B<<<<<10",  # letters in the dates
        "L8989O2C36UTO7408122F1204159ZE184226B<<<<<10",  # a letter in the number
        "L898902C36UTO7408122F1204159ZE184226B<<<10",  # fillers lost
        "L898902C36UTO7408122F1204159ZE184226B<<<<<<<10",  # fillers made up
        "l898902C36UTO 7408122F1204159 ZE184226B«««10",
    ],
)
def test_what_ocr_got_wrong_in_a_zone_is_put_right_by_its_check_digits(second: str) -> None:
    found = got(page("P<UT0ERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<", second))

    assert found["mrz_lines"] == list(PASSPORT)
    assert (found["document_number"], found["date_of_birth"]) == ("L898902C3", "1974-08-12")


def test_a_zone_whose_check_digits_are_wrong_tells_nothing() -> None:
    assert got(page(PASSPORT[0], "L898902C36UTO7408122F1204159ZE184226B<<<<<13")) == {}


def test_names_are_spelt_as_printed_when_the_zone_agrees() -> None:
    zone = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6")
    names = "MUELLER<<JOERG".ljust(30, "<")

    printed = got(page("Nachname / Surname", "Müller", "Vornamen / Given names", "Anna", "", *zone, names))

    assert (printed["surname"], printed["given_names"]) == ("Müller", "JOERG")


def test_a_zone_that_leaves_the_century_open_takes_the_printed_year() -> None:
    birth, expiry = (day + check_digit(day) for day in ("240601", "290601"))
    checked = f"L898902C36{birth}{expiry}<<<<<<<<<<<<<<0"
    second = f"L898902C36UTO{birth}F{expiry}<<<<<<<<<<<<<<0{check_digit(checked)}"

    plain, printed = got(page(PASSPORT[0], second)), got(page("01.06.1924", "", PASSPORT[0], second))

    assert (plain["date_of_expiry"], plain.get("date_of_birth")) == ("2029-06-01", None)
    assert printed["date_of_birth"] == "1924-06-01"


def test_the_numbered_fields_of_a_licence_need_no_words() -> None:
    sheet = page(
        "PERMISO DE CONDUCCIÓN",
        "1.  GARCÍA LÓPEZ",
        "2.  LUCÍA",
        "3.  05/03/1984  VALLADOLID",
        "4a. 11/07/2019  4c. DGT",
        "4b. 11/07/2029",
        "5.  71999888-K",
        "AM  05/03/1999  11/07/2029",
        "B   05/03/2002  11/07/2029  01.06",
    )

    assert got(sheet) == {
        "document_type": "driving_licence",
        "document_number": "71999888-K",
        "issuing_authority": "DGT",
        "surname": "GARCÍA LÓPEZ",
        "given_names": "LUCÍA",
        "date_of_birth": "1984-03-05",
        "date_of_issue": "2019-07-11",
        "date_of_expiry": "2029-07-11",
        "vehicle_categories": [
            {
                "category": "AM",
                "valid_from": "1999-03-05",
                "valid_until": "2029-07-11",
                "restrictions": None,
                "_page": 1,
            },
            {
                "category": "B",
                "valid_from": "2002-03-05",
                "valid_until": "2029-07-11",
                "restrictions": "01.06",
                "_page": 1,
            },
        ],
    }


def test_numbered_terms_are_not_the_fields_of_a_licence() -> None:
    sheet = page("1. The licence", "2. Its use", "3. Payment", "4. Term", "5. Law")

    assert got(sheet) == {}


@pytest.mark.parametrize(
    "labels",
    [
        ("Surname", "Given names", "Date of birth", "Place of birth", "Date of expiry"),
        ("Name", "Vornamen", "Geburtstag", "Geburtsort", "Gültig bis"),
        ("Nom", "Prénoms", "Date de naissance", "Lieu de naissance", "Date d'expiration"),
        ("Achternaam", "Voornamen", "Geboortedatum", "Geboorteplaats", "Geldig tot"),
        ("Apellidos", "Nombre", "Fecha de nacimiento", "Lugar de nacimiento", "Fecha de caducidad"),
    ],
)
def test_without_a_zone_the_labels_of_five_languages_are_read(labels: tuple[str, ...]) -> None:
    values = ("Brandt", "Anna Maria", "27.11.1979", "Zenith", "10.07.2032")
    rows = [f"{label:30}  {value}" for label, value in zip(labels, values, strict=True)]

    found = got(page(*rows))

    assert [found.get(name) for name in ("surname", "given_names", "date_of_birth")] == [
        "Brandt",
        "Anna Maria",
        "1979-11-27",
    ]
    assert (found.get("place_of_birth"), found.get("date_of_expiry")) == ("Zenith", "2032-07-10")
