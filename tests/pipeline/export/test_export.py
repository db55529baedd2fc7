"""Tables in every format, read back by readers that know nothing of pagelake."""

import csv
import hashlib
import json
import shutil
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipeline.errors import ConfigError, StoreError
from pipeline.export.export import ExportOptions, ExportSummary, ExportTally, export, plan
from pipeline.export.tables import Selection
from pipeline.export.writers import Format
from pipeline.store.parts import parts_of
from tests.pipeline.export.lakes import FULL, Waybill
from tests.pipeline.runs import records

TOTAL = Decimal("99999999999999999.995")
INSTANT = datetime(2024, 3, 1, 11, 5, tzinfo=UTC)
LOAD = {
    "what": 'crates, "big"\nand small',
    "weight": Decimal("12345678901234567.125"),
    "day": date(2024, 2, 29),
    "took": timedelta(seconds=90, milliseconds=500),
    "colour": "it's green",
    "marks": ["a", "b,c"],
}


def exported(lake: Path, out: Path, form: Format, force: bool = False, **selection: Any) -> ExportSummary:
    asked = ExportOptions(
        lake=lake, out=out, form=form, force=force, schema="waybill", selection=Selection(**selection)
    )
    return export(asked, ExportTally())


def test_parquet_has_the_rows_and_types_of_the_lake(waybills: Path, tmp_path: Path) -> None:
    exported(waybills, tmp_path / "a.parquet", Format.PARQUET)

    assert pl.read_parquet(tmp_path / "a.parquet").equals(records(waybills, "waybill"))


def test_arrow_has_the_rows_and_types_of_the_lake(waybills: Path, tmp_path: Path) -> None:
    exported(waybills, tmp_path / "a.arrow", Format.ARROW)

    kept = pl.read_ipc(tmp_path / "a.arrow")
    assert kept.equals(records(waybills, "waybill"))
    assert kept.schema == records(waybills, "waybill").schema


def test_json_lines_are_what_the_record_type_reads(waybills: Path, tmp_path: Path) -> None:
    exported(waybills, tmp_path / "a.jsonl", Format.JSONL, provenance=False)

    lines = (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()
    told = [json.loads(line) for line in lines]
    assert [list(line) for line in told] == [list(Waybill.model_fields)] * 3
    assert told[0]["total"] == "99999999999999999.995"
    assert told[0]["loads"][0]["weight"] == "12345678901234567.125"
    assert (told[0]["day"], told[0]["clock"][:8]) == ("2024-03-01", "13:05:00")
    assert datetime.fromisoformat(told[0]["instant"]) == INSTANT
    assert told[0]["colour"] == "red"
    assert told[1]["total"] is None
    read = Waybill.model_validate(told[0] | {"extra": json.loads(told[0]["extra"])})
    assert read == Waybill.model_validate_json(json.dumps(FULL))


def test_csv_has_nested_values_as_json_and_times_as_iso(waybills: Path, tmp_path: Path) -> None:
    exported(waybills, tmp_path / "a.csv", Format.CSV)

    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        full, empty, _ = csv.DictReader(file)
    assert full["total"] == "99999999999999999.995"
    assert (full["day"], full["colour"], full["paid"]) == ("2024-03-01", "red", "true")
    assert time.fromisoformat(full["clock"]) == time(13, 5)
    assert datetime.fromisoformat(full["moment"]) == datetime(2024, 3, 1, 13, 5)  # noqa: DTZ001 - it has none
    assert datetime.fromisoformat(full["instant"]) == INSTANT
    assert json.loads(full["tags"]) == FULL["tags"]
    assert json.loads(full["loads"])[0]["weight"] == "12345678901234567.125"
    assert json.loads(full["first"])["what"] == LOAD["what"]
    assert json.loads(full["_pages"]) == [1]
    assert (empty["total"], empty["first"], empty["loads"]) == ("", "", "[]")


def test_duckdb_has_types_of_its_own_for_everything(waybills: Path, tmp_path: Path) -> None:
    exported(waybills, tmp_path / "a.duckdb", Format.DUCKDB, explode=("loads",))

    with duckdb.connect(tmp_path / "a.duckdb", read_only=True) as database:
        row = database.execute(
            "SELECT total, day, clock, moment, instant, took, colour, loads FROM waybill WHERE number = 'W-1'"
        ).fetchone()
        kinds = {name: kind for name, kind, *_ in database.execute("DESCRIBE waybill").fetchall()}
        joined = database.execute(
            "SELECT number, _position, weight FROM waybill JOIN waybill_loads USING (_record) ORDER BY ALL"
        ).fetchall()
    assert row is not None
    assert row[:4] == (TOTAL, date(2024, 3, 1), time(13, 5), datetime(2024, 3, 1, 13, 5))  # noqa: DTZ001
    assert row[4] == INSTANT
    assert row[5:] == (
        timedelta(hours=36),
        "red",
        [LOAD, dict.fromkeys(LOAD) | {"what": "rope", "marks": []}],
    )
    assert kinds["total"] == "DECIMAL(20,3)"
    assert kinds["colour"] == "ENUM('red', 'it''s green')"
    assert kinds["took"] == "INTERVAL"
    assert joined == [("W-1", 0, LOAD["weight"]), ("W-1", 1, None), ("W-3", 0, None)]
    assert [path.name for path in tmp_path.iterdir()] == ["a.duckdb"]


def test_a_file_of_duckdb_has_a_table_for_each_record_type(waybills: Path, tmp_path: Path) -> None:
    shutil.copytree(waybills, tmp_path / "lake")
    (tmp_path / "lake/records/schema=waybill.tags").mkdir()
    export(
        ExportOptions(lake=tmp_path / "lake", out=tmp_path / "a.duckdb", form=Format.DUCKDB), ExportTally()
    )

    with duckdb.connect(tmp_path / "a.duckdb", read_only=True) as database:
        assert database.execute("SHOW TABLES").fetchall() == [("waybill",), ("waybill_tags",)]
        found = database.execute("SELECT value FROM waybill_tags ORDER BY _position").fetchall()
    assert [value for (value,) in found] == FULL["tags"]


def test_a_machine_without_duckdb_says_what_to_install(
    waybills: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)  # as it is where it is not installed

    with pytest.raises(ConfigError, match=r"pagelake\[duckdb\]"):
        exported(waybills, tmp_path / "a.duckdb", Format.DUCKDB)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"form": Format.DUCKDB, "partition_by": ("country",)}, "has no partition"),
        ({"partition_by": ("country",), "selection": Selection(explode=("loads",))}, "without --partition"),
        ({"partition_by": ("loads",)}, "cannot name a folder"),
        ({"partition_by": ("nope",)}, "no column of this name"),
    ],
)
def test_partitions_that_cannot_be_are_refused(
    waybills: Path, tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    asked = ExportOptions(lake=waybills, out=tmp_path / "a", form=Format.CSV)

    with pytest.raises(ConfigError, match=told):
        export(replace(asked, **changes), ExportTally())


def test_columns_are_chosen_and_come_in_the_order_asked_for(waybills: Path, tmp_path: Path) -> None:
    exported(waybills, tmp_path / "a.parquet", Format.PARQUET, columns=("total", "number", "_source"))
    exported(waybills, tmp_path / "b.parquet", Format.PARQUET, columns=("total",), provenance=True)

    assert pl.read_parquet(tmp_path / "a.parquet").columns == ["total", "number", "_source"]
    assert pl.read_parquet(tmp_path / "b.parquet").columns[:3] == ["total", "_doc_id", "_source"]


@pytest.mark.parametrize(
    ("where", "numbers"),
    [
        ("total > 100 AND day >= '2024-01-01'", ["W-1"]),
        ("total IS NULL OR total = 20.000", ["W-2", "W-3"]),
        ("total < (SELECT AVG(total) FROM records)", ["W-3"]),
        ("colour = 'red' -- the full one", ["W-1"]),
        ("number LIKE 'W-%' AND NOT paid", []),
    ],
)
def test_rows_are_chosen_by_sql(waybills: Path, tmp_path: Path, where: str, numbers: list[str]) -> None:
    summary = exported(waybills, tmp_path / "a.csv", Format.CSV, where=where)

    assert pl.read_csv(tmp_path / "a.csv", infer_schema=False)["number"].to_list() == numbers
    assert summary.tables[0].rows == len(numbers)


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("total >", "expression"),
        ("nope = 1", 'unable to find column "nope"'),
        ("total", "must be of type `Boolean`"),
        ("colour = 'blue'", '"blue"'),
        ("total > 1; DROP TABLE records", "sql parser error"),
    ],
)
def test_what_is_no_condition_is_told_in_a_sentence(
    waybills: Path, tmp_path: Path, where: str, told: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        exported(waybills, tmp_path / "a.csv", Format.CSV, where=where)

    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_items_of_a_list_are_a_table_that_joins_its_records(waybills: Path, tmp_path: Path) -> None:
    summary = exported(
        waybills,
        tmp_path / "a.csv",
        Format.CSV,
        columns=("number", "total"),
        explode=("loads",),
        where="total IS NOT NULL",
    )

    parents = pl.read_csv(tmp_path / "a.csv", infer_schema=False)
    items = pl.read_csv(tmp_path / "a.loads.csv", infer_schema=False)
    assert parents.columns == ["number", "total", "_record"]
    assert items.columns == ["what", "weight", "day", "took", "colour", "marks", "_record", "_position"]
    assert items.join(parents, on="_record").select("number", "_position", "what").rows() == [
        ("W-1", "0", LOAD["what"]),
        ("W-1", "1", "rope"),
        ("W-3", "0", "rope"),
    ]
    assert [(table.name, table.rows) for table in summary.tables] == [("waybill", 2), ("waybill.loads", 3)]


def test_a_partition_has_a_folder_for_each_value(waybills: Path, tmp_path: Path) -> None:
    out = tmp_path / "by country"
    asked = ExportOptions(
        lake=waybills, out=out, form=Format.PARQUET, schema="waybill", partition_by=("country",)
    )

    summary = export(asked, ExportTally())

    files = [Path(file.path) for file in summary.tables[0].files]
    assert len({file.parent.name for file in files}) == 3
    assert all(file.is_relative_to(out) and file.parent.parent == out for file in files)
    back = pl.read_parquet(out, hive_partitioning=True)
    assert sorted(back["country"].to_list(), key=str) == ["DE", None, "a/../b"]
    assert back.sort("number").drop("country").equals(records(waybills, "waybill").drop("country"))
    with pytest.raises(ConfigError, match="--force"):
        export(asked, ExportTally())


def test_a_partition_is_replaced_only_when_exports_wrote_all_of_it(waybills: Path, tmp_path: Path) -> None:
    asked = ExportOptions(
        lake=waybills,
        out=tmp_path / "out",
        form=Format.CSV,
        schema="waybill",
        partition_by=("number",),
        force=True,
    )
    export(asked, ExportTally())
    again = export(asked, ExportTally())
    (tmp_path / "out" / "thesis.docx").write_text("years of work")

    assert len(again.tables[0].files) == 3
    assert pl.read_csv(tmp_path / "out/number=W-1/*.csv")["number"].to_list() == ["W-1"]
    with pytest.raises(ConfigError, match=r"thesis\.docx"):
        export(asked, ExportTally())
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_files_are_named_with_size_and_digest(waybills: Path, tmp_path: Path) -> None:
    summary = exported(waybills, tmp_path / "a.jsonl", Format.JSONL)

    (file,) = summary.tables[0].files
    data = (tmp_path / "a.jsonl").read_bytes()
    assert (file.path, file.bytes) == (str(tmp_path / "a.jsonl"), len(data))
    assert file.sha256 == hashlib.sha256(data).hexdigest()


def test_what_is_there_is_replaced_only_by_force(waybills: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("mine")
    with pytest.raises(ConfigError, match="--force"):
        exported(waybills, tmp_path / "a.csv", Format.CSV)
    kept = (tmp_path / "a.csv").read_text()

    exported(waybills, tmp_path / "a.csv", Format.CSV, force=True)

    assert kept == "mine"
    assert pl.read_csv(tmp_path / "a.csv", infer_schema=False).height == 3


def test_a_plan_writes_nothing(waybills: Path, tmp_path: Path) -> None:
    summary = plan(ExportOptions(lake=waybills, out=tmp_path / "a.csv", form=Format.CSV))

    assert summary.tables[0].rows == 3
    assert summary.tables[0].columns["total"] == "Decimal(precision=20, scale=3)"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("selection", "told"),
    [
        ({"columns": ("totl",)}, "no column totl"),
        ({"explode": ("total",)}, "its lists are tags, loads"),
    ],
)
def test_a_name_that_is_not_there_is_told(
    waybills: Path, tmp_path: Path, selection: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        exported(waybills, tmp_path / "a.csv", Format.CSV, **selection)


def test_rows_that_do_not_count_are_left_out(waybills: Path, tmp_path: Path) -> None:
    """A shard that was never committed, and a document that a newer run has worked again."""
    lake = tmp_path / "lake"
    shutil.copytree(waybills, lake)
    first, second, _ = parts_of(lake / "records/schema=waybill")
    torn = first.name.replace("part-20", "part-28")
    shutil.copy(first, first.with_name(torn))
    newer = second.name.replace("part-20", "part-29")
    pl.read_parquet(second).with_columns(number=pl.lit("W-2 again")).write_parquet(second.with_name(newer))
    shutil.copy(lake / "documents" / second.name, lake / "documents" / newer)

    exported(lake, tmp_path / "a.parquet", Format.PARQUET)

    assert sorted(pl.read_parquet(tmp_path / "a.parquet")["number"]) == ["W-1", "W-2 again", "W-3"]


def test_parts_of_an_older_version_have_nothing_where_they_lack_a_column(
    waybills: Path, tmp_path: Path
) -> None:
    lake = tmp_path / "lake"
    shutil.copytree(waybills, lake)
    oldest = parts_of(lake / "records/schema=waybill")[0]
    pl.read_parquet(oldest).drop("_evidence").write_parquet(oldest)

    exported(lake, tmp_path / "a.parquet", Format.PARQUET)

    assert pl.read_parquet(tmp_path / "a.parquet")["_evidence"].to_list() == [None, [], []]


def test_a_lake_without_such_records_says_what_it_was_worked_for(waybills: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="worked for waybill"):
        export(
            ExportOptions(lake=waybills, out=tmp_path / "a.csv", form=Format.CSV, schema="invoice"),
            ExportTally(),
        )


def test_a_broken_part_leaves_no_file(waybills: Path, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    shutil.copytree(waybills, lake)
    part = parts_of(lake / "records/schema=waybill")[1]
    part.write_bytes(part.read_bytes()[:-100])

    with pytest.raises(StoreError, match=part.name):
        exported(lake, tmp_path / "a.csv", Format.CSV)

    assert [path.name for path in tmp_path.iterdir()] == ["lake"]
