"""Tables are read as printed, whatever they are about."""

from dataclasses import replace

import httpx

from pipeline.local.layout.printed import Printed, printed_tables
from pipeline.local.rules.reader import read
from pipeline.local.seeing.page import Box, Drawn, Page
from tests.pipeline.local.bodies import sample, truth_of
from tests.pipeline.local.sheets import line, nullable, page, record

YEARBOOK = "tables/yearbook_page.pdf"


def only(sheet: Page) -> Printed:
    (table,) = printed_tables(sheet)
    return table


def grid(sheet: Page, xs: list[float], ys: list[float]) -> Page:
    """The page with rules at these places."""
    return replace(
        sheet,
        drawn=Drawn(
            horizontal=tuple(Box(left=xs[0], right=xs[-1], top=y, bottom=y + 2) for y in ys),
            vertical=tuple(Box(left=x, right=x + 2, top=ys[0], bottom=ys[-1]) for x in xs),
        ),
    )


RAIN = (
    "Table 1: Rainfall by month, mm",
    "Month          2022        2023",
    "January        118.2       96",
    "February                   71.5",
    "March          64.0        80.1",
    "Note: gauge moved in 2023",
    "",
    "",
    "Weather is a matter of taste here.",
)


def test_a_table_without_lines_is_read_with_caption_and_note() -> None:
    table = only(page(*RAIN))

    assert (table.columns, table.header_rows) == (["Month", "2022", "2023"], 1)
    assert table.rows == [["January", "118.2", "96"], ["February", None, "71.5"], ["March", "64.0", "80.1"]]
    assert table.caption == "Table 1: Rainfall by month, mm"
    assert table.notes == "Note: gauge moved in 2023"
    assert table.continued is False


def test_cells_in_a_grid_keep_their_columns_when_ocr_runs_them_together() -> None:
    lines = [line("Quay", 60, 105), line("Work", 210, 105), line("By", 510, 105),
             line("North", 60, 145), line("New fenders between", 210, 145), line("Own staff", 510, 145),
             line("the ladders", 210, 170), line("South Ice plant", 60, 205), line("Polar Ltd", 510, 205),
    ]  # fmt: skip
    sheet = Page(number=1, width=1060, height=1500, lines=tuple(lines))

    table = only(grid(sheet, [50, 110, 500, 700], [100, 140, 200, 240]))

    assert table.columns == ["Quay", "Work", "By"]
    assert table.rows == [
        ["North", "New fenders between the ladders", "Own staff"],
        ["South", "Ice plant", "Polar Ltd"],
    ]


def test_a_heading_over_several_columns_stands_before_each() -> None:
    lines = [line("Fleet", 60, 105), line("Landings", 380, 105), line("2022", 260, 145),
             line("2023", 410, 145), line("Inshore", 60, 185), line("12", 260, 185), line("14", 410, 185),
    ]  # fmt: skip
    drawn = Drawn(
        horizontal=(
            *(Box(left=50, right=550, top=y, bottom=y + 2) for y in (100, 180, 220)),
            Box(left=250, right=550, top=140, bottom=142),
        ),
        vertical=(
            *(Box(left=x, right=x + 2, top=100, bottom=220) for x in (50, 250, 550)),
            Box(left=400, right=402, top=140, bottom=220),
        ),
    )

    table = only(Page(number=1, width=1060, height=1500, lines=tuple(lines), drawn=drawn))

    assert table.columns == ["Fleet", "Landings 2022", "Landings 2023"]
    assert (table.header_rows, table.rows) == (2, [["Inshore", "12", "14"]])


def test_several_tables_on_a_page_are_several() -> None:
    more = (
        "Gauge          Height      Owner",
        "North Pier     12.4        Harbour",
        "Mill Weir      3.1         Council",
    )

    found = printed_tables(page(*RAIN, "", "", *more))

    assert [table.columns[0] for table in found] == ["Month", "Gauge"]


def test_words_say_that_a_table_goes_on() -> None:
    rows = ("Tabelle 3 (Fortsetzung)", "Monat          2022        2023", "Mai            1,2         3,4",
            "Juni           2,2         4,4")  # fmt: skip

    assert only(page(*rows, number=4)).continued is True
    assert only(page(*rows[1:], number=4)).continued is None


def test_columns_of_text_and_letterheads_are_no_tables() -> None:
    prose = [
        f"{left:<48}  {right}"
        for left, right in zip(
            ["The harbour wall was built when coal came", "from the south and left again as slate for",
             "all the roofs of the county and beyond it,", "until the railway took both of them away in",
             "a single winter that nobody has forgotten", "though nobody alive can remember it now."],
            ["Every spring the office receives the same", "call from somebody whose boat hangs from a",
             "line that was tied too short at high water", "and every spring the answer is the same one,",
             "which is that the table was right and only", "read as if it were one of the trains."],
            strict=True,
        )
    ]  # fmt: skip
    head = (
        "Harrow & Pike Ltd       Invoice no.      HP-0481",
        "12 Mill Lane            Invoice date     03/04/2024",
        "Thornfield TF1 2AB      Due date         17/04/2024",
    )

    assert printed_tables(page(*prose)) == []
    assert printed_tables(page(*head)) == []


def test_the_engine_reads_the_tables_of_the_yearbook(client: httpx.Client) -> None:
    assert sample(client, YEARBOOK, "tables") == truth_of(YEARBOOK)


def test_a_schema_of_ones_own_for_tables_is_filled_by_its_shape() -> None:
    cells = {"type": "array", "items": {"type": "array", "items": {"type": "string"}}}
    table = record(
        name=nullable("string"), headers={"type": "array", "items": {"type": "string"}}, body=cells
    )
    schema = record(
        sheets={"type": "array", "items": table}, biggest=table, page_count={"type": "array", "items": table}
    )

    found = read([page(*RAIN)], schema).record

    expected = {
        "name": "Table 1: Rainfall by month, mm",
        "headers": ["Month", "2022", "2023"],
        "body": [["January", "118.2", "96"], ["February", "", "71.5"], ["March", "64.0", "80.1"]],
    }
    assert isinstance(found, dict)
    assert found["sheets"] == [expected]
    assert found["biggest"] == expected
