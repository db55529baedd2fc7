"""Squares to tick, as they stand in a text: `☒ Yes ☐ No`."""

import re

OPEN, TICKED = "\u2610", "\u2612"
_OPEN = "\u2610\u25a1\u25fb"
_TICKED = "\u2611\u2612\u2713\u2714\u25a0"
_MARK = re.compile(rf"[{_OPEN}{_TICKED}]|\[[ _xX]?\]|\([ _xX]\)")


def has_marks(text: str) -> bool:
    """Whether there is a square in the text, ticked or not."""
    return bool(_MARK.search(text))


def is_mark(text: str) -> bool:
    """Whether the text is one square and nothing else."""
    return bool(_MARK.fullmatch(text.strip()))


def is_ticked(mark: str) -> bool:
    """Whether a square is ticked."""
    return mark.strip() in [*_TICKED] or "x" in mark.lower()


def options(text: str) -> list[tuple[str, bool]]:
    """What can be chosen, each with whether it is: squares stand before their words, or all after them."""
    marks = list(_MARK.finditer(text))
    if not marks:
        return []
    before = bool(text[: marks[0].start()].strip())
    after = bool(text[marks[-1].end() :].strip())
    edges = [0, *(mark.end() for mark in marks)] if before and not after else []
    if edges:
        parts = [text[edges[at] : mark.start()] for at, mark in enumerate(marks)]
    else:
        ends = [*(mark.start() for mark in marks[1:]), len(text)]
        parts = [text[mark.end() : end] for mark, end in zip(marks, ends, strict=True)]
    return [(part.strip(" .,;:/|"), is_ticked(mark.group())) for part, mark in zip(parts, marks, strict=True)]


def chosen(text: str) -> list[str]:
    """The words of the ticked squares."""
    return [words for words, ticked in options(text) if ticked and words]
