"""Receipts and statements: what their rows mean by where they stand."""

from collections.abc import Mapping

import pytest

from pipeline.local.page import Page
from pipeline.local.reader import read
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
