"""Machine readable zones are read as ICAO Doc 9303 lays them out."""

from datetime import date

import pytest

from schemas.id_document import IdDocument
from schemas.mrz import Layout, check_digit, parse

# The specimens printed in parts 4 to 7 of ICAO Doc 9303.
PASSPORT = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]
CARD = ["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"]
SMALL = ["I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"]
VISA = ["V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"]


@pytest.mark.parametrize(
    ("lines", "layout", "number", "nationality"),
    [
        (PASSPORT, Layout.TD3, "L898902C3", "UTO"),
        (CARD, Layout.TD1, "D23145890", "UTO"),
        (SMALL, Layout.TD2, "D23145890", "UTO"),
        (VISA, Layout.MRV_A, "L8988901C", "XXX"),
    ],
)
def test_the_published_specimens_are_read(
    lines: list[str], layout: Layout, number: str, nationality: str
) -> None:
    zone = parse(lines)

    assert zone is not None
    assert zone.is_valid
    assert (zone.layout, zone.document_number, zone.nationality) == (layout, number, nationality)
    assert (zone.surname, zone.given_names, zone.issuing_state) == ("ERIKSSON", "ANNA MARIA", "UTO")
    assert (zone.sex, zone.birth[2:]) in [("F", "0812"), ("F", "0907")]


@pytest.mark.parametrize("place", range(44))
def test_one_wrong_figure_or_letter_is_noticed_wherever_it_is_checked(place: int) -> None:
    other = "7" if PASSPORT[1][place] != "7" else "8"
    zone = parse([PASSPORT[0], PASSPORT[1][:place] + other + PASSPORT[1][place + 1 :]])

    assert zone is not None
    assert zone.is_valid == (place in {10, 11, 12, 20})  # nationality and sex have no check digit


def test_a_long_document_number_runs_on_after_its_filler() -> None:
    number = "AB1234567890"
    first = f"IDUTO{number[:9]}<{number[9:]}{check_digit(number)}"
    second = "7408122F1204159UTO<<<<<<<<<<<"
    lines = [first.ljust(30, "<"), "", "ERIKSSON<<ANNA".ljust(30, "<")]
    lines[1] = second + check_digit(lines[0][5:30] + second[:7] + second[8:15] + second[18:29])

    zone = parse(lines)

    assert zone is not None
    assert (zone.document_number, zone.optional, zone.is_valid) == (number, "", True)


@pytest.mark.parametrize(
    ("birth", "expiry", "days"),
    [
        ("740812", "120415", (date(1974, 8, 12),)),
        ("051231", "301230", (date(2005, 12, 31),)),
        ("240601", "290601", (date(2024, 6, 1), date(1924, 6, 1))),
        ("74<<<<", "120415", ()),
        ("741341", "120415", ()),
    ],
)
def test_two_figures_of_a_year_are_a_century_only_where_one_fits(
    birth: str, expiry: str, days: tuple[date, ...]
) -> None:
    zone = parse([PASSPORT[0], f"L898902C36UTO{birth}0F{expiry}0".ljust(44, "<")])

    assert zone is not None
    assert zone.dates_of_birth == days


@pytest.mark.parametrize(
    "lines",
    [[], ["P<UTO"], PASSPORT[:1], [*PASSPORT, *PASSPORT], [PASSPORT[0].lower(), PASSPORT[1]], CARD[:2]],
)
def test_other_lines_are_no_zone(lines: list[str]) -> None:
    assert parse(lines) is None


@pytest.mark.parametrize(("lines", "valid"), [([], None), (PASSPORT, True), (PASSPORT[::-1], False)])
def test_the_record_says_whether_its_zone_is_right(lines: list[str], valid: bool | None) -> None:
    assert IdDocument(mrz_lines=lines).mrz_valid is valid
