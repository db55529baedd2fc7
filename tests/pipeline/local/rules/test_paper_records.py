"""Papers are read by their layout: title, authors, abstract, sections, references."""

from typing import Any

import httpx

from pipeline.local.rules.reader import read
from tests.pipeline.local.bodies import sample, truth_of
from tests.pipeline.local.sheets import line, listing, nullable, page, record

GAUGES = "papers/tide_gauges.pdf"
TEXT = nullable("string")
TEXTS = {"type": "array", "items": {"type": "string"}}


def test_the_engine_reads_the_paper(client: httpx.Client) -> None:
    found, truth = sample(client, GAUGES, "paper"), truth_of(GAUGES)

    assert without_pages(found) == truth


def without_pages(value: Any) -> Any:
    """The record without the page of each entry, and points at the end of one that OCR may miss."""
    if isinstance(value, dict):
        return {name: without_pages(inner) for name, inner in value.items() if name != "_page"}
    if isinstance(value, list):
        return [without_pages(inner) for inner in value]
    return f"{value}." if isinstance(value, str) and value.endswith("Port Merrin, 1962") else value


HEAD = (
    line("Of Tides and Gauges", 300, 40, height=36),
    line("Ann Berg", 250, 120), line("Luis de la Cruz", 650, 120),
    line("University of Waldau", 240, 146), line("Merrin College", 650, 146),
    line("a.berg@waldau.example", 240, 172), line("cruz@merrin.example", 650, 172),
    line("Abstract", 100, 230), line("We read gauges.", 100, 256),
    line("Key words: tides; gauges", 100, 320),
    line("1 Introduction", 100, 380), line("Nobody had read them so far.", 100, 406),
    line("References", 100, 500), line("Berg, A. (2019). Gauges. Coast 4, 1-9.", 100, 530),
    line("https://doi.org/10.5555/c.4", 130, 556), line("Cruz, L. (2021). Tides. Sea 2, 3-4.", 100, 582),
)  # fmt: skip


def test_a_schema_of_ones_own_is_told_by_the_names_of_its_properties() -> None:
    schema = record(
        title=TEXT, authors=TEXTS, abstract=TEXT, keywords=TEXTS,
        bibliography=listing(citation=TEXT, year=nullable("integer"), doi=TEXT),
    )  # fmt: skip
    sheet = page()

    found = read([type(sheet)(number=1, width=1060, height=1500, lines=HEAD)], schema).record

    assert found == {
        "title": "Of Tides and Gauges",
        "authors": ["Ann Berg", "Luis de la Cruz"],
        "abstract": "We read gauges.",
        "keywords": ["tides", "gauges"],
        "bibliography": [
            {
                "citation": "Berg, A. (2019). Gauges. Coast 4, 1-9. https://doi.org/10.5555/c.4",
                "year": 2019,
                "doi": "10.5555/c.4",
            },
            {"citation": "Cruz, L. (2021). Tides. Sea 2, 3-4.", "year": 2021, "doi": None},
        ],
    }


def test_authors_in_columns_have_their_own_places_and_addresses() -> None:
    author = listing(name=TEXT, affiliation=TEXT, email=TEXT)
    sheet = page()

    found = read(
        [type(sheet)(number=1, width=1060, height=1500, lines=HEAD)], record(authors=author, abstract=TEXT)
    ).record

    assert isinstance(found, dict)
    assert found["authors"] == [
        {"name": "Ann Berg", "affiliation": "University of Waldau", "email": "a.berg@waldau.example"},
        {"name": "Luis de la Cruz", "affiliation": "Merrin College", "email": "cruz@merrin.example"},
    ]


def test_what_is_no_paper_gives_nothing() -> None:
    schema = record(title=TEXT, authors=TEXTS, abstract=TEXT, references=TEXTS, doi=TEXT)

    found = read([page("Invoice no: 17", "Total   12.00")], schema).record

    assert isinstance(found, dict)
    assert [found[name] for name in ("authors", "abstract", "references", "doi")] == [[], None, [], None]
