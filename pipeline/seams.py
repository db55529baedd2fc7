"""What stands twice where two strips of a page overlap is taken once; in doubt, twice: no line is lost."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

_MOST_ITEMS = 12
"""Most items of a list that the overlap of two strips can hold: it is three or four lines high."""
_CHARACTERS = (10, 1500)
"""Least and most letters and digits in a row that are the same text twice and no coincidence."""
_MARKS = re.compile(r"[^\w\s]*(?:[^\w\n]*(?=\n|$))?")  # what ends a word, and a line
_RUNNING = 500
"""Characters from which on a text is running text that goes on in the next strip, and no name or address."""


def shared_items(before: Sequence[Any], after: Sequence[Any]) -> int:
    """How many items at the end of one list are those at the start of the next one.

    Items are the same when they are equal but for blanks; the last of `before` and the first of `after`,
    whose lines a cut may run through, also when what they have is part of what the other one has.
    """
    most = min(len(before), len(after), _MOST_ITEMS)
    count = next((n for n in range(most, 0, -1) if _are_shared(before[-n:], after[:n])), 0)
    alike = count and all(_plain(one) == _plain(after[0]) for one in after[:count])
    return 1 if alike else count  # of equal rows nobody can tell how many are twice there


def fuller(one: Any, other: Any) -> Any:
    """The same item, with all that either of its two copies has."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {**other, **{name: value for name, value in one.items() if _says(value)}}
    return one


def is_running(texts: Iterable[str]) -> bool:
    """Whether what the strips give for one field are pieces of one text, not the same thing read again."""
    return any(len(text) >= _RUNNING for text in texts)


def joined(before: str, after: str, *, overlap: bool) -> str:
    """Two pieces of a text as one, without the words that end the one and begin the other."""
    rest = after[_shared_text(before, after) :] if overlap else after
    if not rest.strip():
        return before
    return before.rstrip() + (rest if rest[0].isspace() else "\n" + rest)


def _are_shared(before: Sequence[Any], after: Sequence[Any]) -> bool:
    last = len(before) - 1
    return all(
        _plain(one) == _plain(other)
        or (place == last and _is_part(one, other))
        or (place == 0 and _is_part(other, one))
        for place, (one, other) in enumerate(zip(before, after, strict=True))
    )


def _is_part(one: Any, other: Any) -> bool:
    """Whether an object says something, and nothing that the other one does not say."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return False
    said = {name: value for name, value in one.items() if _says(value)}
    return bool(said) and all(_plain(other.get(name)) == _plain(value) for name, value in said.items())


def _says(value: Any) -> bool:
    return value is not None and value not in ("", [], {})


def _plain(value: Any) -> Any:
    """The value with every run of blanks as one."""
    match value:
        case str():
            return " ".join(value.split())
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case _:
            return value


def _shared_text(before: str, after: str) -> int:
    """Characters at the start of a text that say what the text before it ends with.

    Letters and digits alone count: blanks, stops and marks are read now in one way and now in another.
    """
    least, most = _CHARACTERS
    places = [place for place, character in enumerate(after) if character.isalnum()][:most]
    head = "".join(after[place].lower() for place in places)
    tail = "".join(character.lower() for character in before if character.isalnum())[-most:]
    for count in range(min(len(head), len(tail), len(places)), least - 1, -1):
        end = places[count - 1] + 1
        if tail.endswith(head[:count]) and not after[end : end + 1].isalnum():
            return next(_MARKS.finditer(after, end)).end()
    return 0
