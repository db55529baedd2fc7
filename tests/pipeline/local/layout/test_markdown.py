from pipeline.local.layout.markdown import page_markdown
from pipeline.local.rules.reader import read
from pipeline.local.seeing.page import Line, Page
from tests.pipeline.local.sheets import line, page, record


def sheet(*lines: Line) -> Page:
    return Page(number=1, width=1060, height=1500, lines=lines)


def column(left: float, top: float, *texts: str) -> list[Line]:
    return [line(text, left, top + 26 * at) for at, text in enumerate(texts)]


def test_larger_lines_are_headings_by_their_size() -> None:
    text = column(50, 200, "The committee met on a rainy day and spoke", "about the roof.")
    more = column(50, 400, "Volunteers planted many saplings last year", "near the river.")

    written = page_markdown(
        sheet(line("Annual Report", 50, 60, height=40), line("The roof", 50, 160, height=28), *text,
              line("The river", 50, 360, height=28), *more)
    )  # fmt: skip

    assert written.split("\n\n") == [
        "# Annual Report",
        "## The roof",
        "The committee met on a rainy day and spoke about the roof.",
        "## The river",
        "Volunteers planted many saplings last year near the river.",
    ]


def test_marks_make_lists() -> None:
    rows = ("\u2022 First of all things", "\u2022 Second of them", "", "", "1. Open the lid", "2) Close it")

    assert (
        page_markdown(page(*rows))
        == "- First of all things\n- Second of them\n\n1. Open the lid\n2. Close it"
    )


def test_an_item_that_runs_on_is_one_item() -> None:
    lines = [
        *column(50, 100, "- A long item that goes"),
        *column(75, 126, "on below"),
        *column(50, 152, "- Another"),
    ]

    assert page_markdown(sheet(*lines)) == "- A long item that goes on below\n- Another"


def test_aligned_cells_make_a_table_and_empty_ones_stay() -> None:
    rows = (
        "Group        Place        Time",
        "Children     Field        16:00",
        "Seniors                   10|00",
    )

    assert page_markdown(page(*rows)) == (
        "| Group | Place | Time |\n| --- | --- | --- |\n"
        "| Children | Field | 16:00 |\n| Seniors |  | 10\\|00 |"
    )


def test_divided_words_and_full_lines_are_joined_and_page_numbers_left_out() -> None:
    lines = [
        *column(50, 300, "A paragraph that has been di-", "vided in the middle of a word", "and ends here.")
    ]

    written = page_markdown(sheet(*lines, line("Page 3 of 4", 450, 1470)))

    assert written == "A paragraph that has been divided in the middle of a word and ends here."


def test_columns_with_short_headings_are_read_one_after_the_other() -> None:
    left = column(
        50, 140, "Old slates cannot be used", "again, all builders agreed", "when they met in spring."
    )
    right = column(
        500, 140, "Dogs stay on a lead here", "until the new hedge has", "grown to its full height."
    )

    written = page_markdown(sheet(*column(50, 85, "Roof"), *column(500, 85, "Hedge"), *left, *right))

    assert written.index("Roof") < written.index("spring.") < written.index("Hedge") < written.index("Dogs")


def test_a_blank_page_is_empty() -> None:
    assert page_markdown(sheet()) == ""


def test_only_a_schema_that_speaks_of_markdown_gets_it() -> None:
    sheets = [
        sheet(
            line("Annual Report", 50, 60, height=40), *column(50, 200, "Some text here.", "And more of it.")
        )
    ]

    plain = read(sheets, record(text={"type": "string"})).record
    marked = read(sheets, record(text={"type": "string", "description": "The text as Markdown"})).record

    assert isinstance(plain, dict)
    assert isinstance(marked, dict)
    assert "#" not in str(plain["text"])
    assert str(marked["text"]).startswith("# Annual Report")
