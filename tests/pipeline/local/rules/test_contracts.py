"""Contracts are read by their sentences and the headings of their clauses."""

from typing import Any

import pytest

from pipeline.local.rules.reader import read
from pipeline.local.seeing.page import Page
from pipeline.structured import compile_schema
from schemas.registry import load
from tests.pipeline.local.sheets import page

KIND = load("contract")
SCHEMA = compile_schema(KIND.model, name=KIND.name, page_of_items=True).full


def got(*pages: Page) -> dict[str, Any]:
    record = read(pages, SCHEMA).record
    assert isinstance(record, dict)
    return record


ENGLISH = page(
    "MASTER SERVICES AGREEMENT",
    'This Agreement is entered into as of March 3, 2024 by and between Elm Court Inc., a Delaware',
    'corporation with its principal place of business at 5 Elm Court, Alder Falls, CO 00822',
    '("Customer"), and Harrow & Pike LLC, located at 12 Mill Lane, Thornfield, CO 00417 ("Provider").',
    "1. Scope of services",
    "Provider shall deliver the services described in each order.",
    "2. Fees and payment",
    "Invoices of $1,200.00 for set-up and $300.00 a month are payable within 45 days of receipt.",
    "3. Term and termination",
    "This Agreement commences on April 1, 2024 for an initial term of two years from that date and",
    "may be ended by giving 60 days prior written notice.",
    "4. Liability",
    "Either party's aggregate liability shall not exceed $50,000.00.",
    "5. Governing law",
    "This Agreement is governed by the laws of the State of Colorado, excluding its conflict rules.",
)  # fmt: skip
FRENCH = page(
    "CONTRAT DE PRESTATION DE SERVICES",
    "Entre la société Beaumont SARL, dont le siège social est situé 12 rue des Lilas, 75011 Paris",
    "(ci-après « le Prestataire »), et la société Durand SA, dont le siège social est situé 8 quai du",
    "Port, 13002 Marseille (ci-après « le Client »), il a été convenu ce qui suit.",
    "Article 1 - Objet",
    "Le Prestataire assure la maintenance des ascenseurs.",
    "Article 2 - Durée",
    "Le contrat prend effet le 1er avril 2024 et prend fin le 31 mars 2026. Il est renouvelable par",
    "tacite reconduction, sauf préavis de trois mois avant son terme.",
    "Article 3 - Droit applicable",
    "Le présent contrat est soumis au droit français.",
)
DUTCH = page(
    "OVEREENKOMST VAN OPDRACHT",
    'Tussen Polderwerk B.V., gevestigd te Dijkstraat 4, 1234 AB Waterstad (hierna: "Opdrachtgever"), en',
    'Studio Lumen, gevestigd te Kade 9, 4321 BA Havenstad (hierna: "Opdrachtnemer").',
    "1. Werkzaamheden",
    "Opdrachtnemer ontwerpt een huisstijl.",
    "2. Duur",
    "De overeenkomst gaat in op 1 april 2024 en eindigt op 31 maart 2025. Er geldt een opzegtermijn van",
    "een maand.",
    "3. Toepasselijk recht",
    "Op deze overeenkomst is Nederlands recht van toepassing.",
)
SPANISH = page(
    "CONTRATO DE ARRENDAMIENTO",
    "Entre Ribera del Alba S.L., con domicilio en Calle Mayor 3, 28001 Madrid (en adelante, el",
    '"Arrendador"), y Lucía García, con domicilio en Plaza Nueva 2, 41001 Sevilla (en adelante, el',
    '"Arrendatario").',
    "1. Objeto",
    "Se arrienda el local.",
    "2. Plazo",
    "El contrato entra en vigor el 1 de abril de 2024 y finaliza el 31 de marzo de 2027, con un preaviso de",
    "dos meses.",
    "3. Legislación aplicable",
    "El contrato se rige por la legislación española.",
)


def test_an_american_agreement_is_read_by_its_sentences() -> None:
    found = got(ENGLISH)

    assert (found["title"], found["contract_type"]) == ("MASTER SERVICES AGREEMENT", "framework")
    assert [(one["name"], one["role"]) for one in found["parties"]] == [
        ("Elm Court Inc.", "Customer"),
        ("Harrow & Pike LLC", "Provider"),
    ]
    assert found["parties"][1]["address"] == "12 Mill Lane, Thornfield, CO 00417"
    assert (found["agreement_date"], found["effective_date"]) == ("2024-03-03", "2024-04-01")
    assert (found["expiration_date"], found["term"]) == (None, "two years")
    assert (found["notice_period"], found["renews_automatically"]) == ("60 days", None)
    assert found["payment_terms"] == "within 45 days of receipt"
    assert (found["contract_value"], found["liability_cap"]) == (None, 50000)
    assert found["governing_law"] == "the laws of the State of Colorado"
    assert [(one["number"], one["clause_type"]) for one in found["clauses"]] == [
        ("1", "scope"),
        ("2", "payment"),
        ("3", "term"),
        ("4", "liability"),
        ("5", "governing_law"),
    ]
    assert found["obligations"] == []


@pytest.mark.parametrize(
    ("sheet", "kind", "roles", "told"),
    [
        (
            FRENCH,
            "services",
            ["Prestataire", "Client"],
            ("trois mois", "droit français", "2026-03-31"),
        ),
        (
            DUTCH,
            "services",
            ["Opdrachtgever", "Opdrachtnemer"],
            ("een maand", "Nederlands recht", "2025-03-31"),
        ),
        (
            SPANISH,
            "lease",
            ["Arrendador", "Arrendatario"],
            ("dos meses", "legislación española", "2027-03-31"),
        ),
    ],
    ids=["French", "Dutch", "Spanish"],
)
def test_contracts_of_other_languages_are_read_the_same_way(
    sheet: Page, kind: str, roles: list[str], told: tuple[str, str, str]
) -> None:
    found = got(sheet)

    assert (found["contract_type"], [one["role"] for one in found["parties"]]) == (kind, roles)
    assert found["effective_date"] == "2024-04-01"
    assert (found["notice_period"], found["governing_law"], found["expiration_date"]) == told
    assert [one["number"] for one in found["clauses"]] == ["1", "2", "3"]


def test_a_letter_that_mentions_a_contract_is_none() -> None:
    found = got(page("Dear Mr Lockwood,", "Thank you for your letter of 3 September 2024 about the trees."))

    assert {name: value for name, value in found.items() if value not in (None, [])} in (
        {},
        {"language": "en"},
    )
