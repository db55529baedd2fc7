"""Make the sample documents and their truth anew: python sample_docs/make.py [--out DIR] [--drawn DIR]."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import _accounts
import _billing
import _broken
import _contracts
import _english
import _identity
import _invoices
import _machines
import _orders
import _paper
import _permit
import _prose
import _receipts_abroad
import _receipts_english
import _reminder
import _resumes
import _scan
import _statement
import _statements_abroad
import _tables
import _ticket
from _made import Made, blank, failed, good
from _truth import Record

HERE = Path(__file__).parent


def receipts() -> Iterator[Made]:
    """Yield a photo, a till roll and a ticket from an app."""
    corners = ((330.0, 150.0), (1180.0, 96.0), (1280.0, 1900.0), (210.0, 1850.0))
    drawn = _receipts_english.cafe()
    photo = _machines.phone(drawn, (1512, 2016), corners, 7)
    made = good("receipts/copper_kettle_photo.jpg", photo, "receipt", _receipts_english.cafe_record())
    yield made._replace(drawn=drawn)
    drawn = _receipts_abroad.supermarket()
    till = _machines.thermal_printer(drawn)
    made = good("receipts/lindner_markt_thermal.png", till, "receipt", _receipts_abroad.supermarket_record())
    yield made._replace(drawn=drawn)
    ticket = _scan.png(_ticket.parking())
    yield good("receipts/quayside_parking_app.png", ticket, "receipt", _ticket.parking_record())


def more_receipts() -> Iterator[Made]:
    """Yield receipts of other countries: printed, scanned and photographed."""
    abroad, english = _receipts_abroad, _receipts_english
    yield good("receipts/neuental_taxi.pdf", abroad.taxi(), "receipt", abroad.taxi_record())
    yield good("receipts/cottonwood_us.pdf", english.hardware(), "receipt", english.hardware_record())
    yield good("receipts/skygate_eur_gbp.pdf", english.airport(), "receipt", english.airport_record())
    bill, bread, fuel = abroad.bistro(), abroad.baker(), abroad.fuel()
    corners = ((240.0, 250.0), (1060.0, 190.0), (1130.0, 1370.0), (190.0, 1420.0))
    photo = _machines.phone(bread, (1300, 1640), corners, 31)
    for name, drawn, data, record in (
        ("tilleul_bleu_scan.jpg", bill, _machines.flatbed(bill, 29, degrees=-1.6), abroad.bistro_record()),
        (
            "korenaar_photo.jpg",
            bread,
            photo,
            abroad.baker_record(),
        ),
        ("la_encina_thermal.png", fuel, _machines.thermal_printer(fuel), abroad.fuel_record()),
    ):
        yield good(f"receipts/{name}", data, "receipt", record)._replace(drawn=drawn)


def texts() -> Iterator[Made]:
    """Yield the bank statement and the pages of running text."""
    month = _statement.statement()
    record = _statement.ACCOUNT.record()
    yield good("statements/northgate_march.pdf", month, "bank_statement", record, 3)
    yield good("texts/tide_tables_two_columns.pdf", _prose.article(), "page_text", _prose.article_record())
    yield good("texts/council_letter.pdf", _prose.letter(), "page_text", _prose.letter_record())


def statements() -> Iterator[Made]:
    """Yield the bank statements from the continent, the French one scanned."""
    for name, account, layout, pages in (
        ("lichtenau_soll_haben.pdf", _accounts.GERMAN_ACCOUNT, _statements_abroad.german, 2),
        ("zuiderbank_af_bij.pdf", _accounts.DUTCH_ACCOUNT, _statements_abroad.dutch, 1),
        ("banco_del_alba_landscape.pdf", _accounts.SPANISH_ACCOUNT, _statements_abroad.spanish, 1),
    ):
        yield good(f"statements/{name}", layout(account), "bank_statement", account.record(), pages)
    account = _accounts.FRENCH_ACCOUNT
    drawn = _statements_abroad.french(account)
    data = _machines.office_scanner(drawn, "Scan 0425", 37, degrees=-2.3)
    made = good("statements/credit_solidaire_askew.pdf", data, "bank_statement", account.record())
    yield made._replace(drawn=drawn)


def orders() -> Iterator[Made]:
    """Yield the purchase orders."""
    boatyard, factory = _orders.record(_orders.BOATYARD), _orders.record(_orders.FACTORY)
    yield good("orders/merrin_boatyard.pdf", _orders.boatyard(), "purchase_order", boatyard)
    yield good("orders/leinewerk_bestellung.pdf", _orders.factory(), "purchase_order", factory)


def people() -> Iterator[Made]:
    """Yield what people agree on, say of themselves and prove themselves with."""
    moorings, lifts = _contracts.agreement_record(), _contracts.maintenance_record()
    yield good("contracts/mooring_inspection.pdf", _contracts.agreement(), "contract", moorings, 2)
    yield good("contracts/wartungsvertrag.pdf", _contracts.maintenance(), "contract", lifts)
    yield good("resumes/tamsin_arkwright.pdf", _resumes.english(), "resume", _resumes.english_record())
    yield good("resumes/lebenslauf_seidel.pdf", _resumes.german(), "resume", _resumes.german_record())
    passport, card, licence = _identity.passport_record(), _identity.card_record(), _identity.LICENCE
    yield good("identity/utopia_passport.pdf", _identity.passport(), "id_document", passport)
    drawn = _identity.card()
    copied = _scan.scanned(_scan.pages(drawn, 220)[0], 5, degrees=-0.8)
    made = good("identity/utopia_card_copy.jpg", _scan.jpeg(copied, 70), "id_document", card)
    yield made._replace(drawn=drawn)
    yield good("identity/utopia_driving_licence.pdf", _identity.licence(), "id_document", licence)


def extracts() -> Iterator[Made]:
    """Yield the pages that are read as tables, forms, papers and kinds."""
    yield good("tables/yearbook_page.pdf", _tables.yearbook(), "tables", _tables.record())
    yield good("forms/mooring_permit.pdf", _permit.application(), "form_fields", _permit.record())
    yield good("papers/tide_gauges.pdf", _paper.article(), "paper", _paper.record())
    yield good("letters/second_reminder.pdf", _reminder.letter(), "document_kind", _reminder.record())


def without_record() -> Iterator[Made]:
    """Yield what is blank, broken, locked or no document at all."""
    yield blank("scans/empty_pages.pdf", _broken.empty_pages(), 2)
    yield blank("scans/empty_sheet_scan.pdf", _broken.empty_scan(), 1)
    password = "kiln-1147"  # noqa: S105 - of a sample, and meant to be known
    locked = _english.classic(_invoices.PENSION, (password, "hollis-owner"))
    yield failed("broken/hollis_payroll_password.pdf", locked, "encrypted", password=password)
    cut = _broken.cut_short(_english.chandler(_invoices.MARINE))
    yield failed("broken/harbour_marine_cut_short.pdf", cut, "corrupt")
    yield failed("broken/portal_download.pdf", _broken.LOGIN_PAGE.encode(), "not_a_document")
    yield failed("broken/zero_bytes.pdf", b"", "empty")
    skipped: Record = {"schema": None, "pages": None, "blank_pages": [], "expect": "skipped", "record": None}
    yield Made("broken/note_to_the_office.txt", _broken.NOTE.encode(), skipped)


def everything() -> Iterator[Made]:
    """Yield every document."""
    yield from (*_billing.invoices(), *_billing.billed(), *_billing.scans(), *_billing.more_scans())
    yield from (*receipts(), *more_receipts(), *texts(), *statements())
    yield from (*orders(), *people(), *extracts(), *without_record())


def write(folder: Path, name: str, data: bytes) -> None:
    """Write a file below a folder, making the folders it needs."""
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def main() -> None:
    """Write every document and truth.jsonl into the folder given, or beside this script."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--out", type=Path, default=HERE, help="folder to write to (default: beside this script)"
    )
    parser.add_argument("--drawn", type=Path, help="folder for the PDFs that were scanned and photographed")
    options = parser.parse_args()
    lines = []
    for made in everything():
        write(options.out, made.path, made.data)
        if options.drawn and made.drawn:
            write(options.drawn, f"{made.path}.pdf", made.drawn)
        lines.append(json.dumps({"path": made.path, **made.truth}, ensure_ascii=False) + "\n")
    write(options.out, "truth.jsonl", "".join(lines).encode())
    print(f"{len(lines)} documents and their truth written to {options.out}")


if __name__ == "__main__":
    main()
