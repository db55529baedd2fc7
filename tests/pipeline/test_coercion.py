"""Values as documents write them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.coercion import coerce
from pipeline.written_dates import AMBIGUOUS_DAY, IN_UTC, day_first_in, read_date, read_datetime, read_time
from pipeline.written_numbers import AMBIGUOUS_NUMBER, SCALED, TAKEN_SIDES, decimal_comma_in, read_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("(12.00)", "-12.00"),
        ("12,00-", "-12.00"),
        ("−5", "-5"),
        ("+5", "5"),
        ("1 234,56 €", "1234.56"),
        ("CHF 1'234.50", "1234.50"),
        ("-$5", "-5"),
        ("$ -5.10", "-5.10"),
        ("USD(5.00)", "-5.00"),
        ("Rs. 1,23,456.00", "123456.00"),
        ("kr 12,50", "12.50"),
        ("19 %", "19"),
        ("0,125", "0.125"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("12,5", "12.5"),
        ("0.1234", "0.1234"),
        ("1'234.50", "1234.50"),
        ("1\u00a0234,50", "1234.50"),
        ("1\u2009234\u2009567,50", "1234567.50"),
        ("12 345,678", "12345.678"),
        ("1234.567", "1234.567"),
        ("12,-", "12"),
        ("CHF 12.--", "12"),
        ("EUR -1.234,–", "-1234"),
        ("12.00-", "-12"),
        ("½", "0.5"),
        ("2 ½", "2.5"),
        ("19,5 %", "19.5"),
        ("12,50 Euro", "12.50"),
    ],
)
def test_a_number_is_read_as_it_is_written(text: str, number: str) -> None:
    read = read_number(text, decimal_comma=None)

    assert read is not None
    assert read[0] == Decimal(number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "abc",
        "12 pieces",
        "5 kg",
        "3 12",
        "1 5",
        "12 PCS",
        "1 ⅓",
        "1,234,56,789",
        "1.2.3",
        "1,2345,678",
        "1.234,56.7",
        "3/4",
        "€",
    ],
)
def test_what_is_no_number_is_left_alone(text: str) -> None:
    assert read_number(text, decimal_comma=None) is None


@pytest.mark.parametrize("text", ["1.5k", "2M", "€1.5M", "1,2 Mio. EUR", "12 MIO", "12 TEUR", "3 bn", "5 m"])
def test_a_suffix_that_multiplies_is_not_guessed_at(text: str) -> None:
    assert read_number(text, decimal_comma=None) == (None, SCALED)


@pytest.mark.parametrize("text", ["12.00 CR", "12.00DR", "12,00 H", "12,00 S", "£12.00 Cr."])
def test_a_side_of_an_account_is_no_sign(text: str) -> None:
    assert read_number(text, decimal_comma=None) == (None, TAKEN_SIDES)


@pytest.mark.parametrize(
    ("decimal_comma", "number"), [(True, Decimal("1.234")), (False, Decimal(1234)), (None, None)]
)
def test_three_digits_behind_one_separator_are_settled_by_the_document(
    decimal_comma: bool | None, number: Decimal | None
) -> None:
    read = read_number("1,234", decimal_comma=decimal_comma)

    assert read is not None
    assert read[0] == number
    assert (read[1] == AMBIGUOUS_NUMBER) == (decimal_comma is None)


@pytest.mark.parametrize(
    ("texts", "decimal_comma"),
    [
        (["12,50 €"], True),
        (["1,234.00"], False),
        (["1.234.567"], True),
        (["1 234,567"], True),
        (["03.04.2024", "1.2.3"], None),
        (["12,50", "12.50"], None),
        (["1,234", "text", "2024-01-02"], None),
    ],
)
def test_other_numbers_show_how_decimals_are_set_off(texts: list[str], decimal_comma: bool | None) -> None:
    assert decimal_comma_in(texts) is decimal_comma


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2), st.booleans())
def test_any_amount_comes_back_from_paper(amount: Decimal, decimal_comma: bool) -> None:
    written = f"{amount:,.2f}"
    if decimal_comma:
        written = written.translate(str.maketrans(",.", ".,"))

    read = read_number(f"{written} EUR", decimal_comma=None)

    assert read is not None
    assert read[0] == amount


@given(
    st.decimals(min_value=0, max_value=10**9, places=2),
    st.sampled_from([",.", ".,", " ,", " .", "\u00a0,", "\u2009,", "\u202f,", "'.", "’.", "_,", "_."]),
    st.sampled_from(["{}", "-{}", "−{}", "{}-", "({})", "– {}"]),
    st.sampled_from(["{}", "{} EUR", "€{}", "CHF {}", "{} kr", "US$ {}", "{}€"]),
)
def test_any_amount_comes_back_with_any_grouping_sign_and_currency(
    amount: Decimal, marks: str, sign: str, currency: str
) -> None:
    group, decimal = marks[0].replace("_", "\0"), marks[1]
    digits = f"{amount:,.2f}".replace(",", "\1").replace(".", decimal).replace("\1", group)
    written = currency.format(sign.format(digits.replace("\0", "")))

    read = read_number(written, decimal_comma=None)

    assert read is not None
    assert read[0] == (amount if sign == "{}" else -amount)


@given(st.text("0123456789.,'  -+()€%½kMCRDH", max_size=12), st.sampled_from([True, False, None]))
def test_whatever_is_written_there_is_a_number_a_reason_or_nothing(
    text: str, decimal_comma: bool | None
) -> None:
    read = read_number(text, decimal_comma=decimal_comma)

    assert read is None or (read[0] is None) == read[1].startswith("left empty")
    assert read is None or read[0] is None or read[0].is_finite()


@given(st.text(max_size=20) | st.from_regex(r"[0-9./ -]{1,12}", fullmatch=True))
def test_whatever_is_written_there_is_a_day_a_reason_or_nothing(text: str) -> None:
    for day_first in (True, False, None):
        read = read_date(text, day_first=day_first)
        if read is not None and read[0] is not None:
            assert date.fromisoformat(read[0]).isoformat() == read[0]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("03.03.24", "2024-03-03"),
        ("3.4.1999", "1999-04-03"),
        ("31.12.69", "1969-12-31"),
        ("13/04/24", "2024-04-13"),
        ("04/13/2024", "2024-04-13"),
        ("03-03-2024", "2024-03-03"),
        ("2024/3/4", "2024-03-04"),
        ("2024-03-03T10:00:00", "2024-03-03"),
        ("3rd March 2024", "2024-03-03"),
        ("March 3, 2024", "2024-03-03"),
        ("3. März 2024", "2024-03-03"),
        ("le 3 mars 2024", "2024-03-03"),
        ("lundi 5 août 2024", "2024-08-05"),
        ("3 de marzo de 2024", "2024-03-03"),
        ("3 maart 2024", "2024-03-03"),
        ("3-Mar-2024", "2024-03-03"),
        ("3 Mar 24", "2024-03-03"),
        ("2024 March 03", "2024-03-03"),
        ("24. Dezember 69", "1969-12-24"),
        ("03.04.2024 10:30", "2024-04-03"),
        ("3 March 2024, 2:30 pm", "2024-03-03"),
        ("2024-03-28T23:30:00+02:00", "2024-03-28"),
    ],
)
def test_a_date_is_read_as_it_is_written(text: str, day: str) -> None:
    read = read_date(text, day_first=None)

    assert read is not None
    assert read[0] == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "March 2024",
        "31.02.2024",
        "31/31/2024",
        "2024",
        "30 days",
        "1.2.345",
        "in 3 days",
        "Q1 2024",
        "1st quarter 2024",
        "2024-W13",
        "2024-W13-4",
        "KW 13 2024",
        "March 24",
        "3 May",
        "03.04",
        "3-4 March 2024",
        "3 or 4 March 2024",
        "3 March 2024 - 4 April 2024",
        "Easter 2024",
        "03 04 2024",
    ],
)
def test_what_is_no_whole_date_is_left_alone(text: str) -> None:
    assert read_date(text, day_first=None) is None


def test_a_moment_in_utc_may_belong_to_another_day() -> None:
    assert read_date("2024-03-28T23:00:00Z", day_first=None) == (None, IN_UTC)


def test_the_century_of_a_short_year_is_told() -> None:
    for text in ("03.03.55", "3 March 55", "13/03/55"):
        read = read_date(text, day_first=None)
        assert read is not None
        assert read[0] == "2055-03-13" if "/" in text else "2055-03-03"
        assert "two digits" in read[1]


MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}
ORDERS = {"de": "{}. {} {}", "es": "{} de {} de {}", "pt": "{} de {} de {}"}


@given(st.sampled_from(list(MONTHS)), st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_any_day_in_words_of_seven_languages_comes_back(language: str, day: date) -> None:
    month = MONTHS[language].split()[day.month - 1]
    written = ORDERS.get(language, "{} {} {}").format(day.day, month, day.year)

    read = read_date(written, day_first=None)

    assert read == (day.isoformat(), "a date in words")


def test_a_date_that_can_be_read_in_two_ways_says_so() -> None:
    assert read_date("03/04/24", day_first=None) == (None, AMBIGUOUS_DAY)
    assert (read_date("03/04/24", day_first=True) or [""])[0] == "2024-04-03"
    assert (read_date("03/04/24", day_first=False) or [""])[0] == "2024-03-04"


@pytest.mark.parametrize(
    ("texts", "day_first"),
    [
        (["25/12/2024"], True),
        (["12/25/2024"], False),
        (["25/12/2024", "12/25/2024"], None),
        (["25.12.2024", "01/02/2024", "words"], None),
    ],
)
def test_other_dates_show_whether_the_day_stands_first(texts: list[str], day_first: bool | None) -> None:
    assert day_first_in(texts) is day_first


@given(st.dates(date(1970, 1, 1), date(2068, 12, 31)))
def test_any_day_comes_back_from_paper(day: date) -> None:
    for written in (f"{day:%d.%m.%Y}", f"{day:%d.%m.%y}", f"{day:%Y/%m/%d}", f"{day:%-d %B %Y}"):
        read = read_date(written, day_first=None)
        assert read is not None
        assert read[0] == day.isoformat()


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("14.30", "14:30:00"),
        ("14h30", "14:30:00"),
        ("2:30 pm", "14:30:00"),
        ("12:00 a.m.", "00:00:00"),
        ("8 Uhr", "08:00:00"),
        ("14:30:05", "14:30:05"),
    ],
)
def test_a_time_of_day_is_read_as_it_is_written(text: str, clock: str) -> None:
    assert (read_time(text) or [""])[0] == clock


@pytest.mark.parametrize("text", ["25:00", "13:00 pm", "8", "noon", ""])
def test_what_is_no_time_of_day_is_left_alone(text: str) -> None:
    assert read_time(text) is None


def test_a_point_in_time_is_a_day_and_a_time() -> None:
    assert (read_datetime("03.03.2024, 2:30 pm", day_first=None) or [""])[0] == "2024-03-03T14:30:00"
    assert (read_datetime("3 March 2024", day_first=None) or [""])[0] == "2024-03-03T00:00:00"


@pytest.mark.parametrize(
    ("error", "given", "value"),
    [
        ("int_parsing", "1.234.567", 1234567),
        ("bool_parsing", " Ja ", True),
        ("bool_parsing", "nein", False),
        ("enum", "Credit Note", "credit_note"),
        ("string_type", 12, "12"),
        ("decimal_parsing", "", None),
        ("date_from_datetime_parsing", "n/a", None),
        ("enum", " - ", None),
        ("timezone_aware", "2024-03-28T10:00:00", None),
    ],
)
def test_each_refusal_has_its_rule(error: str, given: Any, value: Any) -> None:
    changed, coercions = coerce({"field": given}, [(("field",), error)])

    assert changed == {"field": value}
    assert [(one.field, one.given) for one in coercions] == [("field", str(given))]


@pytest.mark.parametrize(
    ("error", "given"),
    [
        ("int_parsing", "1,5"),
        ("bool_parsing", "perhaps"),
        ("enum", "same"),
        ("string_type", True),
        ("missing", "x"),
    ],
)
def test_what_no_rule_reads_stays_as_it_is(error: str, given: Any) -> None:
    assert coerce({"field": given}, [(("field",), error)]) == ({"field": given}, [])


def test_values_inside_lists_are_found_and_the_rest_of_the_document_decides() -> None:
    values = {"issued": "25/12/2024", "lines": [{"day": "03/04/2024", "amount": "1,234"}], "total": "12,50"}

    changed, coercions = coerce(
        values,
        [(("lines", 0, "day"), "date_from_datetime_parsing"), (("lines", 0, "amount"), "decimal_parsing")],
    )

    assert changed["lines"] == [{"day": "2024-04-03", "amount": "1.234"}]
    assert [one.field for one in coercions] == ["lines[0].day", "lines[0].amount"]
    assert values["lines"] == [{"day": "03/04/2024", "amount": "1,234"}]


@pytest.mark.parametrize("location", [(), ("gone",), ("field", "date"), ("lines", 7), ("lines", "x", "y")])
def test_a_location_that_leads_nowhere_changes_nothing(location: tuple[int | str, ...]) -> None:
    values: dict[str, Any] = {"field": "3.4.24", "lines": []}

    assert coerce(values, [(location, "date_parsing")]) == (values, [])


def test_the_pivot_of_short_years_is_that_of_posix() -> None:
    days = [date(1969, 1, 1) + timedelta(days=366 * n) for n in range(100)]

    for day in days:
        assert (read_date(f"{day:%d.%m.%y}", day_first=None) or [""])[0] == day.isoformat()
