"""What is known of page images without drawing them again."""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from pipeline.errors import Category, DocumentError, DocumentGivenUp
from pipeline.objects import is_address
from pipeline.records import Document, PageImage
from pipeline.render.workers import Rasterizer
from pipeline.stamps import place_of
from pipeline.views import View


class Pages(Protocol):
    """Whoever knows the pages of documents; all of it raises DocumentError for what cannot be drawn."""

    async def inspect(self, document: Document) -> int:
        """Number of pages."""
        ...

    async def measure(self, document: Document, numbers: Sequence[int]) -> list[tuple[float, float] | None]:
        """Width and height of pages in points; None for one that cannot be found."""
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


class BadPage(BaseModel):
    """A page that could not be drawn, and why.

    Attributes:
        given_up: Whether it was not even tried.
    """

    model_config = ConfigDict(frozen=True)

    number: int
    category: Category
    message: str
    given_up: bool = False

    @classmethod
    def of(cls, number: int, error: DocumentError) -> "BadPage":
        """What is known of a page."""
        given_up = isinstance(error, DocumentGivenUp)
        return cls(number=number, category=error.category, message=str(error), given_up=given_up)

    @property
    def error(self) -> DocumentError:
        """The same, as it is raised."""
        kind = DocumentGivenUp if self.given_up else DocumentError
        return kind(self.category, self.message)


class Known(BaseModel):
    """What is known of a document.

    Attributes:
        pages: Those that were drawn, in order.
        bad: Those that could not be.
        place: Where it was found, from the root of the disk on.
    """

    model_config = ConfigDict(frozen=True)

    pages: list[KnownPage]
    bad: list[BadPage]
    place: str


@dataclass(slots=True)
class _Seen:
    pages: dict[int, KnownPage] = field(default_factory=dict)
    bad: dict[int, BadPage] = field(default_factory=dict)
    place: str = ""
    checked: bool = True


class KnownPages:
    """A rasterizer that remembers what it has drawn, and draws nothing that it is told of beforehand.

    What it was told of may be long ago: if it has to draw a page of such a document after all, it looks first
    whether the file is still the same.
    """

    def __init__(self, rasterizer: Rasterizer) -> None:
        self._rasterizer = rasterizer
        self._seen: dict[str, _Seen] = defaultdict(_Seen)

    def learn(self, doc_id: str, known: Known) -> None:
        """Be told of a document."""
        self._seen[doc_id] = _Seen(
            pages={page.number: page for page in known.pages},
            bad={page.number: page for page in known.bad},
            place=known.place,
            checked=False,
        )

    def forget(self, document: Document) -> Known:
        """What is known of a document; from then on nothing is."""
        seen = self._seen.pop(document.doc_id, _Seen())
        return Known(
            pages=[seen.pages[number] for number in sorted(seen.pages)],
            bad=list(seen.bad.values()),
            place=seen.place or place_of(document.path),
        )

    async def inspect(self, document: Document) -> int:
        """Number of pages; raises as the rasterizer does."""
        return await self._rasterizer.inspect(document)

    async def measure(self, document: Document, numbers: Sequence[int]) -> list[tuple[float, float] | None]:
        """Sizes of pages; raises as the rasterizer does."""
        return await self._rasterizer.measure(document, numbers)

    async def draw(self, document: Document, number: int) -> PageImage:
        """One page, without its bytes where it is known; raises as the rasterizer does."""
        seen = self._seen[document.doc_id]
        if (known := seen.pages.get(number)) is not None:
            return known.image
        if (bad := seen.bad.get(number)) is not None:
            raise bad.error
        try:
            image = await self._drawn(document, number)
        except DocumentError as error:
            seen.bad[number] = BadPage.of(number, error)
            raise
        seen.pages[number] = KnownPage.of(image)
        return image

    async def fetch(self, document: Document, image: PageImage) -> PageImage:
        """The same page with its bytes; raises as the rasterizer does."""
        if image.data or image.blank:
            return image
        return replace(await self._drawn(document, image.number), number=image.number)

    async def redraw(self, document: Document, image: PageImage, view: View) -> PageImage:
        """The same page in another view, which is not remembered; raises as the rasterizer does."""
        return await self._rasterizer.redraw(await self._there(document), image, view)

    async def _drawn(self, document: Document, number: int) -> PageImage:
        return await self._rasterizer.draw(await self._there(document), number)

    async def _there(self, document: Document) -> Document:
        """The document where it lies."""
        seen = self._seen[document.doc_id]
        if not seen.checked and not is_address(seen.place):  # what is fetched is looked at then
            await asyncio.to_thread(_check, seen.place, document.doc_id)
            seen.checked = True
        return replace(document, path=seen.place or document.path)


def _check(place: str, doc_id: str) -> None:
    """Raise DocumentError unless a file has the bytes that it had."""
    try:
        with Path(place).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DocumentError(Category.UNREADABLE, f"the file cannot be read: {reason}") from error
    if digest != doc_id:
        raise DocumentError(Category.UNREADABLE, "the file has changed since its pages were sent")
