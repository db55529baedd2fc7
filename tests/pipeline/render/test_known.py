"""What is known of page images without drawing them again."""

import asyncio
import hashlib
from pathlib import Path

import pytest

from pipeline.errors import Category, DocumentError
from pipeline.records import Document, Kind
from pipeline.render.known import Known, KnownPages
from pipeline.render.sizing import ImageOptions
from pipeline.render.workers import Rasterizer, RenderLimits
from tests.papers import write_pdf

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def paper(path: Path, text: str = "some text") -> Document:
    raw = write_pdf(path, [text, ""]).read_bytes()
    digest = hashlib.sha256(raw).hexdigest()
    return Document(
        doc_id=digest, path=str(path), size_bytes=len(raw), kind=Kind.PDF, media_type="application/pdf"
    )


def rasterizer() -> Rasterizer:
    return Rasterizer(ImageOptions(), RenderLimits(workers=1))


async def test_what_was_drawn_once_is_known_without_the_file_but_for_its_bytes(tmp_path: Path) -> None:
    document = paper(tmp_path / "a.pdf")
    async with rasterizer() as drawing:
        pages = KnownPages(drawing)
        drawn = [await pages.draw(document, number) for number in (1, 2)]
        with pytest.raises(DocumentError) as unreadable:
            await pages.draw(document, 3)
        known = Known.model_validate_json(pages.forget(document).model_dump_json())
        await asyncio.to_thread(Path(document.path).unlink)
        pages.learn(document.doc_id, known)
        again = [await pages.draw(document, number) for number in (1, 2)]
        with pytest.raises(DocumentError) as as_before:
            await pages.draw(document, 3)
        with pytest.raises(DocumentError, match="the file cannot be read: No such file") as gone:
            await pages.fetch(document, again[0])

    assert [page.blank for page in again] == [False, True]
    assert [page.size_bytes for page in again] == [page.size_bytes for page in drawn]
    assert (again[0].data, bool(drawn[0].data)) == (b"", True)
    assert str(as_before.value) == str(unreadable.value)
    assert as_before.value.category is unreadable.value.category
    assert gone.value.category is Category.UNREADABLE


async def test_bytes_are_drawn_again_from_where_the_file_was_but_only_while_it_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    document = paper(Path("a.pdf"))
    async with rasterizer() as drawing:
        pages = KnownPages(drawing)
        drawn = await pages.draw(document, 1)
        known = pages.forget(document)
        monkeypatch.chdir("/")
        pages.learn(document.doc_id, known)
        fetched = await pages.fetch(document, await pages.draw(document, 1))
        paper(tmp_path / "a.pdf", "some other text")
        pages.learn(document.doc_id, known)
        with pytest.raises(DocumentError, match="the file has changed since its pages were sent"):
            await pages.fetch(document, await pages.draw(document, 1))

    assert fetched == drawn
