"""Make the sample documents and their truth anew: python sample_docs/make.py [--out DIR]."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import _american
import _broken
import _continental
import _english
import _form
import _german
import _invoices
import _invoices_abroad
import _prose
import _receipts
import _scan
import _statement
import _truth
from _figures import Invoice
from _truth import Record
from reportlab.lib.pagesizes import A4

HERE = Path(__file__).parent

# Path, bytes, and what truth.jsonl says of it.
Made = tuple[str, bytes, Record]


def good(path: str, data: bytes, schema: str, pages: int, record: Record) -> Made:
    """Return a document that gives a record."""
    return path, data, {"schema": schema, "pages": pages, "expect": "record", "record": record}


def failed(category: str) -> Record:
    """Return the truth of an invoice that cannot be opened."""
    return {"schema": "invoice", "pages": None, "expect": "failed", "category": category, "record": None}


def invoices() -> Iterator[Made]:
    """Yield the invoices that were made on a computer."""
    drawn = {
        "thornbury_paper.pdf": (_invoices.PAPER, _english.classic, 1),
        "mueller_werkzeugbau.pdf": (_invoices_abroad.TOOLS, _mueller, 1),
        "atelier_beaumont.pdf": (_invoices_abroad.CATERING, _continental.french, 1),
        "studio_lumen.pdf": (_invoices_abroad.STUDIO, _continental.studio, 1),
        "harbour_marine_two_pages.pdf": (_invoices.MARINE, _english.chandler, 2),
        "prairie_supply_us.pdf": (_invoices.PRAIRIE, _american.american, 1),
        "ribera_del_alba_landscape.pdf": (_invoices_abroad.FREIGHT, _continental.freight, 1),
        "bergquell_chf.PDF": (_invoices_abroad.BREWERY, _german.brewery, 1),
        "verdant_gardens_blank_back.pdf": (_invoices.GARDENS, _english.gardens, 3),
    }
    for name, (invoice, layout, pages) in drawn.items():
        yield good(f"invoices/{name}", layout(invoice), "invoice", pages, _truth.invoice(invoice))
    council = _invoices.COUNCIL
    record = _truth.invoice(council, subtotal=None, tax_total=None)
    yield good("invoices/council_form_filled.pdf", _form.claim_form(council), "invoice", 1, record)
    archive = _invoices.ARCHIVE
    protected = _english.classic(archive, ("", "orchard-owner"))
    yield good("invoices/orchard_archives_no_editing.pdf", protected, "invoice", 1, _truth.invoice(archive))
    paper = _invoices.PAPER
    path, data, truth = good(
        "archive/2024/paper invoice (copy).pdf", _english.classic(paper), "invoice", 1, _truth.invoice(paper)
    )
    yield path, data, truth | {"same_as": "invoices/thornbury_paper.pdf"}


def _mueller(invoice: Invoice) -> bytes:
    return _german.german(invoice, "Präzision seit 1961", "Jana Müller")


def scans() -> Iterator[Made]:
    """Yield what came through a scanner and a fax machine."""
    builder = _invoices.SCAFFOLD
    page = _scan.scanned(_scan.pages(_english.typewriter(builder), 150)[0], 3, degrees=1.1)
    data = _scan.image_pdf([_scan.jpeg(page, 60, dpi=150)], A4, "Scan 0417")
    yield good("scans/kestrel_scaffolding_scan.pdf", data, "invoice", 1, _truth.invoice(builder))
    water = _invoices_abroad.LABORATORY
    samples = [
        (f"24-0113-{number:02d}", f"{place}, Leinefurt", "11.01.2024", "ohne Beanstandung")
        for number, place in enumerate(
            ("Hochbehälter", "Pumpwerk 2", "Schule am Wall", "Rathaus", "Klinik West"), 1
        )
    ]
    pages = _scan.pages(_german.german(water, "Akkreditiertes Prüflabor", "Dr. H. Voss", samples), 200)
    fax = _scan.tiff([_scan.faxed(page, seed) for seed, page in enumerate(pages)])
    yield good("scans/analytik_nordheim_fax.tif", fax, "invoice", 2, _truth.invoice(water))


def receipts() -> Iterator[Made]:
    """Yield a photo, a till roll and a ticket from an app."""
    corners = ((330.0, 150.0), (1180.0, 96.0), (1280.0, 1900.0), (210.0, 1850.0))
    photo = _scan.photographed(_scan.pages(_receipts.cafe(), 220)[0], (1512, 2016), corners, 7)
    yield good("receipts/copper_kettle_photo.jpg", photo, "receipt", 1, _receipts.cafe_record())
    till = _scan.png(_scan.thermal(_scan.pages(_receipts.supermarket(), 203)[0]))
    yield good("receipts/lindner_markt_thermal.png", till, "receipt", 1, _receipts.supermarket_record())
    ticket = _scan.png(_receipts.parking())
    yield good("receipts/quayside_parking_app.png", ticket, "receipt", 1, _receipts.parking_record())


def texts() -> Iterator[Made]:
    """Yield the bank statement and the pages of running text."""
    month = _statement.statement()
    yield good("statements/northgate_march.pdf", month, "bank_statement", 3, _statement.record())
    yield good("texts/tide_tables_two_columns.pdf", _prose.article(), "page_text", 1, _prose.article_record())
    yield good("texts/council_letter.pdf", _prose.letter(), "page_text", 1, _prose.letter_record())


def without_record() -> Iterator[Made]:
    """Yield what is blank, broken, locked or no document at all."""
    blank = {"schema": "page_text", "expect": "blank", "record": None}
    yield "scans/empty_pages.pdf", _broken.empty_pages(), {"pages": 2, **blank}
    yield "scans/empty_sheet_scan.pdf", _broken.empty_scan(), {"pages": 1, **blank}
    password = "kiln-1147"  # noqa: S105 - of a sample, and meant to be known
    locked = _english.classic(_invoices.PENSION, (password, "hollis-owner"))
    yield "broken/hollis_payroll_password.pdf", locked, failed("encrypted") | {"password": password}
    cut = _broken.cut_short(_english.chandler(_invoices.MARINE))
    yield "broken/harbour_marine_cut_short.pdf", cut, failed("corrupt")
    yield "broken/portal_download.pdf", _broken.LOGIN_PAGE.encode(), failed("not_a_document")
    yield "broken/zero_bytes.pdf", b"", failed("empty")
    note = {"schema": None, "pages": None, "expect": "skipped", "record": None}
    yield "broken/note_to_the_office.txt", _broken.NOTE.encode(), note


def main() -> None:
    """Write every document and truth.jsonl into the folder given, or beside this script."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--out", type=Path, default=HERE, help="folder to write to (default: beside this script)"
    )
    out = parser.parse_args().out
    lines = []
    for path, data, truth in (*invoices(), *scans(), *receipts(), *texts(), *without_record()):
        target = out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        lines.append(json.dumps({"path": path, **truth}, ensure_ascii=False))
    (out / "truth.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} documents in {out}")


if __name__ == "__main__":
    main()
