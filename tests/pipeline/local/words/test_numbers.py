from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.local.words.numbers import amounts, currencies, is_figure
from pipeline.local.words.style import Style

PLAIN = Style()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1'234.50", "1234.50"),
        ("1.234.567", "1234567"),
        ("1.000", "1000"),
        ("0.125", "0.125"),
        ("12,5", "12.5"),
        ("(12.00)", "-12.00"),
        ("12.00-", "-12.00"),
        ("- 45,00", "-45.00"),
        ("-€5.00", "-5.00"),
        ("EUR 12,-", "12"),
        ("1.950,00 S", "-1950.00"),
        ("88.10 CR", "88.10"),
        ("1OO,5O", "100.50"),
        ("l2.00", "12.00"),
    ],
)
def test_an_amount_is_read_as_it_is_written(text: str, value: str) -> None:
    assert [amount.value for amount in amounts(text, PLAIN)] == [Decimal(value)]


def test_the_document_decides_what_a_lone_group_of_three_is() -> None:
    assert amounts("1,234", Style(decimal=","))[0].value == Decimal("1.234")
    assert amounts("1,234", Style(decimal="."))[0].value == Decimal(1234)


def test_blanks_part_thousands_only_where_the_language_does_so() -> None:
    assert amounts("2 120,00", Style(spaced=True))[0].value == Decimal(2120)
    assert amounts("2 120,00", PLAIN)[0].value == Decimal(120)


@pytest.mark.parametrize("text", ["03.05.2024", "2024-05-03", "RE-2024-17", "3 May 2024", "A4"])
def test_dates_and_codes_are_no_amounts(text: str) -> None:
    assert amounts(text, PLAIN) == []


def test_a_percentage_is_told_from_money() -> None:
    rate, tax = amounts("VAT 20% £194.14", PLAIN)

    assert (rate.value, rate.percent) == (Decimal(20), True)
    assert (tax.value, tax.percent, tax.currency) == (Decimal("194.14"), False, "GBP")


@given(st.decimals(0, 10**9, places=2, allow_nan=False, allow_infinity=False))
def test_both_ways_of_grouping_give_the_same_number(value: Decimal) -> None:
    english = f"{value:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))

    assert [amount.value for amount in amounts(english, PLAIN)] == [value]
    assert [amount.value for amount in amounts(german, PLAIN)] == [value]


def test_a_code_says_more_about_the_currency_than_a_dollar_sign() -> None:
    assert currencies(["$12.00", "$3.00", "all prices in CAD"]).most_common(1)[0][0] == "CAD"


def test_words_around_a_number_make_it_no_figure() -> None:
    assert is_figure("12,50 EUR")
    assert not is_figure("Registered mutual no. 99417")
