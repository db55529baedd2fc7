"""Make the sample documents and their truth anew: python sample_docs/make.py [--out DIR]."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from reportlab.lib.pagesizes import A4

import _continental
import _english
import _form
import _invoices
import _receipts
import _scan
import _truth
from _truth import Record

HERE = Path(__file__).parent

# Path, bytes, and what truth.jsonl says of it.
Made = tuple[str, bytes, Record]


def good(path: str, data: bytes, schema: str, pages: int, record: Record) -> Made:
    """Return a document that gives a record."""
    return path, data, {"schema": schema, "pages": pages, "expect": "record", "record": record}


def invoices() -> Iterator[Made]:
    """Yield the invoices that were made on a computer."""
    drawn = {
        "thornbury_paper.pdf": (_invoices.PAPER, _english.classic, 1),
        "mueller_werkzeugbau.pdf": (_invoices.TOOLS, _mueller, 1),
        "atelier_beaumont.pdf": (_invoices.CATERING, _continental.french, 1),
        "studio_lumen.pdf": (_invoices.STUDIO, _continental.studio, 1),
        "harbour_marine_two_pages.pdf": (_invoices.MARINE, _english.chandler, 2),
        "prairie_supply_us.pdf": (_invoices.PRAIRIE, _english.american, 1),
        "ribera_del_alba_landscape.pdf": (_invoices.FREIGHT, _continental.freight, 1),
        "bergquell_chf.PDF": (_invoices.BREWERY, _continental.brewery, 1),
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
    copy = _english.classic(_invoices.PAPER)
    yield good("archive/2024/paper invoice (copy).pdf", copy, "invoice", 1, _truth.invoice(_invoices.PAPER))


def _mueller(invoice: _invoices.Invoice) -> bytes:
    return _continental.german(invoice, "Präzision seit 1961", "Jana Müller")


def scans() -> Iterator[Made]:
    """Yield what came through a scanner and a fax machine."""
    builder = _invoices.SCAFFOLD
    page = _scan.scanned(_scan.pages(_english.typewriter(builder), 150)[0], 3, degrees=1.1)
    data = _scan.image_pdf([_scan.jpeg(page, 60, dpi=150)], A4, "Scan 0417")
    yield good("scans/kestrel_scaffolding_scan.pdf", data, "invoice", 1, _truth.invoice(builder))
    water = _invoices.LABORATORY
    samples = [
        (f"24-0113-{number:02d}", f"{place}, Leinefurt", "11.01.2024", "ohne Beanstandung")
        for number, place in enumerate(
            ("Hochbehälter", "Pumpwerk 2", "Schule am Wall", "Rathaus", "Klinik West"), 1
        )
    ]
    pages = _scan.pages(_continental.german(water, "Akkreditiertes Prüflabor", "Dr. H. Voss", samples), 200)
    fax = _scan.tiff([_scan.faxed(page, seed) for seed, page in enumerate(pages)])
    yield good("scans/analytik_nordheim_fax.tif", fax, "invoice", 2, _truth.invoice(water))


def receipts() -> Iterator[Made]:
    """Yield a photo, a till roll and a ticket from an app."""
    bill, record = _receipts.cafe()
    corners = ((330.0, 150.0), (1180.0, 96.0), (1280.0, 1900.0), (210.0, 1850.0))
    photo = _scan.photographed(_scan.pages(bill, 220)[0], (1512, 2016), corners, 7)
    yield good("receipts/copper_kettle_photo.jpg", photo, "receipt", 1, record)
    roll, record = _receipts.supermarket()
    till = _scan.png(_scan.thermal(_scan.pages(roll, 203)[0]))
    yield good("receipts/lindner_markt_thermal.png", till, "receipt", 1, record)
    ticket, record = _receipts.parking()
    yield good("receipts/quayside_parking_app.png", _scan.png(ticket), "receipt", 1, record)


def main() -> None:
    """Write every document and truth.jsonl into the folder given, or beside this script."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--out", type=Path, default=HERE, help="folder to write to (default: beside this script)"
    )
    out = parser.parse_args().out
    lines = []
    for path, data, truth in (*invoices(), *scans(), *receipts()):
        target = out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        lines.append(json.dumps({"path": path, **truth}, ensure_ascii=False))
    (out / "truth.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} documents in {out}")


if __name__ == "__main__":
    main()
