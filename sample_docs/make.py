"""Make the sample documents and their truth anew: python sample_docs/make.py [--out DIR]."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import _american
import _broken
import _continental
import _contracts
import _english
import _form
import _german
import _identity
import _invoices
import _invoices_abroad
import _orders
import _prose
import _receipts
import _resumes
import _scan
import _statement
import _truth
from _figures import Invoice
from _truth import Record
from reportlab.lib.pagesizes import A4

HERE = Path(__file__).parent

# Path, bytes, and what truth.jsonl says of it.
Made = tuple[str, bytes, Record]


def good(path: str, data: bytes, schema: str, record: Record, pages: int = 1) -> Made:
    """Return a document that gives a record."""
    truth: Record = {
        "schema": schema,
        "pages": pages,
        "blank_pages": [],
        "expect": "record",
        "record": record,
    }
    return path, data, truth


def blank(path: str, data: bytes, pages: int) -> Made:
    """Return a document with nothing on it."""
    numbers = list(range(1, pages + 1))
    truth: Record = {
        "schema": "page_text",
        "pages": pages,
        "blank_pages": numbers,
        "expect": "blank",
        "record": None,
    }
    return path, data, truth


def failed(path: str, data: bytes, category: str, **more: str) -> Made:
    """Return an invoice that cannot be opened."""
    truth: Record = {
        "schema": "invoice",
        "pages": None,
        "blank_pages": [],
        "expect": "failed",
        "category": category,
    }
    return path, data, truth | more | {"record": None}


def invoices() -> Iterator[Made]:
    """Yield the invoices that were made on a computer."""
    drawn = {
        "thornbury_paper.pdf": (_invoices.PAPER, _english.classic, 1),
        "mueller_werkzeugbau.pdf": (_invoices_abroad.TOOLS, _tool_maker, 1),
        "atelier_beaumont.pdf": (_invoices_abroad.CATERING, _continental.french, 1),
        "studio_lumen.pdf": (_invoices_abroad.STUDIO, _continental.studio, 1),
        "harbour_marine_two_pages.pdf": (_invoices.MARINE, _english.chandler, 2),
        "prairie_supply_us.pdf": (_invoices.PRAIRIE, _american.american, 1),
        "ribera_del_alba_landscape.pdf": (_invoices_abroad.FREIGHT, _continental.freight, 1),
        "bergquell_chf.PDF": (_invoices_abroad.BREWERY, _german.brewery, 1),
        "orchard_archives_no_editing.pdf": (_invoices.ARCHIVE, _protected, 1),
    }
    for name, (invoice, layout, pages) in drawn.items():
        yield good(f"invoices/{name}", layout(invoice), "invoice", _truth.invoice(invoice), pages)
    gardens, council, paper = _invoices.GARDENS, _invoices.COUNCIL, _invoices.PAPER
    path = "invoices/verdant_gardens_blank_back.pdf"
    made = good(path, _english.gardens(gardens), "invoice", _truth.invoice(gardens), 3)
    made[2]["blank_pages"] = [2]
    yield made
    record = _truth.invoice(council, subtotal=None, tax_total=None)
    yield good("invoices/council_form_filled.pdf", _form.claim_form(council), "invoice", record)
    path = "archive/2024/paper invoice (copy).pdf"
    made = good(path, _english.classic(paper), "invoice", _truth.invoice(paper))
    made[2]["same_as"] = "invoices/thornbury_paper.pdf"
    yield made


def _tool_maker(invoice: Invoice) -> bytes:
    return _german.german(invoice, "Präzision seit 1961", "Jana Müller")


def _protected(invoice: Invoice) -> bytes:
    return _english.classic(invoice, ("", "orchard-owner"))


def scans() -> Iterator[Made]:
    """Yield what came through a scanner and a fax machine."""
    builder, water = _invoices.SCAFFOLD, _invoices_abroad.LABORATORY
    page = _scan.scanned(_scan.pages(_english.typewriter(builder), 150)[0], 3, degrees=1.1)
    data = _scan.image_pdf([_scan.jpeg(page, 60, dpi=150)], A4, "Scan 0417")
    yield good("scans/kestrel_scaffolding_scan.pdf", data, "invoice", _truth.invoice(builder))
    places = ("Hochbehälter", "Pumpwerk 2", "Schule am Wall", "Rathaus", "Klinik West")
    samples = [
        (f"24-0113-{number:02d}", f"{place}, Leinefurt", "11.01.2024", "ohne Beanstandung")
        for number, place in enumerate(places, 1)
    ]
    drawn = _german.german(water, "Akkreditiertes Prüflabor", "Dr. H. Voss", samples)
    fax = _scan.tiff([_scan.faxed(page, seed) for seed, page in enumerate(_scan.pages(drawn, 200))])
    yield good("scans/analytik_nordheim_fax.tif", fax, "invoice", _truth.invoice(water), 2)


def receipts() -> Iterator[Made]:
    """Yield a photo, a till roll and a ticket from an app."""
    corners = ((330.0, 150.0), (1180.0, 96.0), (1280.0, 1900.0), (210.0, 1850.0))
    photo = _scan.photographed(_scan.pages(_receipts.cafe(), 220)[0], (1512, 2016), corners, 7)
    yield good("receipts/copper_kettle_photo.jpg", photo, "receipt", _receipts.cafe_record())
    till = _scan.png(_scan.thermal(_scan.pages(_receipts.supermarket(), 203)[0]))
    yield good("receipts/lindner_markt_thermal.png", till, "receipt", _receipts.supermarket_record())
    ticket = _scan.png(_receipts.parking())
    yield good("receipts/quayside_parking_app.png", ticket, "receipt", _receipts.parking_record())


def texts() -> Iterator[Made]:
    """Yield the bank statement and the pages of running text."""
    month = _statement.statement()
    yield good("statements/northgate_march.pdf", month, "bank_statement", _statement.record(), 3)
    yield good("texts/tide_tables_two_columns.pdf", _prose.article(), "page_text", _prose.article_record())
    yield good("texts/council_letter.pdf", _prose.letter(), "page_text", _prose.letter_record())


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
    copied = _scan.scanned(_scan.pages(_identity.card(), 220)[0], 5, degrees=-0.8)
    yield good("identity/utopia_card_copy.jpg", _scan.jpeg(copied, 70), "id_document", card)
    yield good("identity/utopia_driving_licence.pdf", _identity.licence(), "id_document", licence)


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
    yield "broken/note_to_the_office.txt", _broken.NOTE.encode(), skipped


def main() -> None:
    """Write every document and truth.jsonl into the folder given, or beside this script."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--out", type=Path, default=HERE, help="folder to write to (default: beside this script)"
    )
    out: Path = parser.parse_args().out
    lines = []
    for path, data, truth in (
        *invoices(),
        *scans(),
        *receipts(),
        *texts(),
        *orders(),
        *people(),
        *without_record(),
    ):
        target = out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        lines.append(json.dumps({"path": path, **truth}, ensure_ascii=False) + "\n")
    (out / "truth.jsonl").write_bytes("".join(lines).encode())
    print(f"{len(lines)} documents and their truth written to {out}")


if __name__ == "__main__":
    main()
