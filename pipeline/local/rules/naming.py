"""What the schema calls the values it asks for, and which labels mean them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from pipeline.local.layout.document import OWN_COLUMN
from pipeline.local.layout.keys import Sought
from pipeline.local.rules.casting import cast
from pipeline.local.rules.schema import Node, first_clause
from pipeline.local.words.dates import dates_spans
from pipeline.local.words.lexicon import Concept, lexicon, squeeze
from pipeline.local.words.style import Style
from pipeline.local.words.wording import Wording, wording

TEXT_NAMES = (
    "text", "markdown", "content", "body", "full_text", "page_text", "transcript", "raw_text", "ocr_text",
)  # fmt: skip
TITLE_NAMES = ("title", "heading", "headline", "document_title", "page_title")
LANGUAGE_NAMES = ("language", "lang", "language_code", "document_language")
"""Names of properties that are about the whole page rather than a place on it."""
_WEIGHTS = (1.0, 0.85, 0.8, 0.75)
"""How much a field's own label counts, and those of the concepts that will do instead."""
_TYPE_WORDS = {"date": ("date",), "moment": ("date", "time", "date time"), "time": ("time",)}
_NAMES = frozenset(map(squeeze, ("name", "full_name")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A value that is looked for.

    Attributes:
        path: Where it belongs in the record, such as `seller.name`.
        node: Its place in the schema.
        concept: What it means, where the lexicon knows.
        kind: Sort of value.
    """

    path: str
    node: Node
    concept: Concept | None
    kind: str

    @property
    def own(self) -> str:
        """Key under which the schema's own words for it are looked up."""
        return f"own:{self.path}"

    def weight(self, concepts: frozenset[str]) -> float:
        """How much a label of these concepts counts for this value; 0 when it is another's."""
        wanted = [self.concept.key, *self.concept.also] if self.concept else []
        if self.own in concepts:
            return 1.0
        return max((_WEIGHTS[min(wanted.index(key), 3)] for key in concepts if key in wanted), default=0.0)


def phrases_of(wishes: list[Wish]) -> Iterator[tuple[str, str]]:
    """Squeezed phrases and their concepts: the lexicon's, as far as they concern the schema, and its own."""
    domains = {"", *(wish.concept.domain for wish in wishes if wish.concept)}
    for concept in lexicon().concepts.values():
        if not concept.column and concept.kind != "section" and concept.domain in domains:
            yield from ((phrase, concept.key) for phrase in concept.phrases)
    for wish in wishes:
        # Where the lexicon has words for it, its name is left to them.
        known = wish.node.labels if wish.concept else own_words(wish)
        yield from ((squeeze(words), wish.own) for words in known)


def sought_by(wishes: list[Wish]) -> tuple[Sought, ...]:
    """What is looked for by the names the schema has for it."""
    return tuple(
        Sought(
            concept=wish.own,
            also=frozenset([wish.concept.key] if wish.concept else []),
            wordings=tuple(wordings_of(wish)),
            fits=partial(_fits, wish),
        )
        for wish in wishes
        if wish.node.name.lower() not in (*TEXT_NAMES, *TITLE_NAMES, *LANGUAGE_NAMES)
    )


def wordings_of(wish: Wish) -> list[Wording]:
    """What the schema calls it; a day need not be called one: `Reported` is `Report date`."""
    said = list(dict.fromkeys(map(wording, own_words(wish))))
    typed = [wording(word) for word in _TYPE_WORDS.get(wish.kind, ())]
    return said + [
        Wording((*one.words, *more.words))
        for one in said
        for more in typed
        if not {*one.words} & {*more.words}
    ]


def headings_of(wishes: list[Wish]) -> dict[str, tuple[Wording, ...]]:
    """What the schema calls the columns that the lexicon has no words for, by their keys."""
    strange = [wish for wish in wishes if wish.concept is None]
    return {OWN_COLUMN + wish.path: tuple(map(wording, own_words(wish))) for wish in strange}


def _fits(wish: Wish, text: str) -> bool:
    """Whether a text may be the value of a wish, by its form."""
    if wish.kind in ("date", "moment", "period"):
        return bool(dates_spans(text))
    return cast(text, wish.node, wish.kind, Style()) is not None


def own_words(wish: Wish) -> list[str]:
    """What the schema itself says a value is labelled: with its object's name before it, where it has one."""
    node = wish.node
    said = [word for word in (node.title, first_clause(node.description), node.name) if word]
    around = wish.path.split(".")[:-1]
    full = [f"{around[-1]} {word}" for word in said] if around else []
    alone = [around[-1]] if around and squeeze(node.name) in _NAMES else []
    return [*node.labels, *full, *alone, *said]
