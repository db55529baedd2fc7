"""A window of pages asked about whole, or in halves and strips where that is too much for one answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.inquiry import Asked, Inquiry, Unanswered, Unasked
from pipeline.records import Answer, Failure, PageImage
from pipeline.remedies import FEWER_PAGES, PLAIN, Remedy, strips_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What came of some pages that were asked about together.

    Attributes:
        images: Images of the pages, without their bytes.
        asked: Their answer; several, from the top, where a lone page was asked about in strips.
        lost: Why there is none.
    """

    images: tuple[PageImage, ...]
    asked: tuple[Asked, ...] = ()
    lost: Failure | None = None

    @property
    def pages(self) -> tuple[int, ...]:
        """Their numbers, ascending."""
        return tuple(image.number for image in self.images)

    @property
    def answers(self) -> list[Answer]:
        """The answers, in the order in which they are read."""
        return [one.answer for one in self.asked]

    @property
    def remedy(self) -> str:
        """What was changed until there was an answer: the most that any strip needed."""
        return max((one.remedy.name for one in self.asked), key=len, default="")


async def ask(
    inquiry: Inquiry, window: Sequence[PageImage], *, partial: bool, start: Remedy = PLAIN
) -> list[Part]:
    """What came of a window, in page order; pages that a stop left untouched are missing."""
    if len(window) > 1 and inquiry.was_halved(window, partial=partial):
        return await _halves(inquiry, window)
    try:
        asked = await inquiry.ask(window, partial=partial, start=start)
        if isinstance(asked, Unasked):
            return []
        if asked.is_cut and len(window) > 1:
            return await _halves(inquiry, window)
        strips = await _strips(inquiry, window, asked) if asked.is_too_long else [asked]
    except Unanswered as error:
        if error.too_much and len(window) > 1:
            return await _halves(inquiry, window)
        return [Part(images=_light(window), lost=error.failure)]
    return [Part(images=_light(window), asked=tuple(strips))] if strips else []


def _light(window: Sequence[PageImage]) -> tuple[PageImage, ...]:
    return tuple(replace(image, data=b"", absent_bytes=image.size_bytes) for image in window)


async def _halves(inquiry: Inquiry, window: Sequence[PageImage]) -> list[Part]:
    half = (len(window) + 1) // 2
    return [
        *await ask(inquiry, window[:half], partial=True, start=FEWER_PAGES),
        *await ask(inquiry, window[half:], partial=True, start=FEWER_PAGES),
    ]


async def _strips(inquiry: Inquiry, page: Sequence[PageImage], whole: Asked) -> list[Asked]:
    """Answers about the strips of what was too long, from the top; none when a stop came between.

    They end with the first that will not do, which leaves the page without a record.
    """
    found: list[Asked] = []
    open_strips = False
    for remedy in strips_of(whole.remedy):
        strip = await inquiry.ask(page, partial=True, start=remedy)
        if strip is Unasked.STOPPED:
            open_strips = True  # the next one may be asked all the same: its answer is there in the next run
        elif strip is not Unasked.BLANK:
            finer = await _strips(inquiry, page, strip) if strip.is_too_long else [strip]
            open_strips = open_strips or not finer
            found += finer
            if finer and finer[-1].problem is not None:
                break
    return [] if open_strips else found or [whole]
