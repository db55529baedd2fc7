import asyncio
import hashlib
from pathlib import Path

import pytest

from pipeline.errors import Category, DocumentError
from pipeline.fetched import Fetched, fetching
from pipeline.objects import ObjectFolder
from pipeline.records import Document, Source
from tests.buckets import bucket, s3

__all__ = ["bucket", "s3"]

PDF = b"%PDF-1.7\n"


def put(bucket: str, name: str, data: bytes = PDF) -> Source:
    ObjectFolder(bucket).put(name, data)
    return Source(f"{bucket}/{name}", len(data))


def read(fetched: Fetched, document: Document) -> bytes:
    async def go() -> bytes:
        async with fetched.at_hand(document) as file:
            return file.read_bytes()

    return asyncio.run(go())


def test_an_object_is_known_by_its_bytes_and_called_by_its_address(bucket: str, tmp_path: Path) -> None:
    document = Fetched(tmp_path).identify(put(bucket, "in/a.pdf"))

    assert document.doc_id == hashlib.sha256(PDF).hexdigest()
    assert (document.path, document.place) == (f"{bucket}/in/a.pdf", f"{bucket}/in/a.pdf")
    assert (document.size_bytes, document.modified_ns) == (len(PDF), 0)
    assert document.stamp
    assert [file.name for file in tmp_path.iterdir()] == [document.doc_id]


def test_its_bytes_are_at_hand_without_asking_again(bucket: str, tmp_path: Path) -> None:
    fetched = Fetched(tmp_path)
    document = fetched.identify(put(bucket, "a.pdf"))
    ObjectFolder(bucket).remove(["a.pdf"])
    assert read(fetched, document) == PDF


def test_files_that_nobody_uses_go_when_there_are_too_many(bucket: str, tmp_path: Path) -> None:
    fetched = Fetched(tmp_path, most_bytes=2 * len(PDF) + 1)
    documents = [fetched.identify(put(bucket, f"{number}.pdf", PDF + b"%d" % number)) for number in range(4)]
    assert {file.name for file in tmp_path.iterdir()} == {documents[3].doc_id}

    async def both() -> tuple[bytes, bytes]:
        async with fetched.at_hand(documents[0]) as first, fetched.at_hand(documents[1]) as second:
            return first.read_bytes(), second.read_bytes()

    assert asyncio.run(both()) == (PDF + b"0", PDF + b"1")


@pytest.mark.parametrize("now", [b"%PDF-1.4\n", b"%PDF-1.4 and more\n", None])
def test_an_object_that_is_another_by_then_is_not_drawn(
    bucket: str, tmp_path: Path, now: bytes | None
) -> None:
    fetched = Fetched(tmp_path)
    document = fetched.identify(put(bucket, "a.pdf"))
    (tmp_path / document.doc_id).unlink()
    ObjectFolder(bucket).remove(["a.pdf"])
    if now is not None:
        put(bucket, "a.pdf", now)
    with pytest.raises(DocumentError) as caught:
        read(fetched, document)
    assert caught.value.category in {Category.UNREADABLE, Category.TOO_LARGE}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("data", "category"),
    [(b"", Category.EMPTY), (b"<html>", Category.NOT_A_DOCUMENT), (PDF + b"x" * 99, Category.TOO_LARGE)],
)
def test_what_is_no_document_is_told_and_not_kept(
    bucket: str, tmp_path: Path, data: bytes, category: Category
) -> None:
    with pytest.raises(DocumentError) as caught:
        Fetched(tmp_path).identify(put(bucket, "a.pdf", data), max_bytes=50)
    assert caught.value.category is category
    assert list(tmp_path.iterdir()) == []


def test_an_object_that_is_gone_is_unreadable(bucket: str, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="the object is gone"):
        Fetched(tmp_path).identify(Source(f"{bucket}/a.pdf", 1))


def test_documents_of_this_machine_stay_where_they_lie(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(PDF)
    with fetching() as fetched:
        document = fetched.identify(Source(str(tmp_path / "a.pdf"), len(PDF)))
        assert read(fetched, document) == PDF
