"""What is known of page images without drawing them again."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from pipeline.records import Document, PageImage
from pipeline.render.workers import Rasterizer
from pipeline.views import View


class Pages(Protocol):
    """Whoever knows the pages of documents; all of it raises DocumentError for what cannot be drawn."""

    async def inspect(self, document: Document) -> int:
        """Number of pages."""
        ...

    async def measure(self, document: Document, numbers: Sequence[int]) -> list[tuple[float, float]]:
        """Width and height of pages in points."""
        ...

    async def draw(self, document: Document, number: int) -> PageImage:
        """A page as it is sent; its bytes may be missing where they are not needed."""
        ...

    async def fetch(self, document: Document, image: PageImage) -> PageImage:
        """The same page with its bytes."""
        ...

    async def redraw(self, document: Document, image: PageImage, view: View) -> PageImage:
        """The same page in another view, with its bytes."""
        ...


class KnownPage(BaseModel):
    """A page image without its bytes, which are drawn again where they are needed."""

    model_config = ConfigDict(frozen=True)

    number: int
    media_type: str
    width_px: int
    height_px: int
    width_pt: float
    height_pt: float
    grey: bool
    blank: bool
    has_text: bool
    absent_bytes: int

    @classmethod
    def of(cls, image: PageImage) -> "KnownPage":
        """What is known of an image."""
        fields = {name: getattr(image, name) for name in cls.model_fields if name != "absent_bytes"}
        return cls(**fields, absent_bytes=image.size_bytes)

    @property
    def image(self) -> PageImage:
        """The same, as it travels."""
        return PageImage(**self.model_dump(), data=b"")


class KnownPages:
    """A rasterizer that remembers what it has drawn, and draws nothing that it is told of beforehand."""

    def __init__(self, rasterizer: Rasterizer) -> None:
        self._rasterizer = rasterizer
        self._seen: dict[str, dict[int, KnownPage]] = defaultdict(dict)

    def learn(self, doc_id: str, pages: Iterable[KnownPage]) -> None:
        """Be told of pages of a document."""
        self._seen[doc_id] |= {page.number: page for page in pages}

    def forget(self, doc_id: str) -> list[KnownPage]:
        """What is known of the pages of a document, in order; from then on nothing is."""
        pages = self._seen.pop(doc_id, {})
        return [pages[number] for number in sorted(pages)]

    async def inspect(self, document: Document) -> int:
        """Number of pages; raises as the rasterizer does."""
        return await self._rasterizer.inspect(document)

    async def measure(self, document: Document, numbers: Sequence[int]) -> list[tuple[float, float]]:
        """Sizes of pages; raises as the rasterizer does."""
        return await self._rasterizer.measure(document, numbers)

    async def draw(self, document: Document, number: int) -> PageImage:
        """One page, without its bytes where it is known; raises as the rasterizer does."""
        if (known := self._seen[document.doc_id].get(number)) is not None:
            return known.image
        image = await self._rasterizer.draw(document, number)
        self._seen[document.doc_id][number] = KnownPage.of(image)
        return image

    async def fetch(self, document: Document, image: PageImage) -> PageImage:
        """The same page with its bytes; raises as the rasterizer does."""
        if image.data or image.blank:
            return image
        drawn = await self._rasterizer.draw(document, image.number)
        return dataclasses.replace(drawn, number=image.number)

    async def redraw(self, document: Document, image: PageImage, view: View) -> PageImage:
        """The same page in another view, which is not remembered; raises as the rasterizer does."""
        return await self._rasterizer.redraw(document, image, view)
