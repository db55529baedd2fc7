"""Rules for invoices, each with the smallest page that shows it."""

from collections.abc import Mapping

import pytest

from pipeline.local.rules.reader import read
from pipeline.local.seeing.page import Page
from tests.pipeline.local.sheets import line, listing, nullable, page, record

TEXT, NUMBER = nullable("string"), nullable("number")
DAY = nullable("string", format="date")
SELLER = record(name=TEXT, address=TEXT, tax_id=TEXT)
BUYER = record(name=TEXT, address=TEXT)


def got(schema: dict[str, object], *pages: Page) -> Mapping[str, object]:
    result = read(pages, schema).record
    assert isinstance(result, dict)
    return result


@pytest.mark.parametrize("tail", ["GmbH", "& Co. KG", "(haftungsbeschränkt)"])
def test_a_legal_form_below_a_name_is_its_end(tail: str) -> None:
    sheet = page("Bill to", "Kranz Messtechnik", tail, "Am Ufer 3", "99610 Neustadt")

    assert got(record(buyer=BUYER), sheet) == {
        "buyer": {"name": f"Kranz Messtechnik {tail}", "address": "Am Ufer 3, 99610 Neustadt"}
    }


def test_a_name_that_found_no_room_runs_on_but_a_persons_does_not() -> None:
    wrapped = page("Bill to", "Copperfield", "Electrical LLP", "5 Elm Ct", "Leeds LS1 4AP")
    person = page("Bill to", "Jane Marsh", "Larch LLP", "The Old Granary, 25 Elm Court", "Leeds LS1 4AP")

    assert got(record(buyer=record(name=TEXT)), wrapped) == {"buyer": {"name": "Copperfield Electrical LLP"}}
    assert got(record(buyer=record(name=TEXT)), person) == {"buyer": {"name": "Jane Marsh"}}


def test_attention_is_no_part_of_a_name() -> None:
    sheet = page("Bill to", "ATTN: Larch Joinery Ltd", "5 Elm Court", "Leeds LS1 4AP")

    assert got(record(buyer=BUYER), sheet) == {
        "buyer": {"name": "Larch Joinery Ltd", "address": "5 Elm Court, Leeds LS1 4AP"}
    }


@pytest.mark.parametrize("parting", [" · ", " - ", "- ", ". "])
def test_name_and_address_in_one_line_are_parted_however_ocr_saw_the_dots(parting: str) -> None:
    sheet = page(parting.join(["Nordheim Labor GmbH", "Am Kanal 27", "99980 Nordheim"]), "", "RECHNUNG")

    seller = got(record(seller=record(name=TEXT)), sheet)["seller"]

    assert seller == {"name": "Nordheim Labor GmbH"}


def test_an_address_stands_far_below_the_line_that_shows_in_the_window() -> None:
    small = line("Hosta AG - Uferweg 4 - 63571 Neustadt", 50, 200, height=12)
    window = [
        line(text, 50, 290 + 30 * at) for at, text in enumerate(("Vela Ltd.", "9 Yu Street", "Kowloon"))
    ]
    rest = [line("Rechnung", 50, 500), line("Vielen Dank für den Auftrag", 50, 560)]
    sheet = Page(number=1, width=1060, height=1500, lines=(small, *window, *rest))

    assert got(record(buyer=BUYER), sheet) == {
        "buyer": {"name": "Vela Ltd.", "address": "9 Yu Street, Kowloon"}
    }


def test_an_iban_over_two_lines_is_one() -> None:
    sheet = page("Invoice 77", "to account", "DE89 3704 0044 0532", "0130 00")

    assert got(record(iban=TEXT), sheet) == {"iban": "DE89370400440532013000"}


SUMS = record(
    subtotal=NUMBER,
    tax_total=NUMBER,
    total=NUMBER,
    tax_lines=listing(rate=NUMBER, taxable_amount=NUMBER, tax_amount=NUMBER),
)


def test_sums_below_headings_in_one_row_end_the_table_above() -> None:
    sheet = page(
        "Description       Qty     Price     Amount",
        "Rope              2       50.00     100.00",
        "Net amount        VAT 20%           Total",
        "100.00            20.00             120.00",
    )
    items = listing(description=TEXT, amount=NUMBER)

    assert got(SUMS, sheet) == {
        "subtotal": 100,
        "tax_total": 20,
        "total": 120,
        "tax_lines": [{"rate": 20, "taxable_amount": 100, "tax_amount": 20}],
    }
    assert got(record(items=items), sheet) == {"items": [{"description": "Rope", "amount": 100}]}


def test_a_row_of_totals_holds_net_tax_and_gross_when_they_add_up() -> None:
    sheet = page("Montant HT   Montant TVA   Montant TTC", "", "Total facture   24.99   5.00   29.99")

    found = got(record(subtotal=NUMBER, tax_total=NUMBER, total=NUMBER), sheet)

    assert found == {"subtotal": 24.99, "tax_total": 5, "total": 29.99}


def test_a_number_that_is_the_orders_leaves_the_invoice_its_own() -> None:
    sheet = page("Purchase order: 4500021877", "No.: 87183")

    found = got(record(purchase_order=TEXT, invoice_number=TEXT), sheet)

    assert found == {"purchase_order": "4500021877", "invoice_number": "87183"}


def test_the_number_of_a_house_is_no_reference() -> None:
    sheet = page(
        "Credit note no.      Bill to",
        "                     Zeller Gartenbau AG",
        "Customer no.         Gartenweg 36",
        "K-3879               50667 Köln",
    )

    assert got(record(customer_number=TEXT), sheet) == {"customer_number": "K-3879"}


def test_a_town_is_no_number() -> None:
    assert got(record(customer_number=TEXT), page("Kundennummer:   01067 Dresden")) == {
        "customer_number": None
    }


def test_a_label_is_known_though_ocr_took_a_letter_for_a_digit() -> None:
    sheet = page("Vega S.L. - N.1.F.: B97792745")

    assert got(record(seller=record(tax_id=TEXT)), sheet) == {"seller": {"tax_id": "B97792745"}}


def test_words_before_discount_only_say_which() -> None:
    sheet = page("Loyalty discount   -732.27", "Total   1,000.00")

    assert got(record(discount=NUMBER), sheet) == {"discount": -732.27}


def test_an_address_in_the_corner_is_the_letterheads() -> None:
    corner = ("The Sawmill, Beck Lane", "Ashgrove ZZ52 3LM", "VAT no. GB 417 1846 05")
    lines = [line("Ashgrove Joinery Ltd", 50, 40, height=30)]
    lines += [line(text, 1000 - 10 * len(text), 90 + 24 * at) for at, text in enumerate(corner)]
    lines += [
        line(text, 50, 200 + 30 * at) for at, text in enumerate(("Bill to", "Elm Court", "Leeds LS1 4AP"))
    ]
    sheet = Page(number=1, width=1060, height=1500, lines=tuple(lines))

    assert got(record(seller=SELLER), sheet) == {
        "seller": {
            "name": "Ashgrove Joinery Ltd",
            "address": "The Sawmill, Beck Lane, Ashgrove ZZ52 3LM",
            "tax_id": "GB417184605",
        }
    }


@pytest.mark.parametrize(
    ("row", "terms"),
    [
        ("Terms: 14 days. Cheques to Harrow Ltd.", "14 days"),
        ("Payment: 14 days, by 2 September 2024.", "14 days"),
        ("Zahlungsziel: 14 Tage ohne Abzug", "14 Tage ohne Abzug"),
        ("Payment: Visa", None),
    ],
)
def test_terms_of_payment_end_with_their_clause(row: str, terms: str | None) -> None:
    assert got(record(payment_terms=TEXT), page("Invoice 77", row)) == {"payment_terms": terms}


def test_a_date_after_a_lone_of_is_not_the_invoices() -> None:
    sheet = page("Gutschrift Nr. GS-94", "Zu Rechnung   RE-1127", "vom   12.03.2025")

    assert got(record(invoice_number=TEXT, issue_date=DAY), sheet)["invoice_number"] == "GS-94"
    assert "12.03" not in str(got(record(due_date=DAY), sheet))


def test_the_number_of_the_invoice_that_is_credited_is_another() -> None:
    sheet = page("N° de facture associée : F20260003", "FACTURE N° : F20260023")

    assert got(record(invoice_number=TEXT), sheet) == {"invoice_number": "F20260023"}


def test_a_short_word_belongs_to_the_code_that_has_a_label_of_its_own() -> None:
    sheet = page("Your order   PO 77-2024")

    assert got(record(purchase_order=TEXT), sheet) == {"purchase_order": "PO 77-2024"}


def test_a_period_of_service_ends_with_the_day_of_delivery() -> None:
    sheet = page("Fecha de emisión   31/10/2024", "Servicios prestados   01/10/2024 - 31/10/2024")

    assert got(record(delivery_date=DAY), sheet) == {"delivery_date": "2024-10-31"}


def test_a_label_of_its_own_cell_may_lack_several_letters_on_a_poor_scan() -> None:
    sheet = page("Factuuriunmer   D250164", "Vervaldaam   13-03-2025")

    assert got(record(factuurnummer=TEXT, due_date=DAY), sheet) == {
        "factuurnummer": "D250164",
        "due_date": "2025-03-13",
    }


def test_headings_of_three_lines_do_not_end_their_table() -> None:
    sheet = page(
        "Pos   Menge   Beschreibung       Preis     Betrag",
        "                                 Ohne      Ohne",
        "1     2       Seil               5,00      10,00",
    )
    upper, middle, entry = (sheet.lines[:5], sheet.lines[5:7], sheet.lines[7:])
    closer = [line(one.text, one.box.left, 62) for one in middle]
    lower = [line("MwSt.", middle[0].box.left, 84), *[line(one.text, one.box.left, 130) for one in entry]]
    table = Page(number=1, width=1060, height=1500, lines=(*upper, *closer, *lower))

    assert got(record(items=listing(description=TEXT, amount=NUMBER)), table) == {
        "items": [{"description": "Seil", "amount": 10}]
    }


def test_a_word_in_a_companys_name_is_no_charge() -> None:
    below = ("Industrieweg 5", "1012 AB Amsterdam", "FACTUUR", "Bedankt voor uw opdracht")
    lines = [line("Zuiderpark Transport", 50, 40, height=30)]
    lines += [line(text, 50, 80 + 40 * at) for at, text in enumerate(below)]
    sheet = Page(number=1, width=1060, height=1500, lines=tuple(lines))

    assert got(record(seller=record(name=TEXT), shipping=NUMBER), sheet) == {
        "seller": {"name": "Zuiderpark Transport"},
        "shipping": None,
    }


def test_a_long_number_beside_a_tax_is_no_money() -> None:
    for row in ("TVA   123 456 789", "TVA   018552"):
        assert got(record(tax_total=NUMBER), page(row)) == {"tax_total": None}


LINE = listing(item_code=TEXT, description=TEXT, quantity=NUMBER, unit=TEXT, unit_price=NUMBER, amount=NUMBER)
ONE_LINE = {"item_code": None, "description": None, "quantity": None, "unit": None, "unit_price": None}


def lines_of(*rows: str) -> list[Mapping[str, object]]:
    found = got(record(lines=LINE), page(*rows))["lines"]
    assert isinstance(found, list)
    return found


def test_the_column_that_makes_the_amounts_is_the_factor_that_is_missing() -> None:
    found = lines_of(
        "Description       Qry       Rate       Amount",
        "Rope              3         2.50       7.50",
        "Mast              2         40.00      80.00",
    )

    assert [(one["quantity"], one["unit_price"]) for one in found] == [(3, 2.5), (2, 40)]


def test_codes_left_of_the_description_are_item_codes_whatever_their_heading() -> None:
    found = lines_of(
        "Zulu          Description       Qty       Amount",
        "RP12N         Rope              3         7.50",
        "AB-77         Mast              2         80.00",
    )

    assert [one["item_code"] for one in found] == ["RP12N", "AB-77"]


def test_a_column_that_counts_its_entries_holds_no_codes() -> None:
    found = lines_of(
        "Item     Article      Description       Qty       Amount",
        "1        DY-4557      Rope              3         7.50",
        "2        86410        Mast              2         80.00",
    )

    assert [one["item_code"] for one in found] == ["DY-4557", "86410"]


def test_a_heading_with_a_stroke_is_one_heading() -> None:
    found = lines_of(
        "Artikel       Menge     Einh.     Preis/Einh.     Gesamtpreis",
        "Seil          3         m         2,50            7,50",
    )

    assert [(one["unit"], one["unit_price"], one["amount"]) for one in found] == [("m", 2.5, 7.5)]


def test_a_code_broken_at_its_dash_is_put_together() -> None:
    found = lines_of(
        "Code      Description       Qty       Amount",
        "KT-       Rope, tarred      3         7.50",
        "6847      and waxed",
    )

    assert [(one["item_code"], one["description"]) for one in found] == [
        ("KT-6847", "Rope, tarred and waxed")
    ]


def test_quantity_and_price_may_stand_below_what_was_bought() -> None:
    found = lines_of("Lighting concept       2090.00", "22 hours at 95.00", "Subtotal       2090.00")

    assert found == [
        ONE_LINE
        | {
            "description": "Lighting concept",
            "quantity": 22,
            "unit": "hours",
            "unit_price": 95,
            "amount": 2090,
        }
    ]


def test_a_stroke_before_an_amount_is_the_spanish_for_on() -> None:
    sheet = page("Base imponible   1.748,70 €", "IVA 21 % s/1.748,70 €   367,23 €", "Total   2.115,93 €")

    assert got(SUMS, sheet)["tax_lines"] == [{"rate": 21, "taxable_amount": 1748.7, "tax_amount": 367.23}]


LETTER = page(
    "Merrin Harbour Trust Ltd                         23 September 2024",
    "Town Hall, Guildhall Square, Port Merrin ZZ9 1AA",
    "",
    "Dear resident,",
    "thank you for your letter about the trees in Quay Parade.",
)


def test_a_letter_asked_for_an_invoice_gives_nothing() -> None:
    schema = record(
        invoice_number=TEXT, issue_date=DAY, seller=SELLER, buyer=BUYER, currency=TEXT, total=NUMBER
    )

    assert not any(
        value
        for value in got(schema, LETTER).values()
        if value and (not isinstance(value, dict) or any(value.values()))
    )


def test_a_letter_asked_for_its_sender_gives_it() -> None:
    found = got(record(sender=record(name=TEXT), issue_date=DAY), LETTER)

    assert found == {"sender": {"name": "Merrin Harbour Trust Ltd"}, "issue_date": "2024-09-23"}


def test_a_telephone_number_in_the_buyers_block_is_no_tax_number() -> None:
    sheet = page("Bill to", "Larch Joinery", "5 Elm Court", "Leeds LS1 4AP", "Phone: 8756390642")

    assert got(record(buyer=record(name=TEXT, tax_id=TEXT)), sheet) == {
        "buyer": {"name": "Larch Joinery", "tax_id": None}
    }


@pytest.mark.parametrize(
    ("printed", "address"),
    [
        (("Am Kanal 27 99980 Nordheim",), "Am Kanal 27, 99980 Nordheim"),
        (("Mill Lane. Wexcombe ZZ1 4QT",), "Mill Lane, Wexcombe ZZ1 4QT"),
        (("5 Yu Street,", "Yuen Long, N.T.", "Kowloon."), "5 Yu Street, Yuen Long, N.T., Kowloon"),
    ],
)
def test_an_addresss_parts_stand_between_commas(printed: tuple[str, ...], address: str) -> None:
    sheet = page("Bill to", "Vela Joinery", *printed)

    assert got(record(buyer=record(address=TEXT)), sheet) == {"buyer": {"address": address}}


def test_the_rest_of_the_line_above_a_window_is_not_the_addressee() -> None:
    small = ("Hosta AG - Uferweg 4 - 63571", "Neustadt \u2022 Deutschland")
    window = ("Vela KG", "Am Ufer 3", "99610 Altdorf")
    lines = [line(text, 50, 200 + 14 * at, height=12) for at, text in enumerate(small)]
    lines += [line(text, 50, 250 + 30 * at) for at, text in enumerate(window)]
    lines += [line("Rechnung", 50, 500), line("Vielen Dank", 50, 560)]
    sheet = Page(number=1, width=1060, height=1500, lines=tuple(lines))

    found = got(record(buyer=BUYER), sheet)["buyer"]

    assert found == {"name": "Vela KG", "address": "Am Ufer 3, 99610 Altdorf"}


def test_a_number_that_a_further_word_gives_to_another_paper_is_not_the_invoices() -> None:
    sheet = page("N° BON DE RECEPTION : RECEIV-02", "FACTURE N° : F-23")

    assert got(record(invoice_number=TEXT), sheet) == {"invoice_number": "F-23"}


def test_labels_over_two_lines_in_a_row_of_boxes_are_whole() -> None:
    upper = ("Invoice", "Invoice", "Payment due", "Customer")
    lower = ("No.", "Date", "by", "ID")
    values = ("C89.542", "2024-04-07", "2024-05-22", "C762")
    lines = [
        line(text, 50 + 240 * place, top)
        for top, row in ((100, upper), (124, lower), (160, values))
        for place, text in enumerate(row)
    ]
    sheet = Page(number=1, width=1060, height=1500, lines=tuple(lines))

    assert got(record(invoice_number=TEXT, issue_date=DAY, due_date=DAY, customer_number=TEXT), sheet) == {
        "invoice_number": "C89.542",
        "issue_date": "2024-04-07",
        "due_date": "2024-05-22",
        "customer_number": "C762",
    }
