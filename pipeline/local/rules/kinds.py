"""Which kind a document is: by its title, by words it is known by, by its form; none when that is unclear."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import JsonValue

from pipeline.local.layout.document import Document
from pipeline.local.layout.layout import Row
from pipeline.local.rules.fields import Found
from pipeline.local.rules.naming import Wish
from pipeline.local.rules.schema import Kind, Node
from pipeline.local.words.lexicon import squeeze

_FEWEST = 5
"""Kinds that a list names at least to be one by which documents are sorted."""
_TOP = 0.55
"""Share of the first page's height in which a title stands."""
_HEAD = 0.25
"""Share of the first page's height in which a title may stand in one row with other things."""
_TITLE_WORDS = 8
_LARGE = 1.25
"""Times the usual height of a line from which it is set as a title."""
_ENOUGH, _AHEAD = 2.3, 0.6
"""Least score of a kind, and least distance to the next one."""
_REFERRED = ("purchase_order", "order_confirmation", "delivery_note", "contract", "quote")
_NUMBER_AFTER = re.compile(
    r"^\W*(?:(?:n[ro]?|n[\u00b0\u00ba]|number|num|nummer|num\u00e9ro|n\u00famero|vom|of|from|du|van|del?)\b)?[^\w]*"
    r"(?:[A-Z]{1,4}\s)?[\w/.-]*\d[\w/.-]*\W*(?:(?:vom|of|from|du|van|del?)\s.*)?$",
    re.IGNORECASE,
)
_MRZ = re.compile(r"^[A-Z0-9<]*<{2,}[A-Z0-9<]*$")
_NUMBERING = re.compile(r"^(?:[\dIVX]{1,4}[.)]?\s+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What one kind is known by, squeezed.

    Attributes:
        titles: Its titles.
        cues: Beginnings of lines that speak for it.
        needs: How many cues make up for a missing title.
        greetings: Beginnings of the line that opens a letter.
        closings: Beginnings of the line that ends one.
    """

    titles: frozenset[str]
    cues: frozenset[str]
    needs: int
    greetings: tuple[str, ...] = ()
    closings: tuple[str, ...] = ()


@cache
def kinds() -> dict[str, Words]:
    """The kinds that ship with the engine, by name."""
    table = tomllib.loads(files("pipeline.local.rules").joinpath("kinds.toml").read_text("utf-8"))
    return {
        name: Words(
            titles=frozenset(map(squeeze, entry["title"])) - {""},
            cues=frozenset(map(squeeze, entry["cues"])),
            needs=entry["needs"],
            greetings=tuple(map(squeeze, entry.get("greetings", ()))),
            closings=tuple(map(squeeze, entry.get("closings", ()))),
        )
        for name, entry in table.items()
    }


def is_sorting(node: Node) -> bool:
    """Whether a list of values names kinds by which documents are sorted."""
    return node.kind is Kind.CHOICE and len({kind_meant(option) for option in node.choices} - {""}) >= _FEWEST


def kind_meant(option: JsonValue) -> str:
    """The kind that a value of a list means, by its name or by a title; empty for none."""
    said = squeeze(str(option))
    named = (name for name, words in kinds().items() if said in {squeeze(name), *words.titles})
    return next(named, "")


def sorted_kind(document: Document, wish: Wish) -> Found | None:
    """The listed value that says what kind the document is; None when no kind is clearly ahead."""
    if not document.rows:
        return None
    scores = {name: _score(document, name, words) for name, words in kinds().items()}
    if any(score >= _ENOUGH for name, (score, _) in scores.items() if name != "letter"):
        scores["letter"] = (0.5 * scores["letter"][0], 0)  # a letter with a title is what that says
    ranked = sorted(scores.items(), key=lambda pair: -pair[1][0])
    (name, (score, row)), (_, (second, _)) = ranked[0], ranked[1]
    if score < _ENOUGH or score - second < _AHEAD:
        return None
    value = next((option for option in wish.node.choices if kind_meant(option) == name), None)
    if value is None:
        return None
    line, page = document.rows[row].cells[0], document.rows[row].page
    return Found(
        value=value, score=min(0.9, 0.55 + 0.05 * score), line=line, page=page, rule="title", row=row
    )


def _score(document: Document, name: str, words: Words) -> tuple[float, int]:
    """How much speaks for a kind, and the row that speaks most."""
    titled, row = _title(document, name, words)
    cued = {cue for text in document.texts for cue in _beginnings(text) if cue in words.cues}
    score = titled + 3.0 * min(1.5, len(cued) / words.needs)
    return score + _form(document, name, words), row


def _title(document: Document, name: str, words: Words) -> tuple[float, int]:
    """The best of the lines near the top that say a title, and its row; the higher and larger the better."""
    best = (0.0, 0)
    for index, row in enumerate(document.rows):
        page = document.pages[row.page]
        if row.page or row.box.centre_y > _TOP * page.height:
            continue
        for place, cell in enumerate(row.cells):
            large = cell.box.height >= _LARGE * document.heights[row.page]
            among = len(row.cells) > 2 and row.box.centre_y > _HEAD * page.height  # noqa: PLR2004 - a row of labels
            labelling = _has_value(row, place) or (among and not large)
            weight = _weight(cell.text, words, referred=name in _REFERRED, valued=labelling)
            score = weight * (1.0 if large else 0.8) * (1.0 - 0.3 * row.box.centre_y / page.height)
            best = max(best, (score, index), key=lambda pair: pair[0])
    return best


def _weight(text: str, words: Words, *, referred: bool, valued: bool) -> float:
    """How well a text says a title.

    Args:
        text: A cell.
        words: Of the kind.
        referred: Whether documents of other kinds refer to this one by its title and number.
        valued: Whether it is rather a label, by a number beside it or by other labels in its row.
    """
    if len(text.split()) > _TITLE_WORDS:
        return 0.0
    if squeeze(text) in words.titles:
        return 1.5 if valued else 4.0
    starts = [(count, rest) for count, start, rest in _starts(text) if start in words.titles]
    if not starts:
        return 0.0
    count, rest = max(starts)
    if _NUMBER_AFTER.match(rest):
        return 2.0 if referred else 3.6
    return 1.2 if count == 1 else 3.0


def _has_value(row: Row, place: int) -> bool:
    after = row.cells[place + 1].text if place + 1 < len(row.cells) else ""
    return any(map(str.isdigit, after))


def _starts(text: str) -> list[tuple[int, str, str]]:
    """The first one to five words of a text: how many, squeezed, and what comes after them."""
    words = text.split()
    return [
        (count, squeeze(" ".join(words[:count])), " ".join(words[count:]))
        for count in range(1, min(6, len(words)))
    ]


def _beginnings(text: str) -> list[str]:
    """The first one to five words of a text and the text itself, squeezed, without its number."""
    bare = _NUMBERING.sub("", text.strip())
    parts = bare.split()[:5]
    return [squeeze(bare), *(squeeze(" ".join(parts[:count])) for count in range(1, len(parts) + 1))]


def _form(document: Document, name: str, words: Words) -> float:
    """What the form of the pages adds."""
    if name == "letter":
        return 2.2 * _begins(document, words.greetings) + 2.2 * _begins(document, words.closings)
    if name == "id_document":
        return 4.0 * any(_MRZ.match(text.replace(" ", "")) and len(text) > 24 for text in document.texts)  # noqa: PLR2004
    if name == "form":
        ticks = sum(len(page.drawn.ticks) for page in document.pages)
        return 1.5 * (ticks > 2)  # noqa: PLR2004
    return 0.0


def _begins(document: Document, phrases: tuple[str, ...]) -> bool:
    """Whether a line begins with one of the phrases."""
    return any(_opens(row, phrases) for row in document.rows)


def _opens(row: Row, phrases: tuple[str, ...]) -> bool:
    said = squeeze(row.cells[0].text) if row.cells else ""
    return bool(said) and said.startswith(phrases)
