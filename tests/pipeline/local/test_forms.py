"""Forms whose schema the engine was never told of."""

from collections.abc import Mapping

import pytest

from pipeline.local.rules.reader import read
from pipeline.local.seeing.page import Page
from tests.pipeline.local.sheets import line, listing, nullable, page, record

TEXT, NUMBER, WHETHER = nullable("string"), nullable("number"), nullable("boolean")
DAY = nullable("string", format="date")


def got(schema: dict[str, object], *pages: Page) -> Mapping[str, object]:
    result = read(pages, schema).record
    assert isinstance(result, dict)
    return result


def test_keys_are_matched_by_what_their_words_mean() -> None:
    schema = record(
        policy_number=TEXT, date_of_loss=DAY, amount_claimed=NUMBER, claimant=record(name=TEXT, phone=TEXT)
    )
    rows = (
        "Policy no.:            P-5817",
        "Loss date:             3 May 2024",
        "Claim amount:          £1,204.50",
        "Name of claimant:      Ines Moreau",
        "Contact telephone:     01632 960101",
    )

    assert got(schema, page(*rows)) == {
        "policy_number": "P-5817",
        "date_of_loss": "2024-05-03",
        "amount_claimed": 1204.5,
        "claimant": {"name": "Ines Moreau", "phone": "01632 960101"},
    }


def test_a_title_and_the_first_words_of_a_description_are_labels() -> None:
    schema = record(a=TEXT | {"title": "Hull colour"}, b=TEXT | {"description": "Home port. Where it lies."})

    assert got(schema, page("Hull colour: blue", "Home port: Merrin")) == {"a": "blue", "b": "Merrin"}


def test_the_more_alike_of_two_keys_is_taken_and_none_serves_twice() -> None:
    schema = record(sample_id=TEXT, sample_taken=DAY)
    rows = ("Sample taken:   4 May 2024", "Lab sample no.:   S-11")

    assert got(schema, page(*rows)) == {"sample_id": "S-11", "sample_taken": "2024-05-04"}
    assert got(schema, page(rows[0])) == {"sample_id": None, "sample_taken": "2024-05-04"}


def test_values_stand_below_labels_that_stand_side_by_side() -> None:
    schema = record(event=TEXT, venue=TEXT, gate=TEXT)
    heads = [
        line(text, left, 100, height=14) for text, left in (("Event", 60), ("Venue", 400), ("Gate", 800))
    ]
    values = [line(text, left, 122) for text, left in (("City Marathon", 60), ("Royal Hall", 400))]

    found = got(schema, Page(number=1, width=1060, height=1500, lines=(*heads, *values)))

    assert found == {"event": "City Marathon", "venue": "Royal Hall", "gate": None}


def test_a_key_without_a_value_does_not_take_the_next_key_for_one() -> None:
    schema = record(carrier=TEXT, driver=TEXT)
    rows = ("Carrier      Halden Freight", "Driver", "Trailer      TR-9", "Dock         4")

    assert got(schema, page(*rows)) == {"carrier": "Halden Freight", "driver": None}


def test_an_address_goes_on_below_its_first_line_up_to_the_next_key() -> None:
    schema = record(supply_address=TEXT, tariff=TEXT)
    sheet = [
        line("Supply address:", 50, 100), line("12 Mill Lane,", 300, 100), line("Leeds LS1 4AB", 300, 124),
        line("Tariff:", 50, 170), line("Green", 300, 170),
    ]  # fmt: skip

    found = got(schema, Page(number=1, width=1060, height=1500, lines=tuple(sheet)))

    assert found == {"supply_address": "12 Mill Lane, Leeds LS1 4AB", "tariff": "Green"}


def test_a_value_ends_where_another_label_begins_in_its_cell() -> None:
    schema = record(owner=TEXT, tax_year=nullable("integer"))
    rows = ("Owner:   Ines Abbott Tax year:   2024",)

    assert got(schema, page(*rows)) == {"owner": "Ines Abbott", "tax_year": 2024}


@pytest.mark.parametrize(
    ("row", "fasting", "sex"),
    [
        ("Fasting:   ☒ Yes   ☐ No", True, None),
        ("Fasting:   ☐ Yes   ☒ No", False, None),
        ("☒ Fasting", True, None),
        ("☐   Fasting", False, None),
        ("Fasting   ☐", False, None),
        ("Sex   ☐   Male   ☒   Female", None, "female"),
        ("☐ Male   ☒ Female   ☐ Other", None, "female"),
        ("Fasting:   ☐ Yes   ☐ No", None, None),
        ("Fasting   No", False, None),
    ],
)
def test_ticked_squares_are_read(row: str, fasting: bool | None, sex: str | None) -> None:
    schema = record(fasting=WHETHER, sex={"enum": ["male", "female", "other", None]})

    assert got(schema, page("Laboratory", row)) == {"fasting": fasting, "sex": sex}


def test_the_order_of_day_and_month_is_told_by_a_series_of_dates() -> None:
    rows = ("Week ending: 10/04/2024", "06/04/2024", "07/04/2024", "08/04/2024")

    assert got(record(week_ending=DAY), page(*rows)) == {"week_ending": "2024-04-10"}


def test_the_day_of_birth_and_the_end_of_validity_are_known_in_other_words() -> None:
    schema = record(date_of_birth=DAY, valid_until=DAY)

    assert got(schema, page("geb. am: 17.09.1980", "Gültig bis: 31.12.2026")) == {
        "date_of_birth": "1980-09-17",
        "valid_until": "2026-12-31",
    }


def test_whoever_it_is_sent_to_is_the_recipient_when_nobody_else_is() -> None:
    schema = record(recipient=record(name=TEXT), service=TEXT)

    assert got(schema, page("Ship to: Bruno Young", "Service: Ground")) == {
        "recipient": {"name": "Bruno Young"},
        "service": "Ground",
    }


def test_a_table_is_found_by_what_the_schema_calls_its_columns() -> None:
    schema = record(
        results=listing(analyte=TEXT, measured=NUMBER, normal_range=TEXT, flag=TEXT), note_on_test=TEXT
    )
    rows = (
        "Analyte        Measured value     Normal range     Flag",
        "Sodium         141                135-145",
        "Potassium      5.9                3.5-5.1          H",
        "",
        "Note on test:  none",
    )

    assert got(schema, page(*rows)) == {
        "results": [
            {"analyte": "Sodium", "measured": 141, "normal_range": "135-145", "flag": None},
            {"analyte": "Potassium", "measured": 5.9, "normal_range": "3.5-5.1", "flag": "H"},
        ],
        "note_on_test": "none",
    }
