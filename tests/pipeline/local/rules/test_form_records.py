"""Forms are read as labels with values and boxes with marks, wherever the values stand."""

from dataclasses import replace
from typing import Any

import httpx

from pipeline.local.rules.reader import read
from pipeline.local.seeing.page import Box, Drawn, Page, Tick
from pipeline.local.words.lexicon import squeeze
from tests.pipeline.local.bodies import sample, truth_of
from tests.pipeline.local.sheets import line, listing, nullable, page, record

PERMIT = "forms/mooring_permit.pdf"
TEXT, YES = nullable("string"), nullable("boolean")
FORM = record(fields=listing(label=TEXT, value=TEXT, checked=YES))


def fields(schema: dict[str, object], sheet: Page) -> list[dict[str, Any]]:
    found = read([sheet], schema).record
    assert isinstance(found, dict)
    return found["fields"]  # type: ignore[return-value] # as the schema says


def pairs(sheet: Page) -> list[tuple[object, object]]:
    return [(one["label"], one["value"]) for one in fields(FORM, sheet)]


def sheet(
    *lines: Any, ticks: tuple[Tick, ...] = (), rules: tuple[Box, ...] = (), posts: tuple[Box, ...] = ()
) -> Page:
    drawn = Drawn(horizontal=rules, vertical=posts, ticks=ticks)
    return Page(number=1, width=1060, height=1500, lines=lines, drawn=drawn)


def tick(left: float, top: float, *, checked: bool) -> Tick:
    return Tick(box=Box(left=left, right=left + 18, top=top, bottom=top + 18), checked=checked)


def test_the_engine_reads_the_filled_in_permit(client: httpx.Client) -> None:
    found, truth = sample(client, PERMIT, "form_fields"), truth_of(PERMIT)

    assert (found["title"], found["form_number"]) == (truth["title"], truth["form_number"])
    assert [[as_read(value) for value in one.values()] for one in found["fields"]] == [
        [as_read(value) for value in one.values()] for one in truth["fields"]
    ]


def as_read(value: object) -> object:
    """Texts without what OCR may take for something else."""
    return squeeze(value) if isinstance(value, str) else value


def test_boxes_are_read_with_their_question_and_what_ocr_took_them_for_is_left_out() -> None:
    form = sheet(
        line("Marital status:", 50, 100), line("\u25a1 single", 250, 100), line("X married", 400, 100),
        line("I have read the", 80, 200), line("terms of use", 80, 222),
        ticks=(tick(250, 101, checked=False), tick(400, 101, checked=True), tick(50, 201, checked=True)),
    )  # fmt: skip
    schema = record(fields=listing(label=TEXT, checked=YES, group=TEXT))

    assert fields(schema, form) == [
        {"label": "single", "checked": False, "group": "Marital status"},
        {"label": "married", "checked": True, "group": "Marital status"},
        {"label": "I have read the terms of use", "checked": True, "group": None},
    ]


def test_typed_boxes_count_too() -> None:
    schema = record(fields=listing(label=TEXT, checked=YES))

    found = fields(schema, page("[x] by post", "[ ] by e-mail"))

    assert found == [{"label": "by post", "checked": True}, {"label": "by e-mail", "checked": False}]


def test_values_in_boxes_belong_to_the_labels_above_or_small_inside() -> None:
    sides = ((50, 400), (500, 900))
    form = sheet(
        line("Full name", 50, 108), line("Ida Marlowe", 60, 138), line("Policy", 500, 108),
        rules=tuple(Box(left=one, right=two, top=y, bottom=y + 1) for one, two in sides for y in (130, 165)),
        posts=tuple(Box(left=x, right=x + 1, top=130, bottom=165) for side in sides for x in side),
    )  # fmt: skip

    assert pairs(form) == [("Full name", "Ida Marlowe"), ("Policy", None)]


def test_values_on_lines_to_write_on_belong_to_the_label_before_or_below() -> None:
    form = sheet(
        line("Place:", 50, 100), line("Leeds", 140, 98), line("R. Achterberg", 620, 96),
        line("Signature", 610, 130),
        rules=(Box(left=120, right=400, top=122, bottom=123), Box(left=600, right=900, top=122, bottom=123)),
    )  # fmt: skip

    found = fields(FORM, form)

    assert found == [
        {"label": "Place", "value": "Leeds", "checked": None},
        {"label": "Signature", "value": None, "checked": True},
    ]


def test_labels_with_colons_and_rows_of_two_are_pairs() -> None:
    rows = ("Kenteken:  99-DJ-25", "", "", "Claim reference      CL392468", "Kind of loss         Fire",
            "Place of loss        Elm Grove")  # fmt: skip

    assert pairs(page(*rows)) == [
        ("Kenteken", "99-DJ-25"),
        ("Claim reference", "CL392468"),
        ("Kind of loss", "Fire"),
        ("Place of loss", "Elm Grove"),
    ]


def test_a_schema_of_ones_own_is_told_by_its_shape_and_items_are_not_taken_for_fields() -> None:
    sheet_ = page("Kenteken:  99-DJ-25", "Politie ingelicht:  nee")
    own = record(entries=listing(question=TEXT, answer=TEXT))
    items = record(items=listing(description=TEXT, quantity=nullable("number"), amount=nullable("number")))

    found = read([sheet_], own).record
    others = read([replace(sheet_)], items).record

    assert found == {
        "entries": [
            {"question": "Kenteken", "answer": "99-DJ-25"},
            {"question": "Politie ingelicht", "answer": "nee"},
        ]
    }
    assert others == {"items": []}
