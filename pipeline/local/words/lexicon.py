"""What labels say, by concept and language, and which concept a property of a schema means."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from pipeline.local.words.more_words import LANGUAGES, Table, read_words, together

_SAME_NAME = 90
"""Per cent of letters a property name must share with a known one."""
_SHORTEST_FUZZY = 6
_SHORTEST_NAME = 3
"""Letters of a property name that tells anything: `a` and `de` are words of sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """Something documents label.

    Attributes:
        key: Its name in the lexicon.
        kind: Sort of value that belongs to the label, such as `money`, `date` or `id`.
        names: What schemas call it, squeezed.
        also: Concepts whose label will do when there is none of its own, best first.
        column: Whether it heads a column of a table rather than standing alone.
        phrases: What documents call it, squeezed.
        domain: The only kind of document that speaks of it, such as `identity`; empty when many do.
    """

    key: str
    kind: str
    names: tuple[str, ...]
    also: tuple[str, ...]
    column: bool
    phrases: frozenset[str]
    domain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """All concepts, their words turned round for look-up, the months, words of values and of sentences.

    Attributes:
        concepts: By key.
        field_names: Key of the concept each property name means.
        column_names: The same for properties of lists.
        months: Number of each month by its name.
        values: What documents say for a value that schemas list.
        words: Words within sentences.
        same: Basic forms of a word, by the word: `Tel` is `phone`, `surname` is `last` and `name`.
        general: Basic forms that many names share, such as `number`.
        tails: What compounds end with, longest first: `nummer`.
        parts: What properties of entries of lists mean: `job title` is a `position`.
        sentences: Patterns of the sentences of contracts, by what they say.
        clauses: Words of headings of clauses, by what they speak of.
    """

    concepts: dict[str, Concept]
    field_names: dict[str, str]
    column_names: dict[str, str]
    months: dict[str, int]
    values: dict[str, frozenset[str]]
    words: dict[str, frozenset[str]]
    same: dict[str, tuple[str, ...]]
    general: frozenset[str]
    tails: tuple[str, ...]
    parts: dict[str, str]
    sentences: dict[str, tuple[re.Pattern[str], ...]]
    clauses: dict[str, frozenset[str]]

    def of_domains(self, names: list[str], domains: frozenset[str]) -> Concept | None:
        """What a property means in a schema of these domains: the date of issue of a passport."""
        special = [concept for concept in self.concepts.values() if concept.domain in domains]
        return next((one for name in map(squeeze, names) for one in special if name in one.names), None)

    def meant(self, names: list[str], *, column: bool) -> Concept | None:
        """The concept that a property means, its names given from the most telling to the least."""
        known = self.column_names if column else self.field_names
        squeezed = [squeeze(name) for name in names]
        for name in squeezed:
            if name in known:
                return self.concepts[known[name]]
        for name in squeezed:
            if len(name) >= _SHORTEST_FUZZY:
                # Phrases are made of words that differ by a letter: `nota nummer`, `note number`.
                named = [
                    known_name for known_name in known if known_name in self.concepts[known[known_name]].names
                ]
                close = process.extractOne(name, named, scorer=fuzz.ratio, score_cutoff=_SAME_NAME)
                if close:
                    return self.concepts[known[close[0]]]
        return None


def squeeze(text: str) -> str:
    """Letters and digits only, lower case, without accents: how labels and names are compared.

    Signs that stand for a word are spelt out: `N°`, `#` and `%`. `l` counts as `i`, which OCR takes for it.
    """
    for sign, word in (("°", "o"), ("º", "o"), ("#", "no"), ("%", "pct"), ("ß", "ss")):
        text = text.replace(sign, word)
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if letter.isalnum()).replace("l", "i")


_more: list[Path] = []


def check(path: Path) -> None:
    """See whether a file can be put beside the built-in words.

    Raises:
        ConfigError: It cannot; the message says why.
    """
    read_words(path, _built_in())


def extend(path: Path) -> None:
    """Put the words of a file beside the built-in ones, for this process, before it reads anything.

    Raises:
        ConfigError: The file is no lexicon.
    """
    check(path)
    _more.append(path)
    lexicon.cache_clear()


def _built_in() -> Table:
    return tomllib.loads(files("pipeline.local.words").joinpath("lexicon.toml").read_text("utf-8"))


@cache
def lexicon() -> Lexicon:
    """The lexicon that ships with the engine, with the words of the user's file, if there is one."""
    table = _built_in()
    for path in _more:
        table = together(table, read_words(path, table))
    roles = {role: tuple(words) for role, words in table["roles"].items()}
    concepts = {key: _concept(key, entry, roles) for key, entry in table["concept"].items()}
    concepts["invoice_number"] = _composed(concepts, table["number"])
    return Lexicon(
        concepts=concepts,
        field_names=_by_name(concepts, column=False),
        column_names=_by_name(concepts, column=True),
        months=_months(table["months"]),
        values={key: frozenset(map(squeeze, [key, *words])) for key, words in table["value"].items()},
        words={key: frozenset(map(squeeze, words)) for key, words in table["words"].items()},
        same=_basic_forms(table["same"], table["spelt"]),
        general=frozenset(map(squeeze, table["compared"]["general"])),
        tails=tuple(sorted(map(squeeze, table["compared"]["tails"]), key=len, reverse=True)),
        sentences={
            key: tuple(re.compile(one, re.IGNORECASE) for one in patterns)
            for key, patterns in table["sentence"].items()
        },
        clauses={key: frozenset(map(squeeze, words)) for key, words in table["clause"].items()},
        parts={squeeze(name): key for key, names in table["part"].items() for name in [key, *names]},
    )


def _basic_forms(same: dict[str, list[str]], spelt: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """The basic form of each word of a group, and the several words that one such as `surname` stands for."""
    forms = {squeeze(word): (squeeze(basic),) for basic, words in same.items() for word in [basic, *words]}
    parts = {squeeze(word): phrase.split() for word, phrase in spelt.items()}
    return forms | {
        word: tuple(form for part in each for form in forms.get(squeeze(part), (squeeze(part),)))
        for word, each in parts.items()
    }


def _concept(key: str, entry: dict[str, Any], roles: dict[str, tuple[str, ...]]) -> Concept:
    names = [key, *(full for name in entry.get("names", []) for full in _with_roles(name, roles))]
    phrases = [phrase for language in LANGUAGES for phrase in entry.get(language, [])]
    return Concept(
        key=key,
        kind=entry["kind"],
        names=tuple(dict.fromkeys(map(squeeze, names))),
        also=tuple(entry.get("also", [])),
        column=entry.get("column", False),
        phrases=frozenset(map(squeeze, phrases)),
        domain=entry.get("domain", ""),
    )


def _composed(concepts: dict[str, Concept], number: dict[str, list[str]]) -> Concept:
    """The number of the document with what titles make of it: `credit note no`, `n° de facture`."""
    taken = {
        phrase
        for concept in concepts.values()
        if concept.key != "invoice_number"
        for phrase in concept.phrases
    }
    titles = [squeeze(title) for title in number["titles"]]
    words = [squeeze(word) for word in number["words"]]
    made = {title + word for title in titles for word in words} | {
        word + title for title in titles for word in words
    }
    known = concepts["invoice_number"]
    return replace(known, phrases=known.phrases | (made - taken))


def _with_roles(name: str, roles: dict[str, tuple[str, ...]]) -> list[str]:
    for role, words in roles.items():
        if f"{{{role}}}" in name:
            return [name.replace(f"{{{role}}}", word) for word in words]
    return [name]


def _by_name(concepts: dict[str, Concept], *, column: bool) -> dict[str, str]:
    """Names first, then phrases, of which a property may be one too; who comes first keeps the name."""
    chosen = [concept for concept in concepts.values() if concept.column == column]
    general = [concept for concept in chosen if not concept.domain]
    special = [concept for concept in chosen if concept.domain]
    found: dict[str, str] = {}
    for group, words in (
        (general, [c.names for c in general]),
        (special, [c.names for c in special]),
        (general, [c.phrases for c in general]),
    ):
        for concept, names in zip(group, words, strict=True):
            for name in names:
                if len(name) >= _SHORTEST_NAME:
                    found.setdefault(name, concept.key)
    return found


def _months(table: dict[str, Any]) -> dict[str, int]:
    """Number of each month by its squeezed name and by the name's first three and four letters."""
    found: dict[str, int] = {squeeze(word): number for word, number in table["short"].items()}
    full = [
        (squeeze(word), place + 1) for language in LANGUAGES for place, word in enumerate(table[language])
    ]
    for length in (20, 4, 3):
        for word, number in full:
            found.setdefault(word[:length], number)
    return found
