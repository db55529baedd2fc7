"""Résumés are read by the headings of their sections."""

from typing import Any

from pipeline.local.rules.reader import read
from pipeline.local.seeing.page import Page
from pipeline.structured import compile_schema
from schemas.registry import load
from tests.pipeline.local.sheets import page

KIND = load("resume")
SCHEMA = compile_schema(KIND.model, name=KIND.name, page_of_items=True).full


def got(*pages: Page) -> dict[str, Any]:
    record = read(pages, SCHEMA).record
    assert isinstance(record, dict)
    return record


def told(entries: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(one[name] for name in names) for one in entries]


FRENCH = page(
    "Nom : Élodie Marchand",
    "Date de naissance : 4 juin 1988",
    "Nationalité : française",
    "E-mail : e.marchand@courrier.example",
    "EXPÉRIENCE PROFESSIONNELLE",
    "Beaumont Traiteur SARL, Lyon",
    "Cheffe de projet",
    "mars 2019 - aujourd'hui",
    "• Organisation de réceptions",
    "Maison Durand SA, Marseille",
    "Assistante",
    "2014 - 2019",
    "FORMATION",
    "Université de Lyon",
    "Licence en droit",
    "2010 - 2013",
    "LANGUES",
    "Français (langue maternelle), Anglais (C1)",
    "COMPÉTENCES",
    "Excel • Photoshop",
    "LOISIRS",
    "Voile",
)
DUTCH = page(
    "Naam              Joris Karels",
    "Geboortedatum     27-11-1979",
    "Woonplaats        Waterstad",
    "Werkervaring",
    "2018 - heden      Inkoper",
    "                  Polderwerk B.V.",
    "2012 - 2018       Medewerker",
    "                  Havenbedrijf N.V.",
    "Opleiding",
    "2008 - 2012       Bedrijfskunde",
    "                  Hogeschool Waterstad",
    "Talen",
    "Nederlands        moedertaal",
    "Duits             B1",
)


def test_entries_whose_period_stands_below_their_lines_are_parted_rightly() -> None:
    found = got(FRENCH)

    assert (found["name"], found["date_of_birth"]) == ("Élodie Marchand", "1988-06-04")
    assert (found["nationality"], found["email"]) == ("française", "e.marchand@courrier.example")
    assert told(found["work_experience"], "position", "employer", "location", "start_year", "is_current") == [
        ("Cheffe de projet", "Beaumont Traiteur SARL", "Lyon", 2019, True),
        ("Assistante", "Maison Durand SA", "Marseille", 2014, False),
    ]
    assert found["work_experience"][0]["description"] == "Organisation de réceptions"
    assert told(found["education"], "degree", "field_of_study", "institution") == [
        ("Licence", "droit", "Université de Lyon")
    ]
    assert told(found["languages"], "language", "level", "cefr_level") == [
        ("Français", "langue maternelle", None),
        ("Anglais", "C1", "C1"),
    ]
    assert found["skills"] == ["Excel", "Photoshop"]


def test_a_table_of_dates_is_read_too() -> None:
    found = got(DUTCH)

    assert (found["name"], found["date_of_birth"]) == ("Joris Karels", "1979-11-27")
    assert told(found["work_experience"], "position", "employer", "start_year", "end_year") == [
        ("Inkoper", "Polderwerk B.V.", 2018, None),
        ("Medewerker", "Havenbedrijf N.V.", 2012, 2018),
    ]
    assert told(found["education"], "degree", "institution") == [("Bedrijfskunde", "Hogeschool Waterstad")]
    assert told(found["languages"], "language", "level") == [("Nederlands", "moedertaal"), ("Duits", "B1")]


def test_a_section_without_periods_has_no_entries() -> None:
    found = got(page("Work experience", "Many years in many mills, ask me about them", "Skills", "Sailing"))

    assert (found["work_experience"], found["skills"]) == ([], ["Sailing"])


def test_a_letter_is_no_resume() -> None:
    found = got(
        page("Dear Mr Lockwood,", "Thank you for your letter about the trees in 2023 - present them.")
    )

    assert {name for name, value in found.items() if value not in (None, [])} == set()
