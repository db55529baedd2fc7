from pathlib import Path

import pytest

from pipeline.objects import ObjectFolder
from pipeline.records import Skipped, Source
from pipeline.sources import find
from tests.buckets import bucket, s3
from tests.papers import write_pdf

__all__ = ["bucket", "s3"]

PDF = b"%PDF-1.7\n"


@pytest.fixture
def filled(bucket: str) -> str:
    """A bucket with documents at several depths."""
    folder = ObjectFolder(bucket)
    for name in ("in/a.pdf", "in/below/b.PDF", "in/below/deep/c.png", "in/[1].pdf", "other/d.pdf"):
        folder.put(name, PDF)
    folder.put("in/scan", PDF)
    folder.put("in/notes.txt", b"hello")
    folder.put("in/nothing", b"")
    folder.put("in/.hidden/e.pdf", PDF)
    return bucket


def found(*asked: str, lake: str = "") -> list[str]:
    return [one.path for one in find(asked, lake_address=lake) if isinstance(one, Source)]


def left_out(*asked: str, lake: str = "") -> dict[str, str]:
    return {one.path: one.reason for one in find(asked, lake_address=lake) if isinstance(one, Skipped)}


def test_a_folder_gives_what_is_a_document_by_its_name_or_its_first_bytes(filled: str) -> None:
    names = ("[1].pdf", "a.pdf", "below/b.PDF", "below/deep/c.png", "scan")
    assert sorted(found(f"{filled}/in/")) == [f"{filled}/in/{name}" for name in names]
    assert left_out(f"{filled}/in") == {
        f"{filled}/in/notes.txt": "not a PDF or an image",
        f"{filled}/in/nothing": "not a PDF or an image",
        f"{filled}/in/.hidden/e.pdf": "hidden",
    }


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("in/*.pdf", ["in/[1].pdf", "in/a.pdf"]),
        ("in/**/*.p*", ["in/[1].pdf", "in/a.pdf", "in/below/deep/c.png"]),
        ("*/d.pdf", ["other/d.pdf"]),
        ("in/below*", ["in/below/b.PDF", "in/below/deep/c.png"]),
        ("in/[1].pdf", ["in/[1].pdf"]),
    ],
)
def test_patterns_match_as_those_of_files_do(filled: str, pattern: str, names: list[str]) -> None:
    assert sorted(found(f"{filled}/{pattern}")) == [f"{filled}/{name}" for name in names]


def test_an_object_named_outright_counts_whatever_it_is(filled: str) -> None:
    assert found(f"{filled}/in/notes.txt") == [f"{filled}/in/notes.txt"]


def test_each_is_found_once_in_files_lists_and_folders(filled: str, tmp_path: Path) -> None:
    write_pdf(tmp_path / "local.pdf", ["one"])
    (tmp_path / "list.txt").write_text(f"{filled}/in/a.pdf\n  {filled}/other  \n{tmp_path / 'local.pdf'}\n")
    assert found(f"@{tmp_path / 'list.txt'}", f"{filled}/other") == [
        f"{filled}/in/a.pdf",
        f"{filled}/other/d.pdf",
        str(tmp_path / "local.pdf"),
    ]


def test_nothing_at_an_address_is_said(bucket: str) -> None:
    assert left_out(f"{bucket}/nowhere") == {f"{bucket}/nowhere": "there is nothing at this address"}


def test_the_lake_of_the_run_is_left_out(filled: str) -> None:
    lake = f"{filled}/in/below"
    assert sorted(found(filled, lake=lake)) == [
        f"{filled}/{name}" for name in ("in/[1].pdf", "in/a.pdf", "in/scan", "other/d.pdf")
    ]
    assert left_out(filled, lake=lake)[lake] == "the lake of this run"


def test_other_bytes_have_another_stamp(bucket: str) -> None:
    folder = ObjectFolder(bucket)
    stamps = []
    for data in (b"%PDF-1", b"%PDF-2", b"%PDF-1"):
        folder.put("a.pdf", data)
        stamps += [one.stamp for one in find([bucket]) if isinstance(one, Source)]
    assert len(set(stamps)) == 2
    assert stamps[0] == stamps[2]
