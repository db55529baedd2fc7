"""Every invoice and credit note that gives a record: as it was made, and as machines delivered it."""

from collections.abc import Iterator

import _american
import _continental
import _credit_notes
import _currencies
import _english
import _form
import _german
import _invoices
import _invoices_abroad
import _machines
import _paperwork
import _templates
import _truth
import _wholesale
from _figures import Invoice
from _made import Made, good


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
    made.truth["blank_pages"] = [2]
    yield made
    record = _truth.invoice(council, subtotal=None, tax_total=None)
    yield good("invoices/council_form_filled.pdf", _form.claim_form(council), "invoice", record)
    path = "archive/2024/paper invoice (copy).pdf"
    made = good(path, _english.classic(paper), "invoice", _truth.invoice(paper))
    made.truth["same_as"] = "invoices/thornbury_paper.pdf"
    yield made


def _tool_maker(invoice: Invoice) -> bytes:
    return _german.german(invoice, "Präzision seit 1961", "Jana Müller")


def _protected(invoice: Invoice) -> bytes:
    return _english.classic(invoice, ("", "orchard-owner"))


def billed() -> Iterator[Made]:
    """Yield invoices and credit notes that invoicing programs made."""
    notes, mixed, paper = _credit_notes, _currencies, _paperwork
    for path, invoice, look, template in (
        ("invoices/wierdemeer_nl.pdf", paper.HEATING, paper.HEATING_LOOK, _templates.band),
        ("invoices/valdoria_es.pdf", paper.LOCKS, paper.LOCKS_LOOK, _templates.boxed),
        ("invoices/horlogerie_chf_eur.pdf", mixed.WATCHES, mixed.WATCHES_LOOK, _templates.letter),
        ("invoices/noordergat_usd_eur.pdf", mixed.SURVEY, mixed.SURVEY_LOOK, _templates.band),
        ("credit_notes/trois_sources_minus.pdf", notes.GLASS, notes.GLASS_LOOK, _templates.boxed),
        ("credit_notes/brackenfield_brackets.pdf", notes.FABRICS, notes.FABRICS_LOOK, _templates.boxed),
        ("credit_notes/heidental_no_sign.pdf", notes.SEEDS, notes.SEEDS_LOOK, _templates.letter),
    ):
        yield good(path, template(invoice, look), "invoice", _truth.invoice(invoice))
    electrics = _wholesale.ELECTRICS
    data = _templates.ledger(electrics, _wholesale.ELECTRICS_LOOK, 28, 36)
    yield good("invoices/lichtenau_three_pages.pdf", data, "invoice", _truth.invoice(electrics), 3)


def scans() -> Iterator[Made]:
    """Yield what came through a scanner and a fax machine."""
    builder, water = _invoices.SCAFFOLD, _invoices_abroad.LABORATORY
    drawn = _english.typewriter(builder)
    data = _machines.office_scanner(drawn, "Scan 0417", 3, degrees=1.1)
    record = _truth.invoice(builder)
    yield good("scans/kestrel_scaffolding_scan.pdf", data, "invoice", record)._replace(drawn=drawn)
    places = ("Hochbehälter", "Pumpwerk 2", "Schule am Wall", "Rathaus", "Klinik West")
    samples = [
        (f"24-0113-{number:02d}", f"{place}, Leinefurt", "11.01.2024", "ohne Beanstandung")
        for number, place in enumerate(places, 1)
    ]
    drawn = _german.german(water, "Akkreditiertes Prüflabor", "Dr. H. Voss", samples)
    made = good("scans/analytik_nordheim_fax.tif", _machines.fax(drawn), "invoice", _truth.invoice(water), 2)
    yield made._replace(drawn=drawn)


def more_scans() -> Iterator[Made]:
    """Yield invoices as scanners, a fax machine and a phone delivered them, from very good to bad."""
    paper, machines = _paperwork, _machines
    corners = ((188.0, 120.0), (1420.0, 172.0), (1496.0, 1988.0), (96.0, 2010.0))

    def scan(name: str, invoice: Invoice, drawn: bytes, data: bytes) -> Made:
        return good(f"scans/{name}", data, "invoice", _truth.invoice(invoice))._replace(drawn=drawn)

    drawn = _templates.band(paper.JOINERY, paper.JOINERY_LOOK)
    yield scan("ashgrove_300_dpi.pdf", paper.JOINERY, drawn, machines.good_scanner(drawn, "Scan 0421"))
    drawn = _templates.boxed(paper.PRINTER, paper.PRINTER_LOOK)
    noisy = machines.office_scanner(drawn, "Scan 0422", 5, degrees=0.5, noise=24)
    yield scan("gulden_letter_noisy.pdf", paper.PRINTER, drawn, noisy)
    drawn = _templates.boxed(paper.BAKERY, paper.BAKERY_LOOK)
    turned = machines.turned_scanner(drawn, "Scan 0423", 13, machines.UPSIDE_DOWN)
    yield scan("marechal_upside_down.pdf", paper.BAKERY, drawn, turned)
    drawn = _templates.letter(paper.GARDENER, paper.GARDENER_LOOK)
    turned = machines.turned_scanner(drawn, "Scan 0424", 17, machines.QUARTER_LEFT)
    yield scan("rautenberg_sideways.pdf", paper.GARDENER, drawn, turned)
    drawn = _templates.band(paper.OLIVES, paper.OLIVES_LOOK)
    yield scan("sierra_blanca_fax.tif", paper.OLIVES, drawn, machines.fax(drawn, 19))
    drawn = _templates.letter(paper.HOTEL, paper.HOTEL_LOOK)
    photo = machines.phone(drawn, (1600, 2128), corners, 23)
    yield scan("hotel_mirador_photo.jpg", paper.HOTEL, drawn, photo)
