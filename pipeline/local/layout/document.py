"""Recognised pages with all that is known about them as a whole: rows, labels, language, style."""

from dataclasses import dataclass, field
from functools import cached_property

from pipeline.local.layout.keys import Sought, with_keys
from pipeline.local.layout.labels import Label, Phrases, find_labels
from pipeline.local.layout.layout import Row, line_height, rows_of
from pipeline.local.layout.wrapped import with_whole_labels
from pipeline.local.layout.zones import zones
from pipeline.local.seeing.page import Page
from pipeline.local.words.habits import style_of
from pipeline.local.words.language import language_of
from pipeline.local.words.lexicon import lexicon, squeeze
from pipeline.local.words.numbers import currencies
from pipeline.local.words.style import Style
from pipeline.local.words.wording import Wording

OWN_COLUMN = "column:"
"""How the keys of columns begin that the schema names."""


@dataclass(frozen=True)
class Document:
    """The pages of one request, taken as one document.

    Attributes:
        pages: In the order they were sent.
        phrases: What labels may say: the lexicon's words and the schema's own.
        kinds: Sort of value each concept has.
        sought: What the schema asks for, by what it calls it.
        headings: What the schema calls the columns of its lists, by `OWN_COLUMN` and their paths.
    """

    pages: tuple[Page, ...]
    phrases: Phrases
    kinds: dict[str, str]
    sought: tuple[Sought, ...] = ()
    headings: dict[str, tuple[Wording, ...]] = field(default_factory=dict)

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of all pages, from top to bottom; those of a sidebar after the rest of its page."""
        parts = [(index, zone) for index, page in enumerate(self.pages) for zone in zones(page)]
        return [row for index, zone in parts for row in with_whole_labels(rows_of(zone, index))]

    @cached_property
    def texts(self) -> list[str]:
        """The text of each row."""
        return [row.text for row in self.rows]

    @cached_property
    def language(self) -> str:
        """ISO 639-1 code of the language most of it is in, or empty."""
        return language_of(" ".join(self.texts))

    @cached_property
    def style(self) -> Style:
        """How it writes numbers and dates."""
        return style_of(self.texts, self.language)

    @cached_property
    def labels(self) -> dict[int, list[Label]]:
        """The labels of each row that has any."""
        known = find_labels(self.rows, self.phrases, self.kinds, self.style)
        return with_keys(self.rows, known, self.sought)

    @cached_property
    def furniture(self) -> frozenset[int]:
        """Rows that stand on several pages at the same height: heads and feet, page numbers aside."""
        places: dict[tuple[str, int], list[int]] = {}
        for index, row in enumerate(self.rows):
            words = "".join(letter for letter in squeeze(row.text) if letter.isalpha())
            height = round(20 * row.box.centre_y / self.pages[row.page].height)
            places.setdefault((words, height), []).append(index)
        # Only at the top and the foot of a page: bookings may repeat in the middle of it.
        edge = {height for height in range(21) if height <= 3 or height >= 18}  # noqa: PLR2004 - twentieths
        places = {key: rows for key, rows in places.items() if key[1] in edge}
        several = [rows for (words, _), rows in places.items() if len(words) > 3]  # noqa: PLR2004 - a word
        repeated = [rows for rows in several if len({self.rows[index].page for index in rows}) > 1]
        return frozenset(index for rows in repeated for index in rows)

    @property
    def page_count(self) -> int:
        """Pages of the whole document, of which these may be some."""
        return max([len(self.pages), *(page.of for page in self.pages)])

    @cached_property
    def heights(self) -> list[float]:
        """Usual line height of each page in pixels."""
        return [line_height(page) for page in self.pages]

    @cached_property
    def currency(self) -> str:
        """The currency written most often, as its code; empty when none is."""
        found = currencies(self.texts).most_common(2)
        if len(found) == 2 and found[0][1] == found[1][1]:  # noqa: PLR2004 - a tie decides nothing
            return ""
        return found[0][0] if found else ""


def own_kinds() -> dict[str, str]:
    """Sort of value of each concept of the lexicon."""
    return {key: concept.kind for key, concept in lexicon().concepts.items()}
