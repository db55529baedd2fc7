"""Values as documents write them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.coercion import coerce
from pipeline.written_dates import AMBIGUOUS_DAY, day_first_in, read_date, read_datetime, read_time
from pipeline.written_numbers import AMBIGUOUS_NUMBER, decimal_comma_in, read_number


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
    ],
)
def test_a_number_is_read_as_it_is_written(text: str, number: str) -> None:
    read = read_number(text, decimal_comma=None)

    assert read is not None
    assert read[0] == Decimal(number)


@pytest.mark.parametrize(
    "text", ["", "-", "abc", "12 pieces", "5 kg", "12.00 CR", "1.2.3", "1,2345,678", "1.234,56.7", "3/4", "€"]
)
def test_what_is_no_number_is_left_alone(text: str) -> None:
    assert read_number(text, decimal_comma=None) is None


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
    ],
)
def test_a_date_is_read_as_it_is_written(text: str, day: str) -> None:
    read = read_date(text, day_first=None)

    assert read is not None
    assert read[0] == day


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "March 2024", "31.02.2024", "31/31/2024", "2024", "30 days", "1.2.345", "in 3 days"],
)
def test_what_is_no_whole_date_is_left_alone(text: str) -> None:
    assert read_date(text, day_first=None) is None


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
