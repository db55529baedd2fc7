"""Documents that wait for jobs."""

import os
from pathlib import Path

import pytest

from pipeline.batch.waiting import WaitingDocument, WaitingRoom, WaitingShard
from pipeline.errors import Category, StoreError
from pipeline.records import Document, Kind
from pipeline.render.known import BadPage, Known, KnownPage
from tests.pages import page_image


def waiting(path: str = "/in/a.pdf") -> WaitingShard:
    document = Document(doc_id="d" * 64, path=path, size_bytes=3, kind=Kind.PDF, media_type="application/pdf")
    known = Known(
        pages=[KnownPage.of(page_image(1))],
        bad=[BadPage(number=2, category=Category.CORRUPT, message="page 2: torn")],
        place=path,
    )
    return WaitingShard(
        question_id="q", documents=[WaitingDocument(document=document, page_count=2, known=known)]
    )


@pytest.mark.parametrize(
    "path", ["/in/a.pdf", "/in/\N{GREEK SMALL LETTER ALPHA}.pdf", os.fsdecode(b"/in/\xe9.pdf")]
)
def test_what_is_kept_is_read(tmp_path: Path, path: str) -> None:
    room = WaitingRoom(tmp_path)
    room.keep("a-1", waiting(path))

    assert room.names() == ["a-1"]
    assert room.read("a-1") == waiting(path)


def test_a_group_without_documents_is_forgotten(tmp_path: Path) -> None:
    room = WaitingRoom(tmp_path)
    room.keep("a-1", waiting())
    for name in ("a-1", "never-there"):
        room.keep(name, WaitingShard(question_id="q", documents=[]))

    assert room.names() == []


@pytest.mark.parametrize("torn", [b"", b"{", b"null", b'{"question_id": 1}', b"\xff\xfe"])
def test_a_group_that_cannot_be_read_is_said_in_one_sentence(tmp_path: Path, torn: bytes) -> None:
    room = WaitingRoom(tmp_path)
    room.keep("a-1", waiting())
    (tmp_path / "_jobs" / ".waiting" / "a-1.json").write_bytes(torn)
    with pytest.raises(StoreError, match=r"a-1\.json cannot be read: move it out of the lake and process"):
        room.read("a-1")


def test_names_are_in_the_order_of_the_runs(tmp_path: Path) -> None:
    room = WaitingRoom(tmp_path)
    for name in ("20260102-00002", "20260101-00010", "20260102-00001"):
        room.keep(name, waiting())

    assert room.names() == ["20260101-00010", "20260102-00001", "20260102-00002"]
