"""Receipts and statements: what their rows mean by where they stand."""

from collections.abc import Mapping

import pytest

from pipeline.local.rules.reader import read
from pipeline.local.seeing.page import Page
from pipeline.local.seeing.spelling import put_right
from tests.pipeline.local.sheets import line, listing, nullable, page, record

TEXT, NUMBER = nullable("string"), nullable("number")
DAY = nullable("string", format="date")
ITEMS = listing(description=TEXT, quantity=NUMBER, tax_rate=NUMBER, amount=NUMBER)


def got(schema: dict[str, object], *pages: Page) -> Mapping[str, object]:
    result = read(pages, schema).record
    assert isinstance(result, dict)
    return result


def amounts(schema: dict[str, object], *rows: str) -> list[float | None]:
    bookings = got(schema, page(*rows))["transactions"]
    assert isinstance(bookings, list)
    return [booking["amount"] for booking in bookings]


def test_a_reduction_among_the_goods_is_one_of_them_and_one_below_the_subtotal_is_not() -> None:
    schema = record(items=ITEMS, discount=NUMBER, total=NUMBER)
    goods = ("Oat milk               2.00", "Discount              -0.50")
    sums = ("Subtotal               2.00", "Discount              -0.50", "TOTAL                  1.50")

    among = got(schema, page(*goods, "TOTAL                  1.50"))
    below = got(schema, page(goods[0], *sums))

    assert [item["amount"] for item in among["items"]] == [2, -0.5]  # type: ignore[attr-defined] # a list of records
    assert among["discount"] is None
    assert [item["amount"] for item in below["items"]] == [2]  # type: ignore[attr-defined] # likewise
    assert below["discount"] == -0.5


def test_the_letter_behind_a_price_is_the_rate_that_the_summary_explains() -> None:
    rows = (
        "Milch        1,19 B",
        "Seife        1,95 A",
        "SUMME   3,14",
        "A= 19,0%   1,64   0,31",
        "B= 7,0%   1,11   0,08",
    )

    items = got(record(items=ITEMS), page(*rows))["items"]

    assert [item["tax_rate"] for item in items] == [7, 19]  # type: ignore[attr-defined] # a list of records


def test_a_number_in_the_name_of_an_article_is_no_quantity() -> None:
    items = got(record(items=ITEMS), page("2X4X8 STUD SPF          47.76", "TOTAL          47.76"))["items"]

    assert items == [{"description": "2X4X8 STUD SPF", "quantity": None, "tax_rate": None, "amount": 47.76}]


def test_the_merchant_is_not_named_among_the_goods() -> None:
    rows = ("Roggenbrot           2,49", "Bananen              2,30", "SUMME                4,79")

    assert got(record(merchant=record(name=TEXT)), page(*rows))["merchant"] in (None, {"name": None})


def test_letters_of_an_address_that_ocr_takes_for_noughts_are_put_right() -> None:
    goods = [f"Flat white {number}          3.{number}0" for number in range(9)]
    rows = ("THE BEAN HOUSE", "7 Castle Square", "York Y01 9RT", "Te1. 01632 471496", "", *goods)

    found = got(record(merchant=record(name=TEXT, address=TEXT)), page(*rows))

    assert found == {"merchant": {"name": "THE BEAN HOUSE", "address": "7 Castle Square, York YO1 9RT"}}


def test_a_number_without_cents_below_a_label_is_no_amount() -> None:
    rows = ("Total   12.50", "Paid", "118")

    assert got(record(total=NUMBER, amount_paid=NUMBER), page(*rows)) == {"total": 12.5, "amount_paid": None}


def test_words_that_a_till_prints_with_wide_blanks_are_one_text() -> None:
    head = [line("Harbour", 50, 40), line("View", 132, 40), line("Stores", 184, 40)]
    rest = [line(f"Oat biscuits no. {number}", 50, 80 + 30 * number) for number in range(9)]

    found = got(
        record(merchant=record(name=TEXT)), Page(number=1, width=400, height=900, lines=(*head, *rest))
    )

    assert found == {"merchant": {"name": "Harbour View Stores"}}


BOOKINGS = record(transactions=listing(date=DAY, description=TEXT, counterparty=TEXT, amount=NUMBER))


@pytest.mark.parametrize(
    ("out", "into"), [("Af", "Bij"), ("S", "H"), ("Debit", "Credit"), ("Cargo", "Abono")]
)
def test_a_word_in_the_row_says_whether_money_came_or_went(out: str, into: str) -> None:
    rows = (
        "Datum         Omschrijving     Af/Bij       Bedrag",
        f"02-06-2025    Huur juni        {out:<10}   875,00",
        f"03-06-2025    Salaris          {into:<10}   900,00",
    )

    assert amounts(BOOKINGS, *rows) == [-875, 900]


def test_a_small_letter_behind_an_amount_is_the_mark_of_a_debit() -> None:
    rows = (
        "Buchung       Vorgang          Betrag EUR",
        "02.05.2025    Miete            1.150,00 s",
        "03.05.2025    Gutschrift       20,00 H",
    )

    assert amounts(BOOKINGS, *rows) == [-1150, 20]


def test_the_other_party_has_a_column_of_its_own() -> None:
    rows = (
        "Datum         Naam tegenpartij     Omschrijving     Bedrag",
        "02-06-2025    De Plas              Huur juni        -875,00",
    )

    assert got(BOOKINGS, page(*rows))["transactions"] == [
        {"date": "2025-06-02", "description": "Huur juni", "counterparty": "De Plas", "amount": -875}
    ]


SUMS = record(opening_balance=NUMBER, closing_balance=NUMBER, total_in=NUMBER, total_out=NUMBER)


def test_balances_in_boxes_side_by_side_head_no_table() -> None:
    rows = (
        "Vorig saldo     Totaal bij      Totaal af      Nieuw saldo",
        "€ 100,00        € 30,00         € 10,00        € 120,00",
    )

    assert got(SUMS, page(*rows)) == {
        "opening_balance": 100, "closing_balance": 120, "total_in": 30, "total_out": 10,
    }  # fmt: skip


def test_the_same_words_mean_the_opening_balance_first_and_the_closing_one_last() -> None:
    rows = (
        "SOLDE CRÉDITEUR AU 31/03/2025            100,00 €",
        "Date          Opération           Débit        Crédit",
        "01/04/2025    Loyer               10,00",
        "20/04/2025    Salaire                          30,00",
        "TOTAL DES MOUVEMENTS              10,00        30,00",
        "SOLDE CRÉDITEUR AU 30/04/2025            120,00 €",
    )

    assert got(SUMS, page(*rows)) == {
        "opening_balance": 100, "closing_balance": 120, "total_in": 30, "total_out": 10,
    }  # fmt: skip


def test_the_day_of_a_balance_begins_no_period() -> None:
    rows = ("Zeitraum   01.05.2025 - 31.05.2025", "Alter Kontostand vom 30.04.2025   6.482,17 H")

    found = got(record(period_start=DAY, opening_balance=NUMBER), page(*rows))

    assert found == {"period_start": "2025-05-01", "opening_balance": 6482.17}


def test_an_iban_is_the_account_number_only_where_none_is_asked_for() -> None:
    rows = ("IBAN   DE90 9999 9999 0041 7338 20",)

    assert got(record(account_number=TEXT, iban=TEXT), page(*rows))["account_number"] is None
    assert got(record(account_number=TEXT), page(*rows))["account_number"] is not None


def test_a_card_is_told_by_what_it_ends_in() -> None:
    found = got(record(card_last_digits=TEXT), page("Paid by card ending 3019", "Total   5.60"))

    assert found == {"card_last_digits": "3019"}


MERCHANT = record(merchant=record(name=TEXT, address=TEXT, tax_id=TEXT))
PAYING = record(
    payment_method={"anyOf": [{"type": "string", "enum": ["cash", "card"]}, {"type": "null"}]},
    card_last_digits=TEXT,
    amount_paid=NUMBER,
    total=NUMBER,
)


def test_a_name_over_two_lines_of_one_size_is_whole() -> None:
    rows = (
        "CAFETERÍA LOS",
        "OLIVOS",
        "C/ Mayor 15",
        "99013 Vega",
        "",
        "Café          3,20",
        "TOTAL         3,20",
    )

    assert got(MERCHANT, page(*rows))["merchant"] == {
        "name": "CAFETERÍA LOS OLIVOS", "address": "C/ Mayor 15, 99013 Vega", "tax_id": None,
    }  # fmt: skip


def test_a_heading_whose_wide_letters_stand_wide_apart_is_one_text() -> None:
    large = [line("Old", 50, 40, height=40), line("Mill", 134, 40, height=40)]
    rest = [line(f"Oat biscuits no. {number}", 50, 110 + 30 * number) for number in range(9)]

    found = got(
        record(merchant=record(name=TEXT)), Page(number=1, width=400, height=900, lines=(*large, *rest))
    )

    assert found == {"merchant": {"name": "Old Mill"}}


def test_a_legal_form_below_a_lone_large_word_names_the_merchant() -> None:
    below = ("Funktaxi Bergmann GmbH", "Industriestr. 44", "99139 Altstadt", "", "Fahrt          38,50")
    lines = [line(text, 50, 110 + 30 * place) for place, text in enumerate(below) if text]
    sheet = Page(number=1, width=600, height=900, lines=(line("TAXI", 50, 40, height=60), *lines))

    assert got(MERCHANT, sheet)["merchant"] == {
        "name": "Funktaxi Bergmann GmbH", "address": "Industriestr. 44, 99139 Altstadt", "tax_id": None,
    }  # fmt: skip


def test_a_trade_above_the_street_and_a_tax_number_below_the_town_are_no_address() -> None:
    head = ("Le Tilleul", "Brasserie - Bar", "3, place du Marché", "99002 Port-Aubin", "TVA FR 40 123456824")
    goods = [f"Menu du jour {number}          1{number},90" for number in range(9)]

    assert got(MERCHANT, page(*head, *goods))["merchant"] == {
        "name": "Le Tilleul", "address": "3, place du Marché, 99002 Port-Aubin", "tax_id": "FR40123456824",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "number"),
    [
        ("TRANS 3-220-1180", "3-220-1180"),
        ("Check # 4471    Table 12", "4471"),
        ("Bon-Nr. 7719", "7719"),
        ("Kassaticket 4417-002", "4417-002"),
        ("Ticketnr 004512", "004512"),
        ("Ticket    n    20418", "20418"),
    ],
)
def test_tills_call_their_number_by_many_names(row: str, number: str) -> None:
    rows = ("Corner Shop", row, "Oat milk          2.00", "TOTAL          2.00")

    assert got(record(receipt_number=TEXT), page(*rows)) == {"receipt_number": number}


@pytest.mark.parametrize(
    ("rows", "paid"),
    [
        (("Zahlungsart    bar",), ("cash", None, None)),
        (("DEBIT XXXX4408    14.59",), ("card", "4408", 14.59)),
        (("Paid by card ending    8842",), ("card", "8842", None)),
        (("MASTERCARD ********2290", "Charged to card    EUR 14.59"), ("card", "2290", 14.59)),
        (("Espèces    20.00",), ("cash", None, 20)),
        (("Bar EUR    20.00", "Zurück EUR    5.41"), ("cash", None, 20)),
        (("Betaald met pin    14.59",), ("card", None, 14.59)),
        (("Tarjeta VISA ******4402", "Importe    14.59"), ("card", "4402", 14.59)),
    ],
)
def test_rows_below_the_total_say_how_it_was_paid(
    rows: tuple[str, ...], paid: tuple[str | None, str | None, float | None]
) -> None:
    found = got(PAYING, page("Chocolate          14.59", "TOTAL          14.59", *rows))

    assert (found["payment_method"], found["card_last_digits"], found["amount_paid"]) == paid


def test_the_amount_of_a_form_is_the_price_of_what_it_names() -> None:
    rows = ("Leistung    Fahrt zum Hafen", "Betrag    23,40 EUR", "darin 7 % MwSt.    1,53 EUR")

    items = got(record(items=listing(description=TEXT, amount=NUMBER)), page(*rows))["items"]

    assert items == [{"description": "Fahrt zum Hafen", "amount": 23.4}]


def test_goods_follow_a_tax_number_whose_label_is_the_word_for_the_tax() -> None:
    rows = ("BTW NL 999456782B90", "Melk          1,29", "Brood          2,15", "Totaal          3,44")

    items = got(record(items=listing(description=TEXT, amount=NUMBER)), page(*rows))["items"]

    assert [item["description"] for item in items] == ["Melk", "Brood"]  # type: ignore[attr-defined] # a list of records


def test_a_base_below_the_change_belongs_to_the_taxes_and_is_no_subtotal() -> None:
    rows = ("Gasóleo    67,16", "TOTAL    67,16", "EFECTIVO    70,00", "CAMBIO    2,84", "")
    taxes = ("IVA %      BASE      CUOTA", "21,00      55,50      11,66")
    lines = listing(rate=NUMBER, taxable_amount=NUMBER, tax_amount=NUMBER)

    assert got(record(subtotal=NUMBER, tax_lines=lines), page(*rows, *taxes)) == {
        "subtotal": None, "tax_lines": [{"rate": 21, "taxable_amount": 55.5, "tax_amount": 11.66}],
    }  # fmt: skip


def test_an_american_address_says_that_the_month_is_first() -> None:
    rows = ("Hardware Depot", "2200 Commerce Blvd", "Austin, TX 78744", "03/02/2025 11:33", "TOTAL    14.59")

    assert got(record(purchase_date=DAY), page(*rows)) == {"purchase_date": "2025-03-02"}


def test_a_tax_number_that_lost_the_blank_before_it_is_found() -> None:
    assert put_right("NIFB99908817") == "NIF B99908817"


def test_numbers_after_the_town_are_no_part_of_an_address() -> None:
    head = ("Hobbs & Finch", "22 High Street", "Lewes BN7 2LN", "01273 555 019", "Store 0412")
    goods = [f"Paperback {number}          1{number}.90" for number in range(9)]

    merchant = got(MERCHANT, page(*head, *goods))["merchant"]

    assert merchant == {"name": "Hobbs & Finch", "address": "22 High Street, Lewes BN7 2LN", "tax_id": None}


def test_a_word_that_is_nearly_the_label_of_a_sum_ends_no_list_of_goods() -> None:
    rows = (
        "La Table",
        "RESTAURANT",
        "Formule          58,00",
        "Vin          14,00",
        "Total TTC          72,00",
    )
    schema = record(items=listing(description=TEXT, amount=NUMBER), amount_due=NUMBER, total=NUMBER)

    items = got(schema, page(*rows))["items"]

    assert [item["description"] for item in items] == ["Formule", "Vin"]  # type: ignore[attr-defined] # a list of records


def test_the_owner_below_the_name_is_no_part_of_the_address() -> None:
    head = ("Backhaus Sommer", "Inh. Petra Sommer", "Lindenweg 7", "99054 Altstadt")
    goods = [f"Brezel {number}          1{number},90" for number in range(9)]

    merchant = got(MERCHANT, page(*head, *goods))["merchant"]

    assert merchant == {"name": "Backhaus Sommer", "address": "Lindenweg 7, 99054 Altstadt", "tax_id": None}
