"""Every value the engine gives says where it stands, and there it stands."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageSequence
from pydantic import BaseModel
from pypdfium2 import PdfDocument
from rapidfuzz import fuzz

from pipeline.local.rules.reader import read
from pipeline.local.seeing.ocr import OcrBackend, default_backend, recognise
from pipeline.local.seeing.page import Page
from pipeline.structured import compile_schema
from schemas.registry import load
from tests.pipeline.local.sheets import leaves, listing, nullable, page, record

FOLDER = Path(__file__).parents[3] / "sample_docs"
TRUTH = [json.loads(line) for line in (FOLDER / "truth.jsonl").read_text("utf-8").splitlines()]
READABLE = [truth for truth in TRUTH if truth["expect"] == "record"]
MOST_PAGES = 2
INFERRED = (
    "language",
    "page text",
    "title",
    "payment row",
    "largest line",
    "machine readable zone",
    "has numbered fields",
    "heading of a clause",
    "pages",
    "kind of field",
)
"""Rules whose value is not what stands in the box: said by all of the page, or in the schema's words."""


@pytest.fixture(scope="module")
def backend() -> OcrBackend:
    return default_backend()


def images(path: Path) -> Iterator[Image.Image]:
    if path.suffix.lower() == ".pdf":
        with closing(PdfDocument(path)) as document:
            for number in range(min(MOST_PAGES, len(document))):
                with closing(document[number]) as sheet:
                    yield sheet.render(scale=1500 / max(sheet.get_size())).to_pil().convert("RGB")
    else:
        with Image.open(path) as image:
            for frame in ImageSequence.Iterator(image):
                yield frame.convert("RGB")


def evidence_of(pages: list[Page], schema: dict[str, Any]) -> dict[str, tuple[Any, dict[str, Any]]]:
    """Each value with its evidence, by path; exactly one for each."""
    reading = read(pages, schema)
    values = dict(leaves(reading.record))
    paths = [str(one["path"]) for one in reading.evidence]
    assert sorted(paths) == sorted(values)
    return {str(one["path"]): (values[str(one["path"])], one) for one in reading.evidence}


def text_in(sheet: Page, box: tuple[float, float, float, float]) -> str:
    """What OCR read within a box, which may be part of a line."""
    return " ".join(line.text for line in sheet.lines if _touch(sheet.shares(line.box), box))


def _touch(one: tuple[float, ...], two: tuple[float, ...]) -> bool:
    width = min(one[2], two[2]) - max(one[0], two[0])
    height = min(one[3], two[3]) - max(one[1], two[1])
    return width > 0 and height > 0.5 * min(one[3] - one[1], two[3] - two[1])


def supports(text: str, value: Any, rule: str) -> bool:
    if rule in INFERRED or isinstance(value, bool) or squeezed(str(value)) in squeezed(text):
        return bool(text)
    if rule == "currency sign":
        return bool(re.search(r"[A-Z]{3}|[€$£]|Fr", text))
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d(T.*)?", value):
        return bool(re.search(rf"(?<!\d)0?{int(value[8:10])}(?!\d)", text))
    if isinstance(value, int | float) or re.fullmatch(r"-?\d+(\.\d+)?", value):
        digits = re.sub(r"\D", "", f"{abs(float(value)):f}".rstrip("0").rstrip("."))
        return digits.lstrip("0") in re.sub(r"\D", "", text)
    if re.fullmatch(r"\d\d:\d\d:00", value):
        hour, minute = int(value[:2]), value[3:5]
        return bool(re.search(rf"(?<!\d)0?(?:{hour}|{hour % 12})\D{minute}", text))
    said, words = squeezed(text), [squeezed(word) for word in value.split()]
    return sum(fuzz.partial_ratio(word, said) > 80 for word in words) >= 0.8 * len(words)


def is_about_a_table(path: str, rule: str) -> bool:
    """Whether a value is said of a whole table, whose box that of its cells is."""
    return rule in ("ruled table", "aligned columns") and not re.search(r"(rows|columns)\[", path)


def squeezed(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()


@pytest.mark.parametrize("truth", READABLE, ids=[truth["path"] for truth in READABLE])
def test_every_value_of_a_sample_document_stands_where_its_evidence_says(
    truth: dict[str, Any], backend: OcrBackend
) -> None:
    kind = load(truth["schema"])
    wire = compile_schema(kind.model, name=kind.name, page_of_items=kind.unit == "document")
    pages = [recognise(image, backend, number=n) for n, image in enumerate(images(FOLDER / truth["path"]), 4)]

    for path, (value, one) in evidence_of(pages, wire.full).items():
        left, top, right, bottom = box = tuple(one["box"])
        assert 0 <= left < right <= 1, path
        assert 0 <= top < bottom <= 1, path
        assert 0 <= one["confidence"] <= 1, path
        (sheet,) = [sheet for sheet in pages if sheet.number == one["page"]]
        if one["confidence"] and not is_about_a_table(path, one["rule"]):
            text = text_in(sheet, (box[0], box[1], box[2], box[3]))
            in_words = path.endswith("_month")  # March is 3
            assert in_words or supports(text, value, one["rule"]), (path, value, text, one["rule"])


class Required(BaseModel):
    name: str
    paid: bool
    size: int


def test_what_the_schema_forces_the_engine_to_say_has_no_confidence() -> None:
    wire = compile_schema(Required, name="required", page_of_items=False)

    found = evidence_of([page("Nothing of that", number=7)], wire.full)

    assert {path: (value, one["confidence"], one["page"]) for path, (value, one) in found.items()} == {
        "name": ("", 0, 7),
        "paid": (False, 0, 7),
        "size": (0, 0, 7),
    }


def test_each_entry_of_a_list_of_texts_has_its_own() -> None:
    schema = record(keywords={"type": "array", "items": {"type": "string"}})

    found = evidence_of([page("Keywords: ink, paper; print")], schema)

    assert {path: value for path, (value, _) in found.items()} == {
        "keywords[0]": "ink",
        "keywords[1]": "paper",
        "keywords[2]": "print",
    }


def test_an_amount_from_two_columns_stands_in_the_one_it_was_read_from() -> None:
    sheet = page(
        "Date        Description     Paid out    Paid in     Balance",
        "2024-03-01  Rent            500.00                  1,500.00",
        "2024-03-02  Wages                       2,000.00    3,500.00",
    )
    schema = record(transactions=listing(date=nullable("string", format="date"), amount=nullable("number")))

    found = evidence_of([sheet], schema)

    for path, amount in (("transactions[0].amount", "500.00"), ("transactions[1].amount", "2,000.00")):
        left, top, right, bottom = found[path][1]["box"]
        assert text_in(sheet, (left, top, right, bottom)) == amount


def test_a_slanted_page_has_its_boxes_where_the_ink_is(
    backend: OcrBackend, invoice_image: Image.Image
) -> None:
    sent = invoice_image.rotate(3, Image.Resampling.BICUBIC, fillcolor="white")
    sheet = recognise(sent, backend)
    level = recognise(invoice_image, backend)
    assert sheet.skew

    for line in sheet.lines:
        left, top, right, bottom = sheet.shares(line.box)
        part = sent.convert("L").crop(
            (
                int(left * sent.width),
                int(top * sent.height),
                int(right * sent.width),
                int(bottom * sent.height),
            )
        )
        assert min(part.tobytes()) < 128
    assert len(sheet.lines) >= 0.8 * len(level.lines)
