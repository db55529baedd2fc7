"""Which language a text is in."""

_SHORTEST = 20
_MARGIN = 2.0
"""By how much the best language's log-probability must beat the second's."""


def language_of(text: str) -> str:
    """ISO 639-1 code of the text's language; empty when it is too short or too mixed to tell."""
    import py3langid  # noqa: PLC0415 - loading its model takes a second, and not every question needs it

    letters = " ".join("".join(letter if letter.isalpha() else " " for letter in text).split())
    if len(letters) < _SHORTEST:
        return ""
    (best, first), (_, second) = py3langid.rank(letters)[:2]
    return str(best) if first - second >= _MARGIN else ""
