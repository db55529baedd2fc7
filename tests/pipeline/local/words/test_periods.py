"""Periods are read by month or by year, in the words of five languages."""

import pytest

from pipeline.local.words.periods import period_in


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("Mar 2019 - present", (2019, 3), None),
        ("September 2015 – February 2019", (2015, 9), (2019, 2)),
        ("04/2018 - heute", (2018, 4), None),
        ("01.04.2012 bis 31.03.2018", (2012, 4), (2018, 3)),
        ("Seit Oktober 2020", (2020, 10), None),
        ("de janvier 2017 à août 2021", (2017, 1), (2021, 8)),
        ("depuis 2022", (2022, None), None),
        ("2009-2013", (2009, None), (2013, None)),
        ("maart 2016 t/m mei 2019", (2016, 3), (2019, 5)),
        ("enero 2014 - actualidad", (2014, 1), None),
    ],
)
def test_a_period_is_found_wherever_it_stands(
    text: str, start: tuple[int, int | None], end: tuple[int, int | None] | None
) -> None:
    for around in (text, f"Process engineer, {text}", f"{text}  Leeds"):
        found = period_in(around)

        assert found is not None
        assert (found.start, found.end) == (start, end)


@pytest.mark.parametrize("text", ["in 2019 we moved", "2019 - 2015", "call 2019-2024-17", "2010 - Leeds", ""])
def test_what_is_none_is_not_made_one(text: str) -> None:
    assert period_in(text) is None


def test_a_lone_year_is_a_period_where_one_is_looked_for() -> None:
    found = period_in("Chartered Engineer, 2018", alone=True)

    assert found is not None
    assert (found.start, found.end, found.span) == ((2018, None), (2018, None), (20, 24))
