"""Whole runs over pages that the service does not take, or cannot answer about, as they are."""

import asyncio
import io
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from pipeline.cost import Prices
from pipeline.rebuild import rebuild
from pipeline.remedies import Budgets
from pipeline.render.sizing import ImageOptions
from pipeline.run import RunConfig
from pipeline.summary import RunState, RunSummary
from pipeline.windows import WindowLimits
from tests.papers import write_pdf
from tests.pipeline.runs import config, records, run, slip_answer, slip_type, table
from tests.servers import Answer, FaultServer, Heard, Reply, chat_answer, refusal

BROKEN = refusal(400, "Failed to decode image: unsupported format", code="INVALID_ARGUMENT")
CUT = chat_answer('{"title": "fr', finish_reason="length")
AT_ONCE = Budgets(ceiling_tokens=8192)


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def remedies(lake: Path) -> list[str | None]:
    return table(lake, "pages").sort("page")["remedy"].to_list()


def asked_of(tmp_path: Path, pages: int = 1, **changes: object) -> RunConfig:
    write_pdf(tmp_path / "a.pdf", [f"page {number}" for number in range(1, pages + 1)])
    return config("", tmp_path / "lake", tmp_path / "a.pdf", **changes)


def worked(answer: Answer, asked: RunConfig) -> tuple[RunSummary, list[Heard]]:
    """A run; the next one after a kill right before the commit finds all answers and asks nothing."""
    with FaultServer(answer) as server:
        there = replace(asked, endpoint=replace(asked.endpoint, base_url=server.base_url))
        summary = run(there)
        heard = list(server.asked)
        found = {name: comparable(asked.lake, name) for name in ("pages", "records/schema=slip")}
        for part in (asked.lake / "documents").glob("*.parquet"):
            part.unlink()
        again = run(there)
        assert len(server.asked) == len(heard)
    assert (again.pages, again.state, again.requests) == (summary.pages, summary.state, 0)
    for name, before in found.items():
        assert comparable(asked.lake, name).equals(before)
    return summary, heard


def comparable(lake: Path, name: str) -> pl.DataFrame:
    """A table in a fixed order, without what differs from run to run."""
    frame = table(lake, name).drop("run", "_run", strict=False)
    by = [pl.col("page") if "page" in frame.columns else pl.col("_pages").list.first()]
    return frame.sort(by) if frame.width else frame


def only(*, image_format: str = "", side: int = 10_000) -> Answer:
    """A service that takes images of one format, up to a size."""

    def answer(heard: Heard) -> Reply:
        for data in heard.images:
            image = opened(data)
            if max(image.size) > side:
                return refusal(400, f"image is too large, at most {side} pixels per side are allowed")
            if image_format and image.format != image_format:
                return BROKEN
        return slip_answer(heard)

    return answer


def test_an_image_that_cannot_be_decoded_is_sent_in_the_other_format(tmp_path: Path) -> None:
    summary, heard = worked(only(image_format="PNG"), asked_of(tmp_path))

    assert [opened(one.images[0]).format for one in heard] == ["JPEG", "PNG"]
    assert opened(heard[0].images[0]).size == opened(heard[1].images[0]).size
    assert (summary.state, summary.records) == (RunState.COMPLETE, 1)
    assert remedies(tmp_path / "lake") == ["other format"]


def test_the_other_format_of_png_is_jpeg(tmp_path: Path) -> None:
    asked = asked_of(tmp_path, images=ImageOptions(image_format="png"))

    _, heard = worked(only(image_format="JPEG"), asked)

    assert [opened(one.images[0]).format for one in heard] == ["PNG", "JPEG"]


def test_an_image_that_is_too_large_is_sent_smaller_twice_at_most(tmp_path: Path) -> None:
    summary, heard = worked(only(side=500), asked_of(tmp_path))

    assert [max(opened(one.images[0]).size) for one in heard] == [1536, 768, 384]
    assert summary.state is RunState.COMPLETE
    assert remedies(tmp_path / "lake") == ["smaller image, smaller image"]


def test_an_image_nothing_helps_is_a_failure_that_counts_every_request(tmp_path: Path) -> None:
    with FaultServer([BROKEN]) as server:
        asked = asked_of(tmp_path)
        summary = run(replace(asked, endpoint=replace(asked.endpoint, base_url=server.base_url)))
        heard = server.asked

    (failure,) = table(tmp_path / "lake", "failures").to_dicts()
    shown = [(image.format, max(image.size)) for one in heard for image in [opened(one.images[0])]]
    assert shown == [("JPEG", 1536), ("PNG", 1536), ("PNG", 768), ("PNG", 384)]
    assert (failure["attempts"], failure["cost"], failure["category"]) == (4, None, "request_rejected")
    assert "decode image" in failure["message"]
    assert (summary.state, summary.pages.failed) == (RunState.FAILURES, 1)


def test_of_several_pages_the_one_with_the_bad_image_is_found_and_alone_sent_otherwise(
    tmp_path: Path,
) -> None:
    """The service does not say which of the images it means."""

    def answer(heard: Heard) -> Reply:
        shown = dict(zip(pages_of(heard), heard.images, strict=True))
        bad = 3 in shown and opened(shown[3]).format == "JPEG"
        return BROKEN if bad else slip_answer(heard)

    summary, heard = worked(answer, asked_of(tmp_path, pages=5))

    assert (summary.state, summary.pages.in_records) == (RunState.COMPLETE, 5)
    assert sorted(pages_of(one) for one in heard) == [[1, 2], [1, 2, 3], [1, 2, 3, 4, 5], [3], [3], [4, 5]]
    assert remedies(tmp_path / "lake") == [
        *["fewer pages"] * 2,
        "fewer pages, other format",
        *["fewer pages"] * 2,
    ]
    (entries,) = records(tmp_path / "lake")["entries"].to_list()
    assert [entry["text"] for entry in entries] == [f"entry of page {page}" for page in range(1, 6)]


def pages_of(heard: Heard) -> list[int]:
    return [int(line.split()[1]) for line in heard.text.splitlines() if line.startswith("Page ")]


def test_a_request_that_is_too_large_is_sent_smaller_when_it_is_one_page(tmp_path: Path) -> None:
    def answer(heard: Heard) -> Reply:
        return refusal(413) if max(opened(heard.images[0]).size) > 1000 else slip_answer(heard)

    summary, _ = worked(answer, asked_of(tmp_path, record=slip_type("page"), pages=2))

    assert summary.pages.in_records == 2
    assert remedies(tmp_path / "lake") == ["smaller image"] * 2


def test_an_image_that_no_request_could_carry_is_not_sent(tmp_path: Path) -> None:
    """The PNG of a photograph is many times its JPEG."""
    asked = photograph(tmp_path)

    _, heard = worked(only(image_format="PNG"), asked)

    assert [(one.format, one.width) for one in (opened(heard.images[0]) for heard in heard)] == [
        ("JPEG", 900),
        ("PNG", 450),
    ]


def photograph(tmp_path: Path) -> RunConfig:
    Image.effect_noise((900, 900), 90).save(tmp_path / "a.png")
    limits = WindowLimits(max_encoded_bytes=800_000)
    return config("", tmp_path / "lake", tmp_path / "a.png", windows=limits)


def test_what_was_not_sent_is_no_attempt(tmp_path: Path) -> None:
    with FaultServer([BROKEN]) as server:
        asked = photograph(tmp_path)
        run(replace(asked, endpoint=replace(asked.endpoint, base_url=server.base_url)))
        requests = len(server.asked)

    (failure,) = table(tmp_path / "lake", "failures").to_dicts()
    assert failure["attempts"] == requests == 3


def lines_pdf(path: Path, lines: int = 40) -> Path:
    """One page of numbered lines, which a model of tests reads by their place."""
    canvas = Canvas(str(path), pagesize=A4, invariant=True)
    canvas.setFont("Helvetica", 11)
    for number in range(lines):
        canvas.drawString(72, height_of(number), f"line {number}")
    canvas.save()
    return path


def height_of(line: int) -> float:
    """Points from the lower edge; 19 from line to line."""
    return float(A4[1] - 40 - 19 * line)


def seen(heard: Heard, lines: int = 40) -> list[int]:
    """The lines that the strip of a request shows whole, as a good model would find them."""
    top, bottom = edges_of(heard)
    height = A4[1]
    return [
        number
        for number in range(lines)
        if top * height <= height - height_of(number) - 9
        and height - height_of(number) + 3 <= bottom * height
    ]


def edges_of(heard: Heard) -> tuple[float, float]:
    caption = next(line for line in heard.text.splitlines() if line.startswith("Page "))
    if "strip" not in caption:
        return 0.0, 1.0
    count = int(caption.split("into ")[1].split()[0])
    number = int(caption.split("This is strip ")[1].split()[0])
    return max(0, (number - 1) / count - 0.03), min(1, number / count + 0.03)


def strip_answer(most: int) -> Answer:
    """A model whose answers hold so many lines and are cut when there are more."""

    def answer(heard: Heard) -> Reply:
        lines = seen(heard)
        if len(lines) > most:
            return CUT
        entries = [{"text": f"line {number}", "amount": number, "_page": 1} for number in lines]
        return chat_answer({"title": "lines" if 0 in lines else None, "total": None, "entries": entries})

    return answer


@pytest.mark.parametrize("unit", ["document", "page"])
@pytest.mark.parametrize(("most", "requests", "remedy"), [(25, 3, "bands"), (15, 7, "bands, bands")])
def test_a_page_that_no_answer_holds_is_asked_in_strips_and_no_line_is_lost_or_doubled(
    tmp_path: Path, unit: str, most: int, requests: int, remedy: str
) -> None:
    prices = Prices(input=Decimal(10), output=Decimal(20), cached=None)
    asked = config(
        "",
        tmp_path / "lake",
        lines_pdf(tmp_path / "a.pdf"),
        record=slip_type(unit),
        budgets=AT_ONCE,
        prices=prices,
    )
    summary, heard = worked(strip_answer(most), asked)

    (record,) = records(tmp_path / "lake").to_dicts()
    assert (summary.state, summary.pages.in_records, len(heard)) == (RunState.COMPLETE, 1, requests)
    assert [entry["text"] for entry in record["entries"]] == [f"line {number}" for number in range(40)]
    assert record["title"] == "lines"
    assert record["_pages"] == [1]
    assert {(one["first_page"], one["last_page"]) for one in record["_origins"]} == {(1, 1)}
    assert remedies(tmp_path / "lake") == [remedy]

    before = records(tmp_path / "lake").drop("_run")
    asyncio.run(rebuild(tmp_path / "lake", slip_type(unit)))
    assert records(tmp_path / "lake").drop("_run").equals(before)


def test_strips_may_be_answered_at_the_length_the_page_was_cut_at(tmp_path: Path) -> None:
    asked = config("", tmp_path / "lake", lines_pdf(tmp_path / "a.pdf"))

    _, heard = worked(strip_answer(25), asked)

    assert [one.body["max_tokens"] for one in heard] == [8192, 16_384, 32_768, 32_768, 32_768]
    assert remedies(tmp_path / "lake") == ["more tokens, more tokens, bands"]


def test_a_strip_without_anything_on_it_is_not_asked_about(tmp_path: Path) -> None:
    """All lines are in the upper half."""
    asked = config("", tmp_path / "lake", lines_pdf(tmp_path / "a.pdf", 15), budgets=AT_ONCE)

    def answer(heard: Heard) -> Reply:
        lines = [line for line in seen(heard) if line < 15]
        return CUT if len(lines) > 12 else chat_answer({"entries": [{"text": f"line {n}"} for n in lines]})

    summary, heard = worked(answer, asked)

    (record,) = records(tmp_path / "lake").to_dicts()
    assert summary.state is RunState.COMPLETE
    assert [edges_of(one) for one in heard] == [(0, 1), (0, 0.53), (0, 0.28), (0.22, 0.53)]
    assert [entry["text"] for entry in record["entries"]] == [f"line {number}" for number in range(15)]


def test_a_page_whose_strips_are_cut_too_is_a_failure_with_all_it_cost(tmp_path: Path) -> None:
    asked = config("", tmp_path / "lake", lines_pdf(tmp_path / "a.pdf"), budgets=AT_ONCE)

    summary, heard = worked(lambda _: CUT, asked)

    (failure,) = table(tmp_path / "lake", "failures").to_dicts()
    assert (summary.state, failure["category"]) == (RunState.FAILURES, "truncated_answer")
    assert len(heard) == failure["attempts"] == 3  # the page, its upper half, the upper half of that


def test_a_page_that_runs_away_is_not_asked_in_strips(tmp_path: Path) -> None:
    stuck = chat_answer('{"title": "a"' + "\n" * 2000, finish_reason="length")

    _, heard = worked(lambda _: stuck, asked_of(tmp_path))

    assert len(heard) == 2


def test_a_long_page_in_a_document_keeps_its_place_among_the_others(tmp_path: Path) -> None:
    def answer(heard: Heard) -> Reply:
        pages = pages_of(heard)
        if len(pages) > 1 or (pages == [2] and "strip" not in heard.text):
            return CUT
        half = edges_of(heard)[0] > 0
        texts = [f"{pages[0]} below" if half else f"{pages[0]} above"]
        return chat_answer({"entries": [{"text": text, "_page": 9} for text in texts]})

    asked = asked_of(tmp_path, pages=3, budgets=AT_ONCE)
    write_pdf(tmp_path / "a.pdf", ["one", "two", "three"])
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4, invariant=True)
    for number in range(3):
        canvas.drawString(72, 700, f"top of {number}")
        canvas.drawString(72, 100, f"foot of {number}")
        canvas.showPage()
    canvas.save()

    summary, _ = worked(answer, asked)

    (record,) = records(tmp_path / "lake").to_dicts()
    assert summary.pages.in_records == 3
    assert [entry["text"] for entry in record["entries"]] == ["1 above", "2 above", "2 below", "3 above"]
    assert [one["first_page"] for one in record["_origins"] if "[" in one["field"]] == [1, 2, 2, 3]
    assert remedies(tmp_path / "lake") == ["fewer pages", "fewer pages, bands", "fewer pages"]


def test_evidence_of_a_strip_is_told_in_shares_of_the_page(tmp_path: Path) -> None:
    def answer(heard: Heard) -> Reply:
        if "strip" not in heard.text:
            return CUT
        shown = {
            "path": "entries[0].text",
            "page": 1,
            "confidence": 0.9,
            "box": [0.1, 0.5, 0.2, 1.0],
            "rule": "r",
        }
        name = "below" if edges_of(heard)[0] > 0 else "above"
        return chat_answer({"entries": [{"text": name, "_page": 1}]}, pagelake=[shown])

    asked = config("", tmp_path / "lake", lines_pdf(tmp_path / "a.pdf"), budgets=AT_ONCE)
    worked(answer, asked)

    (record,) = records(tmp_path / "lake").to_dicts()
    found = {one["field"]: [round(side, 3) for side in one["box"].values()] for one in record["_evidence"]}
    assert found == {
        "entries[0].text": [0.1, 0.265, 0.2, 0.53],
        "entries[1].text": [0.1, 0.735, 0.2, 1.0],
    }


def test_lakes_without_strips_can_be_rebuilt(tmp_path: Path) -> None:
    worked(slip_answer, asked_of(tmp_path))
    for folder, name in (("pages", "strip_ids"), ("answers", "band")):
        for part in (tmp_path / "lake" / folder).glob("*.parquet"):
            pl.read_parquet(part).drop(name).write_parquet(part)

    summary = asyncio.run(rebuild(tmp_path / "lake", slip_type()))

    assert (summary.records, json.loads(summary.model_dump_json())["state"]) == (1, "complete")
