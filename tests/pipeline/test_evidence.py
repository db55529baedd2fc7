"""Where each value stands, from the reply to the lake."""

import asyncio
import re
import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import BaseModel, SecretStr

from pipeline.errors import ConfigError
from pipeline.local.launch import LocalEngine
from pipeline.local.protocol import MODEL_ID
from pipeline.rebuild import rebuild
from pipeline.service.client import Endpoint
from pipeline.store.columns import layout_of
from pipeline.store.results import records_in
from pipeline.windows import WindowLimits
from schemas.registry import load
from tests.papers import write_pdf
from tests.pipeline.local.sheets import leaves
from tests.pipeline.runs import Entry, Slip, config, records, run, slip_answer, slip_type, table
from tests.servers import FaultServer, Heard, Reply, chat_answer

BOX = {"left": 0.1, "top": 0.2, "right": 0.3, "bottom": 0.4}


def entry(path: str, page: int, confidence: float) -> dict[str, Any]:
    return {"path": path, "page": page, "confidence": confidence, "box": list(BOX.values()), "rule": "label"}


def row(field: str, page: int, confidence: float) -> dict[str, Any]:
    return {"field": field, "page": page, "confidence": confidence, "box": BOX, "rule": "label"}


def evident_answer(heard: Heard) -> Reply:
    """One entry for each page image; the total is ten times the page, and surer on later pages."""
    pages = [int(line.split()[1]) for line in heard.text.splitlines() if line.startswith("Page ")]
    entries = [{"text": f"entry of page {page}", "amount": page, "_page": page} for page in pages]
    evidence = [entry("total", pages[0], pages[0] / 10), entry("gone", 99, 0.5)]
    evidence += [entry(f"entries[{place}].amount", page, 0.9) for place, page in enumerate(pages)]
    return chat_answer({"title": None, "total": 10 * pages[0], "entries": entries}, pagelake=evidence)


def lake_of(tmp_path: Path, answer: Any, *, unit: str = "document", window: int = 1) -> Path:
    write_pdf(tmp_path / "in" / "a.pdf", ["one", "two", "three"])
    with FaultServer(answer) as server:
        asked = config(server.base_url, tmp_path / "lake", tmp_path / "in", record=slip_type(unit))
        run(replace(asked, windows=WindowLimits(max_images=window)))
    return tmp_path / "lake"


def test_the_evidence_of_parts_is_that_of_the_record(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, evident_answer)

    (record,) = records(lake).to_dicts()

    assert record["total"] == Decimal(30)
    assert record["_evidence"] == [
        row("entries[0].amount", 1, 0.9),
        row("entries[1].amount", 2, 0.9),
        row("total", 3, 0.3),
        row("entries[2].amount", 3, 0.9),
    ]


def test_a_page_that_was_not_sent_is_no_evidence(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, evident_answer, window=3)

    (record,) = records(lake).to_dicts()

    assert [one["field"] for one in record["_evidence"]] == [
        "total",
        *(f"entries[{n}].amount" for n in range(3)),
    ]


def test_of_one_page_the_evidence_names_that_page(tmp_path: Path) -> None:
    def first(_: Heard) -> Reply:
        return chat_answer({"total": 1}, pagelake=[entry("total", 1, 0.5)])

    lake = lake_of(tmp_path, first, unit="page")

    assert [one[0]["page"] for one in records(lake).sort("_pages")["_evidence"].to_list()] == [1, 2, 3]


def test_answers_keep_it_and_a_rebuild_gives_the_same(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, evident_answer)
    before = records(lake).drop("_run")
    shutil.rmtree(lake / "records")

    asyncio.run(rebuild(lake, slip_type()))

    assert before["_evidence"].list.len().to_list() == [4]
    assert records(lake).drop("_run").equals(before)
    assert table(lake, "answers").sort("pages")["evidence"].to_list()[0][1]["field"] == "gone"


def test_a_service_that_says_nothing_leaves_it_empty(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, slip_answer)

    assert records(lake)["_evidence"].to_list() == [[]]
    assert table(lake, "answers")["evidence"].to_list() == [[], [], []]


def aged(lake: Path) -> None:
    """Make a lake what it was before evidence was kept."""
    for part in lake.rglob("part-*.parquet"):
        pl.read_parquet(part, hive_partitioning=False).drop(
            "evidence", "_evidence", strict=False
        ).write_parquet(part)


class Renamed(BaseModel):
    name: str | None = None
    entries: list[Entry] = []


def test_an_older_lake_is_read_and_extended(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, evident_answer)
    aged(lake)
    columns, doc_ids = layout_of(Slip), records(lake)["_doc_id"].to_list()
    assert [one.origin["_evidence"] for one in records_in(lake, "slip", columns, doc_ids)] == [None]

    write_pdf(tmp_path / "in" / "b.pdf", ["four"])
    with FaultServer(evident_answer) as server:
        asked = config(server.base_url, lake, tmp_path / "in", windows=WindowLimits(max_images=1))
        changed = replace(asked, record=replace(slip_type(), model=Renamed))
        with pytest.raises(ConfigError, match=r"now has \(name added; title removed; total removed\)"):
            run(changed)
        run(asked)
        assert len(server.asked) == 1  # the old answers are known

    rows = records(lake).sort("_source")
    assert [found and len(found) for found in rows["_evidence"].to_list()] == [None, 3]
    assert table(lake, "answers")["evidence"].null_count() == 3
    assert rows["total"].to_list() == [Decimal(30), Decimal(10)]


def test_an_older_lake_is_rebuilt_from_what_it_has(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, evident_answer)
    aged(lake)

    asyncio.run(rebuild(lake, slip_type()))

    (record,) = records(lake).to_dicts()
    assert record["_evidence"] == []
    assert record["total"] == Decimal(10)  # without evidence the first page wins


def test_the_embedded_engine_says_it_of_every_value_of_a_document_in_parts(tmp_path: Path) -> None:
    paper = Path(__file__).parents[2] / "sample_docs" / "invoices" / "harbour_marine_two_pages.pdf"
    with LocalEngine(workers=1) as engine:
        endpoint = Endpoint(base_url=engine.base_url, api_key=SecretStr(engine.api_key))
        asked = config(engine.base_url, tmp_path / "lake", paper, record=load("invoice"), model=MODEL_ID)
        run(replace(asked, endpoint=endpoint, windows=WindowLimits(max_images=1)))

    (record,) = records(tmp_path / "lake", "invoice").to_dicts()
    told = record["_evidence"]
    values = {name: value for name, value in record.items() if not name.startswith("_")}

    assert {one["field"] for one in told} == {path for path, _ in leaves(values)}
    assert len({one["field"] for one in told}) == len(told)
    assert {one["page"] for one in told} == {1, 2}
    for one in told:
        if item := re.match(r"line_items\[\d+\]", one["field"]):
            (origin,) = [place for place in record["_origins"] if place["field"] == item[0]]
            assert origin["first_page"] == origin["last_page"] == one["page"]
