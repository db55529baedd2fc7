"""Labels that no list knows: what stands as a key on a form, beside the names of the schema."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.local.layout.labels import Label
from pipeline.local.layout.layout import Row
from pipeline.local.seeing.page import Line
from pipeline.local.words.wording import Wording, closest, wording

_LEAST_ALIKE = 0.62
_LEAST_ALIKE_KNOWN = 0.85
"""How alike a key must be to a thing that the lexicon has words of its own for."""
_SAME = 0.9
"""How alike a key must be to a thing that part of it labels already."""
_MOST_WORDS = 6
_KEY = re.compile(r"^(?P<key>[^:\uff1a=]{2,45}?)\s*[:\uff1a=]\s*(?P<rest>.*)$")
_BEFORE_FIGURE = re.compile(r"^(?P<key>[^\d:]{3,40}?)[\s.]+(?P<rest>[€£$+-]?\s?\d.*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Something that is looked for by what the schema calls it.

    Attributes:
        concept: Key of the labels that mean it.
        also: Concepts of the lexicon whose labels mean it as well.
        wordings: What it may be called.
        fits: Whether a text may be its value.
    """

    concept: str
    also: frozenset[str]
    wordings: tuple[Wording, ...]
    fits: Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    """A piece of text that may be the key of a value.

    Attributes:
        row: Index of its row in the document.
        cell: Index of its cell in the row.
        line: The key itself.
        rest: What follows it in its cell, or None.
        colon: Whether a colon parts them.
        known: Concepts of the labels within it.
    """

    row: int
    cell: int
    line: Line
    rest: Line | None
    colon: bool
    known: frozenset[str]


def with_keys(
    rows: Sequence[Row], labels: dict[int, list[Label]], sought: Sequence[Sought]
) -> dict[int, list[Label]]:
    """The labels, and those keys that mean one of the things sought by their words, each at most once."""
    found = {row: list(each) for row, each in labels.items()}
    wanted = frozenset(concept for one in sought for concept in (one.concept, *one.also))
    for key, concept, score in _pairs(list(_keys(rows, labels, wanted)), rows, sought):
        label = Label(
            concepts=frozenset([concept]),
            row=key.row,
            cell=key.cell,
            line=key.line,
            rest=key.rest,
            colon=key.colon,
            score=0.8 + 0.2 * score,
        )
        others = [other for other in found.get(key.row, []) if other.cell != key.cell]
        found[key.row] = sorted([*others, label], key=lambda one: one.line.box.left)
    return found


def _pairs(
    keys: list[_Key], rows: Sequence[Row], sought: Sequence[Sought]
) -> Iterator[tuple[_Key, str, float]]:
    """Which key is which thing: the most alike first, none twice."""
    things = {one.concept: one for one in sought}
    others = {one.concept: one.wordings for one in sought}
    scored = [
        (score, -place, concept)
        for place, key in enumerate(keys)
        for concept, score in closest(wording(key.line.text), others)
        if score >= (_LEAST_ALIKE_KNOWN if things[concept].also else _LEAST_ALIKE)
        and (concept not in key.known or score >= _SAME)
        and any(map(things[concept].fits, _near(key, rows)))
    ]
    taken: set[int] = set()
    given: set[str] = set()
    for score, place, concept in sorted(scored, reverse=True):
        if -place not in taken and concept not in given:
            taken.add(-place)
            given.add(concept)
            yield keys[-place], concept, score


def _near(key: _Key, rows: Sequence[Row]) -> Iterator[str]:
    """The texts beside and below a key, where its value may stand."""
    if key.rest:
        yield key.rest.text
    row = rows[key.row]
    yield from (cell.text for cell in row.cells[key.cell + 1 : key.cell + 3])
    for below in rows[key.row + 1 : key.row + 3]:
        if below.page == row.page:
            yield from (cell.text for cell in below.cells if cell.box.overlap_x(key.line.box) > 0)


def _keys(rows: Sequence[Row], labels: dict[int, list[Label]], wanted: frozenset[str]) -> Iterator[_Key]:
    """What may be a key and is no label of something that is wanted."""
    for index, row in enumerate(rows):
        for place, cell in enumerate(row.cells):
            meant = [one for one in labels.get(index, []) if one.cell == place and one.concepts & wanted]
            key = _key(index, place, cell, frozenset(concept for one in meant for concept in one.concepts))
            if key and not any(_covers(label, key) for label in meant) and not _is_value(key, rows, labels):
                yield key


def _is_value(key: _Key, rows: Sequence[Row], labels: dict[int, list[Label]]) -> bool:
    """Whether the key is rather the value of a label beside it or above it."""
    beside = [
        one for one in labels.get(key.row, []) if one.cell == key.cell - 1 and one.colon and not one.rest
    ]
    above = [
        one
        for one in labels.get(key.row - 1, [])
        if not one.rest and not one.colon and one.line.box.overlap_x(key.line.box) > 0
    ]
    lower = rows[key.row].box.height > 1.1 * rows[key.row - 1].box.height if above else False
    return not key.colon and bool(beside or (above and lower))


def _covers(label: Label, key: _Key) -> bool:
    """Whether a known label says as much as the key."""
    return label.line.box.width >= 0.9 * key.line.box.width


def _key(row: int, place: int, cell: Line, known: frozenset[str]) -> _Key | None:
    found = _KEY.match(cell.text) or _BEFORE_FIGURE.match(cell.text)
    end = found.end("key") if found else len(cell.text)
    line = cell.part(0, end)
    if not _may_be_key(line.text):
        return None
    rest = cell.part(found.start("rest"), len(cell.text)) if found else None
    colon = bool(_KEY.match(cell.text))
    rest = rest if rest and rest.text else None
    return _Key(row=row, cell=place, line=line, rest=rest, colon=colon, known=known)


def _may_be_key(text: str) -> bool:
    words = text.split()
    letters = sum(letter.isalpha() for letter in text)
    digits = any(letter.isdigit() for letter in text)
    return 0 < len(words) <= _MOST_WORDS and letters >= 3 and not digits  # noqa: PLR2004 - letters of a word
