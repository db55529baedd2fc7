"""A file of a user's own words for the lexicon: read, checked, and put beside the built-in ones."""

import tomllib
from pathlib import Path
from typing import Any

from pipeline.errors import ConfigError

LANGUAGES = ("en", "de", "fr", "nl", "es", "it", "pt")
_LISTS = ("value", "same", "words")
_TABLES = ("concept", "spelt", *_LISTS)
_CONCEPT_LISTS = ("names", "also", *LANGUAGES)

Table = dict[str, Any]


def read_words(path: Path, known: Table) -> Table:
    """The words of a file, fit to be put beside those of the lexicon.

    Args:
        path: TOML with tables as the lexicon that ships with the engine has them.
        known: The lexicon's own tables.

    Raises:
        ConfigError: It cannot be read, or something in it has no place in a lexicon; the message says what.
    """
    try:
        words: Table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"the lexicon {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"the lexicon {path} cannot be read: it is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    if fault := _fault(words, known):
        raise ConfigError(f"{path}: {fault}")
    return words


def together(known: Table, more: Table) -> Table:
    """The lexicon's tables with the words of a file; concepts that are new come first and win."""
    concepts = known["concept"]
    fresh = {key: entry for key, entry in more.get("concept", {}).items() if key not in concepts}
    longer = {key: _longer(entry, more.get("concept", {}).get(key, {})) for key, entry in concepts.items()}
    lists = {
        table: {
            **more.get(table, {}),
            **{key: _joined(each, more, table, key) for key, each in known[table].items()},
        }
        for table in _LISTS
    }
    return {**known, **lists, "spelt": known["spelt"] | more.get("spelt", {}), "concept": fresh | longer}


def _joined(words: list[str], more: Table, table: str, key: str) -> list[str]:
    return [*words, *more.get(table, {}).get(key, [])]


def _longer(entry: Table, more: Table) -> Table:
    lists = {key: [*entry.get(key, []), *more[key]] for key in _CONCEPT_LISTS if key in more}
    return {**entry, **lists}


def _fault(words: Table, known: Table) -> str:
    """What is wrong with the words, in one sentence; empty when nothing is."""
    for table, content in words.items():
        if table not in _TABLES or not isinstance(content, dict):
            return f"there is no table [{table}] in a lexicon; there are {', '.join(_TABLES)}"
    for key, entry in words.get("concept", {}).items():
        if fault := _concept_fault(key, entry, known["concept"]):
            return fault
    for table in _LISTS:
        for key, each in words.get(table, {}).items():
            if not _is_words(each):
                return f"{key} in [{table}] must be a list of texts"
    bad = next((key for key, text in words.get("spelt", {}).items() if not isinstance(text, str)), None)
    return f"{bad} in [spelt] must be a text" if bad else ""


def _concept_fault(key: str, entry: object, concepts: Table) -> str:
    where = f"[concept.{key}]"
    if not isinstance(entry, dict):
        return f"{where} must be a table"
    allowed = {*_CONCEPT_LISTS} if key in concepts else {"kind", "column", *_CONCEPT_LISTS}
    if strange := next((name for name in entry if name not in allowed), None):
        return f"{where} cannot have {strange!r}; it may have {', '.join(sorted(allowed))}"
    kinds = sorted({each["kind"] for each in concepts.values()})
    if key not in concepts and entry.get("kind") not in kinds:
        return f"{where} is new and needs a kind: {', '.join(kinds)}"
    if not isinstance(entry.get("column", False), bool):
        return f"column in {where} must be true or false"
    bad = next((name for name in _CONCEPT_LISTS if name in entry and not _is_words(entry[name])), None)
    if bad:
        return f"{bad} in {where} must be a list of texts"
    lost = next((other for other in entry.get("also", []) if other not in concepts), None)
    return f"also in {where} names {lost!r}, which is no concept" if lost else ""


def _is_words(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)
