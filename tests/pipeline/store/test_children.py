"""Lists laid out as tables of their own."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.errors import ConfigError
from pipeline.store.children import check_children, items_of
from pipeline.store.tables import records_table
from tests.papers import write_pdf
from tests.pipeline.runs import config, records, run, slip_answer, slip_type, table
from tests.servers import FaultServer

CHILD = "records/schema=slip.entries"


def test_each_item_is_a_row_with_its_parent_its_position_and_its_page(tmp_path: Path) -> None:
    write_pdf(tmp_path / "in" / "a.pdf", ["one", "two"])
    write_pdf(tmp_path / "in" / "b.pdf", ["only"])
    with FaultServer(slip_answer) as server:
        run(config(server.base_url, tmp_path / "lake", tmp_path / "in", explode=("entries",)))

    items = table(tmp_path / "lake", CHILD).sort("_source", "_position")
    parents = records(tmp_path / "lake").select(_record=pl.col("_custom_ids").list.first(), title="title")
    assert items["text"].to_list() == ["entry of page 1", "entry of page 2", "entry of page 1"]
    assert items["_position"].to_list() == [0, 1, 0]
    assert items["_first_page"].to_list() == [1, 2, 1]
    assert items.join(parents, on="_record").height == 3
    assert items.schema["amount"] == records(tmp_path / "lake").schema["entries"].inner.fields[1].dtype  # type: ignore[attr-defined]


def test_a_list_that_is_asked_for_later_is_laid_out_for_all_records_and_stays(tmp_path: Path) -> None:
    write_pdf(tmp_path / "in" / "a.pdf", ["one"])
    lake = tmp_path / "lake"
    with FaultServer(slip_answer) as server:
        run(config(server.base_url, lake, tmp_path / "in"))
        later = run(config(server.base_url, lake, tmp_path / "in", explode=("entries",)))
        write_pdf(tmp_path / "in" / "b.pdf", ["new"])
        run(config(server.base_url, lake, tmp_path / "in"))

    assert later.requests == 0
    assert sorted(table(lake, CHILD)["_source"]) == sorted(records(lake)["_source"])
    assert table(lake, CHILD).height == 2


def test_items_of_replaced_records_go_with_them(tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf", ["one", "two"])
    lake = tmp_path / "lake"
    with FaultServer(slip_answer) as server:
        run(config(server.base_url, lake, tmp_path / "a.pdf", explode=("entries",)))
        run(config(server.base_url, lake, tmp_path / "a.pdf", record=slip_type("page")))

    assert records(lake).height == 2
    assert table(lake, CHILD)["_record"].n_unique() == 2


def test_a_list_of_plain_values_has_a_value_column() -> None:
    columns = records_table("x", {"names": pl.List(pl.String)}).columns
    rows = [{"names": ["a", "b"], "_custom_ids": ["i"], "_origins": []}, {"names": None}, {"names": []}]
    frame = pl.DataFrame(rows, schema=dict(columns))

    items = items_of(frame, "names")

    assert items["value"].to_list() == ["a", "b"]
    assert items["_first_page"].to_list() == [None, None]


@pytest.mark.parametrize("field", ["title", "nothing"])
def test_what_is_no_list_is_refused_with_the_lists_there_are(field: str) -> None:
    columns = {"title": pl.String(), "entries": pl.List(pl.String)}

    with pytest.raises(ConfigError, match="its lists are entries"):
        check_children([field], columns)
