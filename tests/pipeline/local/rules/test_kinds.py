"""Documents are sorted by what they call themselves and by what they are known by; not when in doubt."""

from typing import Any

import httpx
import pytest

from pipeline.local.rules.reader import read
from schemas.document_kind import Kind
from tests.pipeline.local.bodies import sample, truth_of
from tests.pipeline.local.sheets import page, record

KIND = {"anyOf": [{"type": "string", "enum": [kind.value for kind in Kind]}, {"type": "null"}]}


def kind_of(*rows: str, schema: Any = KIND) -> object:
    found = read([page("Halden & Rowe", "", *rows)], record(kind=schema)).record
    assert isinstance(found, dict)
    return found["kind"]


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        (("INVOICE", "Invoice date: 3 May 2024"), "invoice"),
        (("Rechnung Nr. 2024-17", "Lieferschein   L-88", "Bestellung   4711"), "invoice"),
        (("Avoir n° 77", "Facture d'origine: 25-114"), "credit_note"),
        (("2. Mahnung", "Sehr geehrte Damen und Herren,", "Mit freundlichen Grüßen"), "reminder"),
        (("Pakbon", "Aantal   Omschrijving"), "delivery_note"),
        (("EXTRACTO DE CUENTA", "Saldo inicial   10,00", "Saldo final   20,00"), "bank_statement"),
        (("Lohnabrechnung März 2024", "Steuerklasse   1", "Auszahlungsbetrag   2.100,00"), "payslip"),
        (("CONTRATO DE ARRENDAMIENTO", "REUNIDOS", "ESTIPULACIONES"), "contract"),
        (("Dear Mrs Osei,", "Thank you for your letter.", "Yours sincerely"), "letter"),
        (("Notulen", "Aanwezig: A. Berg", "Rondvraag"), "minutes"),
        (("Work experience", "Education", "Skills"), "resume"),
        (("On Tides", "Abstract", "1 Introduction", "References"), "paper"),
        (("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "Nationality", "Place of birth"), "id_document"),
        (("Bedienungsanleitung", "Vor dem Einschalten lesen"), "manual"),
    ],
)
def test_a_kind_is_told_by_its_words(rows: tuple[str, ...], kind: str) -> None:
    assert kind_of(*rows) == kind


def test_what_is_not_clear_is_null() -> None:
    assert kind_of("The harbour wall was built when coal came", "and left again as slate.") is None
    assert kind_of(*[""] * 12, "Salary expectation   Driving licence   Languages") is None
    assert kind_of() is None


def test_a_list_of_ones_own_is_answered_in_its_own_words() -> None:
    own = {
        "type": ["string", "null"],
        "enum": ["Rechnung", "Gutschrift", "Vertrag", "Angebot", "Brief", "Lebenslauf", None],
    }

    assert kind_of("Invoice", "Invoice no: 7", schema=own) == "Rechnung"
    assert kind_of("Curriculum Vitae", "Education", "Skills", schema=own) == "Lebenslauf"


def test_a_kind_that_is_not_listed_is_null() -> None:
    own = {"type": ["string", "null"], "enum": ["invoice", "quote", "contract", "receipt", "letter", None]}

    assert kind_of("Pakbon", "Voor ontvangst", schema=own) is None


def test_the_engine_sorts_a_reminder_that_looks_like_a_letter(client: httpx.Client) -> None:
    path = "letters/second_reminder.pdf"
    asked = ("kind", "title", "language", "page_count")

    found, truth = sample(client, path, "document_kind"), truth_of(path)

    assert [found[name] for name in asked] == [truth[name] for name in asked]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("invoices/prairie_supply_us.pdf", "invoice"),
        ("invoices/thornbury_paper.pdf", "invoice"),
        ("credit_notes/brackenfield_brackets.pdf", "credit_note"),
        ("receipts/neuental_taxi.pdf", "receipt"),
        ("orders/leinewerk_bestellung.pdf", "purchase_order"),
        ("contracts/wartungsvertrag.pdf", "contract"),
        ("resumes/lebenslauf_seidel.pdf", "resume"),
        ("papers/tide_gauges.pdf", "paper"),
        ("forms/mooring_permit.pdf", "form"),
        ("texts/council_letter.pdf", "letter"),
    ],
)
def test_the_engine_sorts_the_sample_documents(client: httpx.Client, path: str, kind: str) -> None:
    assert sample(client, path, "document_kind")["kind"] == kind
