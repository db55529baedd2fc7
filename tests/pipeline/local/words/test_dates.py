from datetime import date, time

import pytest

from pipeline.local.words.dates import clock, dates, short_date
from pipeline.local.words.habits import style_of
from pipeline.local.words.style import Style


def read(text: str, style: Style | None = None) -> list[date]:
    return [day for day, _, _ in dates(text, style or Style())]


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05", "5.3.2024", "05. März 2024", "5 mars 2024", "5 de marzo de 2024", "5 maart 2024",
        "March 5, 2024", "Mar 5, 2024", "5th March 2024", "05-Mar-24", "5March2024", "5 marzo 2024",
        "Mrz 5 2024", "5 de março de 2024", "due by 5 March 2024 at the latest",
    ],
)  # fmt: skip
def test_a_date_is_read_in_many_spellings(text: str) -> None:
    assert read(text) == [date(2024, 3, 5)]


def test_an_order_that_nothing_decides_gives_no_date() -> None:
    assert read("03/04/2024") == []
    assert read("03/04/2024", Style(order="dmy")) == [date(2024, 4, 3)]
    assert read("03/04/2024", Style(order="mdy")) == [date(2024, 3, 4)]


def test_an_order_that_does_not_matter_is_not_asked_for() -> None:
    assert read("04/04/2024") == [date(2024, 4, 4)]
    assert read("25/04/2024") == [date(2024, 4, 25)]
    assert read("04/25/2024") == [date(2024, 4, 25)]


@pytest.mark.parametrize("text", ["31.02.2024", "5 Miller 2024", "12.34.2024", "2024/5", "192.168.10.24"])
def test_what_is_no_date_gives_none(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("texts", "language", "order"),
    [
        (["03/04/2024", "25/04/2024"], "en", "dmy"),
        (["03/04/2024", "04/25/2024"], "en", "mdy"),
        (["03/04/2024"], "fr", "dmy"),
        (["03/04/2024", "Springfield, IL 62704"], "en", "mdy"),
        (["03/04/2024", "VAT £20.00"], "en", "dmy"),
        (["03/04/2024"], "en", ""),
    ],
)
def test_the_order_is_told_from_the_rest_of_the_document(texts: list[str], language: str, order: str) -> None:
    assert style_of(texts, language).order == order


def test_a_day_and_month_take_the_year_of_the_documents_dates() -> None:
    style = style_of(["1 December 2023 to 31 January 2024"], "en")

    assert short_date("14 Dec", style) == (date(2023, 12, 14), 6)
    assert short_date("03 Jan", style) == (date(2024, 1, 3), 6)
    assert short_date("14 Dec", Style()) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("13:42", time(13, 42)), ("1:42:07 PM", time(13, 42, 7)), ("12:05 am", time(0, 5)), ("25:00", None)],
)
def test_a_time_of_day_is_read(text: str, expected: time | None) -> None:
    assert clock(text) == expected
