"""The pages of candidates, drawn again from sources that are still what they were."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pipeline.errors import DocumentError
from pipeline.export.candidates import Candidate, LeftOut, Reason, left_out
from pipeline.fanout import in_order
from pipeline.fetched import Fetched, fetching
from pipeline.records import Document, PageImage, Source
from pipeline.render.likeness import print_of
from pipeline.render.passwords import Passwords
from pipeline.render.sizing import ImageOptions
from pipeline.render.workers import Rasterizer, RenderLimits
from pipeline.walk import cause_of
from pipeline.windows import WindowLimits, encoded_bytes

_REMEMBERED = 1000
"""Documents whose place is remembered; records of one document come together, or nearly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A candidate with its pages.

    Attributes:
        document: Its document, at the place where it was found.
        images: Of its pages, in order.
        prints: Perceptual hashes of the images.
    """

    candidate: Candidate
    document: Document
    images: tuple[PageImage, ...]
    prints: tuple[int, ...]


@asynccontextmanager
async def drawing(
    images: ImageOptions, limits: RenderLimits, passwords: Passwords, windows: WindowLimits
) -> AsyncIterator["Drawer"]:
    """A drawer whose processes end, and whose fetched documents go, with the block."""
    with fetching() as fetched:
        async with Rasterizer(images, limits, passwords, fetched.at_hand) as rasterizer:
            yield Drawer(rasterizer, windows, fetched)


class Drawer:
    """Draws candidates.

    Args:
        rasterizer: Draws pages.
        windows: How much one request may carry.
        fetched: Where documents of buckets are fetched to.
    """

    def __init__(self, rasterizer: Rasterizer, windows: WindowLimits, fetched: Fetched) -> None:
        self._rasterizer, self._windows, self._fetched = rasterizer, windows, fetched
        self._seen: dict[str, Document | Reason] = {}

    async def draw(self, one: Candidate | LeftOut) -> Drawn | LeftOut:
        """A candidate with its pages; or that it is left out, and why."""
        if isinstance(one, LeftOut):
            return one
        document = await self._found(one)
        if isinstance(document, Reason):
            return left_out(one, document)
        try:
            images = tuple([await self._rasterizer.draw(document, number) for number in one.pages])
        except DocumentError:
            return left_out(one, Reason.NOT_DRAWN)
        if any(image.blank for image in images):
            return left_out(one, Reason.NOT_DRAWN)
        if self._is_too_much(images):
            return left_out(one, Reason.TOO_LARGE)
        prints = await asyncio.to_thread(lambda: tuple(print_of(image.data) for image in images))
        return Drawn(candidate=one, document=document, images=images, prints=prints)

    async def draw_all(
        self,
        candidates: Iterable[Candidate | LeftOut],
        take: Callable[[Drawn | LeftOut], None],
        *,
        ahead: int,
    ) -> None:
        """Draw candidates and hand each over, in order.

        Args:
            candidates: Read as they are needed.
            take: Given each; what it raises ends everything.
            ahead: How many are drawn at once, and held.
        """
        try:
            async with asyncio.TaskGroup() as group:
                async for one in in_order(self.draw, candidates, group, width=ahead):
                    take(one)
        except ExceptionGroup as errors:
            raise cause_of(errors) from None

    async def _found(self, one: Candidate) -> Document | Reason:
        """The document, if its bytes are what they were; not looked for again for a while."""
        if (found := self._seen.get(one.doc_id)) is None:
            found = await asyncio.to_thread(_find, self._fetched, one.doc_id, one.paths)
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            self._seen[one.doc_id] = found
        return found

    def _is_too_much(self, images: Sequence[PageImage]) -> bool:
        size = sum(encoded_bytes(image.size_bytes) for image in images)
        return len(images) > self._windows.max_images or size >= self._windows.max_encoded_bytes


def _find(fetched: Fetched, doc_id: str, paths: Sequence[str]) -> Document | Reason:
    reason = Reason.SOURCE_GONE
    for path in paths:
        try:
            there = fetched.identify(Source(path, 0))
        except DocumentError:
            continue
        if there.doc_id == doc_id:
            return there
        reason = Reason.SOURCE_CHANGED
    return reason
