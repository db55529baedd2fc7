"""A lake is opened under a lock, mended, and closed whole."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.errors import ConfigError, StoreError
from pipeline.records import Answer, Completion, Document, Kind, Usage
from pipeline.store.lake import Lake, next_run_id
from pipeline.store.leftovers import noted_in
from pipeline.store.parquet import write_rows, write_text
from pipeline.store.tables import ANSWERS, PAGES_TABLE, Table, answer_row, records_table

RECORDS = records_table("slip", {"title": pl.String})


def opened(root: Path, records: Table = RECORDS) -> Lake:
    return Lake(root, records, "slip")


A_PDF = Document(
    doc_id="d1", path="a.pdf", size_bytes=0, kind=Kind.PDF, media_type="application/pdf", place="/a.pdf"
)


def document(doc_id: str | None, path: str, state: str = "done") -> dict[str, Any]:
    return {
        "schema": "slip",
        "doc_id": doc_id,
        "path": path,
        "place": os.fsencode(f"/{path}"),
        "state": state,
        "question_id": "q",
        "pages": 1,
    } | dict.fromkeys(("pages_in_records", "pages_blank", "pages_failed", "pages_skipped", "records"), 0)


def write(lake: Lake, shard: int, *documents: dict[str, Any], commit: bool = True) -> None:
    """A shard with a record and a page for each document."""

    async def go() -> None:
        writer = lake.writer(shard)
        for row in documents:
            writer.record({"title": f"{row['path']} in {lake.run}", "_doc_id": row["doc_id"]})
            writer.page({"schema": "slip", "doc_id": row["doc_id"], "page": 1, "outcome": "record"})
            if commit:
                writer.document(row)
        await writer.commit()

    asyncio.run(go())


def titles(root: Path) -> list[str]:
    return sorted(pl.read_parquet(root / "records/schema=slip/*.parquet")["title"])


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "lake"
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_second_run_on_the_same_lake_is_refused(root: Path) -> None:
    with opened(root), pytest.raises(ConfigError, match="another run is working"), opened(root):
        pass


def test_the_lock_is_free_after_a_run_that_failed(root: Path) -> None:
    with pytest.raises(RuntimeError), opened(root):
        raise RuntimeError

    with opened(root):
        pass


def test_parts_of_a_shard_that_was_never_committed_are_removed(root: Path) -> None:
    with opened(root) as lake:
        write(lake, 1, document("d1", "a.pdf"))
        write(lake, 2, document("d2", "b.pdf"), commit=False)
    with opened(root):
        assert pl.read_parquet(root / "pages/*.parquet")["doc_id"].to_list() == ["d1"]
        assert len(titles(root)) == 1


def test_half_written_files_are_removed(root: Path) -> None:
    with opened(root) as lake:
        write(lake, 1, document("d1", "a.pdf"))
    (root / "pages" / ".part-x.parquet.tmp").write_bytes(b"PAR1")

    with opened(root):
        assert [path.name for path in (root / "pages").iterdir() if path.name.startswith(".")] == []


def test_rows_of_a_document_worked_again_replace_the_old_ones(root: Path) -> None:
    with opened(root) as first:
        write(first, 1, document("d1", "a.pdf", "failed"), document("d2", "b.pdf"))
    with opened(root) as second:
        write(second, 1, document("d1", "a.pdf"))
    with opened(root):
        assert titles(root) == [f"a.pdf in {second.run}", f"b.pdf in {first.run}"]
        assert pl.read_parquet(root / "documents/*.parquet").height == 2


def test_a_file_that_could_be_read_at_last_leaves_no_old_failure(root: Path) -> None:
    with opened(root) as first:
        write(first, 1, document(None, "a.pdf", "failed"))
    with opened(root) as second:
        write(second, 1, document("d1", "a.pdf"))
    with opened(root):
        assert pl.read_parquet(root / "documents/*.parquet")["doc_id"].to_list() == ["d1"]


def test_further_paths_of_the_same_bytes_are_kept(root: Path) -> None:
    with opened(root) as first:
        write(first, 1, document("d1", "a.pdf"), document("d1", "copy.pdf", "duplicate"))
    with opened(root) as second:
        write(second, 1, document("d1", "a.pdf"))
    with opened(root):
        assert sorted(pl.read_parquet(root / "documents/*.parquet")["path"]) == ["a.pdf", "copy.pdf"]


def test_another_record_type_in_the_same_lake_is_left_alone(root: Path) -> None:
    other = records_table("note", {"title": pl.String})
    with Lake(root, other, "note") as lake:
        write_rows(
            root / other.folder / f"part-{lake.run}-00001-000.parquet", [{"title": "n"}], other.columns
        )
        rows = [document("d1", "a.pdf") | {"schema": "note"}]
        asyncio.run(_commit(lake, rows))
    for _ in range(2):
        with opened(root) as lake:
            write(lake, 1, document("d1", "a.pdf"))
    with opened(root):
        assert pl.read_parquet(root / other.folder / "*.parquet")["title"].to_list() == ["n"]
        schemas = pl.read_parquet(root / "documents/*.parquet")["schema"].to_list()
        assert sorted(schemas) == ["note", "slip"]


async def _commit(lake: Lake, rows: list[dict[str, Any]], shard: int = 1) -> None:
    writer = lake.writer(shard)
    for row in rows:
        writer.document(row)
    await writer.commit()


def test_other_columns_are_explained_and_refused(root: Path) -> None:
    with opened(root) as lake:
        write(lake, 1, document("d1", "a.pdf"))
    other = records_table("slip", {"title": pl.Int64, "total": pl.Float64})

    with pytest.raises(ConfigError, match=r"total added; title was String, is Int64"), opened(root, other):
        pass


@pytest.mark.parametrize(
    "left", ["answers/part-{}-00001-000.parquet", "_runs/{}.json", "_journal/{}-00001.jsonl"]
)
def test_run_ids_grow_even_when_the_clock_goes_back(left: str, root: Path) -> None:
    future = next_run_id(root, datetime(2099, 1, 1, tzinfo=UTC))
    file = root / left.format(future)
    file.parent.mkdir(parents=True)
    file.touch()
    (file.parent / "notes.json").touch()

    assert next_run_id(root, datetime(2026, 1, 1, tzinfo=UTC)) > future


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigError, match="choose another --out"), opened(tmp_path / "file" / "lake"):
        pass


def test_a_value_that_does_not_fit_its_column_writes_nothing(root: Path) -> None:
    with pytest.raises(StoreError, match="pages: a value does not fit"):
        write_rows(root / "pages" / "part-x.parquet", [{"page": "one"}], PAGES_TABLE.columns)

    assert not (root / "pages" / "part-x.parquet").exists()


def test_a_file_is_absent_when_writing_it_failed(root: Path) -> None:
    root.mkdir()

    with pytest.raises(StoreError):
        write_text(root / ("n" * 300), "text")

    assert list(root.iterdir()) == []


def test_parts_are_written_while_a_shard_goes_on(root: Path) -> None:
    async def go(lake: Lake) -> int:
        writer = lake.writer(1)
        for page in range(4500):
            writer.page({"schema": "slip", "doc_id": "d", "page": page, "outcome": "record"})
            await writer.flush_if_full()
        before = len(list((root / "pages").glob("*.parquet")))
        writer.document(document("d", "a.pdf"))
        await writer.commit()
        return before

    with opened(root) as lake:
        assert asyncio.run(go(lake)) == 2
    assert pl.read_parquet(root / "pages/*.parquet").height == 4500


ANSWER = Answer(
    custom_id="a" * 40,
    schema="slip",
    doc_id="d1",
    pages=(1,),
    partial=False,
    model="m",
    road="online",
    completion=Completion(
        content="{}",
        finish_reason="stop",
        model="m",
        usage=Usage(),
        request_id="",
        latency_s=0.5,
        attempts=1,
    ),
    cost=None,
    received_at=1.5,
)


def test_a_journal_does_not_outgrow_a_part(root: Path) -> None:
    """A document may have 100,000 pages, and is one shard."""

    async def go(lake: Lake) -> tuple[int, int]:
        writer = lake.writer(1)
        for number in range(2500):
            writer.answer(replace(ANSWER, custom_id=f"{number}"))
            await writer.flush_if_full()
        (file,) = (root / "_journal").glob("*.jsonl")
        noted = noted_in(file).answers
        writer.document(document("d1", "a.pdf"))
        await writer.commit()
        return noted, pl.read_parquet(root / "answers/*.parquet")["custom_id"].n_unique()

    with opened(root) as lake:
        assert asyncio.run(go(lake)) == (500, 2500)
    assert not list((root / "_journal").glob("*.jsonl"))


def paths(root: Path) -> list[tuple[str, str]]:
    return sorted(pl.read_parquet(root / "documents/*.parquet").select("path", "state").rows())


def test_an_answer_written_before_the_kill_is_not_written_again_from_the_journal(root: Path) -> None:
    with opened(root) as lake:
        writer = lake.writer(1)
        writer.answer(ANSWER)
        row = answer_row(ANSWER) | {"run": lake.run}
        write_rows(root / "answers" / f"part-{lake.run}-00001-000.parquet", [row], ANSWERS.columns)
        writer.close()

    with opened(root):
        assert pl.read_parquet(root / "answers/*.parquet").height == 1
        assert list((root / "_journal").glob("*.jsonl")) == []


def test_a_document_left_unfinished_does_not_replace_its_finished_rows(root: Path) -> None:
    with opened(root) as first:
        write(first, 1, document("d1", "a.pdf"))
    with opened(root) as second:
        write(second, 1, document("d1", "a.pdf", "unfinished"))
    with opened(root) as third:
        assert titles(root) == [f"a.pdf in {first.run}"]
        assert paths(root) == [("a.pdf", "done")]
        write(third, 1, document("d1", "a.pdf", "failed"))
    with opened(root):
        assert titles(root) == [f"a.pdf in {third.run}"]


def test_the_newest_of_unfinished_rows_is_kept(root: Path) -> None:
    with opened(root) as first:
        write(first, 1, document("d1", "a.pdf", "unfinished"))
    with opened(root) as second:
        write(second, 1, document("d1", "a.pdf", "unfinished"))
    with opened(root):
        assert titles(root) == [f"a.pdf in {second.run}"]


def test_a_path_is_not_listed_beside_itself(root: Path) -> None:
    """Its first path is gone, so the document is worked under the one that was a further path before."""
    with opened(root) as first:
        write(first, 1, document("d1", "a.pdf", "failed"), document("d1", "copy.pdf", "duplicate"))
    with opened(root) as second:
        write(second, 1, document("d1", "copy.pdf"))
    with opened(root):
        assert paths(root) == [("copy.pdf", "done")]


def test_a_path_that_can_be_read_again_loses_its_failure(root: Path) -> None:
    with opened(root) as first:
        write(first, 1, document("d1", "a.pdf"))
    with opened(root) as second:
        write(second, 1, document(None, "a.pdf", "failed"))
    with opened(root) as third:
        assert not third.listing.has(A_PDF)
        write(third, 1, document("d1", "a.pdf", "duplicate"))
    with opened(root) as fourth:
        assert paths(root) == [("a.pdf", "done")]
        assert fourth.listing.has(A_PDF)


@pytest.mark.parametrize("name", ["[2024]", "a*", "a?b", "{x}", "a=b", "%20", "new\nline"])
def test_a_folder_of_any_name_can_hold_a_lake(name: str, tmp_path: Path) -> None:
    for number in range(3):
        with opened(tmp_path / name) as lake:
            assert set(lake.ledger.done) == ({"d1"} if number else set())
            write(lake, 1, document("d1", "a.pdf"))
    with opened(tmp_path / name):
        assert len(list((tmp_path / name / "pages").iterdir())) == 1


@pytest.mark.parametrize(
    ("name", "reason"), [("s3://bucket/lake", "is an address"), ("lake\udcff", "not UTF-8")]
)
def test_a_name_that_no_lake_can_have_is_refused(name: str, reason: str, tmp_path: Path) -> None:
    root = Path(name) if ":" in name else tmp_path / name

    with pytest.raises(ConfigError, match=reason), opened(root):
        pass

    assert not root.exists()


def test_a_file_where_a_table_belongs_is_named_before_anything_is_asked(root: Path) -> None:
    root.mkdir()
    (root / "answers").write_text("")

    with pytest.raises(ConfigError, match=r"answers.*choose another --out"), opened(root):
        pass


def test_files_of_others_are_neither_read_nor_removed(root: Path) -> None:
    with opened(root) as lake:
        write(lake, 1, document("d1", "a.pdf"))
    foreign = [
        root / folder / name
        for folder in ("pages", "documents", "answers", "records/schema=slip")
        for name in ("part-0.parquet", "part-zzz.parquet", "export.parquet", ".other.tmp")
    ]
    foreign += [root / ".hidden.tmp", root / "mine" / ".part-1.parquet.tmp.tmp"]
    for file in foreign:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"mine")

    for _ in range(2):
        with opened(root) as lake:
            write(lake, 1, document("d1", "a.pdf"))

    assert all(file.read_bytes() == b"mine" for file in foreign)
    for file in foreign:
        file.unlink()


@pytest.mark.parametrize("folder", ["documents", "records/schema=slip"])
@pytest.mark.parametrize("content", [b"", b"PAR1 is not enough"])
def test_a_damaged_part_is_named(folder: str, content: bytes, root: Path) -> None:
    with opened(root) as lake:
        write(lake, 1, document("d1", "a.pdf"))
        write(lake, 2, document("d2", "b.pdf"))
    part = sorted((root / folder).iterdir())[1]
    part.write_bytes(content)

    with pytest.raises(StoreError, match=f"{part.name} cannot be read"), opened(root):
        pass


def test_a_shape_left_over_in_an_older_part_is_refused_too(root: Path) -> None:
    other = records_table("slip", {"title": pl.Int64})
    with opened(root) as lake:
        write(lake, 1, document("d1", "a.pdf"))
        later = root / other.folder / f"part-{lake.run}-00002-000.parquet"
        write_rows(later, [{"title": 1}], other.columns)
        asyncio.run(_commit(lake, [document("d2", "b.pdf")], 2))

    with pytest.raises(ConfigError, match="pagelake rebuild"), opened(root, other):
        pass
